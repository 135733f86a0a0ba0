"""Somebody who hands messages to the relay and keeps a book of what it was told.

A message whose answer never came and that has no `once` is unknown: it may appear,
once. All others are accepted sooner or later, and must then end.
"""

import random
import threading

from harness import Client

PRIORITIES = ("urgent", "normal", "normal", "bulk")


class Entry:
    """A line of the book."""

    def __init__(self, content, to, **fields):
        self.content, self.to, self.fields = content, to, fields
        self.id = None
        self.unknown = False
        self.was_sent = False  # as a `wait` answered

    def request(self):
        return {"content": self.content, "to": self.to, "ref": self.content, **self.fields}


class Clerk(threading.Thread):
    def __init__(self, name, seed, relay, threads, count, stopped):
        super().__init__(name=name, daemon=True)
        self.random = random.Random(f"{seed} {name}")
        self.relay, self.threads, self.count, self.stopped = relay, threads, count, stopped
        self.client = None
        self.book = []
        self.complaints = []
        self.latest = 0  # the greatest id answered on this connection

    def run(self):
        try:
            while self.count > 0 and not self.stopped.is_set():
                batch = [self.compose() for _ in range(min(self.count, self.random.randint(1, 6)))]
                self.count -= len(batch)
                self.book += batch
                self.hand_in(batch)
                self.linger(self.random.choice(batch))
        finally:
            self.hang_up()

    def compose(self):
        number = len(self.book) + self.random.randrange(1 << 30) * 1000000
        entry = Entry(f"{self.name} {number}", self.random.choice(self.threads),
                      priority=self.random.choice(PRIORITIES))
        chance = self.random.random()
        if chance < 0.6:
            entry.fields["once"] = f"key {number}"
        if chance < 0.04:
            entry.fields["ttl"] = f"{self.random.randint(1, 300)}ms"
        elif chance < 0.10:
            entry.fields["at"] = f"+{self.random.randint(1, 200)}ms"
        elif chance < 0.15:
            entry.content += " " + "long " * self.random.randint(100, 2000)
        elif chance < 0.20:
            entry.fields["metadata"] = {"key": "value"}
        return entry

    # The connection breaks at any time; then what is known of each message decides.

    def hand_in(self, entries):
        while entries and not self.stopped.is_set():
            if self.random.random() < 0.02:
                self.hang_up()
            if not self.connect():
                self.stopped.wait(0.005)
                continue
            entries = self.say(entries)
        for entry in entries:
            entry.unknown = True

    def say(self, entries):
        """Returns those that are to be said again."""
        again, answered = [], 0
        try:
            self.client.say(*[entry.request() for entry in entries])
            for entry in entries:
                answer = self.client.answer()
                answered += 1
                if not self.note(entry, answer):
                    again.append(entry)
        except (OSError, EOFError):
            self.hang_up()
        for entry in entries[answered:]:
            if "once" in entry.fields:
                again.append(entry)
            else:
                entry.unknown = True
        if again:
            self.stopped.wait(0.01)
        return again

    def note(self, entry, answer):
        """False when the message was refused, to be handed in again."""
        if answer.get("ref") != entry.content:
            self.complaints.append(f"{entry.content!r} got the answer {answer}")
        if not answer["ok"]:
            # A thread may be out of the settings for a while.
            if not answer["retry"] and answer["error"] != "unknown-thread":
                self.complaints.append(f"{entry.content!r} was refused: {answer}")
            return False
        if entry.id not in (None, answer["id"]):
            self.complaints.append(f"{entry.content!r} is {entry.id} and {answer['id']}")
        if not answer.get("duplicate"):
            if answer["id"] <= self.latest:
                self.complaints.append(f"id {answer['id']} came after {self.latest}")
            self.latest = answer["id"]
        entry.id = answer["id"]
        return True

    def linger(self, entry):
        """Now and then wait for a message, ask for it, or hand it in once more."""
        chance = self.random.random()
        if entry.id is None or not self.client:
            return
        try:
            if chance < 0.8:
                answer = self.client.ask({"op": "wait", "id": entry.id,
                                          "timeout": f"{self.random.randint(10, 120)}ms"})
                entry.was_sent = answer["ok"] and answer["state"] == "sent"
            elif "once" in entry.fields:
                answer = self.client.ask(entry.request())
                if answer["ok"] and not answer.get("duplicate"):
                    self.complaints.append(f"{entry.fields['once']!r} is no duplicate: {answer}")
            else:
                answer = self.client.ask({"op": "show", "id": entry.id})
            if answer["ok"] and answer["id"] != entry.id:
                self.complaints.append(f"asked for {entry.id}, told of {answer}")
            if not answer["ok"] and answer["error"] == "not-found":
                self.complaints.append(f"{entry.id} was accepted and is not found")
        except (OSError, EOFError):
            self.hang_up()

    def connect(self):
        if self.client:
            return True
        self.latest = 0
        try:
            self.client = Client(self.relay.socket_path)
        except OSError:
            return False
        return True

    def hang_up(self):
        if self.client:
            self.client.close()
        self.client = None
