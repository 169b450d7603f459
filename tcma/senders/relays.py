"""A sending domain's own relays: kept with a sealed password, tried in order, noted when away.

Mail of launches, series and tests that leaves from the domain goes by these. The letters of the
house (notices, sign-in, consent questions) never do: they must arrive when a partner's relay does not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tcma import vault
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid, LimitReached, TcmaError, Unavailable
from tcma.ids import new_id
from tcma.jobs import Job
from tcma.partners.models import Enrolment
from tcma.permissions import Principal
from tcma.ports import Web
from tcma.senders.actions import may_edit
from tcma.senders.models import SenderDomain, SenderRelay
from tcma.senders.relay_rules import (
    LONGEST_SAID,
    MOST_RELAYS,
    OwnRelay,
    OwnRelays,
    RelayFacts,
    RelayKind,
    Trouble,
    says_more,
    trouble_of,
)
from tcma.words import joined, say

PURPOSE = b"tcma.relay-password.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayView:
    """A relay as its page shows it; the password is never among it."""

    id: UUID
    domain: str
    kind: RelayKind
    host: str
    port: int
    user: str
    away_since: datetime | None
    trouble: Trouble | None
    said: str
    answered_at: datetime | None


def relays_of(session: Session, domain_id: UUID) -> list[RelayView]:
    """Return a domain's own relays in their order."""
    query = _views().where(SenderRelay.domain_id == domain_id)
    return [_view(row) for row in session.execute(query.order_by(*_ORDER))]


def vendors_relays(session: Session, principal: Principal) -> list[RelayView]:
    """Return the relays of a vendor's own domains and of its partners', by domain."""
    vendor_id = found(principal.vendor_id)
    partners = select(Enrolment.partner_id).where(Enrolment.vendor_id == vendor_id)
    query = _views().where(
        (SenderDomain.vendor_id == vendor_id) | SenderDomain.partner_id.in_(partners)
    )
    return [_view(row) for row in session.execute(query.order_by(SenderDomain.name, *_ORDER))]


def away_relays(session: Session, domain_id: UUID) -> list[RelayView]:
    """Return the relays of a domain that took no mail the last time; empty while one takes it."""
    kept = relays_of(session, domain_id)
    return kept if all(each.away_since for each in kept) else []


def add_relay(work: Work, web: Web, name: str, facts: RelayFacts) -> UUID:
    """Add a relay behind the others of a domain of one's own.

    Raises Invalid for a place that nobody may reach, LimitReached when there are enough.
    """
    domain = _own_domain(work, name)
    _may_stand(web, facts)
    kept = _rows(work, domain.id)
    if len(kept) >= MOST_RELAYS:
        raise LimitReached(
            say("{n} relays are enough. Remove one first.", n=MOST_RELAYS), code="sender.relays"
        )
    relay_id = new_id()
    relay = SenderRelay(
        id=relay_id,
        domain_id=domain.id,
        place=max((each.place for each in kept), default=0) + 1,
        created_at=work.now,
    )
    _write(work, relay, facts)
    work.session.add(relay)
    _changed(work, "added a relay to", domain, relay)
    return relay_id


def completed(work: Work, name: str, relay_id: UUID, facts: RelayFacts) -> RelayFacts:
    """Return a relay as it shall be changed, with the stored password where none was typed.

    Raises Invalid when the place changed and the password was not typed anew: whoever may edit a
    relay must not be able to send its password to a server of their own.
    """
    relay_by_id(work, name, relay_id)
    was = _facts(work, found(work.session.get(SenderRelay, relay_id)))
    if facts.password or not facts.user:
        return facts
    if was is not None and facts.place == was.place:
        return replace(facts, password=was.password)
    words = say("Type the password anew: it is only kept for the place it was meant for.")
    raise Invalid(words, code="sender.relay", fields={"password": words})


def change_relay(work: Work, web: Web, name: str, relay_id: UUID, facts: RelayFacts) -> None:
    """Change a relay to what `completed` returned; Invalid for a place that nobody may reach."""
    domain = _own_domain(work, name)
    relay = _one(work, domain.id, relay_id)
    _may_stand(web, facts)
    _write(work, relay, facts)
    _changed(work, "changed a relay of", domain, relay)


def raise_relay(work: Work, name: str, relay_id: UUID) -> None:
    """Put a relay before the one above it; the first stays."""
    domain = _own_domain(work, name)
    kept = _rows(work, domain.id)
    at = found(next((n for n, each in enumerate(kept) if each.id == relay_id), None))
    if at:
        kept[at - 1 : at + 1] = kept[at], kept[at - 1]
        for place, each in enumerate(kept, 1):
            each.place = place
        _changed(work, "put in another order the relays of", domain, kept[at - 1])


def remove_relay(work: Work, name: str, relay_id: UUID) -> None:
    """Forget a relay and its password. After the last one the installation's relays send."""
    domain = _own_domain(work, name)
    relay = _one(work, domain.id, relay_id)
    work.session.delete(relay)
    _changed(work, "removed a relay of", domain, relay)


def set_last_resort(work: Work, name: str, *, house: bool) -> None:
    """Choose whether the installation's relays send when none of one's own takes mail."""
    domain = _own_domain(work, name)
    domain.house_is_last = house
    work.audit("chose the last resort of", "sender_domain", domain.id, name=name, house=house)
    work.wake(Job.MAILING_SEND)


def relay_by_id(work: Work, name: str, relay_id: UUID) -> RelayView:
    """Return a relay of a domain of one's own; NotFound for any other."""
    may_edit(work)
    query = visible(_views(), work.principal, SenderDomain)
    query = query.where(SenderDomain.name == name, SenderRelay.id == relay_id)
    return _view(found(work.session.execute(query).one_or_none()))


