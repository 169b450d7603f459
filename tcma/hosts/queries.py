"""Reads of host names: a partner's own, whose a host is, where a partner's pages are best reached."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.db.scope import found, visible
from tcma.hosts.models import PageHost
from tcma.hosts.rules import ANSWERED, Finding, Kind
from tcma.permissions import Principal
from tcma.senders.rules import DomainState, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class HostView:
    """A host name after its last look."""

    id: UUID
    partner_id: UUID
    name: str
    token: str
    state: DomainState
    since: datetime
    checked_at: datetime | None
    findings: tuple[Finding, ...]

    @property
    def is_answered(self) -> bool:
        """Say whether pages are shown there."""
        return self.state in ANSWERED


def hosts(session: Session, principal: Principal) -> list[HostView]:
    """Return a partner's host names, by name."""
    query = visible(select(PageHost), principal, PageHost).order_by(PageHost.name)
    return [view_of(row) for row in session.scalars(query)]


def host_by_name(session: Session, principal: Principal, name: str) -> HostView:
    """Return one of the principal's; NotFound for others'."""
    query = visible(select(PageHost).where(PageHost.name == name), principal, PageHost)
    row: PageHost | None = session.scalar(query)
    return view_of(found(row))


def host_by_id(session: Session, host_id: UUID) -> HostView:
    """Return a host by its number, NotFound once it is given up; for verbs that hold it."""
    return view_of(found(session.get(PageHost, host_id)))


def due_hosts(session: Session, now: datetime, *, most: int) -> list[UUID]:
    """Return which hosts are to be looked at, the longest waiting first."""
    due = select(PageHost.id).where(PageHost.due_at <= now)
    return list(session.scalars(due.order_by(PageHost.due_at).limit(most)))


def partner_of_host(session: Session, name: str) -> UUID | None:
    """Return whose pages are answered on a host; None where nobody's are."""
    return session.scalar(
        select(PageHost.partner_id).where(
            PageHost.name == name.lower().rstrip("."), PageHost.state.in_(ANSWERED)
        )
    )


def best_host(session: Session, partner_id: UUID) -> str:
    """Return the proved host of a partner that stands longest; empty when there is none."""
    query = select(PageHost.name).where(
        PageHost.partner_id == partner_id, PageHost.state.in_(ANSWERED)
    )
    return session.scalar(query.order_by(PageHost.made_at).limit(1)) or ""


def view_of(row: PageHost) -> HostView:
    """Return a row as pages read it."""
    return HostView(
        id=row.id,
        partner_id=row.partner_id,
        name=row.name,
        token=row.token,
        state=DomainState(row.state),
        since=row.since,
        checked_at=row.checked_at,
        findings=tuple(_finding(each) for each in row.findings),
    )


def _finding(kept: dict[str, Any]) -> Finding:
    stands = tuple(kept["stands"])
    return Finding(Kind(kept["kind"]), Verdict(kept["verdict"]), stands)
