#!/usr/bin/env python3
"""Takes one line of the relay away that keeps a promise, and sees that a test notices.

    mutants.py [--build DIR] [--seeds N] [--only-find] [WORD...]

Each mutant is compiled with the flags of the build in DIR and linked with what is there.
Its judge, a few seeds of the ledger test or a short power-loss replay, has to turn red.
With WORDs, only mutants whose reasons contain one of them. With --only-find it sees
that each of the lines is still there, and no more.
"""

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))

EARLY = ("queue/turn.c",
         "    enum outbox_commit how = outbox_commit(outbox, err);\n    turn_abandon(turn, how);\n"
         "    return how;",
         "    turn_abandon(turn, OUTBOX_COMMITTED);\n    return outbox_commit(outbox, err);")

# (reason, source, sound, broken, judge)
MUTANTS = [
    ("libcurl may send a request a second time", "chat/exchange.c",
     "return exchange->admissions == 1 ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;",
     "return CURL_PREREQFUNC_OK;", "ledger"),
    ("what is in doubt is posted again without a look", "queue/settle.c",
     "    case OUTCOME_DOUBT:\n        break;",
     "    case OUTCOME_DOUBT:\n        dispatcher_clear_doubt(message);\n        break;", "ledger"),
    ("nothing is marked as doubt before it leaves", "queue/begin.c",
     "    message->doubted_at = now.at;\n", "", "ledger"),
    ("a look comes before what was given up has settled", "queue/settle.c",
     "lane->look_from_steady_at = msec_max(lane->look_from_steady_at, settled_steady_at);",
     "lane->look_from_steady_at = now.steady_at;", "ledger"),
    ("an incomplete look is believed", "queue/settle_look.c",
     "    if (!is_found && findings->complete)", "    if (!is_found)", "ledger"),
    ("a look goes where the thread leads now", "queue/begin.c",
     "    struct place *place = dispatcher_doubted_place(dispatcher, lane, head);\n",
     "    struct place *place = lane->route->place;\n    (void)head;\n", "ledger"),
    ("several of a lane are under way at a time", "queue/lane.c",
     "    if (lane->work)\n        return NULL;\n", "", "ledger"),
    ("windows begin empty at every start", "queue/dispatcher.c",
     "        dispatcher_seed_windows(dispatcher, now);\n", "        ;\n", "ledger"),
    ("a key is not looked up", "daemon/submission.c",
     "    if (!request->once ||", "    if (true ||", "ledger"),
    ("answers and requests leave before the commit", *EARLY, "ledger"),
    ("answers and requests leave before the commit", *EARLY, "powerloss"),
    ("a commit is not synced", "queue/database.c",
     '{ "synchronous", "FULL", "2" }', '{ "synchronous", "NORMAL", "1" }', "powerloss"),
]


class Workshop:
    def __init__(self, build, folder):
        self.build, self.folder = os.path.abspath(build), folder
        with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
            self.compilations = {entry["file"]: shlex.split(entry["command"])
                                 for entry in json.load(file)}
        commands = subprocess.run(["ninja", "-C", build, "-t", "commands", "bin/chatrelayd"],
                                  capture_output=True, text=True, check=True).stdout
        last = commands.strip().splitlines()[-1]
        self.linking = shlex.split(last.removeprefix(": && ").removesuffix(" && :"))

    def make(self, source, text):
        """A relay in which that source has another text. It comes before the archives."""
        copy, program = os.path.join(self.folder, "mutant.c"), os.path.join(self.folder, "relay")
        with open(copy, "w", encoding="utf-8") as file:
            file.write(text)
        path = os.path.join(ROOT, source)
        words = [copy if word == path else word for word in self.compilations[path]]
        words[words.index("-o") + 1] = copy + ".o"
        self.run([*words, "-w"])
        words = list(self.linking)
        words[words.index("-o") + 1] = program
        words.insert(words.index("-o"), copy + ".o")
        self.run(words)
        return program

    def run(self, words):
        subprocess.run(words, cwd=self.build, check=True, capture_output=True, text=True)


def is_convicted(judge, program, options):
    """Whether the test turned red."""
    environment = dict(os.environ, CHATRELAYD=program)
    if judge == "powerloss":
        words = [os.path.join(ROOT, "tests", "powerloss", "test_powerloss.py"), "--rounds", "1"]
        tries = [words]
    else:
        words = [os.path.join(HERE, "test_ledger.py"), "--seeds", "1", "--quiet", "--first"]
        tries = [[*words, str(seed)] for seed in range(1, options.seeds + 1)]
    for words in tries:
        words = [sys.executable, "-B", *words, "--build", options.build]
        if subprocess.run(words, env=environment, capture_output=True, check=False).returncode == 1:
            return True
    return False


def mutate(mutant):
    """The source's text without that line; None if it is not there."""
    _, source, sound, broken, _ = mutant
    with open(os.path.join(ROOT, source), encoding="utf-8") as file:
        text = file.read()
    return text.replace(sound, broken) if text.count(sound) == 1 else None


def judge(workshop, mutant, options):
    """What is wrong with the tests, as a sentence; None: the mutant was noticed."""
    reason, source, _, _, who = mutant
    text = mutate(mutant)
    if text is None:
        return f"does not apply: {reason} ({source})"
    try:
        program = workshop.make(source, text)
    except subprocess.CalledProcessError as failure:
        return f"does not build: {reason}: {failure.stderr[:300]}"
    return None if is_convicted(who, program, options) else f"LIVES: {reason} ({source}, {who})"


def find(mutants):
    lost = [mutant for mutant in mutants if mutate(mutant) is None]
    for mutant in lost:
        print(f"does not apply: {mutant[0]} ({mutant[1]})")
    return 1 if lost else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.path.join(ROOT, "build", "dev"))
    parser.add_argument("--seeds", type=int, default=10, help="for each mutant, at most")
    parser.add_argument("--only-find", action="store_true")
    parser.add_argument("words", nargs="*")
    options = parser.parse_args()
    mutants = [m for m in MUTANTS if not options.words or any(w in m[0] for w in options.words)]
    if options.only_find:
        return find(mutants)
    wrong = []
    with tempfile.TemporaryDirectory(prefix="mutants") as folder:
        workshop = Workshop(options.build, folder)
        for mutant in mutants:
            began = time.monotonic()
            sentence = judge(workshop, mutant, options)
            wrong += [sentence] if sentence else []
            print(sentence or f"noticed: {mutant[0]} ({mutant[4]})",
                  f"after {time.monotonic() - began:.0f} s", flush=True)
    print(f"{len(mutants)} mutants, {len(mutants) - len(wrong)} noticed")
    return 1 if wrong or not mutants else 0


if __name__ == "__main__":
    sys.exit(main())
