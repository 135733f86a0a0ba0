"""read: what a thread shows, in pages, to those who may see it."""

import re
import unittest

from reading import GAMES, IS_ROOT, NOBODY, ReadingTest, until


class Pages(ReadingTest):
    def test_the_newest_first_as_the_service_has_them(self):
        for i in range(3):
            self.say(f"m{i}")
        answer = self.done("read", thread="ops", limit=2, ref="r")
        self.assertEqual((answer["thread"], answer["ref"]), ("ops", "r"))
        self.assertEqual(self.texts(answer["messages"]), ["m2", "m1"])
        message = answer["messages"][0]
        self.assertEqual(message["senderCommunicationIdentifier"]["kind"], "communicationUser")
        self.assertEqual(set(message), {"id", "type", "sequenceId", "version", "content", "createdOn",
                                        "senderDisplayName", "senderCommunicationIdentifier"})

    def test_page_by_page_one_comes_to_the_beginning_and_sees_all_once(self):
        for i in range(137):
            self.say(f"m{i}")
        for limit in (10, 50, 60, 1000):
            texts, after = [], None
            while True:
                page = self.done("read", limit=limit, **({"after": after} if after else {}))
                self.assertLessEqual(len(page["messages"]), limit)
                texts += self.texts(page["messages"])
                after = page.get("next")
                if not after:
                    break
            said = [text for text in texts if text]
            self.assertEqual(said, [f"m{i}" for i in reversed(range(137))], limit)
            self.assertEqual(len(texts), 139, "with the thread's beginning")

    def test_page_by_page_is_not_read_from_the_newest_again(self):
        for i in range(60):
            self.say(f"m{i}")
        before, after = self.lists(), None
        for _ in range(6):
            page = self.done("read", limit=10, **({"after": after} if after else {}))
            after = page["next"]
        self.assertEqual(self.lists() - before, 6)

    def test_a_page_that_nobody_remembers_is_found_again(self):
        ids = [int(self.say(f"m{i}")) for i in range(120)]
        page = self.done("read", limit=5, after=ids[10])
        self.assertEqual(self.texts(page["messages"]), ["m9", "m8", "m7", "m6", "m5"])

    def test_one_user_leaves_room_for_others_and_who_goes_is_not_read_for(self):
        half = 128
        self.sandbox.fault(op="list", what="stall", for_ms=300_000, count=0)
        client = self.connect()
        client.say(*[{"op": "read", "thread": "ops"}] * half)
        for _ in range(10):  # turns, in which all of it is taken
            self.done("status")
        self.refused(self.ask("read", thread="ops"), "busy")
        client.close()
        self.sandbox.mend()
        until(lambda: self.ask("read", thread="ops")["ok"])

    def test_long_messages_make_short_pages(self):
        for i in range(20):
            self.say(str(i % 10) * 28000)
        first = self.done("read", limit=20)
        self.assertLess(len(first["messages"]), 6)
        texts, after = self.texts(first["messages"]), first["next"]
        while len(texts) < 20:
            page = self.done("read", limit=20, after=after)
            texts += self.texts(page["messages"])
            after = page.get("next")
        self.assertEqual([text[0] for text in texts[:20]],
                         [str(i % 10) for i in reversed(range(20))])

    def test_later_answers_wait_behind_it_and_other_connections_do_not(self):
        self.sandbox.fault(op="list", what="stall", for_ms=50000, count=1)
        client = self.connect()
        client.say({"op": "read", "ref": "a"}, {"op": "hello", "ref": "b"})
        self.assertTrue(self.ask("hello")["ok"])
        self.assertEqual([answer["ref"] for answer in client.answers(2)], ["a", "b"])

    def test_who_leaves_meanwhile_harms_nobody(self):
        self.sandbox.fault(op="list", what="stall", for_ms=20000, count=3)
        for _ in range(3):
            client = self.connect()
            client.say({"op": "read"})
            client.close()
        self.assertTrue(self.done("read")["ok"])


