"""One seed: a sandbox, a relay, clerks and troubles, and the verdict on it."""

import base64
import collections
import contextlib
import http.client
import os
import random
import signal
import threading
import time
import traceback
import urllib.error

from clerk import Clerk
from disk import Disk
from harness import Relay, Sandbox, until
from operator_hands import Operator
from troubles import REQUEST_TIMEOUT_MS, SETTLE_MS, Troubles
from verdict import judge, read_rows

CLERKS = 4
REMOTE_THREADS = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta")
DRAIN_SECONDS = 60

# The service's own limits, and ours, a hundred times faster.
LIMITS = ("--limits", "10/10s,30/60s")
PACE = "10/100ms, 30/600ms"


def sandbox_options(dice):
    """One of the services that the real one may be."""
    return (*LIMITS, "--latency", dice.choice(("0", "0-300", "200-3000")),
            "--windows", dice.choice(("sliding", "fixed")),
            "--errors", dice.choice(("observed", "documented")),
            "--clock-offset", dice.choice(("0s", "0s", "10m", "-10m")),
            *dice.choice(((), ("--chunked",), ("--empty-401",))))


class ToughSandbox(Sandbox):
    """Its controls are asked again when a fault strikes their connection."""

    def ask(self, method, path, body=None):
        for _ in range(100):
            with contextlib.suppress(ConnectionError, http.client.RemoteDisconnected,
                                     urllib.error.URLError):
                return super().ask(method, path, body)
        raise AssertionError("the sandbox does not answer")


class MortalRelay(Relay):
    """It may die at any moment, and its disk may be full."""

    def __init__(self, folder, sandbox, threads):
        super().__init__(folder, sandbox, threads)
        self.disk = Disk(folder)
        self.deeds = 0

    def begin(self, deeds=0):
        """Start it, to die at so many deeds if that is above 0. False when it did so at once."""
        self.deeds = deeds
        preload = [os.environ["CHATRELAY_SUDDEN_DEATH"], os.environ["CHATRELAY_STORAGE_GATE"]]
        try:
            self.start(LD_PRELOAD=":".join(preload), CHATRELAY_DIES_AT=str(deeds),
                       **self.disk.environment())
        except AssertionError:
            if not self.is_dead():
                raise
        return not self.is_dead()

    def is_immortal(self):
        return self.deeds == 0

    def is_dead(self):
        """As it was meant to be; any other end is a defect."""
        status = self.process.poll()
        if status is None:
            return False
        if status != -signal.SIGKILL or self.is_immortal():
            raise AssertionError(f"ended with {status}:\n{self.log_end()}")
        return True

    def terminate(self):
        status = self.end(signal.SIGTERM)
        if status != 0:
            self.is_dead()

    def reload(self):
        before = len(self.log())
        self.process.send_signal(signal.SIGHUP)
        until(lambda: "reloaded" in self.log()[before:] or self.is_dead())
        return self.log()[before:]

    def adopt(self):
        self.write_config()
        said = self.reload()
        if "settings reloaded" not in said and not self.is_dead():
            raise AssertionError(said)


class Season:
    def __init__(self, seed, folder, messages, steps):
        self.seed, self.messages, self.steps = seed, messages, steps
        self.stopped = threading.Event()
        dice = random.Random(f"service {seed}")
        self.key = base64.b64encode(dice.randbytes(48)).decode()
        self.sandbox = ToughSandbox(folder, REMOTE_THREADS, "--access-key", self.key,
                                    *sandbox_options(dice))
        # Two names of one remote thread, one of which moves about.
        names = (*REMOTE_THREADS, "wanderer")
        self.relay = MortalRelay(folder, self.sandbox, names)
        self.configure()
        if dice.random() < 0.5:
            self.have_tokens_minted(folder)
        self.relay.write_config()
        self.operator = Operator(self.relay)
        self.troubles = Troubles(seed, self.sandbox, self.relay, self.operator)
        self.clerks = [Clerk(f"clerk{number}", seed, self.relay, names, messages // CLERKS,
                             self.stopped) for number in range(CLERKS)]
        self.operator.watch(self.clerks, names)

    def configure(self):
        sections = self.relay.sections
        sections["sender main"]["request_timeout"] = f"{REQUEST_TIMEOUT_MS}ms"
        for name, settings in sections.items():
            if name.startswith("thread "):
                settings.update(pace=PACE, settle=f"{SETTLE_MS}ms")
        sections["thread zeta"]["late_mark"] = "300ms"
        # Some threads are always behind, so that most of their messages go into digests.
        for name in ("alpha", "wanderer", "beta"):
            sections["thread " + name].update(digest="always")
        for name in ("gamma", "zeta"):
            sections["thread " + name].update(digest="backlog", digest_after="50ms",
                                              digest_messages="7")
        sections["thread wanderer"]["id"] = sections["thread alpha"]["id"]

    def have_tokens_minted(self, folder):
        """With a connection string, and not from a file."""
        sender = self.relay.sections["sender main"]
        del sender["token_file"]
        del sender["endpoint"]
        sender["connection_string_file"] = path = os.path.join(folder, "connection")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as file:
            file.write(f"endpoint={self.sandbox.endpoint}/;accesskey={self.key}\n")

    def run(self):
        """Returns what is wrong, as sentences."""
        try:
            self.relay.begin()
            for clerk in self.clerks:
                clerk.start()
            self.make_trouble()
            self.drain()
            complaints = [c for clerk in self.clerks for c in clerk.complaints]
            complaints += self.operator.audit()
            self.relay.stop()
            entries = [entry for clerk in self.clerks for entry in clerk.book]
            return complaints + judge(entries, self.operator, self.relay, self.sandbox)
        except (AssertionError, EOFError, OSError):
            return [traceback.format_exc()]
        finally:
            self.stopped.set()
            self.relay.disk.mend()
            self.relay.kill()
            self.sandbox.stop()

    def make_trouble(self):
        for _ in range(self.steps):
            self.stopped.wait(self.troubles.step())
        self.troubles.end()
        self.operator.let_all_go()

    def drain(self):
        """Everything that was handed in comes to its end."""
        end = time.monotonic() + DRAIN_SECONDS
        for clerk in self.clerks:
            clerk.join(max(end - time.monotonic(), 0))
            if clerk.is_alive():
                raise AssertionError(f"{clerk.name} is still busy\n{self.relay.log_end()}")
        client = self.relay.connect()
        try:
            until(lambda: not self.waiting(client), DRAIN_SECONDS, lambda:
                  f"{self.waiting(client)} messages still wait\n{self.relay.log_end()}")
        finally:
            client.close()

    def waiting(self, client):
        """How many; refused while the outbox is being opened anew, then it is not known."""
        answer = client.ask({"op": "stats"})
        if not answer["ok"]:
            return "all"
        # Who was wished to be held while under way is held only now.
        if answer["totals"].get("held"):
            self.operator.release_all()
        return sum(answer["totals"].get(state, 0) for state in ("scheduled", "pending", "held"))

    def kills(self):
        return sum(self.troubles.done.get(name, 0) for name in ("kill", "death"))

    def ends(self):
        """How many messages there are in each state."""
        return collections.Counter(row.state for row in read_rows(self.relay).values())
