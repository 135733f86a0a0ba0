"""[quota WHO] waiting: who lets too much wait is refused for now, and nobody else notices.
And what a thread lets wait."""

import grp
import os
import pwd
import shutil
import subprocess
import unittest

from hands import GAMES, IS_ROOT, NOBODY, HandsTest

BAD_DATA, TRY_LATER, DENIED = 65, 75, 77
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
        messages = []
        for _ in range(6):
            messages.append(client.send("oops"))
            self.reaches(messages[-1], "sent")
        self.done("pause", thread="ops")
        answers = [client.ask({"op": "unsend", "id": message}) for message in messages]
        self.assertEqual([answer["ok"] for answer in answers], [True] * 5 + [False])
        self.refused(answers[-1], "full", message="5 messages of nobody wait already")
        waits = client.ask({"op": "list", "state": "pending"})["messages"][0]["id"]
        self.assertTrue(client.ask({"op": "cancel", "id": waits})["ok"])
        self.assertTrue(client.ask({"op": "unsend", "id": messages[-1]})["ok"])

    def run_it(self, status, *words):
        """What the command says of it to the runaway user."""
        command = shutil.copy(os.environ["CHATRELAY"], self.folder)  # where anybody may run it
        end = subprocess.run([command, *words], text=True,
                             capture_output=True, check=False, user=NOBODY, cwd="/",
                             group=pwd.getpwnam(NOBODY).pw_gid, extra_groups=[],
                             env=dict(os.environ, CHATRELAY_SOCKET=self.relay.socket_path))
        self.assertEqual(end.returncode, status, end.stderr)
        return end.stdout + end.stderr

    def test_the_command_says_try_later(self):
        self.run_away(NOBODY, 5)
        said = self.run_it(TRY_LATER, "send", "--to", "ops", "one too many")
        self.assertIn("5 messages of nobody wait already", said)
        self.assertEqual(self.relay.command("send", "--to", "ops", "of root").returncode, 0)

    def cancel_some(self, client, count, content="x"):
        """Their ids: each makes room for the next."""
        messages = []
        for _ in range(count):
            messages.append(client.send(content))
            self.assertTrue(client.ask({"op": "cancel", "id": messages[-1]})["ok"])
        return messages

    def test_what_is_brought_back_waits_as_well(self):
        client = self.connect_as(NOBODY)
        *messages, last, beyond = self.cancel_some(client, 7)
        answer = client.ask({"op": "retry", "all": True})
        self.assertEqual((answer["changed"], answer["unchanged"]), (5, {"full": 2}))
        answer = client.ask({"op": "retry", "ids": [messages[0], last]})
        self.assertEqual((answer["unchanged"], answer["left"]),
                         ({"already": 1, "full": 1}, [{"id": messages[0], "why": "already"},
                                                      {"id": last, "why": "full"}]))
        self.refused(client.ask({"op": "retry", "id": last}), "full", "id",
                     "5 messages of nobody wait already, the quota is 5 ")
        self.assertEqual(self.run_it(TRY_LATER, "retry", str(last)),
                         "0 brought back, 1 not: 1 for which there is no room now\n")
        self.done("retry", id=beyond)  # an operator has let it in
        self.assertTrue(client.ask({"op": "cancel", "ids": messages[:2]})["ok"])
        self.assertTrue(client.ask({"op": "retry", "id": last})["ok"])

    def test_what_needs_no_room_is_not_said_to_lack_it(self):
        client = self.connect_as(NOBODY)
        self.done("resume", thread="ops")
        sent = client.send("sent")
        self.reaches(sent, "sent")
        self.done("pause", thread="ops")
        self.run_away(NOBODY, 5)
        self.refused(client.ask({"op": "retry", "id": sent}), "wrong-state", "id")

    def test_nothing_comes_back_to_a_thread_that_is_not_there(self):
        client = self.connect_as(NOBODY)
        message, = self.cancel_some(client, 1)
        self.relay.sections["thread other"] = self.relay.sections.pop("thread ops")
        self.relay.sections["relay"]["default_thread"] = "other"
        self.relay.adopt()
        self.refused(client.ask({"op": "retry", "id": message}), "unknown-thread", "id")
        self.done("retry", id=message)

    def test_an_edit_in_place_is_no_more_than_before(self):
        client = self.connect_as(NOBODY)
        messages = [client.send(f"{i}", at="+1h") for i in range(5)]
        self.relay.sections["quota " + NOBODY]["waiting"] = "2"
        self.relay.sections["thread ops"]["most_messages"] = "2"
        self.relay.adopt()
        self.assertTrue(client.ask({"op": "edit", "id": messages[0], "content": "zero"})["ok"])
        self.assertEqual(self.done("show", id=messages[0])["content"], "zero")
        self.refused(client.ask({"content": "more"}), "full", "to",
                     "5 messages wait for thread ops already, and at most 2 may (setting most_messages)")

    def test_a_quota_of_none_is_no_matter_of_time(self):
        self.relay.sections["quota " + NOBODY]["waiting"] = "0"
        self.relay.adopt()
        self.refused(self.connect_as(NOBODY).ask({"content": "x"}), "denied",
                     message="the quota is 0 (setting waiting)")
        self.assertIn("the quota is 0", self.run_it(DENIED, "send", "--to", "ops", "x"))

    def test_a_newer_state_of_the_same_thing_is_no_more_than_before(self):
        client = self.connect_as(NOBODY)
        for i in range(20):
            client.send(f"disk {i}", fold="disk")
        for i in range(4):
            client.send(f"other {i}")
        self.refused(client.ask({"content": "other"}), "full")
        client.send("disk 20", fold="disk")


