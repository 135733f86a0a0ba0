"""What chatrelayd starts with, and what it refuses to start with."""

import contextlib
import errno
import os
import shutil
import socket
import sqlite3
import stat
import subprocess
import unittest

from harness import ENVIRONMENT, PATIENCE, Relay, RelayTest

UNAVAILABLE, CONFIG, USAGE = 69, 78, 64


class Start(RelayTest):
    def begin(self):
        """Each test starts what it is about."""

    def run_relay(self, *words):
        words = [os.environ["CHATRELAYD"], "--config", self.relay.config_path, *words]
        return subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE,
                              check=False, env=ENVIRONMENT)

    def test_the_folder_of_the_settings_will_do(self):
        self.relay.write_config()
        end = subprocess.run([os.environ["CHATRELAYD"], "--config", self.folder, "--check"],
                             capture_output=True, text=True, timeout=PATIENCE, check=False,
                             env=ENVIRONMENT)
        self.assertEqual((end.returncode, end.stderr), (0, ""))
        self.assertIn(f"{self.relay.config_path}: no errors", end.stdout)

    def does_not_start(self, status, *patterns):
        end = self.run_relay()
        self.assertEqual((end.returncode, end.stdout), (status, ""), end.stderr)
        for pattern in patterns:
            self.assertRegex(end.stderr, pattern)
        self.assertFalse(os.path.exists(self.relay.socket_path))
        return end.stderr


class Outbox(Start):
    def content(self):
        with open(self.relay.outbox_path, "rb") as file:
            return file.read()

    def test_a_second_relay_on_the_same_outbox_is_refused(self):
        self.relay.start()
        second = Relay(self.folder, self.sandbox, self.THREADS)
        second.sections["relay"]["socket"] = os.path.join(self.folder, "other")
        second.config_path += "2"
        second.write_config()
        end = subprocess.run([os.environ["CHATRELAYD"], "--config", second.config_path],
                             capture_output=True, text=True, timeout=PATIENCE, check=False,
                             env=ENVIRONMENT)
        self.assertEqual(end.returncode, UNAVAILABLE)
        self.assertRegex(end.stderr, rf"outbox\.db is in use by process {self.relay.process.pid}: "
                                     "stop that first")
        client = self.connect()
        client.send("the first goes on")
        self.assertEqual(client.wait()["state"], "sent")

    def test_a_second_relay_on_the_same_socket_is_refused(self):
        self.relay.start()
        self.relay.sections["relay"]["outbox"] = os.path.join(self.folder, "other.db")
        self.relay.write_config()
        end = self.run_relay()
        self.assertEqual(end.returncode, UNAVAILABLE)
        self.assertIn("another chatrelayd is listening there", end.stderr)
        self.assertTrue(self.connect().ask({"op": "hello"})["ok"])

    def test_a_socket_whose_owner_does_not_answer_is_not_waited_for(self):
        with contextlib.ExitStack() as stack:
            busy = stack.enter_context(socket.socket(socket.AF_UNIX))
            busy.bind(self.relay.socket_path)
            busy.listen(0)
            while True:  # until the next one would have to wait
                waiting = stack.enter_context(socket.socket(socket.AF_UNIX))
                waiting.setblocking(False)
                if waiting.connect_ex(self.relay.socket_path) == errno.EAGAIN:
                    break
            self.relay.write_config()
            end = self.run_relay()
        self.assertEqual(end.returncode, UNAVAILABLE)
        self.assertIn("another chatrelayd is listening there", end.stderr)

    def test_a_newer_schema_is_refused_and_left_alone(self):
        self.relay.start().stop()
        with sqlite3.connect(self.relay.outbox_path) as database:
            database.execute("PRAGMA user_version = 99")
            database.execute("UPDATE note SET text = '7.8.9' WHERE name = 'made_by'")
        database.close()
        before = self.content()
        self.does_not_start(UNAVAILABLE, r"outbox\.db was written by chatrelay 7\.8\.9 \(schema 99\)"
                                         ".*install that version or a newer one")
        self.assertEqual(self.content(), before)

    def test_a_foreign_file_is_refused_and_left_alone(self):
        with sqlite3.connect(self.relay.outbox_path) as database:
            database.execute("CREATE TABLE recipes(name)")
        database.close()
        before = self.content()
        self.does_not_start(UNAVAILABLE, r"outbox\.db is a database of another program")
        self.assertEqual(self.content(), before)

    def test_a_corrupt_file_is_refused_with_a_sentence(self):
        with open(self.relay.outbox_path, "wb") as file:
            file.write(b"These are not the pages of a database. " * 1000)
        before = self.content()
        said = self.does_not_start(UNAVAILABLE, r"outbox\.db.*not a database")
        self.assertEqual(len(said.splitlines()), 1, said)
        self.assertEqual(self.content(), before)

    def test_a_damaged_table_is_noticed(self):
        self.relay.start()
        client = self.connect()
        client.say(*[{"content": "x" * 500, "at": "+1h"}] * 500)
        client.answers(500)
        self.relay.stop()
        with open(self.relay.outbox_path, "r+b") as file:
            file.seek(4096)
            file.write(b"\xff" * (os.path.getsize(self.relay.outbox_path) - 4096))
        self.does_not_start(UNAVAILABLE, r"outbox\.db.*malformed")

    def test_a_folder_that_is_not_there(self):
        self.relay.sections["relay"]["outbox"] = os.path.join(self.folder, "gone", "outbox.db")
        self.relay.write_config()
        self.does_not_start(UNAVAILABLE, r"cannot create .*/gone/outbox\.db: No such file")

    def test_the_outbox_is_the_relays_alone_and_the_socket_everybodys(self):
        self.relay.start()
        self.connect().send("x", at="+1h")
        for name in os.listdir(self.folder):
            if name.startswith("outbox"):
                mode = os.stat(os.path.join(self.folder, name)).st_mode
                self.assertEqual(stat.S_IMODE(mode), 0o600, name)
        self.assertEqual(stat.S_IMODE(os.stat(self.relay.socket_path).st_mode), 0o666)

    def test_standard_files_that_are_closed_are_not_taken_by_others(self):
        self.relay.start("sh", "-c", 'exec "$@" <&- >&-', "sh")
        for fd in (0, 1):
            self.assertEqual(os.readlink(f"/proc/{self.relay.process.pid}/fd/{fd}"), "/dev/null")

    def test_a_socket_left_by_a_crash_is_replaced(self):
        self.relay.start().kill()
        self.assertTrue(os.path.exists(self.relay.socket_path))
        self.relay.start()
        self.assertTrue(self.connect().ask({"op": "hello"})["ok"])

    def test_a_file_where_the_socket_should_be_is_left_alone(self):
        with open(self.relay.socket_path, "w", encoding="ascii") as file:
            file.write("precious")
        end = self.run_relay()
        self.assertEqual(end.returncode, UNAVAILABLE)
        self.assertIn(f"socket {self.relay.socket_path}: Address already in use", end.stderr)
        with open(self.relay.socket_path, encoding="ascii") as file:
            self.assertEqual(file.read(), "precious")

    def test_a_copy_of_an_outbox_starts_with_doubts(self):
        self.relay.start()
        self.connect().send("x", at="+1h")
        self.relay.stop()
        shutil.copy(self.relay.outbox_path, self.relay.outbox_path + ".copy")
        self.relay.sections["relay"]["outbox"] += ".copy"
        self.relay.write_config()
        self.relay.start()
        self.assertEqual(self.connect().ask({"op": "show", "id": 1})["content"], "x")


