"""More threads, and who is in them."""

import json
import os
import resource
import signal
import urllib.request
import unittest

from setup import PATIENCE, SetupTest


class Threads(SetupTest):
    def setUp(self):
        super().setUp()
        self.first()

    def test_one_more_thread(self):
        shown = self.run_setup("thread", "night", "--topic", "Night")
        settings = self.settings()
        self.assertEqual(settings["thread night"]["sender"], "main")
        self.assertNotEqual(settings["thread night"]["id"], settings["thread ops"]["id"])
        self.assertEqual(len(self.sandbox.contents(settings["thread night"]["id"])), 1)
        self.assertIn("is set up on", shown)
        self.run_setup("thread", "night", status=78)
        self.assertIn("chatrelay setup replace night", self.stderr)
        self.assertEqual(len(self.sandbox.threads()), 2)

    def test_a_thread_that_the_relay_would_not_take_is_not_made(self):
        self.write(self.path("conf.d/20-own.conf"), "[thread ops]\nwas = night\n")
        self.run_setup("thread", "night", status=78)
        self.assertIn("there still is a [thread night]", self.stderr)
        self.assertNotIn("Made", self.stderr)
        self.assertEqual(len(self.sandbox.threads()), 1)

    def test_a_plan_that_cannot_be_written_is_a_file_that_cannot(self):
        def leave_no_room():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        before = self.sandbox.threads()
        self.run_setup("thread", "night", status=77, preexec_fn=leave_no_room)
        self.assertIn("cannot write " + self.path("setup.plan"), self.stderr)
        self.assertEqual(self.sandbox.threads(), before)

    def test_the_only_thread_stays_the_default_beside_others(self):
        self.assertNotIn("relay", self.settings())
        self.run_setup("thread", "night")
        self.assertEqual(self.settings()["relay"], {"default_thread": "ops"})
        self.assertIn("names no thread goes to ops as before", self.stderr)
        self.assertIn("read them (SIGHUP)", self.stderr)
        self.run_setup("thread", "third")
        self.assertEqual(self.settings()["relay"], {"default_thread": "ops"})
        self.assertNotIn("as before", self.stderr)

    def test_a_default_that_somebody_has_said_is_not_repeated(self):
        self.write(self.path("chatrelay.conf"), "[relay]\ndefault_thread = ops\n")
        self.run_setup("thread", "night")
        self.assertNotIn("relay", self.settings())

    def test_a_new_thread_is_greeted_by_the_name_of_its_sender(self):
        self.run_setup("sender", "db", "--display-name", "db01", "--connection-string-file",
                       self.secret_file)
        shown = self.run_setup("thread", "night", "--sender", "db")
        self.assertIn("db01: chatrelay is set up on", shown)

    def test_a_name_that_is_missing_is_said_with_the_settings_that_lack_it(self):
        for words, status in ((["people", "nigth"], 67), (["thread", "x", "--sender", "y"], 78)):
            self.run_setup(*words, status=status)
            self.assertIn(f"({self.path('chatrelay.conf')})", self.stderr)

    def test_one_more_sender_speaks_in_a_thread_of_its_own(self):
        identity = self.run_setup("sender", "second", "--connection-string-file",
                                  self.secret_file).strip()
        self.assertEqual(self.settings()["sender second"]["identity"], identity)
        self.run_setup("thread", "third", status=64)
        self.assertIn("--sender", self.stderr)
        self.run_setup("thread", "third", "--sender", "second")
        [message] = [m for m in self.sandbox.ledger()
                     if m["threadId"] == self.settings()["thread third"]["id"]]
        self.assertEqual(message["senderCommunicationIdentifier"]["rawId"], identity)

    def test_another_key_for_a_sender(self):
        identity = self.settings()["sender main"]["identity"]
        two = self.sandbox.connection_string + "\n" + self.sandbox.connection_string + "\n"
        self.write(self.secret_file, two, 0o600)
        self.assertEqual(self.run_setup("sender", "main", "--connection-string-file",
                                        self.secret_file).strip(), identity)
        self.assertEqual(self.read("keys/main"), two)
        self.assertIn("[sender main] has the key that was given.", self.stderr)
        wrong = self.sandbox.connection_string.replace("accesskey=", "accesskey=AAAA")
        self.write(self.secret_file, wrong, 0o600)
        self.run_setup("sender", "main", "--connection-string-file", self.secret_file, status=77)
        self.assertEqual(self.read("keys/main"), two)
        other = self.sandbox.connection_string.replace("127.0.0.1", "localhost")
        self.write(self.secret_file, other, 0o600)
        self.run_setup("sender", "main", "--connection-string-file", self.secret_file, status=78)
        self.assertIn("another resource", self.stderr)

    def test_a_thread_in_which_nothing_was_said_is_as_good(self):
        identity = self.settings()["sender main"]["identity"]
        self.sandbox.ask("POST", "/sandbox/threads",
                         {"id": "19:silent@thread.v2", "participants": [identity]})
        self.run_setup("adopt", "19:silent@thread.v2", "silent")
        self.first("--thread", "silent")
        self.assertIn("set up already: [thread silent] is 19:silent@thread.v2", self.stderr)

    def test_find_and_adopt(self):
        self.run_setup("thread", "night")
        settings = self.settings()
        found = [line.split("\t")[:2] for line in self.run_setup("find").splitlines()]
        self.assertEqual(sorted(found), sorted([settings["thread ops"]["id"], "ops"]
                                               if name == "ops" else
                                               [settings["thread night"]["id"], "night"]
                                               for name in ("ops", "night")))
        for name in ("chatrelay.conf", "conf.d/10-setup.conf"):
            os.remove(self.path(name))
        self.write(self.path("chatrelay.conf"),
                   f"[sender mine]\nconnection_string_file = {self.path('keys/main')}\n"
                   f"identity = {settings['sender main']['identity']}\n")
        shown = self.run_setup("adopt", settings["thread night"]["id"], "old")
        self.assertIn("is set up on", shown)
        self.assertEqual(self.settings(), {"thread old": {"id": settings["thread night"]["id"],
                                                          "sender": "mine"}})
        self.assertEqual(len(self.sandbox.ledger()), 2)  # nothing was said
        self.run_setup("adopt", settings["thread night"]["id"], "old")
        self.assertNotIn("SIGHUP", self.stderr)
        self.run_setup("adopt", settings["thread ops"]["id"], "old", status=78)

    def test_adopt_what_is_not_there_or_not_ours(self):
        self.run_setup("adopt", "19:nothing@thread.v2", "x", status=66)
        self.assertIn("there is no thread 19:nothing@thread.v2: ", self.stderr)
        for id in ("19:a b", "nope"):
            self.run_setup("adopt", id, "x", status=65)
            self.assertIn(f'"{id}" is no thread\'s id, such as 19:...@thread.v2', self.stderr)
        self.sandbox.ask("POST", "/sandbox/identities", {"id": "8:acs:sandbox_other"})
        self.sandbox.ask("POST", "/sandbox/threads",
                         {"id": "19:other@thread.v2", "participants": ["8:acs:sandbox_other"]})
        self.run_setup("adopt", "19:other@thread.v2", "x", status=77)
        self.assertIn("must let " + self.settings()["sender main"]["identity"] + " in first",
                      self.stderr)
        self.assertNotIn("thread x", self.settings())


    def test_words_of_others_do_not_command_the_terminal(self):
        wild = "a\x1b[2Jb\u009bc\u202ed"
        self.run_setup("thread", "night", "--topic", wild)
        self.run_setup("invite", "night", "Zoë")
        person = json.loads(self.read("people/Zoë.json"))
        self.say_as(person, wild, "Z\noë\x1b")
        shown = self.run_setup("adopt", person["threadId"], "night") + self.run_setup("find")
        self.assertIn("Z oë\ufffd: a\ufffd[2Jb\ufffdc\ufffdd", shown)
        self.assertIn("\tnight\ta\ufffd[2Jb\ufffdc\ufffdd", shown)
        for character in "\x1b\u009b\u202e":
            self.assertNotIn(character, self.said)

    def say_as(self, person, content, name):
        """As the person's own program would."""
        url = (f"{person['endpoint']}/chat/threads/{person['threadId']}/messages"
               "?api-version=2025-03-15")
        body = {"content": content, "senderDisplayName": name, "type": "text"}
        request = urllib.request.Request(url, json.dumps(body).encode(), method="POST",
                                         headers={"Authorization": "Bearer " + person["token"],
                                                  "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            self.assertEqual(answer.status, 201)


class People(SetupTest):
    def setUp(self):
        super().setUp()
        self.first()
        self.thread = self.settings()["thread ops"]["id"]

    def people(self, thread="ops"):
        lines = self.run_setup("people", thread, "--json").splitlines()
        return {one["name"]: one["identity"] for one in map(json.loads, lines)}

    def test_an_invited_person_can_read_all_of_it(self):
        path = self.run_setup("invite", "ops", "Zoë").strip()
        self.assertEqual(os.stat(path).st_mode & 0o7777, 0o600)
        self.assertEqual(os.stat(os.path.dirname(path)).st_mode & 0o7777, 0o700)
        with open(path, encoding="utf-8") as file:
            person = json.load(file)
        self.assertEqual(person["threadId"], self.thread)
        self.assertEqual(self.people()["Zoë"], person["userId"])
        url = (f"{person['endpoint']}/chat/threads/{self.thread}/messages"
               "?api-version=2025-03-15")
        request = urllib.request.Request(url, headers={"Authorization": "Bearer " + person["token"]})
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            messages = json.load(answer)["value"]
        self.assertIn("is set up on", " ".join(m["content"].get("message", "") for m in messages))
        self.assertNotIn(person["token"], self.said)

    def test_the_second_invitation_is_a_new_token_for_the_same_person(self):
        path = self.run_setup("invite", "ops", "Zoë").strip()
        with open(path, encoding="utf-8") as file:
            before = json.load(file)
        self.run_setup("thread", "night")
        os.remove(path)
        self.assertEqual(self.run_setup("invite", "ops", "Zoë", "--yes").strip(), path)
        self.run_setup("invite", "night", "Zoë")
        self.assertEqual(self.people()["Zoë"], before["userId"])
        self.assertEqual(self.people("night")["Zoë"], before["userId"])
        self.assertEqual(len(self.people()), 2)

    def add(self, person, identity, name):
        """As another service that is in the thread would: with a display name of its choice."""
        self.sandbox.ask("POST", "/sandbox/identities", {"id": identity})
        body = {"participants": [{"communicationIdentifier": {"communicationUser": {
            "id": identity}}, "displayName": name}]}
        request = urllib.request.Request(
            f"{person['endpoint']}/chat/threads/{self.thread}/participants/:add"
            "?api-version=2025-03-15", json.dumps(body).encode(), method="POST",
            headers={"Authorization": "Bearer " + person["token"],
                     "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            self.assertEqual(answer.status, 201)

    def identities(self):
        return [line.split("\t")[0] for line in self.run_setup("people", "ops").splitlines()]

    def test_who_was_invited_is_meant_and_nobody_else_of_that_name(self):
        path = self.run_setup("invite", "ops", "Zoë").strip()
        person = json.loads(self.read("people/Zoë.json"))
        self.run_setup("remove", "ops", "Zoë")
        self.run_setup("invite", "ops", "Ann")
        ann = json.loads(self.read("people/Ann.json"))
        self.add(ann, "8:acs:sandbox_other", "Zoë")
        self.assertEqual(self.run_setup("invite", "ops", "Zoë").strip(), path)
        self.assertEqual(json.loads(self.read("people/Zoë.json"))["userId"], person["userId"])
        self.run_setup("remove", "ops", "Zoë", "--delete-identity", "--yes")
        self.assertIn("8:acs:sandbox_other", self.identities())
        self.assertNotIn(person["userId"], self.identities())

    def test_a_stranger_of_that_name_is_asked_about(self):
        self.run_setup("invite", "ops", "Ann")
        ann = json.loads(self.read("people/Ann.json"))
        self.add(ann, "8:acs:sandbox_other", "Zoë")
        self.run_setup("invite", "ops", "Zoë", status=64)  # there is nobody to be asked
        self.assertIn("not invited from here: 8:acs:sandbox_other\n", self.stderr)
        self.assertFalse(os.path.exists(self.path("people/Zoë.json")))
        self.run_setup("remove", "ops", "Zoë")  # who is the only one of that name
        self.run_setup("invite", "ops", "Zoë")
        self.assertNotEqual(self.people()["Zoë"], "8:acs:sandbox_other")

    def test_of_several_of_one_name_none_is_chosen(self):
        self.run_setup("invite", "ops", "Ann")
        ann = json.loads(self.read("people/Ann.json"))
        namesakes = ["8:acs:sandbox_one", "8:acs:sandbox_two"]
        for identity in namesakes:
            self.add(ann, identity, "Zoë")
        for words in (["invite", "ops", "Zoë"],
                      ["remove", "ops", "Zoë", "--delete-identity", "--yes"]):
            self.run_setup(*words, status=65)
            for identity in namesakes:
                self.assertIn(identity, self.stderr)
        self.assertFalse(os.path.exists(self.path("people/Zoë.json")))
        self.assertEqual(len(self.identities()), 4)
        self.run_setup("remove", "ops", namesakes[0])
        self.assertNotIn(namesakes[0], self.identities())

    def test_a_person_can_be_removed(self):
        self.run_setup("invite", "ops", "Zoë")
        self.run_setup("remove", "ops", "Zoë")
        self.assertIn("What was said until now can still be read", self.stderr)
        self.assertNotIn("Zoë", self.people())
        self.run_setup("remove", "ops", "8:acs:foo_bar", status=66)
        self.assertIn('nobody called "8:acs:foo_bar" is in ops\n', self.stderr)
        self.run_setup("people", "nowhere", status=67)
        self.run_setup("remove", "ops", self.settings()["sender main"]["identity"], status=77)
        self.assertEqual(len(self.people()), 1)

    def test_a_persons_identity_can_be_deleted_after_a_warning(self):
        path = self.run_setup("invite", "ops", "Zoë").strip()
        self.run_setup("remove", "ops", "Zoë", "--delete-identity", status=64)
        self.assertIn("Azure deletes all that Zoë has said", self.stderr)
        self.assertIn("Zoë", self.people())  # who is not asked does nothing
        self.assertTrue(os.path.exists(path))
        self.run_setup("remove", "ops", "Zoë", "--delete-identity", "--yes")
        self.assertNotIn("can still be read", self.stderr)
        self.assertFalse(os.path.exists(path))
        before = self.sandbox.stats()
        self.run_setup("invite", "ops", "Zoë")  # another one, who is new here
        self.assertEqual(len(self.people()), 2)
        self.assertTrue(before)

    def test_a_deleted_identity_is_forgotten_however_it_was_named(self):
        path = self.run_setup("invite", "ops", "Zoë").strip()
        identity = json.loads(self.read("people/Zoë.json"))["userId"]
        self.run_setup("remove", "ops", identity, "--delete-identity", "--yes")
        self.assertFalse(os.path.exists(path))

    def test_who_lost_the_identity_gets_another(self):
        self.run_setup("invite", "ops", "Zoë")
        person = self.read("people/Zoë.json")
        self.run_setup("remove", "ops", "Zoë", "--delete-identity", "--yes")
        self.write(self.path("people/Zoë.json"), person, 0o600)
        self.run_setup("invite", "ops", "Zoë")
        self.assertIn("The identity of Zoë was deleted: there is a new one", self.stderr)
        now = json.loads(self.read("people/Zoë.json"))
        self.assertNotEqual(now["userId"], json.loads(person)["userId"])
        self.assertEqual(self.people()["Zoë"], now["userId"])

    def test_without_a_key_nobody_is_put_out_whose_identity_is_to_be_deleted(self):
        self.run_setup("invite", "ops", "Ann")
        self.run_setup("invite", "ops", "Zoë")
        zoe = json.loads(self.read("people/Zoë.json"))
        self.write(self.path("token"), zoe["token"], 0o600)
        self.write(self.path("conf.d/20-own.conf"),
                   f"[sender mine]\nendpoint = {self.sandbox.endpoint}\n"
                   f"identity = {zoe['userId']}\ntoken_file = {self.path('token')}\n"
                   f"[thread mine]\nid = {self.thread}\nsender = mine\n")
        self.run_setup("remove", "mine", "Ann", "--delete-identity", "--yes", status=78)
        self.assertIn("[sender mine] has no key", self.stderr)
        self.assertIn("Ann", self.people())
        self.run_setup("remove", "mine", "Ann")
        self.assertNotIn("Ann", self.people())

    def test_a_page_of_people_that_leads_to_itself_is_the_last(self):
        self.run_setup("invite", "ops", "Ann")
        self.sandbox.fault(op="participants", what="repeat", count=0)
        self.assertEqual(len(self.identities()), 2)

    def test_a_key_that_is_none_is_told_of_with_its_file(self):
        self.write(self.path("keys/main"), f"endpoint={self.sandbox.endpoint};accesskey=x\n", 0o600)
        self.run_setup("people", "ops", status=65)
        self.assertIn(self.path("keys/main") + ": the access key is not base64", self.stderr)

    def test_an_identity_is_let_in_as_it_is(self):
        self.sandbox.ask("POST", "/sandbox/identities", {"id": "8:acs:sandbox_other"})
        self.run_setup("invite", "ops", "8:acs:sandbox_other")
        self.assertIn("8:acs:sandbox_other", self.people().values())
        self.run_setup("invite", "ops", "8:acs:sandbox_missing", status=66)
        self.assertIn("8:acs:sandbox_missing (8:acs:sandbox_missing) cannot be let into ops: the "
                      "chat did not take this person", self.stderr)

    def test_a_thread_that_is_gone_can_be_replaced(self):
        self.run_setup("invite", "ops", "Zoë")
        self.sandbox.fault(op="participants", status=404, count=0, body="observed")
        for words in (["people", "ops"], ["invite", "ops", "Zoë"], ["remove", "ops", "Zoë"]):
            with self.subTest(words):
                self.run_setup(*words, status=66)
                self.assertIn("if it is gone, chatrelay setup replace ops: the chat answered 404",
                              self.stderr)

    def test_what_the_chat_refuses_is_said_with_the_person(self):
        self.run_setup("invite", "ops", "Zoë")
        self.sandbox.fault(op="remove-participant", status=400, body="observed")
        self.run_setup("remove", "ops", "Zoë", status=65)
        self.assertRegex(self.stderr, r"Zoë \(8:acs:[^)]+\) cannot be put out of ops: the chat")

    def test_names_that_are_none(self):
        for name in ("../x", ".x", "", "a\nb", "a/b"):
            with self.subTest(name):
                self.run_setup("invite", "ops", name, status=64)
        self.assertFalse(os.path.exists(self.path("people")))


class Replace(SetupTest):
    def setUp(self):
        super().setUp()
        self.first()
        self.run_setup("invite", "ops", "Zoë")
        self.old = self.settings()

    def check_replaced(self):
        new = self.settings()["thread ops"]["id"]
        self.assertNotEqual(new, self.old["thread ops"]["id"])
        self.assertEqual(len(self.sandbox.contents(new)), 1)
        people = self.run_setup("people", "ops")
        self.assertIn("\tZoë", people)
        self.assertIn(self.settings()["sender main"]["identity"], people)

    def test_a_thread_that_was_deleted(self):
        with open(self.path("people/Zoë.json"), encoding="utf-8") as file:
            token = json.load(file)["token"]
        url = (f"{self.sandbox.endpoint}/chat/threads/{self.old['thread ops']['id']}"
               "?api-version=2025-03-15")
        request = urllib.request.Request(url, method="DELETE",
                                         headers={"Authorization": "Bearer " + token})
        with urllib.request.urlopen(request, timeout=PATIENCE):
            pass
        self.run_setup("replace", "ops", status=64)  # it asks
        self.run_setup("replace", "ops", "--yes")
        self.check_replaced()
        self.assertEqual(self.settings()["sender main"], self.old["sender main"])

    def test_a_thread_that_works_takes_its_people_along(self):
        self.run_setup("replace", "ops", "--yes")
        self.assertIn("is there and works", self.stderr)
        self.check_replaced()

    def test_nobody_is_left_behind_because_the_chat_has_no_time(self):
        self.sandbox.ask("POST", "/sandbox/identities", {"id": "8:acs:sandbox_other"})
        self.run_setup("invite", "ops", "8:acs:sandbox_other")
        self.sandbox.fault(op="participants", status=500)
        self.run_setup("replace", "ops", "--yes", status=75)
        self.assertEqual(self.settings()["thread ops"], self.old["thread ops"])
        self.sandbox.mend()
        self.run_setup("replace", "ops", "--yes")
        self.check_replaced()
        self.assertIn("8:acs:sandbox_other", self.run_setup("people", "ops"))

    def test_with_a_new_identity_if_that_is_lost_too(self):
        self.sandbox.fault(op="token", status=404, count=1, body="observed")
        self.run_setup("replace", "ops", "--yes")
        self.assertIn("is gone: it gets a new one", self.stderr)
        self.assertNotEqual(self.settings()["sender main"]["identity"],
                            self.old["sender main"]["identity"])
        self.check_replaced()

    def test_what_somebody_else_wrote_is_not_replaced(self):
        self.write(self.path("conf.d/20-own.conf"), "[thread mine]\nid = 19:x@thread.v2\n")
        self.run_setup("replace", "mine", "--yes", status=78)
        self.run_setup("replace", "nowhere", "--yes", status=67)


if __name__ == "__main__":
    unittest.main()
