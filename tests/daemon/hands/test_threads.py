"""pause, resume, flush; threads and status; what is left of threads that are gone; the audit."""

import json
import re
import time
import unittest

from hands import HandsTest, thread_id, until


class Pause(HandsTest):
    THREADS = ("ops", "db")

    def test_a_pause_holds_one_thread_and_ends_by_itself(self):
        answer = self.done("pause", thread="ops", duration="700ms")
        begun = answer["paused_until_at"] - 700
        message = self.client.send("later", to="ops")
        self.client.send("now", to="db")
        self.assertEqual(self.all_sent(1), ["now"])
        self.all_sent(2)
        self.reaches(message, "sent")
        self.assertGreaterEqual(self.done("show", id=message)["ended_at"], begun + 700)

    def test_a_pause_is_an_hour_unless_said_and_outlives_a_restart(self):
        until_at = self.done("pause", thread="ops")["paused_until_at"]
        message = self.client.send("x", to="ops")
        accepted_at = self.done("show", id=message)["accepted_at"]
        self.assertAlmostEqual(until_at - accepted_at, 3_600_000, delta=60_000)
        self.relay.restart()
        self.client = self.connect()
        self.assertEqual(self.done("why", id=message)["cause"], "paused")
        self.assertEqual(self.done("why", thread="ops")["paused_until_at"], until_at)
        self.done("resume", thread="ops")
        self.all_sent(1)

    def test_a_pause_is_of_the_remote_thread(self):
        self.relay.sections["thread db"]["id"] = thread_id("ops")
        self.relay.write_config()
        self.relay.reload()
        self.done("pause", thread="db")
        self.assertEqual(self.done("why", thread="ops")["cause"], "paused")

    def test_what_is_not_paused_cannot_go_on(self):
        self.assertIs(self.done("resume", thread="ops")["was_paused"], False)
        ended_at = self.done("pause", thread="ops", duration="1ms")["paused_until_at"]
        until(lambda: time.time() * 1000 > ended_at)
        self.assertIs(self.done("resume", thread="ops")["was_paused"], False)
        self.assertNotIn("resumed", self.relay.log())
        self.done("pause", thread="ops")
        self.assertIs(self.done("resume", thread="ops")["was_paused"], True)
        self.relay.logged("thread=ops resumed")

    def test_a_thread_that_is_not_there_cannot_be_paused(self):
        self.refused(self.ask("pause", thread="osp"), "unknown-thread", "thread",
                     'did you mean "ops"?')
        self.assertEqual(self.relay.command("pause", "osp").returncode, 67)

    def test_the_command(self):
        done = self.relay.command("pause", "ops", "30m")
        self.assertEqual(done.returncode, 0, done)
        self.assertRegex(done.stdout, r"^ops is paused until .* UTC\n$")
        self.assertEqual(self.relay.command("resume", "ops").stdout, "ops goes on\n")
        self.assertEqual(self.relay.command("resume", "ops").stdout, "ops was not paused\n")
        self.assertEqual(self.relay.command("pause", "ops", "soon").returncode, 64 + 1)


class Flush(HandsTest):
    def configure(self, sections):
        sections["thread ops"]["backoff"] = "10min..1h"

    def test_a_wait_of_ours_is_over_at_once(self):
        fault = self.sandbox.fault(op="send", status=403, count=0)
        self.client.send("x")
        self.relay.logged("status=deferred http=403")
        self.sandbox.mend()
        self.assertEqual((self.done("flush", thread="ops")["forgotten"], fault), (1, fault))
        self.assertEqual(self.all_sent(1), ["x"])
        self.assertEqual(self.done("flush")["forgotten"], 0)

    def test_what_the_chat_asked_for_stays(self):
        self.sandbox.fault(op="send", status=429, retry_after_ms=100_000_000,
                           retry_after_form="retry-after-ms", count=1)
        message = self.client.send("x")
        self.relay.logged("status=deferred http=429")
        answer = self.done("flush")
        self.assertEqual((answer["forgotten"], answer["kept"]), (0, 1))
        why = self.done("why", id=message)
        self.assertEqual((why["cause"], why["trouble"]["told"]), ("thread", True))
        self.assertEqual(self.sandbox.contents(), [])


