"""The test's side of storage_gate.c: what goes to disk is held or fails as told."""

import contextlib
import itertools
import os
import select
import socket
import threading

from harness import PATIENCE, RelayTest


class Gate:
    def __init__(self, folder):
        self.path = os.path.join(folder, "gate")
        self.open()

    def open(self):
        """Whoever asks from now on may pass, until it is told to hold."""
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.socket.bind(self.path)

    def hold(self):
        """From now on every sync waits for the test."""
        self.socket.listen()

    def arrival(self):
        """Wait until the relay stands in a sync; answer the socket that it waits at."""
        return self.socket.accept()[0]

    def reopen(self):
        self.close()
        self.open()

    def is_quiet(self):
        return not select.select([self.socket], [], [], 0)[0]

    def let_through(self, count=1, word=b"s"):
        for _ in range(count):
            with self.arrival() as relay:
                relay.sendall(word)

    def fail(self, count=1):
        self.let_through(count, b"e")

    @contextlib.contextmanager
    def failing(self, fails):
        """Meanwhile the syncs fail of whose number `fails` is true."""
        done = threading.Event()

        def serve():
            for number in itertools.count():
                with self.arrival() as relay:
                    if done.is_set():
                        return
                    relay.sendall(b"e" if fails(number) else b"s")

        server = threading.Thread(target=serve)
        server.start()
        yield
        done.set()
        with socket.socket(socket.AF_UNIX) as last:
            last.connect(self.path)
            server.join()
        self.close()

    def close(self):
        """Nothing is held any more."""
        self.socket.close()
        if os.path.exists(self.path):
            os.unlink(self.path)


class GateTest(RelayTest):
    """The relay runs with a gate, which is open at first, and on a disk that can be full."""

    def begin(self):
        self.gate = Gate(self.folder)
        self.addCleanup(self.gate.close)
        self.full_disk = os.path.join(self.folder, "full")
        self.environment = {"LD_PRELOAD": os.environ["CHATRELAY_STORAGE_GATE"],
                            "CHATRELAY_SYNC_GATE": self.gate.path,
                            "CHATRELAY_FULL_DISK": self.full_disk}
        self.relay.start(**self.environment)
        self.connect().ask({"op": "hello"})  # what the start writes is written
