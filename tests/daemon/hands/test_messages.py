"""cancel, hold, release, retry: by ids, by filters, and by whom."""

import os
import pwd
import unittest

from hands import GAMES, IS_ROOT, NOBODY, HandsTest, until


class OneMessage(HandsTest):
    """The thread is paused, so that nothing leaves before it is told to."""

    def begin(self):
        super().begin()
        self.done("pause", thread="ops")
        self.ids = [self.client.send(f"m{i}") for i in range(4)]

    def go_on(self, count):
        self.done("resume", thread="ops")
        return self.all_sent(count)

    def test_a_cancelled_message_never_appears(self):
        answer = self.done("cancel", id=self.ids[1])
        self.assertEqual((answer["state"], answer["changed"]), ("cancelled", 1))
        self.assertEqual(self.go_on(3), ["m0", "m2", "m3"])
        shown = self.done("show", id=self.ids[1])
        self.assertEqual((shown["state"], shown["reason"]), ("cancelled", "cancelled by root"))
        self.assertGreaterEqual(shown["ended_at"], shown["accepted_at"])
        self.refused(self.ask("cancel", id=self.ids[0]), "wrong-state", "id", "is sent")

    def test_a_released_message_has_its_old_place(self):
        self.done("hold", id=self.ids[0])
        self.done("hold", id=self.ids[2])
        self.assertEqual(self.state(self.ids[0]), "held")
        self.done("release", id=self.ids[2])
        self.done("release", id=self.ids[0])
        self.assertEqual(self.go_on(4), ["m0", "m1", "m2", "m3"])

    def test_a_held_message_waits_while_others_go(self):
        self.done("hold", id=self.ids[0])
        self.assertEqual(self.go_on(3), ["m1", "m2", "m3"])
        self.assertEqual(self.relay.restart().connect().ask({"op": "show", "id": 1})["state"], "held")
        self.client = self.connect()
        self.done("release", id=self.ids[0])
        self.assertEqual(self.all_sent(4)[-1], "m0")

    def test_a_message_brought_back_goes_last(self):
        self.done("cancel", id=self.ids[0])
        self.done("retry", id=self.ids[0])
        self.assertEqual(self.go_on(4), ["m1", "m2", "m3", "m0"])

    def test_an_expired_message_comes_back_with_a_fresh_ttl(self):
        short = self.client.send("short", ttl="50ms")
        self.reaches(short, "expired")
        before = self.done("show", id=short)
        self.done("hold", thread="ops")
        self.done("retry", id=short)
        after = self.done("show", id=short)
        self.assertEqual(after["state"], "pending")
        self.assertGreater(after["expires_at"], before["ended_at"])
        self.assertLess(after["expires_at"] - before["expires_at"], 60_000)
        self.reaches(short, "expired")

    def test_doing_it_twice_is_no_error(self):
        self.assertEqual(self.counts("cancel", id=self.ids[0]), (1, 0, {}))
        self.assertEqual(self.counts("cancel", id=self.ids[0]), (0, 0, {"already": 1}))
        self.assertEqual(self.counts("release", id=self.ids[1]), (0, 0, {"already": 1}))

    def test_who_waits_for_a_cancelled_message_is_told(self):
        waiting = self.connect()
        waiting.say({"op": "hello"}, {"op": "wait", "id": self.ids[0]})
        waiting.answer()  # what came along with it has been read as well
        self.done("cancel", id=self.ids[0])
        self.assertEqual(waiting.answer()["state"], "cancelled")

    def test_it_is_on_disk_when_it_is_answered(self):
        self.done("cancel", id=self.ids[0])
        self.done("hold", id=self.ids[1])
        self.relay.restart()
        self.client = self.connect()
        self.assertEqual([self.state(i) for i in self.ids],
                         ["cancelled", "held", "pending", "pending"])

    def test_each_hand_is_logged_with_a_name_and_its_thread(self):
        self.done("cancel", id=self.ids[0])
        self.relay.logged(rf"id={self.ids[0]} thread=ops cancel by=root status=cancelled")
        self.done("edit", id=self.ids[1], content="better")
        self.relay.logged(rf"id={self.ids[1]} thread=ops edit by=root status=\w+ size=6")


