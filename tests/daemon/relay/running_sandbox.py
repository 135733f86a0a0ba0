"""A chatrelay-sandbox, and what a test asks of it."""

import json
import os
import subprocess
import urllib.request

from client import PATIENCE

# Sanitizers tell of themselves by this, so that it is not mistaken for something expected.
SANITIZER_STATUS = 99
ENVIRONMENT = dict(os.environ, TZ="UTC", LC_ALL="C.UTF-8",
                   ASAN_OPTIONS=f"exitcode={SANITIZER_STATUS}:verify_asan_link_order=0")


class RunningSandbox:
    def __init__(self, *options):
        self.process = subprocess.Popen(
            [os.environ["CHATRELAY_SANDBOX"], "--listen", "127.0.0.1:0", *options],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=ENVIRONMENT)
        self.endpoint = self.process.stdout.readline().split()[1]

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE)
        self.process.stdout.close()

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.endpoint.rstrip("/") + path, data, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.read()

    def stats(self):
        return json.loads(self.ask("GET", "/sandbox/stats"))

    def ledger(self, thread=None):
        """What appeared in the chat, in order; `thread` is the chat's id."""
        lines = self.ask("GET", "/sandbox/messages").decode().splitlines()
        messages = [json.loads(line) for line in lines]
        return [m for m in messages if thread is None or m["threadId"] == thread]

    def contents(self, thread=None):
        return [message["content"]["message"] for message in self.ledger(thread)]

    def fault(self, **fields):
        """The next request that fits fails as the fields say. Returns the fault's id."""
        return json.loads(self.ask("POST", "/sandbox/faults", fields))["id"]

    def hits(self, fault):
        """How often that fault has struck."""
        faults = json.loads(self.ask("GET", "/sandbox/faults"))
        return next(one["hits"] for one in faults if one["id"] == fault)

    def mend(self):
        self.ask("DELETE", "/sandbox/faults")
