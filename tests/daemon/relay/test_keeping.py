"""For years: old messages go, a copy is not sent twice, names and databases change."""

import os
import shutil
import socket
import sqlite3
import unittest

from harness import PATIENCE, WITH_SOCKET, RelayTest, thread_id, until


class Retention(RelayTest):
    def configure(self, sections):
        sections["relay"].update(keep_content="300ms", keep_record="300ms", once_window="1ms")

    def gone(self, client, number):
        return client.ask({"op": "show", "id": number}).get("error") == "not-found"

    def test_content_is_wiped_and_the_record_stays(self):
        self.relay.sections["relay"]["keep_record"] = "400d"
        self.relay.adopt()
        client = self.connect()
        client.send("the canary sings", metadata={"k": "the canary too"})
        client.wait()
        waiting = client.send("later", at="+1h")
        answer = until(lambda: (a := client.ask({"op": "show", "id": 1})) and "content" not in a and a)
        self.assertEqual((answer["state"], answer["size"]), ("sent", 16))
        self.assertEqual(len(answer["log"]), 1)
        self.assertEqual(client.ask({"op": "show", "id": waiting})["content"], "later")
        self.relay.stop()
        for name in os.listdir(self.folder):
            if name.startswith("outbox"):
                with open(os.path.join(self.folder, name), "rb") as file:
                    self.assertNotIn(b"canary", file.read(), name)

    def test_records_go_and_the_books_balance(self):
        client = self.connect()
        for number in range(20):
            client.send(f"m{number}")
        client.wait()
        pending = client.send("later", at="+1h")
        until(lambda: self.gone(client, 20) and self.gone(client, 1))
        self.assertEqual(client.ask({"op": "show", "id": pending})["state"], "scheduled")
        audit = client.ask({"op": "audit"})
        self.assertTrue(audit["balanced"], audit)
        self.assertEqual((audit["rows"], audit["purged"], audit["booked"]["sent"]), (1, 20, 20))
        self.assertEqual(client.ask({"op": "stats"})["totals"]["sent"], 20)
        self.assertEqual(client.send("next"), 22)
        self.relay.stop()
        self.assertEqual(self.relay.rows("SELECT count(*) FROM attempt WHERE message < 21"), [(0,)])

    def test_it_goes_on_while_there_is_work_and_after_a_crash(self):
        client = self.connect()
        for number in range(50):
            client.send(f"m{number}")
        client.wait()
        self.relay.restart()
        client = self.connect()
        until(lambda: client.send("x") and self.gone(client, 50) and self.gone(client, 1))

    def test_a_big_file_shrinks(self):
        client = self.connect()
        client.say(*[{"content": "x" * 20000}] * 500)
        client.answers(500)
        self.all_sent(500)
        until(lambda: os.path.getsize(self.relay.outbox_path) > 10_000_000 or self.gone(client, 500))
        until(lambda: self.gone(client, 500))
        until(lambda: os.path.getsize(self.relay.outbox_path) < 3_000_000)


class Copy(RelayTest):
    """A database that somebody else has gone on with."""

    THREADS = ("ops", "db")

    def configure(self, sections):
        sections["relay"]["default_thread"] = "ops"

    def set_machine(self, name):
        with sqlite3.connect(self.relay.outbox_path) as database:
            database.execute("UPDATE note SET text = ? WHERE name = 'machine_id'", (name,))
        database.close()

    def prepare(self, count):
        """A backup with waiting messages, all of which were sent after it was made."""
        client = self.connect()
        first = client.send("before")
        client.wait(id=first)
        fault = self.sandbox.fault(op="send", status=503, count=0)
        for number in range(count):
            client.send(f"m{number}")
        until(lambda: self.sandbox.hits(fault))
        self.relay.stop()
        shutil.copy(self.relay.outbox_path, self.relay.outbox_path + ".kept")
        self.sandbox.mend()
        self.relay.start()
        self.assertEqual(len(self.all_sent(count + 1)), count + 1)
        self.relay.stop()
        shutil.copy(self.relay.outbox_path + ".kept", self.relay.outbox_path)

    def all_found(self, count):
        client = self.connect()
        after = client.send("after")
        self.assertEqual(client.wait(id=after)["state"], "sent")
        self.assertEqual(self.sandbox.contents(),
                         ["before"] + [f"m{number}" for number in range(count)] + ["after"])
        self.assertTrue(client.ask({"op": "audit"})["balanced"])

    def test_a_backup_sends_nothing_twice(self):
        self.prepare(10)
        self.start_after_restore()
        self.all_found(10)
        self.assertIn("is a copy or a backup", self.relay.log())

    def test_a_backup_with_much_in_it_takes_few_lists(self):
        self.prepare(600)
        lists = self.sandbox.fault(op="list", what="stall", for_ms=1, count=0)
        self.start_after_restore()
        self.all_found(600)
        self.assertLessEqual(self.sandbox.hits(lists), 6, "four pages, once or twice")

    def start_after_restore(self):
        self.relay.start("/bin/sh", "-c", 'exec "$0" "$@" --after-restore')

    def test_a_copy_from_another_machine_sends_nothing_twice(self):
        self.prepare(10)
        self.set_machine("0123")
        self.relay.start()
        self.all_found(10)
        times = self.relay.log().count("is a copy or a backup")
        self.relay.restart()
        self.connect().ask({"op": "hello"})
        self.assertEqual(self.relay.log().count("is a copy or a backup"), times)

    def test_what_was_never_sent_is_sent_once(self):
        client = self.connect()
        fault = self.sandbox.fault(op="send", status=503, count=0)
        for number in range(5):
            client.send(f"m{number}", to="ops")
            client.send(f"n{number}", to="db")
        until(lambda: self.sandbox.hits(fault))
        self.relay.stop()
        self.sandbox.mend()
        self.start_after_restore()
        self.assertEqual(self.all_sent(5, "ops"), [f"m{number}" for number in range(5)])
        self.assertEqual(self.all_sent(5, "db"), [f"n{number}" for number in range(5)])
        self.relay.stop()
        self.assertEqual(self.relay.rows("SELECT count(*) FROM message WHERE state = 3"), [(10,)])

    def test_as_long_as_nobody_can_look_nothing_is_sent(self):
        self.prepare(3)
        fault = self.sandbox.fault(op="list", status=503, count=0)
        self.start_after_restore()
        until(lambda: self.sandbox.hits(fault) > 2)
        self.relay.restart()  # without the option: it is written down
        hits = self.sandbox.hits(fault)
        until(lambda: self.sandbox.hits(fault) > hits)
        self.assertEqual(self.sandbox.count(), 4)
        self.sandbox.mend()
        self.all_found(3)


