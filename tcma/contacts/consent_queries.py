"""The consent of one person as a story: each line of the ledger, and what their lists rest on."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.contacts.consent import ConsentAct, ConsentKind, Standing, implied_until, standing
from tcma.contacts.consent_ledger import as_line, lines_of
from tcma.contacts.models import Contact, ContactList, ListMember
from tcma.contacts.rules import LawfulBasis
from tcma.partners.models import Vendor
from tcma.words import say


@dataclass(frozen=True, slots=True, kw_only=True)
class LineView:
    """One line: what happened, when, on what ground, and where one can see it."""

    act: ConsentAct
    kind: ConsentKind
    at: datetime
    source: str
    evidence: str
    jurisdiction: str
    company: str
    text_version: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a list of the person's rests on, and until when it carries them."""

    name: str
    basis: LawfulBasis
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentStory:
    """Where a person stands by their own word, every line newest first, and their lists."""

    standing: Standing
    lines: tuple[LineView, ...]
    grounds: tuple[Ground, ...]


def consent_story(session: Session, contact_id: int, *, now: datetime) -> ConsentStory:
    """Return a person's consent. The caller has found the person, so they are the principal's."""
    person = session.get_one(Contact, contact_id)
    rows = lines_of(session, person.partner_id, person.address_hash)
    names = {
        row.id: row.name
        for row in session.execute(
            select(Vendor.id, Vendor.name).where(Vendor.id.in_({r.vendor_id for r in rows}))
        )
    }
    lists = session.scalars(
        select(ContactList)
        .join(ListMember, ListMember.list_id == ContactList.id)
        .where(ListMember.contact_id == contact_id, ContactList.deleted_at.is_(None))
        .order_by(ContactList.name)
    )
    return ConsentStory(
        standing=standing([as_line(row) for row in rows], now=now),
        lines=tuple(
            LineView(
                act=ConsentAct(row.act), kind=ConsentKind(row.kind), at=row.at, source=row.source,
                evidence=_evidence(row.evidence), jurisdiction=row.jurisdiction,
                company=names.get(row.vendor_id, "") if row.vendor_id else "",
                text_version=row.text_version, expires_at=row.expires_at,
            )
            for row in reversed(rows)
        ),
        grounds=tuple(_ground(row, person.country) for row in lists),
    )  # fmt: skip


def _ground(row: ContactList, country: str) -> Ground:
    basis, since = LawfulBasis(row.basis), row.basis_at or row.created_at
    until = implied_until(basis, country, since)
    return Ground(name=row.name, basis=basis, since=since, until=until)


def _evidence(told: dict[str, object]) -> str:
    words = told.get("words") or told.get("wording") or ""
    return str(words) or (say("Confirmed by the link in a mail.") if told.get("page") else "")
