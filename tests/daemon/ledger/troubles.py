"""What goes wrong, when: a script that follows from a seed.

Each trouble is one of the sandbox's faults, a change of the settings, or an end of the
relay. Durations are those of the machine; the sandbox is told them in its own time.
"""

import random

from harness import SCALE

# How long a request may take, and how long what was given up may still arrive or stay unseen.
REQUEST_TIMEOUT_MS = 500
SETTLE_MS = 500

# Anything that arrives or shows up later than it settles is beyond what can be promised.
ARRIVES_AFTER_MS = (REQUEST_TIMEOUT_MS - 50, REQUEST_TIMEOUT_MS + 60)
UNSEEN_FOR_MS = (20, 400)


def of_service(milliseconds):
    return milliseconds * SCALE


def broken(dice):
    """A connection that breaks, before or after the request was carried out."""
    return {"what": dice.choice(("reset", "close", "cut", "garbage")),
            "stored": dice.random() < 0.5}


def cut_anywhere(dice):
    return {"what": "cut", "stored": True, "bytes": dice.randrange(400)}


def open_status(dice):
    """An answer that leaves it open whether the message appeared."""
    return {"status": dice.choice((408, 500, 502, 503, 504, 202, 204)),
            "stored": dice.random() < 0.5,
            "body": dice.choice(("observed", "documented", "empty", "html"))}


def definite_status(dice):
    """A no that needs no look. In the gateway's form it is not the thread's fault."""
    return {"status": dice.choice((302, 401, 403, 404, 409, 418)),
            "body": dice.choice(("observed", "documented", "empty", "html"))}


def refused_for_good(dice):
    """The message's own fault: it dies; with 400 if its thread answers for itself."""
    return {"status": dice.choice((400, 400, 413, 415)),
            "body": dice.choice(("observed", "documented"))}


def interim(_dice):
    return {"status": 100}


def throttled(dice):
    fault = {"status": 429, "retry_after_form": dice.choice(
        ("seconds", "date", "retry-after-ms", "x-ms-retry-after-ms", "none"))}
    if fault["retry_after_form"] != "none":
        fault["retry_after_ms"] = dice.randint(1, 150)
    return fault


def stall(dice):
    """An answer that comes late or never, of a request that is carried out now or then."""
    kind = dice.randrange(4)
    if kind == 0:
        return {"what": "stall", "stored": dice.random() < 0.5}
    if kind == 1:
        return {"what": "stall", "stored": True, "for_ms": of_service(dice.randint(5, 100))}
    return {"what": "stall", "stored": kind == 2,
            "for_ms": of_service(dice.randint(*ARRIVES_AFTER_MS))}


def unseen(dice):
    """In lists only after a while; and perhaps the answer tells nothing."""
    fault = {"what": "late", "for_ms": of_service(dice.randint(*UNSEEN_FOR_MS))}
    if dice.random() < 0.7:
        fault["status"] = dice.choice((408, 500, 503))
    return fault


def broken_success(dice):
    return {"text": dice.choice(("", "<html>oops", "{", '{"id":7}', "[]"))}


def on_send(dice):
    chance = dice.random()
    kinds = ((0.35, broken), (0.45, cut_anywhere), (0.60, open_status), (0.67, definite_status),
             (0.69, refused_for_good), (0.71, interim), (0.74, throttled), (0.84, stall),
             (0.92, unseen), (1, broken_success))
    return {"op": "send", **next(kind for limit, kind in kinds if chance < limit)(dice)}


def on_reused(dice):
    """What makes libcurl send the request a second time, unless it is kept from it."""
    return {"op": "send", "what": dice.choice(("close", "reset")), "reused": True,
            "stored": dice.random() < 0.7, "count": dice.randint(1, 3)}


def unseen_and_open(dice):
    """A look that comes too early does not find them."""
    return {"op": "send", "what": "late", "for_ms": of_service(UNSEEN_FOR_MS[1]),
            "status": dice.choice((408, 500, 503)), "count": dice.randint(1, 3)}


def stored_and_broken(dice):
    """The answer is lost."""
    return {"op": "send", "what": "reset", "stored": True, "count": dice.randint(1, 6)}


def on_list(dice):
    kind = dice.choice(("repeat", broken, open_status, definite_status, throttled, stall, "text"))
    if kind == "repeat":
        return {"op": "list", "what": "repeat"}
    if kind == "text":
        return {"op": "list", "text": dice.choice(
            ("", "<html>", "{}", '{"value":', '{"value":{}}', '{"value":[7]}'))}
    return {"op": "list", "count": dice.randint(1, 3), **kind(dice)}


def on_token(dice):
    kind = dice.choice((broken, open_status, definite_status, throttled, stall, broken_success))
    return {"op": "token", "count": dice.randint(1, 3), **kind(dice)}


def on_properties(dice):
    """Of a thread that is asked whose fault a 400 is."""
    return {"op": "properties", "count": dice.randint(1, 3),
            **dice.choice((broken, open_status, definite_status, stall))(dice)}


def on_connect(dice):
    return {"op": "connect", "what": "reset", "count": dice.randint(1, 4)}


def outage(dice):
    return {"op": dice.choice(("any", "send", "list")), "status": 503, "count": dice.randint(3, 15)}


