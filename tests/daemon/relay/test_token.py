"""Where access tokens come from, and that no secret is ever told."""

import base64
import os
import secrets
import time
import unittest

from harness import IDENTITY, SCALE, RelayTest, until

KEY = base64.b64encode(secrets.token_bytes(48)).decode()
OTHER_KEY = base64.b64encode(secrets.token_bytes(48)).decode()


class TokenTest(RelayTest):
    """The relay gets its token in another way than from the sandbox's file."""

    SANDBOX_OPTIONS = ("--access-key", KEY)

    def write_secret(self, text, name="secret", mode=0o600):
        """The relay may read it at any time: it finds the old one or the new one, whole."""
        path = os.path.join(self.folder, name)
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path + ".new", mode)
        os.rename(path + ".new", path)
        return path

    def connection_string(self, key=KEY):
        return f"endpoint={self.sandbox.endpoint}/;accesskey={key}\n"

    def configure(self, sections):
        sender = sections["sender main"]
        del sender["token_file"]
        del sender["endpoint"]
        sender["connection_string_file"] = self.write_secret(self.connection_string())


class Minted(TokenTest):
    def test_from_the_connection_string_to_a_message(self):
        client = self.connect()
        client.send("minted")
        self.assertEqual(client.wait()["state"], "sent")
        self.assertEqual(self.sandbox.contents(), ["minted"])

    def test_the_log_says_how_long_it_took(self):
        self.sandbox.fault(op="token", what="stall", stored=True, for_ms=300 * SCALE)
        client = self.connect()
        client.send("late")
        self.assertEqual(client.wait()["state"], "sent")
        self.relay.logged(r"status=sent .* delays=\S+/\S+/(0\.[2-9]|[1-9])\S*/\S+ ")

    def test_a_refused_token_is_minted_again_and_the_message_sent(self):
        client = self.connect()
        client.send("one")
        self.assertEqual(client.wait()["state"], "sent")
        self.sandbox.fault(op="send", count=1, status=401)
        client.send("two")
        self.assertEqual(client.wait()["state"], "sent")
        self.assertEqual(self.sandbox.contents(), ["one", "two"])

    def test_a_reload_keeps_the_token(self):
        client = self.connect()
        client.send("one")
        self.assertEqual(client.wait()["state"], "sent")
        fault = self.sandbox.fault(op="token", status=503, count=0)
        self.relay.adopt()
        client.send("two")
        self.assertEqual(client.wait()["state"], "sent")
        self.assertEqual(self.sandbox.hits(fault), 0)

    def test_an_outage_of_the_identity_service_is_waited_out(self):
        self.sandbox.fault(op="token", status=503, count=0)
        client = self.connect()
        client.send("patience")
        self.relay.logged(r"\[sender main\] no new access token: .*503.*; its messages wait")
        self.assertEqual(self.sandbox.contents(), [])
        self.sandbox.mend()
        self.assertEqual(client.wait()["state"], "sent")
        self.relay.logged(r"\[sender main\] has an access token again")

    def test_the_secondary_key_takes_over(self):
        self.write_secret(self.connection_string(OTHER_KEY) + self.connection_string())
        client = self.connect()
        client.send("rotated")
        self.assertEqual(client.wait()["state"], "sent")


class WrongKey(TokenTest):
    def configure(self, sections):
        super().configure(sections)
        self.write_secret(self.connection_string(OTHER_KEY))

    def test_it_is_said_clearly_and_the_messages_wait_for_the_right_one(self):
        client = self.connect()
        number = client.send("wait")
        self.relay.logged(r"\[sender main\] no new access token: \S+/secret: the identity service "
                          r"answered 401 .*is the access key right\?; cv=\S+; its messages wait")
        self.assertEqual(client.ask({"op": "show", "id": number})["state"], "pending")
        self.write_secret(self.connection_string())
        self.assertEqual(client.wait(id=number)["state"], "sent")
        self.assertNotIn(OTHER_KEY, self.relay.log())
        self.assertEqual(self.relay.log().count("no new access token"), 1, "the reason is the same")


class ShortLives(TokenTest):
    """Tokens of an hour, three thousand times faster: they live for 1.2 s."""

    SANDBOX_OPTIONS = ("--access-key", KEY, "--scale", "3000")

    def configure(self, sections):
        super().configure(sections)
        sections["sender main"]["token_lifetime"] = "1h"

    def test_they_are_renewed_without_a_failed_send(self):
        client = self.connect()
        end, sent = time.monotonic() + 3, 0
        while time.monotonic() < end:
            client.send(f"message {sent}")
            self.assertEqual(client.wait()["state"], "sent")
            sent += 1
        self.assertEqual(len(self.sandbox.contents()), sent)
        self.assertNotRegex(self.relay.log(), r"http=401\b|no new access token")
        self.assertGreater(sent, 3)


