"""What Microsoft's JavaScript SDK sends (communication-chat 1.6, communication-identity 1.3).

Recorded from the SDK on Node 20 and played here with the ids, tokens and
signatures of the day, header for header.
"""

import unittest

from sandbox import SandboxTest

CHAT_AGENT = "azsdk-js-communication-chat/1.6.0 core-rest-pipeline/1.24.0 Node/20.20.2"
IDENTITY_AGENT = "azsdk-js-communication-identity/1.3.1 core-rest-pipeline/1.24.0 Node/20.20.2"
REQUEST_ID = "4c09faca-f9a6-412f-be06-dc5a783fabd8"

JSON = "application/json"
MERGE = "application/merge-patch+json"


class Replay(SandboxTest):
    OPTIONS = ("--links", "https")

    def setUp(self):
        super().setUp()
        self.connection = self.connect()

    def play(self, request, body=""):
        """Send the text as it is, with the line ends that HTTP wants."""
        text = "\r\n".join(line for line in request.strip().splitlines()) + "\r\n\r\n" + body
        self.connection.socket.sendall(text.encode())
        return self.connection.answer()

    def identity(self, method, target, body=None, content_type=JSON):
        """The identity client signs, and gives a type even to an empty body."""
        text = "" if body is None else body
        signed = self.sandbox.signed(method, target, text.encode())
        typed = f"Content-Type: {content_type}\n" if content_type else ""
        return self.play(f"{method} {target} HTTP/1.1\n{typed}"
                         f"Accept: application/json\n"
                         f"Accept-Encoding: gzip,deflate\n"
                         f"User-Agent: {IDENTITY_AGENT}\n"
                         f"x-ms-client-request-id: {REQUEST_ID}\n"
                         f"Host: 127.0.0.1:{self.sandbox.port}\n"
                         f"x-ms-date: {signed['x-ms-date']}\n"
                         f"x-ms-content-sha256: {signed['x-ms-content-sha256']}\n"
                         f"Authorization: {signed['Authorization']}\n"
                         f"Connection: keep-alive\n"
                         f"Content-Length: {len(text.encode())}\n", text)

    def chat(self, method, target, token, body=None, content_type=JSON, more=""):
        text = "" if body is None else body
        typed = f"Content-Type: {content_type}\n" if body is not None else ""
        sized = f"Content-Length: {len(text.encode())}\n" if body is not None else ""
        return self.play(f"{method} {target} HTTP/1.1\n{typed}"
                         f"Accept: application/json\n{more}"
                         f"Accept-Encoding: gzip,deflate\n"
                         f"User-Agent: {CHAT_AGENT}\n"
                         f"x-ms-client-request-id: {REQUEST_ID}\n"
                         f"Authorization: Bearer {token}\n{sized}"
                         f"Host: 127.0.0.1:{self.sandbox.port}\n"
                         f"Connection: keep-alive\n", text)

    def new_user(self):
        answer = self.identity("POST", "/identities?api-version=2023-10-01",
                               "{\"createTokenWithScopes\":[\"chat\"]}")
        self.assertEqual(answer.status, 201)
        return answer.json()["identity"]["id"], answer.json()["accessToken"]["token"]

    def new_thread(self, token, participants="[]"):
        answer = self.chat("POST", "/chat/threads?api-version=2025-03-15", token,
                           f"{{\"topic\":\"Lunch\",\"participants\":{participants}}}",
                           more="repeatability-request-id: 42317359-e21c-4bd1-a4da-020e7819c2ce\n")
        self.assertEqual(answer.status, 201)
        return answer.json()["chatThread"]["id"].replace(":", "%3A").replace("@", "%40")

    def test_identity_client(self):
        answer = self.identity("POST", "/identities?api-version=2023-10-01")
        self.assertEqual(answer.status, 201)
        encoded = answer.json()["identity"]["id"].replace(":", "%3A")
        answer = self.identity("POST",
                               f"/identities/{encoded}/:issueAccessToken?api-version=2023-10-01",
                               "{\"scopes\":[\"chat\"],\"expiresInMinutes\":60}")
        self.assertEqual(answer.status, 200)
        self.assertEqual(set(answer.json()), {"token", "expiresOn"})
        answer = self.identity("POST",
                               f"/identities/{encoded}/:revokeAccessTokens?api-version=2023-10-01",
                               content_type=None)
        self.assertEqual((answer.status, answer.body), (204, b""))
        answer = self.identity("DELETE", f"/identities/{encoded}?api-version=2023-10-01",
                               content_type=None)
        self.assertEqual((answer.status, answer.body), (204, b""))

    def test_chat_thread_client(self):
        user, token = self.new_user()
        other, _ = self.new_user()
        person = (f"{{\"communicationIdentifier\":{{\"rawId\":\"{other}\","
                  f"\"communicationUser\":{{\"id\":\"{other}\"}}}}}}")
        base = f"/chat/threads/{self.new_thread(token, '[' + person + ']')}"
        version = "api-version=2025-03-15"
        sent = self.chat("POST", f"{base}/messages?{version}", token,
                         "{\"content\":\"hello 世界\",\"senderDisplayName\":\"me\","
                         "\"type\":\"text\",\"metadata\":{\"a\":\"b\"}}")
        self.assertEqual(sent.status, 201)
        message = f"{base}/messages/{sent.json()['id']}"
        got = self.chat("GET", f"{message}?{version}", token)
        self.assertEqual(got.json()["content"]["message"], "hello 世界")
        self.assertEqual(got.json()["senderCommunicationIdentifier"]["rawId"], user)
        page = self.chat("GET", f"{base}/messages?maxPageSize=2&{version}", token).json()
        self.assertEqual([one["type"] for one in page["value"]], ["text", "topicUpdated"])
        # The SDK refuses to send a bearer token to a link that is not https.
        link = page["nextLink"].removeprefix(f"https://127.0.0.1:{self.sandbox.port}")
        page = self.chat("GET", link, token).json()
        self.assertEqual([one["type"] for one in page["value"]], ["participantAdded"])
        self.assertNotIn("nextLink", page)
        self.assertEqual(self.chat("GET", f"{base}?{version}", token).json()["topic"], "Lunch")
        people = self.chat("GET", f"{base}/participants?{version}", token).json()["value"]
        self.assertEqual([one["communicationIdentifier"]["rawId"] for one in people], [user, other])
        for method, target, body, content_type, status in (
                ("PATCH", message, "{\"content\":\"edited\",\"metadata\":{\"c\":\"d\"}}", MERGE, 204),
                ("DELETE", message, None, None, 204),
                ("PATCH", base, "{\"topic\":\"Dinner\"}", MERGE, 204),
                ("POST", f"{base}/participants/:add", f"{{\"participants\":[{person}]}}", JSON, 201),
                ("POST", f"{base}/participants/:remove", f"{{\"rawId\":\"{other}\"}}", JSON, 204),
                ("POST", f"{base}/typing", "{}", JSON, 200),
                ("GET", "/chat/threads", None, None, 200),
                ("DELETE", base, None, None, 204)):
            answer = self.chat(method, f"{target}?{version}", token, body, content_type)
            self.assertEqual(answer.status, status, (method, target, answer.body))

    def test_refusals(self):
        _, token = self.new_user()
        _, stranger = self.new_user()
        base = f"/chat/threads/{self.new_thread(token)}"
        path = f"{base}/messages?api-version=2025-03-15"
        self.assertEqual(self.chat("POST", path, "e30.e30.e30", "{\"content\":\"x\"}").status, 401)
        self.assertEqual(self.chat("POST", path, stranger, "{\"content\":\"x\"}").status, 403)
        path = "/chat/threads/19%3Anobody%40thread.v2/messages?api-version=2025-03-15"
        self.assertEqual(self.chat("POST", path, token, "{\"content\":\"x\"}").status, 404)


if __name__ == "__main__":
    unittest.main()
