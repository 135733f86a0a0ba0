"""check: what the service itself says of tokens and threads."""

import datetime
import json
import unittest
import urllib.request

from reading import GAMES, IS_ROOT, NOBODY, ReadingTest, thread_id, until


class Check(ReadingTest):
    THREADS = ("ops", "db")

    def check(self, **fields):
        answer = self.done("check", **fields)
        return answer, {thread["thread"]: thread for thread in answer["threads"]}

    def remove_us(self, thread):
        """Another member makes us leave; we may still read."""
        with open(self.sandbox.token_file, encoding="utf-8") as file:
            token = file.read().strip()
        request = urllib.request.Request(
            self.sandbox.endpoint.rstrip("/") + "/chat/threads/" + thread_id(thread) +
            "/participants/:remove?api-version=2025-03-15",
            json.dumps({"communicationUser": {"id": "8:acs:sandbox_relay"}}).encode(),
            {"Authorization": "Bearer " + token, "Content-Type": "application/json"},
            method="POST")
        with urllib.request.urlopen(request, timeout=30) as answer:
            answer.read()

    def test_all_is_well(self):
        answer, threads = self.check(ref="r")
        self.assertEqual((set(threads), answer["ref"]), ({"ops", "db"}, "r"))
        ops = threads["ops"]
        self.assertEqual((ops["level"], ops["reads"], ops["sends"], ops["topic"], ops["creator"]),
                         ("well", True, True, "sandbox", "8:acs:sandbox_relay"))
        self.assertNotIn("deletes_at", ops)
        token = answer["tokens"][0]
        self.assertEqual((token["sender"], token["has_token"], token["renewed"]),
                         ("main", True, False))

    def test_a_token_that_the_chat_refuses(self):
        with open(self.sandbox.token_file, encoding="utf-8") as file:
            good = file.read()
        with open(self.sandbox.token_file, "w", encoding="utf-8") as file:
            file.write("not.a.token")
        token = self.check()[0]["tokens"][0]
        self.assertEqual((token["level"], token["has_token"]), ("act", False))
        self.assertEqual(token["reason"], "the chat refuses the one in " + self.sandbox.token_file)
        with open(self.sandbox.token_file, "w", encoding="utf-8") as file:
            file.write(good)
        token = self.check()[0]["tokens"][0]
        self.assertTrue(token["has_token"])
        self.assertNotIn("reason", token)

    def test_one_thread_and_one_sender(self):
        self.assertEqual(set(self.check(thread="db")[1]), {"db"})
        self.assertEqual(set(self.check(sender="main")[1]), {"ops", "db"})
        self.refused(self.ask("check", thread="opps"), "unknown-thread", "thread",
                     'there is no thread or sender "opps" in the settings; did you mean "ops"?')
        self.refused(self.ask("check", sender="x"), "invalid", "sender")

    def test_no_more_at_a_time_than_the_relay_can_compare(self):
        """Half of them for any one user."""
        most = 64
        stall = self.sandbox.fault(op="properties", what="stall", for_ms=100_000, count=1)
        client = self.connect()
        client.say(*[{"op": "check"}] * (most + 2))
        if IS_ROOT:
            until(lambda: self.sandbox.hits(stall) > 0)
            self.assertTrue(self.connect_as(GAMES).ask({"op": "check"})["ok"])
        answers = client.answers(most + 2)
        self.assertTrue(all(answer["ok"] for answer in answers[:most // 2]))
        for answer in answers[most // 2:]:
            self.refused(answer, "busy")
        self.check()

    def test_a_name_that_no_thread_has_may_be_a_senders(self):
        answer, threads = self.check(thread="main")
        self.assertEqual((set(threads), [t["sender"] for t in answer["tokens"]]),
                         ({"ops", "db"}, ["main"]))
        done = self.relay.command("check", "main")
        self.assertEqual(done.stdout.count("may be read and written to"), 2, done)

    def test_a_name_of_both_is_the_threads(self):
        self.relay.sections["thread main"] = dict(self.relay.sections["thread db"])
        self.relay.adopt()
        self.assertEqual(set(self.check(thread="main")[1]), {"main"})
        self.assertEqual(set(self.check(sender="main")[1]), {"ops", "db", "main"})

    def test_nothing_is_sent(self):
        self.check()
        self.assertEqual(self.sandbox.count(), 0)

    def test_a_thread_that_is_not_there(self):
        self.relay.sections["thread ops"]["id"] = "19:nowhere@thread.v2"
        self.relay.adopt()
        answer, threads = self.check()
        ops = threads["ops"]
        self.assertEqual((answer["level"], ops["level"], ops["http"], ops["reads"]),
                         ("act", "act", 404, False))
        self.assertIn("404", ops["reason"])
        self.assertEqual(threads["db"]["level"], "well")
        self.relay.logged(r"\[thread ops\] 404")

    def test_we_were_removed_and_may_still_read(self):
        self.remove_us("ops")
        ops = self.check()[1]["ops"]
        self.assertEqual((ops["level"], ops["sends"]), ("act", False), ops)

    def test_who_is_asked_while_it_looks_gets_a_look_of_their_own(self):
        self.sandbox.fault(op="properties", what="stall", for_ms=30000, count=1)
        one, two = self.connect(), self.connect()
        one.say({"op": "check", "thread": "ops"})
        two.say({"op": "check", "thread": "ops"})
        self.assertEqual([c.answer()["threads"][0]["level"] for c in (one, two)], ["well", "well"])

    def test_pages_that_lead_in_a_circle_end(self):
        path = f"/chat/threads/{thread_id('ops')}/participants?api-version=2025-03-15&maxPageSize="
        for page in "121":
            text = json.dumps({"value": [], "nextLink": path + page})
            self.sandbox.fault(op="participants", status=200, text=text)
        ops = self.check(thread="ops")[1]["ops"]
        self.assertEqual((ops["level"], ops["sends"]), ("act", False))

    def test_a_look_that_the_end_breaks_off_says_nothing_of_the_thread(self):
        fault = self.sandbox.fault(op="properties", what="stall", count=0)
        self.connect().say({"op": "check", "thread": "ops"})
        until(lambda: self.sandbox.hits(fault))
        self.relay.stop()
        self.assertNotIn("[thread ops]", self.relay.log())

    def test_the_service_is_ill(self):
        self.sandbox.fault(op="properties", status=503, count=1)
        ops = self.check(thread="ops")[1]["ops"]
        self.assertEqual((ops["level"], ops["http"]), ("look", 503))
        self.assertNotIn("reads", ops)

    def test_what_was_known_stays_while_the_service_is_ill(self):
        for op in ("properties", "participants"):
            with self.subTest(op=op):
                before = self.check(thread="ops")[1]["ops"]
                self.sandbox.fault(op=op, status=503, count=1)
                ops = self.check(thread="ops")[1]["ops"]
                self.assertEqual((ops["level"], ops.pop("http")), ("look", 503))
                self.assertIn("503", ops.pop("reason"))
                self.assertEqual(dict(ops, level="well"), before)
        last = self.check(thread="ops")[1]["ops"]
        self.assertEqual(last["level"], "well", last)

    def test_a_refusal_makes_us_look_why(self):
        self.remove_us("ops")
        self.client.send("x", to="ops")
        self.relay.logged(r"\[thread ops\] .*(403|no participant)")


class Retention(ReadingTest):
    def create(self, days):
        """A thread of ours that deletes itself."""
        with open(self.sandbox.token_file, encoding="utf-8") as file:
            token = file.read().strip()
        body = {"topic": "short", "participants": [],
                "retentionPolicy": {"kind": "threadCreationDate", "deleteThreadAfterDays": days}}
        request = urllib.request.Request(
            self.sandbox.endpoint.rstrip("/") + "/chat/threads?api-version=2025-03-15",
            json.dumps(body).encode(),
            {"Authorization": "Bearer " + token, "Content-Type": "application/json"}, method="POST")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())["chatThread"]["id"]

    def test_a_policy_that_takes_the_thread_away(self):
        self.relay.sections["thread ops"]["id"] = self.create(90)
        self.relay.adopt()
        ops = self.done("check")["threads"][0]
        self.assertEqual(ops["retention"],
                         {"kind": "threadCreationDate", "deleteThreadAfterDays": 90})
        left = ops["deletes_at"] / 1000 - datetime.datetime.now().timestamp()
        self.assertAlmostEqual(left / 86400, 90, delta=0.1)
        self.assertEqual(ops["level"], "well")
        shown = self.done("threads")["threads"][0]
        self.assertEqual(shown["deletes_at"], ops["deletes_at"])


    def say_of_itself(self, days_old, policy):
        created = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=days_old)
        body = {"id": "19:ops@thread.v2", "topic": "t", "retentionPolicy": policy,
                "createdOn": created.strftime("%Y-%m-%dT%H:%M:%SZ")}
        self.sandbox.fault(op="properties", status=200, text=json.dumps(body), count=1)
        return self.done("check")["threads"][0]

    def test_it_is_warned_of_before_it_happens(self):
        policy = {"kind": "threadCreationDate", "deleteThreadAfterDays": 90}
        self.assertEqual(self.say_of_itself(70, policy)["level"], "well")
        self.assertEqual(self.say_of_itself(80, policy)["level"], "look")
        self.relay.logged(r"\[thread ops\] deletes itself in (9 d 23 h|10 d)")
        self.assertEqual(self.done("status")["level"], "look")
        self.assertEqual(self.relay.command("status").returncode, 1)
        self.assertEqual(self.say_of_itself(88, policy)["level"], "act")

    def test_kinds_that_nobody_knows_are_kept_as_they_are(self):
        policy = {"kind": "lastMessage", "afterMoons": 3}
        ops = self.say_of_itself(80, policy)
        self.assertEqual((ops["retention"], ops["level"]), (policy, "well"))
        self.assertEqual(self.say_of_itself(80, {"kind": "none"})["level"], "well")


class Words(ReadingTest):
    def test_the_command(self):
        done = self.relay.command("check", "ops")
        self.assertRegex(done.stdout, r"(?m)^(look|well|act) +token of main: read \d.* ago, dies in .*, "
                                      r"and nobody renews it$")
        self.assertRegex(done.stdout, r"(?m)^well +ops: may be read and written to, \"sandbox\", made "
                                      r".* by 8:acs:sandbox_relay$")
        self.assertIn(done.returncode, (0, 1, 2))
        self.relay.sections["thread ops"]["id"] = "19:nowhere@thread.v2"
        self.relay.adopt()
        done = self.relay.command("check", "ops")
        self.assertEqual(done.returncode, 2)
        self.assertIn("act   ops: refuses us: 404", done.stdout)
        self.assertEqual(self.relay.command("check", "nope").returncode, 67)


@unittest.skipIf(not IS_ROOT, "only root can act as other users")
class ByWhom(ReadingTest):
    THREADS = ("ops", "db")

    def configure(self, sections):
        sections["access"] = {"allow": "root", "operators": GAMES}
        sections["thread ops"]["allow"] = NOBODY

    def test_others_see_the_threads_they_may_send_to_and_no_token(self):
        nobody, games = self.connect_as(NOBODY), self.connect_as(GAMES)
        answer = nobody.ask({"op": "check"})
        self.assertEqual(([t["thread"] for t in answer["threads"]], "tokens" in answer),
                         (["ops"], False))
        self.refused(nobody.ask({"op": "check", "thread": "db"}), "denied", "thread")
        answer = games.ask({"op": "check"})
        self.assertEqual((len(answer["threads"]), len(answer["tokens"])), (2, 1))
        until(lambda: True)


if __name__ == "__main__":
    unittest.main()
