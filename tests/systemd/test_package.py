"""The package's whole life: installed, upgraded with messages waiting, downgraded, removed, purged."""

import glob
import hashlib
import os
import re
import shutil
import sqlite3
import subprocess
import unittest
import urllib.request

from harness import until
from service import (OUTBOX, SERVICE, SOCKET, STATE, ServiceTest, drop_in, fact,
                     logged, main_pid, run, send, systemctl)

NEW, OLD = (os.path.join(os.environ["PACKAGES"], name) for name in ("chatrelay.deb", "old.deb"))


def dpkg(*words, **options):
    """As in a session where nobody could answer a question."""
    return run("dpkg", "--force-unsafe-io", *words, stdin=subprocess.DEVNULL,
               env=dict(os.environ, DEBIAN_FRONTEND="noninteractive"), **options)


def install(package):
    return dpkg("--install", package)


def version():
    """Of the installed package; nothing when it is not wholly there."""
    said = run("dpkg-query", "--show", "--showformat=${db:Status-Abbrev}${Version}", "chatrelay",
               check=False).stdout
    return said.removeprefix("ii ") if said.startswith("ii ") else ""


def digest_of_state():
    digests = {}
    for path in glob.glob(STATE + "/*"):
        with open(path, "rb") as file:
            digests[path] = hashlib.sha256(file.read()).hexdigest()
    return digests


class Package(ServiceTest):
    def setUp(self):
        """The old package is there, whatever the test before has left."""
        if version() != "0.0.9":
            install(OLD)
        super().setUp()

    def let_messages_wait(self, *contents):
        self.sandbox.fault(op="send", status=503, count=0)
        for content in contents:
            send(content)


class Install(Package):
    def test_without_a_thread_it_starts_and_says_what_to_do(self):
        dpkg("--purge", "chatrelay")
        install(NEW)
        self.assertEqual((fact("ActiveState"), fact("ActiveState", SOCKET)), ("active", "active"))
        logged(r"no threads yet: ")
        refused = send("x", check=False)
        self.assertEqual(refused.returncode, 65, refused.stderr)
        self.assertIn("thread", refused.stderr)
        until(lambda: fact("StatusText") == "look: no threads yet: run chatrelay setup")

    def test_setup_leaves_what_the_service_can_use(self):
        """Its key is for the relay, and not for those who may send."""
        self.clear()
        words = self.sandbox.process.stdout.readline().split()[-1]
        with open("/run/secret", "w", encoding="ascii") as file:
            file.write(words)
        os.chmod("/run/secret", 0o600)
        done = run("chatrelay", "setup", "--yes", "--connection-string-file", "/run/secret")
        self.assertIn("systemctl reload chatrelayd", done.stderr)
        self.addCleanup(os.unlink, "/etc/chatrelay/keys/main")
        systemctl("start", SOCKET)
        send("--to", "ops", "--wait=30s", "hello")
        self.assertIn("hello", self.sandbox.contents())
        curious = run("setpriv", "--reuid=nobody", "--regid=nogroup", "--groups=chatrelay", "cat",
                      "/etc/chatrelay/keys/main", check=False)
        self.assertNotEqual(curious.returncode, 0)

    def test_from_nothing_to_a_message_as_the_readme_has_it(self):
        """Four commands, of which apt's is dpkg here: there is no network."""
        dpkg("--purge", "chatrelay")
        with open(os.path.join(os.environ["SOURCE"], "README.md"), encoding="utf-8") as file:
            apt, *rest = re.findall(r"^# (.*)$", file.read().split("On any Debian 12")[1]
                                    .split("```")[1], re.MULTILINE)
        self.assertEqual((apt, len(rest)), ("apt install ./chatrelay_*.deb", 3))
        self.addCleanup(systemctl, "stop", "chatrelay-sandbox")
        install(NEW)
        for command in rest:
            run("bash", "-c", command)
        with urllib.request.urlopen("http://127.0.0.1:8480/sandbox/messages") as answer:
            self.assertIn(b'"message":"hello"', answer.read())

    def test_what_is_shipped_is_where_it_is_looked_for(self):
        for page in ("chatrelay.1", "chatrelayd.8", "chatrelay.conf.5", "chatrelay-protocol.7",
                     "chatrelay-sandbox.1"):
            section = page[-1]
            self.assertTrue(os.path.exists(f"/usr/share/man/man{section}/{page}.gz"), page)
        for document in ("README.md", "CHANGELOG.md", "readers.md", "recipes.md"):
            self.assertTrue(os.path.exists(f"/usr/share/doc/chatrelay/{document}"), document)
        # bash asks for the completion of a command by this name.
        self.assertTrue(os.path.exists("/usr/share/bash-completion/completions/chatrelay"))
        chatrelay = "source /usr/share/bash-completion/completions/chatrelay; COMP_CWORD=1; " \
                    "COMP_WORDS=(chatrelay st); _chatrelay; echo ${COMPREPLY[*]}"
        self.assertEqual(run("bash", "-c", chatrelay).stdout.split(), ["status", "stats"])


