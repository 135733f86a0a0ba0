"""Requests and answers: every field, every refusal, in order."""

import unittest

from harness import RelayTest


class Answers(RelayTest):
    THREADS = ("ops", "backup")

    def configure(self, sections):
        sections["relay"]["default_thread"] = "ops"

    def test_hello_names_version_and_features(self):
        answer = self.connect().ask({"op": "hello", "ref": "r1"})
        self.assertEqual((answer["ok"], answer["version"], answer["ref"]), (True, 1, "r1"))
        self.assertRegex(answer["relay"], r"^chatrelayd \d+\.\d+\.\d+$")
        self.assertLessEqual({"hello", "send", "wait", "show", "list", "stats"},
                             set(answer["features"]))

    def test_a_message_is_answered_and_appears(self):
        client = self.connect()
        answer = client.ask({"content": "disk full on db01", "ref": "7"})
        self.assertEqual(answer, {"ok": True, "id": 1, "state": "pending", "position": 1,
                                  "eta_ms": 0, "ref": "7"})
        end = client.wait()
        message, = self.sandbox.ledger()
        self.assertEqual((end["ok"], end["id"], end["state"]), (True, 1, "sent"))
        self.assertEqual(end["remote_id"], message["id"])
        self.assertEqual(message["content"]["message"], "disk full on db01")

    def test_every_field_reaches_the_chat(self):
        client = self.connect()
        client.send("<b>Straße 漢字 🙂</b>", to="backup", type="html", senderDisplayName="db01 β",
                    metadata={"host": "db01", "url": "x\"y\\z\u0001"}, priority="urgent",
                    ttl="1h30m", at="2020-01-01T00:00:00Z", once="k1")
        self.assertEqual(client.wait()["state"], "sent")
        message, = self.sandbox.ledger("backup")
        self.assertEqual(message["content"]["message"], "<b>Straße 漢字 🙂</b>")
        self.assertEqual(message["type"], "html")
        self.assertEqual(message["senderDisplayName"], "db01 β")
        stamp = message["metadata"].pop("chatrelayId")
        self.assertRegex(stamp, "^[0-9a-f]{32}$")
        self.assertEqual(message["metadata"], {"host": "db01", "url": "x\"y\\z\u0001"})

    def test_the_senders_own_name_is_the_default(self):
        client = self.connect()
        client.send("hello")
        client.wait()
        self.assertEqual(self.sandbox.ledger("ops")[0]["senderDisplayName"], "relay under test")


class Pipelining(RelayTest):
    THREADS = tuple(f"t{i}" for i in range(20))

    def test_thousands_are_answered_in_order_and_appear_in_order(self):
        client = self.connect()
        requests = [{"content": f"m{i}", "ref": str(i), "to": f"t{i % 20}"} for i in range(2000)]
        requests[1000:1000] = [{"op": "hello", "ref": "hello"}, {"content": "", "ref": "bad"}]
        client.say(*requests)
        client.say_no_more()
        answers = client.rest()
        self.assertEqual([a["ref"] for a in answers], [r["ref"] for r in requests])
        ids = [a["id"] for a in answers if "id" in a]
        self.assertEqual(ids, list(range(1, 2001)))
        self.all_sent(2000)
        for i in range(20):
            self.assertEqual(self.sandbox.contents(f"t{i}"), [f"m{k}" for k in range(i, 2000, 20)])


class Refusals(RelayTest):
    THREADS = ("operations", "backup")

    def test_unknown_names_with_suggestions(self):
        client = self.connect()
        ask = client.ask
        self.refused(ask({"op": "sned"}), "unknown-op", "op", 'did you mean "send"?')
        self.refused(ask({"op": "dance-wildly"}), "unknown-op", "op", "hello, send, wait")
        self.refused(ask({"content": "x", "to": "operation"}), "unknown-thread", "to",
                     'did you mean "operations"?')
        self.refused(ask({"content": "x", "to": "zzz"}), "unknown-thread", "to",
                     'there is no thread "zzz"')
        self.refused(ask({"content": "x"}), "invalid", "to", "default_thread")
        self.refused(ask({"op": "read"}), "invalid", "thread", "default_thread")
        for verb, words in (("send", ["x"]), ("read", [])):
            self.assertEqual(self.relay.command(verb, *words).returncode, 65)
        self.refused(ask({"content": "x", "prority": "bulk"}), "invalid", "prority",
                     'did you mean "priority"?')
        self.refused(ask({"op": "wait", "content": "x"}), "invalid", "content",
                     "content is not a field of wait")
        self.refused(ask({"op": "show"}), "invalid", "id", "id is missing")
        self.refused(ask({"to": "backup"}), "invalid", "content", "content is missing")

    def test_bad_values_of_every_field(self):
        client = self.connect()
        bad = {"to": ["", 1, None], "content": ["", 1, None, ["x"]], "type": ["markdown", 1],
               "senderDisplayName": ["", 1, "x" * 1025], "priority": ["high", 0],
               "metadata": ["x", {"a": 1}, {"a": None}, {"chatrelayId": "x"}],
               "ttl": ["", "1", "1y", "-1h", "0s", 60], "at": ["tomorrow", "+", 5],
               "once": ["", 1, "x" * 201], "ref": [1, None, {}], "op": [1, None]}
        for field, values in bad.items():
            for value in values:
                request = {"to": "backup", "content": "x", field: value}
                with self.subTest(field=field, value=value):
                    answer = client.ask(request)
                    self.refused(answer, "invalid", field)
                    self.assertIn(field, answer["message"])
        self.assertEqual(client.ask({"op": "stats"})["totals"], {})

    def test_bad_values_of_the_other_operations(self):
        client = self.connect()
        bad = [("wait", "id", 0), ("wait", "id", "1"), ("wait", "for", "ever"),
               ("wait", "timeout", 5), ("show", "id", -1), ("show", "id", 1.5),
               ("list", "limit", 0), ("list", "limit", 1001), ("list", "after", 0),
               ("list", "state", "gone"), ("list", "older_than", "yesterday"),
               ("list", "user", "no-such-user-here")]
        for op, field, value in bad:
            with self.subTest(op=op, field=field, value=value):
                self.refused(client.ask({"op": op, field: value}), "invalid", field)
        self.refused(client.ask({"op": "wait"}), "invalid", "id", "wait for which message?")
        self.refused(client.ask({"op": "show", "id": 99}), "not-found", "id")
        self.refused(client.ask({"op": "wait", "id": 99}), "not-found", "id")
        self.refused(client.ask({"op": "list", "thread": "zzz"}), "unknown-thread", "thread")

    def test_content_may_be_28672_bytes_and_no_more(self):
        client = self.connect()
        longest = "ä" * (28672 // 2)
        self.refused(client.ask({"to": "backup", "content": longest + "x"}), "invalid", "content",
                     "content is 28673 bytes long")
        client.say(b'{"to":"backup","content":"' + b"\\u00e4" * (28672 // 2) + b'"}\n')
        self.assertTrue(client.answer()["ok"])
        self.assertEqual(client.wait()["state"], "sent")
        self.assertEqual(self.sandbox.contents(), [longest])

    def test_ref_comes_back_with_a_refusal(self):
        client = self.connect()
        self.assertEqual(client.ask({"op": "nothing", "ref": "a\"b\n"})["ref"], "a\"b\n")
        self.assertEqual(client.ask({"content": 1, "ref": "é"})["ref"], "é")


if __name__ == "__main__":
    unittest.main()
