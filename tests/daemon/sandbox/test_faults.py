"""Every fault, seen from the wire by a client that hides nothing."""

import unittest
from email.utils import parsedate_to_datetime

from sandbox import ALICE, THREAD, SandboxTest, leave_without_a_word


class Answers(SandboxTest):
    def test_a_status_before_storing(self):
        self.sandbox.fault(op="send", status=503)
        self.refused(self.sandbox.send("one"), 503, "ServiceUnavailable")
        self.assertEqual(self.sandbox.send("two").status, 201)
        self.assertEqual(self.sandbox.contents(), ["two"])

    def test_a_status_after_storing(self):
        self.sandbox.fault(op="send", status=500, stored=True)
        answer = self.sandbox.send("one")
        self.refused(answer, 500, "InternalServerError")
        self.assertEqual(self.sandbox.contents(), ["one"])

    def test_every_shape_of_an_error(self):
        self.sandbox.fault(status=429, body="documented", message="slow")
        self.sandbox.fault(status=401, body="empty")
        self.sandbox.fault(status=502, body="html")
        self.sandbox.fault(status=503, text="{\"CommunicationErr")
        answer = self.sandbox.send("x")
        self.assertEqual(answer.status, 429)
        self.assertEqual(answer.json(), {"error": {"code": "TooManyRequests", "message": "slow"}})
        answer = self.sandbox.send("x")
        self.assertEqual((answer.status, answer.body), (401, b""))
        answer = self.sandbox.send("x")
        self.assertEqual((answer.status, answer.headers["content-type"]), (502, "text/html"))
        self.assertIn(b"<h1>502 Bad Gateway</h1>", answer.body)
        answer = self.sandbox.send("x")
        self.assertEqual((answer.status, answer.body), (503, b"{\"CommunicationErr"))

    def test_every_form_of_retry_after(self):
        forms = {"seconds": "retry-after", "date": "retry-after",
                 "retry-after-ms": "retry-after-ms", "x-ms-retry-after-ms": "x-ms-retry-after-ms"}
        for form, name in forms.items():
            self.sandbox.fault(status=429, retry_after_ms=2500, retry_after_form=form)
            answer = self.sandbox.send("x")
            value = answer.headers[name]
            if form == "date":
                wait = parsedate_to_datetime(value) - parsedate_to_datetime(answer.headers["date"])
                self.assertIn(wait.total_seconds(), (3, 4))
            else:
                self.assertEqual(value, "3" if form == "seconds" else "2500")
        self.sandbox.fault(status=429)
        answer = self.sandbox.send("x")
        self.assertFalse([name for name in answer.headers if "retry" in name])

    def test_a_created_answer_with_a_broken_body(self):
        self.sandbox.fault(op="send", text="<oops")
        answer = self.sandbox.send("one")
        self.assertEqual((answer.status, answer.body), (201, b"<oops"))
        self.assertIn(self.sandbox.ledger()[0]["id"], answer.headers["location"])

    def test_statuses_that_are_neither_yes_nor_no(self):
        self.sandbox.fault(status=202, stored=True)
        self.sandbox.fault(status=204)
        self.sandbox.fault(status=302, headers={"Location": "http://127.0.0.1:1/"})
        self.assertEqual(self.sandbox.send("one").status, 202)
        answer = self.sandbox.send("two")
        self.assertEqual((answer.status, answer.body), (204, b""))
        answer = self.sandbox.send("three")
        self.assertEqual((answer.status, answer.headers["location"]), (302, "http://127.0.0.1:1/"))
        self.assertEqual(self.sandbox.contents(), ["one"])

    def test_an_interim_answer_and_nothing_after_it(self):
        self.sandbox.fault(status=103)
        connection = self.connect()
        self.sandbox.start_send(connection, "one")
        self.assertEqual(connection.rest(), b"HTTP/1.1 103 Early Hints\r\n\r\n")
        self.assertEqual(self.sandbox.contents(), [])