def key_of(work: Work, name: str, relay_id: UUID) -> OwnRelay:
    """Return how to reach a relay of a domain of one's own, to try it; nothing is locked.

    Raises Conflict when its password does not open with this installation's secret.
    """
    kept = relay_by_id(work, name, relay_id)
    relay = found(work.session.get(SenderRelay, relay_id))
    facts = _facts(work, relay)
    if facts is None:
        told = trouble_of("relay.key", host=kept.host, port=kept.port)
        raise Conflict(told.words, code="relay.key", remedy=told.remedy)
    return OwnRelay(relay.id, facts.address)


def set_of(work: Work, domain_id: UUID) -> OwnRelays:
    """Return a domain's relays for a worker; one whose password does not open is noted and left out."""
    opened, sealed = list[OwnRelay](), dict[UUID, TcmaError | None]()
    for relay in _rows(work, domain_id):
        facts = _facts(work, relay)
        if facts is None:
            sealed[relay.id] = Unavailable("Its password does not open.", code="relay.key")
        else:
            opened.append(OwnRelay(relay.id, facts.address, relay.away_since is not None))
    note(work, sealed)
    house = select(SenderDomain.house_is_last).where(SenderDomain.id == domain_id)
    return OwnRelays(tuple(opened), bool(work.session.scalar(house)))


def note(work: Work, heard: Mapping[UUID, TcmaError | None]) -> None:
    """Keep what relays answered the last time they were asked; None: they took mail."""
    for relay_id, error in heard.items():
        away = {"away_since": None, "trouble": "", "said": ""} if error is None else {
            "away_since": func.coalesce(SenderRelay.away_since, work.now),
            "trouble": error.code,
            "said": error.message[:LONGEST_SAID],
        }  # fmt: skip
        work.session.execute(update(SenderRelay).where(SenderRelay.id == relay_id).values(**away))


def note_trial(work: Work, name: str, relay_id: UUID, error: TcmaError | None) -> None:
    """Keep what a try by people said; one that does well is asked for waiting mail at once."""
    domain = _own_domain(work, name)
    relay = _one(work, domain.id, relay_id)
    note(work, {relay.id: error})
    if error is None:
        relay.answered_at = work.now
        work.wake(Job.MAILING_SEND)


_ORDER = (SenderRelay.place, SenderRelay.created_at)


def _views() -> Any:
    return select(SenderRelay, SenderDomain.name.label("domain")).join(
        SenderDomain, SenderDomain.id == SenderRelay.domain_id
    )


def _view(row: Any) -> RelayView:
    one = row.SenderRelay
    away = trouble_of(one.trouble, host=one.host, port=one.port) if one.away_since else None
    return RelayView(
        id=one.id,
        domain=row.domain,
        kind=RelayKind(one.kind),
        host=one.host,
        port=one.port,
        user=one.username,
        away_since=one.away_since,
        trouble=away,
        said=one.said if says_more(one.trouble) else "",
        answered_at=one.answered_at,
    )


def _own_domain(work: Work, name: str) -> SenderDomain:
    may_edit(work)
    query = visible(select(SenderDomain), work.principal, SenderDomain)
    return found(work.session.scalar(query.where(SenderDomain.name == name).with_for_update()))


def _rows(work: Work, domain_id: UUID) -> list[SenderRelay]:
    query = select(SenderRelay).where(SenderRelay.domain_id == domain_id)
    return list(work.session.scalars(query.order_by(*_ORDER)))


def _one(work: Work, domain_id: UUID, relay_id: UUID) -> SenderRelay:
    return found(next((each for each in _rows(work, domain_id) if each.id == relay_id), None))


def _may_stand(web: Web, facts: RelayFacts) -> None:
    if facts.kind is RelayKind.SES:
        return
    try:
        web.check_mail_server(facts.host, facts.port, in_clear=facts.kind is RelayKind.PLAIN)
    except Invalid as refused:
        told = trouble_of(refused.code, host=facts.host, port=facts.port)
        at = "kind" if refused.code == "egress.clear" else "port"
        raise Invalid(
            told.words, code=refused.code, fields={at: joined(told.words, told.remedy)}
        ) from refused


def _write(work: Work, relay: SenderRelay, facts: RelayFacts) -> None:
    relay.kind, relay.host, relay.port, relay.username = facts.place
    relay.sealed = _sealed(work, relay.id, facts.password)
    relay.away_since = relay.answered_at = None
    relay.trouble = relay.said = ""


def _sealed(work: Work, relay_id: UUID, password: str) -> bytes:
    if not password:
        return b""
    return vault.seal(work.site.secret, password.encode(), purpose=PURPOSE, bound=relay_id.bytes)


def _facts(work: Work, relay: SenderRelay) -> RelayFacts | None:
    """The relay with its password; None when that does not open with this secret."""
    password = b""
    if relay.sealed:
        try:
            password = vault.unseal(
                work.site.secret, relay.sealed, purpose=PURPOSE, bound=relay.id.bytes
            )
        except ValueError:
            return None
    kind = RelayKind(relay.kind)
    return RelayFacts(kind, relay.host, relay.port, relay.username, password.decode())


def _changed(work: Work, verb: str, domain: SenderDomain, relay: SenderRelay) -> None:
    """Write it into the history, never with the password; what waits is tried again."""
    work.session.flush()  # whoever lists them next sees it
    work.audit(
        verb, "sender_domain", domain.id, name=domain.name, kind=relay.kind, host=relay.host,
        port=relay.port, user=relay.username,
    )  # fmt: skip
    work.wake(Job.MAILING_SEND)
