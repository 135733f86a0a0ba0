"""The budget of a thread, and the service's clock."""

import time
import unittest
from email.utils import parsedate_to_datetime

from sandbox import ALICE, BOB, THREAD, SandboxTest


class Budget(SandboxTest):
    OPTIONS = ()

    def test_ten_in_ten_seconds_whatever_they_are(self):
        first = self.sandbox.send("1").json()["id"]
        path = f"{self.sandbox.messages_path()}/{first}"
        edit = {"content": "2"}
        merge = "application/merge-patch+json"
        for _ in range(4):
            answer = self.sandbox.chat("PATCH", path, edit, content_type=merge)
            self.assertEqual(answer.status, 204)
        self.assertEqual(self.sandbox.chat("DELETE", path).status, 204)
        self.assertEqual([self.sandbox.send("x").status for _ in range(4)], [201] * 4)
        answer = self.sandbox.send("x")
        self.refused(answer, 429, "TooManyRequests", "Rate limit exceeded.")
        self.assertIn(int(answer.headers["retry-after"]), range(9, 11))
        self.assertEqual(self.sandbox.chat("DELETE", path).status, 429)

    def test_refused_requests_count(self):
        for _ in range(6):
            self.sandbox.chat("POST", self.sandbox.messages_path(), {"content": 1})
        statuses = [self.sandbox.send("x").status for _ in range(6)]
        self.assertEqual(statuses, [201] * 4 + [429] * 2)
        counts = self.sandbox.stats()["threads"][THREAD]
        self.assertEqual((counts["requests"], counts["overLimit"]), (12, 2))

    def test_threads_have_a_budget_each(self):
        self.sandbox.ask("POST", "/sandbox/threads",
                         {"id": "19:db@thread.v2", "participants": [ALICE]})
        for _ in range(11):
            self.sandbox.send("x")
        self.assertEqual(self.sandbox.send("x").status, 429)
        self.assertEqual(self.sandbox.send("x", thread="19:db@thread.v2").status, 201)

    def test_struck_requests_count(self):
        self.sandbox.fault(op="send", status=503, count=10)
        statuses = [self.sandbox.send("x").status for _ in range(11)]
        self.assertEqual(statuses, [503] * 10 + [429])

    def test_lists_have_a_budget_of_user_and_thread(self):
        statuses = [self.sandbox.list().status for _ in range(51)]
        self.assertEqual(statuses, [200] * 50 + [429])
        self.assertEqual(self.sandbox.list(token=self.sandbox.other_token).status, 200)


class Windows(SandboxTest):
    OPTIONS = ("--limits", "3/10s", "--scale", "100")

    def test_a_window_lasts_as_long_as_the_scale_says(self):
        self.assertEqual([self.sandbox.send("x").status for _ in range(3)], [201] * 3)
        began = time.monotonic()
        self.eventually(lambda: time.monotonic() - began > 0.11)
        self.assertEqual(self.sandbox.send("x").status, 201)
        self.assertEqual(self.sandbox.stats()["overLimit"], 0)

    def test_the_wait_is_of_the_machines_time(self):
        answers = [self.sandbox.send("x") for _ in range(4)]
        self.assertEqual(answers[3].status, 429)
        self.assertLessEqual(int(answers[3].headers["retry-after-ms"]), 100)

    def test_a_token_dies_sooner(self):
        lifetime_ms = 20000
        made = self.sandbox.ask("POST", "/sandbox/tokens",
                                {"identity": BOB, "for_ms": lifetime_ms}).json()
        self.assertEqual(self.sandbox.list(token=made["token"]).status, 200)
        self.eventually(lambda: self.sandbox.list(token=made["token"]).status == 401)


class Forms(SandboxTest):
    def test_no_retry_after(self):
        sandbox = self.start("--limits", "1/10s", "--retry-after", "none")
        sandbox.send("x")
        answer = sandbox.send("x")
        self.assertEqual(answer.status, 429)
        self.assertNotIn("retry-after", answer.headers)

    def test_fixed_windows(self):
        sandbox = self.start("--limits", "2/1h", "--windows", "fixed")
        statuses = [sandbox.send("x").status for _ in range(4)]
        self.assertEqual(statuses, [201, 201, 429, 429])

    def test_documented_errors(self):
        sandbox = self.start("--errors", "documented")
        answer = sandbox.send("x", token="none")
        self.assertEqual(answer.json()["error"]["code"], "Unauthorized")

    def test_an_empty_401(self):
        answer = self.start("--empty-401").send("x", token="none")
        self.assertEqual((answer.status, answer.body), (401, b""))

    def test_the_clock_can_be_wrong(self):
        sandbox = self.start("--clock-offset", "-10m")
        answer = sandbox.send("x")
        wrong_by = time.time() - parsedate_to_datetime(answer.headers["date"]).timestamp()
        self.assertAlmostEqual(wrong_by, 600, delta=5)
        self.assertAlmostEqual(time.time() - int(answer.json()["id"]) / 1000, 600, delta=5)

    def test_answers_take_their_time_side_by_side(self):
        sandbox = self.start("--limits", "off", "--latency", "5000-6000", "--scale", "10")
        connections = [sandbox.connect() for _ in range(20)]
        began = time.monotonic()
        for connection in connections:
            sandbox.start_send(connection, "x")
        for connection in connections:
            took = connection.answer().headers["x-processing-time"]
            self.assertIn(int(took.removesuffix("ms")), range(5000, 6001))
            connection.close()
        self.assertGreaterEqual(time.monotonic() - began, 0.5)
        self.assertLess(time.monotonic() - began, 5)

    def test_chunked_answers(self):
        sandbox = self.start("--chunked")
        answer = sandbox.send("x")
        self.assertEqual(answer.headers["transfer-encoding"], "chunked")
        self.assertEqual(answer.json()["id"], sandbox.ledger()[0]["id"])


if __name__ == "__main__":
    unittest.main()
