"""A real file system that is full, or read-only: nothing acknowledged is lost, nothing refused is
sent, and the relay recovers without help. Needs to mount one, so it is skipped for who may not."""

import contextlib
import os
import subprocess
import tempfile
import unittest

from harness import RelayTest, until


def mount(*words):
    return subprocess.run(["mount", *words], capture_output=True, check=False).returncode == 0


def may_mount():
    with tempfile.TemporaryDirectory() as folder:
        done = mount("-t", "tmpfs", "-o", "size=64k", "none", folder)
        if done:
            subprocess.run(["umount", folder], check=True)
        return done


@unittest.skipUnless(may_mount(), "only who may mount a file system can fill one")
class Disk(RelayTest):
    def begin(self):
        self.disk = os.path.join(self.folder, "disk")
        os.mkdir(self.disk)
        self.assertTrue(mount("-t", "tmpfs", "-o", "size=6m", "none", self.disk))
        self.addCleanup(subprocess.run, ["umount", "-l", self.disk], check=True)
        self.addCleanup(self.relay.stop)
        self.filler = os.path.join(self.disk, "filler")
        with open(self.filler, "wb") as file:
            file.write(bytes(4 << 20))
        self.relay.outbox_path = os.path.join(self.disk, "outbox.db")
        self.relay.sections["relay"]["outbox"] = self.relay.outbox_path
        self.relay.write_config()
        self.relay.start()
        self.taken, self.refused_ones, self.unknown = [], [], []

    def hand_in(self, client, content):
        """True when there was an answer; what it was is noted."""
        try:
            answer = client.ask({"content": content})
        except (EOFError, BrokenPipeError, ConnectionResetError):
            self.unknown.append(content)
            return False
        if answer["ok"]:
            self.taken.append(content)
        else:
            self.assertEqual((answer["error"], answer["retry"]), ("storage", True), answer)
            self.refused_ones.append(content)
        return True

    def fill(self):
        """Until it takes no more, several times."""
        client = self.connect()
        for number in range(2000):
            if not self.hand_in(client, f"m{number} " + "x" * 20000):
                client = self.connect()
            if len(self.refused_ones) + len(self.unknown) >= 5:
                return
        self.fail("it never got full")

    def check_ledger(self):
        """Everything that was taken appeared once and in order; of the rest, nothing refused did."""
        client = self.connect()
        until(lambda: self.hand_in(client, "last") and "last" in self.taken)
        until(lambda: set(self.taken) <= set(self.sandbox.contents()))
        contents = self.sandbox.contents()
        self.assertEqual(len(contents), len(set(contents)))
        self.assertFalse(set(contents) & (set(self.refused_ones) - {"last"}))
        self.assertEqual([c for c in contents if c in set(self.taken)], self.taken)
        self.assertTrue(client.ask({"op": "audit"})["balanced"])

    def test_a_full_disk(self):
        self.sandbox.fault(op="send", status=503, count=0)
        self.fill()
        self.assertGreater(len(self.taken), 10)
        self.sandbox.mend()
        os.unlink(self.filler)
        self.check_ledger()
        self.relay.logged("the outbox is open again")

    def test_a_full_disk_while_delivering(self):
        self.fill()
        os.unlink(self.filler)
        self.check_ledger()

    def test_a_disk_with_nothing_left(self):
        """Not one byte: that is no less than a min_free of 0, so it is writing that fails."""
        self.sandbox.fault(op="send", status=503, count=0)
        with open(self.filler, "ab", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(bytes(1 << 16)):
                pass
        self.assertEqual(os.statvfs(self.disk).f_bavail, 0)
        self.fill()
        self.sandbox.mend()
        os.unlink(self.filler)
        self.check_ledger()

    def test_a_kill_while_the_disk_is_full(self):
        self.sandbox.fault(op="send", status=503, count=0)
        self.fill()
        self.relay.kill()
        self.sandbox.mend()
        os.unlink(self.filler)
        self.relay.start()
        self.check_ledger()

    def test_a_disk_that_becomes_read_only(self):
        """It can only do so while nobody has a file open for writing: after a failure."""
        self.sandbox.fault(op="send", status=503, count=0)
        self.fill()
        client = self.connect()
        until(lambda: mount("-o", "remount,ro", self.disk) or not self.hand_in(client, "again"))
        until(lambda: mount("-o", "remount,ro", self.disk))
        self.relay.logged(r"outbox\.db cannot be written: check its owner, mode and file system")
        self.assertTrue(self.connect().ask({"op": "hello"})["ok"])
        self.assertTrue(mount("-o", "remount,rw", self.disk))
        os.unlink(self.filler)
        self.sandbox.mend()
        self.check_ledger()

    def test_a_read_only_disk_at_the_start(self):
        client = self.connect()
        client.send("before")
        client.wait()
        self.relay.stop()
        self.assertTrue(mount("-o", "remount,ro", self.disk))
        self.relay.launch()
        self.assertEqual(self.relay.process.wait(30), 69)
        self.relay.logged(r"outbox\.db cannot be written: check its owner, mode and file system")
        self.assertTrue(mount("-o", "remount,rw", self.disk))
        self.relay.start()
        self.check_ledger()


if __name__ == "__main__":
    unittest.main()
