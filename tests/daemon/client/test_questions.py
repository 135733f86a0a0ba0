"""chatrelay wait, show, list and stats: what they ask and what they print."""

import json
import os
import signal
import subprocess
import threading
import time
import unittest

from fake_relay import COMMAND, PATIENCE, ClientTest

MESSAGE = {
    "id": 42, "state": "dead", "thread": "ops", "priority": "urgent", "type": "text",
    "time_zone": "UTC",
    "user": "root", "uid": 0, "pid": 811, "content": "disk full\nsecond \x1b[31mline",
    "senderDisplayName": "db01", "metadata": {"a": "1"}, "accepted_at": 1795300200000,
    "expires_at": 1795303800000, "ended_at": 1795300201500, "attempts": 1,
    "reason": "the chat refused it", "doubted_at": 1795300200500,
    "log": [{"number": 1, "began_at": 1795300200500, "ended_at": 1795300201500,
             "outcome": "refused", "http": 400, "code": "BadRequest", "cv": "abc.1",
             "reason": "Message size exceeded."}],
}


class Question(ClientTest):
    def ask(self, code, *arguments, stderr=None, **answer):
        """Run against a relay that answers so; the request and standard output."""
        requests = []

        def play(peer):
            requests.append(peer.request())
            peer.answer(**answer)

        self.play(play)
        done = self.expect(code, *arguments, stderr=stderr)
        os.unlink(self.socket)
        return requests[0], done.stdout


class Wait(Question):
    def test_prints_the_state(self):
        for state, code in [("sent", 0), ("folded", 0), ("dead", 11), ("expired", 11),
                            ("cancelled", 11), ("pending", 10)]:
            with self.subTest(state):
                request, out = self.ask(code, "wait", "42", ok=True, id=42, state=state)
                self.assertEqual(request, {"op": "wait", "id": 42})
                self.assertEqual(out, state + "\n")

    def test_goal_and_time(self):
        request, _ = self.ask(10, "wait", "--within", "90s", "--for=sent", "42", ok=True, id=42,
                              state="held", timeout=True, stderr="still held")
        self.assertEqual(request, {"op": "wait", "id": 42, "for": "sent", "timeout": "1m30s"})

    def test_what_was_seen_in_the_chat(self):
        for verified, said in [("as-sent", ""), ("changed", "42 is in the chat, and not as it was sent"),
                               ("taken-back", "42 was sent, and is not in the chat any more: it was "
                                              "taken back"),
                               ("unknown", "42 is sent, and was not read back")]:
            with self.subTest(verified):
                self.ask(0, "wait", "--for", "visible", "42", ok=True, id=42, state="sent",
                         verified=verified, stderr=said)

    def test_refusals(self):
        for word, code in [("not-found", 66), ("denied", 77), ("unknown-op", 76), ("busy", 75)]:
            with self.subTest(word):
                self.ask(code, "wait", "42", ok=False, error=word, message="m", retry=False)

    def test_an_answer_without_a_state(self):
        self.ask(76, "wait", "42", ok=True, id=42, stderr="the relay's answer has no state\n")

    def test_a_relay_that_hangs(self):
        self.play(lambda peer: peer.until_closed())
        self.expect(69, "wait", "--within", "100ms", "--timeout", "100ms", "42",
                    stderr="did not answer in time")

    def test_garbage(self):
        self.play(lambda peer: (peer.request(), peer.write("what?\n")))
        self.expect(76, "wait", "42", stdout="")