class Breaks(SandboxTest):
    def send_on(self, connection, content="one"):
        self.sandbox.start_send(connection, content)

    def test_reset_before_storing(self):
        self.sandbox.fault(op="send", what="reset")
        connection = self.connect()
        self.send_on(connection)
        self.assertRaises(ConnectionResetError, connection.rest)
        self.assertEqual(self.sandbox.contents(), [])

    def test_reset_after_storing(self):
        self.sandbox.fault(op="send", what="reset", stored=True)
        connection = self.connect()
        self.send_on(connection)
        self.assertRaises(ConnectionResetError, connection.rest)
        self.assertEqual(self.sandbox.contents(), ["one"])

    def test_close_after_storing_only_on_a_reused_connection(self):
        self.sandbox.fault(op="send", what="close", stored=True, reused=True)
        connection = self.connect()
        self.assertEqual(self.sandbox.send("first", connection=connection).status, 201)
        self.assertEqual(self.sandbox.send("elsewhere").status, 201)
        self.send_on(connection, "second")
        self.assertEqual(connection.rest(), b"")
        self.assertEqual(self.sandbox.contents(), ["first", "elsewhere", "second"])

    def test_a_descriptor_used_again_is_no_reused_connection(self):
        for _ in range(5):
            self.assertEqual(self.sandbox.send("before").status, 201)
        self.sandbox.fault(op="send", what="close", reused=True)
        for _ in range(5):
            self.assertEqual(self.sandbox.send("after").status, 201)

    def test_half_an_answer(self):
        self.sandbox.fault(op="list", what="cut", stored=True)
        self.sandbox.send("one")
        connection = self.connect()
        target = f"{self.sandbox.messages_path()}?api-version=2025-03-15"
        connection.start("GET", target, None, self.sandbox.bearer())
        head, _, body = connection.rest().partition(b"\r\n\r\n")
        promised = int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0])
        self.assertTrue(head.startswith(b"HTTP/1.1 200 OK\r\n"))
        self.assertEqual(len(body), promised // 2)

    def test_the_first_bytes_of_an_answer(self):
        self.sandbox.fault(op="send", what="cut", stored=True, bytes=12)
        connection = self.connect()
        self.send_on(connection)
        self.assertEqual(connection.rest(), b"HTTP/1.1 201")
        self.assertEqual(self.sandbox.contents(), ["one"])

    def test_garbage(self):
        self.sandbox.fault(op="send", what="garbage")
        connection = self.connect()
        self.send_on(connection)
        said = connection.rest()
        self.assertGreater(len(said), 10)
        self.assertFalse(said.startswith(b"HTTP"))
        self.assertEqual(self.sandbox.contents(), [])

    def test_reset_before_reading(self):
        self.sandbox.fault(op="connect", what="reset", count=2)
        spoiled = 0
        for _ in range(3):
            connection = None
            try:
                connection = self.connect()
                self.send_on(connection)
                connection.answer()
            except (ConnectionError, EOFError) as broken:
                self.assertNotIsInstance(broken, EOFError)
                spoiled += 1
        self.assertEqual(spoiled, 2)
        self.assertEqual(self.sandbox.contents(), ["one"])


class Stalls(SandboxTest):
    OPTIONS = ("--limits", "off", "--scale", "100")

    def test_a_late_answer(self):
        self.sandbox.fault(op="send", what="stall", for_ms=20000, stored=True)
        connection = self.connect()
        began_ms = self.sandbox.stats()["elapsedMs"]
        self.sandbox.start_send(connection, "one")
        self.eventually(lambda: self.sandbox.contents() == ["one"])
        self.assertEqual(connection.input, b"")
        self.assertEqual(connection.answer().status, 201)
        self.assertGreaterEqual(self.sandbox.stats()["elapsedMs"] - began_ms, 20000)

    def test_no_answer_ever_harms_nobody_else(self):
        self.sandbox.fault(op="send", what="stall", stored=True)
        connection = self.connect()
        self.sandbox.start_send(connection, "one")
        self.eventually(lambda: self.sandbox.contents() == ["one"])
        self.assertEqual(self.sandbox.send("two").status, 201)
        connection.socket.setblocking(False)
        self.assertRaises(BlockingIOError, connection.socket.recv, 1)

    def test_a_request_that_was_given_up_arrives_late(self):
        self.sandbox.fault(op="send", what="stall", for_ms=30000)
        connection = self.sandbox.connect()
        self.sandbox.start_send(connection, "one")
        self.eventually(lambda: self.sandbox.stats()["requests"] == 1)
        leave_without_a_word(connection)
        self.assertEqual(self.sandbox.contents(), [])
        self.eventually(lambda: self.sandbox.contents() == ["one"])

    def test_clients_that_leave_in_a_stall_leave_nothing_behind(self):
        self.sandbox.fault(op="send", what="stall", count=0, stored=True)
        self.sandbox.fault(op="list", what="stall", count=0)
        before = self.sandbox.descriptors()
        for turn in range(50):
            connection = self.sandbox.connect()
            if turn % 2:
                self.sandbox.start_send(connection, "x")
            else:
                target = f"{self.sandbox.messages_path()}?api-version=2025-03-15"
                connection.start("GET", target, None, self.sandbox.bearer())
            leave_without_a_word(connection)
        self.eventually(lambda: len(self.sandbox.contents()) == 25)
        self.eventually(lambda: self.sandbox.descriptors() <= before)
        self.assertEqual(self.sandbox.ask("DELETE", "/sandbox/faults").status, 204)
        self.assertEqual(self.sandbox.send("y").status, 201)

    def test_a_request_behind_a_stalled_one_waits_its_turn(self):
        self.sandbox.fault(op="list", what="stall", for_ms=10000)
        connection = self.connect()
        target = f"{self.sandbox.messages_path()}?api-version=2025-03-15"
        connection.start("GET", target, None, self.sandbox.bearer())
        self.sandbox.start_send(connection, "behind")
        self.assertEqual(connection.answer().status, 200)
        self.assertEqual(connection.answer().status, 201)


class Lists(SandboxTest):
    OPTIONS = ("--limits", "off", "--list-limits", "off", "--thread-list-limits", "off",
               "--scale", "100")

    def listed(self):
        return [message["content"]["message"] for message in self.sandbox.list().json()["value"]
                if message["type"] == "text"]

    def test_late_visibility(self):
        self.sandbox.fault(op="send", what="late", for_ms=20000)
        answer = self.sandbox.send("late")
        self.assertEqual(answer.status, 201)
        self.sandbox.send("prompt")
        self.assertEqual(self.listed(), ["prompt"])
        path = f"{self.sandbox.messages_path()}/{answer.json()['id']}"
        self.assertEqual(self.sandbox.chat("GET", path).status, 200)
        self.eventually(lambda: self.listed() == ["prompt", "late"])

    def test_a_next_link_that_leads_nowhere(self):
        self.sandbox.fault(op="list", what="repeat")
        answer = self.sandbox.list("?maxPageSize=1").json()
        target = f"{self.sandbox.messages_path()}?maxPageSize=1&api-version=2025-03-15"
        self.assertEqual(answer["nextLink"], self.sandbox.endpoint + target)

    def test_a_garbled_list(self):
        self.sandbox.fault(op="list", text="{\"value\":[{\"id\":\"17")
        answer = self.sandbox.list()
        self.assertEqual((answer.status, answer.body), (200, b"{\"value\":[{\"id\":\"17"))


class Plans(SandboxTest):
    def statuses(self, count):
        return [self.sandbox.send("x").status for _ in range(count)]

    def test_after_and_count(self):
        self.sandbox.fault(op="send", status=500, after=2, count=3)
        self.assertEqual(self.statuses(7), [201, 201, 500, 500, 500, 201, 201])

    def test_a_seed_gives_the_same_fate_again(self):
        fates = []
        for _ in range(2):
            self.sandbox.fault(op="send", status=500, count=0, probability=0.5, seed=7)
            fates.append(self.statuses(40))
            self.sandbox.ask("DELETE", "/sandbox/faults")
        self.assertEqual(fates[0], fates[1])
        self.assertEqual(set(fates[0]), {201, 500})

    def test_only_that_thread_and_that_operation(self):
        made = self.sandbox.ask("POST", "/sandbox/threads",
                                {"id": "19:db@thread.v2", "participants": [ALICE]})
        self.assertEqual(made.status, 201)
        self.sandbox.fault(op="send", thread="19:db@thread.v2", status=500, count=0)
        self.assertEqual(self.sandbox.send("x").status, 201)
        self.assertEqual(self.sandbox.send("x", thread="19:db@thread.v2").status, 500)
        self.assertEqual(self.sandbox.list(thread="19:db@thread.v2").status, 200)

    def test_faults_can_be_seen_and_taken_back(self):
        first = self.sandbox.fault(op="send", status=500, count=0)
        second = self.sandbox.fault(op="send", status=503, count=0)
        self.statuses(2)
        listed = self.sandbox.ask("GET", "/sandbox/faults").json()
        self.assertEqual([(one["id"], one["hits"]) for one in listed], [(first, 2), (second, 0)])
        self.assertEqual(self.sandbox.ask("DELETE", f"/sandbox/faults/{first}").status, 204)
        self.assertEqual(self.statuses(1), [503])
        self.assertEqual(self.sandbox.ask("DELETE", "/sandbox/faults").status, 204)
        self.assertEqual(self.statuses(1), [201])

    def test_the_token_can_be_struck_too(self):
        self.sandbox.fault(op="token", status=503)
        body = {"scopes": ["chat"]}
        path = f"/identities/{ALICE}/:issueAccessToken"
        self.assertEqual(self.sandbox.identity("POST", path, body).status, 503)
        self.assertEqual(self.sandbox.identity("POST", path, body).status, 200)

    def test_nonsense_is_refused_with_a_sentence(self):
        for fields, word in (({"staus": 500}, "did you mean \"status\""), ({}, "what shall go wrong"),
                             ({"what": "explode"}, "explode"), ({"what": "late"}, "for_ms"),
                             ({"op": "sned", "status": 500}, "did you mean \"send\""),
                             ({"op": "connect", "what": "garbage"}, "reset"),
                             ({"status": 500, "probability": 2}, "probability")):
            answer = self.sandbox.ask("POST", "/sandbox/faults", fields)
            self.assertEqual(answer.status, 400, fields)
            self.assertIn(word, answer.json()["error"]["message"])

    def test_several_at_once_are_all_or_none(self):
        answer = self.sandbox.ask("POST", "/sandbox/faults", [{"status": 500}, {"what": "late"}])
        self.assertEqual(answer.status, 400)
        self.assertEqual(self.sandbox.ask("GET", "/sandbox/faults").json(), [])
        self.assertEqual(self.sandbox.ask("POST", "/sandbox/faults",
                                          [{"status": 500}, {"status": 502}]).status, 201)
        self.assertEqual(self.statuses(3), [500, 502, 201])


if __name__ == "__main__":
    unittest.main()
