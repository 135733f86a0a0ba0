"""Tokens minted with the machine's own identity: no key is anywhere."""

import http.server
import json
import threading
import unittest
from urllib.parse import parse_qs, urlsplit

from harness import RelayTest

ENTRA_TOKEN = "entra-token-that-nobody-may-see"


class Metadata:
    """A virtual machine's metadata service."""

    def __init__(self):
        self.requests, self.answer = [], (200, {"access_token": ENTRA_TOKEN, "expires_in": "86399",
                                                "token_type": "Bearer"})
        metadata = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):  # noqa: N802  (the base class wants this name)
                metadata.requests.append((urlsplit(self.path), dict(self.headers)))
                status, body = metadata.answer
                if self.headers.get("Metadata") != "true":
                    status, body = 400, {"error": "invalid_request"}
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.endpoint = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class ManagedIdentity(RelayTest):
    SANDBOX_OPTIONS = ("--entra-token", ENTRA_TOKEN)

    def configure(self, sections):
        self.metadata = Metadata()
        self.addCleanup(self.metadata.close)
        sections["relay"]["metadata_endpoint"] = self.metadata.endpoint
        self.sender = sections["sender main"]
        del self.sender["token_file"]
        self.sender["managed_identity"] = "system"

    def test_from_the_machine_to_a_message(self):
        client = self.connect()
        client.send("without a key")
        self.assertEqual(client.wait()["state"], "sent")
        [(url, _)] = self.metadata.requests
        self.assertEqual(url.path, "/metadata/identity/oauth2/token")
        self.assertEqual(parse_qs(url.query), {"api-version": ["2018-02-01"],
                                               "resource": ["https://communication.azure.com/"]})
        self.assertNotIn(ENTRA_TOKEN, self.relay.log())

    def test_an_identity_that_was_assigned(self):
        self.sender["managed_identity"] = "7d2f1f0c-0000-4000-8000-000000000001"
        self.relay.adopt()
        client = self.connect()
        client.send("assigned")
        self.assertEqual(client.wait()["state"], "sent")
        self.assertEqual(parse_qs(self.metadata.requests[-1][0].query)["client_id"],
                         ["7d2f1f0c-0000-4000-8000-000000000001"])

    def test_without_an_answer_its_messages_wait_and_it_is_said_why(self):
        good = self.metadata.answer
        for answer, words in (((404, {"error": "not_found", "error_description": "no identity"}),
                               "the metadata service answered 404 not_found: no identity"),
                              ((200, {"token": "x"}), "holds no access_token"),
                              ((200, {"access_token": "two words"}), "holds no access_token"),
                              ((200, {"access_token": "another"}),
                               "answered 401.*is the role of this machine right")):
            with self.subTest(words):
                self.metadata.answer = answer
                self.sandbox.fault(op="send", count=1, status=401)
                client = self.connect()
                number = client.send("patience")
                self.relay.logged(r"\[sender main\] no new access token: managed_identity: .*" + words)
                self.metadata.answer = good
                self.assertEqual(client.wait(id=number)["state"], "sent")
        self.assertNotIn(ENTRA_TOKEN, self.relay.log())


if __name__ == "__main__":
    unittest.main()
