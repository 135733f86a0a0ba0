"""A client that never pauses delays neither the answers of others nor the end."""

import os
import pwd
import signal
import subprocess
import sys
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
# Likewise, on so many connections of this user.
CROWD = """
import os, selectors, socket, sys
os.seteuid(int(sys.argv[4]))
lines, selector = sys.argv[2].encode() * 400, selectors.DefaultSelector()
for _ in range(int(sys.argv[3])):
    peer = socket.socket(socket.AF_UNIX)
    peer.connect(sys.argv[1])
    peer.setblocking(False)
    selector.register(peer, selectors.EVENT_READ | selectors.EVENT_WRITE, [b""])
while selector.get_map():
    for key, events in selector.select():
        try:
            if events & selectors.EVENT_READ and not key.fileobj.recv(1 << 20):
                raise EOFError
            if events & selectors.EVENT_WRITE:
                key.data[0] = key.data[0] or lines
                key.data[0] = key.data[0][key.fileobj.send(key.data[0]):]
        except (EOFError, ConnectionError):  # it held most memory, as we are slow to read
            selector.unregister(key.fileobj)
"""
MARK = '{"to":"busy","content":"x","at":"+1h"}\n'
LATER = {"to": "ops", "content": "x", "at": "+1h"}
SHARE = 16 * 1024  # bytes that a turn takes from one connection