class Upgrade(Package):
    def test_with_messages_waiting_and_clients_sending(self):
        self.let_messages_wait("waiting 1", "waiting 2")
        pid = main_pid()
        clients = [subprocess.Popen(["bash", "-ec", "i=0; until [ -e /run/upgraded ]; do "
                                     f"chatrelay send {n}.$((i += 1)) >>/run/ids.{n}; done"],
                                    stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
                   for n in range(2)]
        self.addCleanup(os.unlink, "/run/upgraded")
        install(NEW)
        with open("/run/upgraded", "w", encoding="ascii"):
            pass
        self.finished(clients)
        self.assertEqual(version(), "0.1.0")
        self.assertNotEqual(main_pid(), pid)
        self.sandbox.mend()
        accepted = 2
        for n in range(2):
            with open(f"/run/ids.{n}", encoding="ascii") as file:
                accepted += len(file.readlines())
            os.unlink(f"/run/ids.{n}")
        self.assertGreater(accepted, 4)
        until(lambda: self.connect().ask({"op": "status"})["pending"] == 0)
        contents = self.sandbox.contents()
        self.assertEqual((len(contents), len(set(contents))), (accepted, accepted))

    def test_settings_that_the_new_one_does_not_take_leave_the_old_one_running(self):
        self.start()
        pid = main_pid()
        self.settings.more = "nonsense\n"
        self.settings.write()
        done = install(NEW)
        self.assertIn("10-site.conf:", done.stderr)
        self.assertIn("the old one goes on", done.stderr)
        self.assertEqual(main_pid(), pid)
        send("--wait=30s", "by the old one")
        self.appeared("by the old one")

    def test_a_key_from_a_credential_is_no_reason_to_stay(self):
        drop_in("[Service]\nSetCredential=alerts:x\n")
        self.settings.sender["token_file"] = "credential:alerts"
        self.settings.write()
        self.start()
        pid = main_pid()
        install(NEW)
        self.assertNotEqual(main_pid(), pid)

    def test_what_was_stopped_and_disabled_stays_so(self):
        self.addCleanup(systemctl, "enable", SERVICE, SOCKET)
        systemctl("disable", "--now", SERVICE, SOCKET)
        install(NEW)
        self.assertEqual(systemctl("is-enabled", SOCKET, check=False).stdout.strip(), "disabled")
        self.assertEqual(systemctl("is-enabled", SERVICE, check=False).stdout.strip(), "disabled")
        self.assertEqual((fact("ActiveState"), fact("ActiveState", SOCKET)), ("inactive", "inactive"))


class Downgrade(Package):
    def test_an_outbox_of_a_newer_version_is_left_alone(self):
        self.let_messages_wait("kept for the newer one")
        systemctl("stop", SERVICE)
        with sqlite3.connect(OUTBOX) as outbox:
            outbox.execute("PRAGMA journal_mode = DELETE")
            outbox.execute("UPDATE note SET text = '7.8.9' WHERE name = 'made_by'")
            outbox.execute("PRAGMA user_version = 2")
        outbox.close()
        before = digest_of_state()
        install(OLD)
        refused = send("too early", check=False)
        self.assertEqual(refused.returncode, 75)
        self.assertRegex(refused.stderr, r"outbox\.db was written by chatrelay 7\.8\.9 \(schema 2\).*"
                                         "install that version or a newer one")
        systemctl("stop", SERVICE, SOCKET)
        self.assertEqual(digest_of_state(), before)
        with sqlite3.connect(OUTBOX) as outbox:
            outbox.execute("PRAGMA user_version = 1")
        outbox.close()
        systemctl("start", SOCKET)
        self.sandbox.mend()
        send("once the newer one is back")
        self.appeared("kept for the newer one", "once the newer one is back")

    def test_of_one_schema_it_just_goes_on(self):
        install(NEW)
        self.let_messages_wait("taken by the new one")
        install(OLD)
        self.sandbox.mend()
        self.appeared("taken by the new one")


class Remove(Package):
    def test_messages_and_settings_outlive_the_package(self):
        self.let_messages_wait("still there")
        dpkg("--remove", "chatrelay")
        self.assertFalse(os.path.exists("/run/chatrelay/socket"))
        self.assertEqual(fact("LoadState"), "masked")
        install(NEW)
        self.sandbox.mend()
        self.appeared("still there")

    def test_purge_leaves_nothing(self):
        self.let_messages_wait("not wanted any more")
        dpkg("--purge", "chatrelay")
        for path in ("/etc/chatrelay", "/run/chatrelay", STATE, *programs()):
            self.assertFalse(os.path.exists(path), path)
        self.assertEqual(glob.glob("/etc/systemd/system/**/chatrelay*", recursive=True), [])


def programs():
    return [path for path in map(shutil.which, ("chatrelay", "chatrelayd")) if path]


if __name__ == "__main__":
    unittest.main()
