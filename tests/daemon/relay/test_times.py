"""When messages go: `at`, `ttl`, and what becomes of those that nobody wants any more."""

import time
import unittest

from harness import RelayTest, until


class Times(RelayTest):
    def hold_up(self):
        self.sandbox.fault(op="send", status=403, count=0)

    def test_a_scheduled_message_waits_for_its_time(self):
        client = self.connect()
        began = time.monotonic()
        answer = client.ask({"content": "later", "at": "+300ms"})
        self.assertEqual((answer["state"], "position" in answer), ("scheduled", False))
        client.send("now")
        self.assertEqual(client.wait(id=1)["state"], "sent")
        self.assertGreaterEqual(time.monotonic() - began, 0.29)
        self.assertEqual(self.sandbox.contents(), ["now", "later"])
        self.assertIn("id=1 accepted", self.relay.log())

    def test_due_messages_go_in_the_order_they_fall_due(self):
        client = self.connect()
        client.say(*[{"content": name, "at": f"+{ms}ms"}
                     for name, ms in (("c", 450), ("a", 150), ("b", 300))])
        client.answers(3)
        client.wait(id=1)
        self.assertEqual(self.sandbox.contents(), ["a", "b", "c"])

    def test_a_time_that_has_passed_is_now(self):
        client = self.connect()
        answer = client.ask({"content": "x", "at": "2001-01-01T00:00:00+02:00"})
        self.assertEqual(answer["state"], "pending")
        self.assertEqual(client.wait()["state"], "sent")

    def test_a_scheduled_message_survives_kill_and_goes_late_rather_than_never(self):
        client = self.connect()
        client.send("x", at="+200ms")
        due_at = client.ask({"op": "show", "id": 1})["due_at"]
        self.relay.kill()
        until(lambda: time.time() * 1000 > due_at)
        self.relay.start()
        self.assertEqual(self.connect().wait(id=1)["state"], "sent")
        self.assertEqual(self.sandbox.contents(), ["x"])

    def test_what_is_not_sent_in_time_expires(self):
        self.hold_up()
        client = self.connect()
        client.send("stale", ttl="100ms")
        client.send("fresh")
        end = client.wait(id=1)
        self.assertEqual(end["state"], "expired")
        self.sandbox.mend()
        self.assertEqual(client.wait(id=2)["state"], "sent")
        self.assertEqual(self.sandbox.contents(), ["fresh"])
        self.relay.logged(r"(?m)^id=1 thread=ops status=expired attempts=\d+$")

    def test_ttl_runs_from_the_scheduled_time(self):
        client = self.connect()
        client.send("x", at="+150ms", ttl="10s")
        message = client.ask({"op": "show", "id": 1})
        self.assertEqual(message["expires_at"], message["due_at"] + 10_000)
        self.assertEqual(client.wait()["state"], "sent")

    def test_what_expired_while_nobody_was_there_is_not_sent(self):
        self.hold_up()
        client = self.connect()
        client.say(*[{"content": "stale", "ttl": "100ms"}] * 1000, {"content": "fresh"})
        client.answers(1001)
        expires_at = client.ask({"op": "show", "id": 1000})["expires_at"]
        self.relay.kill()
        self.sandbox.mend()
        until(lambda: time.time() * 1000 > expires_at)
        self.relay.start()
        self.assertEqual(self.connect().wait(id=1001)["state"], "sent")
        self.assertEqual(self.connect().wait(id=1000)["state"], "expired")
        self.assertEqual(self.sandbox.contents(), ["fresh"])

    def test_a_thousand_expire_at_once(self):
        self.hold_up()
        client = self.connect()
        client.say(*[{"content": f"m{i}", "ttl": "200ms"} for i in range(1200)])
        client.answers(1200)
        until(lambda: client.ask({"op": "stats"})["totals"].get("expired") == 1200)
        self.sandbox.mend()
        client.send("fresh")
        self.assertEqual(client.wait()["state"], "sent")
        self.assertEqual(self.sandbox.contents(), ["fresh"])

    def test_a_window_stays_spent_though_the_clock_was_set_ahead(self):
        self.relay.sections["thread ops"]["pace"] = "1/1h"
        self.relay.adopt()
        client = self.connect()
        client.send("one")
        client.wait()
        self.relay.stop()
        self.set_back_what_is_stored(hours_ms=7_200_000)
        self.relay.start()
        client = self.connect()
        client.send("two")
        self.assertFalse(client.ask({"op": "show", "id": 2}).get("attempts"))

    def set_back_what_is_stored(self, hours_ms):
        """As if the wall clock had been set ahead since."""
        boot_id, *numbers = self.relay.rows("SELECT text FROM note WHERE name = 'timeline'")[0][0].split()
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            self.assertEqual(boot_id, file.read().strip().replace("-", ""))
        since, ahead = map(int, numbers)
        self.relay.rows("UPDATE note SET text = ? WHERE name = 'timeline'",
                        f"{boot_id} {since} {ahead - hours_ms}")
        self.relay.rows("UPDATE attempt SET began_at = began_at - ?1, ended_at = ended_at - ?1",
                        hours_ms)


if __name__ == "__main__":
    unittest.main()
