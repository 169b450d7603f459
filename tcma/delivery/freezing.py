"""The freeze: one row for each intended recipient, decided once and for all."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    DateTime,
    Select,
    Text,
    and_,
    case,
    cast,
    column,
    exists,
    false,
    func,
    literal,
    null,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from tcma.contacts.models import Contact
from tcma.contacts.rules import SOFT_REST
from tcma.db.counting import changed
from tcma.db.scope import found
from tcma.db.work import Work
from tcma.delivery.destinations import domain_of
from tcma.delivery.frequency import rule_of, who_had_enough
from tcma.delivery.models import DestinationDomain, Mailing, Message
from tcma.delivery.rules import MailingKind, MessageState, Reason
from tcma.delivery.shared_limit import limit_for, who_reached
from tcma.delivery.stopping import held_reason

COLUMNS = (
    "mailing_id", "contact_id", "due_at", "state", "reason", "address_hash", "address", "lane",
    "leave_by",
)  # fmt: skip
SORTED_IN_MB = 64
"""Memory for one freeze: 100,000 people are joined and sorted without a file."""


@dataclass(frozen=True, slots=True)
class ByPlace:
    """Moments by where somebody is: `key` reads the place from a contact's row; `until` is when the hours
    there close, without an entry never.
    """

    key: ColumnElement[str]
    due: Mapping[str, datetime]
    until: Mapping[str, datetime] = field(default_factory=dict)

    def moments(self) -> Any:
        """Return the moments as a table of `place`, `due_at` and `leave_by`."""
        told = [
            {"place": place, "due_at": at.isoformat()}
            | ({"leave_by": self.until[place].isoformat()} if place in self.until else {})
            for place, at in self.due.items()
        ]
        return (
            func.json_to_recordset(cast(literal(json.dumps(told), Text()), JSON))
            .table_valued(
                column("place", Text()),
                column("due_at", DateTime(timezone=True)),
                column("leave_by", DateTime(timezone=True)),
                name="moments",
            )
            .render_derived(with_types=True)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How a mailing goes to its people: when to whom, who is held out, and who is not its own;
    conditions are on the contact.
    """

    due: ByPlace | None = None
    held_out: ColumnElement[bool] | None = None
    only: ColumnElement[bool] | None = None


PLAIN = Spread()


def freeze(work: Work, mailing_id: int, audience: Select[Any], *, spread: Spread = PLAIN) -> int:
    """Write one row for each contact that `audience` selects: its number, and 0 or a `Reason`.

    A person named twice counts once, with the smaller reason. Suppressed and held people get a row
    too, skipped with the reason; so does who could be mailed but is held out. Repeating adds
    nothing. Returns how many rows were added.
    """
    work.session.execute(text(f"SET LOCAL work_mem = '{SORTED_IN_MB}MB'"))
    keep_in_memory(work.session)
    people = _people(work, mailing_id, audience, spread)
    reason: Any = people.c.stop
    if spread.held_out is not None:
        spared = and_(people.c.stop == 0, people.c.held)
        reason = case((spared, int(Reason.HELD_OUT)), else_=people.c.stop)
    rows = select(
        literal(mailing_id), people.c.id, people.c.due_at,
        func.least(reason, 1) * int(MessageState.SKIPPED), reason,
        people.c.address_hash, people.c.address, people.c.lane, people.c.leave_by,
    ).order_by(people.c.id)  # fmt: skip
    statement = upsert(Message).from_select(COLUMNS, rows)
    if _has_rows(work, mailing_id):  # asking each row for its double takes a third as long again
        statement = statement.on_conflict_do_nothing(constraint="message_once")
    return changed(work.session, statement)


def keep_in_memory(session: Session) -> None:
    """Let PostgreSQL keep the set of who had enough mail in memory whatever its size is guessed to be:
    else it would be read again for each person.
    """
    session.execute(text("SET LOCAL hash_mem_multiplier = 1000"))


def _has_rows(work: Work, mailing_id: int) -> bool:
    """Say whether a mailing was frozen before; until the transaction ends nobody else freezes it."""
    work.session.execute(select(Mailing.id).where(Mailing.id == mailing_id).with_for_update())
    rows = select(exists().where(Message.mailing_id == mailing_id))
    return bool(work.session.scalar(rows))


def judged(audience: Any, scope: Any, *, now: datetime) -> Select[*tuple[Any, ...]]:
    """Select the people of an audience, each once, with `stop`: the reason against mailing them now,
    0 for none. `scope` gives `vendor_id`, `partner_id`, `topic`, `kind`, and of a launch `often`, its vendor's
    rule, and `shared`, the limit of all vendors.

    Stops are looked up person by person: joined as a whole they are a fifth faster, but of a list
    that PostgreSQL has not looked at yet it expects one person, and compares each with each.
    """
    named = audience.subquery("named")
    chosen = (
        select(named.c[0].label("contact_id"), func.min(named.c[1]).label("hold"))
        .group_by(named.c[0])
        .subquery("chosen")
    )
    stop: Any = held_reason(
        Contact.address_hash, scope, rested=now - SOFT_REST, now=now, basis=chosen.c.hold
    )
    limits = []
    if scope.often is not None:
        limits.append((who_had_enough(scope.vendor_id, scope.often, now=now), Reason.CAP))
    if scope.shared is not None:
        limits.append((who_reached(scope.shared, now=now), Reason.SHARED_CAP))
    for hashes, reason in limits:
        full = case((Contact.address_hash.in_(hashes), int(reason)), else_=int(Reason.NONE))
        stop = func.coalesce(func.nullif(stop, int(Reason.NONE)), full)
    return select(Contact.id, stop.label("stop")).join(chosen, chosen.c.contact_id == Contact.id)


def _people(work: Work, mailing_id: int, audience: Select[Any], spread: Spread) -> Any:
    """Return whom the mailing goes to, each with what stands against it and when it is due."""
    mailing = found(work.session.get(Mailing, mailing_id))
    counts = mailing.kind == MailingKind.LAUNCH
    scope = SimpleNamespace(
        vendor_id=mailing.vendor_id,
        partner_id=mailing.partner_id,
        topic=mailing.topic,
        kind=literal(int(mailing.kind)),
        often=rule_of(work.session, mailing.vendor_id) if counts else None,
        shared=limit_for(work.session, mailing.vendor_id) if counts else None,
    )
    people: Any = (
        judged(audience, scope, now=work.now)
        .add_columns(
            Contact.address, Contact.address_hash,
            func.coalesce(DestinationDomain.lane, 0).label("lane"),
        )
        .outerjoin(DestinationDomain, DestinationDomain.domain == domain_of(Contact.address))
    )  # fmt: skip
    due: Any = literal(work.now)
    until: Any = cast(null(), DateTime(timezone=True))
    if spread.due is not None:
        moments = spread.due.moments()
        people = people.outerjoin(moments, moments.c.place == spread.due.key)
        due = func.coalesce(moments.c.due_at, work.now)
        until = moments.c.leave_by
    if spread.only is not None:
        people = people.where(spread.only)
    held = false() if spread.held_out is None else spread.held_out
    people = people.add_columns(due.label("due_at"), until.label("leave_by"), held.label("held"))
    return people.offset(0).subquery("people")  # a fence: the stops are looked up once a person
