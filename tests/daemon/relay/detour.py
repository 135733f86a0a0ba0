"""A way to the sandbox that a test can open and close."""

from urllib.parse import urlsplit

from door import Door


class Detour(Door):
    def __init__(self, endpoint):
        super().__init__()
        self.target = ("127.0.0.1", urlsplit(endpoint).port)
        self.endpoint = self.url

    def serve(self, near):
        self.pass_on(near, self.target)
