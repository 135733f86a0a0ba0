"""edit and unsend: of what has not left, of what is under way, and in the chat."""

import unittest

from reading import GAMES, IS_ROOT, NOBODY, ReadingTest, until


class InPlace(ReadingTest):
    def test_what_has_not_left_is_changed_before_it_does(self):
        self.done("pause", thread="ops")
        one, two = self.client.send("one"), self.client.send("two")
        answer = self.done("edit", id=two, content="zwei, and longer than before")
        self.assertEqual(answer, {"ok": True, "id": two, "state": "pending"})
        self.done("edit", id=one, content="eins")
        self.assertEqual(self.done("show", id=one)["content"], "eins")
        self.done("resume", thread="ops")
        self.assertEqual(self.all_sent(2), ["eins", "zwei, and longer than before"])
        self.assertTrue(self.done("audit").get("balanced", True))
        self.assertEqual(self.relay.command("audit").returncode, 0)

    def test_scheduled_and_held(self):
        later = self.client.send("later", at="+1h")
        self.done("edit", id=later, content="much later")
        self.done("hold", id=later)
        self.done("edit", id=later, content="much, much later")
        self.assertEqual(self.done("show", id=later)["content"], "much, much later")
        self.assertEqual(self.done("unsend", id=later)["state"], "cancelled")

    def test_taken_back_it_is_cancelled(self):
        self.done("pause", thread="ops")
        message = self.client.send("oops")
        self.assertEqual(self.done("unsend", id=message),
                         {"ok": True, "id": message, "state": "cancelled"})
        self.done("resume", thread="ops")
        self.client.send("next")
        self.assertEqual(self.all_sent(1), ["next"])

    def test_content_that_does_not_fit_changes_nothing(self):
        self.done("pause", thread="ops")
        message = self.client.send("one")
        self.refused(self.ask("edit", id=message, content="x" * 28673), "invalid", "content")
        self.assertEqual(self.done("show", id=message)["content"], "one")


