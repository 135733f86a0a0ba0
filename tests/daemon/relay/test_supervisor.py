"""What passes between chatrelayd and whoever runs it: a socket, word of its state, limits."""

import os
import re
import resource
import signal
import socket
import unittest

from harness import PATIENCE, WITH_SOCKET, RelayTest, until


class Supervised(RelayTest):
    def begin(self):
        self.notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.notices.close)
        self.notices.settimeout(PATIENCE)
        self.notices.bind(os.path.join(self.folder, "notify"))
        self.environment = {"NOTIFY_SOCKET": os.path.join(self.folder, "notify")}

    def notice(self, wanted):
        """Wait until it has said so; returns everything said up to there."""
        said = []
        while wanted not in said:
            said += self.notices.recv(4096).decode().splitlines()
        return said

    def hear(self, pattern):
        """Wait until one of the next things that it says is like that."""
        said = []
        while len(said) < 100:
            said += self.notices.recv(4096).decode().splitlines()
            if any(re.match(pattern, line) for line in said):
                return
        self.fail(said)

    def test_it_tells_how_it_is(self):
        self.relay.start(**self.environment)
        self.notice("READY=1")
        self.relay.process.send_signal(signal.SIGHUP)
        self.notice("RELOADING=1")
        self.notice("READY=1")
        self.relay.process.send_signal(signal.SIGTERM)
        self.notice("STOPPING=1")

    def test_once_it_stops_nothing_more_is_taken(self):
        self.sandbox.fault(op="send", what="stall")
        self.relay.start(**self.environment)
        client = self.connect()
        client.send("under way")
        until(lambda: self.sandbox.count("requests") == 1)
        self.relay.process.send_signal(signal.SIGTERM)
        self.notice("STOPPING=1")
        client.say({"content": "late"})
        self.assertEqual(self.relay.process.wait(PATIENCE), 0)
        with self.assertRaises(ConnectionResetError):
            client.rest()
        self.assertEqual(self.relay.rows("SELECT content FROM message"), [("under way",)])

    def test_it_is_ready_only_when_it_answers(self):
        self.relay.launch(**self.environment)
        self.notice("READY=1")
        self.assertTrue(self.connect().ask({"op": "hello"})["ok"])

    def test_the_watchdog_is_fed_though_nothing_happens(self):
        self.relay.start(WATCHDOG_USEC="200000", **self.environment)
        self.notice("READY=1")
        for _ in range(3):
            self.notice("WATCHDOG=1")

    def test_it_says_how_it_is(self):
        """The same words as `chatrelay status`, the worst first, soon after it is so."""
        self.relay.start(**self.environment)
        self.notice("STATUS=ok: nothing waiting; 0 sent today")
        self.connect().send("hello")
        self.notice("STATUS=ok: nothing waiting; 1 sent today")
        self.sandbox.fault(op="send", status=403, count=0)
        self.connect().send("refused")
        self.hear(r"STATUS=(ACT|look): ops refuses us \(403\), 1 waiting, oldest \d+ m?s$")

    def test_what_was_sent_today_outlives_a_restart(self):
        self.relay.start(**self.environment)
        self.connect().send("hello")
        self.notice("STATUS=ok: nothing waiting; 1 sent today")
        self.relay.stop()
        self.relay.start(**self.environment)
        self.assertEqual(self.connect().ask({"op": "status"})["sent_today"], 1)
        self.notice("STATUS=ok: nothing waiting; 1 sent today")

    def test_a_socket_that_is_passed_is_used_and_left_there(self):
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self.relay.socket_path)
            listener.listen()
            early = self.relay.connect()
            self.addCleanup(early.close)
            early.say({"content": "handed in before it ran"})
            self.relay.start(*WITH_SOCKET, stdin=listener, **self.environment)
            self.assertEqual(early.answer()["id"], 1)
            early.wait()
            self.relay.stop()
            self.assertTrue(os.path.exists(self.relay.socket_path))
        self.assertEqual(self.sandbox.contents(), ["handed in before it ran"])

    def ends_with(self, status, reason):
        """It does not start, and whoever waits hears why, whatever they have said."""
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self.relay.socket_path)
            listener.listen()
            clients = [self.connect() for _ in range(3)]
            clients[0].say({"content": "x"})
            clients[1].say({"op": "status"})
            self.relay.launch(*WITH_SOCKET, stdin=listener, **self.environment)
            for client in clients:
                self.refused(client.answer(), "down", None, reason)
        self.assertEqual(self.relay.process.wait(PATIENCE), status)
        self.hear(f"STATUS=ACT: the relay does not start: {reason}")

    def test_who_waits_is_told_of_wrong_settings(self):
        """Where they are wrong, and not what stands there: this is for everybody."""
        self.relay.sections["thread ops"]["nonsense"] = "private"
        self.relay.write_config()
        self.ends_with(os.EX_CONFIG, f"{self.relay.config_path}:{self.line_of('nonsense')} is wrong")

    def test_who_waits_is_told_of_a_folder_that_is_wrong_as_a_whole(self):
        folder = os.path.join(os.path.dirname(self.relay.config_path), "conf.d")
        os.makedirs(folder, exist_ok=True)
        os.chmod(folder, 0o777)
        self.ends_with(os.EX_CONFIG, f"{folder} is wrong")

    def line_of(self, word):
        with open(self.relay.config_path, encoding="utf-8") as file:
            return next(number for number, line in enumerate(file, 1) if word in line)

    def test_who_waits_is_told_of_an_outbox_that_cannot_be_had(self):
        os.mkdir(self.relay.outbox_path)
        self.ends_with(os.EX_UNAVAILABLE, f"cannot open {self.relay.outbox_path}")


class OpenFiles(RelayTest):
    FILES = 128

    def begin(self):
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.assertGreater(most, 1100)
        self.start_with(f"ulimit -n {self.FILES}")

    def start_with(self, limits):
        self.relay.start("sh", "-c", f'{limits} && exec "$@"', "sh")

    def test_few_files_leave_enough_for_the_chat(self):
        crowd = [self.connect() for _ in range(self.FILES * 2)]
        for client in crowd:
            try:
                client.say({"op": "hello"})
            except BrokenPipeError:
                pass  # its answer is there all the same
        answers = [client.answer() for client in crowd]
        welcome = [client for client, answer in zip(crowd, answers) if answer["ok"]]
        self.assertGreater(len(welcome), 10)
        for answer in answers:
            if not answer["ok"]:
                self.refused(answer, "busy")
        welcome[0].send("there is room for a way to the chat")
        self.assertEqual(welcome[0].wait()["state"], "sent")

    def test_a_low_limit_is_raised_as_far_as_allowed(self):
        self.relay.stop()
        self.start_with("ulimit -Sn 64")
        crowd = [self.connect() for _ in range(500)]
        for client in crowd:
            self.assertTrue(client.ask({"op": "hello"})["ok"])


if __name__ == "__main__":
    unittest.main()
