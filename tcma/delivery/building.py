"""Makes the bytes of messages: the mailing's artefact filled with one person's values."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ARRAY, BigInteger, bindparam, func, select
from sqlalchemy.orm import Session

from tcma.contacts.models import Contact
from tcma.contacts.rules import one_line
from tcma.db.by_text import run
from tcma.delivery.claims import Claimed
from tcma.delivery.identity import Identity, identity_of
from tcma.delivery.links import UNSUBSCRIBE, Links, Purpose
from tcma.delivery.models import Mailing, MessageBody
from tcma.delivery.rules import LETTERS, MailingKind
from tcma.errors import Invalid, NotFound, TcmaError
from tcma.ports import FileStore, Outgoing
from tcma.rendering.headers import Letterhead
from tcma.rendering.mime import Artefact, build
from tcma.rendering.tokens import inert
from tcma.words import say

COLUMNS = ("first_name", "last_name", "company")
SEED_HEADER = {"X-Tcma-Seed": "yes"}
"""In a copy to a seed address, so that a filter there knows it."""
KEPT = 256
ARTEFACTS = 64
"""Contents kept in memory, 60 to 100 kB each: when more mailings go at once, each turn reads its own again."""
GOOD_FOR_S = 20.0
"""How long a sender is taken as it was: a broken domain or a new key is heard of within it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Everything the messages of one mailing share."""

    artefact: Artefact | None
    letterhead: Letterhead
    identity: Identity
    until: float
    is_seed: bool = False
    is_announced: bool = False

    def outgoing(self, row: Claimed, message_id: str, parts: Sequence[bytes]) -> Outgoing:
        """Return a message with its envelope: failures return under the name of the message."""
        path = self.identity.return_path
        mail_from = self.identity.from_address
        if path:
            mail_from = f"{message_id.partition('@')[0]}@{path}"
        return Outgoing(row.id, mail_from, row.address, parts, is_wired=True)

    def signed(self, head: bytes, body: Sequence[bytes], *, now: datetime) -> Sequence[bytes]:
        """Return the message in pieces, with a signature for each key of its domain."""
        at = int(now.timestamp())
        marks = [each.header(head, body, at=at) for each in self.identity.signers]
        return (*marks, head, b"\r\n", *body)


@dataclass(frozen=True, slots=True)
class Material:
    """What a micro-batch is made of: the values by contact, or the notices' texts by message."""

    shared: Envelope
    by_number: Mapping[int, Any]


@dataclass(frozen=True, slots=True)
class Broken:
    """A message that cannot be made, and why."""

    id: int
    why: str


