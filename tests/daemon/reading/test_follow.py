"""read with follow: what comes, told to all who follow, read once for all of them."""

import os
import signal
import subprocess
import time
import unittest

from reading import GAMES, IS_ROOT, NOBODY, ReadingTest, until


class Follow(ReadingTest):
    def follow(self, client=None, **fields):
        follower = client or self.connect()
        answer = follower.ask({"op": "read", "follow": True, **fields})
        self.assertTrue(answer.get("follow"), answer)
        return follower, self.texts(answer["messages"])

    def test_first_what_is_there_and_then_what_comes_each_once_and_in_order(self):
        for i in range(5):
            self.say(f"m{i}")
        follower, texts = self.follow(limit=2, ref="mine")
        self.assertEqual(texts, ["m4", "m3"])
        for i in range(70):
            self.say(f"n{i}")
        events = follower.answers(70)
        self.assertEqual(self.texts(event["message"] for event in events),
                         [f"n{i}" for i in range(70)])
        self.assertEqual({(e["ok"], e["thread"], e["ref"]) for e in events}, {(True, "ops", "mine")})

    def test_an_edit_and_a_removal_are_told_as_well(self):
        message, other = self.say("old"), self.say("other")
        follower, _ = self.follow()
        self.edit(message, "new")
        event = follower.answer()
        self.assertEqual((event["message"]["content"]["message"], event["again"]), ("new", True))
        self.delete(other)
        event = follower.answer()
        self.assertIn("deletedOn", event["message"])
        self.assertEqual((event["message"]["id"], event["again"]), (other, True))

    def test_many_follow_at_the_cost_of_one(self):
        followers = [self.follow()[0] for _ in range(20)]
        began, before = time.monotonic(), self.lists()
        self.say("x")
        for follower in followers:
            self.assertEqual(follower.answer()["message"]["content"]["message"], "x")
        lists = self.lists() - before
        self.assertLessEqual(lists, (time.monotonic() - began) / 2 + 1)

    def test_who_comes_later_brings_the_others_nothing_twice(self):
        first, _ = self.follow()
        self.say("x")
        second, texts = self.follow(limit=1)
        self.assertEqual(texts, ["x"])
        self.say("y")
        self.assertEqual(self.texts(e["message"] for e in first.answers(2)), ["x", "y"])
        self.assertEqual(self.texts([second.answer()["message"]]), ["y"])

    def test_when_all_have_left_nothing_is_read_any_more(self):
        follower, _ = self.follow()
        until(lambda: self.lists() > 0)
        follower.close()
        quiet = []

        def is_quiet():
            quiet.append((time.monotonic(), self.lists()))
            early = [lists for at, lists in quiet if at < quiet[-1][0] - 4.5]
            return early and early[-1] == quiet[-1][1]
        until(is_quiet, why=lambda: str(quiet[-1]))

    def test_what_goes_wrong_is_said_once_and_ends(self):
        follower, _ = self.follow()
        self.sandbox.fault(op="list", status=403, count=1)
        self.assertIn("403", follower.answer()["trouble"])
        self.say("x")
        self.assertEqual(self.texts([follower.answer()["message"]]), ["x"])

    def test_the_next_try_is_counted_from_the_end_of_one_that_hung(self):
        self.relay.sections["sender main"]["request_timeout"] = "3s"
        self.relay.adopt()
        began = time.monotonic()
        follower, _ = self.follow()
        self.sandbox.fault(op="list", what="stall", count=1)
        self.say("x")
        self.assertIn("trouble", follower.answer())
        self.assertEqual(self.texts([follower.answer()["message"]]), ["x"])
        self.assertGreater(time.monotonic() - began, 2 + 3 + 1.9)

    def test_the_first_page_fails_and_the_connection_goes_on(self):
        self.sandbox.fault(op="list", status=403, count=1)
        client = self.connect()
        client.say({"op": "read", "follow": True}, {"op": "hello", "ref": "h"})
        refused, hello = client.answers(2)
        self.assertEqual((refused["error"], hello["ref"]), ("chat", "h"))

    def test_no_more_requests_are_handled(self):
        client = self.connect()
        client.say({"op": "read", "follow": True}, {"op": "hello"}, {"op": "read", "follow": True})
        self.assertTrue(client.answer()["follow"])
        self.say("x")
        self.assertIn("message", client.answer())

    def test_a_thread_that_is_taken_out_of_the_settings_ends_it(self):
        follower, _ = self.follow()
        self.relay.sections["thread other"] = self.relay.sections.pop("thread ops")
        self.relay.adopt()
        answer = follower.answer()
        self.assertEqual((answer["ok"], answer["error"]), (False, "unknown-thread"))
        self.assertEqual(follower.rest(), [])

    def test_the_command_follows_until_it_is_stopped(self):
        words = [os.environ["CHATRELAY"], "read", "ops", "-f", "--socket", self.relay.socket_path]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as command:
            self.assertIn("added", command.stdout.readline())
            self.assertIn("topic", command.stdout.readline())
            self.say("x")
            self.assertRegex(command.stdout.readline(), "UTC  Ada: x$")
            command.send_signal(signal.SIGTERM)


@unittest.skipIf(not IS_ROOT, "only root can act as other users")
class ByWhom(ReadingTest):
    def configure(self, sections):
        sections["access"] = {"allow": f"root, {NOBODY}, {GAMES}"}

    def test_who_may_not_send_there_any_more_is_let_go_and_others_stay(self):
        nobody, games = self.connect_as(NOBODY), self.connect_as(GAMES)
        for client in (nobody, games):
            self.assertTrue(client.ask({"op": "read", "follow": True})["follow"])
        self.relay.sections["access"] = {"allow": f"root, {GAMES}"}
        self.relay.adopt()
        self.assertEqual(nobody.answer()["error"], "unknown-thread")
        self.say("x")
        self.assertIn("message", games.answer())


if __name__ == "__main__":
    unittest.main()
