"""chatrelay send: what it hands over, and what its exit code says about the message."""

import json
import os
import re
import time
import unittest

from fake_relay import ClientTest

ONCE = re.compile(r"^[0-9A-HJKMNP-TV-Z]{26}$")


class WhatIsHandedOver(ClientTest):
    def sent(self, *arguments, **options):
        """Send, and return the request as the relay got it."""
        got = []

        def play(peer):
            got.append(peer.request())
            peer.accept(42)

        self.play(play)
        self.expect(0, "send", *arguments, stdout="42\n", **options)
        return got[0]

    def test_the_arguments_are_joined_by_blanks(self):
        request = self.sent("disk", "full  on", "db01")
        self.assertEqual(request["content"], "disk full  on db01")
        self.assertEqual(request["op"], "send")
        self.assertRegex(request["once"], ONCE)
        self.assertEqual(set(request), {"op", "content", "once"})

    def test_all_options(self):
        request = self.sent("--to", "ops", "--type=html", "-p", "urgent", "--ttl", "1h30m",
                            "--at", "+10m", "--name", "db01", "--meta", "a=1", "--meta",
                            "b=x=y", "--once", "key", "<b>x</b>")
        self.assertEqual(request, {
            "op": "send", "to": "ops", "content": "<b>x</b>", "type": "html",
            "priority": "urgent", "ttl": "1h30m", "at": "+10m", "senderDisplayName": "db01",
            "metadata": {"a": "1", "b": "x=y"}, "once": "key"})

    def test_options_may_follow_the_text(self):
        request = self.sent("hello", "--to", "ops", "world")
        self.assertEqual(request["content"], "hello world")
        self.assertEqual(request["to"], "ops")

    def test_two_dashes_end_the_options(self):
        self.assertEqual(self.sent("--to", "ops", "--", "--help", "-x")["content"], "--help -x")

    def test_standard_input_without_its_last_newlines(self):
        self.assertEqual(self.sent(stdin=b"one\n two\n\n")["content"], "one\n two")

    def test_a_file(self):
        path = self.path("text", b"from a file\n")
        self.assertEqual(self.sent("-f", path)["content"], "from a file")

    def test_every_message_has_a_once_of_its_own(self):
        first = self.sent("x")["once"]
        os.unlink(self.socket)
        second = self.sent("x")["once"]
        self.assertNotEqual(first, second)
        self.assertLessEqual(first[:10], second[:10], "ordered by time")

    def test_bytes_that_are_not_utf8(self):
        request = self.sent(stdin=b"caf\xe9 \x00 \xc3\xa9\n", stderr="2 bytes were not UTF-8")
        self.assertEqual(request["content"], "caf\ufffd \ufffd \u00e9")

    def test_a_nul_at_the_end_is_told_of(self):
        request = self.sent(stdin=b"\0\n", stderr="1 byte was not UTF-8")
        self.assertEqual(request["content"], "\ufffd")

    def test_human_languages_and_control_characters_survive(self):
        text = "磁盘已满 🔥 \u200fשלום \x1b[31mred\t\"\\"
        self.assertEqual(self.sent(text)["content"], text)

    def test_a_title(self):
        self.assertEqual(self.sent("--title", "disk of db01", stdin=b"97 %\n")["content"],
                         "disk of db01\n97 %")

    def test_a_title_in_html_is_escaped(self):
        request = self.sent("--title", "a<b & c", "--type", "html", "<i>x</i>")
        self.assertEqual(request["content"], "a&lt;b &amp; c<br><i>x</i>")

    def test_cut_keeps_both_ends(self):
        lines = "".join(f"line {i}\n" for i in range(1, 101)).encode()
        self.assertEqual(self.sent("--cut", "2", stdin=lines)["content"],
                         "line 1\nline 2\n[... 96 lines left out ...]\nline 99\nline 100")

    def test_cut_fits_long_lines_and_a_title_into_a_message(self):
        content = self.sent("--cut", "5", "--title", "t" * 100, stdin="é".encode() * 50000)["content"]
        size = len(content.encode())
        self.assertLessEqual(size, 28672)
        self.assertGreater(size, 28500)
        self.assertIn("bytes left out", content)
        self.assertNotIn("\ufffd", content)

    def test_cut_leaves_room_for_a_title_as_html_has_it(self):
        content = self.sent("--cut", "5", "--type", "html", "--title", "<" * 100,
                            stdin=b"x" * 50000)["content"]
        self.assertTrue(content.startswith("&lt;" * 100 + "<br>x"))
        self.assertLessEqual(len(content), 28672)
        self.assertGreater(len(content), 28500)

    def test_json_prints_the_answer(self):
        self.play(lambda peer: (peer.request(), peer.accept(7)))
        done = self.expect(0, "send", "--json", "x")
        self.assertEqual(json.loads(done.stdout),
                         {"ok": True, "id": 7, "state": "pending", "position": 1, "eta_ms": 0})


