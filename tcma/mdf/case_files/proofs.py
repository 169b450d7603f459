"""Fills the case file: what a launch writes by itself, what a partner uploads."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tcma.db.documents import Document, store_document
from tcma.db.scope import found
from tcma.db.sentences import with_words
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid
from tcma.ids import new_id
from tcma.jobs import Job
from tcma.launches.models import Launch
from tcma.launches.rules import OVER
from tcma.mdf.case_files import evidence, follow_ups
from tcma.mdf.case_files.asked import Asked, plan_facts, proofs_asked
from tcma.mdf.case_files.evidence import Evidence
from tcma.mdf.case_files.previews import PICTURED
from tcma.mdf.judging.claims import rules_of_plan
from tcma.mdf.models.funding import ActivityLaunch, FundActivity, FundRequest, Proof
from tcma.mdf.papers import uploads
from tcma.mdf.programme.conditions import slug
from tcma.mdf.queries import activities_of, own
from tcma.mdf.rules import (
    BROUGHT,
    GROWING,
    PROOF_WORDS,
    TWICE,
    UNASKED,
    ProofKind,
    RequestState,
)
from tcma.permissions import Permission
from tcma.words import joined, read_back, say

WRITERS: dict[ProofKind, Callable[[Work, Launch], Evidence | None]] = {
    ProofKind.MAIL: evidence.mail_as_sent,
    ProofKind.SEND_LOG: evidence.send_log,
    ProofKind.LOCKS: evidence.locks,
    ProofKind.PAGE: evidence.page_snapshot,
    ProofKind.IMAGES: evidence.images,
    ProofKind.LEADS: evidence.leads,
    ProofKind.NURTURE: follow_ups.follow_ups,
}
FINISHED = "@finished"
"""After the `@` stands what takes the place of the same file without it."""
AT_END = ":end"
START, END = "start", "end"
"""How far the proof of a launch is written."""
FILED = "@filed"
LIVES_ON = (ProofKind.LEADS, ProofKind.NURTURE, ProofKind.PAGE)
"""What goes on changing when a launch is over; it is written once more as a claim is filed."""


def collect(work: Work, launch_id: UUID) -> list[ProofKind]:
    """Write the proof of a launch into every case file it is for; returns what was written now.

    Each file is written once; log, leads and page once more when the launch is over. What cannot
    be written yet is tried again, until the launch is over; of one that has not begun there is nothing.
    """
    launch = found(work.session.get(Launch, launch_id))
    if launch.started_at is None:
        return []
    written: list[ProofKind] = []
    for activity in _activities(work.session, launch_id):
        whole = True
        for kind in _written(work, activity):
            source = _source(launch, kind)
            if kind not in WRITERS or _stands(work.session, activity.id, kind, source):
                continue
            made = WRITERS[kind](work, launch)
            if made is None:
                whole = whole and kind in UNASKED
                continue
            _write(work, activity, launch, made)
            written.append(kind)
        tie = work.session.get_one(ActivityLaunch, (activity.id, launch_id))
        tie.looked_at = work.now
        if launch.state in OVER:
            tie.proven = END
        elif whole:
            tie.proven = START
    return written


def collect_for_claim(work: Work, activity: FundActivity) -> None:
    """Write what grew since a launch was over once more, as a claim is filed: leads and event cards come,
    and follow-up mails leave, for weeks after the last mail of a launch.
    """
    of_activity = select(Launch).join(ActivityLaunch, ActivityLaunch.launch_id == Launch.id)
    own_ones = of_activity.where(
        ActivityLaunch.activity_id == activity.id,
        Launch.state.in_(OVER),
        Launch.started_at.is_not(None),
    )
    for launch in work.session.scalars(own_ones.order_by(Launch.id)).all():
        for kind in _written(work, activity):
            made = WRITERS[kind](work, launch) if kind in LIVES_ON else None
            if made is not None:
                moment = f"{FILED}:{work.now:%Y%m%dT%H%M%S}"
                _write(work, activity, launch, made, source=_begun(launch, kind) + moment)


def _written(work: Work, activity: FundActivity) -> list[ProofKind]:
    """Return what the programme asks for, and what is written unasked."""
    request = work.session.get_one(FundRequest, activity.request_id)
    rules = rules_of_plan(work.session, request, work.now)
    asked = proofs_asked(rules, activity.kind, plan_facts(work.session, activity))
    return list(dict.fromkeys([*(each.kind for each in asked), *UNASKED]))


def _activities(session: Session, launch_id: UUID) -> list[FundActivity]:
    some = (
        select(FundActivity)
        .join(ActivityLaunch, ActivityLaunch.activity_id == FundActivity.id)
        .where(ActivityLaunch.launch_id == launch_id)
    )
    return list(session.scalars(some.order_by(FundActivity.id)))


def _source(launch: Launch, kind: ProofKind) -> str:
    over = launch.state in OVER
    return _begun(launch, kind) + (FINISHED if over and kind in GROWING else "")


def _begun(launch: Launch, kind: ProofKind) -> str:
    return f"launch:{launch.ref}" + (AT_END if launch.state in OVER and kind in TWICE else "")


def _stands(session: Session, activity_id: UUID, kind: ProofKind, source: str) -> bool:
    one = select(Proof.id).where(
        Proof.activity_id == activity_id, Proof.kind == kind, Proof.source == source
    )
    return session.scalar(one) is not None


def _write(
    work: Work, activity: FundActivity, launch: Launch, made: Evidence, *, source: str = ""
) -> None:
    document = store_document(
        work,
        kind=f"proof:{made.kind}",
        file_name=made.file_name,
        media_type=made.media_type,
        content=made.content,
        vendor_id=activity.vendor_id,
        partner_id=activity.partner_id,
    )
    detail = with_words(made.words) | {"launch": launch.ref, "sha256": document.sha256}
    title = PROOF_WORDS[made.kind]
    if made.kind in TWICE:
        title = f"{title} at the {'end' if launch.state in OVER else 'start'}"
    of = (made.kind, title, source or _source(launch, made.kind), detail)
    attach(work, activity, document, of)


def attach(
    work: Work,
    activity: FundActivity,
    document: Document,
    proof: tuple[ProofKind, str, str, dict[str, Any]],
) -> None:
    """Put a stored file into an activity's case file as (kind, title, source, detail), once.

    What can be looked at gets its small copy from a worker, who also reads and marks what a partner brought.
    """
    kind, title, source, detail = proof
    looked_at = document.media_type in PICTURED
    written = work.session.scalar(
        insert(Proof)
        .values(
            id=new_id(),
            activity_id=activity.id,
            vendor_id=activity.vendor_id,
            partner_id=activity.partner_id,
            kind=kind,
            title=title,
            source=source,
            document_id=document.id,
            detail=detail,
            at=work.now,
            preview_due_at=work.now if looked_at else None,
        )
        .on_conflict_do_nothing(constraint="proof_once")
        .returning(Proof.id)
    )
    if written and looked_at:
        work.wake(Job.PROOF_LOOK, proof_id=written)


def launches_to_prove(session: Session, *, limit: int = 50) -> list[UUID]:
    """Return started launches of funded activities whose case file lacks what they can write.

    Those nobody looked at come first, then the one that waits longest.
    """
    never = func.bool_or(ActivityLaunch.looked_at.is_(None))
    some = (
        select(Launch.id)
        .join(ActivityLaunch, ActivityLaunch.launch_id == Launch.id)
        .join(FundActivity, FundActivity.id == ActivityLaunch.activity_id)
        .join(FundRequest, FundRequest.id == FundActivity.request_id)
        .where(
            Launch.started_at.is_not(None),
            FundRequest.state == RequestState.APPROVED,
            or_(
                Launch.state.not_in(OVER) & (ActivityLaunch.proven == ""),
                Launch.state.in_(OVER) & (ActivityLaunch.proven != END),
            ),
        )
        .group_by(Launch.id)
        .order_by(never.desc(), func.min(ActivityLaunch.looked_at), Launch.id)
        .limit(limit)
    )
    return list(session.scalars(some))


def upload(  # noqa: PLR0913 - a file has this many sides
    work: Work,
    request: FundRequest,
    *,
    kind: ProofKind,
    file_name: str,
    content: bytes,
    no: int = 1,
    title: str = "",
) -> Proof:
    """Add a partner's own file to the case file of activity `no`; the same twice is one line.

    `title` names the proof of the programme that it is, else it is one more of its kind.

    Raises Invalid for anything but a PDF, JPEG or PNG of at most 10 MB, Conflict once the
    request is over.
    """
    work.require(Permission.CLAIM_FILE)
    own(work.principal, request)
    if request.state != RequestState.APPROVED:
        raise Conflict(say("Proof belongs to an approved plan."), code="mdf.proof.no_plan")
    if kind in {ProofKind.INVOICE, ProofKind.OWN_SHARE}:
        raise Invalid(
            say("Invoices and payments are added to the claim."), code="mdf.proof.invoice"
        )
    rows = activities_of(work.session, request.id)
    activity = found(next((row for row in rows if row.no == no), None))
    known = _named(work, request, activity, title)
    kind, title = (known.kind, known.title) if known else (kind, PROOF_WORDS[kind])
    accepted = uploads.accept(file_name, content)
    document = store_document(
        work,
        kind=f"proof:{kind}",
        file_name=accepted.file_name,
        media_type=accepted.media_type,
        content=accepted.content,
        vendor_id=request.vendor_id,
        partner_id=request.partner_id,
    )
    source = f"{BROUGHT}{document.sha256[:32]}" + (f":{slug(title)}" if known else "")
    detail = {"sha256": document.sha256}
    attach(work, activity, document, (kind, title, source, detail))
    work.audit(
        "proof added",
        "fund_request",
        request.id,
        vendor_id=request.vendor_id,
        partner_id=request.partner_id,
        **with_words(joined(read_back(title), document.file_name, by=": ")),
    )
    one = select(Proof).where(
        Proof.activity_id == activity.id, Proof.kind == kind, Proof.source == source
    )
    return work.session.scalars(one).one()


def _named(work: Work, request: FundRequest, activity: FundActivity, title: str) -> Asked | None:
    """Return the proof of the programme with this title, NotFound when it asks for none such."""
    if not title:
        return None
    rules = rules_of_plan(work.session, request, work.now)
    asked = proofs_asked(rules, activity.kind, plan_facts(work.session, activity))
    return found(next((each for each in asked if each.title == title), None))
