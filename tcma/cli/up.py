"""The whole product in one process: database, mail catcher, workers, scheduler, web."""

import argparse
import fcntl
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

from waitress.server import create_server

from tcma import demo
from tcma.cli.main import GOOD, settings_here
from tcma.config import Settings
from tcma.db import migrate
from tcma.embedded import catcher
from tcma.errors import Unavailable
from tcma.web.app import create_app
from tcma.wiring import Services, build
from workers.embedded import start_embedded

Result = TypeVar("Result")
LOCK = "up.lock"


def step(words: str, do: Callable[[], Result]) -> Result:
    """Say what is being done, do it, say how long it took."""
    print(f"  {words:<34}", end="", flush=True)
    begun = time.monotonic()
    result = do()
    print(f"{time.monotonic() - begun:6.1f} s", flush=True)
    return result


@contextmanager
def alone(data: Path) -> Iterator[None]:
    """Hold the data folder; Unavailable when another `tcma up` does."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unavailable(
                f"The product is running already on the data in {data}",
                remedy="Stop it with Ctrl-C, or name another folder in TCMA_DATA.",
            ) from None
        yield


def is_up(data: Path) -> bool:
    """Say whether a `tcma up` works on this data folder."""
    try:
        with alone(data):
            return False
    except Unavailable:
        return True


def up(args: argparse.Namespace) -> int:
    """Start everything, print where it is, wait for Ctrl-C, stop everything."""
    del args
    settings = settings_here()
    stop = threading.Event()

    def asked(signum: int, frame: FrameType | None) -> None:
        del signum, frame
        stop.set()

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, asked)
    with alone(settings.data), ExitStack() as running:
        print("Starting", flush=True)
        if settings.smtp_url is None:
            caught = step("mail catcher", lambda: catcher.start(settings.data))
            running.callback(caught.stop)
        services = step("database", lambda: build(settings))
        running.callback(services.close)
        prepare(services)
        workers = step(
            "workers and scheduler", lambda: start_embedded(services, services.queue.broker)
        )
        running.callback(workers.stop)
        server = step("web", lambda: listen(services))
        running.callback(server.close)
        threading.Thread(target=serve, args=(server, stop), name="web", daemon=True).start()
        print(banner(settings), flush=True)
        stop.wait()
        print("\nStopping", flush=True)
    print("Stopped. Your data is kept.", flush=True)
    return GOOD


def prepare(services: Services) -> None:
    """Bring the database up to date, and fill an empty one with the demo world."""
    url = services.engine.url.render_as_string(hide_password=False)
    step("tables", lambda: migrate.upgrade(url))
    if demo.is_empty(services):
        step("demo world", lambda: demo.build_world(services))


def listen(services: Services) -> Any:
    """Bind the web server; Unavailable when the port is taken."""
    port = services.settings.port
    try:
        return create_server(
            create_app(services), host="127.0.0.1", port=port, threads=8, ident=None
        )
    except OSError as error:
        raise Unavailable(
            f"Port {port} is taken ({error.strerror})",
            remedy="Name another one: PORT=8010 make run",
        ) from None


def serve(server: Any, stop: threading.Event) -> None:
    """Answer requests until the server is closed; a crash of the loop ends the product."""
    try:
        server.run()
    except OSError as error:
        if not stop.is_set():
            print(f"web: {error}", file=sys.stderr)
    finally:
        stop.set()


def banner(settings: Settings) -> str:
    """Return the lines that say where everything is."""
    address = settings.public_url
    mail = f"{address}/mail" if settings.smtp_url is None else settings.smtp_url.split("@")[-1]
    people = "\n".join(f"    {p.email:<34} {p.password:<22} {p.what}" for p in demo.PEOPLE)
    return f"""
  tcma is running

    Open        {address}
    Mail        {mail}
    Data        {settings.data}

  Sign in as
{people}

  Ctrl-C stops everything. Your data is kept.
"""
