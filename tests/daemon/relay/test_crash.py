"""kill -9 at any moment: what was answered is there, and appears exactly once, in order."""

import os
import random
import subprocess
import threading
import unittest

from gate import GateTest
from harness import ENVIRONMENT, PATIENCE, RelayTest, until

GONE = (EOFError, ConnectionError, FileNotFoundError)


class Sender(threading.Thread):
    """Sends one message after the other, each with a `once`, until it is accepted."""

    def __init__(self, relay, name, threads, count):
        super().__init__()
        self.relay, self.threads, self.count = relay, threads, count
        self.label, self.client = name, None
        self.accepted = {}  # content to (id, thread)

    def ask_at_last(self, request):
        while True:
            try:
                self.client = self.client or self.relay.connect()
                return self.client.ask(request)
            except GONE:
                self.client = None

    def run(self):
        for number in range(self.count):
            content = f"{self.label}.{number}"
            to = self.threads[number % len(self.threads)]
            answer = self.ask_at_last({"content": content, "to": to, "once": content})
            self.accepted[content] = (answer["id"], to)


class Crash(RelayTest):
    THREADS = ("ops", "backup", "third")

    def check(self, senders):
        accepted = {}
        for sender in senders:
            accepted.update(sender.accepted)
        self.all_sent(len(accepted))
        client = self.connect()
        for message, _ in accepted.values():
            self.assertEqual(client.wait(id=message)["state"], "sent")
        for thread in self.THREADS:
            expected = sorted((message, content) for content, (message, to) in accepted.items()
                              if to == thread)
            self.assertEqual(self.sandbox.contents(thread), [content for _, content in expected])
        self.relay.stop()
        self.assertEqual(self.relay.rows("SELECT id FROM message WHERE state = 3 ORDER BY id"),
                         sorted((message,) for message, _ in accepted.values()))

    def crash_while_sending(self, seed):
        dice = random.Random(seed)
        senders = [Sender(self.relay, f"s{number}", self.THREADS, 40) for number in range(4)]
        for sender in senders:
            sender.start()
        goal = 0
        for _ in range(6):
            goal += dice.randint(5, 25)
            until(lambda: sum(len(sender.accepted) for sender in senders) >= goal)
            self.relay.restart()
        for sender in senders:
            sender.join()
            sender.client.close()
        self.check(senders)

    def test_while_clients_send(self):
        self.crash_while_sending(1)

    def test_while_clients_send_and_the_chat_fails(self):
        for seed, fault in enumerate(({"what": "reset"}, {"what": "reset", "stored": True},
                                      {"status": 503, "stored": True}, {"what": "cut"})):
            self.sandbox.fault(op="send", probability=0.04, seed=seed + 1, count=0, **fault)
        self.crash_while_sending(2)

    def test_while_answers_of_the_chat_are_on_their_way(self):
        client = self.connect()
        contents = [f"m{number}" for number in range(30)]
        client.say(*[{"content": content, "to": "ops"} for content in contents])
        client.answers(30)
        for count in range(2, 30, 3):
            self.all_sent(count, "ops")
            self.relay.restart()
        self.all_sent(30, "ops")
        self.assertEqual(self.connect().wait(id=30)["state"], "sent")
        self.assertEqual(self.sandbox.contents("ops"), contents)


class Moments(GateTest):
    """Killed at a chosen moment."""

    def start_command(self, *words):
        environment = dict(ENVIRONMENT, CHATRELAY_SOCKET=self.relay.socket_path)
        command = subprocess.Popen([os.environ["CHATRELAY"], *words], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, env=environment)
        self.addCleanup(command.kill)
        return command

    def test_on_disk_but_not_yet_answered(self):
        client = self.connect()
        self.gate.hold()
        client.say({"content": "one", "once": "k"})
        self.gate.let_through(word=b"w")
        with self.gate.arrival():
            self.relay.kill()
        self.assertEqual(client.rest(), [])
        self.assertEqual(self.sandbox.count("requests"), 0)
        self.gate.close()
        self.relay.start()
        client = self.connect()
        answer = client.ask({"content": "one", "once": "k"})
        self.assertEqual((answer["id"], answer["duplicate"]), (1, True))
        self.assertEqual(client.wait()["state"], "sent")
        self.assertEqual(self.sandbox.contents(), ["one"])

    def test_in_the_chat_but_unanswered(self):
        for number, stored in enumerate((True, False)):
            fault = self.sandbox.fault(op="send", what="stall", stored=stored)
            self.connect().send(f"m{number}")
            until(lambda fault=fault: self.sandbox.hits(fault) == 1)
            self.relay.restart()
            client = self.connect()
            self.assertEqual(client.wait(id=number + 1)["state"], "sent")
            attempts = len(client.ask({"op": "show", "id": number + 1})["log"])
            self.assertEqual(attempts, 1 if stored else 2)
        self.assertEqual(self.sandbox.contents(), ["m0", "m1"])
        self.relay.logged("id=1 thread=ops look status=sent ")
        self.relay.logged("id=2 thread=ops attempt=2 status=sent ")

    def test_a_crash_costs_one_list_of_the_thread(self):
        client = self.connect()
        stall = self.sandbox.fault(op="send", what="stall", stored=True, count=3)
        for priority in ("urgent", "normal", "bulk"):
            client.send(f"first {priority}", priority=priority)
            client.send(f"second {priority}", priority=priority)
        until(lambda: self.sandbox.hits(stall) == 3)
        lists = self.sandbox.fault(op="list", what="stall", for_ms=1, count=0)
        self.relay.restart()
        self.assertEqual(len(self.all_sent(6)), 6)
        self.assertEqual(self.sandbox.hits(lists), 1)

    def test_the_command_repeats_by_itself(self):
        for word in (b"", b"w"):
            with self.subTest(word=word):
                before = self.sandbox.count()
                self.gate.hold()
                command = self.start_command("send", "--timeout", f"{PATIENCE}s", "one")
                if word:
                    self.gate.let_through(word=word)
                with self.gate.arrival():
                    self.relay.kill()
                self.gate.reopen()
                self.relay.start(**self.environment)
                out, err = command.communicate(timeout=PATIENCE)
                self.assertEqual(command.returncode, 0, err)
                self.assertEqual(self.connect().wait(id=int(out))["state"], "sent")
                self.assertEqual(self.sandbox.count(), before + 1)


if __name__ == "__main__":
    unittest.main()
