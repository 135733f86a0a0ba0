"""SIGTERM and SIGHUP."""

import os
import pathlib
import signal
import subprocess
import time
import unittest

from client import PATIENCE
from harness import ENVIRONMENT, RelayTest, thread_id, until


class Terminate(RelayTest):
    THREADS = ("ops", "backup")

    def test_it_ends_in_time_when_the_chat_hangs_and_nothing_is_lost(self):
        for thread, stored in (("ops", True), ("backup", False)):
            self.sandbox.fault(op="send", what="stall", stored=stored, thread=thread_id(thread))
        client = self.connect()
        for number in range(10):
            client.send(f"m{number}", to=self.THREADS[number % 2])
        until(lambda: self.sandbox.count("requests") == 2)
        began = time.monotonic()
        self.assertEqual(self.relay.end(signal.SIGTERM), 0)
        self.assertLess(time.monotonic() - began, 2)
        self.assertFalse(os.path.exists(self.relay.socket_path))
        self.relay.start()
        self.all_sent(10)
        client = self.connect()
        for number in range(10):
            self.assertEqual(client.wait(id=number + 1)["state"], "sent")
        for number, thread in enumerate(self.THREADS):
            self.assertEqual(self.sandbox.contents(thread),
                             [f"m{k}" for k in range(number, 10, 2)])

    def test_what_is_under_way_comes_home_and_nothing_more_is_begun(self):
        self.sandbox.fault(op="send", what="stall", for_ms=30_000)  # 300 ms of ours
        client = self.connect()
        client.say({"content": "one"}, {"op": "wait"}, {"content": "two"})
        client.answer()
        until(lambda: self.sandbox.count("requests") == 1)
        self.assertEqual(self.relay.end(signal.SIGTERM), 0)
        one, two = client.rest()
        self.assertEqual((one["state"], two["id"]), ("sent", 2))
        self.assertEqual(self.sandbox.contents(), ["one"])
        self.relay.start()
        client = self.connect()
        client.wait(id=2)
        self.assertEqual(self.sandbox.contents(), ["one", "two"])
        self.assertEqual(client.ask({"op": "show", "id": 2})["attempts"], 1)

    def test_with_nothing_to_do_it_ends_at_once(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            began = time.monotonic()
            self.assertEqual(self.relay.end(number), 0)
            self.assertLess(time.monotonic() - began, 1)
            self.relay.start()

    def configure(self, sections):
        sections["relay"]["default_thread"] = "ops"


class Reload(RelayTest):
    THREADS = ("ops", "backup")

    def configure(self, sections):
        sections["relay"]["default_thread"] = "ops"

    def test_a_good_file_takes_effect_and_no_connection_is_lost(self):
        client = self.connect()
        client.send("before")
        self.relay.sections["thread extra"] = dict(self.relay.sections["thread ops"])
        self.relay.sections["thread extra"]["id"] = thread_id("backup")
        self.relay.sections["thread ops"]["content_limit"] = "5"
        self.assertIn("settings reloaded, threads: 3", self.relay.adopt())
        self.refused(client.ask({"content": "longer"}), "invalid", "content", "at most 5")
        client.send("via extra", to="extra")
        self.assertEqual(client.wait()["state"], "sent")
        self.assertEqual(self.sandbox.contents("backup"), ["via extra"])

    def test_a_wait_outlives_it(self):
        self.sandbox.fault(op="send", status=403, count=0)
        client = self.connect()
        client.send("x")
        client.say({"op": "wait"})
        self.relay.adopt()
        self.sandbox.mend()
        self.assertEqual(client.answer()["state"], "sent")

    def test_a_bad_file_changes_nothing_and_says_why(self):
        client = self.connect()
        good = {name: dict(settings) for name, settings in self.relay.sections.items()}
        self.relay.sections["thread ops"]["content_limit"] = "5"
        self.relay.sections["thread ops"]["pacce"] = "1/1s"
        self.relay.sections["thread extra"] = {"sender": "nobody"}
        self.relay.write_config()
        said = self.relay.reload()
        self.assertIn("settings not reloaded, nothing has changed", said)
        self.assertRegex(said, r"chatrelay\.conf:\d+: .*pacce.*did you mean.*pace")
        self.assertRegex(said, r"chatrelay\.conf:\d+: .*nobody")
        client.send("longer than five")
        self.assertEqual(client.wait()["state"], "sent")
        self.refused(client.ask({"content": "x", "to": "extra"}), "unknown-thread", "to")
        self.relay.sections = good
        self.relay.adopt()

    def test_a_file_that_is_gone_changes_nothing(self):
        os.unlink(self.relay.config_path)
        self.assertIn("settings not reloaded", self.relay.reload())
        client = self.connect()
        client.send("x")
        self.assertEqual(client.wait()["state"], "sent")

    def test_a_removed_threads_messages_wait_until_it_is_back(self):
        self.sandbox.fault(op="send", status=403, count=0, thread=thread_id("backup"))
        client = self.connect()
        client.send("parked", to="backup")
        backup = self.relay.sections.pop("thread backup")
        self.relay.adopt()
        self.sandbox.mend()
        self.refused(client.ask({"content": "x", "to": "backup"}), "unknown-thread", "to")
        client.send("passes")
        self.assertEqual(client.wait()["state"], "sent")
        self.assertEqual(client.ask({"op": "show", "id": 1})["state"], "pending")
        self.relay.restart()
        client = self.connect()
        shown = client.ask({"op": "show", "id": 1})
        self.assertEqual((shown["state"], shown["thread"]), ("pending", "backup"))
        self.relay.sections["thread backup"] = backup
        self.relay.adopt()
        self.assertEqual(client.wait(id=1)["state"], "sent")
        self.assertEqual(self.sandbox.contents("backup"), ["parked"])

    def test_a_hail_of_reloads_under_load(self):
        client = self.connect()
        contents = [f"m{number}" for number in range(200)]
        for number, content in enumerate(contents):
            client.say({"content": content})
            if number % 10 == 0:
                self.relay.process.send_signal(signal.SIGHUP)
        self.assertEqual([answer["id"] for answer in client.answers(200)], list(range(1, 201)))
        self.assertEqual(self.all_sent(200), contents)

    def test_more_is_allowed_at_once(self):
        self.relay.sections["thread ops"]["pace"] = "1/1h"
        self.relay.adopt()
        client = self.connect()
        client.send("one")
        client.wait()
        client.send("two")
        self.assertEqual(client.wait(timeout="20ms")["state"], "pending")
        self.relay.sections["thread ops"]["pace"] = "off"
        self.relay.adopt()
        self.assertEqual(client.wait(id=2)["state"], "sent")


class Beginning(RelayTest):
    def begin(self):
        pass

    def launch_held_up(self):
        """Launched, and reading its settings: it wants to say what is wrong with them, but its
        stderr takes nothing. Returns the end of that from which one can read."""
        source, sink = os.pipe()
        self.addCleanup(os.close, source)
        os.set_blocking(sink, False)
        with self.assertRaises(BlockingIOError):
            while True:
                os.write(sink, b"-" * 1024)
        os.set_blocking(sink, True)
        self.relay.process = subprocess.Popen(
            [os.environ["CHATRELAYD"], "--config", self.relay.config_path], stderr=sink,
            env=ENVIRONMENT)
        os.close(sink)
        stat = f"/proc/{self.relay.process.pid}/stat"
        until(lambda: pathlib.Path(stat).read_text(encoding="utf-8").split()[2] == "S")
        return source

    def test_a_signal_at_the_very_start_ends_nothing(self):
        self.relay.sections["thread ops"]["pacce"] = "1/1s"
        self.relay.write_config()
        for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
            source = self.launch_held_up()
            self.relay.process.send_signal(number)
            said = b""
            while data := os.read(source, 1 << 16):
                said += data
            self.assertIn(b"pacce", said.lstrip(b"-"))
            self.assertEqual(self.relay.process.wait(PATIENCE), os.EX_CONFIG)

    def test_a_signal_that_was_held_is_obeyed(self):
        def hold_one():
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGHUP])
            os.kill(os.getpid(), signal.SIGHUP)

        with open(self.relay.log_path, "ab") as log:
            self.relay.process = subprocess.Popen(
                [os.environ["CHATRELAYD"], "--config", self.relay.config_path],
                stderr=log, env=ENVIRONMENT, preexec_fn=hold_one)
        self.relay.logged("settings reloaded")


if __name__ == "__main__":
    unittest.main()