class InTheChat(ReadingTest):
    def sent(self, content="old"):
        message = self.client.send(content)
        self.reaches(message, "sent")
        return message

    def shown(self):
        """What the chat shows by now, oldest first; None is deleted."""
        said = [m for m in self.done("read", limit=50)["messages"] if m["type"] in ("text", "html")]
        return [m.get("content", {}).get("message") for m in reversed(said)]

    def change(self, op, message, **fields):
        answer = self.done(op, id=message, **fields)
        self.reaches(answer["change"], "sent")
        return answer["change"]

    def test_an_edit(self):
        message = self.sent()
        change = self.change("edit", message, content="new \u20ac")
        self.assertEqual(self.shown(), ["new \u20ac"])
        self.assertEqual(self.done("show", id=message)["content"], "new \u20ac")
        row = self.done("show", id=change)
        self.assertEqual((row["kind"], row["target_id"], row["log"][0]["http"]),
                         ("update", message, 204))
        self.relay.logged(rf"id={change} accepted .* update={message}\n")

    def test_a_removal(self):
        message = self.sent()
        change = self.change("unsend", message)
        self.assertEqual(self.shown(), [None])
        self.assertEqual(self.done("show", id=message)["reason"], "taken back by root")
        self.assertEqual(self.done("show", id=change)["kind"], "delete")
        self.refused(self.ask("edit", id=message, content="x"), "wrong-state", "id", "taken back")
        self.refused(self.ask("unsend", id=message), "wrong-state", "id", "taken back")

    def test_in_order_with_all_others_of_its_lane(self):
        message = self.sent()
        self.done("pause", thread="ops")
        edits = [self.done("edit", id=message, content=f"edit {i}")["change"] for i in range(5)]
        after = self.client.send("after")
        gone = self.done("unsend", id=message)["change"]
        self.refused(self.ask("edit", id=message, content="x"), "wrong-state", "id", "taken back")
        self.done("resume", thread="ops")
        self.reaches(gone, "sent")
        sent = [self.done("show", id=i)["ended_at"] for i in [*edits, after, gone]]
        self.assertEqual(sent, sorted(sent))
        self.assertEqual(self.shown(), [None, "after"])
        self.assertEqual(self.relay.command("audit").returncode, 0)

    def test_a_removal_that_is_cancelled_leaves_it_to_be_edited(self):
        message = self.sent()
        self.done("pause", thread="ops")
        gone = self.done("unsend", id=message)["change"]
        self.done("cancel", id=gone)
        edit = self.done("edit", id=message, content="stays")["change"]
        self.done("resume", thread="ops")
        self.reaches(edit, "sent")
        self.assertEqual(self.shown(), ["stays"])

    def test_a_second_removal_is_refused_while_the_first_waits(self):
        message = self.sent()
        self.done("pause", thread="ops")
        gone = self.done("unsend", id=message)["change"]
        self.refused(self.ask("unsend", id=message), "wrong-state", "id", "about to be")
        self.done("cancel", id=gone)
        edit = self.done("edit", id=message, content="again")["change"]
        self.done("resume", thread="ops")
        self.reaches(edit, "sent")
        self.assertEqual(self.shown(), ["again"])

    def test_an_edit_of_what_was_taken_back_meanwhile_is_no_loss(self):
        message = self.sent()
        self.done("pause", thread="ops")
        edit = self.done("edit", id=message, content="late")["change"]
        self.done("hold", id=edit)
        gone = self.done("unsend", id=message)["change"]
        self.done("resume", thread="ops")
        self.reaches(gone, "sent")
        self.done("release", id=edit)
        self.reaches(edit, "cancelled")
        self.assertNotIn("lost", self.done("status"))
        self.assertEqual(self.shown(), [None])

    def test_while_it_is_under_way(self):
        self.sandbox.fault(op="send", what="stall", for_ms=50000, count=1, stored=True)
        message = self.client.send("old")
        until(lambda: self.done("show", id=message).get("doubted_at"))
        edit = self.done("edit", id=message, content="new")["change"]
        self.reaches(edit, "sent")
        self.assertEqual(self.shown(), ["new"])

    def test_under_way_and_taken_back_it_goes_from_the_chat_again(self):
        self.sandbox.fault(op="send", what="stall", for_ms=50000, count=1, stored=True)
        message = self.client.send("old")
        until(lambda: self.done("show", id=message).get("doubted_at"))
        gone = self.done("unsend", id=message)["change"]
        self.reaches(gone, "sent")
        self.assertEqual(self.shown(), [None])

    def test_under_way_and_taken_back_it_may_never_arrive(self):
        self.sandbox.fault(op="send", what="reset", count=1)
        self.sandbox.fault(op="list", what="stall", for_ms=20000, count=1)
        message = self.client.send("old")
        until(lambda: self.done("show", id=message).get("doubted_at"))
        gone = self.done("unsend", id=message)["change"]
        self.reaches(message, "cancelled")
        self.reaches(gone, "cancelled")
        self.assertEqual(self.shown(), [])

    def test_a_lost_answer_costs_no_look_and_it_goes_again(self):
        message = self.sent()
        before = self.lists()
        self.sandbox.fault(op="update", what="reset", count=1, stored=True)
        change = self.change("edit", message, content="new")
        self.assertEqual(self.lists(), before)
        self.assertEqual([a["outcome"] for a in self.done("show", id=change)["log"]],
                         ["doubt", "sent"])
        self.sandbox.fault(op="delete", what="reset", count=1, stored=True)
        change = self.change("unsend", message)
        self.assertEqual([a["http"] for a in self.done("show", id=change)["log"] if "http" in a],
                         [404], "it was gone already, and that is what was wanted")
        self.assertEqual(self.shown(), [None])

    def test_it_survives_a_crash(self):
        message = self.sent()
        self.sandbox.fault(op="update", what="stall", count=1)
        change = self.done("edit", id=message, content="new")["change"]
        until(lambda: self.done("show", id=change).get("doubted_at"))
        self.relay.restart()
        self.client = self.connect()
        self.reaches(change, "sent")
        self.assertEqual(self.shown(), ["new"])

    def test_what_the_chat_refuses_is_said_plainly(self):
        message = self.sent()
        self.sandbox.fault(op="update", status=403, count=2)
        change = self.done("edit", id=message, content="new")["change"]
        self.reaches(change, "dead")
        self.assertIn("403", self.done("show", id=change)["reason"])
        self.assertEqual(self.shown(), ["old"])
        self.assertEqual(self.done("show", id=message)["content"], "old")
        self.client.send("the lane goes on")
        self.all_sent(2)

    def test_changes_are_counted_in_the_windows(self):
        self.relay.sections["thread ops"]["pace"] = "3/1s"
        self.relay.adopt()
        message = self.sent()
        changes = [self.done("edit", id=message, content=f"{i}")["change"] for i in range(8)]
        self.reaches(changes[-1], "sent")
        began = [self.done("show", id=i)["log"][0]["began_at"] for i in [message, *changes]]
        for first, fourth in zip(began, began[3:]):
            self.assertGreaterEqual(fourth - first, 1000)


