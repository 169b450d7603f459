"""Take what is due from the outbox, and write down what the other side answered.

Between the two nothing is held: the request leaves outside any transaction. Who dies in between has
taken a lease, and the same thing is sent again under the same number.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select, update

from tcma import vault
from tcma.accounts.models import Membership, UserAccount
from tcma.accounts.rules import MembershipState
from tcma.db.work import Work
from tcma.delivery.notices import Reader
from tcma.delivery.webhook_notices import webhook_given_up
from tcma.outbox.actions import PURPOSE
from tcma.outbox.models import OutboxDelivery, WebhookEndpoint
from tcma.outbox.rules import (
    KEPT,
    LEASE,
    LONGEST_SAID,
    DeliveryState,
    EndpointState,
    Kind,
    body_of,
    chat_body_of,
    headers_of,
    is_taken,
    next_try,
)
from tcma.permissions import Role
from tcma.ports import HttpRequest
from tcma.words import say

BATCH = 8
"""Sent side by side: the slowest of them is the time of the batch, well inside the lease."""


@dataclass(frozen=True, slots=True)
class Due:
    """One request that is to leave now; `request` is None when its secret does not open."""

    delivery_id: UUID
    request: HttpRequest | None


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of it: the status, 0 when nobody answered, and what was said."""

    delivery_id: UUID
    status: int
    said: str = ""


def take_due(work: Work, *, batch: int = BATCH) -> list[Due]:
    """Lease the deliveries that are due, oldest first, and write their requests."""
    due = (
        select(OutboxDelivery.id)
        .join(WebhookEndpoint, WebhookEndpoint.id == OutboxDelivery.endpoint_id)
        .where(
            OutboxDelivery.state == DeliveryState.WAITING,
            OutboxDelivery.due_at <= work.now,
            WebhookEndpoint.state == EndpointState.ON,
        )
        .order_by(OutboxDelivery.due_at)
        .limit(batch)
        .with_for_update(skip_locked=True, of=OutboxDelivery)
    )
    mine = work.session.scalars(due).all()
    taken = work.session.scalars(
        update(OutboxDelivery)
        .where(OutboxDelivery.id.in_(mine))
        .values(due_at=work.now + LEASE, attempts=OutboxDelivery.attempts + 1)
        .returning(OutboxDelivery)
    ).all()
    wanted = {each.endpoint_id for each in taken}
    query = select(WebhookEndpoint).where(WebhookEndpoint.id.in_(wanted))
    places = {each.id: each for each in work.session.scalars(query)}
    return [Due(each.id, _request(work, each, places[each.endpoint_id])) for each in taken]


def _request(work: Work, one: OutboxDelivery, place: WebhookEndpoint) -> HttpRequest | None:
    sealed = [place.secret]
    if place.old_secret and place.old_until and place.old_until > work.now:
        sealed.append(place.old_secret)
    bound = place.id.bytes
    try:
        secrets = [
            vault.unseal(work.site.secret, each, purpose=PURPOSE, bound=bound) for each in sealed
        ]
    except ValueError:
        return None
    is_chat = place.kind == Kind.CHAT
    body = chat_body_of(one.payload) if is_chat else body_of(one.event, one.created_at, one.payload)
    headers = headers_of(f"msg_{one.id.hex}", work.now, body, secrets)
    return HttpRequest("POST", place.url, headers, body)


def record(work: Work, answer: Answered) -> None:
    """Write down what was answered: sent, tried again later, or given up with a notice."""
    one = work.session.get(OutboxDelivery, answer.delivery_id, with_for_update=True)
    if one is None or one.state != DeliveryState.WAITING:
        return  # forgotten, or ended, meanwhile
    one.status, one.said = answer.status or None, answer.said[:LONGEST_SAID]
    if is_taken(answer.status):
        one.state, one.due_at, one.sent_at = DeliveryState.SENT, None, work.now
        healthy = update(WebhookEndpoint).where(
            WebhookEndpoint.id == one.endpoint_id, WebhookEndpoint.failing_since.is_not(None)
        )
        work.session.execute(healthy.values(failing_since=None))
        return
    one.due_at = next_try(one.attempts, work.now)
    if one.due_at is None:
        one.state = DeliveryState.DEAD
        _give_up(work, one)


def _give_up(work: Work, one: OutboxDelivery) -> None:
    """Say to whose address it is, the vendor's channel managers or the partner's owners, that it is not
    reached; once until it is.
    """
    place = work.session.get_one(WebhookEndpoint, one.endpoint_id, with_for_update=True)
    work.audit("gave up", "webhook", place.ref, vendor_id=place.vendor_id,
               partner_id=place.partner_id, said=one.said or "")  # fmt: skip
    if place.failing_since is not None:
        return
    place.failing_since = work.now
    whose, role, page = (
        (Membership.partner_id == place.partner_id, Role.OWNER, "console/leads/chat")
        if place.partner_id
        else (Membership.vendor_id == place.vendor_id, Role.CHANNEL_MANAGER,
              f"desk/leads/ways-out/{place.ref}")
    )  # fmt: skip
    people = work.session.execute(
        select(UserAccount.email, UserAccount.name, UserAccount.locale)
        .join(Membership, Membership.user_id == UserAccount.id)
        .where(
            whose,
            Membership.role == role,
            Membership.state == MembershipState.ACTIVE,
        )
    )
    for person in people.all():
        webhook_given_up(
            work,
            Reader(email=person.email, name=person.name, locale=person.locale),
            vendor_id=place.vendor_id,
            webhook=place.name,
            tries=one.attempts,
            said=one.said or say("It did not answer."),
            url=f"{work.site.public_url}/{page}",
        )


def drop_old(work: Work) -> None:
    """Delete what was sent, or given up, long ago."""
    over = OutboxDelivery.state != DeliveryState.WAITING
    old = OutboxDelivery.created_at < work.now - KEPT
    work.session.execute(delete(OutboxDelivery).where(over, old))
