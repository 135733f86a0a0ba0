"""wait for visible, and show with remote: messages read back by their id."""

import json
import unittest

from reading import ReadingTest


class Visible(ReadingTest):
    def test_read_back_and_compared(self):
        message = self.client.send("Gr\u00fc\u00dfe\n \"x\" ")
        answer = self.client.wait(id=message, **{"for": "visible"})
        self.assertEqual((answer["state"], answer["verified"]), ("sent", "as-sent"), answer)
        shown = self.done("show", id=message)
        self.assertEqual(shown["verified"], "as-sent")
        self.assertEqual(shown["sequence_id"], 3, "two system messages are before it")
        self.assertEqual(shown["created_at"] // 1000, int(shown["remote_id"]) // 1000)

    def test_seen_once_it_is_not_asked_for_again(self):
        message = self.client.send("x")
        self.client.wait(id=message, **{"for": "visible"})
        fault = self.sandbox.fault(op="get", what="stall", for_ms=1, count=0)
        self.assertEqual(self.client.wait(id=message, **{"for": "visible"})["verified"], "as-sent")
        self.assertEqual(self.sandbox.hits(fault), 0)

    def test_until_it_is_there(self):
        fault = self.sandbox.fault(op="get", status=404, count=3)
        self.client.say({"content": "x"}, {"op": "wait", "for": "visible"})
        accepted, answer = self.client.answers(2)
        self.assertEqual((answer["id"], answer["verified"]), (accepted["id"], "as-sent"))
        self.assertEqual(self.sandbox.hits(fault), 3)

    def test_for_as_long_as_the_wait_lasts(self):
        fault = self.sandbox.fault(op="get", status=404, count=0)
        message = self.client.send("x")
        answer = self.ask("wait", id=message, timeout="500ms", **{"for": "visible"})
        self.assertEqual((answer["state"], answer["timeout"]), ("sent", True))
        self.assertNotIn("verified", answer)
        self.assertLess(self.sandbox.hits(fault), 6, "the pauses grow")
        self.sandbox.mend()
        self.assertEqual(self.client.wait(id=message, **{"for": "visible"})["verified"], "as-sent")

    def test_somebody_has_changed_it(self):
        message = self.client.send("old")
        self.reaches(message, "sent")
        self.edit(self.done("show", id=message)["remote_id"], "other")
        self.assertEqual(self.client.wait(id=message, **{"for": "visible"})["verified"], "changed")
        self.assertEqual(self.done("show", id=message)["verified"], "changed")

    def test_after_an_edit_it_is_looked_at_anew(self):
        message = self.client.send("old")
        self.client.wait(id=message, **{"for": "visible"})
        change = self.done("edit", id=message, content="new")["change"]
        self.assertEqual(self.client.wait(id=change, **{"for": "visible"})["verified"], "as-sent")
        self.assertNotIn("verified", self.done("show", id=message))
        self.assertEqual(self.client.wait(id=message, **{"for": "visible"})["verified"], "as-sent")

    def test_what_never_appears_ends_the_wait(self):
        self.done("pause", thread="ops")
        message = self.client.send("x")
        client = self.connect()
        client.say({"op": "wait", "id": message, "for": "visible"})
        self.done("cancel", id=message)
        self.assertEqual(client.answer()["state"], "cancelled")

    def send_and_cut_the_answer(self, **fault):
        """A message that the chat has taken, and said so, but not to the end."""
        self.sandbox.fault(op="send", what="cut", stored=True, count=1, **fault)
        message = self.client.send("cut")
        self.reaches(message, "sent")
        self.assertEqual(self.done("show", id=message)["attempts"], 1)
        return message

    def test_an_answer_that_was_cut_off_behind_its_headers_names_the_message(self):
        message = self.send_and_cut_the_answer()
        answer = self.client.wait(id=message, **{"for": "visible"})
        self.assertEqual(answer["verified"], "as-sent", answer)

    def test_what_has_no_id_is_not_read_back_and_that_is_said(self):
        message = self.send_and_cut_the_answer(bytes=40)
        answer = self.client.wait(id=message, **{"for": "visible"})
        self.assertEqual((answer["state"], answer["verified"]), ("sent", "unknown"))
        self.assertNotIn("remote_id", answer)
        done = self.relay.command("wait", "--for", "visible", str(message))
        self.assertEqual((done.returncode, done.stdout), (0, "sent\n"))
        self.assertIn("was not read back: its id in the chat is not known", done.stderr)

    def test_html_is_only_seen(self):
        message = self.client.send("<b>x</b>", type="html")
        self.reaches(message, "sent")
        self.edit(self.done("show", id=message)["remote_id"], "<strong>x</strong>")
        self.assertEqual(self.client.wait(id=message, **{"for": "visible"})["verified"], "as-sent")

    def test_many_wait_at_the_cost_of_one(self):
        message = self.client.send("x")
        self.reaches(message, "sent")
        fault = self.sandbox.fault(op="get", what="stall", for_ms=20000, count=0)
        clients = [self.connect() for _ in range(10)]
        for client in clients:
            client.say({"op": "wait", "id": message, "for": "visible"})
        self.assertEqual({client.answer()["verified"] for client in clients}, {"as-sent"})
        self.assertEqual(self.sandbox.hits(fault), 1)

    def test_it_survives_a_reload_and_is_kept_over_a_restart(self):
        message = self.client.send("x")
        self.client.wait(id=message, **{"for": "visible"})
        self.relay.restart()
        self.client = self.connect()
        self.assertEqual(self.done("show", id=message)["verified"], "as-sent")

    def test_the_command(self):
        done = self.relay.command("send", "--wait", "--for", "visible", "x")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.sandbox.fault(op="get", status=404, count=0)
        done = self.relay.command("send", "--wait=300ms", "--for", "visible", "y")
        self.assertEqual(done.returncode, 10)
        self.assertIn("was not seen in the chat in time", done.stderr)


class Remote(ReadingTest):
    def test_all_that_the_service_has(self):
        message = self.client.send("x", metadata={"host": "db01"})
        self.reaches(message, "sent")
        self.edit(self.done("show", id=message)["remote_id"], "y")
        shown = self.done("show", id=message, remote=True, ref="r")
        self.assertEqual((shown["id"], shown["content"], shown["ref"]), (message, "x", "r"))
        self.assertEqual(shown["remote"]["content"], {"message": "y"})
        self.assertEqual(shown["remote"]["metadata"]["host"], "db01")
        self.assertIn("editedOn", shown["remote"])
        self.assertEqual(shown["remote"]["senderCommunicationIdentifier"]["kind"],
                         "communicationUser")

    def test_what_it_does_not_have(self):
        self.done("pause", thread="ops")
        message = self.client.send("x")
        self.refused(self.ask("show", id=message, remote=True), "wrong-state", "id", "pending")
        self.done("resume", thread="ops")
        self.reaches(message, "sent")
        self.sandbox.fault(op="get", status=404, count=1)
        answer = self.ask("show", id=message, remote=True)
        self.assertEqual((answer["error"], answer["retry"]), ("chat", False))

    def test_the_command(self):
        message = self.client.send("x")
        self.reaches(message, "sent")
        said = self.relay.command("show", "--remote", str(message)).stdout
        self.assertIn("in the chat:\n{", said)
        self.assertIn('"sequenceId": "3"', said)
        line = self.relay.command("show", "--remote", "--json", str(message)).stdout
        self.assertEqual(json.loads(line)["remote"]["type"], "text")


if __name__ == "__main__":
    unittest.main()
