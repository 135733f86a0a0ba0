"""Clients of every kind: each harms at most its own connection."""

import json
import os
import resource
import select
import subprocess
import unittest

from harness import ENVIRONMENT, PATIENCE, RelayTest, until
from test_access import acting_as

LONGEST_LINE = 256 * 1024
MOST_CONNECTIONS = 1000
MOST_HELD_KIB = 64 * 1024


class Lines(RelayTest):
    def test_garbage_is_refused_and_the_connection_goes_on(self):
        client, bystander = self.connect(), self.connect()
        garbage = [b"\n", b"hello\n", b"{\n", b"[]\n", b"null\n", b"\"x\"\n", b"\0\n",
                   b'{"content":"x"} x\n', b'{"content":"\xff\xfe"}\n', b'{"content":"a\0b"}\n',
                   b'{"content":"a\\u0000b"}\n', b'{"content":"\\ud800"}\n',
                   b'{"content":"a","content":"b"}\n', b"\xef\xbb\xbf{}\n", b"[" * 5000 + b"\n",
                   b'{"content":' * 5000 + b"\n", b"GET / HTTP/1.1\r\n", b"\x80\x81\x82\n"]
        for line in garbage:
            with self.subTest(line=line[:40]):
                client.say(line)
                answer = client.answer()
                self.assertEqual((answer["ok"], answer["error"]), (False, "invalid"))
        self.assertEqual(client.send("still here"), 1)
        self.assertEqual(bystander.send("me too"), 2)

    def test_a_line_in_single_bytes_and_with_a_carriage_return(self):
        client = self.connect()
        for byte in b'{"content":"slow"}\r\n':
            client.say(bytes([byte]))
        self.assertTrue(client.answer()["ok"])

    def test_a_line_of_256_kib_is_read(self):
        client = self.connect()
        line = b'{"content":"x","ref":""}'
        ref = b"r" * (LONGEST_LINE - len(line))
        client.say(line[:-2] + ref + line[-2:] + b"\n")
        answer = client.answer()
        self.assertEqual((answer["ok"], len(answer["ref"])), (True, len(ref)))

    def test_a_longer_line_is_refused_and_ends_its_connection(self):
        client, bystander = self.connect(), self.connect()
        try:
            client.say(b"x" * (LONGEST_LINE + 70000))
        except (BrokenPipeError, ConnectionResetError):
            pass
        self.refused(client.answer(), "invalid", message="longer than 256 KiB")
        try:
            self.assertEqual(client.rest(), [])
        except ConnectionResetError:
            pass
        self.assertEqual(bystander.send("unharmed"), 1)

    def test_a_last_line_without_newline_counts(self):
        client = self.connect()
        client.say(b'{"content":"one"}\n{"content":"two"}')
        client.say_no_more()
        self.assertEqual([answer["id"] for answer in client.rest()], [1, 2])
        self.assertEqual(self.all_sent(2), ["one", "two"])

    def test_a_last_half_of_a_line_is_refused(self):
        client = self.connect()
        client.say(b'{"content":"one"}\n{"content":"tw')
        client.say_no_more()
        good, bad = client.rest()
        self.assertTrue(good["ok"])
        self.refused(bad, "invalid")

    def test_netcat_gets_its_answers(self):
        lines = "".join(f'{{"content":"m{i}"}}\n' for i in range(2000))
        try:
            end = subprocess.run(["nc", "-U", "-N", self.relay.socket_path], input=lines, text=True,
                                 capture_output=True, check=True, timeout=PATIENCE)
        except FileNotFoundError:
            self.skipTest("nc is not installed")
        self.assertEqual(end.stdout.count('"ok":true'), 2000)


