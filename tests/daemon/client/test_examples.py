"""The examples that speak to the socket themselves: what their exit status says of the message."""

import os
import shutil
import subprocess
import unittest

from fake_relay import PATIENCE, ClientTest

GO_SOURCE = os.environ["CHATRELAY_EXAMPLE_GO"]


class Example:
    program = None

    def send(self, *words):
        """The exit status; what was said is in .out and .said."""
        done = subprocess.run([self.program, *words], capture_output=True, text=True, check=False,
                              timeout=PATIENCE, env=dict(os.environ, CHATRELAY_SOCKET=self.socket))
        if self.relay:
            self.relay.finish()
        self.out, self.said = done.stdout, done.stderr
        return done.returncode

    def test_on_disk(self):
        requests = []
        self.play(lambda peer: (requests.append(peer.request()), peer.accept(42)))
        self.assertEqual(self.send("ops", 'say "x"\n', "key"), 0)
        self.assertEqual(requests, [{"to": "ops", "content": 'say "x"\n', "once": "key"}])
        self.assertIn("42", self.out)

    def test_every_message_has_a_once(self):
        requests = []
        self.play(*[lambda peer: (requests.append(peer.request()), peer.accept(1))] * 2)
        self.assertEqual([self.send_quietly(), self.send_quietly()], [0, 0])
        self.assertEqual(len({request["once"] for request in requests}), 2)

    def send_quietly(self):
        return subprocess.run([self.program, "ops", "x"], stdout=subprocess.DEVNULL, check=False,
                              timeout=PATIENCE,
                              env=dict(os.environ, CHATRELAY_SOCKET=self.socket)).returncode

    def test_unknown_says_what_to_repeat_it_with(self):
        requests = []
        self.play(lambda peer: requests.append(peer.request()))
        self.assertEqual(self.send("ops", "x"), 12)
        self.assertIn(requests[0]["once"], self.said)

    def test_half_an_answer_is_none(self):
        self.play(lambda peer: (peer.request(), peer.write('{"ok":true,"id":1')))
        self.assertEqual(self.send("ops", "x"), 12)

    def test_refused(self):
        for retry, status in ((True, 75), (False, 65)):
            with self.subTest(status):
                self.play(lambda peer, retry=retry: (peer.request(), peer.refuse("x", retry)))
                self.assertEqual(self.send("ops", "x"), status)
                os.unlink(self.socket)

    def test_nobody_there(self):
        self.assertEqual(self.send("ops", "x"), 69)

    def test_usage(self):
        for words in ([], ["ops"], ["ops", "x", "once", "more"]):
            with self.subTest(words):
                self.assertEqual(self.send(*words), 64)
                self.assertIn("usage: send THREAD TEXT", self.said)


class C(Example, ClientTest):
    program = os.environ["CHATRELAY_EXAMPLE_C"]


@unittest.skipUnless(shutil.which("go"), "Go is not installed")
class Go(Example, ClientTest):
    @classmethod
    def setUpClass(cls):
        cls.program = os.path.join(os.environ["CHATRELAY_EXAMPLE_FOLDER"], "example_send_go")
        subprocess.run(["go", "build", "-o", cls.program, GO_SOURCE], check=True, timeout=300)


if __name__ == "__main__":
    unittest.main()
