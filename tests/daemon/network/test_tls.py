"""TLS is verified always, and what is wrong with it is said."""

import os
import re
import subprocess
import sys
import unittest

from front import NGINX, Authority, Front
from harness import ENVIRONMENT, PATIENCE, RelayTest


class TlsTest(RelayTest):
    def configure(self, sections):
        self.authority = Authority(self.folder)
        self.authority.certify("good", "IP:127.0.0.1")
        self.front = Front(self.folder, self.sandbox.endpoint)
        self.addCleanup(self.front.stop)
        sections["sender main"]["endpoint"] = f"https://127.0.0.1:{self.front.port}"
        sections["sender main"]["ca_file"] = self.authority.ca_file
        self.sender = sections["sender main"]

    def begin(self):
        """The relay starts when the test has a server for it."""

    def refused(self, sentence, mend=None):
        """
        A message is not sent, the log says why, the endpoint is charged with it and not
        the message; and once `mend` was done it is sent.
        """
        client = self.connect()
        number = client.send("patience")
        line = self.relay.logged(rf"\bid={number} .*{sentence}.*")[0]
        self.assertIn("status=deferred code=tls", line)
        self.assertRegex(self.relay.command("why", str(number)).stdout, sentence)
        threads = self.relay.command("threads", "--json")
        self.assertIn('"scope":"endpoint"', threads.stdout.replace(" ", ""))
        self.assertEqual(self.sandbox.contents(), [])
        self.assertEqual(client.ask({"op": "show", "id": number})["state"], "pending")
        if mend:
            mend()
            self.assertEqual(client.wait(id=number)["state"], "sent")
            self.assertEqual(self.sandbox.contents(), ["patience"])


class Verified(TlsTest):
    def test_a_trusted_server_gets_the_message(self):
        self.front.start("good")
        self.relay.start()
        client = self.connect()
        client.send("through TLS")
        self.assertEqual(client.wait()["state"], "sent")
        self.assertEqual(self.sandbox.contents(), ["through TLS"])

    def test_tls_1_2_will_do(self):
        self.front.start("good", "TLSv1.2")
        self.relay.start()
        client = self.connect()
        client.send("old enough")
        self.assertEqual(client.wait()["state"], "sent")

    def test_another_host_name(self):
        self.authority.certify("other", "DNS:other.example,IP:127.0.0.2")
        self.front.start("other")
        self.relay.start()
        self.refused("the server's certificate is for another host name",
                     lambda: self.front.start("good"))

    def test_a_certificate_that_has_expired(self):
        self.authority.certify("old", "IP:127.0.0.1", days=-1)
        self.front.start("old")
        self.relay.start()
        self.refused("the server's certificate has expired", lambda: self.front.start("good"))

    def test_an_unknown_authority(self):
        stranger = Authority(self.folder, "stranger")
        stranger.certify("strange", "IP:127.0.0.1")
        self.front.start("strange")
        self.relay.start()
        self.refused("from an authority that is not trusted here", lambda: self.front.start("good"))

    def test_without_ca_file_only_the_systems_authorities_count(self):
        """Whatever the environment says of others."""
        del self.sender["ca_file"]
        self.relay.write_config()
        self.front.start("good")
        self.relay.start(SSL_CERT_FILE=self.authority.ca_file, CURL_CA_BUNDLE=self.authority.ca_file,
                         SSL_CERT_DIR=self.folder)
        self.refused("from an authority that is not trusted here")

    def test_nothing_older_than_tls_1_2(self):
        self.front.start("good", "TLSv1.1")
        self.relay.start()
        self.refused("the server speaks no TLS 1.2 or later", lambda: self.front.start("good"))

    def test_what_does_not_speak_tls(self):
        self.sender["endpoint"] = self.sandbox.endpoint.replace("http:", "https:")
        self.relay.write_config()
        self.front.start("good")
        self.relay.start()
        self.refused("what answers there does not speak TLS")

    def test_the_keys_of_connections_are_written_nowhere(self):
        path = os.path.join(self.folder, "tls-keys")
        self.front.start("good")
        self.relay.start(SSLKEYLOGFILE=path)
        client = self.connect()
        client.send("secret")
        self.assertEqual(client.wait()["state"], "sent")
        self.assertFalse(os.path.exists(path))


class Failures(TlsTest):
    def test_every_failure_that_was_answered_has_its_ms_cv(self):
        self.front.start("good")
        self.relay.start()
        client = self.connect()
        for status in (400, 401, 403, 404, 408, 413, 429, 500, 503):
            self.sandbox.fault(op="send", count=1, status=status)
            client.send(f"after {status}")
            self.relay.logged(rf"http={status}\b.*")
            self.relay.command("flush")
        for line in self.relay.log().splitlines():
            if re.search(r"http=[45]\d\d", line):
                self.assertRegex(line, r" cv=\S+", line)


class Setup(TlsTest):
    def run_setup(self, *words):
        path = os.path.join(self.folder, "secret")
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.connection_string)
        os.chmod(path, 0o600)
        return subprocess.run([os.environ["CHATRELAY_SETUP"], "--yes", "--config",
                               os.path.join(self.folder, "own"), "--connection-string-file", path,
                               *words], capture_output=True, text=True, timeout=PATIENCE * 2,
                              check=False, env=ENVIRONMENT)

    def test_it_verifies_too(self):
        key = "c2VjcmV0IG9mIHRoZSBzZXR1cCB0ZXN0"
        self.connection_string = f"endpoint=https://127.0.0.1:{self.front.port}/;accesskey={key}"
        self.front.start("good")
        done = self.run_setup()
        self.assertEqual(done.returncode, 69, done)
        self.assertIn("from an authority that is not trusted here", done.stderr)
        done = self.run_setup("--ca-file", self.authority.ca_file)
        self.assertEqual(done.returncode, 0, done)
        self.assertIn("is set up on", done.stdout)
        with open(os.path.join(self.folder, "own/conf.d/10-setup.conf"), encoding="utf-8") as file:
            self.assertIn("ca_file = " + self.authority.ca_file, file.read())

    SANDBOX_OPTIONS = ("--access-key", "c2VjcmV0IG9mIHRoZSBzZXR1cCB0ZXN0")


if __name__ == "__main__":
    if not os.access(NGINX, os.X_OK):
        print("skipped: nginx is not installed (scripts/dependencies test)")
        sys.exit(77)
    unittest.main()
