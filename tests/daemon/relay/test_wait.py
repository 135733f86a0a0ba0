"""The operation `wait`: it holds its own connection's later answers, nobody else's."""

import select
import unittest

from harness import RelayTest, until


class Wait(RelayTest):
    THREADS = ("ops", "slow")

    def configure(self, sections):
        sections["relay"]["default_thread"] = "slow"

    def hold_up(self):
        """Thread slow fails until told otherwise."""
        fault = self.sandbox.fault(op="send", thread="19:slow@thread.v2", status=403, count=0)
        return lambda: self.sandbox.ask("DELETE", f"/sandbox/faults/{fault}")

    def is_silent(self, client):
        """Nothing has come, and a later question of another client is answered."""
        self.assertTrue(self.connect().ask({"op": "hello"})["ok"])
        return not client.input and not select.select([client.socket], [], [], 0)[0]

    def test_for_what_has_ended_it_answers_at_once(self):
        client = self.connect()
        client.send("one")
        until(lambda: self.sandbox.contents())
        for goal in ("end", "sent"):
            end = client.ask({"op": "wait", "id": 1, "for": goal, "ref": "w"})
            self.assertEqual((end["ok"], end["state"], end["ref"]), (True, "sent", "w"))
            self.assertNotIn("timeout", end)

    def test_it_ends_later_and_holds_later_answers(self):
        mend = self.hold_up()
        client = self.connect()
        client.say({"content": "one"}, {"op": "wait", "ref": "w"}, {"op": "hello", "ref": "h"},
                   {"content": "two", "to": "ops", "ref": "two"})
        self.assertTrue(client.answer()["ok"])
        self.assertEqual(self.all_sent(1, "ops"), ["two"])
        self.assertTrue(self.is_silent(client))
        mend()
        self.assertEqual([a["ref"] for a in client.answers(3)], ["w", "h", "two"])

    def test_its_time_runs_out(self):
        self.hold_up()
        client = self.connect()
        client.say({"content": "one"}, {"op": "wait", "timeout": "50ms", "ref": "w"},
                   {"op": "wait", "timeout": "0s"})
        client.answer()
        for ref in ("w", None):
            end = client.answer()
            self.assertEqual((end["ok"], end["id"], end["state"], end["timeout"], end.get("ref")),
                             (True, 1, "pending", True, ref))

    def test_several_waits_end_in_the_order_they_were_asked(self):
        mend = self.hold_up()
        client = self.connect()
        client.say({"content": "slow"}, {"op": "wait", "ref": "1"}, {"op": "hello", "ref": "2"},
                   {"content": "fast", "to": "ops", "ref": "3"}, {"op": "wait", "ref": "4"},
                   {"op": "hello", "ref": "5"}, {"op": "wait", "id": 1, "ref": "6"})
        client.answer()
        self.all_sent(1, "ops")
        self.assertTrue(self.is_silent(client))
        mend()
        answers = client.answers(6)
        self.assertEqual([answer["ref"] for answer in answers], list("123456"))
        self.assertEqual([answer.get("id") for answer in answers], [1, None, 2, 2, None, 1])

    def test_many_clients_wait_for_one_message(self):
        mend = self.hold_up()
        self.connect().send("one")
        clients = [self.connect() for _ in range(30)]
        for client in clients:
            client.say({"op": "wait", "id": 1})
        for client in clients[::2]:
            client.close()
        mend()
        for client in clients[1::2]:
            self.assertEqual(client.answer()["state"], "sent")

    def test_it_is_for_the_connections_latest_send(self):
        client = self.connect()
        client.say({"content": "a"}, {"content": "b", "to": "ops"}, {"content": ""}, {"op": "wait"})
        self.assertEqual(client.answers(4)[3]["id"], 2)
        self.refused(self.connect().ask({"op": "wait"}), "invalid", "id")

    def test_a_half_closed_client_gets_the_end(self):
        mend = self.hold_up()
        client = self.connect()
        client.say(b'{"content":"one"}\n{"op":"wait"}')
        client.say_no_more()
        client.answer()
        self.assertTrue(self.is_silent(client))
        mend()
        end, = client.rest()
        self.assertEqual(end["state"], "sent")

    def test_every_end_ends_it(self):
        client = self.connect()
        self.sandbox.fault(op="send", status=413)
        client.send("dead")
        end = client.wait()
        self.assertEqual((end["state"], "413" in end["reason"]), ("dead", True))
        self.hold_up()
        client.send("expired", ttl="80ms")
        self.assertEqual(client.wait(**{"for": "sent"})["state"], "expired")


if __name__ == "__main__":
    unittest.main()
