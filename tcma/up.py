"""The two forms of the web server: everything in one (`make run`), or web alone (`compose.yaml`)."""

import atexit
import logging
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import structlog
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from tcma.config import Settings, read_settings
from tcma.embedded import catcher
from tcma.embedded.process import die_with_parent, listens
from tcma.errors import Unavailable
from tcma.prepare import prepare
from tcma.wiring import Services, build, installation

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Seed = Callable[[Services], Sequence[str]]
"""Makes the demo world where there is none; returns the lines about how to sign in."""

THREADS = 4
EVERYTHING = "tcma.up:web_with_workers"


def web() -> Wsgi:
    """Return the web application of this process's environment; granian's target in compose."""
    return _app(_services())


def web_with_workers() -> Wsgi:
    """Return the web application, with workers and scheduler as threads beside it."""
    from workers.embedded import start_embedded

    die_with_parent()
    services = _services()
    if services.settings.redis_url is None:
        atexit.register(start_embedded(services, services.queue.broker).stop)
    return _app(services)


def run(settings: Settings, *, seed: Seed, target: str = EVERYTHING) -> int:
    """Run the product until Ctrl-C: database, mail catcher, web, workers, scheduler.

    Raises Unavailable with the remedy when the port is taken or a part does not start.
    """
    if listens(settings.port):
        raise Unavailable(
            f"port {settings.port} is taken by another program",
            remedy=f"Stop it, or choose another port: PORT={settings.port + 1} make run",
        )
    with ExitStack() as stack:
        if settings.smtp_url is None:
            with _step("mail catcher"):
                stack.callback(catcher.start(settings.data).stop)
        with _step("database"):
            services = stack.enter_context(installation(settings))
            prepare(services)
        with _step("demo world"):
            lines = seed(services)
        services.engine.dispose()  # idle connections would only wait here
        _say(["", *_where(settings), *lines, "", "Ctrl-C stops all of it.", ""])
        _serve(settings, target)
        _say(["", "Stopping …"])
    _say(["Everything is stopped; the data stays in " + str(settings.data)])
    return 0


def _serve(settings: Settings, target: str) -> None:
    multiprocessing.set_start_method("spawn", force=True)  # a fork would copy our threads' locks
    server = Granian(
        target,
        address="127.0.0.1",
        port=settings.port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=1,
        blocking_threads=THREADS,
        log_level=LogLevels.warning,
    )
    server.serve()


def _services() -> Services:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    services = build(read_settings(os.environ))
    atexit.register(services.close)
    return services


def _app(services: Services) -> Wsgi:
    from tcma.web.app import create_app

    return create_app(services)


def _where(settings: Settings) -> list[str]:
    lines = [f"tcma runs on {settings.public_url}"]
    if settings.smtp_url is None:
        lines.append(f"Mail is caught, not sent: {settings.public_url}/mail")
    if settings.redis_url is not None:
        lines.append("Jobs go to Redis: start `python -m workers.main` and `workers.scheduler` too")
    return lines


@contextmanager
def _step(name: str) -> Iterator[None]:
    begun = time.monotonic()
    yield
    _say([f"  {name:<34}{time.monotonic() - begun:5.1f} s"])


def _say(lines: Sequence[str]) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