class UnderWay(HandsTest):
    def stalled(self, **fields):
        """A message whose request hangs in the chat."""
        fault = self.sandbox.fault(op="send", what="stall", **fields)
        message = self.client.send("stalled")
        until(lambda: self.sandbox.hits(fault))
        return message

    def test_a_message_under_way_is_cancelled_when_it_is_known_that_it_did_not_arrive(self):
        message = self.stalled(for_ms=600_000_000)
        answer = self.done("cancel", id=message)
        self.assertEqual((answer["state"], answer["wished"], answer["wish"]),
                         ("pending", 1, "cancel by root"))
        self.relay.kill()
        self.sandbox.mend()
        self.relay.start()
        self.client = self.connect()
        self.reaches(message, "cancelled")
        self.assertEqual(self.sandbox.contents(), [])

    def test_a_message_that_appeared_is_sent_whatever_was_wished(self):
        fault = self.sandbox.fault(op="send", what="reset", stored=True, count=1)
        message = self.client.send("there")
        until(lambda: self.sandbox.hits(fault))
        self.done("cancel", id=message)
        self.reaches(message, "sent")
        self.assertEqual(self.sandbox.contents(), ["there"])

    def test_a_message_in_doubt_is_held_after_the_look(self):
        self.sandbox.fault(op="list", status=503, count=0)
        fault = self.sandbox.fault(op="send", what="reset", stored=False, count=1)
        message = self.client.send("lost")
        until(lambda: self.sandbox.hits(fault))
        self.relay.logged("status=doubt")
        self.assertEqual(self.counts("hold", id=message), (0, 1, {}))
        self.assertEqual(self.counts("hold", id=message), (0, 0, {"already": 1}))
        self.sandbox.mend()
        self.reaches(message, "held")
        self.assertEqual(self.sandbox.contents(), [])
        self.done("release", id=message)
        self.assertEqual(self.all_sent(1), ["lost"])


class Many(HandsTest):
    THREADS = ("ops", "db")

    def begin(self):
        super().begin()
        for thread in self.THREADS:
            self.done("pause", thread=thread)

    def fill(self, count, **fields):
        self.client.say(*({"content": f"m{i}", **fields} for i in range(count)))
        return [answer["id"] for answer in self.client.answers(count)]

    def test_named_ones(self):
        ids = self.fill(3, to="ops")
        answer = self.done("cancel", ids=[ids[0], 999, ids[0]])
        self.assertEqual((answer["changed"], answer["unchanged"]),
                         (1, {"not-found": 1, "already": 1}))
        self.assertEqual(answer["left"], [{"id": 999, "why": "not-found"},
                                          {"id": ids[0], "why": "already"}])

    def test_filters(self):
        self.fill(3, to="ops")
        self.fill(2, to="ops", priority="urgent")
        self.fill(4, to="db")
        self.assertEqual(self.counts("hold", thread="ops", priority="urgent"), (2, 0, {}))
        self.assertEqual(self.counts("hold", thread="db", older_than="1h"), (0, 0, {}))
        self.assertEqual(self.counts("cancel", state="held"), (2, 0, {}))
        self.assertEqual(self.counts("cancel", thread="ops", user="root"), (3, 0, {}))
        self.assertEqual(self.counts("retry", state="dead"), (0, 0, {}))
        self.assertEqual(self.counts("retry", thread="ops"), (5, 0, {}))
        self.assertEqual(self.counts("cancel", all=True), (9, 0, {}))

    def test_a_user_who_cannot_be_is_nobody_and_not_everybody(self):
        ids = self.fill(2, to="ops")
        for user in ("-1", "-2", "+0", " 0", "0x0", "4294967295", "4294967296",
                     "18446744073709551616", "99999999999999999999", "-18446744073709551616"):
            with self.subTest(user=user):
                self.refused(self.ask("cancel", user=user), "invalid", "user",
                             f'there is no user "{user}"')
        self.assertEqual([self.state(message) for message in ids], ["pending"] * 2)
        self.assertEqual(self.counts("cancel", user="4294967294"), (0, 0, {}))

    def test_the_relay_need_not_know_what_a_user_is_called(self):
        self.relay.stop()
        self.relay.start(LD_PRELOAD=os.environ["CHATRELAY_NO_USER_NAMES"])
        self.client = self.connect()
        ids = self.fill(2, to="ops")
        for verb in ("list", "cancel"):
            done = self.relay.command(verb, "--user", NOBODY)
            self.assertEqual(done.returncode, 0, done.stderr)
        own = pwd.getpwuid(os.getuid()).pw_name
        self.assertEqual([row["id"] for row in self.done("list", user=own)["messages"]], ids)
        self.assertEqual([self.state(message) for message in ids], ["pending"] * 2)

    def test_a_flood_is_taken_back_in_bounded_steps(self):
        self.fill(3000, to="ops")
        done, pages, after = 0, 0, 0
        while True:
            page = self.done("cancel", thread="ops", **({"after": after} if after else {}))
            done, pages, after = done + page["changed"], pages + 1, page.get("next", 0)
            self.assertLessEqual(page["changed"], 1000)
            if not after:
                break
        self.assertEqual(done, 3000)
        self.assertGreater(pages, 2)
        self.assertEqual(self.done("stats")["totals"]["cancelled"], 3000)

    def test_the_command_does_all_pages(self):
        self.fill(1700, to="ops")
        done = self.relay.command("hold", "--thread", "ops")
        self.assertEqual((done.returncode, done.stdout), (0, "1700 held\n"), done)
        done = self.relay.command("release", "ALL")
        self.assertEqual((done.returncode, done.stdout), (0, "1700 released\n"), done)
        done = self.relay.command("cancel", "1", "2", "9999")
        self.assertEqual((done.returncode, done.stdout),
                         (66, "2 cancelled, 1 not: 1 not found\n"), done)
        self.assertEqual(self.relay.command("cancel").returncode, 64)


