"""CRMs: what is due leaves outside any transaction, account by account; then it is written down."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import structlog

from tcma.crm.carrying import Carried, carry
from tcma.jobs import Job
from tcma.leads import handing_over
from tcma.leads.handing_over import Round
from tcma.ports import CrmError, CrmFault
from workers.runtime import Run, apart, runs

log = structlog.get_logger(__name__)
MOST_BATCHES = 10
SIDE_BY_SIDE = 4


@runs(Job.CRM_SYNC)
def sync(run: Run) -> None:
    """Bring what is due in step, batch by batch."""
    with ThreadPoolExecutor(SIDE_BY_SIDE) as crew:
        for _ in range(MOST_BATCHES):
            if run.stopping():
                return
            with run.transaction() as work:
                due = handing_over.take_due(work)
            if not due:
                return
            done = list(crew.map(lambda each: ask(run, each), due))
            said = zip(due, done, strict=True)
            apart(run, [partial(_record, run, each, carried) for each, carried in said])


def _record(run: Run, round_: Round, carried: list[Carried]) -> None:
    with run.transaction() as work:
        handing_over.record(work, round_, carried)


def ask(run: Run, round_: Round) -> list[Carried]:
    """Carry one account's leads; whatever comes of it is an answer."""
    if round_.access is None:
        return [handing_over.key_does_not_open(round_)]
    done: list[Carried] = []
    try:
        for each in carry(run.services.crm(round_.access), round_.fields, round_.errands):
            done.append(each)  # noqa: PERF402 - what was done before a fault of ours is kept
    except Exception as error:
        log.exception("a CRM cannot be spoken to", connection=str(round_.connection_id))
        fault = CrmError(CrmFault.AWAY, f"A fault here: {type(error).__name__}.")
        done.append(Carried(key=round_.errands[len(done)].key, error=fault))
    return done
