"""The disk fails: nothing acknowledged is lost, nothing refused is sent, the relay recovers."""

import contextlib
import os
import shutil
import sqlite3
import stat
import tempfile
import time
import unittest

from gate import GateTest
from harness import RelayTest, until


class Failure(GateTest):
    def fail_the_sync_of(self, client, request, mark=True):
        """The commit of the request fails, and its mark too unless told otherwise."""
        self.gate.hold()
        client.say(request)
        self.gate.fail()
        if mark:
            self.gate.let_through()
        else:
            self.gate.fail()
        self.gate.close()

    def recovers(self):
        client = self.connect()
        until(lambda: client.ask({"content": "after"})["ok"])
        self.relay.logged("the outbox is open again")

    def test_a_failed_commit_is_refused_and_never_sent(self):
        client = self.connect()
        client.send("before")
        client.wait()
        self.fail_the_sync_of(client, {"content": "lost", "ref": "r7"})
        answer = client.answer()
        self.refused(answer, "storage")
        self.assertEqual(answer["ref"], "r7")
        self.recovers()
        self.assertEqual(self.all_sent(2), ["before", "after"])
        self.relay.stop()
        self.assertEqual(self.relay.rows("SELECT count(*) FROM message"), [(2,)])
        self.assertIn("opening the outbox anew", self.relay.log())

    def test_every_answer_of_the_turn_is_refused(self):
        client = self.connect()
        client.ask({"op": "hello"})
        self.fail_the_sync_of(client, b'{"content":"a","ref":"1"}\n{"op":"hello","ref":"2"}\n'
                                      b'{"content":"","ref":"3"}\n{"content":"b"}\n')
        answers = client.answers(4)
        self.assertEqual([a.get("ref") for a in answers], ["1", "2", "3", None])
        self.assertEqual({a["error"] for a in answers}, {"storage"})
        self.recovers()
        self.assertEqual(self.all_sent(1), ["after"])

    def test_what_was_refused_is_not_remembered(self):
        client = self.connect()
        client.ask({"op": "hello"})
        self.fail_the_sync_of(client, b'{"content":"lost"}\n{"op":"log","follow":true}\n')
        for answer in client.answers(2):
            self.refused(answer, "storage")
        self.recovers()
        self.refused(client.ask({"op": "wait"}), "invalid", "id", "which message")
        self.assertTrue(client.ask({"op": "log", "follow": True})["follow"])
        told = self.connect().send("told")
        until(lambda: client.answer()["id"] == told)

    def test_who_follows_is_not_told_what_did_not_happen_but_that_something_is_missing(self):
        follower, client = self.connect(), self.connect()
        self.assertTrue(follower.ask({"op": "log", "follow": True, "ref": "f"})["follow"])
        client.ask({"op": "hello"})
        self.fail_the_sync_of(client, b'{"content":"a"}\n{"content":"b"}\n')
        for answer in client.answers(2):
            self.refused(answer, "storage")
        self.recovers()
        missed, accepted = follower.answers(2)
        self.assertEqual((missed["missed"], missed["ref"]), (2, "f"))
        self.assertEqual((accepted["status"], accepted["ref"]), ("accepted", "f"))

    def test_a_loss_is_counted_once_though_it_is_written_down_at_the_second_try(self):
        client = self.connect()
        self.assertTrue(client.ask({"op": "pause", "thread": "ops"})["ok"])
        self.gate.hold()
        client.say({"content": "late", "ttl": "200ms"})
        self.gate.let_through()
        self.assertTrue(client.answer()["ok"])
        self.gate.fail()
        self.gate.let_through()
        self.gate.close()
        self.relay.logged("the outbox is open again")
        until(lambda: self.connect().ask({"op": "show", "id": 1}).get("state") == "expired")
        self.assertEqual(self.connect().ask({"op": "status"})["lost"]["count"], 1)

    def test_when_even_the_mark_fails_clients_are_left_unanswered(self):
        client, idle = self.connect(), self.connect()
        idle.ask({"op": "hello"})
        self.fail_the_sync_of(client, {"content": "unknown", "once": "k"}, mark=False)
        self.assertEqual(client.rest(), [])
        self.assertTrue(idle.ask({"op": "hello"})["ok"])
        client = self.connect()
        until(lambda: client.ask({"content": "unknown", "once": "k"})["ok"])
        client.wait()
        self.assertEqual(self.sandbox.contents(), ["unknown"])

    def test_the_end_of_an_attempt_cannot_be_written(self):
        client = self.connect()
        self.gate.hold()
        client.say({"content": "one"}, {"op": "wait", "timeout": "30s"})
        self.gate.let_through()
        self.assertTrue(client.answer()["ok"])
        self.gate.fail()
        self.gate.let_through()
        self.gate.close()
        self.refused(client.answer(), "storage")
        until(lambda: client.wait(id=1).get("state") == "sent")
        self.assertEqual(self.sandbox.contents(), ["one"])
        self.relay.logged("id=1 thread=ops look status=sent")

    def test_it_keeps_trying_as_long_as_the_disk_is_full(self):
        client = self.connect()
        open(self.full_disk, "w", encoding="ascii").close()
        for number in range(3):
            try:
                self.refused(client.ask({"content": f"refused {number}"}), "storage")
            except (EOFError, BrokenPipeError, ConnectionResetError):
                client = self.connect()
        self.assertTrue(client.ask({"op": "hello"})["ok"])
        os.unlink(self.full_disk)
        self.recovers()
        self.assertEqual(self.all_sent(1), ["after"])

    def test_what_fails_while_nobody_asks_is_mended_before_somebody_does(self):
        client = self.connect()
        self.assertTrue(client.ask({"op": "pause", "thread": "ops"})["ok"])
        for _ in range(200):
            client.send("x" * 28000)
        self.gate.hold()
        self.gate.fail()  # the log is long, and there is nothing better to do than fold it in
        self.gate.close()
        self.relay.logged("the outbox is open again")
        self.assertTrue(client.ask({"content": "after"})["ok"])

    def test_a_backup_is_whole_though_little_of_it_is_read_at_a_time(self):
        client = self.connect()
        self.assertTrue(client.ask({"op": "pause", "thread": "ops"})["ok"])
        for _ in range(100):
            client.send("x" * 28000)
        copy = os.path.join(self.folder, "copy.db")
        self.assertEqual(self.relay.command("backup", copy).returncode, 0)
        database = sqlite3.connect(copy)
        self.addCleanup(database.close)
        self.assertEqual(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)])

    def test_opened_anew_it_is_the_same_outbox_whatever_was_reloaded(self):
        client = self.connect()
        client.send("before")
        client.wait()
        elsewhere = os.path.join(self.folder, "elsewhere.db")
        self.relay.sections["relay"]["outbox"] = elsewhere
        self.assertIn("takes effect with a restart", self.relay.adopt())
        self.fail_the_sync_of(client, {"content": "lost"})
        self.refused(client.answer(), "storage")
        self.recovers()
        self.assertFalse(os.path.exists(elsewhere))
        self.assertEqual(self.connect().ask({"op": "show", "id": 1})["content"], "before")

    def test_settings_that_were_read_meanwhile_know_their_threads(self):
        client = self.connect()
        open(self.full_disk, "w", encoding="ascii").close()
        try:
            self.refused(client.ask({"content": "refused"}), "storage")
        except (EOFError, ConnectionResetError):
            pass
        self.relay.adopt()
        os.unlink(self.full_disk)
        self.recovers()
        answer = self.connect().ask({"op": "check"})
        self.assertEqual([(one["thread"], one["level"]) for one in answer["threads"]],
                         [("ops", "well")])

    def spent_until_tried(self, times):
        """Processor's time, and time, when the outbox could not be opened so many times."""
        until(lambda: self.relay.log().count("still trying") >= times)
        return self.relay.busy_ms(), time.monotonic() * 1000

    def test_without_an_outbox_the_end_of_a_wait_is_slept_through(self):
        client, waiting = self.connect(), self.connect()
        later = client.send("later", at="+1h")
        aside = self.relay.outbox_path + ".aside"
        waiting.say({"op": "wait", "id": later, "timeout": "100ms"})
        client.ask({"op": "hello"})
        self.gate.hold()
        client.say({"content": "lost"})
        with self.gate.arrival() as relay:
            os.rename(self.relay.outbox_path, aside)
            os.mkdir(self.relay.outbox_path)
            relay.sendall(b"e")
        self.gate.let_through()
        self.gate.close()
        self.refused(client.answer(), "storage")
        busy_ms, passed_ms = self.spent_until_tried(3)  # the time of the wait is over then
        busy_later_ms, passed_later_ms = self.spent_until_tried(4)
        self.assertLess(busy_later_ms - busy_ms, (passed_later_ms - passed_ms) / 3)
        os.rmdir(self.relay.outbox_path)
        os.rename(aside, self.relay.outbox_path)
        self.assertTrue(waiting.answer()["timeout"])

    def test_who_wants_a_thread_checked_waits_until_that_is_possible_again(self):
        stall = self.sandbox.fault(op="properties", what="stall", count=1)
        curious, client = self.connect(), self.connect()
        curious.say({"op": "check", "thread": "ops"})
        until(lambda: self.sandbox.hits(stall) > 0)
        self.fail_the_sync_of(client, {"content": "lost"})
        self.refused(client.answer(), "storage")
        answer = curious.answer()
        self.assertEqual([one["level"] for one in answer["threads"]], ["well"], answer)
        self.assertNotIn("[thread ops] the", self.relay.log())

    def test_an_end_is_no_news_of_a_thread(self):
        stall = self.sandbox.fault(op="properties", what="stall", count=1)
        self.connect().say({"op": "check", "thread": "ops"})
        until(lambda: self.sandbox.hits(stall) > 0)
        self.relay.stop()
        self.assertNotIn("[thread ops]", self.relay.log())

    def send_at_last(self, content):
        """As `chatrelay send` does: again with the same `once`, until it is accepted."""
        client = self.connect()
        while True:
            try:
                answer = client.ask({"content": content, "once": content})
            except (EOFError, BrokenPipeError, ConnectionResetError):
                client = self.connect()
                continue
            if answer["ok"]:
                return
            self.refused(answer, "storage")

    def test_syncs_that_fail_now_and_then(self):
        contents = [f"m{number}" for number in range(40)]
        self.gate.hold()
        with self.gate.failing(lambda number: number % 7 == 3):
            for content in contents:
                self.send_at_last(content)
        self.assertEqual(self.all_sent(40), contents)
        self.relay.stop()
        self.assertEqual(self.relay.rows("SELECT count(*), max(state), min(state) FROM message"),
                         [(40, 3, 3)])


