"""What somebody wants from a sender: read and changed by a mailed link, in every scope of a stop."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tcma.contacts.consent import ConsentAct
from tcma.contacts.consent_ledger import UNSUBSCRIBED, NewLine, write_line
from tcma.contacts.models import Contact, Suppression
from tcma.db.work import Work
from tcma.delivery.links import Purpose
from tcma.delivery.models import Mailing, Message
from tcma.delivery.queries import MessageFacts, message_of_link
from tcma.delivery.reactions import note, prove_sent
from tcma.jobs import Job
from tcma.library.models import Campaign

PAGE = "preference page"


class Wish(StrEnum):
    """How far a person wants to be left alone; the order is the order of reach."""

    SOME = "some"
    BRAND = "brand"
    PARTNER = "partner"
    VENDOR = "vendor"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What a person gets now. `topics` are (key, name, whether they want it)."""

    facts: MessageFacts
    wish: Wish
    topics: tuple[tuple[str, str, bool], ...]


def preferences(work: Work, token: str) -> Preferences:
    """Return what the holder of a mailed link gets; NotFound for a forged one."""
    facts = message_of_link(work.session, work.site.signer, Purpose.PREFERENCES, token)
    own = work.session.execute(
        select(Suppression.vendor_id, Suppression.partner_id, Suppression.topic).where(
            Suppression.address_hash == facts.address_hash, Suppression.reason == UNSUBSCRIBED,
            _theirs(facts),
        )
    ).all()  # fmt: skip
    stops = {(row.vendor_id, row.partner_id) for row in own if row.topic is None}
    reach = {_scope(facts, wish): wish for wish in Wish if wish is not Wish.SOME}
    order = list(Wish)
    wish = max((reach[each] for each in stops if each in reach), key=order.index, default=Wish.SOME)
    refused = {row.topic for row in own if row.topic is not None}
    return Preferences(
        facts=facts,
        wish=wish,
        topics=tuple((key, name, key not in refused) for key, name in _topics(work, facts)),
    )


def language_of_contact(session: Session, contact_id: int) -> str:
    """Return the language a contact is known to read, empty when nobody said."""
    return session.scalar(select(Contact.language).where(Contact.id == contact_id)) or ""


def topic_of(session: Session, facts: MessageFacts) -> str:
    """Return the name of a mail's topic, empty when it has none."""
    wanted = select(Campaign.name).where(
        Campaign.vendor_id == facts.vendor_id, Campaign.slug == facts.topic
    )
    return session.scalar(wanted) or ""


def _topics(work: Work, facts: MessageFacts) -> list[tuple[str, str]]:
    """Return what this person has had from this sender about this vendor, named."""
    if facts.contact_id == 0:
        return []
    rows = work.session.execute(
        select(Campaign.slug, Campaign.name)
        .join(Mailing, and_(Mailing.campaign_id == Campaign.id, Mailing.topic == Campaign.slug))
        .join(Message, Message.mailing_id == Mailing.id)
        .where(
            Message.contact_id == facts.contact_id,
            Mailing.partner_id == facts.partner_id,
            Mailing.vendor_id == facts.vendor_id,
        )
        .group_by(Campaign.slug, Campaign.name)
        .order_by(Campaign.name)
    )
    return [(slug, name) for slug, name in rows]


def choose(work: Work, token: str, wish: Wish, *, topics: Collection[str] = ()) -> Preferences:
    """Keep what a person chose; what they had stopped before and no longer stop goes on.

    `topics` are those they want, for `Wish.SOME`. Only their own stops are touched: a dead
    address, a complaint or a stop by the partner stays.
    """
    was = preferences(work, token)
    facts = was.facts
    work.session.execute(
        delete(Suppression).where(
            Suppression.address_hash == facts.address_hash,
            Suppression.reason == UNSUBSCRIBED,
            _theirs(facts),
        )
    )
    if wish is Wish.SOME:
        for key, _, _ in was.topics:
            if key not in topics:
                _stop(work, facts, (facts.vendor_id, facts.partner_id), topic=key)
    else:
        _stop(work, facts, _scope(facts, wish))
    prove_sent(work, facts.id)
    if wish is not Wish.SOME:
        note(work, facts.id, facts.mailing_id, "unsubscribed")
        work.wake(Job.NURTURE_STOP, message_id=facts.id)
    if facts.partner_id and wish is not was.wish:
        agrees = wish is Wish.SOME
        act = ConsentAct.CONFIRMED if agrees else ConsentAct.WITHDRAWN
        _write(work, facts, act, reach=was.wish if agrees else wish)
    work.audit("chose", "message", facts.id, vendor_id=facts.vendor_id,
               partner_id=facts.partner_id, wish=wish.value)  # fmt: skip
    return preferences(work, token)


def _write(work: Work, facts: MessageFacts, act: ConsentAct, *, reach: Wish) -> None:
    assert facts.partner_id is not None
    line = NewLine(
        partner_id=facts.partner_id, vendor_id=_scope(facts, reach)[0], address_hash=facts.address_hash,
        contact_id=facts.contact_id or None, act=act, source=PAGE, evidence={"message": facts.id},
    )  # fmt: skip
    write_line(work, line)


def _scope(facts: MessageFacts, wish: Wish) -> tuple[UUID | None, UUID | None]:
    return {
        Wish.BRAND: (facts.vendor_id, facts.partner_id),
        Wish.PARTNER: (None, facts.partner_id),
        Wish.VENDOR: (facts.vendor_id, None),
        Wish.ALL: (None, None),
    }[wish]


def _theirs(facts: MessageFacts) -> ColumnElement[bool]:
    """Stops that this page can set: of this vendor or any, of this partner or any."""
    s = Suppression
    return and_(
        or_(s.vendor_id.is_(None), s.vendor_id == facts.vendor_id),
        or_(s.partner_id.is_(None), s.partner_id == facts.partner_id),
    )


def _stop(
    work: Work,
    facts: MessageFacts,
    scope: tuple[UUID | None, UUID | None],
    *,
    topic: str | None = None,
) -> None:
    work.session.execute(
        insert(Suppression)
        .values(
            address_hash=facts.address_hash, vendor_id=scope[0], partner_id=scope[1], topic=topic,
            reason=UNSUBSCRIBED, message_id=facts.id, at=work.now,
        )
        .on_conflict_do_nothing(constraint="suppression_once")
    )  # fmt: skip
