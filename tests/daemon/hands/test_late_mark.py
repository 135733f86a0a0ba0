"""A message that comes late says when it was meant."""

import re
import time
import unittest

from hands import HandsTest, until

MARK = r"^\[sent (\d\d:\d\d) (\S+), (\d+ ms|\d+ s) ago\] "


class Late(HandsTest):
    ZONE, NAME = "UTC", "UTC"

    def configure(self, sections):
        sections["relay"]["time_zone"] = self.ZONE
        sections["thread ops"]["late_mark"] = "200ms"
        sections["thread ops"]["content_limit"] = "100"

    def late_one(self, content, **fields):
        """Hand it in and keep it from leaving until it is late."""
        self.done("pause", thread="ops", duration="1h")
        message = self.client.send(content, **fields)
        late_at = self.done("show", id=message)["accepted_at"] + 201
        until(lambda: time.time() * 1000 > late_at)
        return message

    def late(self, content):
        message = self.late_one(content)
        self.done("resume", thread="ops")
        return message

    def be_late_after(self, late_mark):
        self.relay.sections["thread ops"]["late_mark"] = late_mark
        self.relay.adopt()

    def test_a_late_message_is_marked_and_one_in_time_is_not(self):
        message = self.late("late")
        content = self.all_sent(1)[0]
        self.assertRegex(content, MARK + "late$")
        self.assertEqual(re.match(MARK, content)[2], self.NAME)
        self.reaches(message, "sent")
        shown = self.done("show", id=message)
        self.assertEqual(shown["content"], "late", "what was handed in is kept as it was")
        self.assertEqual(content, shown["late_mark"] + " late")
        self.be_late_after("1min")
        self.client.send("in time")
        self.assertEqual(self.all_sent(2)[1], "in time")

    def test_what_was_to_be_late_is_not(self):
        self.be_late_after("1500ms")
        self.client.send("at its time", at="+2s")
        self.assertEqual(self.all_sent(1), ["at its time"])

    def test_it_is_left_out_where_it_does_not_belong(self):
        self.late_one("x" * 90)
        self.late_one("for a program", metadata={"k": "v"})
        self.done("resume", thread="ops")
        self.assertEqual(self.all_sent(2), ["x" * 90, "for a program"])

    def test_a_message_in_doubt_is_found_with_its_mark_and_sent_once(self):
        fault = self.sandbox.fault(op="send", what="reset", stored=True, count=1)
        message = self.late("once")
        until(lambda: self.sandbox.hits(fault))
        self.relay.restart()
        self.client = self.connect()
        self.reaches(message, "sent")
        self.assertEqual(len(self.sandbox.contents()), 1)
        self.assertRegex(self.sandbox.contents()[0], MARK + "once$")

    def test_each_attempt_has_its_own(self):
        self.sandbox.fault(op="send", status=403, count=0)
        message = self.client.send("again and again")
        until(lambda: self.done("show", id=message).get("late_mark"))
        first = self.done("show", id=message)["late_mark"]
        until(lambda: self.done("show", id=message)["late_mark"] != first)
        self.sandbox.mend()
        self.done("flush")
        self.assertRegex(self.all_sent(1)[0], MARK + "again and again$")


class ElsewhereLate(Late):
    ZONE, NAME = "Asia/Tokyo", "JST"


if __name__ == "__main__":
    unittest.main()
