"""A process that stops itself in the middle of a transaction, with a row locked.

Run as `python -m tests.faults.freezer URL FOLDER`; woken again it says how its commit ended.
"""

import os
import signal
import sys
from pathlib import Path

from sqlalchemy import text

from tcma.adapters.storage_disk import DiskFiles
from tcma.clock import SystemClock
from tcma.db.session import make_engine, transaction
from tcma.db.work import Site
from tcma.errors import TcmaError
from tcma.ids import Signer
from tcma.permissions import SYSTEM
from tests.fakes import KeptQueue

IDLE_S = 2


def main(url, folder):
    """Lock every vendor, stop, and say how it went."""
    try:
        with transaction(
            make_engine(url, idle_s=IDLE_S),
            principal=SYSTEM,
            clock=SystemClock(),
            site=Site(public_url="https://tcma.test", signer=Signer(b"s" * 32), secret=b"s" * 32),
            files=DiskFiles(Path(folder)),
            queue=KeptQueue(),
        ) as work:
            work.session.execute(text("select 1 from vendor for update"))
            print("held", flush=True)
            os.kill(os.getpid(), signal.SIGSTOP)
            work.session.execute(text("update vendor set name = 'Woken'"))
    except TcmaError as error:
        print(error.code, flush=True)
    else:
        print("committed", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