class NothingIsSent(ClientTest):
    def test_an_empty_message_is_bad_data(self):
        self.expect(65, "send", stdin=b"", stdout="", stderr="content is empty")

    def test_unless_it_may_be_empty(self):
        self.expect(0, "send", "--if-not-empty", "--title", "t", stdin=b" \n\n", stdout="",
                    stderr="")

    def test_wrong_words_are_told_although_no_relay_is_there(self):
        self.expect(65, "send", "-p", "high", "x", stderr="urgent, normal or bulk")
        self.expect(65, "send", "--ttl", "soon", "x", stderr="not a duration")
        self.expect(65, "send", "--at", "soon", "x", stderr="an instant such as")
        self.expect(65, "send", "--meta", "chatrelayId=1", "x", stderr="chatrelayId")
        self.expect(64, "send", "--meta", "a=b", "--meta", "ab=c", "--meta", "a=c", "x",
                    stderr='the key of "a=c" was given before')
        self.expect(65, "send", "--wait", "--for", "ever", "x", stderr="end, sent or visible")

    def test_a_file_that_is_not_there(self):
        self.expect(65, "send", "-f", self.folder + "/none", stderr="No such file")

    def test_a_source_that_does_not_block_is_waited_for(self):
        self.play(lambda peer: (peer.request(), peer.accept(42)))
        path = self.path("text", b"from a file\n")
        done = self.run_with_fault("read:error=EAGAIN:when=1", path, "send", "-f", path)
        self.assertEqual(done.stdout, "42\n", done.stderr)

    def test_a_message_beyond_a_line_is_bad_data(self):
        for words in ([], ["--title", "t"]):
            done = self.expect(65, "send", *words, stdin=b"x" * 3000000,
                               stderr="no thread takes so many (28672 as a rule: setting content_limit)")
            self.assertIn("--cut N", done.stderr)
        done = self.expect(65, "send", "--json", stdin=b"x" * 300000, stderr="has 300000 bytes")
        self.assertEqual(json.loads(done.stdout)["field"], "content")
        self.expect(65, "send", "--meta", "k=" + "x" * 100000, "--meta", "l=" + "x" * 100000,
                    "--meta", "m=" + "x" * 100000, "x", stderr="longer than 262144 bytes")


class WhenTheRelayRefuses(ClientTest):
    def expect_word(self, word, retry, code):
        self.play(lambda peer: (peer.request(), peer.refuse(word, retry)))
        self.expect(code, "send", "x", stdout="", stderr="because of " + word)
        os.unlink(self.socket)

    def test_every_word_has_its_exit_code(self):
        for word, retry, code in [
                ("invalid", False, 65), ("unknown-thread", False, 67), ("unknown-op", False, 76),
                ("not-found", False, 66), ("denied", False, 77), ("full", True, 75),
                ("storage", True, 75), ("busy", True, 75), ("once-conflict", False, 65),
                ("wrong-state", False, 65), ("word-of-the-future", True, 75),
                ("word-of-the-future", False, 65)]:
            with self.subTest(word):
                self.expect_word(word, retry, code)

    def test_a_relay_that_is_too_busy_to_listen(self):
        """It refuses and closes without having read a byte."""
        for _ in range(20):  # whether we can still write then is a race
            self.play(lambda peer: peer.refuse("busy", True))
            self.expect(75, "send", "x", stdout="", stderr="because of busy")
            os.unlink(self.socket)

    def test_json_prints_the_refusal(self):
        self.play(lambda peer: (peer.request(), peer.refuse("full", True)))
        done = self.expect(75, "send", "--json", "x", stderr="because of full")
        self.assertEqual(json.loads(done.stdout)["error"], "full")