class WhatCannotBe(ReadingTest):
    def test_it_is_said_why(self):
        self.done("pause", thread="ops")
        cancelled = self.client.send("x")
        self.done("cancel", id=cancelled)
        self.refused(self.ask("edit", id=cancelled, content="y"), "wrong-state", "id",
                     "never appeared")
        first, second = self.client.send("a", fold="f"), self.client.send("b", fold="f")
        self.refused(self.ask("unsend", id=first), "wrong-state", "id", f"went into {second}")
        self.done("resume", thread="ops")
        self.reaches(second, "sent")
        change = self.done("edit", id=second, content="c")["change"]
        self.refused(self.ask("edit", id=change, content="d"), "wrong-state", "id",
                     f"a change, of {second}")
        self.refused(self.ask("edit", id=99999, content="d"), "not-found", "id")

    def test_a_thread_that_leads_elsewhere(self):
        message = self.client.send("old")
        self.reaches(message, "sent")
        self.relay.sections["thread ops"]["id"] = "19:elsewhere@thread.v2"
        self.relay.adopt()
        change = self.done("unsend", id=message)["change"]
        self.reaches(change, "dead")
        self.assertIn("another remote thread", self.done("show", id=change)["reason"])


class Words(ReadingTest):
    def test_the_command(self):
        message = self.client.send("old")
        self.reaches(message, "sent")
        done = self.relay.command("edit", str(message), "new", "text")
        self.assertRegex(done.stdout, rf"^{message} will be edited in the chat: that is (\d+)\n$")
        change = int(done.stdout.split()[-1])
        self.reaches(change, "sent")
        done = self.relay.command("edit", str(message), input="from a pipe\n")
        self.reaches(int(done.stdout.split()[-1]), "sent")
        self.assertEqual(self.sandbox.contents(), ["from a pipe"])
        done = self.relay.command("unsend", str(message))
        self.assertIn("will be removed", done.stdout)
        self.reaches(int(done.stdout.split()[-1]), "sent")
        done = self.relay.command("unsend", str(message))
        self.assertEqual((done.returncode, done.stdout), (65, ""))
        self.assertIn("taken back", done.stderr)


@unittest.skipIf(not IS_ROOT, "only root can act as other users")
class ByWhom(ReadingTest):
    def configure(self, sections):
        sections["access"] = {"allow": f"root, {NOBODY}", "operators": GAMES}

    def test_owners_and_operators(self):
        nobody, games = self.connect_as(NOBODY), self.connect_as(GAMES)
        roots, own = self.client.send("root's"), nobody.send("nobody's")
        self.reaches(own, "sent")
        self.refused(nobody.ask({"op": "edit", "id": roots, "content": "x"}), "not-found", "id")
        self.refused(nobody.ask({"op": "unsend", "id": roots}), "not-found", "id")
        self.assertTrue(nobody.ask({"op": "edit", "id": own, "content": "x"})["ok"])
        self.assertTrue(games.ask({"op": "edit", "id": own, "content": "y"})["ok"])
        self.assertTrue(games.ask({"op": "unsend", "id": roots})["ok"])


if __name__ == "__main__":
    unittest.main()
