"""Dies on purpose: takes a batch of steps again and again, each time killed one statement later.

Run as `python -m tests.domain.nurture.killed`, it reads where as JSON and prints a line after each
attempt: how many statements it lived, and what the database holds. `fork` is why this is a process of
its own: it has one thread.
"""

import json
import os
import signal
import sys
from datetime import datetime
from pathlib import Path

from sqlalchemy import create_engine, event, text
from sqlalchemy.pool import NullPool

from tcma.adapters.storage_disk import DiskFiles
from tcma.clock import FixedClock
from tcma.db.session import transaction
from tcma.db.work import Site
from tcma.ids import Signer
from tcma.nurture.stepping import step_due
from tcma.permissions import SYSTEM
from tests.fakes import KeptQueue

MOST = 60
HELD = text(
    "SELECT (SELECT count(*) FROM nurture_step), (SELECT count(*) FROM message),"
    " (SELECT count(*) FROM cap_hit), (SELECT sum(step_no) FROM nurture_run)"
)


def attempt(given, engine):
    """Take the batch in one transaction."""
    site = Site(public_url="https://tcma.test", signer=Signer(b"x" * 32), secret=b"x" * 32)
    with transaction(
        engine, principal=SYSTEM, clock=FixedClock(datetime.fromisoformat(given["at"])), site=site,
        files=DiskFiles(Path(given["files"])), queue=KeptQueue(),
    ) as work:  # fmt: skip
        step_due(work)


def main():
    """Kill, look, kill later, until one attempt lives to its end."""
    given = json.load(sys.stdin)
    for last in range(MOST):
        child = os.fork()
        if not child:
            engine = create_engine(given["url"], poolclass=NullPool)
            done = 0

            @event.listens_for(engine, "before_cursor_execute")
            def die(*_, last=last):
                nonlocal done
                if done == last:
                    os.kill(os.getpid(), signal.SIGKILL)
                done += 1

            attempt(given, engine)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        engine = create_engine(given["url"], poolclass=NullPool)
        with engine.connect() as there:
            held = [int(n or 0) for n in there.execute(HELD).one()]
        print(json.dumps({"killed": os.WIFSIGNALED(status), "held": held}), flush=True)
        if not os.WIFSIGNALED(status):
            return os.waitstatus_to_exitcode(status)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
