"""Points by rule, by version: read, tried on tests and on the last quarter's leads, published from a day."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.db.scope import found
from tcma.db.work import Work
from tcma.jobs import Job
from tcma.leads import dated
from tcma.leads.dated import LONGEST_SOURCE, Version
from tcma.leads.deciding import rules_in_force
from tcma.leads.models import Lead, PointsVersion
from tcma.leads.points import (
    NOTHING,
    PointsInForce,
    campaigns_of,
    deeds_of,
    known_of,
    points_in_force,
)
from tcma.leads.scoring.document import Points
from tcma.leads.scoring.reading import read
from tcma.leads.scoring.trying import Case, Shift, shift, tried
from tcma.permissions import Permission, Principal
from tcma.toml_document import Fault, Tried

QUARTER = timedelta(days=91)
MOST_CASES = 3_000


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of trying a document: faults by line, its tests, and last quarter counted again."""

    points: Points | None
    faults: tuple[Fault, ...]
    tests: tuple[Tried, ...] = ()
    shift: Shift | None = None

    @property
    def ready(self) -> bool:
        """True when it may be published."""
        return self.points is not None and all(t.ok for t in self.tests)


def in_force(session: Session, principal: Principal, now: datetime) -> PointsInForce:
    """Return the rules that count now."""
    return points_in_force(session, found(principal.vendor_id), now)


def versions(session: Session, principal: Principal, now: datetime) -> list[Version]:
    """Return all versions, newest first."""
    return dated.versions(session, PointsVersion, found(principal.vendor_id), now)


def version(session: Session, principal: Principal, no: int, now: datetime) -> Version:
    """Return one version; NotFound when there is none."""
    return found(next((v for v in versions(session, principal, now) if v.no == no), None))


def today(session: Session, principal: Principal, now: datetime) -> date:
    """Return the day it is where the vendor is: the first from which rules may be in force."""
    return dated.today(session, found(principal.vendor_id), now)


def try_out(session: Session, principal: Principal, source: str, *, now: datetime) -> Trial:
    """Read a document, run its tests, count last quarter's leads by it; nothing is written."""
    vendor_id = found(principal.vendor_id)
    document = read(source[:LONGEST_SOURCE])
    points = document.points
    if points is None:
        return Trial(None, document.faults)
    current = points_in_force(session, vendor_id, now).points
    named = points if points.names_campaigns else current
    return Trial(
        points,
        (),
        tuple(tried(points)),
        shift(
            current,
            points,
            past_cases(session, vendor_id, named, now=now),
            _asked(session, vendor_id, now),
        ),
    )


def past_cases(session: Session, vendor_id: UUID, rules: Points, *, now: datetime) -> list[Case]:
    """Return the leads of the last quarter as they are known now, newest first."""
    leads = session.scalars(
        select(Lead)
        .where(Lead.vendor_id == vendor_id, Lead.created_at > now - QUARTER)
        .order_by(Lead.id.desc())
        .limit(MOST_CASES)
    ).all()
    slugs = campaigns_of(session, rules, leads)
    did = deeds_of(session, leads, now=now)
    return [
        Case(
            lead.ref,
            lead.company or "Somebody",
            known_of(
                lead, campaign=slugs.get(lead.campaign_id, ""), did=did.get(lead.id, NOTHING)
            ),
        )
        for lead in leads
    ]  # fmt: skip


def _asked(session: Session, vendor_id: UUID, now: datetime) -> list[tuple[str, int]]:
    """Return which routing rules ask for how many points."""
    rules = rules_in_force(session, vendor_id, now).rules.asked
    return [(rule.name, rule.when.score) for rule in rules if rule.when.score]


def publish(work: Work, source: str, *, valid_from: date, note: str) -> int:
    """Publish a document from a day on; its number. Invalid with the lines that are wrong.

    Open leads are counted again by it at once, if its day is today, else within the hour of it.
    """
    work.require(Permission.LEAD_ASSIGN)
    trial = try_out(work.session, work.principal, source, now=work.now)
    if not trial.ready:
        raise dated.refused(trial.faults, trial.tests, code="points.rules")
    no = dated.publish(work, PointsVersion, source, valid_from=valid_from, note=note)
    work.wake(Job.SCORE_LEARN)
    return no
