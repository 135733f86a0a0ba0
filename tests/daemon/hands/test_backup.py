"""backup: a copy of the outbox in a file that the client opened, while the relay goes on."""

import array
import fcntl
import json
import os
import socket
import sqlite3
import stat
import subprocess
import unittest

from hands import IS_ROOT, NOBODY, HandsTest, acting_as, until

BAD_DATA, UNREACHABLE, DENIED = 65, 69, 77


def rows(path, query):
    database = sqlite3.connect(path)
    try:
        return database.execute(query).fetchall()
    finally:
        database.close()


class Backup(HandsTest):
    def begin(self):
        super().begin()
        self.target = os.path.join(self.folder, "copy.db")
        self.part = self.relay.outbox_path + ".backup"

    def is_whole(self):
        self.assertEqual(rows(self.target, "PRAGMA integrity_check"), [("ok",)])

    def pass_file(self, client, fd, **fields):
        line = json.dumps({"op": "backup", **fields}).encode() + b"\n"
        client.socket.sendmsg([line], [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                                        array.array("i", [fd]))])

    def open_target(self, flags=os.O_RDWR | os.O_CREAT):
        fd = os.open(self.target, flags, 0o600)
        self.addCleanup(os.close, fd)
        return fd

    def fill(self, count=500, size=20000):
        """Something that takes many steps to copy."""
        self.done("pause", thread="ops")
        for _ in range(count // 100):
            self.client.say(*[{"content": "x" * size}] * 100)
            self.client.answers(100)

    def test_the_command_makes_a_copy_that_only_its_owner_can_read(self):
        self.done("pause", thread="ops")
        ids = [self.client.send(f"m{i}") for i in range(3)]
        end = self.relay.command("backup", self.target)
        self.assertEqual((end.returncode, end.stdout, end.stderr), (0, "", ""))
        self.assertEqual(stat.S_IMODE(os.stat(self.target).st_mode), 0o600)
        self.is_whole()
        self.assertEqual(rows(self.target, "SELECT id, content FROM message ORDER BY id"),
                         [(number, f"m{i}") for i, number in enumerate(ids)])
        self.assertFalse(os.path.exists(self.part))
        self.relay.logged(r"a backup of \d+ bytes for root took ")

    def test_its_answer_says_how_large_it_is(self):
        self.client.send("x")
        end = self.relay.command("backup", "--json", self.target)
        self.assertEqual(json.loads(end.stdout)["size"], os.path.getsize(self.target))

    def test_restored_it_loses_nothing_and_doubles_nothing(self):
        self.done("pause", thread="ops")
        self.client.send("in the backup")
        self.assertEqual(self.relay.command("backup", self.target).returncode, 0)
        self.done("resume", thread="ops")
        self.all_sent(1)
        self.relay.stop()
        os.replace(self.target, self.relay.outbox_path)
        for end in ("-wal", "-shm"):
            if os.path.exists(self.relay.outbox_path + end):
                os.unlink(self.relay.outbox_path + end)
        self.relay.start("sh", "-c", 'exec "$@" --after-restore', "sh")
        self.client = self.connect()
        self.done("resume", thread="ops")
        until(lambda: not self.done("list", state="pending")["messages"])
        self.client.send("after")
        self.assertEqual(self.all_sent(2), ["in the backup", "after"])

    def test_what_comes_in_meanwhile_is_answered_and_the_copy_is_whole(self):
        self.fill()
        writer = self.connect()
        self.pass_file(writer, self.open_target(), ref="b")
        sent = 0
        while not writer.input:
            self.client.send(f"meanwhile {sent}")
            sent += 1
            writer.socket.setblocking(False)
            try:
                writer.input += writer.socket.recv(1 << 16)
            except BlockingIOError:
                pass
        writer.socket.setblocking(True)
        answer = writer.answer()
        self.assertEqual((answer["ok"], answer["ref"]), (True, "b"), answer)
        self.assertGreater(sent, 5, "nobody waits for the backup's end")
        self.is_whole()
        (count,), = rows(self.target, "SELECT count(*) FROM message")
        self.assertTrue(500 <= count <= 500 + sent, count)
        (booked,), = rows(self.target, "SELECT sum(messages) FROM tally WHERE state = 8")
        self.assertEqual(booked, count, "every turn is in it as a whole, or not at all")

    def test_a_client_that_goes_away_leaves_nothing_behind(self):
        self.fill()
        client = self.connect()
        self.pass_file(client, self.open_target())
        until(lambda: os.path.exists(self.part))
        client.close()
        until(lambda: not os.path.exists(self.part))
        self.client.send("still here")
        with open(self.target, "rb") as file:
            self.assertNotEqual(file.read(15), b"SQLite format 3", "half of it is no database")
        os.unlink(self.target)
        self.assertEqual(self.relay.command("backup", self.target).returncode, 0)
        self.is_whole()

    def test_one_at_a_time(self):
        self.fill()
        first, second = self.connect(), self.connect()
        self.pass_file(first, self.open_target())
        until(lambda: os.path.exists(self.part))
        fd = os.open(self.target + "2", os.O_RDWR | os.O_CREAT)
        self.pass_file(second, fd)
        os.close(fd)
        self.refused(second.answer(), "busy", message="another backup is being made")
        self.assertTrue(first.answer()["ok"])

    def test_without_room_none_is_begun_whatever_was_reloaded(self):
        self.relay.sections["relay"].update(min_free="1TiB",
                                            outbox=os.path.join(self.folder, "elsewhere.db"))
        self.assertIn("takes effect with a restart", self.relay.adopt())
        self.pass_file(self.client, self.open_target())
        self.refused(self.client.answer(), "full", message="less than min_free would be left")
        self.assertFalse(os.path.exists(self.part))

    def test_without_a_file_it_says_what_is_missing(self):
        self.refused(self.client.ask({"op": "backup"}), "invalid", message="SCM_RIGHTS")
        self.client.send("the connection is as good as ever")

    def test_files_that_are_of_no_use(self):
        for path, flags in (("/dev/null", os.O_RDWR),
                            (self.target, os.O_RDONLY | os.O_CREAT),
                            (self.target, os.O_WRONLY | os.O_APPEND)):
            fd = os.open(path, flags, 0o600)
            self.pass_file(self.client, fd)
            os.close(fd)
            self.refused(self.client.answer(), "invalid", message="must be a regular one")

    def test_a_file_that_cannot_be_written_is_told_from_our_own(self):
        fd = os.memfd_create("sealed", os.MFD_ALLOW_SEALING)
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_GROW)
        self.pass_file(self.client, fd)
        os.close(fd)
        self.refused(self.client.answer(), "storage",
                     message="no backup was made: the file for it: Operation not permitted: check")
        os.mkdir(self.part)
        self.pass_file(self.client, self.open_target())
        self.refused(self.client.answer(), "storage",
                     message=f"no backup was made: {self.part}: File exists")
        os.rmdir(self.part)

    def test_a_disk_that_may_hang_is_not_written_to(self):
        self.relay.stop()
        self.relay.start(LD_PRELOAD=os.environ["CHATRELAY_NETWORK_DISK"])
        end = self.relay.command("backup", self.target)
        self.assertEqual(end.returncode, BAD_DATA)
        self.assertIn("on NFS", end.stderr)
        self.assertIn("copy it from there", end.stderr)
        self.assertFalse(os.path.exists(self.target))

    def test_a_file_that_is_there_is_not_touched(self):
        with open(self.target, "w", encoding="utf-8") as file:
            file.write("precious")
        end = self.relay.command("backup", self.target)
        self.assertEqual(end.returncode, BAD_DATA)
        self.assertIn("File exists", end.stderr)
        with open(self.target, encoding="utf-8") as file:
            self.assertEqual(file.read(), "precious")

    def test_with_the_relay_away_no_file_is_left(self):
        self.relay.stop()
        end = self.relay.command("backup", "--timeout", "10ms", self.target)
        self.assertEqual(end.returncode, UNREACHABLE)
        self.assertFalse(os.path.exists(self.target))

    def test_where_every_file_has_a_name_the_copy_has_it_at_once(self):
        """As on FAT: whatever the file system, it is whole or not there."""
        for code in (0, 75):
            environment = dict(os.environ, CHATRELAY_SOCKET=self.relay.socket_path)
            environment["ASAN_OPTIONS"] = environment.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
            end = subprocess.run(["strace", "-f", "-qq", "-o", "/dev/null", "-P", self.folder + "/", "-e",
                                  "inject=openat:error=EOPNOTSUPP:when=1", os.environ["CHATRELAY"],
                                  "backup", self.target], capture_output=True, text=True,
                                 env=environment, check=False)
            self.assertEqual(end.returncode, code, end.stderr)
            self.assertEqual(os.path.exists(self.target), code == 0)
            if code == 0:
                self.is_whole()
                os.unlink(self.target)
                self.relay.sections["relay"]["min_free"] = "1TiB"
                self.relay.adopt()

    def test_what_a_kill_left_is_removed(self):
        self.relay.kill()
        with open(self.part, "w", encoding="utf-8"):
            pass
        self.relay.start()
        self.assertFalse(os.path.exists(self.part))

    @unittest.skipUnless(IS_ROOT, "needs to act as another user")
    def test_operators_only(self):
        self.relay.sections["access"]["allow"] = f"root, {NOBODY}"
        self.relay.adopt()
        with acting_as(NOBODY):
            client = self.connect()
        self.pass_file(client, self.open_target())
        self.refused(client.answer(), "denied", message="only operators")
        self.assertEqual(os.path.getsize(self.target), 0)


if __name__ == "__main__":
    unittest.main()
