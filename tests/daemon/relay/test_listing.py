"""The operations list, show and stats."""

import time
import unittest

from harness import RelayTest


class List(RelayTest):
    THREADS = ("ops", "backup")

    def configure(self, sections):
        sections["relay"]["default_thread"] = "ops"

    def ids(self, client, **fields):
        answer = client.ask({"op": "list", **fields})
        self.assertTrue(answer["ok"], answer)
        return [message["id"] for message in answer["messages"]]

    def pages(self, client, **fields):
        """The ids of each page up to the last."""
        pages, after = [], {}
        while True:
            answer = client.ask({"op": "list", **fields, **after})
            pages.append([message["id"] for message in answer["messages"]])
            if "next" not in answer:
                return pages
            after = {"after": answer["next"]}

    def test_filters(self):
        client = self.connect()
        client.say({"content": "a", "at": "+1h"}, {"content": "b", "to": "backup", "at": "+1h"},
                   {"content": "c", "priority": "urgent", "at": "+1h"},
                   {"content": "d", "priority": "bulk", "to": "backup"})
        client.answers(4)
        client.wait()
        self.assertEqual(self.ids(client), [1, 2, 3, 4])
        self.assertEqual(self.ids(client, thread="backup"), [2, 4])
        self.assertEqual(self.ids(client, state="scheduled"), [1, 2, 3])
        self.assertEqual(self.ids(client, state="sent"), [4])
        self.assertEqual(self.ids(client, state="dead"), [])
        self.assertEqual(self.ids(client, priority="urgent"), [3])
        self.assertEqual(self.ids(client, priority="normal", thread="ops"), [1])
        self.assertEqual(self.ids(client, user="root"), [1, 2, 3, 4])
        self.assertEqual(self.ids(client, user="0", state="sent", thread="ops"), [])
        self.assertEqual(self.ids(client, user="nobody"), [])
        self.assertEqual(self.ids(client, older_than="1h"), [])
        self.assertEqual(self.ids(client, older_than="0s"), [1, 2, 3, 4])

    def test_pages(self):
        client = self.connect()
        client.say(*[{"content": "x", "at": "+1h", "to": ("ops", "backup")[i % 2]}
                     for i in range(250)])
        client.answers(250)
        everything = list(range(1, 251))
        self.assertEqual([len(page) for page in self.pages(client)], [100, 100, 50])
        for limit in (1, 7, 250, 1000):
            pages = self.pages(client, limit=limit)
            self.assertEqual(sum(pages, []), everything)
            self.assertLessEqual(max(len(page) for page in pages), limit)
        self.assertEqual(sum(self.pages(client, thread="backup", limit=9), []), everything[1::2])
        self.assertEqual(self.ids(client, after=248), [249, 250])
        self.assertNotIn("next", client.ask({"op": "list", "limit": 2, "after": 248}))
        self.assertNotIn("next", client.ask({"op": "list", "thread": "backup", "limit": 125}))
        self.assertNotIn("next", client.ask({"op": "threads", "limit": 2}))
        self.assertNotIn("next", client.ask({"op": "hold", "after": 248, "limit": 2}))
        self.assertEqual(self.ids(client, after=999), [])

    def test_the_last_page_of_the_log_says_so(self):
        client = self.connect()
        client.say({"content": "a"}, {"content": "b", "to": "backup"}, {"content": "c", "to": "backup"})
        client.answers(3)
        for number in (1, 2, 3):
            client.wait(id=number)
        self.assertIn("next", client.ask({"op": "log", "limit": 2}))
        self.assertNotIn("next", client.ask({"op": "log", "limit": 3}))
        for thread, count in (("ops", 1), ("backup", 2)):
            answer, events = {"next": None}, []
            while "next" in answer:
                after = {"after": answer["next"]} if answer["next"] else {}
                answer = client.ask({"op": "log", "thread": thread, "limit": 2, **after})
                self.assertTrue(answer["events"], "a page behind which nothing is has no next")
                events += answer["events"]
            self.assertEqual(len(events), count)

    def test_pages_of_large_messages_are_short(self):
        client = self.connect()
        client.say(*[{"content": "x" * 28000, "at": "+1h"}] * 20)
        client.answers(20)
        pages = self.pages(client)
        self.assertEqual(sum(pages, []), list(range(1, 21)))
        self.assertGreater(len(pages), 2)

    def test_what_a_row_tells(self):
        client = self.connect()
        began_ms = time.time() * 1000
        client.send("disk full ä", to="backup", priority="bulk", at="+1h")
        row, = client.ask({"op": "list"})["messages"]
        self.assertLess(abs(row.pop("accepted_at") - began_ms), 60_000)
        self.assertEqual(row, {"id": 1, "thread": "backup", "state": "scheduled",
                               "priority": "bulk", "user": "root", "size": 12,
                               "content": "disk full ä"})


class Show(RelayTest):
    def test_all_of_a_message_and_its_attempts(self):
        self.sandbox.fault(op="send", status=429, retry_after_ms=20,
                           retry_after_form="x-ms-retry-after-ms")
        client = self.connect()
        client.send("one", type="html", senderDisplayName="db01", metadata={"a": "b"}, ttl="1h",
                    once="k", at="+0s")
        client.wait()
        message = client.ask({"op": "show", "id": 1})
        self.assertEqual({name: message[name] for name in (
            "thread", "state", "type", "content", "senderDisplayName", "metadata", "once", "uid",
            "user", "attempts", "priority", "size")},
            {"thread": "ops", "state": "sent", "type": "html", "content": "one",
             "senderDisplayName": "db01", "metadata": {"a": "b"}, "once": "k", "uid": 0,
             "user": "root", "attempts": 2, "priority": "normal", "size": 3})
        self.assertEqual(message["remote_id"], self.sandbox.ledger()[0]["id"])
        self.assertEqual(message["expires_at"], message["accepted_at"] + 3_600_000)
        self.assertGreaterEqual(message["ended_at"], message["accepted_at"])
        refused, sent = message["log"]
        self.assertEqual((refused["number"], refused["outcome"], refused["http"], refused["code"],
                          refused["wait_ms"]), (1, "refused", 429, "TooManyRequests", 20))
        self.assertEqual((sent["number"], sent["outcome"], sent["http"]), (2, "sent", 201))
        self.assertGreaterEqual(sent["began_at"], refused["ended_at"] + 18)
        self.assertTrue(sent["cv"])
        self.assertNotIn("doubted_at", message)

    def test_stats_count_by_thread_and_state(self):
        client = self.connect()
        self.sandbox.fault(op="send", status=413)
        client.say({"content": "a"}, {"content": "b"}, {"content": "c", "at": "+1h"})
        client.answers(3)
        client.wait(id=2)
        answer = client.ask({"op": "stats", "ref": "r"})
        self.assertEqual(set(answer.pop("longest_turn")), {"cpu_ms", "write_ms"})
        counts = {"dead": 1, "sent": 1, "scheduled": 1}
        self.assertEqual(answer, {"ok": True, "threads": {"ops": counts}, "totals": counts,
                                  "under_way": 0, "ref": "r"})


if __name__ == "__main__":
    unittest.main()
