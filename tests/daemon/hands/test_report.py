"""After a storm its thread is told, once."""

import re
import unittest

from hands import HandsTest, thread_id, until

SPAN = r"^relay: \d\d:\d\d to \d\d:\d\d UTC "


class Report(HandsTest):
    THREADS = ("ops", "backup")

    def configure(self, sections):
        sections["relay"]["default_thread"] = "ops"
        for name in self.THREADS:
            sections["thread " + name]["report_after"] = "200ms"

    def reports(self, thread=None):
        return [text for text in self.sandbox.contents(thread) if text.startswith("relay: ")]

    def storm(self, *contents, during=lambda: None, then=None, **fault):
        """The sandbox fails, as the fields say, for longer than the setting."""
        self.sandbox.fault(op="send", count=0, **fault)
        ids = [self.client.send(content) for content in contents]
        shown = self.done("show", id=ids[0])
        until(lambda: self.done("show", id=ids[0])["attempts"] > shown["attempts"])
        began = self.now_of(ids[0])
        until(lambda: self.now_of(ids[0]) - began > 300)
        during()
        self.sandbox.mend()
        if then:
            self.sandbox.fault(op="send", **then)
        self.done("flush")
        return ids

    def now_of(self, message):
        """When its latest attempt began."""
        return self.done("show", id=message)["log"][-1]["began_at"]

    def test_one_line_at_the_end_says_what_happened(self):
        self.storm("a", "b", "c", status=503)
        sent = self.all_sent(4)
        self.assertEqual(sent[:3], ["a", "b", "c"])
        self.assertRegex(sent[3], SPAN + "the chat was unreachable; 3 messages waited$")
        row = self.done("list", state="sent")["messages"][-1]
        self.assertEqual((row["user"], row["content"]), ("relay", sent[3]))
        self.client.send("after")
        self.assertEqual(self.all_sent(5)[4], "after")
        self.assertEqual(len(self.reports()), 1)

    def test_it_names_the_cause_and_what_expired(self):
        def wait_for_expiry():
            self.reaches(self.client.send("stale", ttl="30ms"), "expired")
        self.storm("a", status=403, during=wait_for_expiry)
        self.assertRegex(self.all_sent(2)[1],
                         SPAN + "the chat refused us; 2 messages waited, 1 expired$")

    def test_only_the_thread_that_was_cut_off_is_told(self):
        self.storm("a", thread=thread_id("ops"), status=403)
        self.client.send("fine", to="backup")
        self.all_sent(2, "ops")
        self.all_sent(1, "backup")
        self.assertEqual((len(self.reports("ops")), len(self.reports("backup"))), (1, 0))

    def test_a_kill_in_the_middle_changes_nothing(self):
        def kill():
            self.relay.restart()
            self.client = self.connect()
        self.storm("a", "b", status=503, during=kill)
        self.all_sent(3)
        self.relay.restart()
        self.client = self.connect()
        self.client.send("after")
        self.assertEqual(self.all_sent(4)[3], "after")
        self.assertEqual(len(self.reports()), 1)

    def test_a_kill_while_it_is_in_doubt_does_not_double_it(self):
        self.storm("a", status=503, then={"what": "reset", "stored": True, "after": 1, "count": 1})
        self.all_sent(2)
        self.relay.restart()
        self.client = self.connect()
        until(lambda: not self.done("list", state="pending")["messages"])
        self.assertEqual(len(self.reports()), 1)

    def test_the_books_know_who_made_it(self):
        self.storm("a", status=503)
        self.all_sent(2)
        answer = self.done("audit")
        while "next" in answer:
            answer = self.done("audit", after=answer["next"])
        self.assertTrue(answer["balanced"], answer)
        self.relay.logged(r"id=\d+ accepted thread=ops user=relay\(")

    def test_as_it_is_no_loss_nothing_is_brought_back_with_it(self):
        self.storm("a", status=503, then={"status": 413, "after": 1, "count": 2})
        until(lambda: len(self.done("list", state="dead")["messages"]) == 1)
        report = self.done("list", state="dead")["messages"][0]["id"]
        self.reaches(self.client.send("too long"), "dead")
        self.assertEqual(self.done("status")["lost"]["count"], 1)
        self.done("retry", id=report)
        self.reaches(report, "sent")
        self.assertEqual(self.done("status")["lost"]["count"], 1)

    def test_it_is_not_late_marked(self):
        self.relay.sections["thread ops"]["late_mark"] = "0s"
        self.relay.adopt()
        self.storm("a", status=503)
        sent = self.all_sent(2)
        self.assertTrue(re.match(r"\[sent ", sent[0]))
        self.assertRegex(sent[1], SPAN)

    def test_off_is_off(self):
        self.relay.sections["thread ops"]["report_after"] = "off"
        self.relay.adopt()
        self.storm("a", status=503)
        self.client.send("b")
        self.assertEqual(self.all_sent(2), ["a", "b"])


if __name__ == "__main__":
    unittest.main()
