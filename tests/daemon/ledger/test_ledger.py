#!/usr/bin/env python3
"""Never lost, never twice, in order, inside the budget; whatever happens.

    test_ledger.py [--seeds N] [--first SEED] [--minutes M] [--messages N] [--steps N]

Runs one season for each seed, until there are no more or the time is over. A seed that
fails is said, with what is wrong, and its folder is kept. The script of troubles follows
from the seed; when exactly they strike depends on the machine, so that a rare failure
may want several runs of its seed.
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path.insert(0, os.path.join(HERE, "..", "relay"))
PROGRAMS = {"CHATRELAYD": "bin/chatrelayd", "CHATRELAY_SANDBOX": "bin/chatrelay-sandbox",
            "CHATRELAY_STORAGE_GATE": "tests/libstorage_gate.so",
            "CHATRELAY_SUDDEN_DEATH": "tests/libsudden_death.so"}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3, help="how many (0: no end)")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--minutes", type=float, default=60, help="begin no season after that")
    parser.add_argument("--messages", type=int, default=200, help="in a season")
    parser.add_argument("--steps", type=int, default=60, help="troubles in a season")
    parser.add_argument("--quiet", action="store_true", help="keep no folder of a bad seed")
    parser.add_argument("--build", default=os.path.join(ROOT, "build", "dev"),
                        help="the folder with the programs, unless the environment names them")
    return parser.parse_args()


def run(seed, options):
    """True when the season is good. Returns also its messages and kills."""
    from season import Season
    folder = tempfile.mkdtemp(prefix=f"ledger{seed}-")
    os.chmod(folder, 0o755)
    season = Season(seed, folder, options.messages, options.steps)
    wrong = season.run()
    ends = season.ends()
    print(f"seed {seed}: {dict(ends)} through {season.troubles.done}", flush=True)
    for sentence in wrong[:20]:
        print(f"seed {seed}: {sentence}")
    if wrong:
        print(f"seed {seed}: {len(wrong)} wrong; folder {folder}; again: {sys.argv[0]} "
              f"--seeds 1 --first {seed} --messages {options.messages} --steps {options.steps}",
              flush=True)
    if not wrong or options.quiet:
        shutil.rmtree(folder)
    return not wrong, ends["sent"], season.kills()


def main():
    options = arguments()
    # The sandbox and the relay end with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    for name, path in PROGRAMS.items():
        os.environ.setdefault(name, os.path.join(options.build, path))
    end = time.monotonic() + options.minutes * 60
    seed, bad, sent, kills = options.first, [], 0, 0
    while seed < options.first + options.seeds or options.seeds == 0:
        good, appeared, killed = run(seed, options)
        sent, kills = sent + appeared, kills + killed
        if not good:
            bad.append(seed)
        seed += 1
        if time.monotonic() > end:
            break
    print(f"{seed - options.first} seeds, {sent} messages sent, {kills} kills, "
          f"failed: {bad or 'none'}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
