"""What the chat and identity services do, as far as it is known."""

import json
import os
import subprocess
import time
import unittest
from calendar import timegm

from sandbox import ALICE, BOB, CHAT, THREAD, SandboxTest

MERGE = "application/merge-patch+json"
NOT_ALLOWED = "The initiator doesn't have the permission to perform the requested operation."


def said(answer):
    """What people said, of a list's answer."""
    return [message["content"]["message"] for message in answer.json()["value"]
            if message["type"] in ("text", "html")]


class Messages(SandboxTest):
    def post(self, body, **kwargs):
        return self.sandbox.chat("POST", self.sandbox.messages_path(), body, **kwargs)

    def path(self, message_id):
        return f"{self.sandbox.messages_path()}/{message_id}"

    def get(self, message_id, **kwargs):
        return self.sandbox.chat("GET", self.path(message_id), **kwargs)

    def test_a_message_is_kept_as_it_was_sent(self):
        body = {"content": "磁盘满了 💾 \"quoted\"\n", "type": "html", "senderDisplayName": "db01",
                "metadata": {"chatrelayId": "x", "deep": "[\"a\"]"}}
        before_ms = int(time.time() * 1000)
        answer = self.post(body)
        message_id = answer.json()["id"]
        self.assertEqual(answer.status, 201)
        self.assertTrue(before_ms <= int(message_id) <= int(time.time() * 1000) + 10)
        self.assertEqual(answer.headers["location"],
                         f"{self.sandbox.endpoint}/chat/threads/19%3Aops@thread.v2/messages/"
                         f"{message_id}")
        got = self.get(message_id).json()
        self.assertEqual(got.pop("createdOn"),
                         time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(message_id) // 1000)))
        self.assertEqual(got, {
            "id": message_id, "version": message_id, "type": "html", "sequenceId": "3",
            "content": {"message": body["content"]}, "metadata": body["metadata"],
            "senderDisplayName": "db01",
            "senderCommunicationIdentifier": {"kind": "communicationUser", "rawId": ALICE,
                                              "communicationUser": {"id": ALICE}}})

    def test_the_headers_of_a_real_answer(self):
        headers = self.post({"content": "x"}).headers
        for name in ("ms-cv", "x-azure-ref", "x-processing-time", "date", "x-cache"):
            self.assertTrue(headers[name], name)
        self.assertIn(CHAT, headers["api-supported-versions"])
        self.assertEqual(headers["content-type"], "application/json; charset=utf-8")
        self.assertNotIn("x-ms-client-request-id", headers)

    def test_ids_rise_and_sequences_count_system_messages(self):
        ids = [int(self.post({"content": str(number)}).json()["id"]) for number in range(20)]
        self.assertEqual(ids, sorted(set(ids)))
        sequences = [message["sequenceId"] for message in self.sandbox.ledger("?system=1")]
        self.assertEqual(sequences, [str(number) for number in range(1, 23)])

    def test_an_edit_moves_version_and_sequence_but_not_the_id(self):
        message_id = self.post({"content": "a", "metadata": {"k": "v", "gone": "x"}}).json()["id"]
        answer = self.sandbox.chat("PATCH", self.path(message_id),
                                   {"content": "b", "metadata": {"n": "w", "gone": None}},
                                   content_type=MERGE)
        self.assertEqual((answer.status, answer.body), (204, b""))
        got = self.get(message_id).json()
        self.assertEqual(got["content"], {"message": "b"})
        self.assertEqual(got["metadata"], {"k": "v", "n": "w"})
        self.assertEqual((got["id"], got["sequenceId"]), (message_id, "4"))
        self.assertGreater(int(got["version"]), int(message_id))
        self.assertIn("editedOn", got)

    def test_a_deleted_message_is_a_shell(self):
        message_id = self.post({"content": "a"}).json()["id"]
        self.assertEqual(self.sandbox.chat("DELETE", self.path(message_id)).status, 204)
        got = self.get(message_id).json()
        self.assertNotIn("content", got)
        self.assertIn("deletedOn", got)

    def test_only_the_author_changes_a_message(self):
        message_id = self.post({"content": "a"}).json()["id"]
        other = self.sandbox.other_token
        answer = self.sandbox.chat("PATCH", self.path(message_id), {"content": "b"}, token=other,
                                   content_type=MERGE)
        self.refused(answer, 403, "Forbidden", NOT_ALLOWED)
        answer = self.sandbox.chat("DELETE", self.path(message_id), token=other)
        self.refused(answer, 403, "Forbidden", NOT_ALLOWED)
        self.assertEqual(self.get(message_id).json()["content"], {"message": "a"})

    def test_what_is_too_large(self):
        self.assertEqual(self.post({"content": "é" * 14336}).status, 201)
        answer = self.post({"content": "é" * 14336 + "x"})
        self.refused(answer, 400, "BadRequest", "Message size exceeded.")

    def test_what_is_malformed(self):
        for body in ({}, {"content": 1}, {"content": "x", "type": "topicUpdated"},
                     {"content": "x", "type": "RichText/Html"}, {"content": "x", "metadata": {"a": 1}},
                     {"content": "x", "metadata": []}, b"", b"[]", b"{\"content\":\"\xff\"}", b"{"):
            self.assertEqual(self.post(body).status, 400, body)
        self.assertEqual(self.post({"content": "x"}, content_type="text/plain").status, 415)
        self.assertEqual(self.sandbox.contents(), [])

    def test_what_is_not_there(self):
        self.refused(self.get("abc"), 400, "BadRequest", "Value for MessageId (abc) is not valid.")
        self.assertEqual(self.get("1593072104708").status, 404)
        answer = self.sandbox.send("x", thread="19:nobody@thread.v2")
        self.refused(answer, 404, "NotFound", "The specified thread id was not found.")
        self.refused(self.sandbox.send("x", thread="nonsense"), 400, "BadRequest")

    def test_both_forms_of_a_thread_id_in_the_path(self):
        for form in (THREAD, "19%3Aops%40thread.v2", "19%3aops@thread.v2"):
            answer = self.sandbox.chat("POST", f"/chat/threads/{form}/messages", {"content": form})
            self.assertEqual(answer.status, 201)

    def test_the_api_version(self):
        for version in ("2021-03-07", "2024-03-07", "2025-03-15"):
            self.assertEqual(self.sandbox.send("x", version=version).status, 201)
        for version in ("2023-11-15", "", "2025-03-15%2C", "2024"):
            self.assertEqual(self.sandbox.send("x", version=version).status, 400, version)
        target = self.sandbox.messages_path()
        answer = self.sandbox.ask("POST", target, {"content": "x"}, self.sandbox.bearer())
        self.assertEqual(answer.status, 400)

    def test_no_such_operation(self):
        for method, target in (("GET", "/"), ("PUT", self.sandbox.messages_path()),
                               ("GET", "/chat/threads//messages/x/y"), ("GET", "/identities")):
            self.assertEqual(self.sandbox.ask(method, target).status, 404, target)


class Lists(SandboxTest):
    OPTIONS = ("--limits", "off", "--list-limits", "off", "--thread-list-limits", "off")

    def pages(self, query):
        """All pages, following nextLink as it is."""
        answer = self.sandbox.list(query)
        pages = [answer]
        while link := pages[-1].json().get("nextLink"):
            self.assertTrue(link.startswith(self.sandbox.endpoint + "/"))
            target = link.removeprefix(self.sandbox.endpoint)
            pages.append(self.sandbox.ask("GET", target, None, self.sandbox.bearer()))
        return pages

    def test_pages_newest_first(self):
        for number in range(450):
            self.sandbox.send(str(number))
        pages = self.pages("")
        self.assertEqual([len(page.json()["value"]) for page in pages], [200, 200, 52])
        everything = [text for page in pages for text in said(page)]
        self.assertEqual(everything, [str(number) for number in reversed(range(450))])

    def test_messages_that_come_while_one_reads_shift_nothing(self):
        for number in range(5):
            self.sandbox.send(str(number))
        first = self.sandbox.list("?maxPageSize=2").json()
        self.sandbox.send("new")
        target = first["nextLink"].removeprefix(self.sandbox.endpoint)
        second = self.sandbox.ask("GET", target, None, self.sandbox.bearer())
        self.assertEqual(said(second), ["2", "1"])

    def test_exactly_full_pages_end_without_a_link(self):
        for number in range(4):
            self.sandbox.send(str(number))
        self.assertEqual([len(page.json()["value"]) for page in self.pages("?maxPageSize=3")],
                         [3, 3])

    def test_a_start_time(self):
        self.sandbox.send("old")
        last = int(self.sandbox.send("last of old").json()["id"])
        self.eventually(lambda: int(time.time() * 1000) > last + 2)
        start = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime((last + 1) // 1000))
        start = f"{start}.{(last + 1) % 1000:03}Z"
        for number in range(3):
            self.sandbox.send(str(number))
        pages = self.pages(f"?startTime={start.replace(':', '%3A')}&maxPageSize=2")
        self.assertEqual([said(page) for page in pages], [["2", "1"], ["0"]])

    def test_sizes_that_make_no_sense(self):
        for query in ("?maxPageSize=0", "?maxPageSize=x", "?startTime=yesterday"):
            self.assertEqual(self.sandbox.list(query).status, 400, query)
        self.assertEqual(self.sandbox.list("?maxPageSize=1000").status, 200)

    def test_links_can_be_https(self):
        sandbox = self.start("--links", "https")
        sandbox.send("x")
        link = sandbox.list("?maxPageSize=1").json()["nextLink"]
        self.assertTrue(link.startswith("https://127.0.0.1:"))


class Access(SandboxTest):
    def issue(self, identity, minutes=60):
        path = f"/identities/{identity}/:issueAccessToken"
        body = {"scopes": ["chat"], "expiresInMinutes": minutes}
        return self.sandbox.identity("POST", path, body)

    def new_identity(self):
        return self.sandbox.identity("POST", "/identities").json()["identity"]["id"]

    def test_from_the_key_to_a_message(self):
        identity = self.new_identity()
        self.assertRegex(identity, r"^8:acs:[0-9a-f-]{36}_[0-9a-f-]{36}$")
        issued = self.issue(identity.replace(":", "%3A")).json()
        self.assertRegex(issued["expiresOn"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}\+00:00$")
        expires = timegm(time.strptime(issued["expiresOn"][:19], "%Y-%m-%dT%H:%M:%S"))
        self.assertAlmostEqual(expires - time.time(), 3600, delta=5)
        token = issued["token"]
        thread = self.sandbox.chat("POST", "/chat/threads", {"topic": "t"}, token=token).json()
        thread_id = thread["chatThread"]["id"]
        self.assertEqual(self.sandbox.send("x", thread=thread_id, token=token).status, 201)
        answer = self.sandbox.send("x", thread=thread_id)
        self.refused(answer, 403, "Forbidden", NOT_ALLOWED)

    def test_tokens_that_are_no_good(self):
        self.assertEqual(self.sandbox.send("x", token="nonsense").status, 401)
        forged = self.sandbox.token[:-4] + ("AAAA" if self.sandbox.token[-4:] != "AAAA" else "BBBB")
        self.assertEqual(self.sandbox.send("x", token=forged).status, 401)
        target = f"{self.sandbox.messages_path()}?api-version={CHAT}"
        self.assertEqual(self.sandbox.ask("POST", target, {"content": "x"}).status, 401)
        self.assertEqual(self.sandbox.contents(), [])

    def test_tokens_of_another_key_but_the_same_identity(self):
        other = self.start()
        self.assertEqual(self.sandbox.send("x", token=other.token).status, 401)

    def test_the_same_key_knows_its_tokens_after_a_restart(self):
        again = self.start("--access-key", self.sandbox.key)
        self.assertEqual(again.key, self.sandbox.key)
        self.assertEqual(again.send("x", token=self.sandbox.token).status, 201)

    def test_revoked_and_deleted(self):
        path = f"/identities/{ALICE}/:revokeAccessTokens"
        self.assertEqual(self.sandbox.identity("POST", path).status, 204)
        self.assertEqual(self.sandbox.send("x").status, 401)
        fresh = self.issue(ALICE).json()["token"]
        self.assertEqual(self.sandbox.send("x", token=fresh).status, 201)
        self.assertEqual(self.sandbox.identity("DELETE", f"/identities/{ALICE}").status, 204)
        self.assertEqual(self.sandbox.send("x", token=fresh).status, 401)
        self.assertEqual(self.issue(ALICE).status, 404)
        self.assertEqual(said(self.sandbox.list(token=self.sandbox.other_token)), [])

    def test_signatures_that_are_no_good(self):
        target = "/identities?api-version=2023-10-01"
        good = self.sandbox.signed("POST", target, None)
        self.assertEqual(self.sandbox.ask("POST", target, None, good).status, 201)
        wrong = [{}, {**good, "Authorization": good["Authorization"][:-3] + "xx="},
                 {**good, "x-ms-date": "Sun, 06 Nov 1994 08:49:37 GMT"},
                 self.sandbox.signed("POST", target, None, host="elsewhere"),
                 self.sandbox.signed("GET", target, None),
                 self.sandbox.signed("POST", target, None, date="Sun, 06 Nov 1994 08:49:37 GMT"),
                 self.sandbox.signed("POST", target, {"expiresInMinutes": 60}),
                 self.sandbox.bearer()]
        for headers in wrong:
            self.assertEqual(self.sandbox.ask("POST", target, None, headers).status, 401, headers)

    def test_lifetimes_and_scopes(self):
        for minutes in (59, 1441, "60"):
            self.assertEqual(self.issue(ALICE, minutes).status, 400)
        path = f"/identities/{ALICE}/:issueAccessToken"
        self.assertEqual(self.sandbox.identity("POST", path, {"scopes": []}).status, 400)
        self.assertEqual(self.sandbox.identity("POST", path, {"scopes": ["mail"]}).status, 400)
        voip = self.sandbox.identity("POST", path, {"scopes": ["voip"]}).json()["token"]
        self.assertEqual(self.sandbox.send("x", token=voip).status, 403)

    def test_a_token_file_is_its_owners_alone(self):
        self.assertEqual(os.stat(self.sandbox.token_file).st_mode & 0o777, 0o600)


class Threads(SandboxTest):
    def create(self, version=CHAT, request_id=None, **fields):
        headers = self.sandbox.bearer()
        if request_id:
            headers["repeatability-request-id"] = request_id
        return self.sandbox.ask("POST", f"/chat/threads?api-version={version}",
                                {"topic": "Lunch", **fields}, headers)

    def path(self, thread):
        return f"/chat/threads/{thread}"

    @staticmethod
    def person(identity, **more):
        return {"communicationIdentifier": {"communicationUser": {"id": identity}}, **more}

    def test_creation(self):
        nobody = "8:acs:no_body"
        answer = self.create(participants=[self.person(BOB, displayName="Bob"), self.person(nobody)])
        made = answer.json()["chatThread"]
        self.assertEqual(answer.status, 201)
        self.assertRegex(made["id"], r"^19:acsV1_[\w-]+@thread\.v2$")
        self.assertEqual(answer.headers["location"],
                         self.sandbox.endpoint + "/chat/threads/19%3A" + made["id"][3:])
        self.assertEqual(made["createdByCommunicationIdentifier"]["rawId"], ALICE)
        self.assertEqual([one["target"] for one in answer.json()["invalidParticipants"]], [nobody])
        messages = self.sandbox.list(thread=made["id"], token=self.sandbox.other_token).json()
        self.assertEqual([one["type"] for one in messages["value"]],
                         ["topicUpdated", "participantAdded"])
        self.assertEqual(len(messages["value"][1]["content"]["participants"]), 2)

    def test_a_repeated_creation_makes_nothing_twice(self):
        first = self.create(request_id="35dd6e71").json()["chatThread"]["id"]
        self.assertEqual(self.create(request_id="35dd6e71").json()["chatThread"]["id"], first)
        self.assertNotEqual(self.create(request_id="another").json()["chatThread"]["id"], first)

    def test_a_malformed_participant(self):
        answer = self.create(participants=[self.person("8:acs:invalidUserId")])
        self.refused(answer, 400, "BadRequest", "Identifier format is invalid (8:acs:invalidUserId).")

    def test_who_is_removed_reads_but_does_not_write(self):
        self.sandbox.send("before")
        path = self.path(THREAD) + "/participants"
        body = {"rawId": BOB, "communicationUser": {"id": BOB}}
        other = self.sandbox.other_token
        self.assertEqual(self.sandbox.chat("POST", path + "/:remove", body).status, 204)
        self.sandbox.send("after")
        self.assertEqual(said(self.sandbox.list(token=other)), ["before"])
        self.assertEqual(self.sandbox.chat("GET", self.path(THREAD), token=other).status, 200)
        self.refused(self.sandbox.send("x", token=other), 403, "Forbidden", NOT_ALLOWED)
        listed = self.sandbox.chat("GET", path).json()["value"]
        self.assertEqual([one["communicationIdentifier"]["rawId"] for one in listed], [ALICE])
        back = self.sandbox.chat("POST", path + "/:add", {"participants": [self.person(BOB)]})
        self.assertEqual((back.status, back.json()), (201, {}))
        self.assertEqual(self.sandbox.send("back", token=other).status, 201)

    def test_pages_of_participants(self):
        for number in range(5):
            identity = self.sandbox.identity("POST", "/identities").json()["identity"]["id"]
            added = self.sandbox.chat("POST", self.path(THREAD) + "/participants/:add",
                                      {"participants": [self.person(identity)]})
            self.assertEqual(added.status, 201)
        query, sizes = "?maxPageSize=3", []
        answer = self.sandbox.chat("GET", self.path(THREAD) + "/participants" + query).json()
        sizes.append(len(answer["value"]))
        while link := answer.get("nextLink"):
            target = link.removeprefix(self.sandbox.endpoint)
            answer = self.sandbox.ask("GET", target, None, self.sandbox.bearer()).json()
            sizes.append(len(answer["value"]))
        self.assertEqual(sizes, [3, 3, 1])

    def test_properties_change(self):
        answer = self.sandbox.chat("PATCH", self.path(THREAD), {"topic": "Dinner"},
                                   content_type=MERGE)
        self.assertEqual(answer.status, 204)
        self.assertEqual(self.sandbox.chat("GET", self.path(THREAD)).json()["topic"], "Dinner")
        self.assertEqual(self.sandbox.list().json()["value"][0]["content"]["topic"], "Dinner")

    def test_a_deleted_thread_says_so_and_takes_nothing(self):
        self.assertEqual(self.sandbox.chat("DELETE", self.path(THREAD)).status, 204)
        self.assertEqual(self.sandbox.send("x").status, 404)
        self.assertEqual(self.sandbox.list().status, 404)
        self.assertIn("deletedOn", self.sandbox.chat("GET", self.path(THREAD)).json())
        listed = self.sandbox.chat("GET", "/chat/threads").json()["value"]
        self.assertIn("deletedOn", listed[0])

    def test_retention(self):
        for policy, status in (({"kind": "none"}, 201), ({"kind": "other"}, 400), ("none", 400),
                               ({"kind": "threadCreationDate"}, 400),
                               ({"kind": "threadCreationDate", "deleteThreadAfterDays": 29}, 400),
                               ({"kind": "threadCreationDate", "deleteThreadAfterDays": 91}, 400)):
            self.assertEqual(self.create(retentionPolicy=policy).status, status, policy)
        policy = {"kind": "threadCreationDate", "deleteThreadAfterDays": 40}
        made = self.create(retentionPolicy=policy).json()["chatThread"]
        self.assertEqual(made["retentionPolicy"], policy)
        old = self.create(version="2024-03-07", retentionPolicy=policy).json()["chatThread"]
        self.assertNotIn("retentionPolicy", old)

    def test_retention_takes_the_thread_away(self):
        sandbox = self.start("--scale", "1000000", "--token-lifetime", "1000d", "--limits", "off")
        # The token made at the start lives a day, which is nothing at this scale.
        token = sandbox.ask("POST", "/sandbox/tokens",
                            {"identity": ALICE, "for_ms": 10**12}).json()["token"]
        policy = {"kind": "threadCreationDate", "deleteThreadAfterDays": 30}
        made = sandbox.chat("POST", "/chat/threads", {"topic": "t", "retentionPolicy": policy},
                            token=token).json()["chatThread"]
        self.assertEqual(sandbox.send("x", thread=made["id"], token=token).status, 201)
        self.eventually(
            lambda: sandbox.send("x", thread=made["id"], token=token).status == 404)
        properties = sandbox.chat("GET", self.path(made["id"]), token=token).json()
        self.assertIn("deletedOn", properties)

    def test_typing_and_receipts(self):
        sent = self.sandbox.send("x").json()["id"]
        answer = self.sandbox.chat("POST", self.path(THREAD) + "/typing", {})
        self.assertEqual((answer.status, answer.headers["content-length"]), (200, "0"))
        receipts = self.path(THREAD) + "/readReceipts"
        answer = self.sandbox.chat("POST", receipts, {"chatMessageId": sent})
        self.assertEqual(answer.status, 200)
        listed = self.sandbox.chat("GET", receipts).json()["value"]
        self.assertEqual([(one["chatMessageId"], one["senderCommunicationIdentifier"]["rawId"])
                          for one in listed], [(sent, ALICE)])


class Ledger(SandboxTest):
    def test_in_order_across_threads_with_what_was_deleted(self):
        self.sandbox.ask("POST", "/sandbox/threads",
                         {"id": "19:db@thread.v2", "participants": [ALICE]})
        for number in range(4):
            thread = "19:db@thread.v2" if number % 2 else THREAD
            self.sandbox.send(str(number), thread=thread)
        self.assertEqual([(line["threadId"], line["content"]["message"])
                          for line in self.sandbox.ledger()],
                         [(THREAD, "0"), ("19:db@thread.v2", "1"), (THREAD, "2"),
                          ("19:db@thread.v2", "3")])
        self.assertEqual([line["content"]["message"]
                          for line in self.sandbox.ledger("?thread=19%3Aops%40thread.v2&from=1")],
                         ["2"])

    def test_thousands_of_lines_and_a_reader_that_leaves(self):
        connection = self.connect()
        for number in range(3000):
            answer = self.sandbox.send(str(number), connection=connection)
            self.assertEqual(answer.status, 201)
        leaver = self.sandbox.connect()
        leaver.start("GET", "/sandbox/messages")
        leaver.read_more()
        leaver.close()
        self.assertEqual(self.sandbox.contents(), [str(number) for number in range(3000)])


    def test_a_slow_reader_among_many_others(self):
        contents = [f"{number}" + 10000 * "x" for number in range(1200)]
        connection = self.connect()
        for content in contents:
            self.sandbox.send(content, connection=connection)
        connection.start("GET", "/sandbox/messages")
        connection.read_more()
        for _ in range(100):
            self.connect().ask("GET", "/sandbox/faults")
        lines = connection.answer().body.splitlines()
        self.assertEqual([json.loads(line)["content"]["message"] for line in lines], contents)


class Program(unittest.TestCase):
    def run_with(self, *options):
        return subprocess.run([os.environ["CHATRELAY_SANDBOX"], *options], capture_output=True,
                              text=True, timeout=20, check=False)

    def test_help_and_version(self):
        answer = self.run_with("--help")
        self.assertEqual(answer.returncode, 0)
        self.assertIn("--token-file FILE", answer.stdout)
        self.assertRegex(self.run_with("--version").stdout, r"^chatrelay-sandbox \d")

    def test_usage_is_explained(self):
        for options, words in ((["--lissten", "x"], "--listen"),
                               (["--scale"], "argument"), (["--scale", "0"], "1..1000000"),
                               (["--thread", "ops"], "19:ops@thread.v2"),
                               (["--identity", "8:acs:x"], "8:acs:sandbox_alice"),
                               (["--token-file", "/dev/null"], "--identity"),
                               (["--limits", "10"], "10/10s"), (["word"], "word"),
                               (["--latency", "9-1"], "range"), (["--windows", "open"], "sliding")):
            answer = self.run_with(*options)
            self.assertEqual(answer.returncode, 64, options)
            self.assertIn(words, answer.stderr)
            self.assertEqual(answer.stdout, "")

    def test_a_port_that_is_taken(self):
        first = subprocess.Popen([os.environ["CHATRELAY_SANDBOX"], "--listen", "127.0.0.1:0"],
                                 stdout=subprocess.PIPE, text=True)
        self.addCleanup(first.stdout.close)
        self.addCleanup(first.wait)
        self.addCleanup(first.terminate)
        port = first.stdout.readline().rsplit(":", 1)[1].strip()
        answer = self.run_with("--listen", f"127.0.0.1:{port}")
        self.assertEqual(answer.returncode, 69)
        self.assertIn(f"127.0.0.1:{port}", answer.stderr)


if __name__ == "__main__":
    unittest.main()
