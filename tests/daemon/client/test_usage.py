"""The command line itself: help, versions, and what is wrong usage."""

import json
import os
import re
import shutil
import subprocess
import unittest

from fake_relay import COMMAND, PATIENCE, ClientTest

VERBS = ("send", "run", "status", "why", "show", "list", "threads", "log", "read", "stats", "wait", "check", "edit", "unsend", "cancel", "hold",
         "release", "retry", "pause", "resume", "flush", "audit", "backup")


class Usage(ClientTest):
    def test_nothing_said_is_status(self):
        self.expect(2, "--timeout", "10ms", stdout="", stderr="chatrelay: ")

    def test_help_names_every_verb(self):
        for arguments in (["--help"], ["-h"], ["help"]):
            done = self.expect(0, *arguments)
            for verb in VERBS:
                self.assertIn(f"\n  {verb} ", done.stdout)

    def test_help_of_a_verb_names_its_options(self):
        for verb in VERBS:
            done = self.expect(0, "help", verb)
            self.assertIn(f"usage: chatrelay {verb} ", done.stdout)
            self.assertIn("--socket PATH", done.stdout)
            self.assertEqual(done.stdout, self.expect(0, verb, "--help").stdout)
        self.assertIn("--wait[=DURATION]", self.expect(0, "help", "send").stdout)

    def test_the_manual_knows_every_option_and_no_other(self):
        with open(os.environ["CHATRELAY_MANUAL"], encoding="utf-8") as file:
            sections = re.split(r"\n\.S[hs] ", file.read())
        items = {"common": set()}
        for section in sections:
            title = section.split("\n")[0].split()
            verbs = title[1:] if title[0] == "chatrelay" else ["common"]
            options = {option for line in section.splitlines() if line.startswith(".It Fl")
                       for option in re.findall(r"Fl Fl ([a-z-]+)", line)}
            for verb in verbs:
                items.setdefault(verb, set()).update(options)
        for verb in VERBS:
            usage = self.expect(0, "help", verb).stdout
            options = set(re.findall(r"^  (?:-., )?--([a-z-]+)", usage, re.MULTILINE))
            self.assertEqual(options, items.get(verb, set()) | items["common"], verb)

    def test_version(self):
        self.expect(0, "--version", stdout=f"chatrelay {os.environ['CHATRELAY_VERSION']}\n")

    def lose_output(self, *arguments):
        """The exit status of a run whose standard output is full."""
        with open("/dev/full", "wb") as full:
            done = subprocess.run([COMMAND, *arguments], stdin=subprocess.DEVNULL, stdout=full,
                                  stderr=subprocess.PIPE, text=True, timeout=PATIENCE, check=False,
                                  env=dict(os.environ, CHATRELAY_SOCKET=self.socket))
        self.assertEqual(done.stderr.count("cannot write to standard output"), 1, done.stderr)
        return done.returncode

    def test_output_that_is_lost_is_a_failure(self):
        self.assertEqual(self.lose_output("--version"), 75)
        self.assertEqual(self.lose_output("help", "send"), 75)
        messages = [{"id": number, "content": "x" * 100} for number in range(100)]
        self.play(lambda peer: (peer.request(), peer.answer(ok=True, messages=messages)))
        self.assertEqual(self.lose_output("list", "--json"), 75)

    def test_but_not_of_what_the_exit_code_says(self):
        self.play(lambda peer: (peer.request(), peer.accept(1)),
                  lambda peer: (peer.request(), peer.answer(ok=True, id=1, state="dead")))
        self.assertEqual(self.lose_output("send", "x"), 0)
        self.assertEqual(self.lose_output("wait", "1"), 11)

    def test_what_is_printed_does_not_go_to_the_relay(self):
        requests = []

        def play(peer):
            requests.append(peer.request())
            peer.accept(7)
            requests.append(peer.request())
            peer.answer(ok=True, id=7, state="sent")
        self.play(play)
        done = subprocess.run([COMMAND, "send", "--wait", "x"], stdin=subprocess.DEVNULL, timeout=PATIENCE,
                              env=dict(os.environ, CHATRELAY_SOCKET=self.socket), check=False,
                              preexec_fn=lambda: os.close(1))
        self.assertEqual(done.returncode, 0)
        self.relay.finish()
        self.assertEqual(requests[1:], [{"op": "wait", "id": 7}])

    def test_a_stream_that_nobody_takes_is_over(self):
        event = {"ok": True, "event": "sent", "id": 1, "thread": "ops"}
        for words in (["log", "-f"], ["read", "-f"]):
            with self.subTest(words):
                self.play(lambda peer: (peer.request(), peer.answer(ok=True),
                                        peer.answer(message={}, **event), peer.until_closed()))
                self.assertEqual(self.lose_output(*words), 75)
                os.unlink(self.socket)

    def test_a_setup_that_is_not_installed(self):
        alone = os.path.join(self.folder, "chatrelay")
        shutil.copy(COMMAND, alone)
        done = subprocess.run([alone, "setup"], capture_output=True, text=True, check=False,
                              timeout=PATIENCE, env=dict(os.environ, PATH=self.folder))
        self.assertEqual(done.returncode, 78, done.stderr)
        self.assertIn(f"looked for as {alone}-setup and in $PATH", done.stderr)

    def test_the_options_of_all_verbs_may_stand_before_the_verb(self):
        for words in (["--socket", "S", "--json", "show", "7"], ["--json", "show", "7"],
                      ["--timeout=10s", "--json", "show", "--socket", "S", "7"]):
            words = [self.socket if word == "S" else word for word in words]
            self.play(lambda peer: peer.answer(ok=True, id=peer.request()["id"]))
            self.assertEqual(json.loads(self.expect(0, *words).stdout)["id"], 7)
            os.unlink(self.socket)
        self.expect(0, "--json", "run", "sh", "-c", "exit 0")
        self.assertEqual(self.expect(0, "--json", "send", "--help").stdout,
                         self.expect(0, "help", "send").stdout)
        self.expect(64, "--json", "sned", stderr='did you mean "send"?')
        self.expect(64, "--titel", "x", "send", stderr="there is no option --titel")

    def test_an_empty_path_is_no_path(self):
        for words in (["status", "--socket", ""], ["--socket=", "send", "x"]):
            self.expect(64, *words, stderr="--socket: the path is empty")

    def test_suggestions(self):
        self.expect(64, "sned", stderr='did you mean "send"?')
        self.expect(64, "help", "sned", stderr='did you mean "send"?')
        self.expect(64, "send", "--titel", "x", stderr="did you mean --title?")

    def test_wrong_options(self):
        for arguments in (["send", "--to"], ["send", "--json=yes", "x"], ["send", "-x"],
                          ["send", "--timeout", "soon", "x"], ["send", "--cut", "0", "x"],
                          ["send", "--meta", "nonsense", "x"], ["send", "--for", "sent", "x"],
                          ["send", "-f", "file", "x"], ["stats", "x"], ["status", "x"],
                          ["check", "a", "b"], ["edit"], ["edit", "x", "text"], ["unsend"], ["unsend", "1", "2"],
                          ["cancel"], ["cancel", "all"], ["cancel", "ALL", "1"], ["hold", "0"],
                          ["retry", "1", "--state", "dead"], ["why"], ["why", "1", "2"],
                          ["pause"], ["resume", "ops", "1h"], ["flush", "ops", "db"],
                          ["log", "x"], ["read", "x", "y"], ["threads", "x"], ["audit", "x"]):
            with self.subTest(arguments):
                self.expect(64, *arguments, stdout="", stderr="Try: chatrelay help " + arguments[0])

    def test_links_neither_http_nor_a_database_nor_an_event_loop(self):
        libraries = subprocess.run(["ldd", COMMAND], capture_output=True, text=True,
                                   check=True).stdout
        for name in ("libcurl", "sqlite", "libevent", "libcrypto", "libsystemd"):
            self.assertNotIn(name, libraries)


if __name__ == "__main__":
    unittest.main()
