"""Pages through the server of `tcma web`: two lists of the console, and the pixel of a mail."""

import os
import statistics
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import text

from tcma.accounts import sessions
from tcma.delivery.links import Links, Purpose
from tcma.embedded.process import free_port, listens, spawn, wait_until
from tests.bench import load
from tests.bench.figures import Figure, in_turn
from tests.bench.ground import settled
from tests.bench.limits import of_peer
from tests.builders import PASSWORD
from tests.faults.posting import a_mailing
from tests.faults.stage import Stage
from tests.services import ROOT

BIN = Path(sys.executable).parent
PEER = "two words by bare WSGI, same server"
MOST_S = 30


def measure(ground):
    """Answers a second and the 99th percentile at 16 connections, each beside bare WSGI."""
    with ExitStack() as stack:
        db = stack.enter_context(ground.installation("pages"))
        stage = Stage(db, count=ground.size.contacts)
        for n in range(ground.size.launches):
            stage.planned(key=f"launch {n}")
        pixels = _pixels(db, ground.size.contacts)
        settled(db)
        web = stack.enter_context(tcma_web(ground, db, "pages"))
        hello = stack.enter_context(_bare(ground))
        client = ground.tool("wrk")
        by = "wrk" if client.path else "our own client"
        asked = {
            "list of launches": ["/console/launches"],
            "list of contacts": ["/console/contacts"],
            "tracking.pixel": pixels,
        }
        cookie = _cookie(db, stage)
        for name, paths in asked.items():
            yield from _figures(ground, f"{name}, by {by}", client, (web, paths, cookie), hello)


def _figures(ground, name, client, ours, hello):
    (port, pid), paths, cookie = ours
    seen = {"ours": [], "peer": []}

    def press(who, server, wanted, signed):
        used, seconds, answered = load.processor_s(server[1]), ground.size.seconds, None
        while answered is None or (not answered.count and seconds < MOST_S):
            answered = load.pressed(
                client, server[0], wanted, seconds=seconds, cookie=signed,
                folder=ground.folder / "load" / who,
            )  # fmt: skip
            seconds = 4 * max(seconds, 1)  # a crowded machine answers nothing in one
        spent = 1e3 * (load.processor_s(server[1]) - used) / answered.count
        seen[who].append((answered.p99, spent))
        return answered.rate

    press("ours", (port, pid), paths, cookie)  # warm: templates, plans, connections
    seen["ours"].clear()
    found = in_turn(
        ground.size.rounds,
        ours=lambda: press("ours", (port, pid), paths, cookie),
        peer=lambda: press("peer", hello, ["/"], "none=1"),
    )
    late, spent = (
        {who: statistics.median(row[n] for row in rows) for who, rows in seen.items()}
        for n in (0, 1)
    )
    for what, unit, values in (
        ("", "answers/s", found),
        (", 99 of 100 within", "ms", late),
        (", the server's work", "ms of one core", spent),
    ):
        if values["ours"]:
            yield Figure(
                name=f"{name}{what}", value=values["ours"], unit=unit,
                peer=PEER if values["peer"] else None, peer_value=values["peer"] or None,
                reason=None if values["peer"] else "too little to be counted",
                bound=of_peer(0.50) if name.startswith("tracking") and not what else None,
            )  # fmt: skip


def _cookie(db, stage):
    with db() as work:
        email = work.session.scalar(
            text("select email from user_account where id = :id"), {"id": stage.alice.user_id}
        )
        token = sessions.sign_in(work, email=email, password=PASSWORD).token
    return f"tcma_session={token}"


def _pixels(db, count):
    with db() as work:
        mailing_id = a_mailing(work, count)
        ids = work.session.scalars(
            text("select id from message where mailing_id = :m"), {"m": mailing_id}
        ).all()
        links = Links(work.site.signer, "")
        return [links.url(Purpose.OPEN, each) for each in ids]


@contextmanager
def tcma_web(ground, db, name, **more):
    """The web process of an installation, as `tcma web` starts it: (port, its number)."""
    port = free_port()
    there = {
        "PORT": str(port), "HOST": "127.0.0.1", "TCMA_SMTP_URL": "smtp://127.0.0.1:9",
        "TCMA_PUBLIC_URL": f"http://127.0.0.1:{port}",
    }  # fmt: skip
    environment = os.environ | ground.environment(db, name, **(there | more))
    with _served([BIN / "tcma", "web"], "tcma web", ground, port, environment) as pid:
        yield port, pid


@contextmanager
def _bare(ground):
    port = free_port()
    command = [
        BIN / "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", "2", "--blocking-threads", "2", "--no-ws", "tests.bench.hello:app",
    ]  # fmt: skip
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with _served(command, "bare WSGI", ground, port, environment) as pid:
        yield port, pid


@contextmanager
def _served(command, name, ground, port, environment):
    log = ground.folder / f"{name.replace(' ', '-')}.log"
    child = spawn(command, name=name, log=log, env=environment)
    wait_until(child, lambda: listens(port), seconds=60)
    try:
        yield child.process.pid
    finally:
        child.stop()
