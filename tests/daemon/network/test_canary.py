"""A secret is searched for in everything that a long mixed run has written."""

import base64
import os
import re
import secrets
import subprocess
import threading
import time
import unittest

from harness import ENVIRONMENT, PATIENCE, RelayTest, until

KEYS = [base64.b64encode(secrets.token_bytes(48)).decode() for _ in range(2)]
TOKEN = re.compile(rb"eyJ[\w-]{8,}\.eyJ[\w-]{8,}")
CONTENT = "canary-content-of-a-message"

# Files that are made to hold a secret, and nothing else that was written.
MEANT = re.compile(r"^(secret|token|get-token|own/keys/.*|own/people/.*)$")


class Watch:
    """Notes the command line of every program that was seen to run."""

    def __init__(self):
        self.seen, self.running = set(), True
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def _watch(self):
        while self.running:
            for pid in filter(str.isdigit, os.listdir("/proc")):
                try:
                    with open(f"/proc/{pid}/cmdline", "rb") as file:
                        self.seen.add(file.read())
                except OSError:
                    continue
            time.sleep(0.01)

    def end(self):
        self.running = False
        self.thread.join(PATIENCE)
        return b"\n".join(self.seen)


class Canary(RelayTest):
    THREADS = ("ops", "db")
    # The first key is not the resource's: every token is minted by the second attempt. Tokens live
    # for a second, so that they are renewed all the time.
    SANDBOX_OPTIONS = ("--access-key", KEYS[1], "--scale", "3000")

    def write(self, name, text, mode=0o600):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    def configure(self, sections):
        strings = [f"endpoint={self.sandbox.endpoint}/;accesskey={key}\n" for key in KEYS]
        main = sections["sender main"]
        del main["endpoint"], main["token_file"]
        main["connection_string_file"] = self.write("secret", "".join(strings))
        main["token_lifetime"] = "1h"
        # The sandbox does not mind a bad one; a program that prints too much fails.
        script = self.write("get-token", "#!/bin/sh\n"
                            "echo eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjF9.$(cat secret) >&1\nexit 3\n", 0o700)
        sections["sender other"] = dict(main, token_command=script, endpoint=self.sandbox.endpoint)
        for name in ("connection_string_file", "token_lifetime"):
            del sections["sender other"][name]
        sections["thread ops"]["sender"] = "main"
        sections["thread db"]["sender"] = "other"

    def begin(self):
        self.watch = Watch()
        self.said = []
        self.relay.start()

    def command(self, *words):
        done = self.relay.command(*words)
        self.said.append(done.stdout + done.stderr)

    def trouble(self):
        """Everything that can go wrong with what a secret is sent with, or comes in."""
        echo = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjF9.abc " + KEYS[1]
        for op in ("token", "send"):
            for fault in ({"status": 401}, {"status": 403}, {"status": 500, "text": echo},
                          {"status": 400, "body": "documented", "message": "no"},
                          {"what": "reset"}, {"what": "garbage"}, {"what": "cut"},
                          {"status": 200, "text": '{"token":"' + echo}):
                yield dict(fault, op=op, count=1)

    def test_it_is_nowhere_but_in_its_file(self):
        client = self.connect()
        for number, fault in enumerate(self.trouble()):
            self.sandbox.fault(**fault)
            self.sandbox.fault(op="send", status=401, count=1)
            client.send(f"{CONTENT} {number}", to="ops")
            if number % 5 == 0:
                client.send("by a program that fails", to="db")
                self.command("status")
            if number % 7 == 3:
                self.relay.reload()
        until(lambda: len(self.sandbox.contents("ops")) >= number + 1, why=self.relay.log_end)
        for words in (("status",), ("threads", "--json"), ("list", "--json"), ("why", "2"), ("stats",),
                      ("log",), ("audit",), ("show", "1", "--json"), ("why", "db"),
                      ("read", "ops", "-n", "5")):
            self.command(*words)
        self.relay.restart()
        with open(f"/proc/{self.relay.process.pid}/limits", encoding="utf-8") as file:
            self.assertRegex(file.read(), r"Max core file size +0 +0 ")
        for words in ("--check", "--show-config"):
            done = subprocess.run([os.environ["CHATRELAYD"], words, "--config", self.relay.config_path],
                                  capture_output=True, text=True, timeout=PATIENCE, check=False,
                                  env=ENVIRONMENT)
            self.said.append(done.stdout + done.stderr)
        self.set_up()
        self.relay.stop()
        self.search()

    def set_up(self):
        own = os.path.join(self.folder, "own")
        for words in ((), ("invite", "ops", "Zoë"), ("people", "ops"), ("find",),
                      ("replace", "ops"), ("remove", "ops", "Zoë", "--delete-identity")):
            done = subprocess.run([os.environ["CHATRELAY"], "setup", *words, "--yes", "--config", own,
                                   *(() if words else ("--connection-string-file",
                                                       os.path.join(self.folder, "secret")))],
                                  capture_output=True, text=True, timeout=PATIENCE, check=False,
                                  env=ENVIRONMENT)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.said.append(done.stdout + done.stderr)

    def written(self):
        """All that was written, and by what name."""
        for folder, _, names in os.walk(self.folder):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.isfile(path) and not MEANT.match(os.path.relpath(path, self.folder)):
                    with open(path, "rb") as file:
                        yield os.path.relpath(path, self.folder), file.read()
        yield "what the commands said", "\n".join(self.said).encode()
        yield "command lines", self.watch.end()

    def search(self):
        found = dict(self.written())
        self.assertLessEqual({"log", "outbox.db", "own/conf.d/10-setup.conf"}, set(found))
        for name, content in found.items():
            if name == "command lines":  # the sandbox is told its key there, as only a toy may be
                content = b"\n".join(line for line in content.split(b"\n")
                                     if b"chatrelay-sandbox" not in line)
            self.assertIsNone(TOKEN.search(content), f"a token is in {name}")
            for key in KEYS:
                self.assertNotIn(key.encode(), content, f"an access key is in {name}")
                self.assertNotIn(base64.b64decode(key), content, f"an access key is in {name}")
        self.assertNotIn(CONTENT, found["log"].decode(), "content is in the log")


if __name__ == "__main__":
    unittest.main()
