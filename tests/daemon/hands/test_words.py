"""why: the cause as data, and in words."""

import json
import os
import unittest

from hands import HandsTest, thread_id, until


class Why(HandsTest):
    THREADS = ("ops", "db")

    def configure(self, sections):
        for name in self.THREADS:
            sections["thread " + name]["backoff"] = "10min..1h"
        sections["sender main"]["backoff"] = "10s..1min"
        sections["thread ops"]["settle"] = "10min"

    def why(self, *words):
        done = self.relay.command("why", *map(str, words))
        self.assertEqual(done.returncode, 0, done)
        return done.stdout

    def refused_with(self, status, thread="db", **fields):
        self.sandbox.fault(op="send", thread=thread_id(thread), status=status, count=0, **fields)
        message = self.client.send("x", to=thread)
        self.relay.logged(rf"thread={thread} .*http={status}")
        return message

    def test_not_a_participant(self):
        first = self.refused_with(403)
        second = self.client.send("y", to="db")
        said = self.why(second)
        self.assertRegex(said, rf"^{second} to db, from root, accepted .* UTC, worthless after .*\.\n"
                               r"It waits because db refuses us since .* \(403, once\): sender main "
                               r"\(8:acs:sandbox_relay\) is not a participant\.\n")
        self.assertIn("\n1 of the same priority goes first.\n1 other waits behind the same cause.\n",
                      said)
        self.assertRegex(said, r"\nNext try .* UTC, in \d+ min.*\.\n"
                               r"Do: have a participant add 8:acs:sandbox_relay, then  "
                               r"chatrelay flush db\n$")
        self.assertRegex(self.why("db"), r"^db: 2 wait, the first for .*\.\nThis is because db refuses")
        self.assertEqual(self.done("why", id=first)["others"], 1)

    def test_no_such_remote_thread(self):
        said = self.why(self.refused_with(404))
        self.assertIn(f"the chat knows no thread {thread_id('db')}.", said)
        self.assertIn("Do: correct id in [thread db] of the settings", said)

    def test_throttled(self):
        said = self.why(self.refused_with(429, retry_after_ms=100_000_000, retry_after_form="retry-after-ms"))
        self.assertIn("we are throttled since", said)
        self.assertIn(", as the chat asked.\n", said)
        self.assertNotIn("Do:", said)

    def test_after_a_429_the_pace_has_its_say(self):
        self.relay.sections["thread db"]["pace"] = "1/10min"
        self.relay.write_config()
        self.relay.reload()
        message = self.refused_with(429, retry_after_ms=1, retry_after_form="retry-after-ms")
        said = self.why(message)
        self.assertRegex(said, r"\nNext try .* UTC, in (9|1\d|20) min.*\.\n$")
        self.assertNotIn("as the chat asked", said)

    def test_a_lost_answer(self):
        self.sandbox.fault(op="send", what="reset", stored=True, count=1)
        message = self.client.send("x", to="ops")
        self.relay.logged("status=doubt thread=ops|thread=ops .*status=doubt")
        said = self.why(message)
        self.assertIn("It waits because an answer was lost, so that it may have appeared: "
                      "we look before we post.\n", said)
        self.assertRegex(said, r"\nNext look .* UTC, in (9|10) min.*\.\n$")
        said = self.why("ops")
        self.assertIn("This is because an answer to the first message was lost: ", said)
        self.assertRegex(said, r"\nNext look .* UTC, in (9|10) min.*\.\n$")
        self.assertEqual(self.done("status")["level"], "look")

    def test_a_service_that_fails(self):
        said = self.why(self.refused_with(503))
        self.assertIn("the service cannot be used since", said)
        self.assertIn("(503, once): the service at http://127.0.0.1", said)

    def test_nothing_answers(self):
        self.sandbox.stop()
        message = self.client.send("x", to="db")
        self.relay.logged("code=connect")
        self.assertIn("nothing answers at http://127.0.0.1", self.why(message))
        self.sandbox.process.stdout.close = lambda: None
        self.sandbox.stop = lambda: None

    def test_a_refused_token(self):
        self.sandbox.fault(op="send", status=401, count=0)
        message = self.client.send("x", to="db")
        until(lambda: self.done("why", id=message).get("trouble", {}).get("failures", 0) > 1)
        self.assertIn("the token of sender main (8:acs:sandbox_relay) is refused", self.why(message))

    def test_what_has_ended_and_what_waits_for_a_person(self):
        self.done("pause", thread="ops")
        message = self.client.send("x", to="ops")
        self.assertRegex(self.why(message), r"It waits because ops is paused until .* UTC\.\n(.*\n)*"
                                            r"Do: chatrelay resume ops\n$")
        self.done("hold", id=message)
        self.assertIn(f"It is held back by root.\nDo: chatrelay release {message}\n",
                      self.why(message))
        self.done("cancel", id=message)
        self.assertIn(f"cancelled by root.\nDo: to have it sent after all,  chatrelay retry {message}\n",
                      self.why(message))
        later = self.client.send("x", to="ops", at="+1h")
        self.assertIn("It waits for its time, ", self.why(later))

    def test_what_nobody_knows(self):
        self.assertEqual(self.relay.command("why", "999").returncode, 66)
        self.assertEqual(self.relay.command("why", "nowhere").returncode, 67)
        self.assertEqual(self.relay.command("why").returncode, 64)


