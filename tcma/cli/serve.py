"""The processes of the scaled-out form, and the migration that runs before them."""

import argparse
import os

from tcma.cli.main import GOOD, say, settings_here
from tcma.db import migrate as migrations
from tcma.errors import Invalid
from tcma.wiring import installation


def migrate(args: argparse.Namespace) -> int:
    """Run the missing migrations, and make the bucket of the file store."""
    with installation(settings_here()) as services:
        url = services.engine.url.render_as_string(hide_password=False)
        migrations.upgrade(url)
        if services.settings.files_url.startswith("s3:"):
            from tcma.adapters.storage_s3 import S3Files  # heavy: boto3

            S3Files(services.settings.files_url).ensure_bucket()
        say(args, {"current": True}, "The database is at the newest version.")
    return GOOD


def web(args: argparse.Namespace) -> int:
    """Serve by granian: one process per core, two threads each (the measured best)."""
    del args
    from granian import Granian
    from granian.constants import Interfaces

    settings = settings_here()
    Granian(
        "tcma.web.wsgi:app",
        address=os.environ.get("HOST", "0.0.0.0"),  # noqa: S104 - a container's own network
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=2,
        blocking_threads=2,
        websockets=False,
        # A worker asked to stop before its own handler stands never hears it (granian 2).
        workers_kill_timeout=8,
    ).serve()
    return GOOD


def _needs_redis() -> None:
    if settings_here().redis_url is None:
        raise Invalid(
            "TCMA_REDIS_URL is not set, so no queue connects this process with the others",
            code="config.redis",
            remedy="Set TCMA_REDIS_URL, or use `tcma up` for everything in one process.",
        )


def worker(args: argparse.Namespace) -> int:
    """Consume jobs until asked to stop."""
    del args
    _needs_redis()
    from workers.main import main as run

    return run()


def scheduler(args: argparse.Namespace) -> int:
    """Look for due rows until asked to stop; any number may run, one leads."""
    del args
    _needs_redis()
    from workers.scheduler import main as run

    return run()


def postbox(args: argparse.Namespace) -> int:
    """Take in what comes back by mail until asked to stop."""
    del args
    _needs_redis()
    from workers.postbox import main as run

    return run()
