"""A vendor's documents of rules by version: published from a day on, never changed, found by moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tcma.db.scope import found
from tcma.db.work import Work
from tcma.errors import Invalid
from tcma.leads.models import PointsVersion, RoutingVersion
from tcma.partners.models import Vendor
from tcma.toml_document import Fault, Tried

Kind = type[RoutingVersion] | type[PointsVersion]
LONGEST_SOURCE = 60_000
LONGEST_NOTE = 400


@dataclass(frozen=True, slots=True)
class Version:
    """A published version; `state` is past, in force or to come."""

    no: int
    source: str
    valid_from: datetime
    note: str
    made_by: str
    made_at: datetime
    state: str


def in_force(session: Session, kind: Kind, vendor_id: UUID, now: datetime) -> tuple[int, str]:
    """Return number and text of the version that decides at `now`; 0 and nothing before the first."""
    row = session.execute(
        select(kind.no, kind.source)
        .where(kind.vendor_id == vendor_id, kind.valid_from <= now)
        .order_by(kind.valid_from.desc(), kind.no.desc())
        .limit(1)
    ).first()
    return (row.no, row.source) if row else (0, "")


def versions(session: Session, kind: Kind, vendor_id: UUID, now: datetime) -> list[Version]:
    """Return all versions, newest first."""
    current, _ = in_force(session, kind, vendor_id, now)
    rows = session.execute(
        select(
            kind.no, kind.source, kind.valid_from, kind.note, kind.made_by, kind.made_at
        )
        .where(kind.vendor_id == vendor_id)
        .order_by(kind.no.desc())
    )  # fmt: skip
    return [
        Version(
            **row._asdict(),
            state="in force"
            if row.no == current
            else "to come"
            if row.valid_from > now
            else "past",
        )
        for row in rows
    ]


def today(session: Session, vendor_id: UUID, now: datetime) -> date:
    """Return the day it is where the vendor is: the first from which rules may be in force."""
    return now.astimezone(_zone(session, vendor_id)).date()


def publish(work: Work, kind: Kind, source: str, *, valid_from: date, note: str) -> int:
    """Publish a text from a day on; its number. What it says has been judged before.

    A second press publishes nothing. A day in the past would rewrite what was decided, so it is
    refused with Invalid.
    """
    vendor_id = found(work.principal.vendor_id)
    if valid_from < today(work.session, vendor_id, work.now):
        message = "Choose today or a later day: past leads stay as they were decided."
        raise Invalid(message, code="rules.day", fields={"valid_from": message})
    name = kind.__tablename__
    work.session.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(f"{name} {vendor_id}", 0)))
    )
    newest = work.session.execute(
        select(kind.no, kind.source, kind.valid_from)
        .where(kind.vendor_id == vendor_id)
        .order_by(kind.no.desc())
        .limit(1)
    ).first()
    begins = max(
        work.now, datetime.combine(valid_from, time(), tzinfo=_zone(work.session, vendor_id))
    )
    if newest and newest.source == source and newest.valid_from <= begins:
        return int(newest.no)
    no = newest.no + 1 if newest else 1
    work.session.add(
        kind(
            vendor_id=vendor_id,
            no=no,
            source=source,
            valid_from=begins,
            note=note[:LONGEST_NOTE],
            made_by=work.principal.name,
            made_at=work.now,
        )
    )
    verb = f"published {name.removesuffix('_version')} rules"
    work.audit(verb, name, no, vendor_id=vendor_id, note=note[:LONGEST_NOTE])
    return no


def refused(faults: Sequence[Fault], tests: Sequence[Tried], *, code: str) -> Invalid:
    """Return the refusal of a document: its first lines that are wrong, tests that fail among them."""
    lines = [str(f).replace("line", "Line", 1) for f in faults]
    lines += [f"Line {t.line}: test “{t.name}”: {t.words}" for t in tests if not t.ok]
    return Invalid(lines[0], code=code, fields={"source": " ".join(lines[:3])})


def _zone(session: Session, vendor_id: UUID) -> ZoneInfo:
    return ZoneInfo(found(session.get(Vendor, vendor_id)).zone)
