"""What the chat answers is charged to the smallest scope that it proves broken."""

import time
import unittest

from harness import RelayTest, thread_id, until

ROUNDING_MS = 2  # two clocks, each cut to whole milliseconds


class Scopes(RelayTest):
    THREADS = ("ops", "backup")

    def configure(self, sections):
        sections["relay"]["default_thread"] = "ops"

    def meet(self, count=1, thread="ops", **fault):
        return self.sandbox.fault(op="send", thread=thread_id(thread), count=count, **fault)

    def passes(self, thread):
        client = self.connect()
        client.send("passes", to=thread)
        self.assertEqual(client.wait()["state"], "sent")

    def test_the_messages_fault_it_is_dead_and_the_lane_goes_on(self):
        client = self.connect()
        for status in (413, 415):
            with self.subTest(status=status):
                self.meet(status=status, message="bad content")
                client.say({"content": "bad"}, {"content": "good"})
                bad, good = (answer["id"] for answer in client.answers(2))
                end = client.wait(id=bad)
                self.assertEqual(end["state"], "dead")
                self.assertIn(str(status), end["reason"])
                self.assertEqual(client.wait(id=good)["state"], "sent")
                self.assertEqual(client.ask({"op": "show", "id": bad})["attempts"], 1)
        self.assertEqual(set(self.sandbox.contents()), {"good"})

    def test_the_threads_fault_it_waits_and_others_do_not(self):
        client = self.connect()
        for status in (403, 404):
            with self.subTest(status=status):
                fault = self.meet(count=0, status=status)
                message = client.send("waits")
                until(lambda: self.sandbox.hits(fault) >= 2)
                self.passes("backup")
                self.assertEqual(client.ask({"op": "show", "id": message})["state"], "pending")
                self.sandbox.mend()
                self.assertEqual(client.wait(id=message)["state"], "sent")
        self.assertEqual(self.sandbox.contents("ops"), ["waits", "waits"])

    def test_a_thread_that_is_not_there_waits(self):
        self.relay.sections["thread lost"] = dict(self.relay.sections["thread ops"],
                                                  id="19:nowhere@thread.v2")
        self.relay.adopt()
        client = self.connect()
        client.send("x", to="lost")
        self.relay.logged(r"id=1 thread=lost attempt=2 status=deferred http=40[034] ")
        self.passes("ops")
        self.assertEqual(client.wait(id=1, timeout="0s")["state"], "pending")

    def test_a_gateways_answer_is_the_endpoints_affair(self):
        client = self.connect()
        for status in (400, 403, 404, 502):
            with self.subTest(status=status):
                self.meet(status=status, body="html")
                message = client.send("waits")
                self.assertEqual(client.wait(id=message)["state"], "sent")
                attempts = client.ask({"op": "show", "id": message})["log"]
                self.assertEqual([attempt["http"] for attempt in attempts], [status, 201])
        self.assertEqual(self.sandbox.contents(), ["waits"] * 4)

    def test_the_endpoints_fault_holds_up_all_its_threads(self):
        self.meet(status=503, retry_after_ms=400, retry_after_form="retry-after-ms")
        client = self.connect()
        client.send("waits")
        self.relay.logged("id=1 thread=ops attempt=1 status=doubt http=503 ")
        client.send("waits, too", to="backup")
        for number in (1, 2):
            self.assertEqual(client.wait(id=number)["state"], "sent")
        failed = client.ask({"op": "show", "id": 1})["log"][0]
        sent = client.ask({"op": "show", "id": 2})["log"][0]
        self.assertGreaterEqual(sent["began_at"], failed["ended_at"] + 400 - ROUNDING_MS)

    def test_a_refused_token_is_fetched_anew(self):
        client = self.connect()
        client.send("first")
        client.wait()
        with open(self.sandbox.token_file, encoding="ascii") as file:
            good = file.read()
        with open(self.sandbox.token_file, "w", encoding="ascii") as file:
            file.write("eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjQxMDI0NDQ4MDB9.c3RhbGU")
        self.relay.restart()
        client = self.connect()
        client.send("second")
        self.relay.logged("id=2 thread=ops attempt=2 status=deferred http=401 ")
        with open(self.sandbox.token_file, "w", encoding="ascii") as file:
            file.write(good)
        self.assertEqual(client.wait(id=2)["state"], "sent")
        self.assertEqual(self.sandbox.contents(), ["first", "second"])

    def test_a_token_refused_once_costs_one_more_request(self):
        for body in ("observed", "empty"):
            self.meet(status=401, body=body)
            client = self.connect()
            message = client.send("x")
            self.assertEqual(client.wait()["state"], "sent")
            self.assertEqual(client.ask({"op": "show", "id": message})["attempts"], 2)


class RetryAfter(RelayTest):
    def configure(self, sections):
        sections["thread ops"]["backoff"] = "10ms..20ms"

    def waited_ms(self, asked_ms, form):
        self.sandbox.fault(op="send", status=429, retry_after_ms=asked_ms, retry_after_form=form)
        client = self.connect()
        client.send("x")
        message = client.wait()["id"]
        refused, sent = client.ask({"op": "show", "id": message})["log"]
        self.assertEqual(refused["http"], 429)
        return sent["began_at"] - refused["ended_at"]

    def test_milliseconds(self):
        for form in ("retry-after-ms", "x-ms-retry-after-ms"):
            self.assertGreaterEqual(self.waited_ms(150, form), 150 - ROUNDING_MS)

    def test_seconds(self):
        self.assertGreaterEqual(self.waited_ms(1000, "seconds"), 1000 - ROUNDING_MS)

    def test_a_date(self):
        # The header names a whole second, and so does Date beside it.
        self.assertGreaterEqual(self.waited_ms(2000, "date"), 1000 - ROUNDING_MS)

    def test_none(self):
        self.sandbox.fault(op="send", status=429)
        client = self.connect()
        client.send("x")
        self.assertEqual(client.wait()["state"], "sent")

    def test_it_survives_a_restart(self):
        self.sandbox.fault(op="send", status=429, retry_after_ms=1500,
                           retry_after_form="retry-after-ms")
        self.connect().send("x")
        self.relay.logged("id=1 thread=ops attempt=1 status=deferred http=429 ")
        refused_at = time.monotonic()
        self.relay.restart()
        self.assertEqual(self.connect().wait(id=1)["state"], "sent")
        self.assertGreaterEqual(time.monotonic() - refused_at, 1.3)


if __name__ == "__main__":
    unittest.main()