class Token(HandsTest):
    SANDBOX_OPTIONS = ("--token-lifetime", "200h")  # two of ours

    def test_a_token_that_nobody_renews_is_told_of(self):
        self.assertEqual(self.done("status")["tokens"], [], "nobody has needed one")
        self.client.send("x")
        self.client.wait()
        done = self.relay.command("status")
        self.assertEqual(done.returncode, 1, done)
        self.assertRegex(done.stdout.splitlines()[1],
                         r"^look  sender main: token expires in 1 h 59 min .*and nobody renews it$")
        thread, = self.done("threads")["threads"]
        self.assertEqual(set(thread["token"]), {"expires_at"})

    def test_the_log_tells_of_it_once(self):
        line = r"\[sender main\] its access token expires in 1 h 5\d min, and nobody renews it: put "
        self.client.send("x")
        self.relay.logged(line + r"another into /\S+/token")
        looks = time.monotonic() + 2.5
        while time.monotonic() < looks:
            self.client.send("y")
            self.client.wait()
        self.assertEqual(len(re.findall(line, self.relay.log())), 1)


class Overview(HandsTest):
    THREADS = ("ops", "db", "web")

    def configure(self, sections):
        for name in self.THREADS:
            sections["thread " + name]["backoff"] = "10min..1h"

    def level(self, code, *words):
        done = self.relay.command(*words)
        self.assertEqual(done.returncode, code, done)
        return done.stdout.splitlines()

    def refuse_db(self):
        self.sandbox.fault(op="send", thread=thread_id("db"), status=403, count=0)
        for i in range(3):
            self.client.send(f"d{i}", to="db")
        self.relay.logged("status=deferred http=403")

    def test_well_look_and_act(self):
        self.assertEqual(self.level(0), ["well  3 of 3 threads well, nothing waiting"])
        self.done("pause", thread="ops")
        lines = self.level(1, "status")
        self.assertTrue(lines[0].startswith("look  2 of 3 threads well"), lines)
        self.refuse_db()
        lines = self.level(2, "status")
        self.assertTrue(lines[0].startswith("act   1 of 3 threads well, 3 waiting"), lines)
        self.assertRegex(lines[1], r"^act   db: 3 wait, .*; db refuses us since .*\(403, once\): "
                                   r"sender main \(8:acs:sandbox_relay\) is not a participant")
        self.assertRegex(lines[2], r"^look  ops: nothing waits; ops is paused until ")

    def test_a_relay_that_is_not_there_needs_somebody(self):
        self.relay.stop()
        done = self.relay.command("status", "--timeout", "50ms")
        self.assertEqual((done.returncode, done.stdout), (2, ""), done)

    def test_losses_are_worth_a_look(self):
        self.sandbox.fault(op="send", status=413)
        lost = self.client.send("x", to="web")
        self.reaches(lost, "dead")
        lines = self.level(1, "status")
        self.assertIn(f"1 lost since the start, the latest {lost} ", lines[-1])

    def test_what_was_brought_back_is_lost_no_more(self):
        self.sandbox.fault(op="send", status=413, count=2)
        first, second = (self.client.send("x", to="web") for _ in range(2))
        for message in first, second:
            self.reaches(message, "dead")
        self.done("retry", id=second)
        lines = self.level(1, "status")
        self.assertIn("1 lost since the start: chatrelay list --state dead", lines[-1])
        self.done("retry", ids=[first])
        for message in first, second:
            self.reaches(message, "sent")
        self.assertEqual(self.level(0), ["well  3 of 3 threads well, nothing waiting"])

    def test_threads_as_data(self):
        self.refuse_db()
        self.client.send("later", to="web", at="+1h")
        held = self.client.send("held", to="db")
        self.done("hold", id=held)
        threads = {thread["thread"]: thread for thread in self.done("threads")["threads"]}
        self.assertEqual(set(threads), set(self.THREADS))
        database, web = threads["db"], threads["web"]
        self.assertEqual((database["level"], database["cause"]), ("act", "thread"))
        self.assertEqual((database["pending"], database["held"]), (3, 1))
        self.assertEqual(database["oldest_at"], self.done("show", id=1)["accepted_at"])
        trouble = database["trouble"]
        self.assertEqual((trouble["scope"], trouble["failures"], trouble["http"]),
                         ("thread", 1, 403))
        # One is stored, the other counted on the steady clock: they round differently.
        self.assertAlmostEqual(database["next_at"], trouble["until_at"], delta=20)
        self.assertLessEqual(trouble["since_at"] + 300_000, trouble["until_at"])
        self.assertEqual((web["level"], web["scheduled"], web["pending"]), ("well", 1, 0))
        self.assertEqual(web["pace"], "off")

    def test_threads_in_pages(self):
        first = self.done("threads", limit=2)
        rest = self.done("threads", limit=2, after=first["next"])
        self.assertNotIn("next", rest)
        names = [thread["thread"] for thread in first["threads"] + rest["threads"]]
        self.assertEqual(sorted(names), sorted(self.THREADS))
        lines = self.relay.command("threads", "--json").stdout.splitlines()
        self.assertEqual(len([json.loads(line) for line in lines]), 3)

    def test_a_thread_that_is_gone_is_still_accounted_for(self):
        self.refuse_db()
        del self.relay.sections["thread db"]
        self.relay.write_config()
        self.relay.reload()
        self.assertEqual(len(self.done("list", thread="db")["messages"]), 3)
        self.assertEqual(self.done("why", id=2)["cause"], "no-such-thread")
        self.assertEqual(self.done("why", thread="db")["level"], "act")
        self.level(2, "status")
        self.refused(self.ask("list", thread="never"), "unknown-thread", "thread")
        done = self.relay.command("cancel", "--thread", "db")
        self.assertEqual(done.stdout, "3 cancelled\n", done)
        self.level(0, "status")

    def test_the_audit_balances_while_everything_moves(self):
        self.done("pause", thread="web")
        self.client.say(*({"content": "x", "to": "web"} for _ in range(2500)))
        ids = [answer["id"] for answer in self.client.answers(2500)]
        busy = self.connect()
        busy.say({"op": "resume", "thread": "web"})
        answer, slices = self.done("audit"), 1
        while "next" in answer:
            busy.say({"op": "cancel", "ids": ids[-100 * slices:][:100]},
                     {"op": "hold", "ids": ids[100 * slices:][:50]}, {"content": "y", "to": "ops"})
            answer, slices = self.done("audit", after=answer["next"]), slices + 1
        self.assertEqual((answer["balanced"], answer["differences"]), (True, []), answer)
        self.assertGreater(slices, 2)
        self.assertEqual(answer["booked"], answer["counted"])
        done = self.relay.command("audit")
        self.assertEqual(done.returncode, 0, done)
        self.assertRegex(done.stdout, r"^\d+ messages counted: the books balance\n$")

    def test_another_audit_ends_the_first(self):
        self.done("pause", thread="web")
        self.client.say(*({"content": "x", "to": "web"} for _ in range(1200)))
        self.client.answers(1200)
        first = self.done("audit")
        self.done("audit", after=self.done("audit")["next"])
        self.refused(self.ask("audit", after=first["next"]), "busy", "after", "is over")


class Cooked(HandsTest):
    """Somebody has changed the books on disk."""

    def test_the_audit_finds_it(self):
        self.client.send("x")
        self.all_sent(1)
        until(lambda: self.done("stats")["totals"].get("sent") == 1)
        self.relay.stop()
        self.relay.rows("UPDATE tally SET messages = 7 WHERE state IN (3, 8)")
        self.relay.start()
        self.client = self.connect()
        answer = self.done("audit")
        self.assertFalse(answer["balanced"])
        self.assertEqual(answer["differences"],
                         [{"thread": "ops", "priority": "normal", "uid": 0, "state": "sent",
                           "booked": 7, "counted": 1}])
        done = self.relay.command("audit")
        self.assertEqual(done.returncode, 2, done)
        self.assertIn("the books do not balance\nops normal sent of uid 0: 7 in the books, "
                      "1 counted\n", done.stdout)


if __name__ == "__main__":
    unittest.main()
