"""The real chatrelayd between a test and a sandbox, all in a temporary folder.

No test sleeps for a fixed time: it blocks on a socket's answer, or asks again and
again until what it waits for is there. Names of messages' fields are the protocol's.
"""

import os
import re
import signal
import sqlite3
import subprocess
import tempfile
import time
import unittest

from client import PATIENCE, Client
from running_sandbox import ENVIRONMENT, SANITIZER_STATUS, RunningSandbox

IDENTITY = "8:acs:sandbox_relay"

# All durations are the product's, divided by a hundred; see the sandbox's --scale.
SCALE = 100
# Messages go singly, as most tests are about one of them.
THREAD_SETTINGS = {"pace": "off", "digest": "off", "settle": "50ms", "backoff": "20ms..200ms"}
SENDER_SETTINGS = {"identity": IDENTITY, "display_name": "relay under test",
                   "backoff": "10ms..100ms", "connect_timeout": "5s", "request_timeout": "10s"}

# How a relay is run whose standard input is a listening socket: as sd_listen_fds(3) has it.
WITH_SOCKET = ("sh", "-c", 'exec 3<&0 && exec env LISTEN_FDS=1 LISTEN_PID=$$ "$@"', "sh")


def until(what, timeout=PATIENCE, why="it did not happen"):
    """Ask until the answer is true, and return it."""
    end = time.monotonic() + timeout
    while not (answer := what()):
        if time.monotonic() > end:
            raise AssertionError(why() if callable(why) else why)
        time.sleep(0.004)
    return answer


def thread_id(name):
    return f"19:{name}@thread.v2"


class Sandbox(RunningSandbox):
    """With these threads, each told by its name."""

    def __init__(self, folder, threads, *options):
        self.token_file = os.path.join(folder, "token")
        words = ["--limits", "off", "--list-limits", "off", "--thread-list-limits", "off",
                 "--scale", str(SCALE), "--identity", IDENTITY, "--token-file", self.token_file,
                 # So long that nobody is told that it expires.
                 "--token-lifetime", "10000h"]
        for name in threads:
            words += ["--thread", thread_id(name)]
        super().__init__(*words, *options)
        self.first_stats = self.stats()

    def ledger(self, thread=None):
        return super().ledger(thread and thread_id(thread))

    def count(self, what="messages", thread=None):
        """How many messages appeared, or how many requests there were, since the start."""
        def counted(stats):
            return (stats["threads"][thread_id(thread)] if thread else stats)[what]
        return counted(self.stats()) - counted(self.first_stats)