class FullDisk(GateTest):
    """Opened anew it can be read; that it can be written shows when something was."""

    def configure(self, sections):
        self.call = os.path.join(self.folder, "call")
        program = os.path.join(self.folder, "call-somebody")
        with open(program, "w", encoding="utf-8") as file:
            file.write('#!/bin/sh\ncat >"$1.part"; mv "$1.part" "$1"\n')
        os.chmod(program, stat.S_IRWXU)
        sections["relay"]["alarm_command"] = f"{program} {self.call}"

    def begin(self):
        super().begin()
        open(self.full_disk, "w", encoding="ascii").close()

    def refuse_one(self):
        with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
            self.refused(self.connect().ask({"content": "refused"}), "storage")

    def status(self):
        """As the command tells it, once the outbox can be read."""
        return until(lambda: (done := self.relay.command("status")).stdout and done)

    def test_status_says_so_until_something_is_written(self):
        self.refuse_one()
        self.relay.logged("the outbox is open again")
        for _ in range(5):
            done = self.status()
            self.assertEqual(done.returncode, 2, done.stdout)
            self.assertIn("the outbox cannot be written: nothing is taken in or sent", done.stdout)
        os.unlink(self.full_disk)
        until(lambda: self.connect().ask({"content": "after"})["ok"])
        self.assertEqual(self.status().returncode, 0)

    def test_nobody_has_to_be_refused_for_it_to_be_found_out(self):
        self.refuse_one()
        self.assertEqual(self.status().returncode, 2)
        os.unlink(self.full_disk)
        until(lambda: self.status().returncode == 0)

    def test_a_person_is_called(self):
        def called():
            self.refuse_one()
            return os.path.exists(self.call)
        until(called)
        with open(self.call, encoding="utf-8") as file:
            self.assertRegex(file.read(), "the outbox cannot be (written|opened): nothing is taken "
                                          "in or sent\n")


@unittest.skipIf(shutil.disk_usage(tempfile.gettempdir()).free > 1 << 40, "more than 1 TiB is free")
class FreeSpace(RelayTest):
    def test_below_min_free_nothing_is_taken_but_delivery_goes_on(self):
        client = self.connect()
        self.sandbox.fault(op="send", status=503, count=0)
        client.send("waits")
        self.relay.sections["relay"]["min_free"] = "1024 GiB"
        self.relay.adopt()
        self.refused(client.ask({"content": "more"}), "full",
                     message="less than 1099511627776 bytes are free (setting min_free)")
        self.sandbox.mend()
        self.assertEqual(client.wait(id=1)["state"], "sent")
        self.assertEqual(self.sandbox.contents(), ["waits"])


if __name__ == "__main__":
    unittest.main()
