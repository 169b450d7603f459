"""Reads of mailings and messages: the finish equation, who is in which state, who sends."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, any_, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from tcma.contacts.models import Contact
from tcma.db.pages import Page, page_of
from tcma.db.scope import found
from tcma.delivery.links import Purpose, read_link
from tcma.delivery.models import Destination, Mailing, MailingLink, Message, MessageReaction
from tcma.delivery.reaction_sums import REACTIONS, reaction_sums, sums_in
from tcma.delivery.rules import CURABLE, REASON_WORDS, MailingState, MessageState, Reason, said_of
from tcma.errors import NotFound
from tcma.ids import Signer

M = MessageState


@dataclass(frozen=True, slots=True, kw_only=True)
class Equation:
    """expected = sent + failed + skipped + uncertain + cancelled + waiting; waiting is 0 at the end."""

    expected: int = 0
    sent: int = 0
    failed: int = 0
    skipped: int = 0
    uncertain: int = 0
    cancelled: int = 0
    waiting: int = 0

    @property
    def settled(self) -> int:
        """How many have reached an end, known or in doubt."""
        return self.sent + self.failed + self.skipped + self.uncertain + self.cancelled

    @property
    def holds(self) -> bool:
        """Say whether every intended mail is accounted for."""
        return self.expected == self.settled + self.waiting

    def __add__(self, other: "Equation") -> "Equation":
        """Return the sum of two mailings, term by term."""
        return Equation(
            expected=self.expected + other.expected,
            sent=self.sent + other.sent,
            failed=self.failed + other.failed,
            skipped=self.skipped + other.skipped,
            uncertain=self.uncertain + other.uncertain,
            cancelled=self.cancelled + other.cancelled,
            waiting=self.waiting + other.waiting,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A mailing as others see it."""

    id: int
    kind: int
    state: str
    paused_reason: str | None
    back_off_until: datetime | None
    subject: str
    artefact_key: str | None
    campaign_id: UUID | None
    vendor_id: UUID | None
    partner_id: UUID | None
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFacts:
    """What stands behind a mailed link."""

    id: int
    mailing_id: int
    kind: int
    vendor_id: UUID | None
    partner_id: UUID | None
    campaign_id: UUID | None
    topic: str | None
    contact_id: int
    origin_id: int
    state: MessageState
    sent_at: datetime | None
    address: str
    address_hash: bytes
    slot: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One person of a mailing and what became of their mail, in words."""

    message_id: int
    mailing_id: int
    contact_id: int
    address: str
    name: str
    company: str
    state: MessageState
    reason: str
    sent_at: datetime | None
    due_at: datetime
    opened_at: datetime | None
    clicked_at: datetime | None
    answer: str | None


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many ended for one reason; `words` stand after the number: `have unsubscribed`."""

    state: MessageState
    reason: Reason
    words: str
    count: int

    @property
    def can_be_cured(self) -> bool:
        """Say whether another try makes sense."""
        return self.state is M.FAILED and self.reason in CURABLE


def equations(session: Session, mailing_ids: Sequence[int]) -> dict[int, Equation]:
    """Return the sum of each mailing; what is over keeps its sum, the others' rows are counted.

    The database counts a mailing that finishes, and moves its sum with an answer that comes later.
    """
    if not mailing_ids:
        return {}
    rows = session.execute(
        select(Mailing.id, Mailing.state, Mailing.expected_n, Mailing.sent_n, Mailing.failed_n,
               Mailing.skipped_n, Mailing.uncertain_n, Mailing.cancelled_n)
        .where(Mailing.id == any_of(mailing_ids))
    ).all()  # fmt: skip
    over = {row.id for row in rows if row.state == MailingState.FINISHED}
    counted = session.execute(
        select(Message.mailing_id, Message.state, func.count())
        .where(Message.mailing_id == any_of([each for each in mailing_ids if each not in over]))
        .group_by(Message.mailing_id, Message.state)
    )
    by_state: dict[int, dict[int, int]] = {each: {} for each in mailing_ids}
    for mailing_id, state, count in counted:
        by_state[mailing_id][state] = count
    expected = {row.id: row.expected_n for row in rows}
    answer = {each: summed(expected.get(each), by_state[each]) for each in mailing_ids}
    for row in rows:
        if row.id in over:
            answer[row.id] = Equation(
                expected=row.expected_n, sent=row.sent_n, failed=row.failed_n,
                skipped=row.skipped_n, uncertain=row.uncertain_n, cancelled=row.cancelled_n,
            )  # fmt: skip
    return answer


