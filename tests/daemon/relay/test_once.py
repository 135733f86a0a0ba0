"""The idempotency key: the same `once` is the same message."""

import unittest

from harness import RelayTest


class Once(RelayTest):
    THREADS = ("ops", "backup")

    def configure(self, sections):
        sections["relay"]["default_thread"] = "ops"

    def test_the_same_again_is_the_first(self):
        client, other = self.connect(), self.connect()
        self.assertEqual(client.send("one", once="k"), 1)
        client.wait()
        for asker in (client, other):
            self.assertEqual(asker.ask({"content": "one", "once": "k", "ref": "r"}),
                             {"ok": True, "id": 1, "state": "sent", "duplicate": True, "ref": "r"})
        self.assertEqual(other.send("one", once="other"), 2)
        self.assertEqual(self.all_sent(2), ["one", "one"])

    def test_the_same_again_within_one_turn(self):
        client = self.connect()
        client.say(*[{"content": "one", "once": "k"}] * 50, {"content": "two", "once": "k"})
        *answers, conflict = client.answers(51)
        self.assertEqual({answer["id"] for answer in answers}, {1})
        self.assertEqual([answer.get("duplicate", False) for answer in answers],
                         [False] + [True] * 49)
        self.refused(conflict, "once-conflict", "once", "was used for another message, 1")
        client.wait()
        self.assertEqual(self.sandbox.contents(), ["one"])

    def test_what_makes_another_request(self):
        client = self.connect()
        client.send("one", once="k", metadata={"a": "b", "c": "d"})
        same = {"content": "one", "once": "k", "metadata": {"c": "d", "a": "b"}}
        for also in ({}, {"to": "ops"}, {"priority": "normal"}, {"type": "text"}, {"ttl": "5m"},
                     {"at": "+1h"}):
            with self.subTest(also=also):
                self.assertTrue(client.ask(dict(same, **also)).get("duplicate"))
        for other in ({"content": "two"}, {"to": "backup"}, {"priority": "urgent"},
                      {"type": "html"}, {"senderDisplayName": "x"}, {"metadata": {"a": "b"}}):
            with self.subTest(other=other):
                self.refused(client.ask(dict(same, **other)), "once-conflict", "once")

    def test_a_wait_after_a_duplicate_is_for_the_first(self):
        self.connect().send("one", once="k")
        client = self.connect()
        client.say({"content": "one", "once": "k"}, {"op": "wait"})
        self.assertTrue(client.answer()["duplicate"])
        end = client.answer()
        self.assertEqual((end["id"], end["state"]), (1, "sent"))

    def test_it_survives_kill_and_restart(self):
        self.sandbox.fault(op="send", status=503, count=0)
        client = self.connect()
        client.send("one", once="waiting")
        self.relay.restart()
        client = self.connect()
        answer = client.ask({"content": "one", "once": "waiting"})
        self.assertEqual((answer["id"], answer["duplicate"]), (1, True))
        self.refused(client.ask({"content": "x", "once": "waiting"}), "once-conflict", "once")
        self.sandbox.mend()
        client.wait()
        self.relay.restart()
        answer = self.connect().ask({"content": "one", "once": "waiting"})
        self.assertEqual((answer["id"], answer["state"], answer["duplicate"]), (1, "sent", True))
        self.assertEqual(self.sandbox.contents(), ["one"])


class Window(RelayTest):
    def configure(self, sections):
        sections["relay"]["once_window"] = "1500ms"

    def test_after_the_window_the_key_is_free(self):
        client = self.connect()
        client.send("one", once="k")
        self.assertTrue(client.ask({"content": "one", "once": "k"}).get("duplicate"))
        client.send("later", at="+1600ms")
        self.assertEqual(client.wait()["state"], "sent")
        answer = client.ask({"content": "another", "once": "k"})
        self.assertTrue(answer["ok"] and answer["id"] > 2 and "duplicate" not in answer)
        self.assertTrue(client.ask({"content": "another", "once": "k"}).get("duplicate"))
        self.assertNotIn("once", client.ask({"op": "show", "id": 1}))


if __name__ == "__main__":
    unittest.main()
