"""From a connection string to a message; and what it may not do on the way."""

import json
import os
import pty
import pwd
import re
import select
import signal
import subprocess
import time
import unittest

from setup import ENVIRONMENT, PATIENCE, Sandbox, SetupTest


class First(SetupTest):
    def test_from_the_connection_string_to_a_message_that_is_shown(self):
        shown = self.first("--display-name", "db01")
        [message] = self.sandbox.ledger()
        self.assertEqual(message["senderDisplayName"], "db01")
        self.assertIn("db01: " + message["content"]["message"], shown)
        settings = self.settings()
        self.assertEqual(list(settings), ["sender main", "thread ops"])
        self.assertEqual(settings["thread ops"]["id"], message["threadId"])
        self.assertEqual(self.read("keys/main"), self.sandbox.connection_string + "\n")
        self.assertFalse(os.path.exists(self.path("setup.plan")))
        self.assertIn("have it read them (SIGHUP).\nThen say something:\n"
                      "    chatrelay send --to ops", self.stderr)
        self.assertIn(f"\n    chatrelay setup --config {self.folder} invite ops", self.stderr)
        self.assertNotIn("systemctl", self.stderr)

    def test_a_relay_takes_these_settings(self):
        self.first()
        done = subprocess.run([os.environ["CHATRELAYD"], "--check", "--config",
                               self.path("chatrelay.conf")], capture_output=True, text=True,
                              timeout=PATIENCE, check=False, env=ENVIRONMENT)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("senders: 1, threads: 1", done.stdout)

    def test_the_command_runs_it(self):
        done = subprocess.run([os.environ["CHATRELAY"], "setup", "--config", self.folder, "--yes",
                               "--connection-string-file", self.secret_file], capture_output=True,
                              text=True, timeout=PATIENCE, check=False, env=ENVIRONMENT)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(self.sandbox.ledger()), 1)

    def test_a_second_run_makes_nothing_and_shows_that_it_works(self):
        self.first()
        before = self.sandbox.stats()
        settings = self.read("conf.d/10-setup.conf")
        shown = self.first()
        self.assertIn("is set up on", shown)
        self.assertIn("set up already", self.stderr)
        after = self.sandbox.stats()
        self.assertEqual(after["threads"], before["threads"])
        self.assertEqual(len(self.sandbox.ledger()), 1)
        self.assertEqual(self.read("conf.d/10-setup.conf"), settings)

    def test_what_was_made_is_found_again(self):
        self.first()
        [found] = self.run_setup("find").splitlines()
        self.assertEqual(found.split("	")[:2], [self.settings()["thread ops"]["id"], "ops"])

    def owner(self, name):
        return pwd.getpwuid(os.stat(self.path(name)).st_uid).pw_name

    def test_whom_there_is_no_account_of_is_not_given_the_key(self):
        self.first("--group", "no-such-user")
        self.assertEqual((self.mode("keys"), self.mode("keys/main")), (0o700, 0o600))
        self.assertEqual(os.stat(self.path("keys/main")).st_uid, os.geteuid())
        self.assertEqual(self.mode("conf.d/10-setup.conf"), 0o644)
        self.assertIn(f"{self.path('keys')} is for {self.owner('keys')} alone: it could not be "
                      "given to a user no-such-user.\nThe relay has to read what is in it",
                      self.stderr)

    @unittest.skipUnless(os.geteuid() == 0, "only root may give a file to another user")
    def test_the_key_is_for_the_relays_account_and_not_for_those_who_may_send(self):
        self.first("--group", "games")
        os.chmod(self.holder, 0o755)
        for folder, mode in (("keys", 0o700), ("keys/main", 0o600)):
            self.assertEqual((self.owner(folder), self.mode(folder)), ("games", mode))
        for user, can_read in (("games", True), ("nobody", False)):
            done = subprocess.run(["cat", self.path("keys/main")], capture_output=True, text=True,
                                  timeout=PATIENCE, check=False, user=user, group="games",
                                  extra_groups=["games"])
            self.assertEqual(done.stdout, self.read("keys/main") if can_read else "", user)

    @unittest.skipUnless(os.geteuid() == 0, "only root may give a file to another user")
    def test_keys_that_an_earlier_run_has_left_open_are_closed(self):
        """With a new key or without one."""
        for words in ((), ("--connection-string-file", self.secret_file)):
            self.first("--group", "games")
            os.chown(self.path("keys"), 0, 0)
            os.chmod(self.path("keys"), 0o755)
            self.run_setup("--yes", "--group", "games", *words)
            self.assertEqual((self.owner("keys"), self.mode("keys")), ("games", 0o700), words)

    def test_a_link_in_the_place_of_the_keys_is_not_followed(self):
        """Root would give away what is behind it."""
        elsewhere = os.path.join(self.holder, "elsewhere")
        os.makedirs(elsewhere, 0o755)
        os.mkdir(self.folder)
        os.symlink(elsewhere, self.path("keys"))
        self.first("--group", "games", status=77)
        self.assertEqual(os.stat(elsewhere).st_mode & 0o777, 0o755)
        self.assertEqual(os.listdir(elsewhere), [])

    def test_names_and_topic_can_be_chosen(self):
        self.first("--sender", "alerts", "--thread", "night", "--topic", "Nachtwache 🌙")
        self.assertEqual(list(self.settings()), ["sender alerts", "thread night"])
        [found] = [json.loads(line) for line in self.run_setup("find", "--json").splitlines()]
        self.assertEqual(found["topic"], "Nachtwache 🌙")

    def test_json(self):
        answer = json.loads(self.first("--json"))
        self.assertEqual(answer["thread"], "ops")
        self.assertEqual(answer["id"], self.settings()["thread ops"]["id"])
        self.assertEqual([answer["message"]], self.sandbox.contents())

    def test_the_string_on_standard_input(self):
        read_end, write_end = os.pipe()
        os.write(write_end, self.sandbox.connection_string.encode())
        os.close(write_end)
        self.run_setup("--yes", "--connection-string-file", "-", stdin=read_end)
        os.close(read_end)
        self.assertEqual(len(self.sandbox.ledger()), 1)

    def test_the_secret_is_nowhere_but_in_its_file(self):
        self.first("--json")
        self.first()
        self.sandbox.fault(op="token", status=401, count=1)
        self.first(status=77)
        written = []
        for folder, _, names in os.walk(self.folder):
            for name in names:
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    written.append((os.path.relpath(os.path.join(folder, name), self.folder),
                                    file.read()))
        self.assertIn("keys/main", [name for name, _ in written])
        for name, text in written + [("output", self.said)]:
            self.assertNotRegex(text, r"eyJ[\w-]+\.eyJ", name)
            if name != "keys/main":
                self.assertNotIn(self.sandbox.key, text, name)


