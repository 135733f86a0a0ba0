"""What is recorded: the real relay with clients, a sandbox with faults, an end and a restart."""

import os
import signal

from harness import ENVIRONMENT, Relay, Sandbox, until
import recording

THREADS = ("alpha", "beta")
FAULTS = ({"what": "reset", "stored": True, "after": 2}, {"what": "close", "after": 4},
          {"status": 503, "stored": True, "after": 6}, {"status": 413, "after": 9},
          {"what": "cut", "stored": True, "after": 11})

FOLDED_LOG_BYTES = 5 * 1024 * 1024


class Play:
    def __init__(self, folder, preload=""):
        self.folder = folder
        self.state = os.path.join(folder, "state")
        os.mkdir(self.state)
        self.preload = preload
        self.logs = []
        self.batches = 0
        self.sandbox = Sandbox(folder, THREADS)
        self.relay = Relay(folder, self.sandbox, THREADS)
        self.relay.outbox_path = os.path.join(self.state, "outbox.db")
        self.relay.sections["relay"]["outbox"] = self.relay.outbox_path
        self.relay.write_config()

    def run(self, rounds, heavy):
        """Returns strace's logs. A heavy play lets the outbox's log grow until it is folded."""
        try:
            self.begin()
            for fault in FAULTS:
                self.sandbox.fault(op="send", **fault)
            self.hand_in(rounds)
            if heavy:
                self.hand_in_until_folded()
            for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL):
                self.end(number)
                self.begin()
                self.hand_in(rounds // 2 + 1)
            self.end(signal.SIGTERM)
        finally:
            self.relay.kill()
            self.sandbox.stop()
        return self.logs

    def begin(self):
        self.logs.append(os.path.join(self.folder, f"trace{len(self.logs)}"))
        # Leaks cannot be looked for in a process that is being traced.
        environment = {"ASAN_OPTIONS": ENVIRONMENT["ASAN_OPTIONS"] + ":detect_leaks=0"}
        if self.preload:
            environment["LD_PRELOAD"] = self.preload
        self.relay.start(*recording.command(self.logs[-1]), **environment)

    def end(self, number):
        self.relay.end(number)
        until(lambda: recording.is_complete(self.logs[-1], self.relay.process.pid))

    def hand_in(self, rounds):
        """Several clients, one write each, of several messages; then what became of them."""
        for _ in range(rounds):
            clients = [(self.relay.connect(), self.batch()) for _ in range(2)]
            for client, batch in clients:
                client.say(*batch)
            for client, batch in clients:
                for answer in client.answers(len(batch)):
                    client.wait(id=answer["id"])
                client.close()

    def batch(self, size=0, length=0):
        """One turn takes them all, as long as they are no more than 16 KiB together."""
        self.batches += 1
        size = size or 1 + self.batches % 4
        filling = "x" * (length or self.batches * 211 % 3000)
        return [{"to": THREADS[self.batches % 2], "priority": ("urgent", "normal")[number % 2],
                 "content": f"{number} of {size} {filling} in batch {self.batches}"}
                for number in range(size)]

    def hand_in_until_folded(self):
        """Idle with a long log, the relay folds it into the database, and begins it anew."""
        client = self.relay.connect()
        size = os.path.getsize(self.relay.outbox_path)
        while os.path.getsize(self.relay.outbox_path + "-wal") < FOLDED_LOG_BYTES:
            client.say(*self.batch(1, 28000))
            client.wait(id=client.answer()["id"])
        client.close()
        until(lambda: os.path.getsize(self.relay.outbox_path) > size)
