"""A damaged outbox: everything on pages that are whole is saved, and nothing is made up.

Where a message lies is found out here by reading the file on our own, after
https://sqlite.org/fileformat2.html.
"""

import os
import random
import shutil
import sqlite3
import subprocess
import unittest

from harness import ENVIRONMENT, PATIENCE, RelayTest, until

PAGE = 4096
SEEDS = range(int(os.environ.get("CHATRELAY_SEEDS", "12")))


def varint(page, at):
    number = 0
    for i in range(9):
        byte = page[at + i]
        if i == 8:
            return number << 8 | byte, at + 9
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            return number, at + i + 1
    raise AssertionError


def rows_of(pages):
    """(page, rowid, the pages that the row is on) of every row of every table with rowids."""
    for number, page in enumerate(pages[1:], 2):
        if page[0] != 0x0D:
            continue
        for i in range(int.from_bytes(page[3:5], "big")):
            at = int.from_bytes(page[8 + 2 * i:10 + 2 * i], "big")
            size, at = varint(page, at)
            rowid, at = varint(page, at)
            on = [number]
            if size > PAGE - 35:
                local = 489 + (size - 489) % (PAGE - 4)
                at += local if local <= PAGE - 35 else 489
                following = int.from_bytes(page[at:at + 4], "big")
                while following:
                    on.append(following)
                    following = int.from_bytes(pages[following - 1][:4], "big")
            yield number, rowid, on