class Show(Question):
    def test_for_people(self):
        request, out = self.ask(0, "show", "42", ok=True, **MESSAGE)
        self.assertEqual(request, {"op": "show", "id": 42})
        self.assertTrue(out.startswith("42 is dead\n"))
        for phrase in ("ops, urgent", "root (uid 0, pid 811)", "2026-11-21 22:30:00 UTC",
                       "the chat refused it", "a=1", "db01",
                       "2026-11-21 22:30:00 UTC: refused, http 400, BadRequest, "
                       "Message size exceeded., abc.1"):
            self.assertIn(phrase, out)
        self.assertTrue(out.endswith("\n\ndisk full\nsecond \ufffd[31mline\n"), out)

    def test_times_are_in_the_zone_that_the_relay_names(self):
        _, out = self.ask(0, "show", "42", ok=True, **dict(MESSAGE, time_zone="Asia/Tokyo"))
        self.assertIn("2026-11-22 07:30:00 JST: refused", out)
        self.assertNotIn("UTC", out)

    def test_json_is_the_answer(self):
        _, out = self.ask(0, "show", "--json", "42", ok=True, **MESSAGE)
        self.assertEqual(json.loads(out), dict(MESSAGE, ok=True))

    def test_not_found(self):
        _, out = self.ask(66, "show", "42", ok=False, error="not-found", message="no message 42",
                          retry=False, stderr="no message 42")
        self.assertEqual(out, "")

    def test_a_lost_answer_is_asked_for_again(self):
        self.play(lambda peer: peer.request(),
                  lambda peer: (peer.request(), peer.answer(ok=True, **MESSAGE)))
        self.expect(0, "show", "42")

    def test_wants_an_id(self):
        for arguments in ([], ["x"], ["0"], ["1", "2"], ["-1"], [""]):
            with self.subTest(arguments):
                self.expect(64, "show", *arguments)


class List(Question):
    ROW = {"id": 7, "state": "pending", "thread": "ops", "priority": "normal", "user": "root",
           "accepted_at": 1795300200000, "size": 9}

    def test_one_line_each(self):
        rows = [dict(self.ROW, content="disk full\nmore"), dict(self.ROW, id=8)]
        request, out = self.ask(0, "list", ok=True, messages=rows)
        self.assertEqual(request, {"op": "list", "limit": 100})
        first, second = out.splitlines()
        self.assertRegex(first, r"^ +7 +pending +ops +normal +root +.* disk full…$")
        self.assertIn("(9 bytes)", second)

    def test_a_long_line_is_cut(self):
        _, out = self.ask(0, "list", ok=True, messages=[dict(self.ROW, content="é" * 500)])
        self.assertEqual(len(out), 121)
        self.assertTrue(out.endswith("…\n"))

    def test_filters(self):
        request, _ = self.ask(0, "list", "-t", "ops", "-s", "dead", "-u", "root", "-p", "bulk",
                              "--older-than", "1h", "-n", "5", "--after", "9", ok=True,
                              messages=[])
        self.assertEqual(request, {"op": "list", "thread": "ops", "state": "dead", "user": "0",
                                   "priority": "bulk", "older_than": "1h", "limit": 5, "after": 9})

    def test_wrong_filters(self):
        self.expect(65, "list", "--state", "gone", stderr="state must be scheduled")
        self.expect(64, "list", "--limit", "none", stderr="--limit")
        self.expect(64, "list", "ops")

    def test_who_follows_ends_with_the_relay(self):
        """With a status that says so, once: whoever wants to go on begins again."""
        for words in (("log", "-f"), ("read", "-f")):
            with self.subTest(words):
                self.play(lambda peer: (peer.request(), peer.answer(ok=True, follow=True)))
                done = self.expect(69, *words)
                self.assertEqual(done.stderr,
                                 "chatrelay: the relay went away: it closed the connection\n")
                os.unlink(self.socket)

    def test_follows_the_pages_up_to_its_limit(self):
        requests = []

        def play(peer):
            for _ in range(2):
                requests.append(peer.request())
                peer.answer(ok=True, messages=[self.ROW] * 2, next=8 + len(requests))

        self.play(play)
        done = self.expect(0, "list", "-n", "4", "--json", stderr="--after 10")
        self.assertEqual(len(done.stdout.splitlines()), 4)
        self.assertEqual([each.get("after") for each in requests], [None, 9])
        self.assertEqual([each["limit"] for each in requests], [4, 2])

    def test_json_is_a_message_a_line(self):
        _, out = self.ask(0, "list", "--json", ok=True, messages=[self.ROW, dict(self.ROW, id=8)])
        self.assertEqual([json.loads(line) for line in out.splitlines()],
                         [self.ROW, dict(self.ROW, id=8)])