class WhenTheRelayIsAway(ClientTest):
    def test_no_socket(self):
        self.expect(69, "send", "--timeout", "100ms", "x", stdout="", stderr="not sent")

    def test_nobody_listens(self):
        self.play()
        self.relay.finish()
        self.expect(69, "send", "--timeout", "100ms", "x", stdout="", stderr="Connection refused")

    def test_json_says_so_too(self):
        done = self.expect(69, "send", "--json", "--timeout", "100ms", "--once", "k", "x")
        result = json.loads(done.stdout)
        self.assertEqual((result["ok"], result["error"], result["once"]),
                         (False, "unreachable", "k"))

    def test_a_path_that_leads_nowhere(self):
        self.expect(78, "send", "--socket", "/" + "x" * 200, "x", stderr="too long")
        self.expect(78, "send", "--socket", "/dev/null/socket", "x", stderr="Not a directory")

    @unittest.skipIf(os.getuid() == 0, "root may open everything")
    def test_a_socket_that_we_may_not_open(self):
        self.play(lambda peer: None)
        os.chmod(self.socket, 0)
        done = self.run_command("send", "x")
        self.assertEqual(done.returncode, 77)

    def test_it_comes_back_in_time(self):
        self.play(lambda peer: None, lambda peer: (peer.request(), peer.accept(5)))
        self.expect(0, "send", "x", stdout="5\n")


class WhenTheAnswerIsLost(ClientTest):
    """Handed over and no answer: repeated with the same once, and never claimed as not stored."""

    def test_it_is_repeated_with_the_same_once(self):
        requests = []

        def lose(peer):
            requests.append(peer.request())

        def answer(peer):
            requests.append(peer.request())
            peer.accept(42, duplicate=True)

        self.play(lose, lose, answer)
        self.expect(0, "send", "x", stdout="42\n", stderr="")
        self.assertEqual(len(requests), 3)
        self.assertEqual(requests[0], requests[1])
        self.assertEqual(requests[0], requests[2])

    def test_half_an_answer_is_none(self):
        def half(peer):
            peer.request()
            peer.write('{"ok":true,"id":4')

        self.play(half, lambda peer: (peer.request(), peer.accept(42)))
        self.expect(0, "send", "x", stdout="42\n")

    def test_unknown_when_the_relay_stays_away(self):
        once = []
        self.play(lambda peer: once.append(peer.request()["once"]))
        done = self.expect(12, "send", "--timeout", "300ms", "x", stdout="")
        self.assertIn("--once " + once[0], done.stderr)

    def test_unknown_when_the_relay_does_not_answer(self):
        once = []

        def hang(peer):
            once.append(peer.request()["once"])
            peer.until_closed()

        self.play(hang)
        done = self.expect(12, "send", "--timeout", "300ms", "x", stdout="")
        self.assertIn("--once " + once[0], done.stderr)

    def test_json_says_so_too(self):
        self.play(lambda peer: peer.request())
        done = self.expect(12, "send", "--json", "--timeout", "300ms", "--once", "mine", "x")
        result = json.loads(done.stdout)
        self.assertEqual((result["ok"], result["error"], result["retry"], result["once"]),
                         (False, "unknown", True, "mine"))

    def test_the_once_that_was_given_is_the_one_to_repeat(self):
        self.play(lambda peer: peer.request())
        self.expect(12, "send", "--timeout", "300ms", "--once", "mine", "x",
                    stderr="--once mine")

    def test_unknown_when_the_answer_is_garbage(self):
        for garbage in ('{"ok":true}\n', "HTTP/1.1 400 Bad Request\r\n", "\n", "{}\n", '{"ok":1}\n', "\xff\n"):
            with self.subTest(garbage):
                self.play(lambda peer: (peer.request(), peer.write(garbage)))
                self.expect(12, "send", "x", stdout="", stderr="--once")
                os.unlink(self.socket)

    def test_a_refusal_after_a_lost_answer_proves_nothing(self):
        for word in ("full", "busy", "storage", "denied", "unknown-thread"):
            with self.subTest(word):
                retry = word in ("full", "busy", "storage")
                self.play(lambda peer: peer.request(),
                          lambda peer: (peer.request(), peer.refuse(word, retry)))
                self.expect(12, "send", "x", stdout="", stderr="--once")
                os.unlink(self.socket)

    def test_but_what_was_invalid_before_was_never_stored(self):
        self.play(lambda peer: peer.request(),
                  lambda peer: (peer.request(), peer.refuse("invalid")))
        self.expect(65, "send", "x", stdout="")

    def test_an_answer_that_comes_in_pieces(self):
        def play(peer):
            peer.request()
            for byte in b'{"ok":true,"id":42,"state":"pending"}\n':
                peer.write(bytes([byte]))

        self.play(play)
        self.expect(0, "send", "x", stdout="42\n")


