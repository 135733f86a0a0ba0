"""The relay's disk as storage_gate.c has it: full, or failing to sync now and then."""

import contextlib
import os
import socket
import threading


class Disk:
    def __init__(self, folder):
        self.full = os.path.join(folder, "full")
        self.gate = os.path.join(folder, "gate")
        self.listener = None
        self.server = None

    def environment(self):
        return {"CHATRELAY_FULL_DISK": self.full, "CHATRELAY_SYNC_GATE": self.gate}

    def fill(self):
        open(self.full, "w", encoding="ascii").close()

    def fail_syncs(self, fails):
        """One after the other: of those that are true."""
        self.mend()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.gate)
        self.listener.listen()
        self.server = threading.Thread(target=self._serve, args=(self.listener, fails), daemon=True)
        self.server.start()

    @staticmethod
    def _serve(listener, fails):
        with contextlib.suppress(OSError):
            for is_failure in fails:
                with listener.accept()[0] as relay:
                    relay.sendall(b"e" if is_failure else b"s")
        listener.close()

    def mend(self):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.full)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.gate)
        if self.server:
            with contextlib.suppress(OSError):
                self.listener.shutdown(socket.SHUT_RDWR)
            self.server.join()
            self.listener.close()
        self.server = None