class Health(Question):
    """Monitoring goes by the exit code: 0, 1 or 2 of whatever is about the relay."""

    def test_the_level(self):
        for verb in ("status", "check"):
            for level, code in (("well", 0), ("look", 1), ("act", 2), ("odd", 76)):
                with self.subTest((verb, level)):
                    self.ask(code, verb, "--json", ok=True, level=level)

    def test_a_relay_that_cannot_use_its_disk(self):
        for verb in ("status", "check"):
            with self.subTest(verb):
                self.ask(2, verb, ok=False, error="storage", message="m", retry=True)

    def test_a_relay_that_goes_away_before_its_answer(self):
        for verb in ("status", "check"):
            with self.subTest(verb):
                self.play(lambda peer: peer.request())
                self.expect(2, verb, "--timeout", "300ms")
                os.unlink(self.socket)

    def test_nobody_there(self):
        for verb in ("status", "check"):
            with self.subTest(verb):
                self.expect(2, verb, "--timeout", "50ms")

    def test_what_is_not_about_the_relay(self):
        self.ask(67, "check", "x", ok=False, error="unknown-thread", message="m", retry=False)


class Repeated(Question):
    """Asked again after a lost answer: a refusal may be due to the first try."""

    def repeat(self, code, *arguments, word, retry=False):
        self.play(lambda peer: peer.request(),
                  lambda peer: (peer.request(), peer.refuse(word, retry=retry)))
        done = self.expect(code, *arguments)
        os.unlink(self.socket)
        return done.stderr

    def test_what_was_changed_may_have_been_changed_by_us(self):
        for words in (["unsend", "42"], ["edit", "42", "x"]):
            with self.subTest(words):
                self.assertIn("an earlier try may have done it",
                              self.repeat(12, *words, word="wrong-state"))

    def test_what_was_taken_may_find_no_room_or_no_right_the_second_time(self):
        for word in ("busy", "denied"):
            with self.subTest(word):
                self.assertIn("an earlier try may have done it, as its answer was lost; see  "
                              "chatrelay why ops\n",
                              self.repeat(12, "pause", "ops", word=word, retry=word == "busy"))

    def test_other_refusals_are_what_they_are(self):
        self.repeat(66, "unsend", "42", word="not-found")
        self.repeat(77, "show", "42", word="denied")
        self.ask(65, "unsend", "42", ok=False, error="wrong-state", message="m", retry=False)


class NoAnswer(Question):
    """Handed over and never answered: what changes something may have been done."""

    CHANGES = {("edit", "42", "x"): "chatrelay show 42", ("unsend", "42"): "chatrelay show 42",
               ("cancel", "42"): "chatrelay show 42", ("hold", "42", "43"): "chatrelay list",
               ("release", "ALL"): "chatrelay list", ("retry", "-t", "ops"): "chatrelay list",
               ("pause", "ops"): "chatrelay why ops", ("resume", "ops"): "chatrelay why ops",
               ("flush",): "chatrelay threads"}

    def lose(self, play, code, *words):
        self.play(play)
        done = self.expect(code, *words, "--timeout", "100ms", stdout="")
        os.unlink(self.socket)
        return done.stderr

    def test_a_change_may_have_been_done(self):
        def hang(peer):
            peer.request()
            peer.until_closed()

        ways = {"did not answer in time": hang,
                "closed the connection": lambda peer: peer.request(),
                "is none": lambda peer: (peer.request(), peer.write("what?\n"))}
        for words, look in self.CHANGES.items():
            for why, play in ways.items():
                with self.subTest((words, why)):
                    said = self.lose(play, 12, *words)
                    self.assertIn(f"it may have been done; see  {look}\n", said)

    def test_what_only_reads_is_not_in_doubt(self):
        for words in (["show", "42"], ["list"], ["stats"], ["why", "ops"], ["threads"], ["log"]):
            with self.subTest(words):
                self.assertNotIn("may have been", self.lose(lambda peer: peer.request(), 69, *words))

    def test_a_change_that_was_not_handed_over_was_not_done(self):
        self.expect(69, "cancel", "42", "--timeout", "50ms", stderr="cannot reach the relay")

    def test_of_many_those_that_are_known_are_told(self):
        self.play(lambda peer: (peer.request(),
                                peer.answer(ok=True, changed=3, wished=0, unchanged={}, next=7),
                                peer.request()))
        self.expect(12, "cancel", "ALL", "--timeout", "100ms", stdout="3 cancelled\n",
                    stderr="it may have been done")


