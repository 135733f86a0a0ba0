"""A connection to the relay's socket, and what one says on it."""

import json
import socket

PATIENCE = 30  # seconds that a busy machine may take for what should take none


class Client:
    """Shows every answer, hides nothing."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(path)
        self.input = b""

    def close(self):
        self.socket.close()

    def say(self, *requests):
        """Each is an object, or bytes that are sent as they are."""
        lines = [r if isinstance(r, bytes) else json.dumps(r).encode() + b"\n" for r in requests]
        self.socket.sendall(b"".join(lines))

    def say_no_more(self):
        self.socket.shutdown(socket.SHUT_WR)

    def answer(self):
        while b"\n" not in self.input:
            data = self.socket.recv(1 << 16)
            if not data:
                raise EOFError(f"closed after {self.input!r}")
            self.input += data
        line, self.input = self.input.split(b"\n", 1)
        return json.loads(line)

    def answers(self, count):
        return [self.answer() for _ in range(count)]

    def rest(self):
        """All answers up to the end of the connection."""
        while data := self.socket.recv(1 << 16):
            self.input += data
        lines, self.input = self.input.splitlines(), b""
        return [json.loads(line) for line in lines]

    def ask(self, request):
        self.say(request)
        return self.answer()

    def send(self, content, **fields):
        """The id of a message that was accepted."""
        answer = self.ask({"content": content, **fields})
        if not answer["ok"]:
            raise AssertionError(answer)
        return answer["id"]

    def wait(self, **fields):
        return self.ask({"op": "wait", "timeout": f"{PATIENCE}s", **fields})