class Endings(HandsTest):
    def test_a_dead_message_is_sent_after_all(self):
        self.sandbox.fault(op="send", status=413)
        message = self.client.send("too large today")
        self.reaches(message, "dead")
        self.done("retry", id=message)
        self.assertEqual(self.all_sent(1), ["too large today"])
        self.reaches(message, "sent")

    def test_what_is_scheduled_can_be_cancelled_and_held(self):
        first = self.client.send("first", at="+1h")
        second = self.client.send("second", at="+300ms")
        self.done("cancel", id=first)
        self.done("hold", id=second)
        self.done("release", id=second)
        self.assertEqual(self.state(second), "scheduled")
        self.assertEqual(self.all_sent(1), ["second"])
        self.done("retry", id=first)
        self.assertEqual(self.state(first), "scheduled")


@unittest.skipIf(not IS_ROOT, "only root can act as other users")
class ByWhom(HandsTest):
    def configure(self, sections):
        sections["access"] = {"allow": f"root, {NOBODY}", "operators": GAMES}

    def begin(self):
        super().begin()
        self.done("pause", thread="ops")
        self.nobody, self.operator = self.connect_as(NOBODY), self.connect_as(GAMES)
        self.own = self.nobody.send("nobody's")
        self.other = self.client.send("root's")

    def test_owners_have_a_hand_on_their_own_alone(self):
        self.assertTrue(self.nobody.ask({"op": "hold", "id": self.own})["ok"])
        self.refused(self.nobody.ask({"op": "cancel", "id": self.other}), "not-found", "id")
        answer = self.nobody.ask({"op": "cancel", "ids": [self.own, self.other]})
        self.assertEqual((answer["changed"], answer["unchanged"]), (1, {"not-found": 1}))
        self.assertEqual(self.nobody.ask({"op": "retry", "all": True})["changed"], 1)
        self.assertEqual(self.nobody.ask({"op": "cancel", "all": True})["changed"], 1)
        self.assertEqual(self.state(self.other), "pending")
        self.refused(self.nobody.ask({"op": "cancel", "user": "root"}), "denied", "user")

    def test_operators_have_a_hand_on_all(self):
        self.assertEqual(self.operator.ask({"op": "hold", "all": True})["changed"], 2)
        self.assertEqual(self.done("show", id=self.own)["reason"], "held by games")
        self.assertTrue(self.operator.ask({"op": "resume", "thread": "ops"})["ok"])

    def test_threads_are_for_operators(self):
        for request in ({"op": "pause", "thread": "ops"}, {"op": "resume", "thread": "ops"},
                        {"op": "flush"}, {"op": "audit"}):
            self.refused(self.nobody.ask(request), "denied", None, "only operators may")

    def test_who_may_not_send_any_more_brings_nothing_back(self):
        self.nobody.ask({"op": "cancel", "id": self.own})
        self.relay.sections["access"]["allow"] = "root"
        self.relay.write_config()
        self.relay.reload()
        self.refused(self.nobody.ask({"op": "retry", "id": self.own}), "denied", "id")
        answer = self.nobody.ask({"op": "retry", "all": True})
        self.assertEqual((answer["changed"], answer["unchanged"]), (0, {"denied": 1}))
        self.assertTrue(self.operator.ask({"op": "retry", "id": self.own})["ok"])

    def test_why_advises_nothing_that_would_be_refused(self):
        def verbs(client, **about):
            return client.ask({"op": "why", **about})["verbs"]

        self.assertEqual(verbs(self.nobody, id=self.own), [])
        self.nobody.ask({"op": "cancel", "id": self.own})
        self.assertEqual(verbs(self.nobody, id=self.own), ["retry"])
        self.assertEqual(verbs(self.operator, id=self.own), ["resume", "flush", "retry"])
        self.assertEqual(verbs(self.operator, thread="ops"), ["resume", "flush"])
        self.assertEqual(verbs(self.nobody, thread="ops"), [])
        self.relay.sections["access"]["allow"] = "root"
        self.relay.adopt()
        self.assertEqual(verbs(self.nobody, id=self.own), [])

    def test_who_may_send_nowhere_is_not_told_that_all_is_well(self):
        self.nobody.ask({"op": "cancel", "id": self.own})
        self.relay.sections["access"]["allow"] = "root"
        self.relay.write_config()
        self.relay.reload()
        status = self.nobody.ask({"op": "status"})
        self.assertEqual((status["level"], status["threads"]),
                         ("look", {"well": 0, "look": 0, "act": 0}))
        self.assertNotIn("sent_today", status)

    def test_numbers_and_words_are_of_what_one_may_see(self):
        threads = self.nobody.ask({"op": "threads"})["threads"]
        self.assertEqual([thread["pending"] for thread in threads], [1])
        self.assertEqual(self.nobody.ask({"op": "status"})["pending"], 1)
        self.refused(self.nobody.ask({"op": "why", "id": self.other}), "not-found", "id")
        self.assertEqual(self.operator.ask({"op": "status"})["pending"], 2)


if __name__ == "__main__":
    unittest.main()