class Refusals(SetupTest):
    def refused(self, status, pattern, *words, **options):
        self.first(*words, status=status, **options)
        self.assertRegex(self.stderr, pattern)
        self.assertNotIn(self.sandbox.key, self.stderr)

    def test_a_foreign_file_is_not_written_over(self):
        text = "[sender mine]\n"
        self.write(self.path("chatrelay.conf"), "")
        self.write(self.path("conf.d/10-setup.conf"), "# mine\n")
        self.refused(78, "not written by chatrelay setup")
        self.assertEqual(self.read("conf.d/10-setup.conf"), "# mine\n")
        self.assertEqual(self.sandbox.stats()["threads"], {})
        self.assertNotIn(text, self.said)

    def test_a_file_of_ours_that_was_changed_is_left_alone(self):
        self.first()
        changed = self.read("conf.d/10-setup.conf") + "ttl = 1d\n"
        self.write(self.path("conf.d/10-setup.conf"), changed)
        self.run_setup("thread", "more", status=78)
        self.assertIn("changed since", self.stderr)
        self.assertEqual(self.read("conf.d/10-setup.conf"), changed)
        self.assertEqual(len(self.sandbox.threads()), 1)

    def test_names_that_somebody_else_has_given(self):
        self.write(self.path("chatrelay.conf"), "[sender main]\nendpoint = https://a.example\n"
                   "token_file = /nowhere\n[thread ops]\nid = 19:x@thread.v2\n")
        self.refused(78, r"have a \[thread ops\] already")
        self.refused(78, r"have a \[sender main\] of their own", "--thread", "new")
        self.refused(78, r"would not be valid.*left as it was", "--thread", "new", "--sender", "my")
        self.assertIn("must be said, as there are 2 senders", self.stderr)
        self.assertFalse(os.path.exists(self.path("conf.d/10-setup.conf")))

    def test_settings_that_the_relay_would_not_take_are_not_written(self):
        missing = self.path("authorities.pem")
        self.refused(78, r"would not be valid.*left as it was", "--ca-file", missing)
        self.assertIn(f"ca_file = {missing}: No such file", self.stderr)
        self.assertFalse(os.path.exists(self.path("conf.d/10-setup.conf")))
        self.first()
        self.assertEqual(len(self.sandbox.ledger()), 1)

    def test_nothing_is_made_for_a_thread_that_the_relay_would_not_take(self):
        self.write(self.path("chatrelay.conf"), "[sender x]\nendpoint = https://a.example\n"
                   "token_file = /nowhere\n[thread x]\nid = 19:x@thread.v2\nsender = x\n"
                   "was = ops\n")
        self.refused(78, r"would not be valid.*left as it was")
        self.assertIn("there still is a [thread ops]", self.stderr)
        self.assertNotIn("Made", self.stderr)
        self.assertFalse(os.path.exists(self.path("keys")))

    def test_another_resource_is_not_given_the_identity_of_the_first(self):
        os.mkdir(self.folder)
        self.write(self.path("keys"), "no folder")
        self.refused(77, "keys")
        self.assertIn("Made an identity", self.stderr)
        os.remove(self.path("keys"))
        other = Sandbox()
        self.addCleanup(other.stop)
        self.write(self.secret_file, other.connection_string + "\n", 0o600)
        other.fault(op="create-identity", status=500, count=1)
        self.refused(75, "500")
        self.assertNotIn("An earlier run broke off", self.stderr)
        self.first()
        self.assertIn("An earlier run broke off", self.stderr)
        [message] = other.ledger()
        self.assertEqual(message["senderCommunicationIdentifier"]["rawId"],
                         self.settings()["sender main"]["identity"])

    def test_a_key_file_that_is_there_already(self):
        self.write(self.path("keys/main"), "precious", 0o600)
        self.refused(78, "was not made for")
        self.assertEqual(self.read("keys/main"), "precious")

    def test_nonsense_instead_of_a_connection_string(self):
        for text, pattern in (("nonsense", "no endpoint="), ("", "is empty"),
                              ("a b c", "one or two words"),
                              ("endpoint=https://x.example/;accesskey=%%", "not base64"),
                              ("endpoint=http://x.example/;accesskey=YWJj", "only towards this machine")):
            self.write(self.secret_file, text, 0o600)
            with self.subTest(text):
                self.refused(65, pattern)
        self.write(self.secret_file, self.sandbox.connection_string, 0o644)
        self.refused(65, "others may use this file")

    def test_a_wrong_key(self):
        wrong = self.sandbox.connection_string.replace("accesskey=", "accesskey=AAAA")
        self.write(self.secret_file, wrong, 0o600)
        self.refused(77, "the access key is refused.*MS-CV")
        self.write(self.secret_file, wrong + "\n" + self.sandbox.connection_string, 0o600)
        self.first()

    def test_nobody_there_to_be_asked(self):
        self.run_setup("--connection-string-file", self.secret_file, status=64)
        self.assertIn("--yes", self.stderr)
        self.run_setup("--yes", status=64)
        self.assertIn("--connection-string-file", self.stderr)

    def test_nobody_answers(self):
        self.sandbox.stop()
        self.refused(69, "no answer from the identity service")
        self.sandbox = Sandbox()
        self.addCleanup(self.sandbox.stop)

    def test_not_now(self):
        self.sandbox.fault(op="create-identity", status=503, count=1)
        self.refused(75, "503.*MS-CV(.|\n)*Run it again .* makes nothing twice")
        self.first()
        self.run_setup("people", "nowhere", status=67)
        self.assertNotIn("Run it again", self.stderr)

    def test_who_only_asks_makes_no_folder(self):
        for words in (["find"], ["people", "ops"], ["invite", "ops", "Zoë"], ["replace", "ops"]):
            with self.subTest(words):
                self.run_setup(*words, status=78 if words == ["find"] else 67)
                self.assertFalse(os.path.exists(self.folder))
        self.run_setup("--connection-string-file", self.secret_file, status=64)  # nobody says yes
        self.assertFalse(os.path.exists(self.folder))
        self.folder += "/"
        self.first()

    def test_a_service_that_is_busy_for_a_moment_is_waited_for(self):
        self.sandbox.fault(op="create-identity", status=429, count=1, retry_after_ms=300)
        self.sandbox.fault(op="token", status=503, count=2, retry_after_ms=300)
        self.sandbox.fault(op="create-thread", status=503, count=1, retry_after_ms=300)
        self.first()
        self.assertEqual(self.stderr.count("asking again in"), 4)
        self.assertEqual(len(self.sandbox.threads()), 1)

    def test_a_service_that_asks_for_a_long_pause_is_not(self):
        fault = self.sandbox.fault(op="create-identity", status=429, count=0, retry_after_ms=60000)
        self.refused(75, "429")
        self.assertEqual(self.sandbox.hits(fault), 1)

    def test_usage(self):
        for words in (["nonsense"], ["thread"], ["adopt", "x"], ["find", "x"], ["people", "a", "b"],
                      ["find", "--topic", "x"], ["--no-such-option"], ["--thread", "a b"],
                      ["thread", "../x"], ["people", "a", "b", "c", "d", "e"]):
            with self.subTest(words):
                self.run_setup(*words, status=64)
        self.assertEqual(self.run_setup("help"), self.run_setup("--help"))
        self.assertEqual(self.run_setup("help", "find"), self.run_setup("find", "--help"))
        self.run_setup("find", "--topic", "x", status=64)
        self.assertIn("chatrelay-setup: find takes no --topic\n", self.stderr)
        self.run_setup("--delete-identity", status=64)
        self.assertIn("--delete-identity is for a verb, and there is none\n", self.stderr)
        self.run_setup("help", "fnd", status=64)
        self.run_setup("peple", "ops", status=64)
        self.assertIn('did you mean "people"?', self.stderr)

    def test_values_that_nobody_would_take_are_refused_before_anything_is_made(self):
        for words, reason in ((["--proxy", "http://relay:hunter2@proxy:3128"], "neither"),
                              (["--ca-file", "authorities.pem"], "not an absolute path"),
                              (["--display-name", "x" * 300], "longer than"),
                              (["--display-name", "db01 # one"], "a comment needs a line"),
                              (["--display-name", "x\nproxy = http://y:1"], "control character"),
                              (["--display-name", '"db01"'], "without quotes"),
                              (["--display-name", "db01 "], "blanks around it"),
                              (["--display-name", ""], "empty"),
                              (["--topic", b"\xff"], "not UTF-8")):
            with self.subTest(words):
                self.refused(64, f"^chatrelay-setup: {words[0]}: .*{reason}", *words)
                self.assertNotIn("hunter2", self.stderr)
        self.assertEqual(self.sandbox.stats()["threads"], {})
        self.assertFalse(os.path.exists(self.path("keys")))

    def test_output_that_is_lost_is_a_failure(self):
        self.first()
        with open("/dev/full", "wb") as full:
            done = subprocess.run([os.environ["CHATRELAY_SETUP"], "find", "--config", self.folder],
                                  stdout=full, stderr=subprocess.PIPE, text=True, check=False,
                                  timeout=PATIENCE, env=ENVIRONMENT)
        self.assertEqual(done.returncode, 75)
        self.assertIn("cannot write to standard output", done.stderr)

    def test_the_manual_knows_every_option_and_no_other(self):
        with open(os.environ["CHATRELAY_MANUAL"], encoding="utf-8") as file:
            manual = file.read()
        helps = self.run_setup("--help") + self.run_setup("remove", "--help")
        told = {option for line in manual.splitlines() if line.startswith(".It Fl")
                for option in re.findall(r"Fl Fl ([a-z-]+)", line)}
        self.assertEqual(set(re.findall(r"^  (?:-., )?--([a-z-]+)", helps, re.MULTILINE)), told)

    def test_the_manual_says_which_option_goes_with_which_verb(self):
        with open(os.environ["CHATRELAY_MANUAL"], encoding="utf-8") as file:
            entries = file.read().split(".Ss Options")[1].split(".Sh FILES")[0].split(".It Fl ")[1:]
        verbs = ("none", "sender", "thread", "adopt", "replace", "invite", "people", "remove", "find")
        for verb in verbs:
            shown = self.run_setup(*([] if verb == "none" else [verb]), "--help")
            for entry in entries:
                option = re.search(r"Fl ([a-z-]+)(?: |$)", entry.splitlines()[0]).group(1)
                head = " ".join(entry.splitlines()[1:3])
                told = re.match(r"\(?(?:\.Pq Cm )?((?:none|remove)[^)]*)", head)
                takes = not told or verb in re.split(r"[ ,]+", told.group(1))
                self.assertEqual(f"--{option}" in shown, takes, (verb, option))