class Settings(Start):
    def test_without_threads_it_runs_and_says_so(self):
        del self.relay.sections["thread ops"]
        self.relay.write_config()
        self.relay.start()
        self.relay.logged("no threads yet")
        client = self.connect()
        done = self.relay.command("status")
        self.assertEqual((done.returncode, done.stdout), (1, "look  no threads yet: run chatrelay setup\n"))
        self.refused(client.ask({"content": "x"}), "invalid", "to")
        self.refused(client.ask({"content": "x", "to": "ops"}), "unknown-thread", "to")

    def test_check_never_touches_the_outbox(self):
        end = self.run_relay("--check")
        self.assertEqual((end.returncode, end.stderr), (0, ""))
        self.assertIn("no errors; senders: 1, threads: 1", end.stdout)
        self.assertFalse(os.path.exists(self.relay.outbox_path))
        self.relay.start()
        self.assertEqual(self.run_relay("--check").returncode, 0)
        self.assertTrue(self.connect().ask({"op": "hello"})["ok"])

    def test_all_errors_are_told_at_once(self):
        self.relay.sections["thread ops"].update(pace="fast", ttl="-1h", backof="1s..2s")
        self.relay.sections["sender main"]["token_file"] = "/no/such/file"
        self.relay.sections["thread spare"] = {"sender": "nobody"}
        self.relay.write_config()
        places = (r"conf:\d+: .*pace", r"conf:\d+: .*ttl", r"conf:\d+: .*backof.*backoff",
                  r"conf:\d+: .*/no/such/file", r"conf:\d+: .*nobody", r"conf:\d+: .*\bid\b")
        self.does_not_start(CONFIG, *places)
        end = self.run_relay("--check")
        self.assertEqual(end.returncode, CONFIG)
        for pattern in places:
            self.assertRegex(end.stderr, pattern)
        self.assertFalse(os.path.exists(self.relay.outbox_path))

    def test_a_token_that_others_can_read_is_refused(self):
        os.chmod(self.sandbox.token_file, 0o644)
        self.does_not_start(CONFIG, r"conf:\d+: .*token")

    def test_a_configuration_that_is_not_there(self):
        os.unlink(self.relay.config_path)
        self.does_not_start(CONFIG, "chatrelay.conf")

    def test_words_it_does_not_know(self):
        for word, said in (("--chek", 'unknown option "--chek"'), ("-x", 'unknown option "-x"'),
                           ("--config", "--config needs a value"),
                           ("start", 'unexpected word "start"')):
            end = self.run_relay(word)
            self.assertEqual(end.returncode, USAGE)
            self.assertEqual(end.stderr, f"chatrelayd: {said}; see chatrelayd --help\n")

    def test_show_config_shows_values_with_their_origin(self):
        end = self.run_relay("--show-config")
        self.assertEqual(end.returncode, 0)
        self.assertRegex(end.stdout, r"/chatrelay\.conf:\d+\nsettle = 50ms\n")
        with open(self.sandbox.token_file, encoding="ascii") as file:
            self.assertNotIn(file.read().strip(), end.stdout)


if __name__ == "__main__":
    unittest.main()