@unittest.skipUnless(IS_ROOT, "needs to act as other users")
class Bytes(HandsTest):
    """[thread NAME] most_bytes, of a thread that is paused."""

    def configure(self, sections):
        sections["access"]["allow"] = f"root, {NOBODY}"
        sections["thread ops"]["most_bytes"] = "1 KiB"

    def begin(self):
        super().begin()
        self.done("pause", thread="ops")

    def test_what_will_never_fit_is_not_to_be_tried_again(self):
        answer = self.client.ask({"content": "x" * 1025})
        self.refused(answer, "invalid", "content", "content is 1025 bytes long")
        self.assertIn("at most 1024 may be (setting most_bytes)", answer["message"])
        message = self.client.send("x" * 1024)
        self.refused(self.ask("edit", id=message, content="x" * 1025), "invalid", "content")
        self.assertEqual(self.relay.command("send", "--to", "ops", "x" * 1025).returncode, BAD_DATA)

    def test_what_fits_later_is(self):
        self.client.send("x" * 600)
        self.refused(self.client.ask({"content": "x" * 600}), "full", "to",
                     "600 bytes wait for thread ops already, and at most 1024 may (setting most_bytes)")

    def test_what_is_brought_back_waits_as_well(self):
        client = self.connect_as(NOBODY)
        message = client.send("x" * 600)
        self.assertTrue(client.ask({"op": "cancel", "id": message})["ok"])
        client.send("x" * 600)
        self.refused(client.ask({"op": "retry", "id": message}), "full", "id", "600 bytes wait")

    def test_what_is_too_large_by_now_is_not_brought_back(self):
        self.relay.sections["thread ops"]["most_bytes"] = "none"
        self.relay.adopt()
        client = self.connect_as(NOBODY)
        message = client.send("x" * 2000)
        self.assertTrue(client.ask({"op": "cancel", "id": message})["ok"])
        self.relay.sections["thread ops"]["most_bytes"] = "1 KiB"
        self.relay.adopt()
        self.refused(client.ask({"op": "retry", "id": message}), "invalid", "id")
        self.assertEqual(client.ask({"op": "retry", "all": True})["unchanged"], {"invalid": 1})

    def test_an_edit_in_place_takes_what_it_adds(self):
        message = self.client.send("x" * 600)
        self.client.send("x" * 400)
        self.done("edit", id=message, content="x" * 624)
        self.refused(self.ask("edit", id=message, content="x" * 625), "full", "to")

    def test_an_edit_that_adds_nothing_needs_no_room(self):
        self.relay.sections["thread ops"]["most_bytes"] = "none"
        self.relay.adopt()
        message, _ = self.client.send("x" * 2000), self.client.send("x" * 2000)
        self.relay.sections["thread ops"]["most_bytes"] = "1 KiB"
        self.relay.adopt()
        self.done("edit", id=message, content="y" * 2000)
        self.refused(self.ask("edit", id=message, content="y" * 2001), "invalid", "content")


if __name__ == "__main__":
    unittest.main()
