"""To whom a mail of the series goes: contact numbers, each with 0 or the reason against."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from tcma.contacts.conditions import condition_of
from tcma.contacts.consent import BY_ENQUIRY, BY_PURCHASE, SPELLINGS, Controller, months_after
from tcma.contacts.models import Contact, ContactList, ListMember, Segment
from tcma.contacts.rules import LawfulBasis
from tcma.contacts.segments import compiled, fields_of, people_of
from tcma.delivery.models import Message, MessageReaction
from tcma.delivery.rules import MessageState, Reason
from tcma.launches.models import Launch, LaunchList, LaunchMail, LaunchSegment
from tcma.launches.rules import Audience


def of_launch(session: Session, launch: Launch, *, now: datetime) -> Any:
    """Return the people of a launch's lists and segments, each with what carries them; of one that
    follows another only those who have joined since.
    """
    lists = session.scalars(select(LaunchList.list_id).where(LaunchList.launch_id == launch.id))
    chosen = [of_lists(lists.all(), vendor_id=launch.vendor_id, now=now)]
    segments = session.scalars(
        select(Segment.condition)
        .join(LaunchSegment, LaunchSegment.segment_id == Segment.id)
        .where(LaunchSegment.launch_id == launch.id, Segment.deleted_at.is_(None))
    ).all()
    fields = fields_of(session, launch.partner_id) if segments else []
    for stored in segments:
        condition = compiled(condition_of(stored), fields)
        chosen.append(
            of_segment(condition, partner_id=launch.partner_id, vendor_id=launch.vendor_id, now=now)
        )
    people: Any = union_all(*chosen) if len(chosen) > 1 else chosen[0]
    return people if launch.follows_id is None else _newcomers(people, launch)


def _newcomers(people: Any, launch: Launch) -> Any:
    """Return those of `people` who have no row in the mails of the launches that belong together."""
    family = select(LaunchMail.mailing_id).join(Launch, Launch.id == LaunchMail.launch_id)
    known = select(literal(1)).where(
        Message.address_hash == Contact.address_hash,
        Message.state != MessageState.CANCELLED,
        Message.mailing_id.in_(
            family.where(
                or_(Launch.id == launch.follows_id, Launch.follows_id == launch.follows_id),
                Launch.id != launch.id,
            )
        ),
    )
    named = people.subquery("joined")
    return (
        select(named.c[0], named.c[1])
        .join(Contact, Contact.id == named.c[0])
        .where(~exists(known.correlate(Contact)))
    )


def audience_size(session: Session, launch_id: UUID) -> int:
    """Return how many lists and segments a launch goes to."""
    lists = select(func.count()).where(LaunchList.launch_id == launch_id)
    segments = select(func.count()).where(LaunchSegment.launch_id == launch_id)
    return (session.scalar(lists) or 0) + (session.scalar(segments) or 0)


def of_lists(list_ids: Sequence[UUID], *, vendor_id: UUID, now: datetime) -> Any:
    """Return the people of some lists, each with what the list rests on for this vendor's mail."""
    return (
        select(ListMember.contact_id, _hold(vendor_id, now))
        .join(ContactList, ContactList.id == ListMember.list_id)
        .where(ContactList.id.in_(list_ids), ContactList.deleted_at.is_(None))
    )


def of_segment(
    condition: ColumnElement[bool], *, partner_id: UUID, vendor_id: UUID, now: datetime
) -> Any:
    """Return the people of a segment; the best of their lists carries them, none carries nobody."""
    best = (
        select(func.min(_hold(vendor_id, now)))
        .select_from(ListMember)
        .join(ContactList, ContactList.id == ListMember.list_id)
        .where(ListMember.contact_id == Contact.id, ContactList.deleted_at.is_(None))
        .correlate(Contact)
        .scalar_subquery()
    )
    hold = func.coalesce(best, int(Reason.NO_CONSENT))
    return people_of(partner_id, condition).add_columns(hold)


def _hold(vendor_id: UUID, now: datetime) -> ColumnElement[int]:
    """Return the reason against a list's people that lies in the list, 0 for none.

    A list without a basis, and one that another vendor decides about, carries nobody; in Canada
    implied consent ends (`contacts.consent.implied_until`, here in SQL).
    """
    lists, person = ContactList, aliased(Contact)
    since = func.coalesce(lists.basis_at, lists.created_at)
    run_out = or_(
        and_(lists.basis == LawfulBasis.CONTRACT, since <= months_after(now, -BY_PURCHASE)),
        and_(
            lists.basis == LawfulBasis.LEGITIMATE_INTEREST, since <= months_after(now, -BY_ENQUIRY)
        ),
    )
    in_canada = (
        select(func.lower(func.trim(person.country)).in_(SPELLINGS["CA"]))
        .where(person.id == ListMember.contact_id)
        .scalar_subquery()
    )
    return case(
        (lists.basis == LawfulBasis.UNKNOWN, int(Reason.NO_CONSENT)),
        (
            and_(lists.controller != Controller.PARTNER, lists.controller_vendor_id != vendor_id),
            int(Reason.NO_CONSENT),
        ),
        (run_out, case((in_canada, int(Reason.CONSENT_ENDED)), else_=int(Reason.NONE))),
        else_=int(Reason.NONE),
    )


def of_series(first: Sequence[int], series: Sequence[int], audience: Audience) -> Any:
    """Return those of the frozen first mail to whom a later mail goes.

    `first` are the first mail's mailings, `series` all mailings of the launch so far. Only who got
    (or may have got) the first mail is asked; a click counts when no machine made it.
    """
    reached = select(Message.contact_id, literal(int(Reason.NONE))).where(
        Message.mailing_id.in_(first),
        Message.contact_id > 0,
        Message.state.in_((MessageState.SENT, MessageState.UNCERTAIN)),
    )
    reacted = {
        Audience.NOT_CLICKED: ~_reacted(series, MessageReaction.human_clicked_at),
        Audience.CLICKED: _reacted(series, MessageReaction.human_clicked_at),
        Audience.NO_FORM: ~_reacted(series, MessageReaction.replied_at),
    }
    return reached.where(reacted[audience]) if audience in reacted else reached


def _reacted(series: Sequence[int], column: Any) -> Any:
    earlier = Message.__table__.alias("earlier")
    return exists(
        select(literal(1))
        .select_from(earlier)
        .join(MessageReaction, MessageReaction.message_id == earlier.c.id)
        .where(
            earlier.c.contact_id == Message.contact_id,
            earlier.c.mailing_id.in_(series),
            column.is_not(None),
        )
    )
