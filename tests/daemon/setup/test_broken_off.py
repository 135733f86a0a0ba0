"""A setup that is killed at any step, and then repeated, makes nothing twice."""

import os
import signal
import subprocess
import unittest

from setup import ENVIRONMENT, PATIENCE, SetupTest

# Where a crash can leave things half done: before anything is synced, renamed or removed,
# before a request leaves, and before its answer is read.
STEPS = ("fsync", "rename", "unlink", "sendto", "recvfrom")
MOST = 60  # of one kind of step in one run

# Leaks cannot be looked for in a process that is being traced.
TRACED = dict(ENVIRONMENT, ASAN_OPTIONS=ENVIRONMENT.get("ASAN_OPTIONS", "") + ":detect_leaks=0")


class BrokenOff(SetupTest):
    SANDBOX_OPTIONS = ("--limits", "off", "--list-limits", "off", "--thread-list-limits", "off")

    def killed_at(self, step, number, *words):
        """Whether the run got as far as that step, where it was killed."""
        done = subprocess.run(
            ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={step}",
             "-e", f"inject={step}:signal=KILL:when={number}",
             os.environ["CHATRELAY_SETUP"], "--config", self.folder, *words],
            capture_output=True, text=True, timeout=PATIENCE, check=False, env=TRACED,
            stdin=subprocess.DEVNULL)
        self.said += done.stdout + done.stderr
        self.assertIn(done.returncode, (0, -signal.SIGKILL, 128 + signal.SIGKILL), done.stderr)
        return done.returncode != 0

    def check_one_of_each(self, known):
        threads = set(self.sandbox.threads()) - known
        self.assertEqual(len(threads), 1, self.said)
        [thread] = threads
        self.assertEqual(len(self.sandbox.contents(thread)), 1, self.said)
        self.assertEqual(self.settings()["thread ops"]["id"], thread)
        left = [name for _, _, names in os.walk(self.folder) for name in names]
        self.assertEqual(sorted(left), ["10-setup.conf", "chatrelay.conf", "main"])
        self.assertEqual(self.read("keys/main"), self.sandbox.connection_string + "\n")
        self.assertNotIn(self.sandbox.key, self.said)
        return threads

    def test_the_first_setup(self):
        words = ("--yes", "--connection-string-file", self.secret_file)
        known, kills = set(), dict.fromkeys(STEPS, 0)
        for step in STEPS:
            for number in range(1, MOST):
                self.said = ""
                self.folder = os.path.join(self.holder, f"{step}{number}")
                if not self.killed_at(step, number, *words):
                    break
                kills[step] += 1
                self.run_setup(*words)
                known |= self.check_one_of_each(known)
            known = set(self.sandbox.threads())
        for step in STEPS:
            self.assertGreater(kills[step], 0, kills)
            self.assertLess(kills[step], MOST - 1, kills)

    def test_a_replacement(self):
        """Who was in the old thread is in the new one, wherever it was broken off."""
        self.run_setup("--yes", "--connection-string-file", self.secret_file)
        self.run_setup("invite", "ops", "Zoë")
        for step in ("rename", "sendto", "recvfrom"):
            for number in range(1, MOST):
                before = len(self.sandbox.threads())
                if not self.killed_at(step, number, "replace", "ops", "--yes"):
                    break
                if os.path.exists(self.path("setup.plan")):
                    self.run_setup("replace", "ops", "--yes")
                    self.assertEqual(len(self.sandbox.threads()), before + 1)
                self.assertIn("\tZoë", self.run_setup("people", "ops"), self.said)
                thread = self.settings()["thread ops"]["id"]
                self.assertEqual(len(self.sandbox.contents(thread)), 1)

    def test_an_invitation(self):
        self.run_setup("--yes", "--connection-string-file", self.secret_file)
        thread = self.settings()["thread ops"]["id"]
        for step in ("rename", "sendto", "recvfrom"):
            for number in range(1, MOST):
                person = step + str(number)
                killed = self.killed_at(step, number, "invite", "ops", person)
                self.run_setup("invite", "ops", person)
                people = self.run_setup("people", "ops").splitlines()
                self.assertEqual(len([one for one in people if one.endswith("\t" + person)]), 1)
                if not killed:
                    break
        self.assertTrue(thread)


if __name__ == "__main__":
    unittest.main()
