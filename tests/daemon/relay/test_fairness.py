"""A client that never pauses delays neither the answers of others nor the end."""

import signal
import subprocess
import sys
import time
import unittest

from harness import RelayTest, until

# Writes a line again and again as fast as it is taken, and reads all answers away.
FLOOD = """
import select, socket, sys
peer = socket.socket(socket.AF_UNIX)
peer.connect(sys.argv[1])
peer.setblocking(False)
lines, left = sys.argv[2].encode() * 2000, b""
while True:
    readable, writable, _ = select.select([peer], [peer], [])
    if readable and not peer.recv(1 << 20):
        break
    if writable:
        left = left or lines
        left = left[peer.send(left):]
"""
LONGEST_MS = 5000  # hundreds of turns, and far less than a flood takes


class Flood(RelayTest):
    THREADS = ("ops", "busy")

    def flood(self, line, clients=4):
        for _ in range(clients):
            words = [sys.executable, "-c", FLOOD, self.relay.socket_path, line]
            flood = subprocess.Popen(words, stderr=subprocess.DEVNULL)
            self.addCleanup(flood.wait)
            self.addCleanup(flood.kill)

    def answers_come(self, request, count=10):
        """The relay serves everybody in rotation: none waits for more than a few turns."""
        client = self.connect()
        client.ask({"op": "hello"})
        longest_ms = 0
        for _ in range(count):
            began = time.monotonic()
            self.assertTrue(client.ask(request)["ok"])
            longest_ms = max(longest_ms, (time.monotonic() - began) * 1000)
        self.assertLess(longest_ms, LONGEST_MS)

    def ends_in_time(self):
        began = time.monotonic()
        self.assertEqual(self.relay.end(signal.SIGTERM), 0)
        self.assertLess(time.monotonic() - began, 2.5)

    def test_a_flood_of_messages(self):
        self.flood('{"to":"busy","content":"x","at":"+1h"}\n')
        witness = self.connect()
        until(lambda: witness.ask({"op": "stats"})["totals"].get("scheduled", 0) > 1000)
        self.answers_come({"content": "quick", "to": "ops"})
        self.all_sent(10, "ops")
        self.ends_in_time()

    def test_a_flood_of_what_nobody_wants_any_more(self):
        self.flood('{"to":"busy","content":"stale","ttl":"1ms"}\n')
        witness = self.connect()
        until(lambda: witness.ask({"op": "stats"})["totals"].get("expired", 0) > 1000)
        self.answers_come({"content": "quick", "to": "ops"})
        self.all_sent(10, "ops")
        self.ends_in_time()

    def test_a_flood_of_refusals(self):
        self.flood("{}\n")
        self.answers_come({"content": "quick", "to": "ops"})
        self.ends_in_time()

    def test_a_flood_of_lists_that_find_nothing(self):
        client = self.connect()
        for _ in range(10):
            client.say(*[{"content": "x", "to": "busy", "at": "+1h"}] * 1000)
            client.answers(1000)
        self.flood('{"op":"list","priority":"bulk"}\n')
        self.answers_come({"content": "quick", "to": "ops"})
        self.ends_in_time()

    def test_a_flood_of_lists(self):
        client = self.connect()
        client.say(*[{"content": "x" * 500, "to": "busy", "at": "+1h"}] * 1000)
        client.answers(1000)
        self.flood('{"op":"list"}\n', clients=2)
        self.answers_come({"content": "quick", "to": "ops"})
        self.ends_in_time()

    def test_a_client_that_writes_on_while_the_relay_ends(self):
        self.sandbox.fault(op="send", what="stall")
        client = self.connect()
        client.send("x", to="ops")
        until(lambda: self.sandbox.count("requests") > 0)
        self.flood('{"op":"hello"}\n')
        self.answers_come({"op": "hello"}, 3)
        self.ends_in_time()


if __name__ == "__main__":
    unittest.main()
