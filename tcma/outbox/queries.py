"""Reads of the outbox: who hears of what, an address with what it was told, names for journeys."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tcma.db.scope import found, visible
from tcma.outbox.models import OutboxDelivery, WebhookEndpoint
from tcma.outbox.rules import (
    CHOSEN,
    FOLLOWS,
    NAMED,
    OF_PARTNERS,
    DeliveryState,
    EndpointState,
    Event,
    Kind,
)
from tcma.permissions import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointView:
    """An address as the desk lists it."""

    ref: str
    name: str
    url: str
    events: tuple[str, ...]
    state: EndpointState
    failing_since: datetime | None
    old_until: datetime | None
    made_by: str
    made_at: datetime
    waiting: int
    dead: int
    kind: Kind = Kind.PROGRAM

    @property
    def host(self) -> str:
        """Where it is, without what lets anybody write there."""
        return urlsplit(self.url).hostname or ""

    @property
    def hears(self) -> str:
        """Return what it hears of, in words."""
        words = [said for event, said in CHOSEN.items() if event in self.events]
        if len(words) == len(CHOSEN):
            return "Everything about leads and opportunities"
        return "; ".join(words) or "Only what journeys send it"


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """One telling."""

    id: UUID
    event: str
    state: DeliveryState
    attempts: int
    due_at: datetime | None
    status: int | None
    said: str
    created_at: datetime
    sent_at: datetime | None
    is_kept: bool

    @property
    def what(self) -> str:
        """Return what it was told, in words."""
        return (CHOSEN | NAMED | OF_PARTNERS | FOLLOWS)[Event(self.event)]


def hearers(session: Session, vendor_id: UUID, event: Event) -> Sequence[UUID]:
    """Return the addresses of a vendor that hear of an event; paused ones keep it."""
    query = select(WebhookEndpoint.id).where(
        WebhookEndpoint.vendor_id == vendor_id,
        WebhookEndpoint.state != EndpointState.ENDED,
        WebhookEndpoint.events.contains([event.value]),
    )
    return session.scalars(query).all()


def hearers_of_partners(
    session: Session, partner_ids: Collection[UUID], event: Event
) -> dict[UUID, list[UUID]]:
    """Return by partner its addresses that hear of an event; paused ones keep it."""
    query = select(WebhookEndpoint.partner_id, WebhookEndpoint.id).where(
        WebhookEndpoint.partner_id.in_(partner_ids),
        WebhookEndpoint.state != EndpointState.ENDED,
        WebhookEndpoint.events.contains([event.value]),
    )
    heard: dict[UUID, list[UUID]] = {}
    for partner_id, endpoint_id in session.execute(query):
        if partner_id is not None:
            heard.setdefault(partner_id, []).append(endpoint_id)
    return heard


def endpoints(session: Session, principal: Principal) -> list[EndpointView]:
    """Return a vendor's addresses, those in use first, then by name."""
    over = (WebhookEndpoint.state == EndpointState.ENDED).label("over")
    query = visible(select(WebhookEndpoint), principal, WebhookEndpoint)
    rows = session.scalars(query.order_by(over, WebhookEndpoint.name)).all()
    counts = _counts(session, [row.id for row in rows])
    return [_view(row, counts.get(row.id, {})) for row in rows]


def endpoint(session: Session, principal: Principal, ref: str) -> EndpointView:
    """Return one address; NotFound when it is another vendor's."""
    query = visible(select(WebhookEndpoint), principal, WebhookEndpoint)
    row = found(session.scalar(query.where(WebhookEndpoint.ref == ref)))
    return _view(row, _counts(session, [row.id]).get(row.id, {}))


def _counts(session: Session, ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    counted: dict[UUID, dict[str, int]] = {}
    for row in session.execute(
        select(OutboxDelivery.endpoint_id, OutboxDelivery.state, func.count().label("n"))
        .where(OutboxDelivery.endpoint_id.in_(ids), OutboxDelivery.state != DeliveryState.SENT)
        .group_by(OutboxDelivery.endpoint_id, OutboxDelivery.state)
    ):
        counted.setdefault(row.endpoint_id, {})[row.state] = row.n
    return counted


def _view(row: WebhookEndpoint, counts: dict[str, int]) -> EndpointView:
    return EndpointView(
        ref=row.ref,
        name=row.name,
        url=row.url,
        events=tuple(row.events),
        state=EndpointState(row.state),
        failing_since=row.failing_since,
        old_until=row.old_until,
        made_by=row.made_by,
        made_at=row.made_at,
        waiting=counts.get(DeliveryState.WAITING, 0),
        dead=counts.get(DeliveryState.DEAD, 0),
        kind=Kind(row.kind),
    )


def deliveries(
    session: Session, principal: Principal, ref: str, *, limit: int = 100
) -> list[DeliveryView]:
    """Return what an address was told, newest first."""
    mine = visible(select(WebhookEndpoint.id), principal, WebhookEndpoint)
    query = (
        select(OutboxDelivery)
        .where(OutboxDelivery.endpoint_id.in_(mine.where(WebhookEndpoint.ref == ref)))
        .order_by(OutboxDelivery.id.desc())
        .limit(limit)
    )
    return [
        DeliveryView(
            row.id,
            row.event,
            DeliveryState(row.state),
            row.attempts,
            row.due_at,
            row.status,
            row.said or "",
            row.created_at,
            row.sent_at,
            is_kept=bool(row.payload),
        )
        for row in session.scalars(query)
    ]


def names(session: Session, vendor_id: UUID) -> list[str]:
    """Return the names by which journeys may call a vendor's addresses."""
    query = select(WebhookEndpoint.name).where(
        WebhookEndpoint.vendor_id == vendor_id, WebhookEndpoint.state != EndpointState.ENDED
    )
    return sorted(session.scalars(query))
