"""What a reload does to those who read: another endpoint, fewer rights, other names."""

import contextlib
import json
import os
import socket
import threading
import unittest

from reading import GAMES, IS_ROOT, NOBODY, ReadingTest, until

from detour import Detour


class OldWay(Detour):
    """A way to the sandbox by another name; it notes what is asked there, and may keep answers back."""

    def __init__(self, endpoint):
        super().__init__(endpoint)
        self.heard = b""
        self.passes = threading.Event()
        self.passes.set()

    def serve(self, near):
        with socket.create_connection(self.target) as far:
            threading.Thread(target=self.answer, args=(far, near), daemon=True).start()
            while data := near.recv(1 << 16):
                self.heard += data
                far.sendall(data)

    def answer(self, far, near):
        with contextlib.suppress(OSError):  # it may have hung up meanwhile
            while data := far.recv(1 << 16):
                self.passes.wait()
                near.sendall(data)

    def asked(self, what):
        return self.heard.count(what)


class ByOldWay(ReadingTest):
    """The sandbox is reached through an endpoint that can be made to wait, and listens."""

    def configure(self, sections):
        self.old = OldWay(self.sandbox.endpoint)
        self.old.open()
        self.addCleanup(self.old.close)
        self.addCleanup(self.old.passes.set)
        sections["sender main"]["endpoint"] = self.old.endpoint


class Elsewhere(ByOldWay):
    """The sender is given another endpoint, and a token for it."""

    def configure(self, sections):
        super().configure(sections)
        self.new_token = os.path.join(self.folder, "new-token")
        answer = self.sandbox.ask("POST", "/sandbox/tokens", {"identity": "8:acs:sandbox_relay",
                                                              "for_ms": 3_600_000_000})
        self.secret = json.loads(answer)["token"]
        with open(self.new_token, "w", encoding="ascii", opener=lambda path, flags:
                  os.open(path, flags, 0o600)) as file:
            file.write(self.secret)

    def hold(self, request, what):
        """Have the old endpoint asked for it, and not answered."""
        before = self.old.asked(what)
        self.old.passes.clear()
        client = self.connect()
        client.say(request)
        until(lambda: self.old.asked(what) >= before + 1)
        return client

    def move(self):
        self.relay.sections["sender main"].update(endpoint=self.sandbox.endpoint,
                                                  token_file=self.new_token)
        self.relay.adopt()

    def nothing_leaked(self):
        self.assertNotIn(self.secret.encode(), self.old.heard)
        self.assertIn(b"Authorization: Bearer ", self.old.heard)

    def changed(self, answer):
        self.refused(answer, "unknown-thread", "thread", "the settings have changed")

    def test_a_reading_ends_instead_of_going_on_there(self):
        for i in range(70):
            self.say(f"m{i}")
        client = self.hold({"op": "read", "limit": 70}, b"/messages?")
        self.move()
        self.old.passes.set()
        self.changed(client.answer())
        self.assertEqual(len(self.done("read", limit=70)["messages"]), 70)
        self.nothing_leaked()

    def test_those_who_wait_for_their_turn_end_as_well(self):
        most = 8
        self.old.passes.clear()
        clients = [self.connect() for _ in range(most + 2)]
        for client in clients:
            client.say({"op": "read"})
        until(lambda: self.old.asked(b"/messages?") == most)
        self.done("status")
        self.move()
        self.old.passes.set()
        for client in clients:
            self.changed(client.answer())
        self.assertEqual(self.old.asked(b"/messages?"), most)
        self.nothing_leaked()

    def test_who_follows_is_let_go_and_may_come_again(self):
        follower = self.connect()
        self.assertTrue(follower.ask({"op": "read", "follow": True})["follow"])
        self.move()
        self.changed(follower.answer())
        self.assertEqual(follower.rest(), [])
        again = self.connect()
        self.assertTrue(again.ask({"op": "read", "follow": True})["follow"])
        self.say("x")
        self.assertEqual(self.texts([again.answer()["message"]]), ["x"])
        self.nothing_leaked()

    def test_who_comes_after_it_does_not_follow_what_is_still_read_there(self):
        follower = self.connect()
        self.assertTrue(follower.ask({"op": "read", "follow": True})["follow"])
        polled = self.old.asked(b"/messages?")
        self.old.passes.clear()
        until(lambda: self.old.asked(b"/messages?") > polled)
        self.move()
        self.changed(follower.answer())
        again = self.connect()
        self.assertTrue(again.ask({"op": "read", "follow": True})["follow"])
        self.say("x")
        self.assertEqual(self.texts([again.answer()["message"]]), ["x"])
        self.nothing_leaked()

    def test_the_next_page_is_found_at_the_new_one(self):
        for i in range(20):
            self.say(f"m{i}")
        page = self.done("read", limit=10)
        self.move()
        page = self.done("read", limit=10, after=page["next"])
        self.assertEqual(self.texts(page["messages"]), [f"m{i}" for i in reversed(range(10))])
        self.nothing_leaked()

    def test_a_check_begins_anew(self):
        client = self.hold({"op": "check", "thread": "ops"}, b"GET ")
        self.move()
        asked = self.old.asked(b"GET ")
        answer = client.answer()["threads"][0]
        self.assertEqual((answer["level"], answer["reads"], answer["sends"]), ("well", True, True))
        self.old.passes.set()
        for _ in range(3):  # meanwhile the old answer has come, and is of no interest
            self.done("check")
        self.assertEqual(self.old.asked(b"GET "), asked)
        self.assertNotIn("[thread ops]", self.relay.log())
        self.nothing_leaked()

    def test_a_message_is_looked_for_at_the_new_one(self):
        self.sandbox.fault(op="get", status=404, count=1)
        message = self.client.send("x")
        self.reaches(message, "sent")
        client = self.hold({"op": "wait", "id": message, "for": "visible", "timeout": "30s"},
                           b"/messages/")
        self.move()
        self.old.passes.set()
        self.assertEqual(client.answer()["verified"], "as-sent")
        self.nothing_leaked()