def any_of(numbers: Collection[int]) -> Any:
    """Return one array for `== `, not one parameter for each: the statement stays the same."""
    return any_(literal(list(numbers), ARRAY(BigInteger)))


def equation(session: Session, mailing_id: int) -> Equation:
    """Return the finish equation of one mailing."""
    return equations(session, [mailing_id])[mailing_id]


def summed(expected: int | None, n: Mapping[int, int]) -> Equation:
    """Return the sum of how many messages are in which state; without `expected` it is all of them."""
    waiting = n.get(M.READY, 0) + n.get(M.LEASED, 0) + n.get(M.SENDING, 0)
    return Equation(
        expected=sum(n.values()) if expected is None else expected,
        sent=n.get(M.SENT, 0),
        failed=n.get(M.FAILED, 0),
        skipped=n.get(M.SKIPPED, 0),
        uncertain=n.get(M.UNCERTAIN, 0),
        cancelled=n.get(M.CANCELLED, 0),
        waiting=waiting,
    )


def open_count(session: Session, mailing_id: int) -> int:
    """Return how many messages have not reached an end."""
    return (
        session.scalar(
            select(func.count()).where(
                Message.mailing_id == mailing_id, Message.state.in_((M.READY, M.LEASED, M.SENDING))
            )
        )
        or 0
    )


def sent_since(session: Session, mailing_id: int, since: datetime) -> int:
    """Return how many left after `since`: the pace of a running mailing."""
    return (
        session.scalar(
            select(func.count()).where(
                Message.mailing_id == mailing_id, Message.state == M.SENT, Message.sent_at > since
            )
        )
        or 0
    )


def next_due(session: Session, mailing_id: int) -> datetime | None:
    """Return when the earliest waiting message is due."""
    lanes = [0, *session.scalars(select(Destination.lane))]
    earliest = [
        session.scalar(
            select(func.min(Message.due_at)).where(
                Message.mailing_id == mailing_id, Message.lane == lane, Message.state == M.READY
            )
        )
        for lane in lanes
    ]
    return min((each for each in earliest if each), default=None)


def streams(session: Session, mailing_ids: Sequence[int]) -> dict[int, Stream]:
    """Return mailings by number."""
    rows = session.execute(
        select(
            Mailing.id, Mailing.kind, Mailing.state, Mailing.paused_reason, Mailing.back_off_until,
            Mailing.subject, Mailing.artefact_key, Mailing.campaign_id, Mailing.vendor_id,
            Mailing.partner_id, Mailing.created_at, Mailing.finished_at,
        ).where(Mailing.id.in_(mailing_ids))
    )  # fmt: skip
    return {row["id"]: Stream(**row) for row in rows.mappings()}


def recipients(
    session: Session,
    mailing_ids: Sequence[int],
    *,
    states: Sequence[MessageState] = (),
    search: str = "",
    after: str | None = None,
) -> Page[Recipient]:
    """Return the people of some mailings, a page at a time, newest row first.

    The caller has made sure that the mailings are its principal's own.
    """
    page = page_of(
        session,
        _recipients(mailing_ids, states=states, search=search),
        [Message.id.expression],
        after=after,
    )
    return Page([_recipient(row) for row in page.rows], page.next)


def _recipients(mailing_ids: Sequence[int], *, states: Sequence[MessageState], search: str) -> Any:
    name = func.trim(Contact.first_name + " " + Contact.last_name)
    found_rows: Any = (
        select(
            Message.id.label("message_id"), Message.mailing_id, Message.contact_id,
            Message.address, func.coalesce(name, "").label("name"),
            func.coalesce(Contact.company, "").label("company"), Message.state, Message.reason,
            Message.sent_at, Message.due_at, MessageReaction.opened_at,
            func.coalesce(MessageReaction.human_clicked_at, MessageReaction.clicked_at).label(
                "clicked_at"
            ), Message.answer,
        )
        .outerjoin(Contact, Contact.id == Message.contact_id)
        .outerjoin(MessageReaction, MessageReaction.message_id == Message.id)
        .where(Message.mailing_id.in_(mailing_ids))
    )  # fmt: skip
    if states:
        found_rows = found_rows.where(Message.state.in_(states))
    if search:
        like = search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        found_rows = found_rows.where(
            or_(Message.address.ilike(like), name.ilike("%" + like), Contact.company.ilike(like))
        )
    return found_rows


def _recipient(row: object) -> Recipient:
    values = {name: getattr(row, name) for name in Recipient.__dataclass_fields__}
    values["state"] = MessageState(values["state"])
    values["reason"] = REASON_WORDS[Reason(values["reason"])]
    return Recipient(**values)


