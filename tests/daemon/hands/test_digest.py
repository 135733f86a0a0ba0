"""A storm becomes readable: waiting messages go as one, and each is accounted for."""

import contextlib
import os
import re
import shutil
import signal
import unittest
import urllib.error

from hands import IS_ROOT, NOBODY, HandsTest, until

CLOCK = r"(?:\w{3} \d+ \w{3} )?\d\d:\d\d"
MARKS = r"; \* marks the first of each of \d+ kinds"
HEAD = rf"^(\d+) messages, {CLOCK}(?: to {CLOCK})? UTC(?:{MARKS})?$"
LINE = r"^(?:\* )?\d\d:\d\d(?: \(x(\d+)(?: until \d\d:\d\d)?\))? (.*)$"


def originals(content):
    """What a post contains: the texts of the messages in it, in order."""
    head, *lines = content.split("\n")
    match = re.match(HEAD, head)
    if not match:
        return [content]
    texts = []
    for line in lines:
        count, text = re.match(LINE, line).groups()
        texts += [text] * int(count or 1)
    assert len(texts) == int(match[1]), content
    return texts


class Storm(HandsTest):
    MODE = "always"

    def configure(self, sections):
        sections["relay"]["time_zone"] = "UTC"
        sections["thread ops"].update(digest=self.MODE, late_mark="off")

    def storm(self, count, **fields):
        self.done("pause", thread="ops")
        return [self.client.send(f"alert {i}", **fields) for i in range(count)]

    def appeared(self):
        return [text for content in self.sandbox.contents("ops") for text in originals(content)]

    def all_appear(self, count):
        until(lambda: len(self.appeared()) >= count, why=self.relay.log)
        self.assertEqual(len(self.appeared()), count)
        return self.appeared()

    def settled(self):
        until(lambda: self.done("stats")["totals"].get("pending", 0) == 0, why=self.relay.log)


