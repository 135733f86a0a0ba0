#!/usr/bin/python3
"""send.py THREAD TEXT - post a message, with nothing but Python's standard library"""

import json
import os
import socket
import sys
import time
import uuid

SOCKET = "/run/chatrelay/socket"


def send(to, content, patience=30, **fields):
    """The message's number, once it is on disk. Safe to repeat, thanks to `once`: so it does."""
    # Time-ordered keys are the cheapest for the relay.
    once = f"{time.time_ns():x}-{uuid.uuid4().hex[:12]}"
    line = json.dumps({"to": to, "content": content, "once": once, **fields}).encode() + b"\n"
    end = time.monotonic() + patience
    while True:
        try:
            with socket.socket(socket.AF_UNIX) as relay:
                relay.settimeout(patience)
                relay.connect(os.environ.get("CHATRELAY_SOCKET", SOCKET))
                relay.sendall(line)
                answer = json.loads(relay.makefile().readline() or "null")
        except OSError:
            answer = None  # nobody there, or gone before the answer
        if answer and answer["ok"]:
            return answer["id"]
        if answer and not answer["retry"]:
            raise ValueError(answer["message"])
        if time.monotonic() > end:
            raise TimeoutError(answer["message"] if answer else "the relay cannot be reached")
        time.sleep(0.5)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    print(send(sys.argv[1], sys.argv[2]))
