"""alarm_command: a person is called by another way than the chat, and not too often."""

import os
import stat
import time
import unittest

from hands import HandsTest, thread_id, until


class Alarm(HandsTest):
    THREADS = ("ops", "db")
    EVERY = "1h"

    def configure(self, sections):
        sections["relay"].update(default_thread="ops", alarm_every=self.EVERY,
                                 alarm_command=self.script('cat >"$1.part"; mv "$1.part" "$1.$$"',
                                                           os.path.join(self.folder, "call")))

    def script(self, body, *arguments):
        path = os.path.join(self.folder, "call-somebody")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\n{body}\n")
        os.chmod(path, stat.S_IRWXU)
        return " ".join([path, *arguments])

    def calls(self):
        """What each call was told, in no order."""
        names = [name for name in os.listdir(self.folder)
                 if name.startswith("call.") and not name.endswith("part")]
        texts = []
        for name in names:
            with open(os.path.join(self.folder, name), encoding="utf-8") as file:
                texts.append(file.read())
        return texts

    def called(self, times=1):
        until(lambda: len(self.calls()) >= times, why=lambda: self.relay.log_end())
        return self.calls()

    def turns(self):
        """Let the relay do something, more than once."""
        for _ in range(20):
            self.done("hello")
            self.client.send("x", to="db")

    def refuse(self):
        self.sandbox.fault(op="send", thread=thread_id("ops"), status=403, count=0)
        message = self.client.send("secret words")
        until(lambda: self.done("show", id=message)["attempts"] > 1)
        return message

    def test_a_thread_that_refuses_us(self):
        self.refuse()
        text, = self.called()
        self.assertRegex(text, r"^chatrelay on \S+ needs a person:\n"
                               r"ops refuses us since \d\d:\d\d UTC \(.*403.*\): 1 message waits\n"
                               r"More: chatrelay status\n$")
        self.assertNotIn("secret", text)
        self.relay.logged("a person was called")

    def test_not_sooner_than_the_setting_and_not_after_a_restart_either(self):
        self.refuse()
        self.called()
        self.client.send("another")
        self.turns()
        self.relay.restart()
        self.client = self.connect()
        self.turns()
        self.all_sent(40, "db")
        self.assertEqual(len(self.calls()), 1)

    def test_what_was_lost(self):
        self.sandbox.fault(op="send", status=413, count=1)
        message = self.client.send("too large")
        text, = self.called()
        self.assertIn(f"1 message was lost (dead or expired), the latest is {message}\n", text)

    def lose(self):
        self.sandbox.fault(op="send", status=413, count=1)
        message = self.client.send("too large")
        self.reaches(message, "dead")
        return message

    def adopt(self, every, body):
        self.relay.sections["relay"]["alarm_every"] = every
        self.relay.sections["relay"]["alarm_command"] = self.script(
            body, os.path.join(self.folder, "call"))
        self.relay.adopt()

    def test_a_loss_is_told_until_the_command_succeeds(self):
        well = os.path.join(self.folder, "well")
        self.adopt("20ms", f'cat >"$1.part"; [ -e {well} ] || exit 3; mv "$1.part" "$1.$$"')
        message = self.lose()
        self.relay.logged("nobody was called .alarm_command.: .* ended with status 3")
        open(well, "w", encoding="ascii").close()
        text, = self.called()
        self.assertIn(f"1 message was lost (dead or expired), the latest is {message}\n", text)
        self.relay.logged("a person was called")
        later = self.lose()
        self.called(2)
        self.assertEqual(sum(f"1 message was lost (dead or expired), the latest is {later}\n" in call
                             for call in self.calls()), 1, self.calls())

    def test_a_loss_that_was_not_told_yet_is_told_after_a_restart(self):
        self.adopt("3s", 'cat >"$1.part"; mv "$1.part" "$1.$$"')
        self.lose()
        self.called()
        self.relay.logged("a person was called")
        message = self.lose()
        self.relay.restart()
        self.assertEqual(len(self.calls()), 1)
        calls = self.called(2)
        self.assertEqual(sum(f"1 message was lost (dead or expired), the latest is {message}\n" in call
                             for call in calls), 1, calls)

    def test_what_was_lost_while_nobody_could_be_called_is_no_news(self):
        command = self.relay.sections["relay"].pop("alarm_command")
        self.relay.adopt()
        self.lose()
        self.relay.sections["relay"]["alarm_command"] = command
        self.relay.adopt()
        self.refuse()
        text, = self.called()
        self.assertNotIn("lost", text)

    def add_sender_without_token(self):
        """Of a thread for which nothing waits."""
        sections = self.relay.sections
        sections["sender other"] = dict(sections["sender main"], token_command="/bin/false")
        del sections["sender other"]["token_file"]
        sections["thread far"] = {"id": thread_id("db"), "sender": "other"}
        for thread in self.THREADS:
            sections["thread " + thread]["sender"] = "main"
        self.relay.adopt()
        self.ask("check", thread="far")

    def test_without_a_token_while_nothing_waits(self):
        self.add_sender_without_token()
        until(lambda: self.client.send("x", to="db") and self.calls())
        text, = self.calls()
        self.assertRegex(text, r"a person:\n\[sender other\] there is no access token "
                               r"\(/bin/false ended with status 1.*\)\nMore")

    def test_a_sender_without_a_token_is_told_beside_a_thread_in_trouble(self):
        self.relay.sections["sender main"]["backoff"] = "1h..1h"
        self.add_sender_without_token()
        self.refuse()
        text, = self.called()
        self.assertRegex(text, r"\nops refuses us since .*\n(.*\n)*\[sender other\] there is no")

    def test_without_a_token(self):
        os.unlink(self.sandbox.token_file)
        self.relay.restart()
        self.client = self.connect()
        self.client.send("x")
        text, = self.called()
        self.assertRegex(text, r"ops does not take our access token, or there is none since ")

    def test_a_full_disk(self):
        self.relay.sections["relay"]["min_free"] = "1 TiB"
        self.relay.adopt()
        self.refused(self.client.ask({"content": "x"}), "full")
        text, = self.called()
        self.assertIn("the file system of the outbox is nearly full: nothing is taken in\n", text)

    def test_all_is_well_and_nobody_is_called(self):
        self.turns()
        self.all_sent(20, "db")
        self.relay.stop()
        self.assertEqual(self.calls(), [])

    def test_nothing_of_it_goes_to_the_chat(self):
        self.refuse()
        self.called()
        self.turns()
        self.assertEqual(set(self.all_sent(20, "db")), {"x"})

    def test_a_command_that_fails_is_logged_and_harms_nothing(self):
        self.relay.sections["relay"]["alarm_every"] = "20ms"
        self.relay.sections["relay"]["alarm_command"] = self.script("exit 3")
        self.relay.adopt()
        self.refuse()
        self.relay.logged("nobody was called .alarm_command.: .* ended with status 3")
        self.script("kill -9 $$")
        self.relay.logged("nobody was called .alarm_command.: .* signal 9")
        self.relay.sections["relay"]["alarm_command"] = "/nonexistent/program"
        self.relay.adopt()
        self.relay.logged("nobody was called .alarm_command.: /nonexistent/program could not be")
        self.turns()
        self.all_sent(20, "db")

    def damage(self):
        self.relay.stop()
        with open(self.relay.outbox_path, "r+b") as file:
            file.write(b"nonsense" * 512)

    def start_in_vain(self, times=1):
        for _ in range(times):
            self.relay.launch()
            self.relay.process.wait(30)

    def test_a_damaged_outbox_is_told_before_we_end(self):
        self.damage()
        self.start_in_vain()
        text, = self.called()
        self.assertIn("the outbox is damaged, and the relay has ended: see its log\n", text)

    def test_a_damaged_outbox_is_not_told_at_each_start(self):
        self.damage()
        self.start_in_vain(3)
        self.assertEqual(len(self.calls()), 1)
        stamp = self.relay.outbox_path + ".alarm"
        self.assertEqual(stat.S_IMODE(os.stat(stamp).st_mode), 0o600)
        an_hour_ago = time.time() - 3600
        os.utime(stamp, (an_hour_ago, an_hour_ago))
        self.start_in_vain(2)
        self.assertEqual(len(self.calls()), 2)

    def test_that_a_call_cannot_be_written_down_keeps_nobody_from_calling(self):
        self.damage()
        os.mkdir(self.relay.outbox_path + ".alarm")
        self.start_in_vain(2)
        self.assertEqual(len(self.calls()), 2)
        self.relay.logged("cannot make .*alarm, so alarm_command is run again at the next start")


class Again(Alarm):
    """Once more, as long as it lasts."""

    EVERY = "50ms"

    def test_as_long_as_it_lasts_a_person_is_called_again(self):
        self.refuse()
        self.called(2)

    test_not_sooner_than_the_setting_and_not_after_a_restart_either = None
    test_a_thread_that_refuses_us = test_what_was_lost = test_without_a_token = None
    test_a_full_disk = test_a_command_that_fails_is_logged_and_harms_nothing = None
    test_a_damaged_outbox_is_told_before_we_end = None
    test_a_loss_is_told_until_the_command_succeeds = None
    test_a_loss_that_was_not_told_yet_is_told_after_a_restart = None
    test_what_was_lost_while_nobody_could_be_called_is_no_news = None
    test_without_a_token_while_nothing_waits = None
    test_a_sender_without_a_token_is_told_beside_a_thread_in_trouble = None
    test_a_damaged_outbox_is_not_told_at_each_start = None
    test_that_a_call_cannot_be_written_down_keeps_nobody_from_calling = None


if __name__ == "__main__":
    unittest.main()