@dataclass(slots=True)
class Builder:
    """Builds messages of any mailing; keeps the last artefacts, so a launch reads its one once."""

    files: FileStore
    links: Links
    _envelopes: dict[int, Envelope] = field(default_factory=dict)
    _artefacts: dict[str, Artefact] = field(default_factory=dict)

    def read(self, session: Session, mailing_id: int, rows: Sequence[Claimed]) -> Material:
        """Read what these messages are made of, in one query."""
        shared = self._shared(session, mailing_id)
        if shared.artefact is None:
            return Material(shared, _bodies(session, [row.id for row in rows]))
        return Material(shared, _people(session, [row.contact_id for row in rows]))

    def build(
        self, session: Session, mailing_id: int, rows: Sequence[Claimed], *, now: datetime
    ) -> list[Outgoing | Broken]:
        """Read and make in one go: for one mail that somebody looks at."""
        return list(self.make(self.read(session, mailing_id, rows), rows, now=now))

    def make(
        self, material: Material, rows: Sequence[Claimed], *, now: datetime
    ) -> Iterator[Outgoing | Broken]:
        """Give one complete message per row, or why there is none, when it is asked for; touches
        no database.
        """
        shared = material.shared
        artefact = shared.artefact
        for row in rows:
            if artefact is None:
                yield self._notice(shared, row, material.by_number.get(row.id), now=now)
            else:
                person = material.by_number.get(row.contact_id, {})
                yield self._filled(shared, row, person, artefact, now=now)

    def _filled(
        self,
        shared: Envelope,
        row: Claimed,
        person: Mapping[str, str],
        artefact: Artefact,
        *,
        now: datetime,
    ) -> Outgoing | Broken:
        ours = self.links.values(artefact.names, row.id, mailing_id=row.mailing_id)
        values = {**person, **ours}
        full_name = f"{person.get('first_name', '')} {person.get('last_name', '')}".strip()
        message_id = self.links.message_id(row.id, shared.identity.domain)
        try:
            head = shared.letterhead.headers(
                to_address=row.address,
                to_name=full_name,
                subject=artefact.subject(values),
                date=now,
                message_id=message_id,
                unsubscribe_url=values[UNSUBSCRIBE],
                unsubscribe_mailto=self.links.way_out_by_mail(row.id),
                extra=SEED_HEADER if shared.is_seed else None,
            )
            parts = shared.signed(head + artefact.head, artefact.pieces(values), now=now)
        except TcmaError as error:
            return Broken(row.id, error.message)
        return shared.outgoing(row, message_id, parts)

    def _notice(
        self, shared: Envelope, row: Claimed, letter: Any, *, now: datetime
    ) -> Outgoing | Broken:
        if letter is None:
            return Broken(row.id, "The text is gone.")
        message_id = self.links.message_id(row.id, shared.identity.domain)
        try:
            made = build(
                subject=inert(letter.subject),
                preview="",
                html=inert(letter.html),
                text=inert(letter.plain),
                rtl=False,
            )
            head = shared.letterhead.headers(
                to_address=row.address,
                subject=made.subject({}),
                date=now,
                message_id=message_id,
                **self._ways_out(shared, row),
            )
            parts = shared.signed(head + made.head, made.pieces({}), now=now)
        except TcmaError as error:
            return Broken(row.id, error.message)
        return shared.outgoing(row, message_id, parts)

    def _ways_out(self, shared: Envelope, row: Claimed) -> dict[str, Any]:
        """A notice is nobody's to refuse; what a vendor announces has its own one-click way out."""
        if not shared.is_announced:
            return {"extra": {"Auto-Submitted": "auto-generated"}}
        return {"unsubscribe_url": self.links.url(Purpose.ANNOUNCED, row.id)}

    def _shared(self, session: Session, mailing_id: int) -> Envelope:
        known = self._envelopes.get(mailing_id)
        if known is None or known.until < time.monotonic():
            while len(self._envelopes) >= KEPT:
                self._envelopes.pop(next(iter(self._envelopes)), None)
            known = self._envelopes[mailing_id] = self._read(session, mailing_id)
        return known

    def _read(self, session: Session, mailing_id: int) -> Envelope:
        row = session.execute(
            select(Mailing.kind, Mailing.partner_id, Mailing.artefact_key).where(
                Mailing.id == mailing_id
            )
        ).one_or_none()
        if row is None:
            raise NotFound
        if not row.artefact_key and row.kind not in LETTERS:
            raise Invalid(say("This mailing has no content."), code="mailing.empty")
        identity = identity_of(
            session, mailing_id, secret=self.links.signer.secret, public_url=self.links.public_url
        )
        partner = row.partner_id.hex if row.partner_id else "house"
        kind = MailingKind(row.kind).name.lower()
        about = {
            "list_id": f"{partner}.{identity.domain}",
            "feedback_id": f"{mailing_id}:{partner}:{kind}:tcma",
        }
        return Envelope(
            artefact=self._artefact(row.artefact_key) if row.artefact_key else None,
            letterhead=Letterhead(
                from_name=identity.from_name,
                from_address=identity.from_address,
                reply_to=identity.reply_to,
                **({} if row.kind == MailingKind.NOTICE else about),
            ),
            identity=identity,
            until=time.monotonic() + GOOD_FOR_S,
            is_seed=row.kind == MailingKind.SEED,
            is_announced=row.kind == MailingKind.ANNOUNCEMENT,
        )

    def _artefact(self, key: str) -> Artefact:
        known = self._artefacts.get(key)
        if known is None:
            while len(self._artefacts) >= ARTEFACTS:
                self._artefacts.pop(next(iter(self._artefacts)), None)
            known = self._artefacts[key] = Artefact.from_bytes(self.files.get(key))
        return known


def _bodies(session: Session, ids: Sequence[int]) -> dict[int, Any]:
    rows = session.execute(
        select(
            MessageBody.message_id, MessageBody.subject, MessageBody.html, MessageBody.plain
        ).where(MessageBody.message_id.in_(ids))
    )
    return {row.message_id: row for row in rows}


def _people(session: Session, ids: Sequence[int]) -> dict[int, dict[str, str]]:
    if not ids:
        return {}
    people = {}
    for number, *named, fields in run(session, _known, {"b_ids": list(ids)}):
        values = {name: value for name, value in fields.items() if isinstance(value, str)}
        values |= zip(COLUMNS, named, strict=True)
        people[number] = {name: one_line(value) for name, value in values.items()}
    return people


@cache
def _known() -> Any:
    """What is known of contacts: in the order of `COLUMNS`, then the fields of their own."""
    these = func.any(bindparam("b_ids", type_=ARRAY(BigInteger)))
    named = [getattr(Contact, name) for name in COLUMNS]
    return select(Contact.id, *named, Contact.fields).where(Contact.id == these)
