"""on_doubt, and wishes of messages in doubt: what becomes of one whose answer was lost."""

import unittest

from hands import HandsTest, thread_id, until


class DoubtTest(HandsTest):
    ON_DOUBT = "look"

    def configure(self, sections):
        sections["thread ops"]["on_doubt"] = self.ON_DOUBT
        sections["thread ops"]["settle"] = "300ms"

    def lose_an_answer(self, stored):
        """A message whose request was cut off, before or after the chat stored it."""
        fault = self.sandbox.fault(op="send", what="reset", stored=stored, count=1)
        message = self.client.send("lost", to="ops")
        until(lambda: self.sandbox.hits(fault))
        return message

    def looks(self):
        return len([line for line in self.relay.log().splitlines() if " look " in line])


class Hold(DoubtTest):
    ON_DOUBT = "hold"

    def test_it_is_set_aside_and_its_lane_goes_on(self):
        message = self.lose_an_answer(stored=True)
        self.client.send("next")
        self.all_sent(2)
        self.reaches(message, "held")
        shown = self.done("show", id=message)
        self.assertIn("on_doubt = hold", shown["reason"])
        self.assertGreater(shown["doubted_at"], 0)
        self.relay.logged(rf"id={message} .*status=held")
        said = self.relay.command("why", str(message)).stdout
        self.assertIn("It may have appeared: once released, it is looked for first.", said)
        self.assertEqual(self.relay.command("status").returncode, 1)

    def test_released_it_is_looked_for(self):
        message = self.lose_an_answer(stored=True)
        self.reaches(message, "held")
        self.done("release", id=message)
        self.reaches(message, "sent")
        self.assertEqual(self.sandbox.contents(), ["lost"])
        self.relay.logged(" look ")  # written after the answers of its turn
        self.assertEqual(self.looks(), 1)

    def test_what_a_crash_left_under_way_is_held(self):
        fault = self.sandbox.fault(op="send", what="stall", for_ms=600_000_000)
        message = self.client.send("stalled")
        until(lambda: self.sandbox.hits(fault))
        self.relay.kill()
        self.sandbox.mend()
        self.relay.start()
        self.client = self.connect()
        self.reaches(message, "held")
        self.relay.logged(rf"id={message} .*status=held .*reason=\"we stopped before")
        self.done("release", id=message)
        self.assertEqual(self.all_sent(1), ["stalled"])


class Left(DoubtTest):
    """Its thread leads elsewhere by the time it is looked for."""

    THREADS = ("ops", "new")

    def test_it_is_set_aside_when_the_old_one_is_gone(self):
        self.sandbox.fault(op="list", thread=thread_id("ops"), status=404, count=0)
        message = self.lose_an_answer(stored=False)
        self.relay.sections["thread ops"]["id"] = thread_id("new")
        self.relay.adopt()
        self.client.send("next", to="ops")
        self.assertEqual(self.all_sent(1, "new"), ["next"])
        self.reaches(message, "held")
        self.assertIn("cannot be searched any more", self.done("show", id=message)["reason"])
        self.relay.logged(rf"id={message} .*status=held")
        self.assertEqual(self.relay.command("status").returncode, 1)


class RiskTwice(DoubtTest):
    ON_DOUBT = "risk_twice"

    def test_it_is_sent_again_without_a_look(self):
        message = self.lose_an_answer(stored=True)
        self.reaches(message, "sent")
        self.assertEqual(self.sandbox.contents(), ["lost", "lost"])
        self.assertEqual(self.looks(), 0)


class Found(DoubtTest):
    """The service answers others, so that what is lost is the trouble of its thread."""

    def begin(self):
        super().begin()
        self.reaches(self.client.send("before"), "sent")

    def levels_until(self, message, state):
        """What `status` says while the message is being looked for, and in the end."""
        levels = []
        until(lambda: levels.append(self.done("status")["level"]) or self.state(message) == state)
        return set(levels), self.done("status")["level"]

    def test_once_it_is_found_all_is_well(self):
        message = self.lose_an_answer(stored=True)
        self.relay.logged("status=doubt")
        self.assertEqual(self.relay.command("status").returncode, 1)
        self.reaches(message, "sent")
        said = self.relay.command("status")
        self.assertEqual(said.returncode, 0, said.stdout)
        self.assertEqual(self.sandbox.contents(), ["before", "lost"])

    def test_an_answer_that_says_nothing_is_no_refusal(self):
        for fault in ({"status": 408}, {"status": 200, "text": "{}"}, {"status": 503}):
            self.sandbox.fault(op="send", stored=True, count=1, **fault)
            message = self.client.send("lost")
            meanwhile, then = self.levels_until(message, "sent")
            self.assertLessEqual(meanwhile, {"well", "look"}, fault)
            self.assertEqual(then, "well", fault)


class Wishes(DoubtTest):
    """The chat shows nothing, so that a doubt lasts."""

    def begin(self):
        super().begin()
        self.sandbox.fault(op="list", status=503, count=0)
        self.message = self.lose_an_answer(stored=False)
        self.relay.logged("status=doubt")

    def test_a_wish_to_hold_is_taken_back_with_all_others(self):
        self.assertEqual(self.counts("hold", all=True), (0, 1, {}))
        self.assertEqual(self.counts("release", all=True), (1, 0, {}))
        self.sandbox.mend()
        self.reaches(self.message, "sent")

    def test_a_wish_to_cancel_is_taken_back_by_a_filter(self):
        self.assertEqual(self.counts("cancel", thread="ops"), (0, 1, {}))
        self.assertEqual(self.counts("release", thread="ops"), (0, 0, {}))
        self.assertEqual(self.counts("retry", thread="ops", state="dead"), (0, 0, {}))
        self.assertEqual(self.counts("retry", thread="ops"), (1, 0, {}))
        self.sandbox.mend()
        self.reaches(self.message, "sent")


if __name__ == "__main__":
    unittest.main()
