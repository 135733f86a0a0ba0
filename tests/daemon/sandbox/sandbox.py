"""A chatrelay-sandbox under test, and a client that shows what came over the wire."""

import base64
import hashlib
import hmac
import json
import os
import re
import socket
import struct
import subprocess
import tempfile
import time
import unittest
from email.utils import formatdate
from urllib.parse import quote, urlsplit

ALICE = "8:acs:sandbox_alice"
BOB = "8:acs:sandbox_bob"
THREAD = "19:ops@thread.v2"
CHAT = "2025-03-15"
IDENTITY = "2023-10-01"

# Sanitizers tell of themselves by this, so that it is not mistaken for a refusal.
SANITIZER_STATUS = 99


def to_bytes(body):
    """A request's body: nothing, bytes as they are, or what becomes JSON."""
    if body is None:
        return b""
    return body if isinstance(body, bytes) else json.dumps(body).encode()


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


class Connection:
    """HTTP/1.1 with nothing behind one's back: no retry, no second connection."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.port = port
        self.input = b""

    def close(self):
        self.socket.close()

    def start(self, method, target, body=None, headers=None, content_type="application/json"):
        data = to_bytes(body)
        lines = [f"{method} {target} HTTP/1.1", f"Host: 127.0.0.1:{self.port}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        if body is not None:
            lines += [f"Content-Type: {content_type}", f"Content-Length: {len(data)}"]
        self.socket.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + data)

    def ask(self, *args, **kwargs):
        self.start(*args, **kwargs)
        return self.answer()

    def read_until(self, mark):
        while mark not in self.input:
            self.read_more()
        part, _, self.input = self.input.partition(mark)
        return part

    def read_more(self):
        data = self.socket.recv(65536)
        if not data:
            raise EOFError(f"the connection was closed after {self.input!r}")
        self.input += data

    def read_bytes(self, count):
        while len(self.input) < count:
            self.read_more()
        part, self.input = self.input[:count], self.input[count:]
        return part

    def read_chunks(self):
        body = b""
        while size := int(self.read_until(b"\r\n"), 16):
            body += self.read_bytes(size)
            self.read_until(b"\r\n")
        self.read_until(b"\r\n")
        return body

    def answer(self):
        head = self.read_until(b"\r\n\r\n").decode().split("\r\n")
        status = int(head[0].split()[1])
        headers = {}
        for line in head[1:]:
            name, _, value = line.partition(": ")
            headers[name.lower()] = value
        if headers.get("transfer-encoding") == "chunked":
            body = self.read_chunks()
        else:
            body = self.read_bytes(int(headers.get("content-length", 0)))
        return Answer(status, headers, body)

    def rest(self):
        """All bytes up to the end of the connection. A reset raises."""
        while data := self.socket.recv(65536):
            self.input += data
        return self.input


class Sandbox:
    def __init__(self, *options):
        self.folder = tempfile.TemporaryDirectory()
        self.token_file = os.path.join(self.folder.name, "alice")
        other_file = os.path.join(self.folder.name, "bob")
        environment = dict(os.environ)
        environment["ASAN_OPTIONS"] = f"exitcode={SANITIZER_STATUS}"
        self.process = subprocess.Popen(
            [os.environ["CHATRELAY_SANDBOX"], "--listen", "127.0.0.1:0",
             "--identity", ALICE, "--token-file", self.token_file,
             "--identity", BOB, "--token-file", other_file, "--thread", THREAD, *options],
            stdout=subprocess.PIPE, text=True, env=environment)
        self.endpoint = self.process.stdout.readline().split()[1]
        connection_string = self.process.stdout.readline().split(" ", 2)[2].strip()
        self.key = re.fullmatch(r"endpoint=(.*);accesskey=(.*)", connection_string)[2]
        self.port = urlsplit(self.endpoint).port
        self.token = self.read(self.token_file)
        self.other_token = self.read(other_file)

    @staticmethod
    def read(path):
        with open(path, encoding="ascii") as file:
            return file.read().strip()

    def stop(self):
        self.process.terminate()
        status = self.process.wait(20)
        self.process.stdout.close()
        self.folder.cleanup()
        if status != 0:
            raise AssertionError(f"the sandbox ended with status {status}")

    def descriptors(self):
        """How many the sandbox has open."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def connect(self):
        return Connection(self.port)

    def ask(self, *args, **kwargs):
        connection = self.connect()
        try:
            return connection.ask(*args, **kwargs)
        finally:
            connection.close()

    def bearer(self, token=None):
        return {"Authorization": f"Bearer {token or self.token}"}

    def signed(self, method, target, body, host=None, date=None):
        """The headers of a request signed with the access key."""
        data = to_bytes(body)
        host = host or f"127.0.0.1:{self.port}"
        date = date or formatdate(usegmt=True)
        digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
        text = f"{method}\n{target}\n{date};{host};{digest}"
        mac = hmac.new(base64.b64decode(self.key), text.encode(), hashlib.sha256).digest()
        return {"x-ms-date": date, "x-ms-content-sha256": digest,
                "Authorization": "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256"
                                 f"&Signature={base64.b64encode(mac).decode()}"}

    def identity(self, method, path, body=None):
        target = f"{path}?api-version={IDENTITY}"
        return self.ask(method, target, body, self.signed(method, target, body))

    def chat(self, method, path, body=None, token=None, version=CHAT, connection=None, **kwargs):
        separator = "&" if "?" in path else "?"
        target = f"{path}{separator}api-version={version}"
        asked = connection or self
        return asked.ask(method, target, body, self.bearer(token), **kwargs)

    def messages_path(self, thread=THREAD):
        return f"/chat/threads/{quote(thread, safe='')}/messages"

    def send(self, content, thread=THREAD, **kwargs):
        return self.chat("POST", self.messages_path(thread), {"content": content}, **kwargs)

    def list(self, query="", thread=THREAD, **kwargs):
        return self.chat("GET", self.messages_path(thread) + query, **kwargs)

    def start_send(self, connection, content):
        target = f"{self.messages_path()}?api-version={CHAT}"
        connection.start("POST", target, {"content": content}, self.bearer())

    def fault(self, **fields):
        answer = self.ask("POST", "/sandbox/faults", fields)
        assert answer.status == 201, answer.body
        return answer.json()["id"]

    def ledger(self, query=""):
        body = self.ask("GET", "/sandbox/messages" + query).body
        return [json.loads(line) for line in body.splitlines()]

    def contents(self):
        return [message["content"]["message"] for message in self.ledger()]

    def stats(self):
        return self.ask("GET", "/sandbox/stats").json()


class SandboxTest(unittest.TestCase):
    """One sandbox for each test, started with the class's OPTIONS unless told otherwise."""

    OPTIONS = ("--limits", "off")

    def start(self, *options):
        sandbox = Sandbox(*options)
        self.addCleanup(sandbox.stop)
        return sandbox

    def setUp(self):
        self.sandbox = self.start(*self.OPTIONS)

    def connect(self):
        connection = self.sandbox.connect()
        self.addCleanup(connection.close)
        return connection

    def eventually(self, what, timeout=15):
        """Wait for what another process does; the wait ends as soon as it is done."""
        end = time.monotonic() + timeout
        while not what():
            self.assertLess(time.monotonic(), end, "it did not happen")
            time.sleep(0.005)

    def refused(self, answer, status, code, message=None):
        self.assertEqual(answer.status, status, answer.body)
        error = answer.json()["CommunicationError"]
        self.assertEqual(error["Code"], code)
        self.assertEqual(error.get("Message"), message)
        self.assertEqual(error["Details"], [])


def leave_without_a_word(connection):
    """Close with a reset, as a client that gave up does."""
    linger = struct.pack("ii", 1, 0)
    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    connection.close()
