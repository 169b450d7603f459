"""Funds: write the proof of launches, remind and close by date, prove the ledger."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

import structlog

from tcma.db.alone import is_alone
from tcma.db.work import Work
from tcma.errors import NotFound, Unavailable
from tcma.jobs import Job
from tcma.launches import manifests
from tcma.mdf import overdue
from tcma.mdf.case_files import page_pictures, posts, proofs
from tcma.mdf.funds import ending, points
from tcma.mdf.funds import proof as ledger_proof
from tcma.mdf.judging import nightly
from tcma.mdf.requests import holding
from tcma.rendering import studio
from workers.runtime import Run, apart, handles, one_by_one, runs

log = structlog.get_logger(__name__)


@runs(Job.PROOF_COLLECT)
def collect_proof(run: Run, launch_id: str = "") -> None:
    """Sign and write one launch's proof, or that of every launch that lacks it, and file social posts;
    each on its own.
    """
    if launch_id:
        _sign(run, UUID(launch_id))
        _prove(run, UUID(launch_id))
        return
    with run.transaction() as work:
        begun = manifests.unsigned(work.session)
        waiting = proofs.launches_to_prove(work.session)
        filed = posts.to_file(work.session)
    doings: list[Callable[[], None]] = [partial(_file, run, *each) for each in filed]
    doings += [partial(_sign, run, each) for each in begun]
    doings += [partial(_prove, run, each) for each in waiting]
    apart(run, doings)


def _file(run: Run, post_id: UUID, activity_id: UUID) -> None:
    """Put a social post that a partner published into the case file it belongs to."""
    with run.transaction() as work:
        posts.file_post(work, post_id, activity_id)
    log.info("post filed", post_id=str(post_id), activity_id=str(activity_id))


def _sign(run: Run, launch_id: UUID) -> None:
    with run.transaction() as work, studio.lent() as draw:
        manifests.sign(work, launch_id, draw=draw)


def _prove(run: Run, launch_id: UUID) -> None:
    try:
        with run.transaction() as work:
            written = proofs.collect(work, launch_id)
    except Unavailable:
        raise
    except Exception:
        log.exception("proof cannot be written", launch_id=str(launch_id))
        raise
    if written:
        log.info("proof written", launch_id=str(launch_id), kinds=[kind.value for kind in written])


@runs(Job.PAGE_DRAW)
def draw_pages(run: Run) -> None:
    """Draw the kept pages that have no picture yet; a machine without a browser says so, once."""
    with run.transaction() as work:
        waiting = page_pictures.undrawn(work)
    apart(run, [partial(_draw, run, each) for each in waiting])


def _draw(run: Run, proof_id: UUID) -> None:
    png, why = b"", ""
    try:
        with run.transaction() as work:
            page = page_pictures.page_of(work, proof_id)
    except NotFound as error:
        why = error.message
    else:
        try:
            png = run.services.pictures.take(page.html, page.address)
        except Unavailable as error:
            why = error.message
    with run.transaction() as work:
        page_pictures.keep(work, proof_id, png, why=why)
    log.info("page drawn", proof_id=str(proof_id), octets=len(png), why=why)


NIGHT: tuple[tuple[str, Callable[[Work], list[UUID]], Callable[[Work, UUID], object]], ...] = (
    ("funds settled by date", overdue.due, overdue.settle_plan),
    ("held plans ended", holding.held, holding.lapse_plan),
    ("points revalued", points.in_points, points.revalue_fund),
    ("funds expired", ending.parts_with_money, ending.expire_part),
    ("whole funds expired", ending.funds_with_money, ending.expire_fund),
)
"""What time decides, in this order: how the log calls it, for which rows, and what is done to one."""


@runs(Job.FUNDS_REMIND)
def settle_overdue(run: Run) -> None:
    """Remind partners and give unclaimed money back to their funds; expire what nobody planned with.

    Each plan, part and fund is a transaction of its own: one that fails is an error in the log.
    """
    for words, find, settle in NIGHT:
        with run.transaction() as work:
            waiting = find(work)
        done = 0
        for each in waiting:
            if run.stopping():
                return
            try:
                with run.transaction() as work:
                    done += int(bool(settle(work, each)))
            except Exception:  # a fault in one row is no reason to leave the others
                log.exception("not settled", what=words, row=str(each))
        if done:
            log.info(words, count=done)


@runs(Job.FUNDS_RELEASE)
def release_held(run: Run) -> None:
    """Reserve the plans that waited for money, in their turn; each line of them on its own."""
    with run.transaction() as work:
        lines = holding.lines(work)
    one_by_one(run, [partial(_release, line=each) for each in lines])


def _release(work: Work, line: UUID) -> None:
    if done := holding.release_line(work, line):
        log.info("held plans reserved", plans=done)


@handles(Job.LEDGER_VERIFY)
def verify_ledger(work: Work) -> None:
    """Prove all books; every broken link is an error in the log, the first one first."""
    if not is_alone(work, Job.LEDGER_VERIFY):
        return
    for fault in ledger_proof.prove(work):
        log.error("ledger broken", fund=fault.fund, seq=fault.seq, fault=fault.fault)


@runs(Job.DECISIONS_REPLAY)
def replay_decisions(run: Run) -> None:
    """Decide again all that was decided, vendor by vendor; what differs is an error in the log.

    A night that is cut short keeps nothing and begins anew.
    """
    with run.transaction() as work:
        vendors = nightly.due(work)
    apart(run, [partial(_replay, run, each) for each in vendors])


def _replay(run: Run, vendor_id: UUID) -> None:
    count, differ, after = 0, list[nightly.Differing](), None
    while True:
        if run.stopping():
            return
        with run.transaction() as work:
            part = nightly.replay_part(work.session, vendor_id, after)
        count, after = count + part.count, part.after
        differ += part.differ
        if after is None:
            break
    with run.transaction() as work:
        if is_alone(work, f"replay {vendor_id}") and vendor_id in nightly.due(work):
            nightly.keep(work, vendor_id, count, differ)
    for each in differ:
        log.error("decision differs", of=each.ref, event_of=each.event, place=each.place)
