"""What is logged: two kinds of lines, never content, never a token."""

import json
import os
import re
import unittest

from harness import RelayTest

ACCEPTED = re.compile(
    r"^id=\d+ accepted thread=[\w.-]+ user=\w+\(\d+\) pid=\d+ size=\d+ "
    r"pri=(urgent|normal|bulk) eta=(unknown|(\d+(d|h|min|m|s|ms))+)$")
NUMBER = r"\d+(\.\d+)?(e[+-]\d+)?"
ATTEMPT = re.compile(
    rf"^id=\d+ thread=[\w.-]+ (attempt=\d+|look) status=(sent|deferred|doubt|dead)"
    rf"( http=\d\d\d)?( code=[\w.-]+)? delay={NUMBER} delays={NUMBER}/{NUMBER}/{NUMBER}/{NUMBER}"
    rf"( (retry|look)=[\w.]+)?( remote=\d+)?( cv=[\w.+/=-]+)?( reason=\"[^\"]*\")?$")
EXPIRED = re.compile(r"^id=\d+ thread=[\w.-]+ status=expired attempts=\d+$")
INSPECTED = re.compile(r"^thread=[\w.-]+ inspected status=(answers|deleted|unanswered)( http=\d\d\d)?"
                       r"( code=[\w.-]+)?( cv=[\w.+/=-]+)?( reason=\"[^\"]*\")?$")
CANARY = "kanarienvogel"


class Lines(RelayTest):
    THREADS = ("ops", "backup")

    def configure(self, sections):
        sections["relay"]["default_thread"] = "ops"

    def live(self):
        """Go through every kind of end, and every kind of way there."""
        client = self.connect()
        client.send(CANARY, priority="bulk", senderDisplayName=CANARY, metadata={"a": CANARY},
                    once=CANARY)
        client.wait()
        for fault in ({"status": 503}, {"status": 503, "stored": True}, {"status": 413},
                      {"status": 429, "retry_after_ms": 10, "retry_after_form": "retry-after-ms"},
                      {"what": "reset"}, {"what": "garbage"}, {"what": "cut"}, {"status": 401},
                      {"status": 403, "body": "html"}, {"status": 400, "message": CANARY[::-1]},
                      {"what": "reset", "stored": True}):
            self.sandbox.fault(op="send", **fault)
            client.send(CANARY, to="backup")
            client.wait()
        self.sandbox.fault(op="send", status=404, count=0)
        client.send(CANARY, ttl="50ms")
        self.assertEqual(client.wait()["state"], "expired")
        self.refused(client.ask({"content": CANARY, "type": CANARY}), "invalid", "type")
        self.refused(client.ask({"op": "show", "id": 99, "ref": CANARY}), "not-found", "id")
        client.say(CANARY.encode() + b"\n")
        client.answer()

    def test_every_line_is_of_a_known_kind(self):
        self.live()
        self.relay.stop()
        lines = self.relay.log().splitlines()
        kinds = {"accepted": ACCEPTED, "attempt": ATTEMPT, "expired": EXPIRED, "inspected": INSPECTED}
        counts = dict.fromkeys(kinds, 0)
        for line in lines:
            if line.startswith("chatrelayd: "):
                continue
            kind, = [name for name, pattern in kinds.items() if pattern.match(line)] or [None]
            self.assertIsNotNone(kind, line)
            counts[kind] += 1
        self.assertEqual((counts["accepted"], counts["expired"]), (13, 1))
        self.assertGreaterEqual(counts["attempt"], 20)

    def test_the_line_of_a_message_sent_at_once(self):
        client = self.connect()
        client.send("Grüße", priority="urgent")
        end = client.wait()
        accepted = f"id=1 accepted thread=ops user=root(0) pid={os.getpid()} size=7 pri=urgent eta=0s\n"
        self.relay.logged(re.escape(accepted))
        self.relay.logged(rf"(?m)^id=1 thread=ops attempt=1 status=sent http=201 delay=\S+ "
                          rf"delays=\S+ remote={end['remote_id']} cv=\S+$")

    def test_what_the_chat_says_forges_no_field(self):
        """Neither in the relay's lines nor in those of the command."""
        said = {"code": 'Bad id=77 "status=sent', "message": 'b" status=sent id=77 reason="c'}
        self.sandbox.fault(op="send", status=400, text=json.dumps({"error": said}), count=2)
        client = self.connect()
        client.send("x")
        self.assertEqual(client.wait()["state"], "dead")
        shown = self.relay.command("log").stdout.splitlines()
        self.relay.stop()
        refused = [line for line in self.relay.log().splitlines() + shown if "reason=" in line]
        self.assertGreaterEqual(len(refused), 2)
        for line in refused:
            self.assertIn(" code=Bad_id=77_'status=sent ", line)
            self.assertTrue(line.endswith(
                """ reason="400 Bad id=77 'status=sent: b' status=sent id=77 reason='c\""""), line)
            self.assertEqual(line.count('"'), 2, line)

    def test_there_is_an_acceptance_for_each_message_and_a_line_for_each_attempt(self):
        self.live()
        client = self.connect()
        messages = client.ask({"op": "list"})["messages"]
        self.relay.stop()
        log = self.relay.log()
        for message in messages:
            self.assertEqual(log.count(f"id={message['id']} accepted "), 1)
            lines = re.findall(rf"(?m)^id={message['id']} thread=\S+ attempt=(\d+) ", log)
            self.assertEqual(lines, [str(i + 1) for i in range(message["attempts"])])

    def test_no_content_is_logged(self):
        self.live()
        self.relay.stop()
        self.assertNotIn(CANARY, self.relay.log())

    def test_the_token_is_nowhere(self):
        self.live()
        client = self.connect()
        answers = [client.ask({"op": "show", "id": number}) for number in range(1, 14)]
        with open(self.sandbox.token_file, encoding="ascii") as file:
            token = file.read().strip()
        with open(f"/proc/{self.relay.process.pid}/cmdline", encoding="utf-8") as file:
            self.assertNotIn(token, file.read())
        shown = self.relay.command("show", "1")
        self.relay.stop()
        # Its parts are each as secret as the whole.
        for part in [token, *(part for part in token.split(".") if len(part) > 40)]:
            self.assertNotIn(part, self.relay.log())
            self.assertNotIn(part, repr(answers))
            self.assertNotIn(part, shown.stdout + shown.stderr)
            for name in os.listdir(self.folder):
                path = os.path.join(self.folder, name)
                if name.startswith("outbox"):
                    with open(path, "rb") as file:
                        self.assertNotIn(part.encode(), file.read(), name)


if __name__ == "__main__":
    unittest.main()