class FairnessTest(RelayTest):
    THREADS = ("ops", "busy")

    def flood(self, block, clients=4, most=None):
        """Lines without end: one of each block is a message, so that ids tell how far it has come.

        `most`: so many blocks, no more, are one connection's share of a turn.
        """
        self.most_of_turn = clients * (most or SHARE // len(block) + 1)
        for _ in range(clients):
            words = [sys.executable, "-c", FLOOD, self.relay.socket_path, block]
            flood = subprocess.Popen(words, stderr=subprocess.DEVNULL)
            self.addCleanup(flood.wait)
            self.addCleanup(flood.kill)
        witness = self.connect()
        until(lambda: self.flooded(witness) > 0)

    def flooded(self, client, *requests):
        """How many blocks the relay handled between the first and the last of these."""
        client.say(*requests or [LATER])
        ids = [answer["id"] for answer in client.answers(len(requests) or 1)]
        if not requests:
            ids.append(client.ask(LATER)["id"])
        return ids[-1] - ids[0] + 1 - len(ids)

    def answers_come(self):
        """
        The relay serves everybody in rotation. What it handled for others is counted, not the
        time that it took. Of questions one after the other, the one that the machine let us
        ask soonest counts; of many at once, all do: they take turns by themselves.
        """
        client = self.connect()
        self.assertLessEqual(min(self.flooded(client) for _ in range(5)), 4 * self.most_of_turn)
        many = [dict(LATER, content="x" * 500)] * 150
        turns = 2 + len(many) * 600 // SHARE
        self.assertLessEqual(self.flooded(client, *many), 2 * turns * self.most_of_turn)

    def goes_out(self):
        client = self.connect()
        for _ in range(10):
            client.send("quick", to="ops")
        self.all_sent(10, "ops")

    def ends(self):
        self.assertEqual(self.relay.end(signal.SIGTERM), 0)


class Waiters(FairnessTest):
    """Connections that say nothing, and hold thousands of waits."""

    CONNECTIONS, WAITS, QUESTIONS = 100, 700, 50

    def answer_ms(self, client):
        before = self.relay.busy_ms()
        for _ in range(self.QUESTIONS):
            client.ask({"op": "hello"})
        return (self.relay.busy_ms() - before) / self.QUESTIONS

    def test_what_others_hold_is_not_gone_through_for_each_answer(self):
        client = self.connect()
        message = client.ask(LATER)["id"]
        alone_ms = self.answer_ms(client)
        for _ in range(self.CONNECTIONS):
            self.connect().say(*[{"op": "wait", "id": message}] * self.WAITS, LATER)
        until(lambda: client.ask({"op": "stats"})["totals"]["scheduled"] == 1 + self.CONNECTIONS)
        until(lambda: self.answer_ms(client) < 10 * alone_ms)


class Flood(FairnessTest):
    def test_a_flood_of_messages(self):
        self.flood(MARK)
        self.answers_come()
        self.goes_out()
        self.ends()

    def test_a_flood_of_what_nobody_wants_any_more(self):
        self.flood('{"to":"busy","content":"stale","ttl":"1ms"}\n')
        self.answers_come()
        self.goes_out()
        self.ends()

    def test_a_flood_of_refusals(self):
        self.flood("{}\n" + MARK)
        self.answers_come()
        self.ends()

    def test_a_flood_of_lists_that_find_nothing(self):
        client = self.connect()
        for _ in range(10):
            client.say(*[{"content": "x", "to": "busy", "at": "+1h"}] * 1000)
            client.answers(1000)
        self.flood('{"op":"list","priority":"bulk"}\n' + MARK, most=1)
        self.answers_come()
        self.ends()

    def test_a_flood_of_lists(self):
        client = self.connect()
        client.say(*[{"content": "x" * 500, "to": "busy", "at": "+1h"}] * 1000)
        client.answers(1000)
        self.flood('{"op":"list"}\n' + MARK, clients=2, most=1)
        self.answers_come()
        self.ends()


@unittest.skipIf(os.geteuid() != 0, "only root can act as other users")
class Crowd(FairnessTest):
    """However many connections a user has: the others wait for a few of its requests at most."""

    CLIENTS = 300
    DEEP = 10000  # messages that are counted for a position

    def configure(self, sections):
        sections["access"] = {"allow": "root, games", "operators": "root, games"}

    def crowd(self, block):
        witness = self.connect()
        witness.ask({"op": "pause", "thread": "busy"})
        for _ in range(self.DEEP // 1000):
            witness.say(*[{"to": "busy", "content": "x"}] * 1000)
            witness.answers(1000)
        words = [sys.executable, "-c", CROWD, self.relay.socket_path, block, str(self.CLIENTS),
                 str(pwd.getpwnam("games").pw_uid)]
        crowd = subprocess.Popen(words, stderr=subprocess.DEVNULL)
        self.addCleanup(crowd.wait)
        self.addCleanup(crowd.kill)
        until(lambda: self.flooded(witness) > 0)

    def is_little(self):
        """Fewer than one of each of the connections was handled before an answer of ours."""
        client = self.connect()
        self.assertLess(min(self.flooded(client) for _ in range(5)), self.CLIENTS // 3)

    def test_a_crowd_that_lists(self):
        self.crowd('{"op":"list","limit":10}\n' + MARK)
        self.is_little()
        self.goes_out()

    def test_a_crowd_that_looks_for_its_place_in_a_long_lane(self):
        self.crowd('{"op":"show","id":9999}\n' * 3 + MARK)
        self.is_little()
        self.goes_out()

    def test_a_crowd_that_asks_why(self):
        self.crowd('{"op":"why","id":9999}\n' * 3 + MARK)
        self.is_little()
        self.goes_out()


class End(FairnessTest):
    def configure(self, sections):
        sections["sender main"]["request_timeout"] = "5min"

    def test_a_client_that_writes_on_while_the_relay_ends(self):
        """It ends long before the request does."""
        self.sandbox.fault(op="send", what="stall")
        message = self.connect().send("x", to="ops")
        until(lambda: self.sandbox.count("requests") > 0)
        self.flood('{"op":"hello"}\n' + MARK)
        self.ends()
        open_ended = self.relay.rows("SELECT message FROM doubt WHERE ended_at IS NULL")
        self.assertEqual(open_ended, [(message,)])


if __name__ == "__main__":
    unittest.main()