class Names(RelayTest):
    THREADS = ("ops", "db")

    def rename(self, old, new, **settings):
        sections = self.relay.sections
        sections["thread " + new] = dict(sections.pop("thread " + old), was=old, **settings)

    def hold_back(self, client, contents, **fields):
        fault = self.sandbox.fault(op="send", status=503, count=0)
        for content in contents:
            client.send(content, **fields)
        until(lambda: self.sandbox.hits(fault))

    def test_messages_of_a_removed_thread_wait_and_say_why(self):
        client = self.connect()
        self.hold_back(client, ["a", "b"], to="db")
        settings = self.relay.sections.pop("thread db")
        self.relay.adopt()
        self.sandbox.mend()
        client.send("c", to="ops")
        client.wait()
        answer = client.ask({"op": "show", "id": 1})
        self.assertEqual((answer["state"], answer["reason"]), ("pending", "no such thread"))
        reasons = [m.get("reason") for m in client.ask({"op": "list"})["messages"]]
        self.assertEqual(reasons, ["no such thread", "no such thread", None])
        self.relay.restart()
        self.relay.sections["thread db"] = settings
        self.relay.adopt()
        self.assertEqual(self.all_sent(2, "db"), ["a", "b"])

    def test_a_thread_is_renamed_by_a_reload(self):
        client = self.connect()
        self.hold_back(client, ["a", "b", "c"], to="db")
        client.send("later", to="db", at="+1h")
        self.rename("db", "database")
        self.relay.adopt()
        self.assertEqual(client.ask({"op": "show", "id": 2})["thread"], "database")
        self.assertEqual(client.ask({"op": "show", "id": 4})["thread"], "database")
        client.send("d", to="database")
        self.sandbox.mend()
        self.assertEqual(self.all_sent(4, "db"), ["a", "b", "c", "d"])
        self.relay.logged(r"thread=database .*status=sent")

    def test_a_thread_is_renamed_by_a_restart(self):
        client = self.connect()
        self.hold_back(client, ["a", "b"], to="db")
        self.relay.kill()
        self.sandbox.mend()
        self.rename("db", "database")
        self.relay.write_config()
        self.relay.start()
        self.assertEqual(self.all_sent(2, "db"), ["a", "b"])

    def test_a_thread_goes_up_in_another(self):
        client = self.connect()
        self.hold_back(client, ["a", "b"], to="db")
        client.send("o", to="ops")
        client.send("c", to="db")
        later = client.send("later", to="db", at="+1h")
        del self.relay.sections["thread db"]
        self.relay.sections["thread ops"]["was"] = "db"
        self.relay.adopt()
        client.ask({"op": "hello"})
        self.sandbox.mend()
        self.assertEqual(self.all_sent(4, "ops"), ["a", "b", "o", "c"])
        self.assertEqual(client.ask({"op": "show", "id": later})["thread"], "ops")
        self.assertTrue(client.ask({"op": "audit"})["balanced"])

    def test_what_is_under_way_comes_home_first(self):
        client = self.connect()
        fault = self.sandbox.fault(op="send", what="stall", stored=True, for_ms=50_000)
        client.send("a", to="db")
        client.send("b", to="db")
        until(lambda: self.sandbox.hits(fault))
        del self.relay.sections["thread db"]
        self.relay.sections["thread ops"].update(was="db", id=thread_id("db"))
        self.relay.adopt()
        self.assertEqual(self.all_sent(2, "db"), ["a", "b"])
        until(lambda: client.ask({"op": "show", "id": 2})["state"] == "sent")
        self.assertTrue(client.ask({"op": "audit"})["balanced"])


class Damage(RelayTest):
    def test_damage_that_is_met_while_it_runs_ends_it_with_a_sentence(self):
        client = self.connect()
        client.say(*[{"content": "x" * 3000, "at": "+1h"}] * 400)
        client.answers(400)
        self.relay.stop()
        with open(self.relay.outbox_path, "r+b") as file:
            for page in range(100, 400):
                file.seek(page * 4096)
                file.write(b"\xff" * 4096)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self.relay.socket_path)
            listener.listen()
            client = self.connect()
            client.say({"op": "status"})
            self.relay.launch(*WITH_SOCKET, stdin=listener)
            self.refused(client.answer(), "down", None, "outbox is damaged")
        self.assertEqual(self.relay.process.wait(PATIENCE), 69)
        self.relay.logged(r"outbox\.db is damaged .*chatrelayd --salvage OLD NEW")
        self.assertNotIn("opening the outbox anew", self.relay.log())


if __name__ == "__main__":
    unittest.main()
