"""log: what was tried, in pages, and what happens, as it happens."""

import os
import signal
import subprocess
import unittest

from hands import GAMES, IS_ROOT, NOBODY, HandsTest, until


class Pages(HandsTest):
    def test_newest_first_and_all_of_them(self):
        ids = [self.client.send(f"m{i}") for i in range(25)]
        self.all_sent(25)
        until(lambda: self.done("stats")["totals"].get("sent") == 25)
        seen, after = [], 0
        while True:
            page = self.done("log", limit=7, **({"after": after} if after else {}))
            seen += [event["id"] for event in page["events"]]
            after = page.get("next")
            if not after:
                break
        self.assertEqual(sorted(seen), ids, "each once")
        began = [event["at"] for event in self.done("log", limit=1000)["events"]]
        self.assertEqual(began, sorted(began, reverse=True))

    def test_what_each_attempt_was(self):
        self.sandbox.fault(op="send", status=403, count=1)
        message = self.client.send("x")
        self.all_sent(1)
        self.reaches(message, "sent")
        sent, refused = self.done("log")["events"]
        self.assertEqual((refused["id"], refused["thread"], refused["attempt"], refused["status"],
                          refused["http"]), (message, "ops", 1, "deferred", 403))
        self.assertEqual((sent["status"], sent["http"], sent["attempt"]), ("sent", 201, 2))
        self.assertEqual(sent["remote_id"], self.done("show", id=message)["remote_id"])
        lines = self.relay.command("log", "-n", "1").stdout.splitlines()
        self.assertEqual(len(lines), 1)
        self.assertRegex(lines[0], rf"^\S+ \S+ UTC id={message} thread=ops status=sent attempt=2 "
                                   r"http=201 took_ms=\d+ remote_id=\d+ cv=")


    def test_the_look_that_found_a_message(self):
        fault = self.sandbox.fault(op="send", what="reset", stored=True, count=1)
        message = self.client.send("lost")
        until(lambda: self.sandbox.hits(fault))
        self.reaches(message, "sent")
        look, attempt = self.done("log")["events"]
        self.assertEqual((attempt["id"], attempt["status"], attempt["attempt"]),
                         (message, "doubt", 1))
        shown = self.done("show", id=message)
        self.assertEqual((look["id"], look["status"], look["look"], look["at"], look["remote_id"]),
                         (message, "sent", True, shown["ended_at"], shown["remote_id"]))
        self.assertNotIn("attempt", look)
        self.assertRegex(self.relay.command("log", "-n", "1").stdout,
                         rf" id={message} thread=ops status=sent look remote_id=\d+\n$")


