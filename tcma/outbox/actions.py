"""Set up the addresses of other programs, and put into the outbox what they are told."""

import secrets as randomness
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.dialects.postgresql import insert

from tcma import vault
from tcma.db.counting import changed
from tcma.db.references import next_reference
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid
from tcma.ids import new_id
from tcma.jobs import Job
from tcma.outbox.models import OutboxDelivery, WebhookEndpoint
from tcma.outbox.queries import hearers, hearers_of_partners
from tcma.outbox.rules import (
    CHOSEN,
    OF_PARTNERS,
    ROTATION,
    SECRET_SIZE,
    DeliveryState,
    EndpointState,
    Event,
    Kind,
    shown,
)
from tcma.permissions import Permission
from tcma.ports import Web
from tcma.words import say

PURPOSE = b"tcma.webhook-secret.1"


def make_endpoint(  # noqa: PLR0913 - what an address is
    work: Work,
    web: Web,
    *,
    name: str,
    url: str,
    events: Collection[str] = (),
    kind: Kind = Kind.PROGRAM,
) -> tuple[str, str]:
    """Set up an address of a vendor or partner; its reference and its secret, told once.

    A partner's is told what partners are told. Raises Invalid for a place that may not be reached or a
    name that is taken.
    """
    _require(work)
    partner_id, name = work.principal.partner_id, " ".join(name.split())[:60]
    vendor_id = None if partner_id else found(work.principal.vendor_id)
    _refuse_place(web, url)
    mine = visible(select(WebhookEndpoint.id), work.principal, WebhookEndpoint)
    taken = mine.where(WebhookEndpoint.name == name, WebhookEndpoint.state != EndpointState.ENDED)
    if not name or work.session.scalar(taken):
        message = say("There is a “{name}” already.", name=name) if name else say("Give it a name.")
        raise Invalid(message, code="webhook.name", fields={"name": message})
    endpoint_id, secret = new_id(), randomness.token_bytes(SECRET_SIZE)
    endpoint = WebhookEndpoint(
        id=endpoint_id,
        ref=next_reference(work, "HOOK"),
        vendor_id=vendor_id,
        partner_id=partner_id,
        kind=kind,
        name=name,
        url=url,
        events=sorted(OF_PARTNERS)
        if partner_id
        else sorted(each for each in set(events) if each in tuple(CHOSEN)),
        secret=_sealed(work, endpoint_id, secret),
        made_by=work.principal.name,
        made_at=work.now,
    )
    work.session.add(endpoint)
    place = (
        urlsplit(url).hostname if kind is Kind.CHAT else url
    )  # its path lets anybody write there
    work.audit("set up a webhook", "webhook", endpoint.ref, url=place)
    return endpoint.ref, shown(secret)


def change_endpoint(work: Work, web: Web, ref: str, *, url: str, events: Collection[str]) -> None:
    """Change where an address is and what it hears of; what waits goes to the new place."""
    endpoint = _endpoint(work, ref)
    _refuse_place(web, url)
    endpoint.url = url
    endpoint.events = sorted(each for each in set(events) if each in tuple(CHOSEN))
    work.audit("changed a webhook", "webhook", ref, url=url)


def rotate_secret(work: Work, ref: str) -> str:
    """Make a new secret, told once; the old one signs beside it for a day."""
    endpoint = _endpoint(work, ref)
    secret = randomness.token_bytes(SECRET_SIZE)
    endpoint.old_secret, endpoint.old_until = endpoint.secret, work.now + ROTATION
    endpoint.secret = _sealed(work, endpoint.id, secret)
    work.audit("made a new secret of a webhook", "webhook", ref)
    return shown(secret)


def set_state(work: Work, ref: str, state: EndpointState) -> None:
    """Pause an address, let it go on, or end it; what waits for an ended one is given up."""
    endpoint = _endpoint(work, ref)
    endpoint.state = state
    if state is EndpointState.ENDED:
        waiting = OutboxDelivery.state == DeliveryState.WAITING
        work.session.execute(
            update(OutboxDelivery)
            .where(OutboxDelivery.endpoint_id == endpoint.id, waiting)
            .values(state=DeliveryState.DEAD, due_at=None, said="The webhook was ended.")
        )
    verbs = {EndpointState.ON: "let go on", EndpointState.PAUSED: "paused"}
    work.audit(verbs.get(state, "ended"), "webhook", ref)
    work.wake(Job.OUTBOX_SEND)


def send_test(work: Work, ref: str) -> None:
    """Tell an address something that says it is a test."""
    endpoint = _endpoint(work, ref)
    note = "This is a test. Nothing happened."
    data = {"by": work.principal.name, "note": note}
    _put(work, [endpoint.id], Event.TEST, key=f"test:{new_id()}", data=data, subject_id=None)


def replay(work: Work, ref: str, delivery_id: UUID | None = None) -> int:
    """Tell one thing again, or everything that was given up; return how many.

    The other side gets the number it may have had before, so that it can tell.
    """
    endpoint = _endpoint(work, ref)
    which = (
        OutboxDelivery.state == DeliveryState.DEAD
        if delivery_id is None
        else OutboxDelivery.id == delivery_id
    )
    count = changed(
        work.session,
        update(OutboxDelivery)
        .where(OutboxDelivery.endpoint_id == endpoint.id, which, OutboxDelivery.payload != {})
        .values(state=DeliveryState.WAITING, attempts=0, due_at=work.now),
    )
    if delivery_id is not None and not count:
        raise Conflict(
            "What it told is no longer kept, so it cannot be told again.", code="webhook.forgotten"
        )
    work.audit("told again", "webhook", ref, count=count)
    work.wake(Job.OUTBOX_SEND)
    return count


