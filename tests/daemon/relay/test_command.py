"""The command `chatrelay` and the real relay, end to end."""

import json
import os
import shutil
import subprocess
import unittest

from harness import RelayTest

DONE, WAIT_RAN_OUT, NOT_SENT, SOME_STORED = 0, 10, 11, 13
BAD_DATA, NOT_FOUND, UNKNOWN_THREAD, UNREACHABLE, TRY_LATER, DENIED = 65, 66, 67, 69, 75, 77


class Command(RelayTest):
    THREADS = ("ops", "backup")

    def configure(self, sections):
        sections["relay"]["default_thread"] = "ops"

    def run_it(self, status, *words, **options):
        end = self.relay.command(*words, **options)
        self.assertEqual(end.returncode, status, end.stdout + end.stderr)
        return end.stdout

    def test_a_message_from_arguments_and_from_standard_input(self):
        self.assertEqual(self.run_it(DONE, "send", "disk", "full"), "1\n")
        text = "Zeile eins\n漢字 🙂\n"
        self.assertEqual(self.run_it(DONE, "send", "-t", "backup", "--wait", input=text), "2\n")
        self.run_it(DONE, "wait", "1")
        self.assertEqual(self.sandbox.contents("ops"), ["disk full"])
        self.assertEqual(self.sandbox.contents("backup")[0].strip(), text.strip())

    def test_ends_and_their_exit_codes(self):
        self.run_it(DONE, "send", "--wait", "good")
        self.sandbox.fault(op="send", status=413)
        self.run_it(NOT_SENT, "send", "--wait", "too large for them")
        self.run_it(WAIT_RAN_OUT, "send", "--wait=50ms", "--at", "+1h", "later")
        self.sandbox.fault(op="send", status=403, count=0)
        self.run_it(NOT_SENT, "send", "--wait", "--ttl", "80ms", "stale")
        self.assertIn("expired", self.run_it(NOT_SENT, "wait", "4"))
        self.assertIn("scheduled", self.run_it(WAIT_RAN_OUT, "wait", "--within", "20ms", "3"))
        self.assertEqual(self.sandbox.contents(), ["good"])

    def test_refusals_and_their_exit_codes(self):
        self.run_it(UNKNOWN_THREAD, "send", "--to", "opps", "x")
        self.run_it(BAD_DATA, "send", "x" * 30000)
        self.run_it(NOT_FOUND, "show", "99")
        self.run_it(NOT_FOUND, "wait", "99")
        self.relay.sections["thread ops"]["most_messages"] = "1"
        self.relay.adopt()
        self.run_it(DONE, "send", "--at", "+1h", "first")
        self.run_it(TRY_LATER, "send", "second")
        self.relay.stop()
        self.run_it(UNREACHABLE, "send", "--timeout", "50ms", "x")
        self.relay.start()

    @unittest.skipIf(os.geteuid() != 0, "only root can act as other users")
    def test_another_user_is_denied(self):
        # The sources may be where nobody else can look.
        command = shutil.copy(os.environ["CHATRELAY"], self.folder)
        end = subprocess.run([command, "--socket", self.relay.socket_path, "send", "x"], cwd="/",
                             capture_output=True, text=True, check=False, user="nobody",
                             group="nogroup", extra_groups=())
        self.assertEqual(end.returncode, DENIED, end.stderr)
        self.assertIn("nobody may not send to thread ops", end.stderr)

    def test_many_in_json_lines(self):
        lines = "".join(json.dumps({"content": f"m{number}", "to": "ops"}) + "\n"
                        for number in range(400))
        results = self.run_it(DONE, "send", "--json-lines", input=lines).splitlines()
        self.assertEqual(len(results), 400)
        self.assertEqual(self.all_sent(400), [f"m{number}" for number in range(400)])
        lines = '{"content":"good"}\n{"content":""}\n{"content":"x","to":"nowhere"}\n'
        results = self.run_it(SOME_STORED, "send", "--json-lines", input=lines).splitlines()
        self.assertEqual(len(results), 3)

    def test_show_list_and_stats(self):
        self.run_it(DONE, "send", "--wait", "--title", "db01", "disk full")
        shown = json.loads(self.run_it(DONE, "show", "--json", "1"))
        self.assertEqual((shown["state"], shown["content"], len(shown["log"])),
                         ("sent", "db01\ndisk full", 1))
        self.assertIn("disk full", self.run_it(DONE, "show", "1"))
        self.run_it(DONE, "send", "--to", "backup", "--at", "+1h", "later")
        rows = [json.loads(line) for line in self.run_it(DONE, "list", "--json").splitlines()]
        self.assertEqual([row["id"] for row in rows], [1, 2])
        self.assertEqual(len(self.run_it(DONE, "list", "-s", "scheduled").splitlines()), 1)
        stats = json.loads(self.run_it(DONE, "stats", "--json"))
        self.assertEqual(stats["totals"], {"sent": 1, "scheduled": 1})
        self.assertIn("backup", self.run_it(DONE, "stats"))
        self.assertIn("longest turn: ", self.run_it(DONE, "stats"))

    def test_the_same_once_is_stored_once(self):
        self.assertEqual(self.run_it(DONE, "send", "--once", "k", "x"), "1\n")
        self.assertEqual(self.run_it(DONE, "send", "--once", "k", "x"), "1\n")
        self.run_it(BAD_DATA, "send", "--once", "k", "y")


if __name__ == "__main__":
    unittest.main()