class Patience(Question):
    """What may take long for good reasons does not wait long for a relay that hangs."""

    def test_a_relay_that_says_nothing_is_waited_for_as_long_as_was_said(self):
        copy = os.path.join(self.folder, "copy.db")
        for code, *words in ((69, "backup", copy), (2, "check"), (69, "read", "ops"),
                             (69, "read", "-f", "ops"), (69, "show", "--remote", "42")):
            with self.subTest(words):
                self.play(lambda peer: peer.until_closed())
                self.expect(code, *words, "--timeout", "100ms", stderr="did not answer in time")
                os.unlink(self.socket)
        self.assertFalse(os.path.exists(copy))

    def test_an_answer_that_takes_longer_is_waited_for(self):
        def play(peer):
            peer.request()
            time.sleep(0.3)
            peer.answer(ok=True, level="well", messages=[], **MESSAGE)

        for words in (["check"], ["read", "ops"], ["show", "--remote", "42"]):
            with self.subTest(words):
                self.play(play)
                self.expect(0, *words, "--timeout", "100ms")
                os.unlink(self.socket)


class Backup(Question):
    def test_interrupted_it_leaves_no_file(self):
        copy = os.path.join(self.folder, "copy.db")
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL):
            asked = threading.Event()

            def play(peer, asked=asked):
                peer.request()
                asked.set()
                peer.until_closed()

            with self.subTest(number):
                self.play(play)
                with subprocess.Popen([COMMAND, "--socket", self.socket, "backup", copy]) as command:
                    self.assertTrue(asked.wait(PATIENCE))
                    command.send_signal(number)
                self.assertFalse(os.path.exists(copy))
                self.relay.finish()
                os.unlink(self.socket)

    def test_what_got_its_name_meanwhile_is_not_touched(self):
        copy = os.path.join(self.folder, "copy.db")

        def play(peer):
            peer.request()
            self.path("copy.db", b"precious")
            peer.answer(ok=True, size=0)

        self.play(play)
        self.expect(65, "backup", copy, stderr="File exists")
        with open(copy, encoding="utf-8") as file:
            self.assertEqual(file.read(), "precious")


class Stats(Question):
    ANSWER = {"totals": {"pending": 3, "sent": 1204},
              "threads": {"ops": {"pending": 1, "sent": 1204}, "dev": {"pending": 2}}}

    def test_for_people(self):
        request, out = self.ask(0, "stats", ok=True, **self.ANSWER)
        self.assertEqual(request, {"op": "stats"})
        table = [line.split() for line in out.splitlines()]
        self.assertEqual(table, [
            ["thread", "scheduled", "pending", "held", "sent", "folded", "expired", "cancelled",
             "dead"],
            ["ops", "0", "1", "0", "1204", "0", "0", "0", "0"],
            ["dev", "0", "2", "0", "0", "0", "0", "0", "0"],
            ["all", "0", "3", "0", "1204", "0", "0", "0", "0"]])

    def test_json_is_the_answer(self):
        _, out = self.ask(0, "stats", "--json", ok=True, **self.ANSWER)
        self.assertEqual(json.loads(out), dict(self.ANSWER, ok=True))


if __name__ == "__main__":
    unittest.main()