def publish(  # noqa: PLR0913 - what a row is made of
    work: Work,
    vendor_id: UUID,
    event: Event,
    *,
    key: str,
    data: Mapping[str, Any],
    subject_id: UUID,
) -> None:
    """Put an event into the outbox of every address of a vendor that hears of it."""
    _put(work, hearers(work.session, vendor_id, event), event, key=key, data=data,
         subject_id=subject_id)  # fmt: skip


def publish_to_partner(  # noqa: PLR0913 - what a row is made of
    work: Work,
    partner_id: UUID,
    event: Event,
    *,
    key: str,
    data: Mapping[str, Any],
    subject_id: UUID,
) -> None:
    """Put an event into the outbox of every address of a partner that hears of it."""
    hearing = hearers_of_partners(work.session, [partner_id], event).get(partner_id, [])
    _put(work, hearing, event, key=key, data=data, subject_id=subject_id)


def told(work: Work, key: str, *, subject_id: UUID) -> dict[str, Any] | None:
    """Return what was told, or is to be, under a key about a subject; None when nothing was, or it is forgotten."""
    query = select(OutboxDelivery.payload).where(*_under(key, subject_id)).limit(1)
    return work.session.scalar(query) or None


def follow(  # noqa: PLR0913 - what a row is made of
    work: Work,
    after: str,
    event: Event,
    *,
    key: str,
    data: Mapping[str, Any],
    subject_id: UUID,
) -> None:
    """Put an event into the outbox of every address that was told what stands under the key `after`.

    A room that was not reached with the first is not asked any more for what is over by then.
    """
    in_use = WebhookEndpoint.state != EndpointState.ENDED
    heard = (
        select(WebhookEndpoint.id, WebhookEndpoint.kind)
        .join(OutboxDelivery, OutboxDelivery.endpoint_id == WebhookEndpoint.id)
        .where(*_under(after, subject_id), in_use)
        .order_by(WebhookEndpoint.id)
    )
    places = work.session.execute(heard).all()
    rooms = [each.id for each in places if each.kind == Kind.CHAT]
    late = (OutboxDelivery.endpoint_id.in_(rooms), OutboxDelivery.state == DeliveryState.WAITING)
    over = {"state": DeliveryState.DEAD, "due_at": None, "said": "It was over before it was told."}
    work.session.execute(
        update(OutboxDelivery).where(*_under(after, subject_id), *late).values(**over)
    )
    _put(work, [each.id for each in places], event, key=key, data=data, subject_id=subject_id)


def _under(key: str, subject_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return (
        OutboxDelivery.subject_id == subject_id,
        OutboxDelivery.key == key,
        OutboxDelivery.payload != {},
    )


def publish_to(  # noqa: PLR0913 - what a row is made of
    work: Work,
    vendor_id: UUID,
    name: str,
    *,
    event: Event,
    key: str,
    data: Mapping[str, Any],
    subject_id: UUID | None,
) -> bool:
    """Put an event into the outbox of the address that is named; False when there is none."""
    query = select(WebhookEndpoint.id).where(
        WebhookEndpoint.vendor_id == vendor_id,
        WebhookEndpoint.name == name,
        WebhookEndpoint.state != EndpointState.ENDED,
    )
    endpoint_id = work.session.scalar(query)
    if endpoint_id is not None:
        _put(work, [endpoint_id], event, key=key, data=data, subject_id=subject_id)
    return endpoint_id is not None


def forget(work: Work, subject_ids: Collection[UUID]) -> int:
    """Empty what was told of these leads; what still waits is told to nobody. Return how many."""
    if not subject_ids:
        return 0
    return changed(
        work.session,
        update(OutboxDelivery)
        .where(OutboxDelivery.subject_id.in_(subject_ids), OutboxDelivery.payload != {})
        .values(
            payload={},
            due_at=None,
            state=DeliveryState.DEAD,
            said="Forgotten, because the person was.",
        ),
    )


def _put(  # noqa: PLR0913 - what a row is made of
    work: Work,
    endpoints: Sequence[UUID],
    event: Event,
    *,
    key: str,
    data: Mapping[str, Any],
    subject_id: UUID | None,
) -> None:
    if not endpoints:
        return
    rows = [
        {
            "id": new_id(),
            "endpoint_id": each,
            "event": event,
            "key": key,
            "subject_id": subject_id,
            "payload": dict(data),
            "due_at": work.now,
            "created_at": work.now,
        }
        for each in endpoints
    ]
    fresh = insert(OutboxDelivery).values(rows)
    work.session.execute(fresh.on_conflict_do_nothing(constraint="outbox_delivery_once"))
    work.wake(Job.OUTBOX_SEND)


def _require(work: Work) -> None:
    """Partners' owners set up theirs, vendors' channel managers theirs."""
    partner = work.principal.partner_id is not None
    work.require(Permission.PEOPLE_MANAGE if partner else Permission.LEAD_ASSIGN)


def _endpoint(work: Work, ref: str) -> WebhookEndpoint:
    _require(work)
    query = visible(select(WebhookEndpoint), work.principal, WebhookEndpoint)
    endpoint = found(work.session.scalar(query.where(WebhookEndpoint.ref == ref).with_for_update()))
    if endpoint.state == EndpointState.ENDED:
        raise Conflict(say("This webhook was ended."), code="webhook.ended")
    return endpoint


def _refuse_place(web: Web, url: str) -> None:
    try:
        web.check(url)
    except Invalid as refused:
        words = refused.advice
        raise Invalid(words, code="webhook.url", fields={"url": words}) from refused


def _sealed(work: Work, endpoint_id: UUID, secret: bytes) -> bytes:
    return vault.seal(work.site.secret, secret, purpose=PURPOSE, bound=endpoint_id.bytes)
