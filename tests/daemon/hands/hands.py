"""What the tests of hands on the queue share: the relay's harness, and other users."""

import contextlib
import os
import pwd
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "relay"))

from harness import RelayTest, thread_id, until  # noqa: E402  (found by the line above)

IS_ROOT = os.geteuid() == 0
NOBODY, GAMES = "nobody", "games"

__all__ = ["GAMES", "IS_ROOT", "NOBODY", "HandsTest", "acting_as", "thread_id", "until"]


@contextlib.contextmanager
def acting_as(user):
    """What is connected meanwhile is this user's; the kernel looks at that moment only."""
    entry, before = pwd.getpwnam(user), os.getgroups()
    os.setgroups([])
    os.setegid(entry.pw_gid)
    os.seteuid(entry.pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(before)


class HandsTest(RelayTest):
    def begin(self):
        super().begin()
        self.client = self.connect()

    def ask(self, op, **fields):
        return self.client.ask({"op": op, **fields})

    def done(self, op, **fields):
        answer = self.ask(op, **fields)
        self.assertTrue(answer["ok"], answer)
        return answer

    def counts(self, op, **fields):
        """What was changed, what is wished, and what not and why."""
        answer = self.done(op, **fields)
        return answer["changed"], answer["wished"], answer["unchanged"]

    def state(self, message):
        return self.done("show", id=message)["state"]

    def reaches(self, message, state):
        until(lambda: self.state(message) == state,
              why=lambda: f"{message} is {self.done('show', id=message)}\n{self.relay.log()}")

    def connect_as(self, user):
        with acting_as(user):
            return self.connect()
