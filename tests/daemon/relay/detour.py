"""A way to the sandbox that a test can open and close."""

import contextlib
import socket
import threading
from urllib.parse import urlsplit


class Detour:
    """Connections are refused until it is opened."""

    def __init__(self, endpoint):
        self.target = ("127.0.0.1", urlsplit(endpoint).port)
        self.connections = 0
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self.socket.getsockname()[1]}"

    def open(self):
        self.socket.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                near = self.socket.accept()[0]
                self.connections += 1
                far = socket.create_connection(self.target)
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    @staticmethod
    def _carry(source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)
