"""Through failures of every kind each message appears exactly once, in order."""

import unittest

from detour import Detour
from harness import RelayTest, thread_id, until


class Order(RelayTest):
    def test_lanes_keep_their_order_and_urgent_goes_first(self):
        self.sandbox.fault(op="send", status=503, count=0)
        client = self.connect()
        names = [f"{priority} {number}" for number in range(30)
                 for priority in ("bulk", "normal", "urgent")]
        client.say(*[{"content": name, "priority": name.split()[0]} for name in names])
        client.answers(len(names))
        self.sandbox.mend()
        contents = self.all_sent(len(names))
        for priority in ("bulk", "normal", "urgent"):
            self.assertEqual([c for c in contents if c.startswith(priority)],
                             [name for name in names if name.startswith(priority)])


class Pace(RelayTest):
    # The sandbox counts as the service does, a hundred times faster.
    SANDBOX_OPTIONS = ("--limits", "10/10s,30/60s")

    def configure(self, sections):
        sections["thread ops"]["pace"] = "10/100ms, 30/600ms"

    def test_the_budget_is_never_exceeded(self):
        client = self.connect()
        names = [f"m{number}" for number in range(80)]
        client.say(*[{"content": name} for name in names])
        client.answers(80)
        self.assertEqual(self.all_sent(80), names)
        self.assertEqual(self.sandbox.count("overLimit"), 0)
        self.assertEqual(self.sandbox.count("requests"), 80)

    def test_a_restart_does_not_forget_what_was_spent(self):
        client = self.connect()
        names = [f"m{number}" for number in range(60)]
        client.say(*[{"content": name} for name in names])
        client.answers(60)
        for count in (10, 25, 40):
            self.all_sent(count)
            self.relay.restart()
        self.assertEqual(self.all_sent(60), names)
        self.assertEqual(self.sandbox.count("overLimit"), 0)

    def test_urgent_messages_pass_a_backlog(self):
        client = self.connect()
        client.say(*[{"content": f"m{number}", "priority": "bulk"} for number in range(90)])
        client.answers(90)
        self.all_sent(5)
        client.send("fire", priority="urgent")
        client.wait()
        self.assertLess(self.sandbox.count(), 60)


class Failures(RelayTest):
    def configure(self, sections):
        sections["sender main"]["request_timeout"] = "400ms"

    def send_three(self):
        """Returns the first of them. It met the faults."""
        client, before = self.connect(), self.sandbox.contents()
        contents = [f"m{len(before) + number}" for number in range(3)]
        first, *others = [client.send(content) for content in contents]
        for number in (first, *others):
            self.assertEqual(client.wait(id=number)["state"], "sent")
        self.assertEqual(self.sandbox.contents(), before + contents)
        message = client.ask({"op": "show", "id": first})
        self.assertNotIn("doubted_at", message)
        return message

    def test_an_error_that_leaves_it_open(self):
        for status in (408, 500, 503, 202, 204):
            for stored in (False, True):
                with self.subTest(status=status, stored=stored):
                    self.sandbox.fault(op="send", status=status, stored=stored)
                    message = self.send_three()
                    self.assertEqual(message["log"][0]["http"], status)
                    self.assertEqual(message["attempts"], 1 if stored else 2)

    def test_a_broken_connection(self):
        for fault in ("reset", "close", "cut", "garbage", "stall"):
            for stored in (False, True):
                with self.subTest(fault=fault, stored=stored):
                    self.sandbox.fault(op="send", what=fault, stored=stored)
                    message = self.send_three()
                    self.assertEqual(message["attempts"], 1 if stored else 2)

    def test_a_reused_connection_that_dies(self):
        for stored in (True, False):
            with self.subTest(stored=stored):
                fault = self.sandbox.fault(op="send", what="close", stored=stored, reused=True)
                self.send_three()
                self.assertEqual(self.sandbox.hits(fault), 1)

    def test_a_definite_no_needs_no_look(self):
        listed = self.sandbox.fault(op="list", status=500, count=0)
        for status in (302, 418, 429):
            with self.subTest(status=status):
                self.sandbox.fault(op="send", status=status)
                message = self.send_three()
                self.assertEqual([attempt["outcome"] for attempt in message["log"]],
                                 ["refused", "sent"])
        self.assertEqual(self.sandbox.hits(listed), 0)

    def test_looks_fail_as_well(self):
        self.sandbox.fault(op="send", what="reset", stored=True)
        self.sandbox.fault(op="list", status=503, count=2)
        self.sandbox.fault(op="list", what="garbage")
        self.sandbox.fault(op="list", what="cut")
        self.assertEqual(self.send_three()["attempts"], 1)

    def test_a_created_answer_with_a_broken_body_is_sent(self):
        self.sandbox.fault(op="send", text="<oops")
        message = self.send_three()
        self.assertEqual((message["attempts"], message["remote_id"]),
                         (1, self.sandbox.ledger()[0]["id"]))

    def test_many_failures_by_chance(self):
        for seed, fault in enumerate(({"what": "reset"}, {"what": "reset", "stored": True},
                                      {"status": 503}, {"status": 500, "stored": True},
                                      {"what": "cut"}, {"what": "garbage"})):
            self.sandbox.fault(op="any", probability=0.07, seed=seed + 1, count=0, **fault)
        client = self.connect()
        names = [f"m{number}" for number in range(60)]
        client.say(*[{"content": name} for name in names])
        client.answers(60)
        self.assertEqual(self.all_sent(60), names)
        self.assertEqual(client.wait(id=60)["state"], "sent")
        self.assertEqual(self.sandbox.contents(), names)


