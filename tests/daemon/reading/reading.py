"""What the tests of reading share: other people in the chat, and what the sandbox was asked."""

import json
import os
import sys
import urllib.parse
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "hands"))

from hands import GAMES, IS_ROOT, NOBODY, HandsTest, thread_id, until  # noqa: E402

__all__ = ["GAMES", "IS_ROOT", "NOBODY", "ReadingTest", "thread_id", "until"]

API = "?api-version=2025-03-15"


class ReadingTest(HandsTest):
    counter = None

    def chat(self, method, path, body=None, kind="application/json"):
        """Ask the chat itself, as the relay's own identity."""
        with open(self.sandbox.token_file, encoding="utf-8") as file:
            token = file.read().strip()
        headers = {"Authorization": "Bearer " + token, "Content-Type": kind}
        request = urllib.request.Request(
            self.sandbox.endpoint.rstrip("/") + "/chat/threads/" +
            urllib.parse.quote(thread_id(self.THREADS[0])) + path + API,
            None if body is None else json.dumps(body).encode(), headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read()

    def say(self, content, **fields):
        """Somebody says something without the relay; returns the chat's id of it."""
        body = dict({"content": content, "senderDisplayName": "Ada"}, **fields)
        return json.loads(self.chat("POST", "/messages", body))["id"]

    def edit(self, message, content):
        self.chat("PATCH", f"/messages/{message}", {"content": content},
                  "application/merge-patch+json")

    def delete(self, message):
        self.chat("DELETE", f"/messages/{message}")

    def lists(self):
        """How often messages were listed since this was asked first: by a fault that does no harm."""
        if self.counter is None:
            self.counter = self.sandbox.fault(op="list", what="stall", for_ms=1, count=0)
        return self.sandbox.hits(self.counter)

    def texts(self, messages):
        return [message.get("content", {}).get("message") for message in messages]