class Digest(Storm):
    def test_waiting_messages_go_as_one_in_order(self):
        self.storm(300)
        self.done("resume", thread="ops")
        self.assertEqual(self.all_appear(300), [f"alert {i}" for i in range(300)])
        self.assertEqual(self.sandbox.count(), 1)

    def test_neighbours_that_say_the_same_are_one_line_and_names_are_told_apart(self):
        self.storm(1)
        for _ in range(5):
            self.client.send("connection refused", senderDisplayName="db01")
        self.client.send("connection refused", senderDisplayName="db02")
        self.done("resume", thread="ops")
        self.assertEqual(self.all_appear(7), ["alert 0"] + ["db01: connection refused"] * 5 +
                         ["db02: connection refused"])

    def test_each_message_is_accounted_for(self):
        ids = self.storm(5)
        waiter = self.connect()
        waiter.say({"op": "wait", "id": ids[3]})
        self.done("resume", thread="ops")
        ended = waiter.answer()
        self.assertEqual(ended["state"], "sent")
        self.assertEqual(ended["id"], ids[3])
        digest = ended["into_id"]
        for message in ids:
            shown = self.done("show", id=message)
            self.assertEqual((shown["state"], shown["into_id"], shown["end"]),
                             ("folded", digest, "sent"))
            self.assertEqual(self.done("wait", id=message)["state"], "sent")
            self.assertEqual(self.done("why", id=message)["end"], "sent")
        shown = self.done("show", id=digest)
        self.assertEqual((shown["state"], shown["kind"], shown["messages"], shown["user"]),
                         ("sent", "digest", 5, "relay"))
        listed = {one["id"]: one for one in self.done("list", thread="ops")["messages"]}
        self.assertEqual(listed[ids[0]]["into_id"], digest)
        self.assertEqual(self.done("stats")["threads"]["ops"], {"sent": 1, "folded": 5})
        audit = self.done("audit")
        self.assertTrue(audit["balanced"], audit)
        self.assertEqual((audit["accepted"], audit["made"]), (5, 1))

    def test_what_must_go_by_itself_does_and_order_is_kept(self):
        self.storm(2)
        self.client.send("for a program", metadata={"k": "v"})
        self.client.send("now", priority="urgent")
        for text in "yz":
            self.client.send(text)
        self.client.send("<b>html</b>", type="html")
        self.done("resume", thread="ops")
        appeared = self.all_appear(7)
        # The first of each lane are under way together, and may arrive in any order.
        self.assertLessEqual(appeared.index("now"), 2)
        appeared.remove("now")
        self.assertEqual(appeared, ["alert 0", "alert 1", "for a program", "y", "z", "<b>html</b>"])
        self.assertEqual(self.sandbox.count(), 5)

    def test_after_429_its_messages_wait_by_themselves(self):
        ids = self.storm(3)
        self.sandbox.fault(op="send", status=429, count=0)
        self.done("resume", thread="ops")
        self.relay.logged("status=unfolded messages=3 http=429")
        until(lambda: self.ask("cancel", id=ids[1])["ok"])
        self.sandbox.mend()
        self.assertEqual(self.all_appear(2), ["alert 0", "alert 2"])
        self.settled()
        listed = [one for one in self.done("list")["messages"] if one.get("kind") == "digest"]
        self.assertEqual({(one["state"], one.get("reason")) for one in listed[:-1]},
                         {("cancelled", "unfolded")})
        self.assertNotIn("Do:", self.relay.command("why", str(listed[0]["id"])).stdout)
        self.assertEqual((listed[-1]["state"], listed[-1]["messages"]), ("sent", 2))
        self.assertTrue(self.done("audit")["balanced"])

    @unittest.skipUnless(IS_ROOT, "needs to act as another user")
    def test_who_may_not_see_the_digest_is_not_sent_there(self):
        self.relay.sections["access"]["allow"] = f"root, {NOBODY}"
        self.relay.adopt()
        self.done("pause", thread="ops")
        nobody = self.connect_as(NOBODY)
        ids = [nobody.send("x") for _ in range(2)]
        self.done("resume", thread="ops")
        self.all_appear(2)
        self.settled()
        self.assertNotIn("why", nobody.ask({"op": "why", "id": ids[0]})["verbs"])
        self.assertRegex(self.relay.command("why", str(ids[0])).stdout,
                         r"which is sent: chatrelay why \d+\n$")

    def test_refused_as_one_they_go_one_by_one(self):
        ids = self.storm(4)
        fault = self.sandbox.fault(op="send", status=413, count=1)
        self.done("resume", thread="ops")
        until(lambda: self.sandbox.hits(fault), why=self.relay.log)
        self.assertEqual(self.all_appear(4), [f"alert {i}" for i in range(4)])
        self.assertEqual(self.sandbox.count(), 4)
        self.reaches(ids[3], "sent")

    def test_in_doubt_it_is_kept_as_it_is_and_appears_once(self):
        ids = self.storm(6)
        fault = self.sandbox.fault(op="send", what="reset", stored=True, count=1)
        self.done("resume", thread="ops")
        until(lambda: self.sandbox.hits(fault), why=self.relay.log)
        answer = self.ask("cancel", id=ids[2])
        self.assertFalse(answer["ok"])
        self.assertIn("went into", answer["message"])
        self.relay.restart()
        self.client = self.connect()
        self.settled()
        self.assertEqual(self.appeared(), [f"alert {i}" for i in range(6)])
        self.assertEqual(self.done("wait", id=ids[5])["state"], "sent")

    def back_up(self):
        self.relay.stop()
        backup = os.path.join(self.folder, "backup.db")
        shutil.copy(self.relay.outbox_path, backup)
        self.relay.start()
        self.client = self.connect()
        return backup

    def restore(self, backup):
        self.settled()
        self.relay.stop()
        shutil.copy(backup, self.relay.outbox_path)
        self.relay.start("/bin/sh", "-c", 'exec "$0" "$@" --after-restore')
        self.client = self.connect()

    def test_an_outbox_from_a_backup_finds_what_was_replaced_since(self):
        self.done("pause", thread="ops")
        disk = self.client.send("disk 93 %", fold="disk")
        ids = [disk] + self.storm(5)
        backup = self.back_up()
        for percent in (94, 95):
            self.client.send(f"disk {percent} %", fold="disk")
        self.done("resume", thread="ops")
        until(lambda: self.sandbox.count() == 1)
        self.restore(backup)
        self.done("resume", thread="ops")
        self.settled()
        self.assertEqual(self.sandbox.count(), 1, self.sandbox.contents("ops"))
        self.assertEqual({self.state(message) for message in ids}, {"sent"})

    def test_an_outbox_from_a_backup_finds_what_went_behind_one_that_was_held(self):
        ids = self.storm(6)
        self.done("hold", id=ids[0])
        backup = self.back_up()
        self.done("release", id=ids[0])
        self.done("resume", thread="ops")
        self.all_appear(6)
        self.restore(backup)
        self.done("resume", thread="ops")
        self.settled()
        self.done("release", id=ids[0])
        self.settled()
        self.assertEqual(self.appeared(), [f"alert {i}" for i in range(6)])
        self.assertEqual({self.state(message) for message in ids}, {"sent"})

    def test_an_outbox_from_a_backup_finds_its_messages_in_digests(self):
        ids = self.storm(60)
        backup = self.back_up()
        self.done("resume", thread="ops")
        self.all_appear(60)
        self.restore(backup)
        self.client.send("afterwards")
        self.done("resume", thread="ops")
        self.settled()
        self.assertEqual(self.all_appear(61)[-1], "afterwards")
        self.assertEqual({self.state(message) for message in ids}, {"sent"})

    def test_kill_in_the_middle_loses_and_doubles_nothing(self):
        sent = self.storm(400)
        fault = self.sandbox.fault(op="send", what="stall", stored=True)
        self.done("resume", thread="ops")
        until(lambda: self.sandbox.hits(fault), why=self.relay.log)
        self.relay.restart()
        self.client = self.connect()
        self.settled()
        self.assertEqual(self.appeared(), [f"alert {i}" for i in range(len(sent))])


