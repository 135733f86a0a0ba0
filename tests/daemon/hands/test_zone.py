"""Times that people are shown are in the zone of the settings, whatever that of the asker is."""

import os
import re
import select
import subprocess
import unittest

from hands import HandsTest, until

JAPAN = r"\d\d:\d\d(:\d\d)? JST"


class Zone(HandsTest):
    THREADS = ("ops", "db")

    def configure(self, sections):
        sections["relay"]["time_zone"] = "Asia/Tokyo"
        sections["thread db"]["backoff"] = "10min..1h"

    def said(self, *words):
        done = self.relay.command(*map(str, words))
        self.assertEqual(done.stderr, "")
        return done.stdout

    def assert_japanese(self, said, times=1):
        self.assertEqual(len(re.findall(JAPAN, said)), times, said)
        self.assertNotIn("UTC", said)

    def test_a_message(self):
        message = self.client.send("x", to="ops")
        self.reaches(message, "sent")
        self.assert_japanese(self.said("show", message), 4)
        self.assert_japanese(self.said("show", "--remote", message), 4)
        self.assert_japanese(self.said("why", message), 2)  # accepted, sent
        self.assert_japanese(self.said("log"))

    def test_a_thread(self):
        self.sandbox.fault(op="send", status=403, count=0)
        self.client.send("x", to="db")
        self.relay.logged("status=deferred http=403")
        for words in (["threads"], ["why", "db"], ["status"]):
            with self.subTest(words):
                self.assertRegex(self.said(*words), f" since (\\w+ )?{JAPAN}")
                self.assertNotIn("UTC", self.said(*words))
        self.assert_japanese(self.said("pause", "ops", "1h"))

    def test_what_happens_now(self):
        words = [os.environ["CHATRELAY"], "log", "-f", "--socket", self.relay.socket_path]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as command:
            self.addCleanup(command.kill)
            until(lambda: self.client.send("x", to="ops") and
                  select.select([command.stdout], [], [], 0.1)[0])
            self.assertRegex(command.stdout.readline(), rf"^\S+ {JAPAN} id=\d+ thread=ops ")
            command.terminate()


if __name__ == "__main__":
    unittest.main()
