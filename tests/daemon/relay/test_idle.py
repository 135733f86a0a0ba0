"""Whatever the relay waits for, it sleeps meanwhile."""

import os
import resource
import unittest

from harness import RelayTest, until

WINDOW_MS = 400
MOST_BUSY_MS = 40  # of the window; a loop that spins takes all that the machine has to give


class Quiet(RelayTest):
    def sleeps(self):
        """Let some time pass by waiting for a message that does not come to its end."""
        client = self.connect()
        client.send("far away", at="+1h")
        before = self.relay.busy_ms()
        self.assertTrue(client.wait(timeout=f"{WINDOW_MS}ms")["timeout"])
        self.assertLess(self.relay.busy_ms() - before, MOST_BUSY_MS)


class Idle(Quiet):
    def test_with_nothing_to_do(self):
        self.connect().ask({"op": "hello"})
        self.sleeps()

    def test_with_a_half_closed_client_that_waits(self):
        client = self.connect()
        client.say({"content": "x", "at": "+1h"}, {"op": "wait"})
        client.say_no_more()
        client.answer()
        self.sleeps()

    def test_with_a_half_closed_client_that_does_not_read(self):
        client = self.connect()
        client.say(b'{"op":"hello"}\n' * 3000)
        client.say_no_more()
        self.connect().ask({"op": "hello"})
        self.sleeps()

    def test_with_a_client_that_says_much_and_reads_nothing(self):
        client = self.connect()
        client.socket.setblocking(False)
        try:
            while client.socket.send(b'{"op":"hello"}\n' * 1000):
                self.connect().ask({"op": "hello"})
        except BlockingIOError:
            self.sleeps()

    def test_with_half_a_line(self):
        self.connect().say(b'{"content":')
        self.sleeps()

    def test_with_a_client_that_left(self):
        client = self.relay.connect()
        client.say(b'{"content":"x","at":"+1h"}\n{"op":"wait"}\n')
        client.close()
        self.sleeps()

    @unittest.skipUnless(os.geteuid() == 0, "needs to take the relay's files away")
    def test_with_a_client_for_whom_there_is_no_file_left(self):
        client, pid = self.connect(), self.relay.process.pid
        client.send("far away", at="+1h")
        limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (0, limits[1]))
        late = self.connect()
        before = self.relay.busy_ms()
        self.assertTrue(client.wait(timeout=f"{WINDOW_MS}ms")["timeout"])
        self.assertLess(self.relay.busy_ms() - before, MOST_BUSY_MS)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)
        self.assertTrue(late.ask({"op": "hello"})["ok"])

    def test_while_the_chat_does_not_answer(self):
        self.sandbox.fault(op="send", what="stall")
        self.connect().send("x")
        until(lambda: self.sandbox.count("requests") == 1)
        self.sleeps()


class Backlog(Quiet):
    def configure(self, sections):
        sections["thread ops"].update(pace="1/1h", backoff="1h..1h")

    def test_of_a_thread_whose_pace_is_spent(self):
        client = self.connect()
        client.say(*[{"content": f"m{number}"} for number in range(50)])
        client.answers(50)
        client.wait(id=1)
        self.sleeps()

    def test_of_a_thread_that_refuses(self):
        self.sandbox.fault(op="send", status=403)
        client = self.connect()
        client.say(*[{"content": f"m{number}"} for number in range(50)])
        client.answers(50)
        self.relay.logged("id=1 thread=ops attempt=1 status=deferred http=403 ")
        self.sleeps()


if __name__ == "__main__":
    unittest.main()
