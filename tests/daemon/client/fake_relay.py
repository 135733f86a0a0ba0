"""A relay that plays a script, and the command run against it.

A script is a list of functions, one for each connection in the order they come;
each gets a Peer. The connection is closed when its function returns.
"""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import unittest

COMMAND = os.environ["CHATRELAY"]
PATIENCE = 30  # seconds; longer than anything here takes, however slow the machine


class Peer:
    """One connection, as the script sees it."""

    def __init__(self, connection):
        self.connection = connection
        self.reader = connection.makefile("rb")

    def line(self):
        """The next line as bytes; b"" at the end."""
        return self.reader.readline()

    def request(self):
        """The next request but hello, which is answered."""
        request = json.loads(self.line())
        if request.get("op") != "hello":
            return request
        self.answer(ok=True, version=1)
        return self.request()

    def write(self, data):
        self.connection.sendall(data if isinstance(data, bytes) else data.encode())

    def answer(self, **members):
        self.write(json.dumps(members, separators=(",", ":")) + "\n")

    def accept(self, number, **members):
        self.answer(ok=True, id=number, state="pending", position=1, eta_ms=0, **members)

    def refuse(self, word, retry=False, **members):
        self.answer(ok=False, error=word, message="because of " + word, retry=retry, **members)

    def until_closed(self):
        while self.line():
            pass


class Relay(threading.Thread):
    def __init__(self, path, script):
        super().__init__(daemon=True)
        self.script = script
        self.failure = None
        self.connections = 0
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(path)
        self.listener.listen(16)
        self.listener.settimeout(PATIENCE)
        self.start()

    def run(self):
        try:
            for play in self.script:
                connection, _ = self.listener.accept()
                self.connections += 1
                with connection:
                    peer = Peer(connection)
                    try:
                        play(peer)
                    finally:
                        peer.reader.close()
        except (ConnectionError, BrokenPipeError):
            pass  # the command had enough
        except BaseException as failure:  # told by finish(), in the test's own thread
            self.failure = failure
        finally:
            self.listener.close()

    def finish(self):
        self.join(PATIENCE)
        if self.failure:
            raise self.failure


class ClientTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="chatrelay-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.socket = os.path.join(self.folder, "socket")
        self.relay = None

    def play(self, *script):
        """Start a relay; its connections are played in this order."""
        self.relay = Relay(self.socket, script)

    def path(self, name, data):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def run_command(self, *arguments, stdin=b"", environment=None):
        """Run to the end; standard output and error are in .stdout and .stderr as text."""
        environment = dict(os.environ, CHATRELAY_SOCKET=self.socket, **(environment or {}))
        done = subprocess.run([COMMAND, *arguments], input=stdin, capture_output=True,
                              env=environment, timeout=PATIENCE, check=False)
        done.stdout = done.stdout.decode(errors="replace")
        done.stderr = done.stderr.decode(errors="replace")
        return done

    def run_with_fault(self, fault, path, *arguments):
        """Run, with a system call on the file at `path` failing: "read:error=EIO:when=1"."""
        environment = dict(os.environ, CHATRELAY_SOCKET=self.socket)
        # Leaks cannot be looked for in a process that is being traced.
        environment["ASAN_OPTIONS"] = environment.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        return subprocess.run(["strace", "-f", "-qq", "-o", "/dev/null", "-P", path, "-e",
                               "inject=" + fault, COMMAND, *arguments], capture_output=True,
                              text=True, timeout=PATIENCE, check=False, env=environment,
                              stdin=subprocess.DEVNULL)

    def expect(self, code, *arguments, stdout=None, stderr=None, **options):
        """Run, compare exit code and standard output, look for a phrase in standard error."""
        done = self.run_command(*arguments, **options)
        if self.relay and code not in (69, 78):
            self.relay.finish()
        self.assertEqual(done.returncode, code, done.stderr)
        if stdout is not None:
            self.assertEqual(done.stdout, stdout)
        if stderr is not None:
            self.assertIn(stderr, done.stderr)
        return done
