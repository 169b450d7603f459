"""A vendor's program that hears, on a real server, and the world that tells it."""

import base64
import hashlib
import hmac
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tcma.adapters.egress import Egress
from tcma.jobs import Job
from tcma.outbox import actions
from tests.builders import mira
from tests.domain.leads.conftest import ask, ground  # noqa: F401 - fixtures
from tests.faults.posting import rung
from tests.pages import services_of
from workers.runtime import Run


class Hears(BaseHTTPRequestHandler):
    """Keeps every request; answers with the program's status."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.program.heard.append((dict(self.headers.items()), body))
        self.send_response(self.server.program.status)
        self.end_headers()
        self.wfile.write(b"as you say")

    def log_message(self, *_):
        return


@dataclass
class Program:
    """`heard` are (headers, body); `status` is what it answers."""

    port: int = 0
    status: int = 200
    heard: list = field(default_factory=list)

    @property
    def url(self):
        return f"http://crm.test:{self.port}/in"

    def told(self):
        """What it heard since, and forget it."""
        found = [json.loads(body) for _, body in self.heard]
        self.heard.clear()
        return found


@pytest.fixture(scope="module")
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Hears) as running:
        running.program = Program(running.server_port)
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield running.program
        running.shutdown()
        thread.join()


@pytest.fixture
def program(server):
    server.heard.clear()
    server.status = 200
    return server


@dataclass
class Outbox:
    """`made()` sets up the webhook; `send()` is the worker's look at the outbox."""

    db: object
    run: Run
    mira: object
    program: Program
    ref: str = ""
    secret: str = ""

    def made(self, *, name="crm", events=(), url=""):
        with self.db(self.mira) as work:
            self.ref, self.secret = actions.make_endpoint(
                work, self.run.services.web, name=name, url=url or self.program.url, events=events
            )
        return self.ref

    def send(self):
        rung(self.run, Job.OUTBOX_SEND)

    def test(self):
        with self.db(self.mira) as work:
            actions.send_test(work, self.ref)

    def rows(self):
        from tcma.outbox.queries import deliveries

        with self.db(self.mira) as work:
            return deliveries(work.session, self.mira, self.ref)


@pytest.fixture
def out(db, tmp_path, program, ground):  # noqa: F811 - the fixture
    web = Egress((f"crm.test:{program.port}",), resolve=lambda _: ["127.0.0.1"])
    services = services_of(db, tmp_path, web=web)
    with db() as work:
        person = mira(work, ground.vendor_id)
    return Outbox(db, Run(services=services, stopping=lambda: False), person, program)


def is_signed(headers, body, secret):
    """Check a request as the other side would."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mark = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return f"v1,{mark}" in headers["webhook-signature"].split()
