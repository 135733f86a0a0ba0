"""chatrelay send --json-lines: many messages, a result line for each, in order."""

import json
import subprocess
import os
import pty
import tty
import unittest

from fake_relay import COMMAND, PATIENCE, ClientTest


def lines(*objects):
    return b"".join(json.dumps(each).encode() + b"\n" for each in objects)


class Batch(ClientTest):
    def send(self, code, stdin, *arguments, **options):
        """The results, parsed."""
        done = self.expect(code, "send", "--json-lines", *arguments, stdin=stdin, **options)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def accept_all(self, requests):
        def play(peer):
            while line := peer.line():
                requests.append(json.loads(line))
                peer.accept(len(requests))
        return play

    def test_each_line_is_a_message(self):
        requests = []
        self.play(self.accept_all(requests))
        results = self.send(0, lines({"content": "one", "to": "dev"}, {"content": "two"}), "--to",
                            "ops", "-p", "bulk")
        self.assertEqual([each["id"] for each in results], [1, 2])
        self.assertEqual([each["content"] for each in requests], ["one", "two"])
        self.assertEqual([each["to"] for each in requests], ["dev", "ops"])
        self.assertEqual(requests[1]["priority"], "bulk")
        self.assertNotEqual(requests[0]["once"], requests[1]["once"])

    def test_options_that_are_not_utf8_are_not_as_if_they_were_not_there(self):
        requests = []
        self.play(self.accept_all(requests))
        self.send(0, lines({"content": "x"}), "--to", "B\udcfcro", "--name", "\udcff")
        self.assertEqual((requests[0]["to"], requests[0]["senderDisplayName"]),
                         ("B\ufffdro", "\ufffd"))

    def test_a_once_of_its_own_is_kept(self):
        requests = []
        self.play(self.accept_all(requests))
        self.send(0, lines({"content": "x", "once": "k"}))
        self.assertEqual(requests[0]["once"], "k")

    def test_the_last_line_needs_no_newline_and_empty_ones_are_nothing(self):
        requests = []
        self.play(self.accept_all(requests))
        self.assertEqual(len(self.send(0, b'\n{"content":"x"}\n\n{"content":"y"}')), 2)

    def test_nothing_to_send_needs_no_relay(self):
        self.assertEqual(self.send(0, b""), [])

    def test_lines_are_under_way_together(self):
        def play(peer):
            for _ in range(50):
                peer.request()
            for number in range(50):
                peer.accept(number + 1)

        self.play(play)
        results = self.send(0, lines(*[{"content": str(i)} for i in range(50)]))
        self.assertEqual([each["id"] for each in results], list(range(1, 51)))

    def test_more_than_fit_under_way(self):
        requests = []
        self.play(self.accept_all(requests))
        messages = [{"content": str(i) * 50} for i in range(5000)]
        results = self.send(0, lines(*messages))
        self.assertEqual([each["id"] for each in results], list(range(1, 5001)))
        self.assertEqual([each["content"] for each in requests],
                         [each["content"] for each in messages])

    def test_long_lines(self):
        requests = []
        self.play(self.accept_all(requests))
        results = self.send(0, lines(*[{"content": "x" * 200000}] * 60))
        self.assertEqual([each["id"] for each in results], list(range(1, 61)))
        self.assertEqual({len(each["content"]) for each in requests}, {200000})

    def test_wrong_lines_are_answered_in_their_turn(self):
        self.play(self.accept_all([]))
        stdin = (b"nonsense\n" + lines({"content": "x"}, {"colour": "red", "ref": "r"},
                                       {"op": "wait", "id": 1}, {"content": "y"}, []) +
                 b'{"content":"' + b"x" * 300000 + b'"}\n')
        results = self.send(13, stdin)
        self.assertEqual([each["ok"] for each in results],
                         [False, True, False, False, True, False, False])
        self.assertEqual(results[2]["field"], "colour")
        self.assertEqual(results[2]["ref"], "r")

    def test_bytes_that_are_not_utf8(self):
        requests = []
        self.play(self.accept_all(requests))
        self.send(0, b'{"content":"caf\xe9"}\n', stderr="1 byte was not UTF-8")
        self.assertEqual(requests[0]["content"], "caf\ufffd")

    def test_all_refused_is_the_code_of_the_first(self):
        self.play(lambda peer: (peer.request(), peer.refuse("full", True), peer.request(),
                                peer.refuse("denied")))
        results = self.send(75, lines({"content": "x"}, {"content": "y"}))
        self.assertEqual([each["error"] for each in results], ["full", "denied"])

    def test_a_relay_that_is_too_busy_to_listen(self):
        self.play(lambda peer: peer.refuse("busy", True), self.accept_all([]))
        results = self.send(13, lines({"content": "x"}, {"content": "y" * 200000},
                                      {"content": "z"}))
        self.assertEqual([each["ok"] for each in results], [False, True, True])

    def test_some_refused(self):
        self.play(lambda peer: (peer.request(), peer.accept(1), peer.request(),
                                peer.refuse("denied")))
        self.assertEqual([each["ok"] for each in self.send(13, lines({"content": "x"},
                                                                     {"content": "y"}))],
                         [True, False])

    def test_a_broken_connection_repeats_what_is_not_answered(self):
        first, second = [], []

        def lose(peer):
            for _ in range(3):
                first.append(peer.request())
            peer.accept(1)

        def answer(peer):
            for number in (2, 3):
                second.append(peer.request())
                peer.accept(number)

        self.play(lose, answer)
        results = self.send(0, lines(*[{"content": each} for each in "abc"]))
        self.assertEqual([each["id"] for each in results], [1, 2, 3])
        self.assertEqual(first[1:], second, "with the same once")

    def test_unknown_when_the_relay_stays_away(self):
        requests = []

        def lose(peer):
            for _ in range(2):
                requests.append(peer.request())
            peer.accept(1)

        self.play(lose)
        results = self.send(13, lines({"content": "x"}, {"content": "y"}), "--timeout", "300ms")
        self.assertTrue(results[0]["ok"])
        self.assertEqual(results[1]["error"], "unknown")
        self.assertEqual(results[1]["once"], requests[1]["once"])

    def test_unknown_when_the_relay_does_not_answer(self):
        self.play(lambda peer: (peer.request(), peer.until_closed()))
        results = self.send(12, lines({"content": "x"}), "--timeout", "300ms")
        self.assertEqual(results[0]["error"], "unknown")

    def test_a_refusal_after_a_lost_answer_proves_nothing(self):
        self.play(lambda peer: peer.request(), lambda peer: (peer.request(), peer.refuse("denied")))
        self.assertEqual(self.send(12, lines({"content": "x"}))[0]["error"], "unknown")

    def test_unreachable_from_the_start(self):
        results = self.send(69, lines({"content": "x"}, {"content": "y"}), "--timeout", "100ms")
        self.assertEqual([each["error"] for each in results], ["unreachable"] * 2)

    def test_garbage_for_an_answer(self):
        self.play(*[lambda peer: (peer.request(), peer.write("what?\n"))] * 100)
        done = self.run_command("send", "--json-lines", "--timeout", "300ms",
                                stdin=lines({"content": "x"}))
        self.assertEqual(done.returncode, 12)

    def test_a_slow_source_gets_its_answers_as_they_come(self):
        self.play(self.accept_all([]))
        command = subprocess.Popen([COMMAND, "send", "--json-lines"], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE,
                                   env=dict(os.environ, CHATRELAY_SOCKET=self.socket))
        for number in (1, 2, 3):
            command.stdin.write(lines({"content": "x"}))
            command.stdin.flush()
            self.assertEqual(json.loads(command.stdout.readline())["id"], number)
        command.stdin.close()
        self.assertEqual(command.wait(PATIENCE), 0)
        command.stdout.close()

    def run_reading(self, fd, *arguments):
        """The exit status and what was said, of a run with `fd` as its standard input."""
        done = subprocess.run([COMMAND, "send", "--json-lines", *arguments], stdin=fd,
                              capture_output=True, text=True, timeout=PATIENCE, check=False,
                              env=dict(os.environ, CHATRELAY_SOCKET=self.socket))
        return done.returncode, done.stdout, done.stderr

    def test_input_that_cannot_be_read_is_not_its_end(self):
        self.expect(65, "send", "--json-lines", "--file", self.folder, stdout="",
                    stderr=f"cannot read {self.folder}: Is a directory")

    def test_input_that_breaks_off(self):
        """The reading side of a terminal, whose other side is gone after a line and a half."""
        requests = []
        self.play(self.accept_all(requests))
        ours, theirs = pty.openpty()
        tty.setraw(theirs)
        os.write(theirs, lines({"content": "whole"}) + b'{"content":"ha')
        os.close(theirs)
        code, out, said = self.run_reading(ours)
        os.close(ours)
        self.assertEqual(code, 13, said)
        self.assertIn("cannot read standard input: Input/output error", said)
        self.assertEqual([json.loads(line)["ok"] for line in out.splitlines()], [True])
        self.assertEqual([each["content"] for each in requests], ["whole"])

    def test_a_source_that_does_not_block_is_waited_for(self):
        """One that says in vain that it has something, as when others read from it as well."""
        self.play(self.accept_all([]))
        path = self.path("input", lines({"content": "x"}))
        done = self.run_with_fault("read:error=EAGAIN:when=1", path, "send", "--json-lines",
                                   "--file", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["id"], 1)

    def test_options_that_have_no_meaning_here(self):
        for option in (["--once", "k"], ["--title", "t"], ["--wait"], ["--cut", "3"], ["text"]):
            with self.subTest(option):
                self.expect(64, "send", "--json-lines", *option)


if __name__ == "__main__":
    unittest.main()
