"""The real relay starts on what the disk was left with, and knows of every message."""

import os
import types

from harness import Relay
from play import THREADS

NOWHERE = "http://127.0.0.1:1"


def check(folder, said):
    """A sentence for whatever is wrong. The chat cannot be reached meanwhile."""
    token = os.path.join(folder, "token")
    with open(os.open(token, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as file:
        file.write("none\n")
    chat = types.SimpleNamespace(endpoint=NOWHERE, token_file=token)
    relay = Relay(folder, chat, THREADS)
    try:
        relay.start()
        client = relay.connect()
        for number in said.ids:
            answer = client.ask({"op": "show", "id": number})
            if not answer["ok"]:
                yield f"the relay does not know {number}: {answer}"
            elif said.ended.get(number, answer["state"]) != answer["state"]:
                yield f"{number} was told to have ended, and is {answer['state']}"
        client.close()
        relay.stop()
    except AssertionError as failure:
        yield str(failure)
    finally:
        relay.kill()
