"""The journal: what one can find in it, and what must not be there."""

import json
import unittest

from harness import until
from service import ServiceTest, begin_send, journal, run, send, systemctl

CANARY = "kanarienvogel"


def entries(*matches):
    run("journalctl", "--sync")
    # Fields that are bytes and not text come as numbers; ours are text.
    said = run("journalctl", "--quiet", "--no-pager", "--output", "json", *matches).stdout
    return [json.loads(line) for line in said.splitlines()]


class Journal(ServiceTest):
    THREADS = ("ops", "db")

    def test_the_life_of_a_message(self):
        began = run("date", "+%s.%N").stdout.strip()
        self.sandbox.fault(op="send", status=503, message=CANARY[::-1])
        number = send("--to", "ops", "--wait=30s", CANARY).stdout.strip()
        life = entries(f"CHATRELAY_ID={number}", f"--since=@{began}")
        self.assertEqual([entry["CHATRELAY_STATUS"] for entry in life][0], "accepted")
        self.assertEqual([entry["CHATRELAY_STATUS"] for entry in life][-1], "sent")
        self.assertGreaterEqual(len(life), 3)
        for entry in life:
            self.assertEqual((entry["CHATRELAY_THREAD"], entry["SYSLOG_IDENTIFIER"]),
                             ("ops", "chatrelayd"))
            self.assertEqual(entry["_SYSTEMD_UNIT"], "chatrelayd.service")
        self.assertEqual((life[1]["CHATRELAY_HTTP_STATUS"], life[1]["CHATRELAY_ATTEMPT"]),
                         ("503", "1"))
        self.assertTrue(life[-1]["CHATRELAY_MS_CV"])
        self.assertNotIn("CHATRELAY_HTTP_STATUS", life[0])
        self.assertNotIn(CANARY, json.dumps(entries("--unit=chatrelayd.service")))

    def test_every_kind_is_explained(self):
        """The catalog is found by the MESSAGE_ID that an entry has."""
        send("--to", "db", "--wait=30s", "hello")
        until(lambda: "is ready" in journal())
        kinds = {entry["MESSAGE_ID"]: entry for entry in entries("_COMM=chatrelayd")
                 if "MESSAGE_ID" in entry}
        self.assertGreaterEqual(len(kinds), 3)
        for kind in kinds:
            said = run("journalctl", "--list-catalog", kind).stdout
            self.assertIn("chatrelay", said)
        explained = run("journalctl", "--catalog", "--no-pager", "CHATRELAY_STATUS=sent").stdout
        self.assertRegex(explained, r"Message \d+ is in the chat")

    def test_other_priorities_for_what_is_worse(self):
        self.sandbox.fault(op="send", status=413)
        client = begin_send("--to", "db", "--wait=30s", "too large")
        client.communicate(timeout=60)
        self.assertEqual(client.returncode, 11)
        worst = entries("CHATRELAY_STATUS=dead")
        self.assertEqual({entry["PRIORITY"] for entry in worst}, {"3"})
        self.settings.more = "nonsense\n"
        self.settings.write()
        systemctl("reload", "chatrelayd")
        self.assertTrue(entries("MESSAGE_ID=262bee986d5b46079621673d514df2e8", "PRIORITY=3"))


if __name__ == "__main__":
    unittest.main()
