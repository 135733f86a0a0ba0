"""fold: a newer message takes over the place of one of its name that waits."""

import unittest

from hands import IS_ROOT, NOBODY, HandsTest, until

MANY = 2000


class Fold(HandsTest):
    """The thread is paused, so that what is handed in waits."""

    THREADS = ("ops", "backup")

    def configure(self, sections):
        sections["relay"]["default_thread"] = "ops"

    def begin(self):
        super().begin()
        self.done("pause", thread="ops")

    def fold(self, content, name="disk", **fields):
        return self.client.send(content, fold=name, **fields)

    def go_on(self, count):
        self.done("resume", thread="ops")
        return self.all_sent(count)

    def balances(self):
        answer = self.done("audit")
        while "next" in answer:
            answer = self.done("audit", after=answer["next"])
        self.assertTrue(answer["balanced"], answer)

    def test_the_latest_is_sent_at_the_place_of_the_first(self):
        first = self.fold("disk 91 %")
        self.client.send("between")
        second, third = self.fold("disk 95 %"), self.fold("disk 99 %")
        sent = self.go_on(2)
        self.assertRegex(sent[0], r"^\[x3 since \d\d:\d\d UTC\] disk 99 %$")
        self.assertEqual(sent[1], "between")
        for message in (first, second):
            shown = self.done("show", id=message)
            self.assertEqual((shown["state"], shown["into_id"], shown["content"][:5]),
                             ("folded", third, "disk "))
        self.reaches(third, "sent")
        self.assertEqual(self.done("why", id=first)["end"], "sent")
        self.assertEqual(self.done("show", id=third)["fold_count"], 2)
        self.balances()

    def test_a_wait_for_an_older_one_ends_with_the_latest(self):
        first, waiter = self.fold("old"), self.connect()
        waiter.say({"op": "wait", "id": first, "timeout": "30s"})
        self.assertTrue(self.connect().ask({"op": "hello"})["ok"])
        latest = [self.fold("new"), self.fold("newest")][-1]
        late = self.connect()
        late.say({"op": "wait", "id": first, "timeout": "30s"})
        self.assertTrue(self.connect().ask({"op": "hello"})["ok"])
        self.go_on(1)
        for client in (waiter, late):
            end = client.answer()
            self.assertEqual((end["id"], end["state"], end["into_id"]), (first, "sent", latest))
            self.assertEqual(end["remote_id"], self.done("show", id=latest)["remote_id"])
        self.assertEqual(self.client.wait(id=first)["into_id"], latest)

    def test_a_wait_sees_that_the_latest_was_cancelled(self):
        first, waiter = self.fold("old"), self.connect()
        waiter.say({"op": "wait", "id": first, "timeout": "30s"})
        latest = self.fold("new")
        self.done("cancel", id=latest)
        end = waiter.answer()
        self.assertEqual((end["state"], end["into_id"]), ("cancelled", latest))

    def test_the_command_tells_the_whole_story(self):
        first = self.relay.command("send", "--to", "ops", "--fold", "disk", "91 %").stdout.strip()
        second = self.relay.command("send", "--to", "ops", "--fold", "disk", "99 %").stdout.strip()
        self.assertIn(f"{first} is folded into {second}, which is pending",
                      self.relay.command("show", first).stdout)
        self.assertRegex(self.relay.command("show", second).stdout, r"fold +disk, for 2 since ")
        self.go_on(1)
        end = self.relay.command("wait", "--within", "30s", first)
        self.assertEqual(end.returncode, 0, end.stderr)
        self.assertIn(f"It went into {second} at ", self.relay.command("why", first).stdout)
        self.assertIn(", which is sent", self.relay.command("why", first).stdout)

    def test_very_many_are_one_post(self):
        requests = [{"content": f"disk {i}", "fold": "disk"} for i in range(MANY)]
        self.client.say(*requests)
        ids = [answer["id"] for answer in self.client.answers(MANY)]
        self.assertRegex(self.go_on(1)[0], rf"^\[x{MANY} since .*\] disk {MANY - 1}$")
        for message in (ids[0], ids[1], ids[MANY // 2], ids[-2]):
            self.assertEqual(self.done("show", id=message)["into_id"], ids[-1])
        rows = self.done("list", state="folded", limit=1000)["messages"]
        self.assertEqual({(row["into_id"], row["end"]) for row in rows}, {(ids[-1], "sent")})
        self.assertEqual(self.sandbox.count(), 1)
        self.balances()

    def test_what_is_in_doubt_or_under_way_is_left_alone(self):
        self.done("resume", thread="ops")
        fault = self.sandbox.fault(op="send", what="reset", stored=True, count=1)
        first = self.fold("first")
        until(lambda: self.sandbox.hits(fault))
        self.done("pause", thread="ops")
        second, third = self.fold("second"), self.fold("third")
        sent = self.go_on(2)
        self.assertEqual(sent[0], "first")
        self.assertRegex(sent[1], r"^\[x2 since .*\] third$")
        self.reaches(first, "sent")
        self.reaches(second, "folded")
        self.reaches(third, "sent")
        self.assertEqual(self.sandbox.count(), 2)

    def test_it_survives_a_kill(self):
        ids = [self.fold(f"disk {i}") for i in range(5)]
        self.relay.restart()
        self.client = self.connect()
        ids.append(self.fold("disk 5"))
        self.assertRegex(self.go_on(1)[0], r"^\[x6 since .*\] disk 5$")
        for message in ids[:-1]:
            self.assertEqual(self.done("show", id=message)["into_id"], ids[-1])
        self.assertEqual(self.sandbox.count(), 1)

    def test_names_are_per_thread_priority_and_name(self):
        self.done("pause", thread="backup")
        for fields in ({}, {"priority": "bulk"}, {"to": "backup"}, {"name": "other"}):
            self.fold("x", **fields)
        self.assertEqual(self.done("stats")["totals"]["pending"], 4)

    @unittest.skipUnless(IS_ROOT, "needs to act as another user")
    def test_nobody_replaces_anothers(self):
        self.relay.sections["access"]["allow"] = f"root, {NOBODY}"
        self.relay.adopt()
        mine = self.fold("mine")
        self.connect_as(NOBODY).send("theirs", fold="disk")
        self.assertEqual(self.state(mine), "pending")

    def test_one_that_is_held_keeps_to_itself(self):
        held = self.fold("held")
        self.done("hold", id=held)
        latest = self.fold("new")
        self.assertEqual((self.state(held), self.state(latest)), ("held", "pending"))

    def test_a_full_thread_takes_what_takes_the_place_of_another(self):
        self.relay.sections["thread ops"]["most_messages"] = "2"
        self.relay.adopt()
        self.fold("one")
        self.client.send("two")
        self.refused(self.client.ask({"content": "three"}), "full", "to")
        self.refused(self.client.ask({"content": "three", "fold": "new"}), "full", "to")
        self.fold("one, but newer")
        self.assertEqual(self.done("stats")["totals"]["pending"], 2)

    def test_once_and_fold_together(self):
        first = self.fold("a", once="k1")
        self.assertEqual(self.fold("a", once="k1"), first)
        second = self.fold("b", once="k2")
        self.assertEqual(self.fold("a", once="k1"), first, "known still, though it was replaced")
        answer = self.client.ask({"content": "a", "once": "k1", "fold": "else"})
        self.refused(answer, "once-conflict", "once")
        self.assertRegex(self.go_on(1)[0], r"^\[x2 since .*\] b$")
        self.reaches(second, "sent")

    def test_who_follows_the_log_is_told(self):
        follower = self.connect()
        follower.ask({"op": "log", "follow": True})
        ids = [self.fold("a"), self.fold("b"), self.fold("c")]
        events = follower.answers(5)
        folded = [(event["id"], event["into_id"]) for event in events
                  if event["status"] == "folded"]
        self.assertEqual(folded, [(ids[0], ids[1]), (ids[1], ids[2])])
        self.relay.logged(rf"id={ids[1]} thread=ops status=folded into={ids[2]}")


if __name__ == "__main__":
    unittest.main()