class OtherThreads(ReadingTest):
    THREADS = ("ops", "db")

    def test_who_waits_to_see_a_message_of_a_thread_that_is_gone_is_told(self):
        fault = self.sandbox.fault(op="get", status=404, count=0)
        message = self.client.send("x", to="db")
        client = self.connect()
        client.say({"op": "wait", "id": message, "for": "visible", "timeout": "30s"})
        until(lambda: self.sandbox.hits(fault))
        del self.relay.sections["thread db"]
        self.relay.adopt()
        answer = client.answer()
        self.assertEqual((answer["state"], answer.get("verified")), ("sent", "unknown"), answer)

    def test_a_thread_that_was_renamed_is_checked_by_its_new_name(self):
        self.done("check")
        self.relay.sections["thread night"] = dict(self.relay.sections.pop("thread ops"), was="ops")
        self.relay.adopt()
        self.assertEqual({t["thread"] for t in self.done("check")["threads"]}, {"db", "night"})
        self.sandbox.fault(op="properties", status=403, count=1)
        self.done("check", thread="night")
        self.relay.logged(r"\[thread night\] 403")
        self.assertNotIn("[thread ops] ", self.relay.log())


@unittest.skipIf(not IS_ROOT, "only root can act as other users")
class ByWhom(ByOldWay):
    def configure(self, sections):
        super().configure(sections)
        sections["access"] = {"allow": f"root, {NOBODY}, {GAMES}"}

    def test_who_lost_the_right_while_the_chat_was_asked_sees_nothing(self):
        self.old.passes.clear()
        nobody, other, games = self.connect_as(NOBODY), self.connect_as(NOBODY), self.connect_as(GAMES)
        for client in (nobody, games):
            client.say({"op": "read", "follow": True})
        other.say({"op": "read"})
        until(lambda: self.old.asked(b"/messages?") == 3)
        self.relay.sections["access"] = {"allow": f"root, {GAMES}"}
        self.relay.adopt()
        self.old.passes.set()
        for client in (nobody, other):
            self.refused(client.answer(), "unknown-thread", "thread", "not yours to read")
        self.assertTrue(games.answer()["follow"])
        self.say("x")
        self.assertIn("message", games.answer())
        self.refused(nobody.ask({"op": "read"}), "denied", "thread")


if __name__ == "__main__":
    unittest.main()