class Ways(RelayTest):
    def begin(self):
        self.detour = Detour(self.sandbox.endpoint)
        self.addCleanup(self.detour.close)
        self.relay.sections["sender main"]["endpoint"] = self.detour.endpoint
        self.relay.write_config()
        self.relay.start()

    def test_nobody_listens_for_a_while(self):
        client = self.connect()
        client.send("one")
        self.relay.logged("id=1 thread=ops attempt=3 status=deferred code=connect ")
        self.detour.open()
        self.assertEqual(client.wait()["state"], "sent")
        attempts = client.ask({"op": "show", "id": 1})["log"]
        self.assertEqual({attempt["outcome"] for attempt in attempts[:-1]}, {"unsent"})
        self.assertEqual(self.sandbox.contents(), ["one"])

    def test_the_name_cannot_be_resolved_for_a_while(self):
        client = self.connect()
        self.relay.sections["sender main"]["endpoint"] = "https://chatrelay-tests.invalid"
        self.relay.sections["thread ops"]["pace"] = "10/100ms"
        self.relay.adopt()
        client.send("one")
        self.relay.logged("id=1 thread=ops attempt=1 status=deferred code=(name|timeout) ")
        self.relay.sections["sender main"]["endpoint"] = self.sandbox.endpoint
        self.relay.adopt()
        self.assertEqual(client.wait()["state"], "sent")
        self.assertEqual(self.sandbox.contents(), ["one"])

    def test_connections_are_reused(self):
        self.detour.open()
        client = self.connect()
        client.say(*[{"content": f"m{number}"} for number in range(50)])
        client.answers(50)
        until(lambda: self.sandbox.count() == 50)
        self.assertEqual(self.detour.connections, 1)


class BadRequest(RelayTest):
    """A 400 may be the message's fault or the thread's: the thread is asked."""

    THREADS = ("ops", "db")

    def test_a_message_that_the_api_refuses_is_dead_and_its_lane_goes_on(self):
        self.sandbox.fault(op="send", status=400, count=2)
        client = self.connect()
        bad = client.send("bad", to="ops")
        good = client.send("good", to="ops")
        self.assertEqual(client.wait(id=bad)["state"], "dead")
        self.assertEqual(client.wait(id=good)["state"], "sent")
        self.assertEqual(self.sandbox.contents("ops"), ["good"])
        reason = client.ask({"op": "show", "id": bad})["reason"]
        self.assertRegex(reason, "^400 ")

    def test_a_malformed_thread_id_makes_the_thread_wait_and_kills_nothing(self):
        self.relay.sections["thread ops"]["id"] = "no-thread-at-all"
        self.relay.adopt()
        client = self.connect()
        numbers = [client.send(f"message {i}", to="ops") for i in range(3)]
        client.send("elsewhere", to="db")
        self.all_sent(1, "db")
        until(lambda: self.relay.log().count("http=400") >= 3, why=self.relay.log_end)
        states = [client.ask({"op": "show", "id": number})["state"] for number in numbers]
        self.assertEqual(states, ["pending"] * 3)
        self.relay.sections["thread ops"]["id"] = thread_id("ops")
        self.relay.adopt()
        for number in numbers:
            self.assertEqual(client.wait(id=number)["state"], "sent")
        self.assertEqual(self.sandbox.contents("ops"), [f"message {i}" for i in range(3)])


if __name__ == "__main__":
    unittest.main()
