#!/usr/bin/env python3
"""What is left of the outbox when the power goes, at any moment of a real relay's run.

    test_powerloss.py [--rounds N] [--samples N] [--seed S] [--heavy] [--weak]

kill -9 cannot show a missing sync, since what was written survives it in the kernel's
memory. So a run is recorded with strace, and replayed up to each moment that matters;
there, states are built that the disk may be left in, and checked: what was acknowledged
is there, what was sent is known to have left, turns are there as a whole or not at all.

With --weak the relay's syncs do nothing, and that must be noticed.
"""

import argparse
import os
import random
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(HERE, "..", "daemon", "relay"))
PROGRAMS = {"CHATRELAYD": "bin/chatrelayd", "CHATRELAY_SANDBOX": "bin/chatrelay-sandbox",
            "CHATRELAY_WEAK_SYNC": "tests/libweak_sync.so"}
SKIPPED = 77
MOMENTS = ("sync", "answered", "requested", "remove", "rename", "truncate")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=4, help="how long the relay runs")
    parser.add_argument("--samples", type=int, default=3, help="states beside the extremes")
    parser.add_argument("--every", type=int, default=4, help="also after each Nth write")
    parser.add_argument("--recoveries", type=float, default=0.02,
                        help="the share of states on which a relay is started")
    parser.add_argument("--seed", type=int, default=1, help="which states")
    parser.add_argument("--heavy", action="store_true",
                        help="until the outbox's log is written anew (some minutes)")
    parser.add_argument("--weak", action="store_true", help="without syncs: must fail")
    parser.add_argument("--build", default=os.path.join(ROOT, "build", "dev"),
                        help="the folder with the programs, unless the environment names them")
    return parser.parse_args()


class Replay:
    def __init__(self, options, folder):
        from disk import Disk
        self.options, self.folder = options, folder
        self.disk = Disk(random.Random(options.seed))
        self.dice = random.Random(options.seed)
        self.seen = set()
        self.moments = self.states = self.recoveries = self.unsound = 0

    def run(self, operations):
        from books import Said
        said = Said(operations)
        writes = 0
        for number, operation in enumerate(operations):
            if operation[0] == "sync":
                self.cut(f"before {operation}", said)
            if operation[0] in ("answered", "requested", "replied"):
                said.hear(number, operation)
            else:
                self.disk.apply(operation)
            writes += operation[0] == "write"
            if operation[0] in MOMENTS or writes % self.options.every == 0:
                self.cut(f"after {operation[:2]}", said)

    def cut(self, when, said):
        self.moments += 1
        told = (len(said.ids), len(said.ended), frozenset(said.left))
        for state in self.disk.states(self.options.samples):
            key = hash((told, tuple(sorted((name, hash(data)) for name, data in state.items()))))
            if key in self.seen:
                continue
            self.seen.add(key)
            self.states += 1
            self.check(state, when, said)

    def check(self, state, when, said):
        import books
        import recovery
        wrong = self.ask(books.check, state, said)
        if not wrong and self.dice.random() < self.options.recoveries:
            self.recoveries += 1
            wrong = self.ask(recovery.check, state, said)
        if wrong:
            self.unsound += 1
            if self.unsound <= 5:
                print(f"{when}: {'; '.join(wrong)}"[:600])

    def ask(self, check, state, said):
        """What the check finds wrong with the state, as files of a folder."""
        with tempfile.TemporaryDirectory(dir=self.folder) as place:
            for name, content in state.items():
                with open(os.path.join(place, name), "wb") as file:
                    file.write(content)
            return list(check(place, said))


def record(options, folder):
    from play import Play
    from recording import Recording
    play = Play(folder, os.environ["CHATRELAY_WEAK_SYNC"] if options.weak else "")
    logs = play.run(options.rounds, options.heavy)
    recording = Recording(play.state)
    return [operation for log in logs for operation in recording.operations(log)]


def replay(options):
    # States are written by the thousand: not to a real disk, if that can be.
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="powerloss", dir=memory) as folder:
        operations = record(options, folder)
        test = Replay(options, folder)
        test.run(operations)
    said = [operation[0] for operation in operations]
    print(f"{said.count('sync')} syncs, {said.count('answered')} answers, "
          f"{said.count('requested')} requests; {test.moments} moments, "
          f"{test.states} distinct states, {test.recoveries} recoveries, {test.unsound} unsound")
    if min(said.count("answered"), said.count("requested"), test.states) == 0:
        print("nothing was recorded")
        return 1
    if options.weak:
        print("must be noticed:", "yes" if test.unsound else "NO")
    return int((test.unsound > 0) != options.weak)


def main():
    options = arguments()
    for name, path in PROGRAMS.items():
        os.environ.setdefault(name, os.path.join(options.build, path))
    from recording import can_trace
    if not can_trace():
        print("skipped: strace cannot trace here")
        return SKIPPED
    return replay(options)


if __name__ == "__main__":
    sys.exit(main())
