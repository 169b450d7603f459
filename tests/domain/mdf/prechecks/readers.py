"""A service that reads proofs, as a real server: what it was told, and what it is told to answer."""

import base64
import hashlib
import hmac
import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
GOOD = {
    "findings": [
        {
            "code": "scene",
            "result": "passed",
            "words": "A booth with people before it",
            "remedy": "",
        },
        {
            "code": "brand",
            "result": "doubtful",
            "words": "The banner may be another company’s.",
            "remedy": "Compare it with the style guide.",
        },
    ]
}


def is_signed(heads, body):
    """Check a message as the Standard Webhooks specification has a receiver do it."""
    signed = f"{heads['webhook-id']}.{heads['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    mark = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    fresh = abs(time.time() - int(heads["webhook-timestamp"])) < 300
    return fresh and f"v1,{mark}" in heads["webhook-signature"].split()


@dataclass
class Reader:
    """What came, signed, and the answers to come: (status, octets) or `cut`."""

    heard: list = field(default_factory=list)
    say: list = field(default_factory=list)
    port: int = 0

    @property
    def url(self):
        return f"http://reader.test:{self.port}/read"


@contextmanager
def reading():
    """Serve as long as the block lasts."""
    stand = Reader()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heads = {name.lower(): value for name, value in self.headers.items()}
            stand.heard.append((heads, body))
            if not is_signed(heads, body):
                self.send_error(401)
                return
            told = stand.say.pop(0) if stand.say else (200, GOOD)
            if told == "cut":
                self.connection.close()
                return
            status, content = told
            payload = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stand.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield stand
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
