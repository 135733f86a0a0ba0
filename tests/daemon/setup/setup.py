"""chatrelay-setup between a test and a sandbox, all in a temporary folder."""

import base64
import os
import secrets
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "relay"))
from running_sandbox import ENVIRONMENT, RunningSandbox  # noqa: E402

PATIENCE = 60  # seconds that a busy machine may take for what should take none


class Sandbox(RunningSandbox):
    """Without threads: they are what is set up."""

    def __init__(self, *options):
        self.key = base64.b64encode(secrets.token_bytes(64)).decode()
        super().__init__("--access-key", self.key, *options)
        self.connection_string = self.process.stdout.readline().split(" ", 2)[2].strip()

    def threads(self):
        return sorted(self.stats()["threads"])


class SetupTest(unittest.TestCase):
    SANDBOX_OPTIONS = ()

    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="cr")
        self.addCleanup(holder.cleanup)
        self.folder = os.path.join(holder.name, "conf")
        self.holder = holder.name
        self.sandbox = Sandbox(*self.SANDBOX_OPTIONS)
        self.addCleanup(self.sandbox.stop)
        self.secret_file = self.write(os.path.join(holder.name, "connection-string"),
                                      self.sandbox.connection_string + "\n", 0o600)
        self.said = ""

    def write(self, path, text, mode=0o644):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    def path(self, name):
        return os.path.join(self.folder, name)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def mode(self, name):
        return os.stat(self.path(name)).st_mode & 0o7777

    def run_setup(self, *words, status=0, **options):
        """Run it to its end; its standard output. All that it said is kept in `said`."""
        environment = dict(ENVIRONMENT, **options.pop("environment", {}))
        done = subprocess.run([os.environ["CHATRELAY_SETUP"], *words, "--config", self.folder],
                              capture_output=True, text=True, timeout=PATIENCE, check=False,
                              env=environment, stdin=options.pop("stdin", subprocess.DEVNULL),
                              **options)
        self.said += done.stdout + done.stderr
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        self.stderr = done.stderr
        return done.stdout

    def first(self, *words, **options):
        return self.run_setup("--connection-string-file", self.secret_file, "--yes", *words,
                              **options)

    def settings(self):
        """What 10-setup.conf says, as {section: {name: value}}."""
        sections, section = {}, None
        for line in self.read("conf.d/10-setup.conf").splitlines():
            if line.startswith("["):
                section = sections.setdefault(line.strip("[]"), {})
            elif " = " in line and not line.startswith("#"):
                name, value = line.split(" = ", 1)
                section[name] = value
        return sections
