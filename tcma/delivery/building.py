"""Makes the bytes of messages: the mailing's artefact filled with one person's values."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.contacts.models import Contact
from tcma.contacts.rules import one_line
from tcma.delivery.claims import Claimed
from tcma.delivery.dkim import DkimSigner
from tcma.delivery.links import Links
from tcma.delivery.models import Mailing, MessageBody, Sender
from tcma.delivery.notices import HOUSE, house_address
from tcma.delivery.rules import MailingKind
from tcma.errors import Invalid, NotFound, TcmaError
from tcma.ports import FileStore, Outgoing
from tcma.rendering.headers import Letterhead
from tcma.rendering.mime import Artefact, build
from tcma.rendering.tokens import inert

COLUMNS = ("first_name", "last_name", "company")
KEPT = 256
UNSUBSCRIBE = "unsubscribe_url"


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Everything the messages of one mailing share."""

    artefact: Artefact | None
    letterhead: Letterhead
    from_address: str
    signers: Sequence[DkimSigner] = ()

    @property
    def domain(self) -> str:
        """The domain of the Message-ID and List-Id."""
        return self.from_address.rpartition("@")[2]

    def signed(self, head: bytes, body: Sequence[bytes], *, now: datetime) -> Sequence[bytes]:
        """Return the message in pieces, with a signature for each key of its domain."""
        at = int(now.timestamp())
        marks = [each.header(head, body, at=at) for each in self.signers]
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
        values = dict(person)
        for name in (*artefact.names, UNSUBSCRIBE):
            value = self.links.value(name, row.id)
            if value is not None:
                values[name] = value
        full_name = f"{person.get('first_name', '')} {person.get('last_name', '')}".strip()
        try:
            head = shared.letterhead.headers(
                to_address=row.address,
                to_name=full_name,
                subject=artefact.subject(values),
                date=now,
                message_id=self.links.message_id(row.id, shared.domain),
                unsubscribe_url=values[UNSUBSCRIBE],
            )
            parts = shared.signed(head + artefact.head, artefact.pieces(values), now=now)
        except TcmaError as error:
            return Broken(row.id, error.message)
        return Outgoing(row.id, shared.from_address, row.address, parts, is_wired=True)

    def _notice(
        self, shared: Envelope, row: Claimed, letter: Any, *, now: datetime
    ) -> Outgoing | Broken:
        if letter is None:
            return Broken(row.id, "The text is gone.")
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
                message_id=self.links.message_id(row.id, shared.domain),
                extra={"Auto-Submitted": "auto-generated"},
            )
            parts = shared.signed(head + made.head, made.pieces({}), now=now)
        except TcmaError as error:
            return Broken(row.id, error.message)
        return Outgoing(row.id, shared.from_address, row.address, parts, is_wired=True)

    def _shared(self, session: Session, mailing_id: int) -> Envelope:
        known = self._envelopes.get(mailing_id)
        if known is None:
            while len(self._envelopes) >= KEPT:
                self._envelopes.pop(next(iter(self._envelopes)), None)
            known = self._envelopes[mailing_id] = self._read(session, mailing_id)
        return known

    def _read(self, session: Session, mailing_id: int) -> Envelope:
        row = session.execute(
            select(
                Mailing.kind, Mailing.partner_id, Mailing.vendor_id, Mailing.artefact_key,
                Sender.from_name, Sender.from_address, Sender.reply_to,
            )
            .outerjoin(Sender, Sender.id == Mailing.sender_id)
            .where(Mailing.id == mailing_id)
        ).one_or_none()  # fmt: skip
        if row is None:
            raise NotFound
        sender = (row.from_name, row.from_address, row.reply_to)
        if row.from_address is None:
            sender = _house_sender(session, row.vendor_id, self.links.public_url)
        artefact = None
        if row.artefact_key:
            artefact = Artefact.from_bytes(self.files.get(row.artefact_key))
        elif row.kind != MailingKind.NOTICE:
            raise Invalid("This mailing has no content.", code="mailing.empty")
        partner = row.partner_id.hex if row.partner_id else "house"
        kind = MailingKind(row.kind).name.lower()
        about = {
            "list_id": f"{partner}.{sender[1].rpartition('@')[2]}",
            "feedback_id": f"{mailing_id}:{partner}:{kind}:tcma",
        }
        return Envelope(
            artefact=artefact,
            letterhead=Letterhead(
                from_name=sender[0],
                from_address=sender[1],
                reply_to=sender[2] or "",
                **(about if artefact else {}),
            ),
            from_address=sender[1],
        )


def _house_sender(
    session: Session, vendor_id: object, public_url: str
) -> tuple[str, str, str | None]:
    fallback = session.execute(
        select(Sender.from_name, Sender.from_address, Sender.reply_to)
        .where(Sender.vendor_id == vendor_id, Sender.partner_id.is_(None), Sender.is_fallback)
        .order_by(Sender.created_at)
        .limit(1)
    ).one_or_none()
    if fallback is None:
        return HOUSE, house_address(public_url), None
    return fallback.from_name, fallback.from_address, fallback.reply_to


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
    rows = session.execute(
        select(
            Contact.id, Contact.first_name, Contact.last_name, Contact.company, Contact.fields
        ).where(Contact.id.in_(ids))
    )
    people = {}
    for row in rows:
        values = {name: value for name, value in row.fields.items() if isinstance(value, str)}
        values |= {name: getattr(row, name) for name in COLUMNS}
        people[row.id] = {name: one_line(value) for name, value in values.items()}
    return people