class Command(TokenTest):
    def configure(self, sections):
        sender = sections["sender main"]
        del sender["token_file"]
        script = self.write_secret("#!/bin/sh\ncat \"$1\"\n", "get-token", 0o700)
        sender["token_command"] = f"{script}  {self.sandbox.token_file}"

    def test_what_it_prints_is_sent_with(self):
        client = self.connect()
        client.send("by command")
        self.assertEqual(client.wait()["state"], "sent")

    def test_how_it_ended_is_known_though_our_parent_ignores_its_children(self):
        self.relay.stop()
        self.write_secret("#!/bin/sh\ncat \"$1\"\nexit 3\n", "get-token", 0o700)
        self.relay.start("env", "--ignore-signal=CHLD")
        self.connect().send("late")
        self.relay.logged("get-token ended with status 3")

    def test_while_it_hangs_others_are_served_and_it_is_killed_in_the_end(self):
        pid_file = os.path.join(self.folder, "pid")
        self.relay.sections["sender main"]["request_timeout"] = "300ms"
        self.write_secret(f"#!/bin/sh\necho $$ >{pid_file}\nexec sleep 3600\n", "get-token", 0o700)
        self.relay.adopt()
        client = self.connect()
        client.send("late")
        self.assertTrue(client.ask({"op": "stats"})["ok"])
        self.relay.logged("get-token took longer than 300 ms, so it was killed")
        with open(pid_file, encoding="utf-8") as file:
            pid = int(file.read())
        self.write_secret("#!/bin/sh\ncat \"$1\"\n", "get-token", 0o700)
        self.assertEqual(client.wait()["state"], "sent")
        until(lambda: not os.path.exists(f"/proc/{pid}"))


class Credential(TokenTest):
    def configure(self, sections):
        super().configure(sections)
        self.write_secret(self.connection_string(), "cs")
        sections["sender main"]["connection_string_file"] = "credential:cs"

    def begin(self):
        self.relay.start(CREDENTIALS_DIRECTORY=self.folder)

    def test_a_reload_says_that_a_credential_stays_as_it_was(self):
        client = self.connect()
        client.send("by credential")
        self.assertEqual(client.wait()["state"], "sent")
        said = self.relay.adopt()
        self.assertIn("[sender main] credential:cs is as it was at the start", said)
        self.assertIn("with a restart", said)


class Canary(TokenTest):
    """Secrets stay in files of their own."""

    def secrets(self):
        """The access key, and every token that the relay can have had."""
        return [KEY.encode(), base64.b64decode(KEY)]

    def files(self):
        """All that the relay has written."""
        for name in os.listdir(self.folder):
            path = os.path.join(self.folder, name)
            if os.path.isfile(path) and name not in ("secret", "token"):
                with open(path, "rb") as file:
                    yield name, file.read()

    def test_neither_key_nor_token_is_in_anything_that_was_written(self):
        client = self.connect()
        client.send("one")
        self.assertEqual(client.wait()["state"], "sent")
        self.sandbox.fault(op="send", count=2, status=401)
        self.sandbox.fault(op="token", count=2, status=401)
        client.send("two")
        self.assertEqual(client.wait()["state"], "sent")
        self.sandbox.fault(op="token", count=1, text="{\"token\":\"" + KEY, status=200)
        self.sandbox.fault(op="send", count=1, status=401)
        client.send("three")
        self.assertEqual(client.wait()["state"], "sent")
        said = [self.relay.command(*words) for words in
                (("status",), ("threads",), ("list",), ("show", "1"), ("why", "2"))]
        client.say({"op": "stats"}, {"op": "log"}, {"op": "nonsense"})
        said = [one.stdout + one.stderr for one in said] + [str(client.answers(3))]
        self.relay.reload()
        self.relay.stop()

        written = list(self.files()) + [("answers", "\n".join(said).encode())]
        names = {name for name, _ in written}
        self.assertLessEqual({"log", "outbox.db"}, names)
        for name, content in written:
            self.assertNotRegex(content, rb"eyJ[\w-]+\.eyJ[\w-]+", f"a token is in {name}")
            for secret in self.secrets():
                self.assertNotIn(secret, content, f"the access key is in {name}")

    def test_it_leaves_no_core_and_lets_nobody_look_into_it(self):
        with open(f"/proc/{self.relay.process.pid}/limits", encoding="utf-8") as file:
            self.assertRegex(file.read(), r"Max core file size +0 +0 ")


if __name__ == "__main__":
    unittest.main()
