"""How old leads are: who waits how long for an answer, which accepted ones nobody touched; oldest first."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, literal_column, or_, select
from sqlalchemy.orm import Session

from tcma.db.pages import Page, page_of
from tcma.db.scope import visible
from tcma.leads.models import Lead
from tcma.leads.queries import SORTS, lead_row, lead_rows
from tcma.leads.rules import LeadState
from tcma.leads.views import LeadRow
from tcma.permissions import Principal

WAITING = (LeadState.NEW, LeadState.OFFERED, LeadState.UNASSIGNED)
"""States in which whoever asked has heard from nobody yet."""
IN_WORK = (LeadState.ACCEPTED, LeadState.OPPORTUNITY)
LATE_ANSWER = timedelta(days=1)
LATE_TOUCH = timedelta(days=7)
ENDS: Mapping[str, tuple[timedelta, ...]] = {
    "wait": (timedelta(hours=4), timedelta(days=1), timedelta(days=3)),
    "touch": (timedelta(days=2), timedelta(days=7), timedelta(days=14)),
}
"""Where one bucket ends and the next, older one begins; the last has no end."""
STATES: Mapping[str, tuple[LeadState, ...]] = {
    "unassigned": (LeadState.UNASSIGNED, LeadState.NEW),
    "offered": (LeadState.OFFERED,),
    "yours": IN_WORK,
    "late": (*WAITING, LeadState.ACCEPTED),
    "closed": (LeadState.WON, LeadState.LOST, LeadState.RECYCLED),
}
OPEN = Lead.state.not_in([literal_column(f"'{each}'") for each in ("won", "lost", "recycled")])
"""As the index of ages has it, letter by letter: no plan is made without it."""
BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which leads are listed: `facet` as STATES, `age` a bucket's number, None for all; `by` as
    SORTS of the inbox.
    """

    facet: str
    now: datetime
    age: int | None = None
    wanted: str = ""
    partner_id: UUID | None = None
    newest: bool = False
    by: str = ""


@dataclass(frozen=True, slots=True)
class Bucket:
    """So many leads that are as old as this: at least `begins`, less than `ends` where it ends."""

    begins: timedelta
    ends: timedelta | None
    count: int


def kind_of(facet: str) -> str:
    """Say what is counted in a facet: “wait” for an answer, “touch” by who accepted, or nothing."""
    if facet in {"unassigned", "offered"}:
        return "wait"
    return "touch" if facet == "yours" else ""


def is_late(now: datetime) -> ColumnElement[bool]:
    """Return the condition: unanswered for a day, or accepted and not touched for a week."""
    return or_(
        and_(Lead.state.in_(WAITING), Lead.since < now - LATE_ANSWER),
        and_(Lead.state == LeadState.ACCEPTED, Lead.since < now - LATE_TOUCH),
    )


def leads(
    session: Session, principal: Principal, asked: Asked, *, after: str | None = None
) -> Page[LeadRow]:
    """Return a page of leads, who waits longest first; youngest first when that is asked, or closed."""
    return _page(session, principal, asked, after, size=50)


def every_lead(session: Session, principal: Principal, asked: Asked) -> Iterator[LeadRow]:
    """Yield all that `leads` pages through, for a file."""
    after: str | None = ""
    while after is not None:
        page = _page(session, principal, asked, after or None, size=BATCH)
        yield from page.rows
        after = page.next


def _page(
    session: Session, principal: Principal, asked: Asked, after: str | None, *, size: int
) -> Page[LeadRow]:
    query = visible(lead_rows(principal), principal, Lead).where(_wanted(asked))
    closed = asked.facet == "closed"
    key: list[Any] = [Lead.id] if closed else [Lead.since, Lead.id]
    if asked.by:
        key = [SORTS[asked.by](principal), Lead.id]
    rising = not (closed or asked.newest or asked.by)
    page = page_of(session, query, key, after=after, size=size, rising=rising)
    return Page([lead_row(r, principal) for r in page.rows], page.next)


def _wanted(asked: Asked) -> ColumnElement[bool]:
    where: list[ColumnElement[bool]] = [Lead.state.in_(STATES[asked.facet])]
    if asked.facet != "closed":
        where.append(OPEN)
    if asked.facet == "late":
        where.append(is_late(asked.now))
    kind = kind_of(asked.facet)
    if kind and asked.age is not None:
        where.append(_in_bucket(kind, asked.age, asked.now))
    if asked.partner_id:
        where.append(Lead.partner_id == asked.partner_id)
    if asked.wanted:
        company = Lead.company.istartswith(asked.wanted, autoescape=True)
        where.append(or_(Lead.ref == asked.wanted.upper(), company))
    return and_(*where)


def _in_bucket(kind: str, age: int, now: datetime) -> ColumnElement[bool]:
    """Return the condition of one bucket; an unknown number is the oldest."""
    begins, ends = _spans(kind)[min(max(age, 0), len(ENDS[kind]))]
    old = Lead.since <= now - begins
    return and_(old, Lead.since > now - ends) if ends else old


def _spans(kind: str) -> list[tuple[timedelta, timedelta | None]]:
    starts = (timedelta(), *ENDS[kind])
    return list(zip(starts, (*ENDS[kind], None), strict=True))


def counts(session: Session, principal: Principal, *, now: datetime) -> dict[str, int]:
    """Return how many open leads stand in each facet; closed ones are not counted."""
    where: dict[str, ColumnElement[bool]] = {
        name: Lead.state.in_(STATES[name]) for name in STATES if name != "closed"
    }
    where["late"] = is_late(now)
    query = select(*(func.count().filter(each).label(name) for name, each in where.items()))
    row = session.execute(visible(query.where(OPEN), principal, Lead)).one()
    return {name: getattr(row, name) for name in where}


def unassigned_count(session: Session, principal: Principal) -> int:
    """Return how many leads nobody has."""
    query = select(func.count()).select_from(Lead).where(OPEN)
    query = query.where(Lead.state.in_(STATES["unassigned"]))
    return session.scalar(visible(query, principal, Lead)) or 0


def buckets(session: Session, principal: Principal, facet: str, *, now: datetime) -> list[Bucket]:
    """Return how many leads of a facet are how old, youngest first; nothing where age says nothing."""
    kind = kind_of(facet)
    if not kind:
        return []
    spans = _spans(kind)
    columns = [func.count().filter(_in_bucket(kind, n, now)) for n in range(len(spans))]
    query = select(*columns).where(OPEN, Lead.state.in_(STATES[facet]))
    row = session.execute(visible(query, principal, Lead)).one()
    return [Bucket(begins, ends, n) for (begins, ends), n in zip(spans, row, strict=True)]
