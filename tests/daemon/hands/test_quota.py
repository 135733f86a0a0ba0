"""[quota WHO] waiting: who lets too much wait is refused for now, and nobody else notices."""

import grp
import os
import pwd
import shutil
import subprocess
import unittest

from hands import GAMES, IS_ROOT, NOBODY, HandsTest

TRY_LATER = 75
GROUP = grp.getgrgid(pwd.getpwnam(GAMES).pw_gid).gr_name if IS_ROOT else ""


@unittest.skipUnless(IS_ROOT, "needs to act as other users")
class Quota(HandsTest):
    """The thread is paused, so that what is handed in waits."""

    def configure(self, sections):
        sections["access"]["allow"] = f"root, {NOBODY}, {GAMES}"
        sections["quota " + NOBODY] = {"waiting": "5"}
        sections["quota @" + GROUP] = {"waiting": "3"}

    def begin(self):
        super().begin()
        self.done("pause", thread="ops")

    def run_away(self, user, count):
        """Send in a loop, with no regard to the answers, some of which are refusals."""
        client = self.connect_as(user)
        client.say(*[{"content": f"{user} {i}"} for i in range(count)])
        return client.answers(count)

    def test_a_runaway_script_meets_its_own_limit(self):
        self.client.send("root 0")
        answers = self.run_away(NOBODY, 50)
        self.assertEqual([answer["ok"] for answer in answers], [True] * 5 + [False] * 45)
        for answer in answers[5:]:
            self.refused(answer, "full", message="5 messages of nobody wait already, the quota is 5")
        self.client.send("root 1")
        self.assertEqual([a["ok"] for a in self.run_away(GAMES, 10)], [True] * 3 + [False] * 7)
        self.client.send("root 2")

        self.done("resume", thread="ops")
        expected = (["root 0"] + [f"nobody {i}" for i in range(5)] + ["root 1"] +
                    [f"games {i}" for i in range(3)] + ["root 2"])
        self.assertEqual(self.all_sent(len(expected)), expected, "nobody else's order changes")

    def test_there_is_room_again_once_something_has_gone(self):
        self.run_away(NOBODY, 6)
        self.done("resume", thread="ops")
        self.all_sent(5)
        self.assertTrue(self.connect_as(NOBODY).ask({"content": "again"})["ok"])

    def test_what_is_scheduled_or_held_waits_as_well(self):
        client = self.connect_as(NOBODY)
        for _ in range(3):
            client.send("later", at="+1h")
        self.done("hold", id=client.send("held"))
        client.send("pending")
        self.refused(client.ask({"content": "too much"}), "full")

    def test_a_removal_waits_as_well(self):
        self.done("resume", thread="ops")
        client = self.connect_as(NOBODY)
        message = client.send("oops")
        self.reaches(message, "sent")
        self.done("pause", thread="ops")
        answers = [client.ask({"op": "unsend", "id": message}) for _ in range(6)]
        self.assertEqual([answer["ok"] for answer in answers], [True] * 5 + [False])
        self.refused(answers[-1], "full", message="5 messages of nobody wait already")
        waits = client.ask({"op": "list", "state": "pending"})["messages"][0]["id"]
        self.assertTrue(client.ask({"op": "cancel", "id": waits})["ok"])
        self.assertTrue(client.ask({"op": "unsend", "id": message})["ok"])

    def test_the_command_says_try_later(self):
        self.run_away(NOBODY, 5)
        command = shutil.copy(os.environ["CHATRELAY"], self.folder)  # where anybody may run it
        end = subprocess.run([command, "send", "--to", "ops", "one too many"], text=True,
                             capture_output=True, check=False, user=NOBODY, cwd="/",
                             group=pwd.getpwnam(NOBODY).pw_gid, extra_groups=[],
                             env=dict(os.environ, CHATRELAY_SOCKET=self.relay.socket_path))
        self.assertEqual(end.returncode, TRY_LATER, end.stderr)
        self.assertIn("5 messages of nobody wait already", end.stderr)
        self.assertEqual(self.relay.command("send", "--to", "ops", "of root").returncode, 0)

    def test_a_newer_state_of_the_same_thing_is_no_more_than_before(self):
        client = self.connect_as(NOBODY)
        for i in range(20):
            client.send(f"disk {i}", fold="disk")
        for i in range(4):
            client.send(f"other {i}")
        self.refused(client.ask({"content": "other"}), "full")
        client.send("disk 20", fold="disk")


if __name__ == "__main__":
    unittest.main()
