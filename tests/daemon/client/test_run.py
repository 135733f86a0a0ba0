"""chatrelay run: the command's own exit status and output, and a report when it fails."""

import os
import re
import signal
import socket
import subprocess
import time
import unittest

from fake_relay import COMMAND, PATIENCE, ClientTest


class Run(ClientTest):
    def reported(self, code, *arguments, **options):
        """Run it against a relay; returns the request that came and what was printed."""
        requests = []

        def take(peer):
            requests.append(peer.request())
            peer.accept(7)
        if os.path.exists(self.socket):
            os.unlink(self.socket)
        self.play(take)
        done = self.expect(code, "run", *arguments, **options)
        request, = requests
        return request, done

    def start(self, *arguments, **options):
        environment = dict(os.environ, CHATRELAY_SOCKET=self.socket)
        return subprocess.Popen([COMMAND, "run", "--timeout", "10ms", *arguments],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment,
                                **options)

    def test_success_is_silent_and_passes_everything_through(self):
        done = self.expect(0, "run", "--", "sh", "-c", "cat; echo err >&2", stdin=b"a\xff\x00b",
                           stderr="err\n")
        self.assertEqual(done.stdout, b"a\xff\x00b".decode(errors="replace"))
        self.assertEqual(done.stderr, "err\n")

    def test_a_failure_is_reported_with_all_that_one_asks(self):
        request, done = self.reported(3, "--to", "ops", "--", "sh", "-c",
                                      "echo one; echo two >&2; exit 3")
        self.assertEqual((done.stdout, done.stderr), ("one\n", "two\n"))
        self.assertEqual(request["to"], "ops")
        self.assertRegex(request["content"], "^sh -c echo one; echo two >&2; exit 3\n"
                         f"failed on {re.escape(socket.gethostname())} after [0-9 a-z]+: "
                         "exit status 3\n")
        self.assertEqual(sorted(request["content"].splitlines()[2:]), ["one", "two"])
        self.assertEqual(len(request["once"]), 26)

    def test_options_end_at_the_command(self):
        request, _ = self.reported(2, "-t", "ops", "-p", "urgent", "--fold", "job", "ls", "--to",
                                   "-p", "/nonexistent")
        self.assertEqual((request["to"], request["priority"], request["fold"]),
                         ("ops", "urgent", "job"))
        self.assertTrue(request["content"].startswith("ls --to -p /nonexistent\n"))

    def test_it_sleeps_while_nobody_reads_what_the_command_has_said(self):
        ours, theirs = os.pipe()
        os.set_blocking(theirs, False)
        with self.assertRaises(BlockingIOError):
            while True:
                os.write(theirs, b"x" * 512)
        command = subprocess.Popen([COMMAND, "run", "sh", "-c", "echo said; kill -STOP $$"],
                                   stdout=theirs)
        self.addCleanup(os.close, ours)
        os.close(theirs)
        [child] = self.eventually(lambda: self.children(command.pid))
        self.eventually(lambda: self.state(child) == "T")
        os.kill(int(child), signal.SIGCONT)
        self.eventually(lambda: not self.children(command.pid))
        self.eventually(lambda: self.state(command.pid) == "S")
        said = b""
        while chunk := os.read(ours, 65536):
            said += chunk
        self.assertTrue(said.endswith(b"xsaid\n"))
        self.assertEqual(command.wait(PATIENCE), 0)

    @staticmethod
    def children(process):
        with open(f"/proc/{process}/task/{process}/children", encoding="ascii") as file:
            return file.read().split()

    @staticmethod
    def state(process):
        with open(f"/proc/{process}/stat", encoding="ascii") as file:
            return file.read().rsplit(")", 1)[1].split()[0]

    def eventually(self, look):
        end = time.monotonic() + PATIENCE
        while not (seen := look()):
            self.assertLess(time.monotonic(), end)
            time.sleep(0.002)
        return seen

    def test_a_signal_without_a_name_has_its_number(self):
        request, _ = self.reported(128 + 40, "--", "sh", "-c", "kill -40 $$")
        self.assertTrue(request["content"].endswith(": ended by signal 40"), request)

    def test_always_tells_of_success_as_well(self):
        request, _ = self.reported(0, "--on", "always", "echo", "fine")
        self.assertRegex(request["content"], "^echo fine\ndone on .* after .*: exit status 0\nfine$")

    def test_the_exit_status_is_a_shells(self):
        for words, code in ((["sh", "-c", "exit 255"], 255), (["/nonexistent/x"], 127),
                            (["nonexistent-command"], 127), (["/etc/passwd"], 126),
                            (["sh", "-c", "kill -9 $$"], 137), (["sh", "-c", "kill -TERM $$"], 143)):
            request, done = self.reported(code, *words)
            if code in (126, 127):
                self.assertIn("could not be run: ", request["content"])
                self.assertIn(f"chatrelay: {words[0]}: ", done.stderr)
            if code == 137:
                self.assertIn("ended by signal 9 (Killed)", request["content"])

    def test_only_the_last_lines_are_told_and_all_is_printed(self):
        request, done = self.reported(1, "--lines", "3", "sh", "-c", "seq 100000; exit 1")
        self.assertEqual(len(done.stdout.splitlines()), 100000)
        self.assertEqual(request["content"].splitlines()[2:],
                         ["[... 99997 lines before]", "99998", "99999", "100000"])

    def test_what_is_no_text_is_repaired(self):
        request, _ = self.reported(1, "sh", "-c", r"printf 'a\377b\000c'; exit 1")
        self.assertTrue(request["content"].endswith("\na\ufffdb\ufffdc"), request)

    def test_a_relay_that_is_away_changes_nothing_but_is_said(self):
        self.expect(5, "run", "--timeout", "10ms", "sh", "-c", "exit 5", stdout="",
                    stderr="chatrelay: the report was not sent: ")
        self.expect(0, "run", "--timeout", "10ms", "true", stdout="")

    def test_a_relay_that_refuses_changes_nothing_but_is_said(self):
        self.play(lambda peer: (peer.request(), peer.refuse("denied")))
        self.expect(5, "run", "sh", "-c", "exit 5",
                    stderr="chatrelay: the report was not sent: because of denied\n")

    def test_the_report_is_repeated_with_the_same_once(self):
        seen = []
        self.play(lambda peer: seen.append(peer.request()["once"]),
                  lambda peer: (seen.append(peer.request()["once"]), peer.accept(1)))
        self.expect(1, "run", "false")
        self.assertEqual(seen[0], seen[1])

    def test_wrong_usage_runs_nothing(self):
        path = os.path.join(self.folder, "touched")
        self.expect(64, "run", stderr="which command?")
        self.expect(64, "run", "--on", "sometimes", "touch", path, stderr="--on is fail or always")
        self.expect(64, "run", "--lines", "0", "touch", path)
        self.assertFalse(os.path.exists(path))

    def test_signals_are_handed_on(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            script = "trap 'echo got; exit 9' TERM INT HUP; echo ready; while :; do sleep 0.01; done"
            process = self.start("sh", "-c", script)
            self.assertEqual(process.stdout.readline(), b"ready\n")
            process.send_signal(number)
            out, _ = process.communicate(timeout=PATIENCE)
            self.assertEqual((out, process.returncode), (b"got\n", 9))

    def test_what_dies_of_a_signal_that_we_got(self):
        process = self.start("sh", "-c", "echo ready; exec sleep 60")
        self.assertEqual(process.stdout.readline(), b"ready\n")
        process.terminate()
        process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 143)

    def test_who_started_us_may_not_have_cared_how_children_end(self):
        """Which lasts over exec: then the kernel tells nobody of their ends."""
        process = self.start("sh", "-c", "exit 3",
                             preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
        try:
            process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
        self.assertEqual(process.returncode, 3)

    def test_standard_files_that_are_closed_are_as_if_nobody_looked(self):
        for closed in ([0], [1], [2], [0, 1, 2]):
            with self.subTest(closed):
                process = self.start("sh", "-c", "echo said; echo too >&2; exit 3",
                                     preexec_fn=lambda: [os.close(fd) for fd in closed])
                try:
                    said, complaints = process.communicate(timeout=PATIENCE)
                finally:
                    process.kill()
                self.assertEqual(process.returncode, 3)
                self.assertEqual(said, b"" if 1 in closed else b"said\n")
                self.assertEqual(complaints.startswith(b"too\n"), 2 not in closed)

    def test_what_it_leaves_in_the_background_is_not_waited_for(self):
        began = time.monotonic()
        self.expect(0, "run", "sh", "-c", "sleep 60 & echo started $!", stderr="")
        self.assertLess(time.monotonic() - began, 30)

    def test_what_is_left_in_the_background_and_writes_on_does_not_keep_it(self):
        """Faster than our reader reads. By the end two pipes are full, and what is between them."""
        named = os.path.join(self.folder, "writer")
        process = self.start("sh", "-c", 'yes & echo $! > "$0"; read line; exit 3', named,
                             stdin=subprocess.PIPE)
        self.addCleanup(process.stderr.close)
        self.eventually(lambda: os.path.exists(named) and self.content(named))
        self.eventually(lambda: self.state(self.content(named)) == self.state(process.pid) == "S")
        process.stdin.close()
        self.eventually(lambda: not self.children(process.pid))
        said = 0
        while said < 2**20 and (chunk := os.read(process.stdout.fileno(), 512)):
            said += len(chunk)
        process.stdout.close()  # which ends even one that would go on
        self.assertEqual(process.wait(PATIENCE), 3)
        self.assertLessEqual(said, 2 * 2**16 + 4096)

    @staticmethod
    def content(path):
        with open(path, encoding="ascii") as file:
            return file.read().strip()

    def test_a_reader_that_goes_away_ends_it_as_usual(self):
        process = self.start("yes")
        process.stdout.read(10)
        process.stdout.close()
        self.assertEqual(process.wait(PATIENCE), 128 + signal.SIGPIPE)
        process.stderr.close()

    def test_it_comes_as_it_is_written(self):
        process = self.start("sh", "-c", "echo first; read line; echo $line", stdin=subprocess.PIPE)
        self.assertEqual(process.stdout.readline(), b"first\n")
        out, _ = process.communicate(b"second\n", timeout=PATIENCE)
        self.assertEqual(out, b"second\n")


if __name__ == "__main__":
    unittest.main()