class Terminal(SetupTest):
    """Somebody sits there and types."""

    def converse(self, *answers, words=()):
        """What the terminal showed, and the exit status."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(os.environ["CHATRELAY_SETUP"],
                      ["chatrelay-setup", *words, "--config", self.folder], ENVIRONMENT)
        shown, answers = "", list(answers)
        end = time.monotonic() + PATIENCE
        while True:
            if not select.select([terminal], [], [], max(0, end - time.monotonic()))[0]:
                os.kill(pid, signal.SIGKILL)
                shown += "(it does not end)"
                break
            try:
                shown += os.read(terminal, 4096).decode()
            except OSError:
                break
            if answers and re.search(answers[0][0], shown):
                os.write(terminal, answers.pop(0)[1].encode())
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        os.close(terminal)
        return shown, status

    def test_the_connection_string_is_asked_for_and_not_shown(self):
        shown, status = self.converse((r"Go on\? \[Y/n\] $", "\n"),
                                      (r"not shown\): $", self.sandbox.connection_string + "\r"))
        self.assertEqual(status, 0, shown)
        self.assertEqual(len(self.sandbox.ledger()), 1)
        self.assertNotIn(self.sandbox.key[:20], shown)
        self.assertNotIn("accesskey", shown)

    def test_no_is_no(self):
        shown, status = self.converse((r"Go on\? \[Y/n\] $", "n\n"))
        self.assertEqual(status, 64, shown)
        self.assertFalse(os.path.exists(self.path("conf.d")))

    def test_what_cannot_be_taken_back_wants_a_yes(self):
        self.first()
        self.run_setup("invite", "ops", "Ann")
        words = ["remove", "ops", "Ann", "--delete-identity"]
        for answer in ("\n", "n\n", "\0\n"):
            shown, status = self.converse((r"Delete the identity\? \[y/N\] $", answer), words=words)
            self.assertEqual(status, 64, shown)
            self.assertIn("\tAnn\n", self.run_setup("people", "ops"))
        shown, status = self.converse((r"Delete the identity\? \[y/N\] $", "y\n"), words=words)
        self.assertEqual(status, 0, shown)
        self.assertNotIn("Ann", self.run_setup("people", "ops"))

    def test_broken_off_at_the_question_the_terminal_is_as_before(self):
        shown, status = self.converse((r"Go on\? \[Y/n\] $", "y\n"), (r"not shown\): $", "end\x03"))
        self.assertEqual(status, 64, shown)
        self.assertIn("nothing was done", shown)


if __name__ == "__main__":
    unittest.main()
