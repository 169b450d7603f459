"""To whom a mail of the series goes: contact numbers, each with 0 or the reason against."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, exists, func, literal, or_, select

from tcma.contacts.consent import BY_ENQUIRY, BY_PURCHASE, SPELLINGS, Controller, months_after
from tcma.contacts.models import Contact, ContactList, ListMember
from tcma.contacts.rules import LawfulBasis
from tcma.delivery.models import Message, MessageReaction
from tcma.delivery.rules import MessageState, Reason
from tcma.launches.rules import Audience


def of_lists(list_ids: Sequence[UUID], *, vendor_id: UUID, now: datetime) -> Any:
    """Return the people of some lists, each with what the list rests on for this vendor's mail.

    A list without a basis, and one that another vendor decides about, carries nobody; in Canada
    implied consent ends (`contacts.consent.implied_until`, here in SQL).
    """
    lists = ContactList
    since = func.coalesce(lists.basis_at, lists.created_at)
    run_out = or_(
        and_(lists.basis == LawfulBasis.CONTRACT, since <= months_after(now, -BY_PURCHASE)),
        and_(
            lists.basis == LawfulBasis.LEGITIMATE_INTEREST, since <= months_after(now, -BY_ENQUIRY)
        ),
    )
    in_canada = (
        select(func.lower(func.trim(Contact.country)).in_(SPELLINGS["CA"]))
        .where(Contact.id == ListMember.contact_id)
        .scalar_subquery()
    )
    hold = case(
        (lists.basis == LawfulBasis.UNKNOWN, int(Reason.NO_CONSENT)),
        (
            and_(lists.controller != Controller.PARTNER, lists.controller_vendor_id != vendor_id),
            int(Reason.NO_CONSENT),
        ),
        (run_out, case((in_canada, int(Reason.CONSENT_ENDED)), else_=int(Reason.NONE))),
        else_=int(Reason.NONE),
    )
    return (
        select(ListMember.contact_id, hold)
        .join(ContactList, ContactList.id == ListMember.list_id)
        .where(ContactList.id.in_(list_ids), ContactList.deleted_at.is_(None))
    )


def of_series(first: int, series: Sequence[int], audience: Audience) -> Any:
    """Return those of the frozen first mail to whom a later mail goes.

    `first` is the first mail's mailing, `series` all mailings of the launch so far. Only who got
    (or may have got) the first mail is asked; a click counts when no machine made it.
    """
    reached = select(Message.contact_id, literal(int(Reason.NONE))).where(
        Message.mailing_id == first,
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
