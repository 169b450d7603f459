"""Reads fund programmes: the list with what is in force and what comes next, and one with its sentences."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.db.scope import visible
from tcma.mdf.deadlines import local_day
from tcma.mdf.judging.versions import in_force, programme_by_ref, rules_of, versions_of
from tcma.mdf.models.funding import FundBudget
from tcma.mdf.models.programmes import FundProgramme, ProgrammeVersion
from tcma.mdf.programme.document import KINDS
from tcma.mdf.programme.sentences import Part, for_partners, of
from tcma.mdf.queries import allocation_by_fund, names_of, vendor_of
from tcma.permissions import Principal


@dataclass(frozen=True, slots=True)
class ProgrammeRow:
    """A programme in the list; `next` is the day from which other rules count."""

    ref: str
    name: str
    kind: str
    since: date
    next: date | None
    funds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version in the history."""

    starts_on: date
    published_at: datetime
    published_by: str
    sha256: str
    state: str


@dataclass(frozen=True, slots=True)
class ProgrammeDetail:
    """A programme: what it says now, what it will say, its text, and every version."""

    ref: str
    name: str
    since: date
    parts: tuple[Part, ...]
    source: str
    next: date | None
    next_parts: tuple[Part, ...]
    versions: tuple[VersionLine, ...]
    funds: tuple[tuple[str, str], ...]
    today: date


@dataclass(frozen=True, slots=True)
class FundRules:
    """The rules of a fund as its partners read them; `next` is the day from which `next_parts` count."""

    since: date
    parts: tuple[Part, ...]
    next: date | None
    next_parts: tuple[Part, ...]


def fund_rules(session: Session, principal: Principal, ref: str, *, now: datetime) -> FundRules:
    """Return the rules of a fund that this partner has a part of; NotFound for everybody else."""
    part = allocation_by_fund(session, principal, ref)
    budget = session.get_one(FundBudget, part.budget_id)
    programme = session.get_one(FundProgramme, budget.programme_id)
    today = local_day(now, vendor_of(session, part.vendor_id).zone)
    versions = versions_of(session, programme)
    current, coming = in_force(session, programme.id, today), _next(versions, today)
    after = next((each for each in versions if each.starts_on == coming), None)
    return FundRules(
        since=current.starts_on,
        parts=for_partners(rules_of(current)),
        next=coming,
        next_parts=for_partners(rules_of(after)) if after else (),
    )


def programmes(session: Session, principal: Principal, *, now: datetime) -> list[ProgrammeRow]:
    """Return a vendor's programmes by name."""
    rows = session.scalars(
        visible(select(FundProgramme).order_by(FundProgramme.name), principal, FundProgramme)
    ).all()
    return [_row(session, row, now) for row in rows]


def _row(session: Session, row: FundProgramme, now: datetime) -> ProgrammeRow:
    today = local_day(now, vendor_of(session, row.vendor_id).zone)
    current = in_force(session, row.id, today)
    return ProgrammeRow(
        ref=row.ref,
        name=row.name,
        kind=KINDS[rules_of(current).kind],
        since=current.starts_on,
        next=_next(versions_of(session, row), today),
        funds=tuple(name for _, name in _funds(session, row)),
    )


def _next(versions: list[ProgrammeVersion], today: date) -> date | None:
    return min((each.starts_on for each in versions if each.starts_on > today), default=None)


def _funds(session: Session, row: FundProgramme) -> tuple[tuple[str, str], ...]:
    some = (
        select(FundBudget.ref, FundBudget.name)
        .where(FundBudget.programme_id == row.id)
        .order_by(FundBudget.name)
    )
    return tuple((each.ref, each.name) for each in session.execute(some))


def programme_detail(
    session: Session, principal: Principal, ref: str, *, now: datetime
) -> ProgrammeDetail:
    """Return one programme, by its reference or a fund's; NotFound for everybody else."""
    row = programme_by_ref(session, principal, ref)
    today = local_day(now, vendor_of(session, row.vendor_id).zone)
    versions = versions_of(session, row)
    current, coming = in_force(session, row.id, today), _next(versions, today)
    after = next((each for each in versions if each.starts_on == coming), None)
    names = names_of(session, *(each.published_by for each in versions))
    return ProgrammeDetail(
        ref=row.ref,
        name=row.name,
        since=current.starts_on,
        parts=of(rules_of(current)),
        source=(after or current).source,
        next=coming,
        next_parts=of(rules_of(after)) if after else (),
        versions=tuple(
            VersionLine(
                each.starts_on,
                each.published_at,
                names[each.published_by] or "The house",
                each.sha256,
                "next" if each is after else "in force" if each is current else "before",
            )
            for each in versions
        ),
        funds=_funds(session, row),
        today=today,
    )