def by_chance(dice):
    return {**on_send(dice), "probability": 0.1, "seed": dice.randrange(1 << 30),
            "count": dice.randint(2, 8)}


FAULTS = (on_send, on_send, on_send, on_send, on_reused, unseen_and_open, stored_and_broken,
          on_list, on_list, on_connect, on_token, on_properties, outage, by_chance)

# How often what happens, in spells: where the relay dies all the time, no look comes to its end.
SPELLS = ({"fault": 50, "mend": 5, "kill": 30, "terminate": 8, "reload": 4,
           "fill_disk": 3, "fail_syncs": 3, "mend_disk": 4},
          {"fault": 80, "mend": 6, "kill": 3, "terminate": 3, "reload": 3,
           "fill_disk": 4, "fail_syncs": 6, "mend_disk": 6},
          {"fault": 40, "mend": 5, "kill": 5, "terminate": 2, "reload": 45,
           "fill_disk": 3, "fail_syncs": 3, "mend_disk": 4},
          {"fault": 40, "mend": 4, "kill": 6, "terminate": 2, "reload": 2, "operate": 46})
STEPS_OF_SPELL = 12
PAUSES = (0, 0.01, 0.03, 0.08, 0.2)


class Troubles:
    """Carries the script out. Counts what it did."""

    def __init__(self, seed, sandbox, relay, operator):
        self.seed, self.steps, self.random = seed, 0, None
        self.sandbox, self.relay, self.operator = sandbox, relay, operator
        self.disk = relay.disk
        self.done = {}
        self.removed = None
        self.moves = False

    def step(self):
        """One trouble. Returns how long until the next."""
        # Dice of its own: how the machine's timing made one step go changes no other.
        self.steps += 1
        self.random = random.Random(f"troubles {self.seed} {self.steps}")
        if self.relay.is_dead():
            self.count("death")
            self.begin()
        if self.moves:
            kind, self.moves = "adopt", False
        else:
            kind = self.random.choices(list(self.spell()), self.spell().values())[0]
        getattr(self, kind)()
        self.count(kind)
        return self.random.choice(PAUSES)

    def spell(self):
        number = (self.steps - 1) // STEPS_OF_SPELL
        return random.Random(f"spell {self.seed} {number}").choice(SPELLS)

    def count(self, name):
        self.done[name] = self.done.get(name, 0) + 1

    def fault(self):
        fault = self.random.choice(FAULTS)(self.random)
        if self.random.random() < 0.3:
            fault["after"] = self.random.randint(1, 8)
        if fault["op"] in ("send", "list") and self.random.random() < 0.2:
            fault["thread"] = self.random.choice(sandbox_threads(self.sandbox))
        self.sandbox.fault(**fault)

    def mend(self):
        self.sandbox.mend()

    def kill(self):
        self.relay.kill()
        self.begin()

    def terminate(self):
        self.relay.terminate()
        self.begin()

    def begin(self):
        """Perhaps to die at a certain deed, be it one of its first."""
        self.disk.mend()
        while True:
            deeds = int(10 ** self.random.uniform(0, 3)) if self.random.random() < 0.7 else 0
            if self.relay.begin(deeds):
                return
            self.count("death")

    def reload(self):
        self.random.choice((self.break_settings, self.remove_thread, self.move_thread,
                            self.change_values))()

    def break_settings(self):
        with open(self.relay.config_path, "a", encoding="utf-8") as file:
            file.write("[thread broken]\nid = none\nnonsense = 1\n")
        if "settings reloaded" in self.relay.reload():
            raise AssertionError("broken settings were taken")
        self.relay.write_config()

    def remove_thread(self):
        """And, the next time, put it back."""
        if self.removed:
            self.restore()
        else:
            name = self.random.choice([s for s in self.relay.sections if s.startswith("thread ")])
            self.removed = (name, self.relay.sections.pop(name))
        self.relay.adopt()

    def restore(self):
        if self.removed:
            name, settings = self.removed
            self.relay.sections[name] = settings
        self.removed = None

    def move_thread(self):
        """Next time it leads elsewhere; what is in doubt is still looked for where it was sent."""
        settings = self.relay.sections.get("thread wanderer")
        if settings:
            self.sandbox.fault(op="send", thread=settings["id"], what="reset", stored=True, count=3)
            settings["id"] = self.random.choice(sandbox_threads(self.sandbox))
            self.moves = True

    def adopt(self):
        self.relay.adopt()

    def change_values(self):
        for name, settings in self.relay.sections.items():
            if name.startswith("thread "):
                settings["urgent_share"] = f"{self.random.randint(0, 40)}%"
        self.relay.adopt()

    def operate(self):
        self.operator.do_something(self.random)

    def fill_disk(self):
        self.disk.fill()

    def mend_disk(self):
        self.disk.mend()

    def fail_syncs(self):
        count = self.random.randint(1, 12)
        self.disk.fail_syncs([self.random.random() < 0.4 for _ in range(count)])

    def end(self):
        """All is well again, and stays so."""
        self.sandbox.mend()
        self.disk.mend()
        if self.removed:
            self.restore()
            self.relay.adopt()
        if not self.relay.is_immortal():
            self.relay.kill()
            self.relay.begin()


def sandbox_threads(sandbox):
    return sorted(sandbox.first_stats["threads"])
