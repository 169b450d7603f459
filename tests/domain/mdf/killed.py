"""Dies on purpose: does one verb again and again, each time killed one statement later.

Run as `python -m tests.domain.mdf.killed`, it reads what to do as JSON and prints a line per
act: after each attempt whether it was killed and what the books held. `fork` is why this
is a process of its own: it has one thread.
"""

import json
import os
import signal
import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import create_engine, event, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from tcma.adapters.storage_disk import DiskFiles
from tcma.clock import FixedClock
from tcma.db.session import transaction
from tcma.db.work import Site
from tcma.ids import Signer
from tcma.mdf import queries
from tcma.mdf.claims import decisions as claim_decisions
from tcma.mdf.ledger import booking
from tcma.mdf.payments import batches
from tcma.permissions import Principal, Role
from tests.fakes import KeptQueue

MOST = 300


class RehearsedError(Exception):
    """Everything was done, nothing shall stay."""


STATE = text(
    "SELECT coalesce((SELECT state FROM fund_request WHERE ref = :ref),"
    " (SELECT state FROM claim WHERE ref = :ref), (SELECT state FROM payment_batch WHERE ref = :ref))"
)
BALANCES = text("SELECT kind, sum(balance)::bigint FROM ledger_account GROUP BY kind")


def approve_claim(work, who, ref):
    claim_decisions.approve(work, queries.claim_by_ref(work.session, who, ref))


def settle(work, who, ref):
    batch = queries.batch_by_ref(work.session, who, ref)
    batches.settle(work, batch, bank_reference="BACS 1")


ACTS = {each.__name__: each for each in (approve_claim, settle)}


def principal(said):
    ids = {name: UUID(said[name]) if said[name] else None for name in ("user_id", "vendor_id")}
    return Principal(name=said["name"], role=Role(said["role"]), **ids)


def attempt(given, engine):
    """Do the act in one transaction."""
    who = principal(given["who"])
    with transaction(
        engine,
        principal=who,
        clock=FixedClock(datetime.fromisoformat(given["at"])),
        site=Site(public_url="https://tcma.test", signer=Signer(b"x" * 32), secret=b"x" * 32),
        files=DiskFiles(Path(given["files"])),
        queue=KeptQueue(),
    ) as work:
        ACTS[given["act"]](work, who, given["ref"])
        if given.get("rehearsal"):
            raise RehearsedError


def die_at(engine, last):
    """End this process before statement number `last` from the first written row on, or commit."""
    left = iter(range(last - 1))
    written = False

    def perhaps(*told):
        nonlocal written
        said = told[2] if len(told) > 2 else "COMMIT"
        written = written or said.startswith(("INSERT", "UPDATE", "DELETE"))
        if written and next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine, "before_cursor_execute", perhaps)
    event.listen(engine, "commit", perhaps)


def stands(engine, ref):
    """What the books hold, whether they prove, and where the row stands."""
    with Session(engine) as session:
        return {
            "faults": [each.fault for each in booking.verify(session)],
            "state": session.scalar(STATE, {"ref": ref}),
            "balances": dict(iter(session.execute(BALANCES))),
        }


def until_done(given, engine):
    """Yield what stands before, and after each attempt; the last one lived."""
    yield {"killed": False} | stands(engine, given["ref"])
    with suppress(RehearsedError):  # what was compiled and imported once, each child has
        attempt(given | {"rehearsal": True}, engine)
    for last in range(1, MOST):
        child = os.fork()
        if child == 0:
            die_at(engine, last)
            attempt(given, engine)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        if not killed and status:
            raise SystemExit(f"the act failed by itself at statement {last}")
        yield {"killed": killed} | stands(engine, given["ref"])
        if not killed:
            return
    raise SystemExit(f"not done after {MOST} statements")


def main():
    given = json.load(sys.stdin)
    engine = create_engine(given["url"], poolclass=NullPool)
    for each in given["acts"]:
        print(json.dumps(list(until_done(given | each, engine))), flush=True)


if __name__ == "__main__":
    main()
