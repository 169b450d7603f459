"""Leads: route what waits, take back what nobody answered or touches, show what people wrote back, learn
at night from those that closed.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar
from uuid import UUID

import structlog

from tcma.db.work import Work
from tcma.errors import TcmaError, Unavailable
from tcma.jobs import Job
from tcma.leads import (
    actions,
    due,
    idle,
    lapsing,
    offers,
    points,
    reminding,
    replies,
    ripening,
    scores,
    telling,
)
from tcma.leads.rules import OfferState
from workers.runtime import Run, apart, once, one_by_one, runs

log = structlog.get_logger(__name__)
Row = TypeVar("Row")


@runs(Job.LEAD_ROUTE)
def route(run: Run, lead_id: str = "") -> None:
    """Route one lead at once, or, in batches, whatever waits when no one is named."""
    if lead_id:
        with run.transaction() as work:
            offers.route(work, UUID(lead_id))
        return
    with run.transaction() as work:
        vendors = list(due.vendors_waiting(work.session))
    apart(run, [partial(_route_waiting, run, each) for each in vendors])


def _route_waiting(run: Run, vendor_id: UUID) -> None:
    _in_batches(
        run,
        partial(offers.route_waiting, vendor_id=vendor_id),
        size=offers.BATCH,
        rows=lambda work: due.waiting_lead_ids(work.session, vendor_id, limit=offers.BATCH),
        singly=lambda lead_id: partial(offers.route, lead_id=lead_id),
    )


TELLING: tuple[tuple[Callable[..., int], Callable[[Work], Sequence[UUID]]], ...] = (
    (telling.tell, lambda work: telling.untold(work.session, OfferState.OFFERED)),
    (telling.tell_gone, lambda work: telling.untold(work.session, OfferState.GONE)),
    (telling.escalate, lambda work: telling.left(work.session)),
    (reminding.remind, lambda work: reminding.unreminded(work.session, work.now)),
)
"""Who writes letters in batches, and of which rows."""


@runs(Job.LEAD_TELL)
def tell(run: Run) -> None:
    """Write about offers and leads that nobody was told about, in batches."""
    apart(run, [partial(_tell, run, told, rows) for told, rows in TELLING])


def _tell(run: Run, told: Callable[..., int], rows: Callable[[Work], Sequence[UUID]]) -> None:
    _in_batches(
        run, told, size=telling.BATCH, rows=rows, singly=lambda each: partial(told, only=each)
    )


def _in_batches(
    run: Run,
    act: Callable[[Work], int],
    *,
    size: int,
    rows: Callable[[Work], Sequence[Row]],
    singly: Callable[[Row], Callable[[Work], object]],
) -> None:
    """Act batch by batch; when one cannot be written, on its rows one by one, so that the odd one alone
    waits.
    """
    done = size
    while done >= size and not run.stopping():
        try:
            done = once(run, act)
            continue
        except Unavailable:
            raise
        except TcmaError as error:
            log.info("rows are done one by one", code=error.code, reason=error.message)
        except Exception:
            log.exception("rows are done one by one")
        with run.transaction() as work:
            waiting = rows(work)
        one_by_one(run, [singly(each) for each in waiting])
        return


@runs(Job.LEAD_EXPIRE)
def expire(run: Run) -> None:
    """Hand back every offer past its time, to a partner that left or to one that pauses; each in its own
    transaction.
    """
    with run.transaction() as work:
        stranded = list(due.stranded_offer_ids(work.session))
        paused = list(due.paused_offer_ids(work.session, now=work.now))
        overdue = list(due.overdue_offer_ids(work.session, now=work.now))
    back = [partial(actions.take_back, offer_id=each) for each in stranded]
    back += [partial(actions.take_back, offer_id=each, verb=actions.IN_A_PAUSE) for each in paused]
    one_by_one(run, [*back, *(partial(_expire, offer_id=each) for each in overdue)])


def _expire(work: Work, offer_id: UUID) -> None:
    if actions.expire(work, offer_id):
        telling.time_is_over(work, offer_id)


@runs(Job.LEAD_REPLIED)
def replied(run: Run) -> None:
    """Bring what people wrote back to their leads, in batches."""
    _in_batches(
        run,
        replies.hear,
        size=replies.BATCH,
        rows=lambda work: replies.unheard(work.session),
        singly=lambda each: partial(replies.hear, only=each),
    )


@runs(Job.LEAD_IDLE)
def idle_leads(run: Run) -> None:
    """Warn of accepted leads and registered deals that nobody touches, and end it for those that stayed so."""
    with run.transaction() as work:
        vendors = idle.vendors_with_a_rule(work.session, work.now)
        registers = lapsing.vendors_with_a_rule(work.session, work.now)
    ends: list[Callable[[Work], int]] = []
    for vendor_id, rule in vendors:
        ends += [
            partial(act, vendor_id=vendor_id, idle=rule) for act in (idle.pull_back, idle.warn)
        ]
    for vendor_id, deals in registers:
        ends += [
            partial(act, vendor_id=vendor_id, rule=deals) for act in (lapsing.lapse, lapsing.warn)
        ]
    apart(run, [partial(_until_done, run, each) for each in ends])


def _until_done(run: Run, act: Callable[[Work], int]) -> None:
    done = idle.BATCH
    while done >= idle.BATCH and not run.stopping():
        done = once(run, act)


@runs(Job.SCORE_LEARN)
def learn(run: Run) -> None:
    """Give open leads their points anew, and route those a rule may take now; learn for each vendor whose
    model is of yesterday.
    """
    with run.transaction() as work:
        vendors = list(scores.vendors_due(work.session, now=work.now))
    one_by_one(run, [_ripen, *(partial(scores.learn_once, vendor_id=each) for each in vendors)])


def _ripen(work: Work) -> None:
    ripening.ripen(work, points.open_leads(work.session))
