"""Decides again, each night, all that was ever decided, and keeps what comes out otherwise.

A difference means that a case, an answer or the rules of then were written past the product, or that
this version of it decides otherwise: in either case finance has to know before it pays.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from tcma.db.audit import AuditEntry
from tcma.db.work import Work
from tcma.mdf.judging.replaying import differences
from tcma.mdf.models.funding import Claim, FundRequest
from tcma.mdf.models.programmes import Judgement
from tcma.partners.models import Vendor
from tcma.permissions import Principal

SUBJECT = "decisions"
EACH = timedelta(hours=20)
"""How old an answer grows before all is decided again."""
AT_ONCE = 200
"""Decisions that one transaction reads."""
NAMED = 20
"""Differences that are kept by name; the others are counted."""


@dataclass(frozen=True, slots=True)
class Differing:
    """A decision that comes out otherwise: of what, at which of its steps, where in the answer first."""

    kind: str
    ref: str
    event: str
    place: str


@dataclass(frozen=True, slots=True)
class Replay:
    """When all of a vendor's decisions were made again the last time; `differ` counts, some are named."""

    at: datetime
    decisions: int
    differ: int
    named: tuple[Differing, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """Some decisions that were made again; `after` is the last of them, None when no more follow."""

    count: int
    differ: tuple[Differing, ...]
    after: UUID | None


def due(work: Work) -> list[UUID]:
    """Return the vendors that decided something and whose last answer is a night old."""
    fresh = (
        select(AuditEntry.subject_id)
        .where(AuditEntry.subject == SUBJECT, AuditEntry.at > work.now - EACH)
        .distinct()
    )
    known = set(work.session.scalars(fresh))
    decided = select(Vendor.id).where(exists().where(Judgement.vendor_id == Vendor.id))
    vendors = work.session.scalars(decided.order_by(Vendor.id))
    return [each for each in vendors if str(each) not in known]


def replay_part(session: Session, vendor_id: UUID, after: UUID | None) -> Part:
    """Decide again the vendor's next decisions after one, the oldest first."""
    some = select(Judgement).where(Judgement.vendor_id == vendor_id)
    if after is not None:
        some = some.where(Judgement.id > after)
    rows = session.scalars(some.order_by(Judgement.id).limit(AT_ONCE)).all()
    found = [
        _named(session, kept, places[0].at)
        for kept in rows
        if (places := differences(session, kept))
    ]
    return Part(len(rows), tuple(found), rows[-1].id if len(rows) == AT_ONCE else None)


def _named(session: Session, kept: Judgement, place: str) -> Differing:
    table = Claim if kept.subject == "claim" else FundRequest
    ref = session.scalar(select(table.ref).where(table.id == kept.subject_id))
    return Differing(kept.subject, ref or str(kept.subject_id), kept.event, place)


def keep(work: Work, vendor_id: UUID, decisions: int, differ: list[Differing]) -> None:
    """Write down what came of all of a vendor's decisions."""
    work.audit(
        "differ" if differ else "the same",
        SUBJECT,
        vendor_id,
        vendor_id=vendor_id,
        decisions=decisions,
        differ=len(differ),
        named=[asdict(each) for each in differ[:NAMED]],
    )


def last_replay(session: Session, principal: Principal) -> Replay | None:
    """Return what came of the vendor's decisions the last time; None before the first night."""
    row = session.execute(
        select(AuditEntry.at, AuditEntry.detail)
        .where(AuditEntry.subject == SUBJECT, AuditEntry.subject_id == str(principal.vendor_id))
        .order_by(AuditEntry.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    named = tuple(Differing(**each) for each in row.detail["named"])
    return Replay(row.at, row.detail["decisions"], row.detail["differ"], named)
