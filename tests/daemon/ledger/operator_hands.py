"""An operator's hands on the queue, while everything else happens."""

from harness import Client, until


class Operator:
    def __init__(self, relay):
        self.relay, self.clerks, self.threads = relay, (), ()
        self.held, self.cancelled = set(), set()

    def watch(self, clerks, threads):
        """Whose messages it handles, and where they go."""
        self.clerks, self.threads = clerks, threads

    def do_something(self, dice):
        known = [entry.id for clerk in self.clerks for entry in list(clerk.book) if entry.id]
        kind = dice.choice(("hold", "hold", "release", "cancel", "retry", "pause", "flush"))
        request = {"op": kind}
        if kind == "pause":
            request.update(thread=dice.choice(self.threads), duration=f"{dice.randint(20, 300)}ms")
        elif kind != "flush":
            if not known:
                return
            # Those that were accepted lately are the ones still waiting.
            request["ids"] = dice.sample(known[-60:], min(len(known[-60:]), dice.randint(1, 8)))
            self.held.update(request["ids"] if kind == "hold" else ())
            self.cancelled.update(request["ids"] if kind == "cancel" else ())
        try:
            self.ask(request)
        except (OSError, EOFError):
            pass  # it may be done, or not

    def ask(self, request):
        client = Client(self.relay.socket_path)
        try:
            return client.ask(request)
        finally:
            client.close()

    def let_all_go(self):
        """Nothing is held any more, no thread is paused."""
        self._ask_on({"op": "release", "all": True})
        for thread in self.threads:
            until_taken(lambda: self.ask({"op": "resume", "thread": thread}))

    def audit(self):
        """A sentence for each account that does not balance."""
        answer = self._ask_on({"op": "audit"})
        if not answer["balanced"]:
            yield f"the audit says {answer}"

    def _ask_on(self, request):
        """Through all pages; returns the last answer."""
        answer = until_taken(lambda: self.ask(request))
        while "next" in answer:
            request = {**request, "after": answer["next"]}
            answer = until_taken(lambda: self.ask(request))
        return answer


def until_taken(ask):
    """Refused while the outbox is being opened anew, it is asked again."""
    answers = []

    def is_taken():
        answers.append(ask())
        return answers[-1]["ok"]

    until(is_taken, why=lambda: f"it was refused: {answers[-1]}")
    return answers[-1]
