"""--demo: a relay beside the sandbox. Here a stand-in plays the relay."""

import configparser
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from sandbox import CHAT, Connection

RELAY = """#!/bin/sh
echo "$@" > "$RELAY_ARGUMENTS"
trap 'echo ended > "$RELAY_ARGUMENTS"; exit 0' TERM
while :; do sleep 0.05; done
"""


class Demo(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.program = os.path.join(self.folder, "chatrelay-sandbox")
        self.arguments = os.path.join(self.folder, "arguments")
        self.work = os.path.join(self.folder, "work")
        os.mkdir(self.work)
        shutil.copy2(os.environ["CHATRELAY_SANDBOX"], self.program)

    def install_relay(self, script):
        path = os.path.join(self.folder, "chatrelayd")
        with open(path, "w", encoding="ascii") as file:
            file.write(script)
        os.chmod(path, 0o755)

    def start(self):
        environment = dict(os.environ, TMPDIR=self.work, RELAY_ARGUMENTS=self.arguments)
        process = subprocess.Popen([self.program, "--demo", "--listen", "127.0.0.1:0"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env=environment)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def read_arguments(self):
        while True:
            try:
                with open(self.arguments, encoding="ascii") as file:
                    if text := file.read():
                        return text.split()
            except FileNotFoundError:
                pass
            time.sleep(0.005)

    def test_the_relay_is_configured_for_the_sandbox_and_ends_with_it(self):
        self.install_relay(RELAY)
        process = self.start()
        endpoint = process.stdout.readline().split()[1]
        option, settings = self.read_arguments()
        self.assertEqual(option, "--config")
        self.assertTrue(settings.startswith(self.work))

        parsed = configparser.ConfigParser(delimiters="=")
        parsed.read(settings)
        self.assertEqual(parsed["sender demo"]["endpoint"], endpoint)
        with open(parsed["sender demo"]["token_file"], encoding="ascii") as file:
            token = file.read().strip()
        connection = Connection(int(endpoint.rsplit(":", 1)[1]))
        self.addCleanup(connection.close)
        answer = connection.ask(
            "POST", f"/chat/threads/{parsed['thread ops']['id']}/messages?api-version={CHAT}",
            {"content": "hello"}, {"Authorization": f"Bearer {token}"})
        self.assertEqual(answer.status, 201)

        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(20), 0)
        self.assertEqual(self.read_arguments(), ["ended"])
        self.assertEqual(os.listdir(self.work), [])
        self.assertIn("chatrelay send --to ops", process.stdout.read())

    def test_a_relay_that_dies_ends_the_demo(self):
        self.install_relay("#!/bin/sh\nexit 78\n")
        process = self.start()
        self.assertEqual(process.wait(20), 69)
        self.assertIn("the relay ended", process.stderr.read())
        self.assertEqual(os.listdir(self.work), [])

    def test_without_a_relay_it_says_what_is_missing(self):
        process = self.start()
        self.assertEqual(process.wait(20), 69)
        self.assertIn("chatrelayd", process.stderr.read())
        self.assertEqual(os.listdir(self.work), [])


if __name__ == "__main__":
    unittest.main()