def reasons(session: Session, mailing_ids: Sequence[int]) -> list[ReasonCount]:
    """Return why people of these mailings got nothing, the most frequent reason first."""
    rows = session.execute(
        select(Message.state, Message.reason, func.count().label("n"))
        .where(Message.mailing_id.in_(mailing_ids), Message.reason > 0)
        .group_by(Message.state, Message.reason)
        .order_by(func.count().desc(), Message.reason)
    )
    return [
        ReasonCount(MessageState(state), Reason(reason), said_of(Reason(reason), n), n)
        for state, reason, n in rows
    ]


def message_facts(session: Session, message_id: int, *, slot: int = 0) -> MessageFacts:
    """Return what a message belongs to; NotFound when it is gone."""
    return replace(found(facts_by_message(session, [message_id]).get(message_id)), slot=slot)


def facts_by_message(session: Session, message_ids: Collection[int]) -> dict[int, MessageFacts]:
    """Return what messages belong to, by number; those that are gone are missing."""
    rows = session.execute(
        select(
            Message.id, Message.mailing_id, Mailing.kind, Mailing.vendor_id,
            Mailing.partner_id, Mailing.campaign_id, Mailing.topic, Message.contact_id,
            Message.origin_id, Message.state, Message.sent_at, Message.address,
            Message.address_hash,
        )
        .join(Mailing, Mailing.id == Message.mailing_id)
        .where(Message.id == any_of(message_ids))
    )  # fmt: skip
    return {
        row["id"]: MessageFacts(**{**row, "state": MessageState(row["state"])}, slot=0)
        for row in rows.mappings()
    }


def message_of_link(session: Session, signer: Signer, purpose: Purpose, token: str) -> MessageFacts:
    """Return the message behind a mailed link; NotFound for a forged or foreign token."""
    message_id, slot = read_link(signer, purpose, token)
    return message_facts(session, message_id, slot=slot)


def targets_of(session: Session, mailing_ids: Collection[int]) -> dict[int, dict[int, str]]:
    """Return where the links of mailings lead, by mailing and slot."""
    return _targets(session, MailingLink.mailing_id.in_(mailing_ids)) if mailing_ids else {}


def newest_targets(session: Session, *, after: int, most: int) -> dict[int, dict[int, str]]:
    """Return the same for the newest `most` mailings numbered above `after`."""
    newest = select(Mailing.id).where(Mailing.id > after).order_by(Mailing.id.desc()).limit(most)
    return _targets(session, MailingLink.mailing_id.in_(newest))


def _targets(session: Session, which: ColumnElement[bool]) -> dict[int, dict[int, str]]:
    targets: dict[int, dict[int, str]] = {}
    for number, slot, url in session.execute(
        select(MailingLink.mailing_id, MailingLink.slot, MailingLink.url).where(which)
    ):
        targets.setdefault(number, {})[slot] = url
    return targets


def link_target(session: Session, signer: Signer, token: str) -> tuple[MessageFacts, str]:
    """Return the message and the address a click leads to, from the row only; NotFound else."""
    facts = message_of_link(session, signer, Purpose.CLICK, token)
    url = session.scalar(
        select(MailingLink.url).where(
            MailingLink.mailing_id == facts.mailing_id, MailingLink.slot == facts.slot
        )
    )
    if url is None:
        raise NotFound
    return facts, url


def reactions_by_mailing(session: Session, mailing_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Return first reactions of each mailing, by the names in `REACTIONS`."""
    summed = reaction_sums()
    rows = session.execute(
        select(summed.c.mailing_id, *sums_in(summed))
        .where(summed.c.mailing_id == any_of(mailing_ids))
        .group_by(summed.c.mailing_id)
    )
    counted = {row["mailing_id"]: {n: row[n] for n in REACTIONS} for row in rows.mappings()}
    return {each: counted.get(each, dict.fromkeys(REACTIONS, 0)) for each in mailing_ids}


def reactions_by_day(session: Session, mailing_ids: Sequence[int]) -> dict[date, dict[str, int]]:
    """Return first reactions over some mailings together, by day in their vendor's zone."""
    summed = reaction_sums()
    rows = session.execute(
        select(summed.c.on_day, *sums_in(summed))
        .where(summed.c.mailing_id == any_of(mailing_ids))
        .group_by(summed.c.on_day)
    )
    return {row["on_day"]: {n: row[n] for n in REACTIONS} for row in rows.mappings()}


def reaction_counts(session: Session, mailing_ids: Sequence[int]) -> dict[str, int]:
    """Return first reactions over some mailings together."""
    each = reactions_by_mailing(session, mailing_ids).values()
    return {name: sum(counts[name] for counts in each) for name in REACTIONS}
