"""The installed service, its settings and a chat, for tests that run inside a machine.

What a test changes is undone for the next one: each begins with an empty outbox,
the units as they are shipped, and a relay that is stopped, while its socket listens.
"""

import glob
import os
import pwd
import re
import shutil
import subprocess
import tempfile
import unittest

from client import PATIENCE, Client
from harness import IDENTITY, Sandbox, thread_id, until

SERVICE, SOCKET = "chatrelayd.service", "chatrelayd.socket"
SOCKET_PATH = "/run/chatrelay/socket"
STATE = "/var/lib/chatrelay"
OUTBOX = STATE + "/outbox.db"
KEY = "/etc/chatrelay/keys/alerts"
SITE = "/etc/chatrelay/conf.d/10-site.conf"
FAST = {"pace": "off", "settle": "50ms", "backoff": "20ms..200ms"}


def run(*words, check=True, **options):
    done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE * 2, check=False,
                          **options)
    if check and done.returncode != 0:
        raise AssertionError(f"{words}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def systemctl(*words, **options):
    return run("systemctl", *words, **options)


def fact(name, unit=SERVICE):
    """A property of a unit, as systemctl(1) shows it."""
    return systemctl("show", "--property", name, "--value", unit).stdout.strip()


def main_pid():
    return int(fact("MainPID"))


def restarts():
    return int(fact("NRestarts"))


def journal(*matches):
    """The messages of the service, or what else is asked for."""
    run("journalctl", "--sync")
    words = matches or ("--unit", SERVICE)
    return run("journalctl", "--quiet", "--no-pager", "--output", "cat", *words).stdout


def logged(pattern, *matches):
    return until(lambda: re.search(pattern, journal(*matches)),
                 why=lambda: f"no {pattern} in the journal:\n{journal(*matches)[-3000:]}")


def send(*words, **options):
    return run("chatrelay", "send", *words, **options)


def begin_send(*words):
    return subprocess.Popen(["chatrelay", "send", *words], stdin=subprocess.DEVNULL, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def waiting_clients():
    """Connections to the socket that nobody has accepted, or that somebody has: all of them."""
    with open("/proc/net/unix", encoding="ascii") as file:
        lines = [line.split() for line in file if line.rstrip().endswith(SOCKET_PATH)]
    listening = 0x10000
    return sum(1 for line in lines if not int(line[3], 16) & listening)


def drop_in(text, unit=SERVICE):
    """What `systemctl edit` would do, until the test ends."""
    folder = f"/run/systemd/system/{unit}.d"
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/test.conf", "w", encoding="utf-8") as file:
        file.write(text)
    systemctl("daemon-reload")


class Settings:
    """Those of this site: one sender, and threads in the sandbox."""

    def __init__(self, sandbox, *threads):
        self.sender = {"endpoint": sandbox.endpoint, "identity": IDENTITY, "token_file": KEY,
                       "backoff": "10ms..100ms"}
        self.threads = {name: dict(FAST, id=thread_id(name)) for name in threads}
        self.more = ""

    def write(self):
        sections = {"sender alerts": self.sender}
        sections.update({f"thread {name}": fields for name, fields in self.threads.items()})
        with open(SITE, "w", encoding="utf-8") as file:
            for section, settings in sections.items():
                file.write(f"[{section}]\n")
                file.writelines(f"{name} = {value}\n" for name, value in settings.items())
            file.write(self.more)


class ServiceTest(unittest.TestCase):
    THREADS = ("ops",)

    def setUp(self):
        self.clear()
        folder = tempfile.TemporaryDirectory(prefix="cr")
        self.addCleanup(folder.cleanup)
        self.sandbox = Sandbox(folder.name, self.THREADS)
        self.addCleanup(self.sandbox.stop)
        self.addCleanup(systemctl, "stop", SERVICE, check=False)
        shutil.copy(self.sandbox.token_file, KEY)
        owner = pwd.getpwnam("chatrelay")
        os.chown(KEY, owner.pw_uid, owner.pw_gid)
        os.chmod(KEY, 0o600)
        self.settings = Settings(self.sandbox, *self.THREADS)
        self.settings.write()
        systemctl("start", SOCKET)

    def clear(self):
        systemctl("stop", SERVICE, SOCKET, check=False)
        shutil.rmtree(f"/run/systemd/system/{SERVICE}.d", ignore_errors=True)
        systemctl("daemon-reload")
        systemctl("reset-failed")
        for path in glob.glob(STATE + "/*") + glob.glob("/etc/chatrelay/conf.d/*"):
            os.unlink(path)

    def start(self):
        systemctl("start", SERVICE)

    def connect(self):
        client = Client(SOCKET_PATH)
        self.addCleanup(client.close)
        return client

    def appeared(self, *contents):
        """Wait until as many messages are in the chat, and hold them against what is wanted."""
        until(lambda: self.sandbox.count() >= len(contents), why=lambda:
              f"in the chat: {self.sandbox.contents()}\n{journal()[-3000:]}")
        self.assertEqual(sorted(self.sandbox.contents()), sorted(contents))

    def finished(self, processes):
        """Their answers, once all have ended; each must have succeeded."""
        answers = []
        for process in processes:
            said, complaint = process.communicate(timeout=PATIENCE)
            self.assertEqual(process.returncode, 0, complaint)
            answers.append(said.strip())
        return answers