class Relay:
    def __init__(self, folder, sandbox, threads):
        self.folder, self.sandbox = folder, sandbox
        self.socket_path = os.path.join(folder, "socket")
        self.outbox_path = os.path.join(folder, "outbox.db")
        self.log_path = os.path.join(folder, "log")
        self.config_path = os.path.join(folder, "chatrelay.conf")
        # A file's space is the business of the machine that runs the tests.
        self.sections = {"relay": {"socket": self.socket_path, "outbox": self.outbox_path,
                                   "min_free": "0"},
                         "access": {"allow": "root"},
                         "sender main": dict(SENDER_SETTINGS, endpoint=sandbox.endpoint,
                                             token_file=sandbox.token_file)}
        for name in threads:
            self.sections["thread " + name] = dict(THREAD_SETTINGS, id=thread_id(name))
        self.process = None
        self.write_config()

    def write_config(self):
        with open(self.config_path, "w", encoding="utf-8") as file:
            for section, settings in self.sections.items():
                file.write(f"[{section}]\n")
                file.writelines(f"{name} = {value}\n" for name, value in settings.items())

    def launch(self, *before, stdin=subprocess.DEVNULL, **environment):
        """Run it, perhaps through another program; its log goes on."""
        words = [*before, os.environ["CHATRELAYD"], "--config", self.config_path]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(words, stdin=stdin, stdout=log, stderr=log,
                                            env=dict(ENVIRONMENT, **environment))

    def start(self, *before, **options):
        """Launch it and wait until it is ready."""
        times = self.log().count("is ready")
        self.launch(*before, **options)
        until(lambda: self.log().count("is ready") > times or self.process.poll() is not None)
        if self.process.poll() is not None:
            raise AssertionError("chatrelayd did not start:\n" + self.log_end())
        return self

    def end(self, number):
        self.process.send_signal(number)
        try:
            return self.process.wait(PATIENCE)
        finally:
            self.process.kill()

    def stop(self):
        """As a system does it. A status other than 0 is a defect of any test."""
        if self.process and self.process.poll() is None and self.end(signal.SIGTERM) != 0:
            raise AssertionError(f"ended with {self.process.returncode}:\n" + self.log_end())

    def kill(self):
        self.end(signal.SIGKILL)

    def restart(self):
        self.kill()
        return self.start()

    def reload(self):
        """Have the settings read again; returns what it said about them."""
        before = len(self.log())
        self.process.send_signal(signal.SIGHUP)
        return until(lambda: re.search(r"(?s).*settings (not )?reloaded.*\n", self.log()[before:]))[0]

    def adopt(self):
        """Have the settings as they are in `sections` taken over."""
        self.write_config()
        said = self.reload()
        if "settings reloaded" not in said:
            raise AssertionError(said)
        return said

    def log(self):
        if not os.path.exists(self.log_path):
            return ""
        with open(self.log_path, encoding="utf-8") as file:
            return file.read()

    def log_end(self):
        return self.log()[-2000:]

    def busy_ms(self):
        """The processor's time that it has taken so far."""
        with open(f"/proc/{self.process.pid}/schedstat", encoding="ascii") as file:
            return int(file.read().split()[0]) / 1e6

    def logged(self, pattern):
        """Wait for a line of the log that holds the pattern."""
        return until(lambda: re.search(pattern, self.log()), why=lambda:
                     f"no line like {pattern} in the log:\n{self.log_end()}")

    def connect(self):
        return Client(self.socket_path)

    def command(self, *words, **options):
        """Run `chatrelay` against this relay."""
        environment = dict(ENVIRONMENT, CHATRELAY_SOCKET=self.socket_path)
        return subprocess.run([os.environ["CHATRELAY"], *words], capture_output=True, text=True,
                              timeout=PATIENCE * 2, check=False, env=environment, **options)

    def rows(self, query, *values):
        """What is on disk. Only while the relay is stopped."""
        with sqlite3.connect(self.outbox_path) as database:
            rows = database.execute(query, values).fetchall()
        database.close()
        return rows


class RelayTest(unittest.TestCase):
    """A sandbox and a relay for each test; THREADS are in both."""

    THREADS = ("ops",)
    SANDBOX_OPTIONS = ()

    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="cr")
        self.addCleanup(holder.cleanup)
        os.chmod(holder.name, 0o755)
        self.folder = holder.name
        self.sandbox = Sandbox(self.folder, self.THREADS, *self.SANDBOX_OPTIONS)
        self.addCleanup(self.sandbox.stop)
        self.relay = Relay(self.folder, self.sandbox, self.THREADS)
        self.addCleanup(self.relay.stop)
        self.configure(self.relay.sections)
        self.relay.write_config()
        self.begin()

    def configure(self, sections):
        """Change the settings before the relay starts."""

    def begin(self):
        self.relay.start()

    def connect(self):
        client = self.relay.connect()
        self.addCleanup(client.close)
        return client

    def refused(self, answer, word, field=None, message=None):
        self.assertEqual((answer["ok"], answer.get("error"), answer.get("field")),
                         (False, word, field), answer)
        self.assertEqual(answer["retry"], word in ("full", "storage", "busy", "down"), answer)
        if message:
            self.assertIn(message, answer["message"])

    def all_sent(self, count, thread=None):
        """Wait until so many messages have appeared, and return their contents."""
        until(lambda: self.sandbox.count(thread=thread) >= count, why=lambda:
              f"of {count} there are {self.sandbox.contents(thread)}\n{self.relay.log_end()}")
        return self.sandbox.contents(thread)