class Off(Storm):
    MODE = "off"

    def test_they_go_singly(self):
        self.storm(20)
        self.done("resume", thread="ops")
        self.assertEqual(self.all_appear(20), [f"alert {i}" for i in range(20)])
        self.assertEqual(self.sandbox.count(), 20)


class Everywhere(HandsTest):
    THREADS = tuple(f"t{number}" for number in range(12))
    SANDBOX_OPTIONS = ("--latency", "60000")

    def configure(self, sections):
        for name in self.THREADS:
            sections["thread " + name].update(digest="always", pace="10/100ms, 30/600ms")

    def test_when_all_come_apart_at_once_each_is_composed_afresh(self):
        self.sandbox.fault(op="send", status=429, count=len(self.THREADS))
        for name in self.THREADS:
            self.done("pause", thread=name)
            self.client.say(*({"to": name, "content": f"{i} of {name}"} for i in range(300)))
            self.assertTrue(all(one["ok"] for one in self.client.answers(300)))
        for name in self.THREADS:
            self.done("resume", thread=name)
        until(lambda: self.sandbox.count("requests") >= len(self.THREADS))
        # What is answered meanwhile is read in one turn, and is too much for one.
        self.relay.process.send_signal(signal.SIGSTOP)
        self.outlast_an_answer()
        self.relay.process.send_signal(signal.SIGCONT)
        until(lambda: self.relay.log().count("status=unfolded") >= len(self.THREADS))
        self.assertTrue(self.audit_of_all()["balanced"])
        for name in self.THREADS:
            until(lambda name=name: len(self.texts(name)) >= 300, why=self.relay.log_end)
            self.assertEqual(self.texts(name), [f"{i} of {name}" for i in range(300)])

    def outlast_an_answer(self):
        """An answer to us comes after those to all who asked before."""
        with contextlib.suppress(urllib.error.HTTPError):
            self.sandbox.ask("GET", "/chat/threads?api-version=2025-03-15")

    def audit_of_all(self):
        answer = self.done("audit")
        while "next" in answer:
            answer = self.done("audit", after=answer["next"])
        return answer

    def texts(self, name):
        return [text for content in self.sandbox.contents(name) for text in originals(content)]


if __name__ == "__main__":
    unittest.main()