class Salvage(RelayTest):
    THREADS = ("ops", "db")

    def configure(self, sections):
        sections["relay"]["default_thread"] = "ops"

    def salvage(self, old, new):
        return subprocess.run([os.environ["CHATRELAYD"], "--salvage", old, new], timeout=PATIENCE,
                              capture_output=True, text=True, check=False, env=ENVIRONMENT)

    def fill(self, waiting=400):
        """Some of everything; the relay ends like a crash, so a part is in its log."""
        client = self.connect()
        client.say(*[{"content": f"sent {n}", "to": "db", "metadata": {"n": str(n)}}
                     for n in range(60)])
        client.answers(60)
        self.all_sent(60)
        fault = self.sandbox.fault(op="send", status=503, count=0)
        client.say(*[{"content": f"waits {n} " + "é" * (n * 97 % 9000), "once": f"k{n}",
                      "priority": ("urgent", "normal", "bulk")[n % 3]} for n in range(waiting)])
        client.answers(waiting)
        client.say(*[{"content": f"later {n}", "at": "+1h", "to": "db"} for n in range(100)])
        client.answers(100)
        until(lambda: self.sandbox.hits(fault) > 2)

    def table(self, path, query):
        with sqlite3.connect(path) as database:
            rows = database.execute(query).fetchall()
        database.close()
        return rows

    def messages(self, path):
        """By id; without what the rescue may change: attempts, who is in line."""
        with sqlite3.connect(path) as database:
            database.row_factory = sqlite3.Row
            rows = {row["id"]: dict(row) for row in database.execute("SELECT * FROM message")}
        database.close()
        for row in rows.values():
            for name in ("attempts", "first_attempt", "in_line"):
                row.pop(name)
        return rows

    def whole(self, path):
        """A filled outbox as one file, and what is in it."""
        self.fill()
        self.relay.stop()
        shutil.copy(self.relay.outbox_path, path)
        return self.messages(path)

    def damage(self, pages, dice):
        """A few pages of noise of some kind. Returns their numbers.

        A part of a page is overwritten with what is no text: a text that ends in other letters
        than before is a text.
        """
        kind = dice.choice(("zeros", "ones", "noise", "sector"))
        hit = set(dice.sample(range(1, len(pages) + 1), dice.choice((1, 3, 10, 40))))
        if dice.random() < 0.3:
            hit.add(1)
        for number in hit:
            start, length = (dice.randrange(8) * 512, 512) if kind == "sector" else (0, PAGE)
            random = dice.randbytes(length)
            noise = {"zeros": bytes(length), "ones": b"\xff" * length,
                     "sector": bytes(0x80 | byte & 0x3f for byte in random)}.get(kind, random)
            page = bytearray(pages[number - 1])
            page[start:start + length] = noise
            pages[number - 1] = bytes(page)
        return hit

    def check_attempts(self, path):
        firsts = self.table(path, "SELECT message, id FROM attempt WHERE number = 1")
        known = self.table(path, "SELECT id, first_attempt FROM message"
                                 " WHERE first_attempt IS NOT NULL")
        self.assertEqual(sorted(known), sorted(firsts))

    def check_books(self, path):
        counted = self.table(path, "SELECT lane, uid, state, count(*), sum(content_bytes)"
                                   " FROM message WHERE state <> 1 GROUP BY 1, 2, 3 UNION ALL"
                                   " SELECT lane, uid, 8, count(*), sum(content_bytes)"
                                   " FROM message GROUP BY 1, 2 ORDER BY 1, 2, 3")
        booked = self.table(path, "SELECT lane, uid, state, messages, bytes FROM tally"
                                  " ORDER BY 1, 2, 3")
        self.assertEqual(booked, counted)

    def test_what_is_on_whole_pages_is_saved_and_nothing_is_made_up(self):
        good = os.path.join(self.folder, "good.db")
        before = self.whole(good)
        with open(good, "rb") as file:
            content = file.read()
        original = [content[i:i + PAGE] for i in range(0, len(content), PAGE)]
        columns = dict(self.table(good, "SELECT name, rootpage FROM sqlite_schema"))
        self.assertIn("message", columns)
        places = {rowid: on for _, rowid, on in rows_of(original) if rowid in before
                  and self.is_message(original, on[0])}
        self.assertEqual(set(places), set(before))
        for seed in SEEDS:
            with self.subTest(seed=seed):
                self.one_damage(original, before, places, random.Random(seed))

    def is_message(self, pages, number):
        """Of all tables with rowids only messages have so large a record header."""
        page = pages[number - 1]
        at = int.from_bytes(page[8:10], "big")
        _, at = varint(page, at)
        _, at = varint(page, at)
        return varint(page, at)[0] > 20

    def one_damage(self, original, before, places, dice):
        old, new = (os.path.join(self.folder, name) for name in ("old.db", "new.db"))
        pages = list(original)
        hit = self.damage(pages, dice)
        with open(old, "wb") as file:
            file.write(b"".join(pages))
        end = self.salvage(old, new)
        self.assertEqual((end.returncode, end.stderr), (0, ""), end)
        with open(old, "rb") as file:
            self.assertEqual(file.read(), b"".join(pages), "OLD was touched")
        after = self.messages(new)
        for number, row in after.items():
            self.assertEqual(row, before.get(number))
        expected = {number for number, on in places.items() if not hit & set(on)}
        self.assertLessEqual(expected, set(after))
        for table in ("attempt", "doubt"):
            columns = "*" if table == "attempt" else "message, number, doubted_at, began_at, cv"
            rows = [set(self.table(path, f"SELECT {columns} FROM {table}"))
                    for path in (os.path.join(self.folder, "good.db"), new)]
            self.assertLessEqual(rows[1], rows[0])
        self.assertEqual(self.table(new, "PRAGMA integrity_check"), [("ok",)])
        self.check_books(new)
        self.check_attempts(new)
        self.assertRegex(end.stdout, rf"(?m)^all +{len(after)} saved")
        self.assertEqual(sorted(os.listdir(self.folder)).count("new.db.part"), 0)
        os.unlink(new)

    def test_a_relay_goes_on_with_what_was_saved(self):
        self.fill(waiting=60)
        self.relay.stop()
        old = self.relay.outbox_path
        size = os.path.getsize(old)
        with open(old, "r+b") as file:
            file.write(b"\0" * PAGE)  # it cannot even be opened
        self.relay.launch()
        self.assertEqual(self.relay.process.wait(PATIENCE), 69)
        self.relay.logged(r"outbox\.db is damaged .*chatrelayd --salvage OLD NEW")
        new = os.path.join(self.folder, "new.db")
        end = self.salvage(old, new)
        self.assertEqual(end.returncode, 0, end)
        self.assertRegex(end.stdout, r"(?m)^scheduled +100 saved$")
        self.assertRegex(end.stdout, r"(?m)^all +220 saved, 0 lost$")
        self.assertEqual(os.path.getsize(old), size)
        self.relay.outbox_path = new
        self.relay.sections["relay"]["outbox"] = new
        self.relay.write_config()
        self.sandbox.mend()
        self.relay.start()
        self.all_sent(60, "ops")
        client = self.connect()
        self.assertTrue(client.ask({"op": "audit"})["balanced"])
        self.assertGreater(client.send("new"), 220)
        client.wait()
        contents = self.sandbox.contents()
        self.assertEqual(len(contents), len(set(contents)))
        self.assertEqual(len(contents), 121)

    def test_the_log_of_a_crash_counts(self):
        self.fill()
        self.relay.kill()
        log = self.relay.outbox_path + "-wal"
        with open(log, "rb") as file:
            before = file.read()
        self.assertGreater(len(before), 100 * PAGE)
        new = os.path.join(self.folder, "new.db")
        end = self.salvage(self.relay.outbox_path, new)
        self.assertRegex(end.stdout, r"(?m)^all +560 saved, 0 lost$")
        with open(log, "rb") as file:
            self.assertEqual(file.read(), before)

    def test_an_outbox_without_a_message_is_one(self):
        self.relay.stop()
        new = os.path.join(self.folder, "new.db")
        end = self.salvage(self.relay.outbox_path, new)
        self.assertEqual((end.returncode, end.stderr), (0, ""))
        self.assertRegex(end.stdout, r"(?m)^all +0 saved, 0 lost$")

    def refuse_foreign(self, content, new):
        """What is no outbox at all makes none."""
        other = os.path.join(self.folder, "other")
        with open(other, "wb") as file:
            file.write(content)
        end = self.salvage(other, new)
        self.assertEqual((end.returncode, end.stdout), (69, ""), end)
        self.assertRegex(end.stderr, r"nothing in .*other is of an outbox")
        self.assertEqual([name for name in os.listdir(self.folder) if "new.db" in name], [])

    def test_what_it_refuses(self):
        self.connect().send("x", at="+1h")
        new = os.path.join(self.folder, "new.db")
        end = self.salvage(self.relay.outbox_path, new)
        self.assertEqual(end.returncode, 69)
        self.assertRegex(end.stderr, rf"outbox\.db is in use by process {self.relay.process.pid}")
        self.relay.stop()
        end = self.salvage(os.path.join(self.folder, "nowhere"), new)
        self.assertRegex(end.stderr, r"cannot read .*nowhere: No such file")
        self.assertFalse(os.path.exists(new))
        for foreign in (b"", b"root:x:0:0:root:/root:/bin/bash\n" * 40, bytes(3 * PAGE)):
            self.refuse_foreign(foreign, new)
        with open(new, "w", encoding="ascii") as file:
            file.write("precious")
        end = self.salvage(self.relay.outbox_path, new)
        self.assertRegex(end.stderr, r"new\.db is there already")
        with open(new, encoding="ascii") as file:
            self.assertEqual(file.read(), "precious")
        end = subprocess.run([os.environ["CHATRELAYD"], "--salvage", "one"], capture_output=True,
                             text=True, timeout=PATIENCE, check=False)
        self.assertEqual(end.returncode, 64)
        self.assertRegex(end.stderr, "takes two files")


if __name__ == "__main__":
    unittest.main()