class Watched(RelayTest):
    def begin(self):
        # A sanitizer would keep what was freed.
        options = ENVIRONMENT["ASAN_OPTIONS"] + ":quarantine_size_mb=1"
        self.relay.start(ASAN_OPTIONS=options + ":thread_local_quarantine_size_kb=64")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.relay.process.pid}/fd"))

    def memory_kib(self):
        with open(f"/proc/{self.relay.process.pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("RssAnon"))


class Absence(Watched):
    def test_a_client_that_says_nothing(self):
        silent, other = self.connect(), self.connect()
        self.assertEqual(other.send("hello"), 1)
        self.assertTrue(silent.ask({"op": "hello"})["ok"])

    def test_a_client_that_goes_is_forgotten(self):
        witness = self.connect()
        witness.ask({"op": "hello"})
        before = self.descriptors()
        leavers = [self.relay.connect() for _ in range(20)]
        for number, client in enumerate(leavers):
            client.say(b'{"content":"x"}\n{"content":'[:12 * (number % 3)])
            if number % 2:
                client.say_no_more()
            client.close()
        until(lambda: self.descriptors() <= before + 1)  # one leads to the chat
        self.assertTrue(witness.ask({"op": "hello"})["ok"])

    def test_messages_of_a_client_that_goes_at_once_are_sent(self):
        client = self.relay.connect()
        client.say({"content": "one"}, {"content": "two"})
        client.close()
        self.assertEqual(self.all_sent(2), ["one", "two"])

    def test_a_client_that_goes_while_it_waits(self):
        self.sandbox.fault(op="send", what="stall", for_ms=600_000_000)
        witness, leaver = self.connect(), self.relay.connect()
        witness.ask({"op": "hello"})
        before = self.descriptors()
        leaver.say({"content": "x"}, {"op": "wait"}, {"op": "hello"})
        self.assertTrue(leaver.answer()["ok"])
        leaver.close()
        until(lambda: self.descriptors() <= before + 1)  # likewise
        self.assertTrue(witness.ask({"op": "hello"})["ok"])


class Unread(Watched):
    def fill(self, client, line, said=0):
        """Say the line again and again until the relay takes no more; counts bytes from `said`."""
        client.socket.setblocking(False)
        while said < 64 << 20 and select.select([], [client.socket], [], 0.02)[1]:
            said += client.socket.send((line * 100)[said % len(line):])
        client.socket.settimeout(PATIENCE)
        return said

    def test_a_client_that_reads_nothing_is_not_read_any_more(self):
        client, other = self.connect(), self.connect()
        said = self.fill(client, b'{"op":"hello"}\n')
        self.assertLess(said, 2 << 20)
        self.assertEqual(other.send("hello"), 1)
        client.say_no_more()
        self.assertGreater(len(client.rest()), 1000)

    def test_large_answers_that_nobody_reads_take_little_memory(self):
        client, other = self.connect(), self.connect()
        for _ in range(12):
            other.send("x" * 28000, at="+1h")
        before = self.memory_kib()
        self.fill(client, b'{"op":"list"}\n')
        self.assertTrue(other.ask({"op": "hello"})["ok"])
        self.assertLess(self.memory_kib() - before, 4096)

    def test_a_client_that_lags_behind_takes_little_memory(self):
        client, other = self.connect(), self.connect()
        line = b'{"op":"nothing","ref":"' + b"r" * 1000 + b'"}\n'
        said, read = self.fill(client, line), 0
        before = self.memory_kib()
        while read < 6 << 20:
            # The way to the relay is full: at least so much is still to come.
            read += len(client.socket.recv(64 * 1024))
            said = self.fill(client, line, said)
        self.assertTrue(other.ask({"op": "hello"})["ok"])
        self.assertLess(self.memory_kib() - before, 4096)

    def test_waits_without_end_take_little_memory(self):
        client, other = self.connect(), self.connect()
        client.send("x", at="+1h")
        before = self.memory_kib()
        self.fill(client, b'{"op":"wait"}\n')
        self.fill(client, b'{"op":"wait","ref":"' + b"r" * 2000 + b'"}\n')
        self.assertTrue(other.ask({"op": "hello"})["ok"])
        self.assertLess(self.memory_kib() - before, 4096)

    def test_large_answers_leave_no_memory_behind(self):
        witness = self.connect()
        for _ in range(10):
            witness.send("x" * 28000, at="+1h")
        before = self.memory_kib()
        clients = [self.connect() for _ in range(40)]
        for client in clients:
            self.assertEqual(len(client.ask({"op": "list"})["messages"]), 5)
        self.assertLess(self.memory_kib() - before, 6 * 1024)


class Crowd(Watched):
    def test_what_all_of_them_make_it_hold_is_bounded(self):
        bystander = self.connect()
        bystander.ask({"op": "hello"})
        before, clients = self.memory_kib(), [self.connect() for _ in range(400)]
        sockets = [client.socket for client in clients]
        for client in clients:
            try:
                client.say(b"x" * (LONGEST_LINE - 1000))
            except ConnectionError:
                pass  # it was told
        self.assertTrue(bystander.ask({"op": "hello"})["ok"])
        told = until(lambda: select.select(sockets, [], [], 0)[0][50:])
        self.assertLess(self.memory_kib() - before, MOST_HELD_KIB * 5 / 4)
        for client in clients:
            if client.socket in told:
                self.refused(client.answer(), "busy", message="too much is waiting")
        self.assertTrue(bystander.ask({"op": "hello"})["ok"])

    @unittest.skipIf(os.geteuid() != 0, "only root can act as other users")
    def test_who_holds_most_gives_way_and_not_who_comes_next(self):
        self.relay.sections["access"]["allow"] = "root, games"
        self.relay.adopt()
        modest, line = self.connect(), json.dumps({"content": "x", "ref": "r" * 100_000}).encode()
        modest.say(line[:-10])
        before = self.memory_kib()
        with acting_as("games", ()):
            greedy = [self.connect() for _ in range(300)]
        large = greedy[0].send("x" * 28000, at="+1h")
        for client in greedy:
            client.say(*[{"op": "show", "id": large}] * 20)
        until(lambda: self.descriptors() < len(greedy))
        self.assertLess(self.memory_kib() - before, MOST_HELD_KIB * 5 / 4)
        modest.say(line[-10:] + b"\n")
        self.assertTrue(modest.answer()["ok"])

    def test_more_than_the_limit_are_told_that_it_is_busy(self):
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 4096), most))
        if most < MOST_CONNECTIONS + 100:
            self.skipTest(f"only {most} open files are allowed here")
        crowd = [self.connect() for _ in range(MOST_CONNECTIONS)]
        self.assertTrue(crowd[-1].ask({"op": "hello"})["ok"])
        for _ in range(5):
            late = self.connect()
            self.refused(late.answer(), "busy", message="1000 connections are open")
            self.assertEqual(late.rest(), [])
        for number, client in enumerate(crowd):
            client.say({"content": f"m{number}"})
        self.assertEqual(sorted(client.answer()["id"] for client in crowd),
                         list(range(1, MOST_CONNECTIONS + 1)))
        before = self.descriptors()
        crowd.pop().close()
        until(lambda: self.descriptors() < before)
        self.assertTrue(self.connect().ask({"op": "hello"})["ok"])


if __name__ == "__main__":
    unittest.main()
