"""Leads: route what waits, take back what nobody answered or touches, show what people wrote back, learn
at night from those that closed.
"""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from tcma.db.work import Work
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
from workers.runtime import Run, one_by_one, runs


@runs(Job.LEAD_ROUTE)
def route(run: Run, lead_id: str = "") -> None:
    """Route one lead at once, or, in batches, whatever waits when no one is named."""
    if lead_id:
        with run.transaction() as work:
            offers.route(work, UUID(lead_id))
        return
    with run.transaction() as work:
        vendors = list(due.vendors_waiting(work.session))
    for each in vendors:
        done = offers.BATCH
        while done == offers.BATCH and not run.stopping():
            with run.transaction() as work:
                done = offers.route_waiting(work, each)


@runs(Job.LEAD_TELL)
def tell(run: Run) -> None:
    """Write about offers and leads that nobody was told about, in batches."""
    for told in (telling.tell, telling.tell_gone, telling.escalate, reminding.remind):
        done = telling.BATCH
        while done == telling.BATCH and not run.stopping():
            with run.transaction() as work:
                done = told(work)


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
    done = replies.BATCH
    while done == replies.BATCH and not run.stopping():
        with run.transaction() as work:
            done = replies.hear(work)


@runs(Job.LEAD_IDLE)
def idle_leads(run: Run) -> None:
    """Warn of accepted leads and registered deals that nobody touches, and end it for those that stayed so."""
    with run.transaction() as work:
        vendors = idle.vendors_with_a_rule(work.session, work.now)
        registers = lapsing.vendors_with_a_rule(work.session, work.now)
    for vendor_id, rule in vendors:
        for act in (idle.pull_back, idle.warn):
            _in_batches(run, partial(act, vendor_id=vendor_id, idle=rule))
    for vendor_id, deals in registers:
        for end in (lapsing.lapse, lapsing.warn):
            _in_batches(run, partial(end, vendor_id=vendor_id, rule=deals))


def _in_batches(run: Run, act: Callable[[Work], int]) -> None:
    done = idle.BATCH
    while done == idle.BATCH and not run.stopping():
        with run.transaction() as work:
            done = act(work)


@runs(Job.SCORE_LEARN)
def learn(run: Run) -> None:
    """Give open leads their points anew, and route those a rule may take now; learn for each vendor whose
    model is of yesterday.
    """
    with run.transaction() as work:
        ripening.ripen(work, points.open_leads(work.session))
    with run.transaction() as work:
        vendors = list(scores.vendors_due(work.session, now=work.now))
    one_by_one(run, [partial(scores.learn_once, vendor_id=each) for each in vendors])