class Follow(HandsTest):
    THREADS = ("ops", "db")

    def follow(self, client=None, **fields):
        follower = client or self.connect()
        self.assertTrue(follower.ask({"op": "log", "follow": True, **fields})["follow"])
        return follower

    def test_a_message_from_its_acceptance_to_its_end(self):
        follower = self.follow(ref="mine")
        message = self.client.send("x", to="ops")
        accepted, sent = follower.answers(2)
        self.assertEqual((accepted["id"], accepted["status"], accepted["user"], accepted["ref"]),
                         (message, "accepted", "root", "mine"))
        self.assertEqual((sent["id"], sent["status"], sent["http"], sent["thread"]),
                         (message, "sent", 201, "ops"))

    def test_hands_and_ends_are_events(self):
        self.done("pause", thread="ops")
        follower = self.follow()
        message = self.client.send("x", to="ops", ttl="300ms")
        self.done("hold", id=message)
        self.done("release", id=message)
        events = follower.answers(4)
        self.assertEqual([event["status"] for event in events],
                         ["accepted", "held", "pending", "expired"])
        self.assertEqual(events[1]["by"], "root")

    def test_one_thread_alone(self):
        follower = self.follow(thread="db")
        self.client.send("x", to="ops")
        self.all_sent(1)
        message = self.client.send("y", to="db")
        self.assertEqual(follower.answer()["id"], message)

    def test_who_does_not_read_is_told_what_it_missed_and_delays_nobody(self):
        follower = self.follow()
        self.done("pause", thread="ops")
        rounds = 0
        while rounds < 60:
            self.client.say(*({"content": "x" * 50, "to": "ops"} for _ in range(500)))
            self.client.answers(500)
            rounds += 1
        seen, missed = 0, 0
        last = self.client.send("the last", to="ops")
        while True:
            event = follower.answer()
            seen += "missed" not in event
            missed += event.get("missed", 0)
            if seen + missed >= rounds * 500 or event.get("id") == last:
                break
            if seen % 1000 == 0:
                last = self.client.send("wake", to="ops")
        self.assertGreater(missed, 0)
        self.assertGreater(seen, 100)

    def test_a_follower_that_goes_is_forgotten(self):
        follower = self.follow()
        follower.close()
        self.client.send("x", to="ops")
        self.all_sent(1)
        self.follow()

    def test_the_command_follows_until_it_is_stopped(self):
        words = [os.environ["CHATRELAY"], "log", "-f", "--socket", self.relay.socket_path]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as command:
            line, sent = None, 0
            os.set_blocking(command.stdout.fileno(), False)

            def read():
                nonlocal line, sent
                if line is None:
                    self.client.send(f"m{sent}", to="ops")
                    sent += 1
                line = command.stdout.readline() or None
                return line
            until(read)
            self.assertRegex(line, r" id=\d+ thread=ops status=(accepted|sent) ")
            command.send_signal(signal.SIGTERM)


@unittest.skipIf(not IS_ROOT, "only root can act as other users")
class ByWhom(HandsTest):
    def configure(self, sections):
        sections["access"] = {"allow": f"root, {NOBODY}", "operators": GAMES}
        sections["thread ops"]["digest"] = "always"

    def test_everybody_sees_their_own_and_operators_all(self):
        nobody, games = self.connect_as(NOBODY), self.connect_as(GAMES)
        for client in (nobody, games):
            client.ask({"op": "log", "follow": True})
        sender = self.connect_as(NOBODY)
        own, other = sender.send("nobody's"), self.client.send("root's")
        self.all_sent(2)
        self.assertEqual({event["id"] for event in games.answers(4)}, {own, other})
        self.assertEqual([event["id"] for event in nobody.answers(2)], [own, own])
        until(lambda: self.done("stats")["totals"].get("sent") == 2)
        page = self.connect_as(NOBODY).ask({"op": "log"})
        self.assertEqual([event["id"] for event in page["events"]], [own])

    def test_everybody_sees_the_look_that_found_their_own(self):
        nobody = self.connect_as(NOBODY)
        for sender in (self.client, nobody):
            fault = self.sandbox.fault(op="send", what="reset", stored=True, count=1)
            own = sender.send("lost")
            until(lambda: self.sandbox.hits(fault))
            until(lambda: sender.ask({"op": "show", "id": own})["state"] == "sent")
        page = nobody.ask({"op": "log"})
        self.assertEqual([(event["id"], event["status"], event.get("look", False))
                          for event in page["events"]],
                         [(own, "sent", True), (own, "doubt", False)])

    def test_everybody_sees_how_their_own_ended_in_a_digest(self):
        self.done("pause", thread="ops")
        nobody, games = self.connect_as(NOBODY), self.connect_as(GAMES)
        sender = self.connect_as(NOBODY)
        own = [sender.send(f"nobody's {i}") for i in range(2)]
        self.client.send("root's")
        for client in (nobody, games):
            client.ask({"op": "log", "follow": True})
        self.done("resume", thread="ops")
        digest = games.answer()
        self.assertEqual((digest["status"], digest["messages"]), ("sent", 3))
        ends = nobody.answers(2)
        self.assertEqual([(end["id"], end["status"], end["into_id"], end["remote_id"])
                          for end in ends],
                         [(one, "sent", digest["id"], digest["remote_id"]) for one in own])
        after = sender.send("another")
        self.assertEqual([client.answer()["id"] for client in (nobody, games)], [after, after])


if __name__ == "__main__":
    unittest.main()
