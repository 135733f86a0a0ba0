"""Nothing leaves before what it depends on is on disk, seen by stopping inside the sync."""

import select
import unittest

from gate import GateTest
from harness import until


class Commit(GateTest):
    def has_said_nothing(self, client):
        return not select.select([client.socket], [], [], 0)[0]

    def test_neither_answer_nor_request_leaves_before_the_commit(self):
        client = self.connect()
        client.ask({"op": "hello"})
        self.gate.hold()
        client.say({"content": "one"})
        with self.gate.arrival() as sync:
            self.assertTrue(self.has_said_nothing(client))
            self.assertEqual(self.sandbox.count("requests"), 0)
            sync.sendall(b"s")
        self.assertEqual(client.answer()["id"], 1)
        self.gate.let_through()  # the end of the attempt
        self.assertEqual(self.all_sent(1), ["one"])

    def test_one_sync_from_the_line_to_the_request_of_an_idle_lane(self):
        self.sandbox.fault(op="send", what="stall", stored=True)
        client = self.connect()
        self.gate.hold()
        client.say({"content": "one"})
        self.gate.let_through(1)
        self.assertEqual(self.all_sent(1), ["one"])
        self.assertTrue(self.gate.is_quiet())
        self.gate.close()

    def test_the_end_of_a_message_is_told_after_its_commit(self):
        client = self.connect()
        self.gate.hold()
        client.say({"content": "one"}, {"op": "wait"})
        self.gate.let_through()
        self.assertEqual(client.answer()["state"], "pending")
        with self.gate.arrival() as sync:
            self.assertEqual(self.sandbox.contents(), ["one"])
            self.assertTrue(self.has_said_nothing(client))
            self.assertNotIn("status=sent", self.relay.log())
            sync.sendall(b"s")
        self.assertEqual(client.answer()["state"], "sent")
        self.relay.logged("id=1 thread=ops attempt=1 status=sent")

    def test_what_came_meanwhile_shares_one_commit(self):
        clients = [self.connect() for _ in range(20)]
        for client in clients:
            client.ask({"op": "hello"})
        self.sandbox.fault(op="send", what="stall", stored=True)
        self.gate.hold()
        clients[0].say({"content": "m0"})
        with self.gate.arrival() as sync:
            for number, client in enumerate(clients[1:]):
                client.say(*[{"content": f"m{number + 1}"}] * 10)
            sync.sendall(b"s")
        self.gate.let_through()
        for client in clients[1:]:
            self.assertEqual(len(client.answers(10)), 10)
        self.assertTrue(self.gate.is_quiet())
        self.gate.close()

    def test_a_refusal_that_changes_nothing_needs_no_sync(self):
        client = self.connect()
        self.gate.hold()
        self.refused(client.ask({"content": ""}), "invalid", "content")
        self.assertTrue(client.ask({"op": "list"})["ok"])
        self.assertTrue(client.ask({"op": "stats"})["ok"])
        self.assertTrue(self.gate.is_quiet())

    def test_killed_inside_the_sync_it_has_answered_nothing(self):
        client = self.connect()
        self.gate.hold()
        client.say({"content": "one", "once": "k"})
        with self.gate.arrival():
            self.relay.kill()
            self.assertEqual(client.rest(), [])
        self.gate.close()
        self.assertEqual(self.sandbox.count("requests"), 0)
        self.relay.start()
        client = self.connect()
        client.send("one", once="k")
        until(lambda: client.wait()["state"] == "sent")
        self.assertEqual(self.sandbox.contents(), ["one"])


if __name__ == "__main__":
    unittest.main()
