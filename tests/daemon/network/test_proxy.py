"""A proxy is used when the settings say so, and never because of the environment alone."""

import unittest

from door import Door
from harness import RelayTest


class Proxy(Door):
    """Connects whoever asks with CONNECT, and notes what it was asked."""

    def __init__(self, answer=b"HTTP/1.1 200 Connection established\r\n\r\n"):
        super().__init__()
        self.requests, self.answer = [], answer
        self.open()

    def serve(self, near):
        request = b""
        while b"\r\n\r\n" not in request:
            request += near.recv(1 << 16)
        self.requests.append(request)
        near.sendall(self.answer)
        if b" 200 " in self.answer:
            host, port = request.split()[1].decode().rsplit(":", 1)
            self.pass_on(near, (host, int(port)))


class ProxyTest(RelayTest):
    def begin(self):
        self.proxy = Proxy()
        self.addCleanup(self.proxy.close)

    def say_in_settings(self, **settings):
        self.relay.sections["sender main"].update(settings)
        self.relay.write_config()

    def environment(self, url):
        names = ("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
        return dict.fromkeys(names, url)

    def send_one(self):
        client = self.connect()
        number = client.send("by way of")
        return client, number

    def test_the_proxy_of_the_settings(self):
        self.say_in_settings(proxy=self.proxy.url)
        self.relay.start(no_proxy="*", NO_PROXY="*")
        client, _ = self.send_one()
        self.assertEqual(client.wait()["state"], "sent")
        self.assertTrue(self.proxy.requests)
        for request in self.proxy.requests:
            self.assertRegex(request, rb"\ACONNECT 127\.0\.0\.1:\d+ HTTP/1\.1\r\n")
            self.assertNotIn(b"Bearer", request)

    def test_the_environment_alone_is_nothing(self):
        self.relay.start(**self.environment(self.proxy.url))
        client, _ = self.send_one()
        self.assertEqual(client.wait()["state"], "sent")
        self.assertEqual(self.proxy.requests, [])

    def test_the_environment_when_it_is_asked(self):
        self.say_in_settings(proxy="environment")
        self.relay.start(**self.environment(self.proxy.url))
        client, _ = self.send_one()
        self.assertEqual(client.wait()["state"], "sent")
        self.assertTrue(self.proxy.requests)

    def test_a_proxy_that_refuses_is_the_endpoints_trouble(self):
        self.proxy.answer = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
        self.say_in_settings(proxy=self.proxy.url)
        self.relay.start()
        client, number = self.send_one()
        line = self.relay.logged(rf"\bid={number} .*attempt=1 .*")[0]
        self.assertIn("status=deferred code=connect", line)
        self.assertRegex(line, r"reason=.*\b407\b")
        self.assertEqual(client.ask({"op": "show", "id": number})["state"], "pending")
        self.proxy.answer = b"HTTP/1.1 200 OK\r\n\r\n"
        self.assertEqual(client.wait(id=number)["state"], "sent")
        self.assertEqual(self.sandbox.contents(), ["by way of"])

    def test_it_is_taken_up_by_a_reload(self):
        self.relay.start()
        client, _ = self.send_one()
        self.assertEqual(client.wait()["state"], "sent")
        self.relay.sections["sender main"]["proxy"] = self.proxy.url
        self.relay.adopt()
        client, _ = self.send_one()
        self.assertEqual(client.wait()["state"], "sent")
        self.assertTrue(self.proxy.requests)


if __name__ == "__main__":
    unittest.main()