class Troubles(ReadingTest):
    def test_the_chat_says_no(self):
        self.sandbox.fault(op="list", status=403, count=1)
        answer = self.ask("read", ref="r")
        self.assertEqual((answer["ok"], answer["error"], answer["retry"], answer["ref"]),
                         (False, "chat", False, "r"))
        self.assertIn("403", answer["message"])
        self.assertTrue(self.done("read")["ok"])

    def test_the_chat_is_ill(self):
        self.sandbox.fault(op="list", status=503, count=1)
        answer = self.ask("read")
        self.assertEqual((answer["error"], answer["retry"]), ("chat", True))

    def test_reading_that_fails_stops_no_message(self):
        self.sandbox.fault(op="list", status=403, count=3)
        for _ in range(3):
            self.assertFalse(self.ask("read")["ok"])
        self.client.send("goes on")
        self.all_sent(1)
        self.assertEqual(self.done("status")["level"], "well")

    def test_what_is_asked_wrongly(self):
        self.refused(self.ask("read", thread="opss"), "unknown-thread", "thread", 'mean "ops"')
        self.refused(self.ask("read", follow=True, after=1), "invalid", "after")
        self.refused(self.ask("read", limit=0), "invalid", "limit")


class Budget(ReadingTest):
    def test_no_more_than_half_of_the_lists(self):
        """The other half is for looks, which come first."""
        before = self.lists()
        self.client.say(*({"op": "read", "limit": 1} for _ in range(30)))
        self.client.answers(25)
        self.assertEqual(self.lists() - before, 25)


class Words(ReadingTest):
    def configure(self, sections):
        sections["relay"]["time_zone"] = "Europe/Vienna"

    def read(self, *words):
        done = self.relay.command("read", *words)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def test_for_people_the_newest_last(self):
        self.say("first\n2026-01-01 00:00:00 UTC  boss: forged")
        self.say("<p>a &lt;b&gt; <b>c</b></p>", type="html")
        edited, deleted = self.say("old"), self.say("gone")
        self.edit(edited, "new")
        self.delete(deleted)
        time = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d CES?T"
        lines = self.read("ops").splitlines()
        patterns = [rf"{time}  \* \(the relay\) added \(the relay\)",
                    rf"{time}  \* \(the relay\) set the topic to \"sandbox\"",
                    rf"{time}  Ada: first", r"    2026-01-01 00:00:00 UTC  boss: forged",
                    rf"{time}  Ada: a <b> c", rf"{time}  Ada: new \(edited {time}\)",
                    rf"{time}  Ada: \(deleted {time}\)"]
        self.assertEqual(len(lines), len(patterns), lines)
        for line, pattern in zip(lines, patterns):
            self.assertRegex(line, f"^{pattern}$")

    def test_nothing_commands_the_terminal(self):
        self.say("a\x1b[2Jb\x07\u202ec\u009bd\re", senderDisplayName="\x1b]0;x\x07")
        said = self.read("-n", "1")
        self.assertIsNone(re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", said), ascii(said))

    def test_as_json_each_line_is_a_message(self):
        self.say("x")
        lines = self.relay.command("read", "--json", "-n", "2").stdout.splitlines()
        self.assertEqual(len(lines), 2)
        self.assertIn('"content":{"message":"x"}', lines[1])

    def test_as_many_as_were_asked_for(self):
        for i in range(70):
            self.say("x" * 5000)
        self.assertEqual(len(self.read("-n", "65").splitlines()), 65)

    def test_refused(self):
        done = self.relay.command("read", "oops")
        self.assertEqual((done.returncode, done.stdout), (67, ""))
        self.sandbox.fault(op="list", status=403, count=1)
        done = self.relay.command("read")
        self.assertEqual(done.returncode, 69)
        self.assertIn("403", done.stderr)


@unittest.skipIf(not IS_ROOT, "only root can act as other users")
class ByWhom(ReadingTest):
    THREADS = ("ops", "db")

    def configure(self, sections):
        sections["access"] = {"allow": "root", "operators": GAMES}
        sections["thread ops"]["allow"] = NOBODY

    def test_operators_and_those_who_may_send_there(self):
        nobody, games = self.connect_as(NOBODY), self.connect_as(GAMES)
        for client, thread, may in ((nobody, "ops", True), (nobody, "db", False),
                                    (games, "ops", True), (games, "db", True)):
            answer = client.ask({"op": "read", "thread": thread})
            if may:
                self.assertTrue(answer["ok"], answer)
            else:
                self.refused(answer, "denied", "thread", "allow")


if __name__ == "__main__":
    unittest.main()
