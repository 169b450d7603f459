"""The whole product in one process: database, mail catcher, workers, scheduler, web."""

import argparse
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import IO, Any, TypeVar

from flask import Flask
from waitress.server import create_server

from tcma import demo
from tcma.cli.alone import alone
from tcma.cli.main import GOOD, WRONG, say, settings_here
from tcma.config import Settings
from tcma.db import migrate
from tcma.embedded import catcher, names, postgres
from tcma.errors import Unavailable
from tcma.web.app import create_app, hits_of
from tcma.wiring import Services, build
from workers.embedded import start_embedded
from workers.postbox import Postbox

Result = TypeVar("Result")
HALF_MADE = "demo.half-made"
SPARE_PORT = 8010
LOOK_EVERY = 2.0
"""Seconds between two looks whether the database is still there."""


class Starter:
    """Says each step and how long it took, and knows whether somebody wants to stop."""

    def __init__(self, *, out: IO[str]) -> None:
        self.stop = threading.Event()
        self._out = out
        self._may_break = False

    def asked(self, signum: int, frame: FrameType | None) -> None:
        """Stop: at once in a step that may be broken off, else when it is done."""
        del signum, frame
        self.stop.set()
        if self._may_break:
            self._may_break = False
            raise KeyboardInterrupt

    def say(self, words: str, end: str = "\n") -> None:
        """Tell whoever started it."""
        print(words, end=end, file=self._out, flush=True)

    def step(self, words: str, do: Callable[[], Result], *, may_break: bool = False) -> Result:
        """Say what is being done, do it, say how long it took."""
        if self.stop.is_set():
            raise KeyboardInterrupt
        self.say(f"  {words:<34}", end="")
        begun = time.monotonic()
        self._may_break = may_break
        try:
            result = do()
        finally:
            self._may_break = False
        self.say(f"{time.monotonic() - begun:6.1f} s")
        return result


def up(args: argparse.Namespace) -> int:
    """Start everything, print where it is, wait for Ctrl-C, stop everything."""
    settings = settings_here()
    starter = Starter(out=sys.stderr if args.json else sys.stdout)
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, starter.asked)
    try:
        with alone(settings.data), ExitStack() as running:
            require_free(settings.port)
            starter.say("Starting")
            services = start_all(settings, starter, running)
            here = {"open": settings.public_url, "data": str(settings.data), "mail": mail(settings)}
            say(args, here, banner(settings))
            sys.stdout.flush()
            while not starter.stop.wait(LOOK_EVERY):
                look_after(services, starter)
            starter.say("\nStopping")
    except KeyboardInterrupt:
        starter.say("\nStopped before it was ready. Start again: what was made is kept.")
        return WRONG
    starter.say("Stopped. Your data is kept.")
    return GOOD


def start_all(settings: Settings, starter: Starter, running: ExitStack) -> Services:
    """Start each part; `running` stops it again."""
    if settings.smtp_url is None:
        caught = starter.step("mail catcher", lambda: catcher.start(settings.data))
        running.callback(caught.stop)
    if not settings.dns:
        named = starter.step("name server", lambda: name_server(settings.data))
        running.callback(named.stop)
    services = starter.step("database", lambda: build(settings))
    running.callback(services.close)
    prepare(services, starter)
    workers = starter.step(
        "workers and scheduler", lambda: start_embedded(services, services.queue.broker)
    )
    running.callback(workers.stop)
    if settings.return_mail:
        postbox = Postbox(services, settings.return_mail)
        starter.step("post box", postbox.start)
        running.callback(postbox.stop)
    app = create_app(services)
    server = starter.step("web", lambda: listen(app, services.settings.port))
    hits_of(app).start()
    running.callback(hits_of(app).stop)
    running.callback(server.close)
    threading.Thread(target=serve, args=(server, starter.stop), name="web", daemon=True).start()
    return services


def name_server(data: Path) -> names.NameServer:
    """Answer for names that exist nowhere else: those of the demo world."""
    server = names.start(data / names.FILE)
    (data / names.PORT_FILE).write_text(f"{server.port}\n")
    return server


def prepare(services: Services, starter: Starter) -> None:
    """Bring the database up to date, and fill an empty one with the demo world.

    A demo world that was broken off half-way is made anew: nobody has worked in it yet.
    """
    url = services.engine.url.render_as_string(hide_password=False)
    half_made = services.settings.data / HALF_MADE
    if half_made.exists() and services.settings.embedded_database:
        starter.step("half-made demo world, away", lambda: migrate.downgrade(url))
        services.engine.dispose()
    starter.step("tables", lambda: migrate.upgrade(url))
    if demo.is_empty(services):
        half_made.touch()
        starter.step("demo world", lambda: demo.build_world(services), may_break=True)
    half_made.unlink(missing_ok=True)


def require_free(port: int) -> None:
    """Raise Unavailable when the port is taken, before anything is made."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise port_taken(port, error) from None


def port_taken(port: int, error: OSError) -> Unavailable:
    """Return the refusal of a port."""
    return Unavailable(
        f"Port {port} cannot be used ({error.strerror})",
        remedy=f"Stop who uses it, or name another one: PORT={SPARE_PORT} make run",
    )


def look_after(services: Services, starter: Starter) -> None:
    """Start the embedded database again when it died underneath; Unavailable when it cannot."""
    if services.server is None or postgres.is_running(services.server):
        return
    starter.say("The database stopped, not by us. Starting it again; nothing is lost.")
    postgres.revive(services.server)
    starter.say("The database is back.")


def listen(app: Flask, port: int) -> Any:
    """Bind the web server; Unavailable when the port is taken."""
    try:
        return create_server(app, host="127.0.0.1", port=port, threads=8, ident=None)
    except OSError as error:
        raise port_taken(port, error) from None


def serve(server: Any, stop: threading.Event) -> None:
    """Answer requests until the server is closed; a crash of the loop ends the product."""
    try:
        server.run()
    except OSError as error:
        if not stop.is_set():
            print(f"web: {error}", file=sys.stderr)
    finally:
        stop.set()


def mail(settings: Settings) -> str:
    """Return where mail goes: the page of the catcher, else the relay without its password."""
    if settings.smtp_url is None:
        return f"{settings.public_url}/mail"
    return ", ".join(each.split("@")[-1] for each in settings.smtp_url.split())


def banner(settings: Settings) -> str:
    """Return the lines that say where everything is."""
    address = settings.public_url
    people = "\n".join(f"    {p.email:<34} {p.password:<22} {p.what}" for p in demo.PEOPLE)
    return f"""
  tcma is running

    Open        {address}
    Mail        {mail(settings)}
    Data        {settings.data}

  Sign in as
{people}

  Ctrl-C stops everything. Your data is kept.
"""