class Stranger(HandsTest):
    """Two senders write to one chat, and one of them is no participant of it."""

    IDENTITY = "8:acs:sandbox_stranger"

    def configure(self, sections):
        sections["sender stranger"] = dict(sections["sender main"], identity=self.IDENTITY,
                                           token_file=self.token_of_stranger())
        sections["thread backups"] = dict(sections["thread ops"], sender="stranger")
        for name in ("ops", "backups"):
            sections["thread " + name].update(backoff="10min..1h")
            sections["thread " + name].setdefault("sender", "main")

    def token_of_stranger(self):
        self.sandbox.ask("POST", "/sandbox/identities", {"id": self.IDENTITY})
        answer = self.sandbox.ask("POST", "/sandbox/tokens",
                                  {"identity": self.IDENTITY, "for_ms": 10**10})
        path = os.path.join(self.folder, "stranger")
        with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
            file.write(json.loads(answer)["token"])
        return path

    def test_who_is_no_participant_stops_no_other_sender(self):
        stopped = self.client.send("from the stranger", to="backups")
        self.relay.logged("thread=backups .*http=403")
        self.client.send("from a participant", to="ops")
        self.all_sent(1)
        self.assertEqual(self.sandbox.contents(), ["from a participant"])
        said = self.relay.command("why", str(stopped)).stdout
        self.assertIn(f"sender stranger ({self.IDENTITY}) is not a participant", said)
        self.assertNotIn("trouble", self.done("why", thread="ops"))

        self.relay.sections["thread backups"]["sender"] = "main"
        self.relay.adopt()
        self.all_sent(2)


class Budget(HandsTest):
    def configure(self, sections):
        sections["thread ops"]["pace"] = "2/10min"
        sections["thread ops"]["urgent_share"] = "0"

    def test_position_and_eta(self):
        ids = [self.client.send(f"m{i}") for i in range(6)]
        self.all_sent(2)
        until(lambda: self.done("stats")["totals"].get("sent") == 2)
        why = self.done("why", id=ids[-1])
        self.assertEqual((why["cause"], why["position"], why["pace"]), ("pace", 4, "2/10m"))
        self.assertAlmostEqual(why["eta_ms"], 1_200_000, delta=20_000)
        self.assertNotIn("about", why)
        shown = self.done("show", id=ids[3])
        self.assertEqual(shown["position"], 2)
        said = self.relay.command("why", str(ids[-1])).stdout
        self.assertIn("It waits because the budget of its thread (2/10m) is spent for now.\n"
                      "3 of the same priority go first.\nIt leaves in about ", said)


if __name__ == "__main__":
    unittest.main()