class Waiting(ClientTest):
    def expect_end(self, code, *arguments, stderr=None, **answer):
        requests = []

        def play(peer):
            peer.request()
            peer.accept(42)
            requests.append(peer.request())
            peer.answer(ok=True, id=42, **answer)

        self.play(play)
        self.expect(code, "send", *arguments, "x", stdout="42\n", stderr=stderr)
        os.unlink(self.socket)
        return requests[0]

    def test_the_state_is_the_exit_code(self):
        for state, code in [("sent", 0), ("folded", 0), ("dead", 11), ("expired", 11),
                            ("cancelled", 11)]:
            with self.subTest(state):
                self.expect_end(code, "--wait", state=state, reason="so it is")

    def test_a_reason_is_said(self):
        self.expect_end(11, "--wait", state="dead", reason="too long", stderr="42 is dead: too long")

    def test_the_wait_ran_out(self):
        request = self.expect_end(10, "--wait=2s", "--for", "sent", state="pending", timeout=True,
                                  stderr="do not send it again")
        self.assertEqual(request, {"op": "wait", "id": 42, "for": "sent", "timeout": "2s"})

    def test_an_answer_that_does_not_say_how_it_ended(self):
        self.expect_end(10, "--wait", stderr="42 is stored, but how it ended is not known: the "
                                             "relay's answer has no state\n")

    def test_for_ever(self):
        self.assertEqual(self.expect_end(0, "--wait", state="sent"), {"op": "wait", "id": 42})

    def test_it_waits_on_after_a_restart(self):
        requests = []

        def first(peer):
            peer.request()
            peer.accept(42)
            peer.request()

        def second(peer):
            requests.append(peer.request())
            peer.answer(ok=True, id=42, state="sent")

        self.play(first, second)
        self.expect(0, "send", "--wait", "x", stdout="42\n")
        self.assertEqual(requests, [{"op": "wait", "id": 42}], "nothing is sent a second time")

    def test_after_a_restart_it_waits_for_what_is_left(self):
        requests = []

        def ask(peer):
            requests.append(peer.request())
            time.sleep(0.15)

        self.play(lambda peer: (peer.request(), peer.accept(42), ask(peer)),
                  lambda peer: (ask(peer), peer.answer(ok=True, id=42, state="sent")))
        self.expect(0, "send", "--wait=1m", "x", stdout="42\n")
        self.assertEqual(requests[0]["timeout"], "1m")
        self.assertRegex(requests[1]["timeout"], r"^(59s\d+ms|[1-5]?\ds(\d+ms)?)$")

    def test_it_waits_on_through_many_restarts(self):
        def vanish(peer):
            peer.request()
            time.sleep(0.15)  # a connection that held for a while is worth another try

        self.play(lambda peer: (peer.request(), peer.accept(42), vanish(peer)),
                  *[vanish] * 6, lambda peer: peer.answer(ok=True, id=peer.request()["id"],
                                                          state="sent"))
        self.expect(0, "send", "--wait", "--timeout", "500ms", "x", stdout="42\n")

    def test_stored_even_if_the_relay_is_gone_for_good(self):
        self.play(lambda peer: (peer.request(), peer.accept(42), peer.request()))
        self.expect(10, "send", "--wait", "--timeout", "200ms", "x", stdout="42\n",
                    stderr="42 is stored")

    def test_stored_even_if_the_wait_is_refused(self):
        self.play(lambda peer: (peer.request(), peer.accept(42), peer.request(),
                                peer.refuse("busy", True)))
        self.expect(10, "send", "--wait", "x", stdout="42\n", stderr="42 is stored")

    def test_json_prints_both_answers(self):
        self.play(lambda peer: (peer.request(), peer.accept(42), peer.request(),
                                peer.answer(ok=True, id=42, state="sent")))
        done = self.expect(0, "send", "--json", "--wait", "x")
        self.assertEqual([json.loads(line)["state"] for line in done.stdout.splitlines()],
                         ["pending", "sent"])


if __name__ == "__main__":
    unittest.main()
