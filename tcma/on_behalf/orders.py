"""A partner's standing orders: join a calendar, or let the vendor launch; pause, go on, leave, come back."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from tcma.db.scope import found
from tcma.db.work import Work
from tcma.delivery.sender_queries import senders
from tcma.errors import Conflict, Invalid, NotFound
from tcma.ids import new_id
from tcma.on_behalf.acting import known_lists
from tcma.on_behalf.arranging import arrange, bring_all_back, set_all_aside
from tcma.on_behalf.calendar_queries import CalendarView, offered_calendar, own_vendors
from tcma.on_behalf.models import CampaignCalendar, StandingOrder
from tcma.on_behalf.rules import (
    CONSENT_VERSION,
    NOTICE_DAYS,
    UNDO_FOR,
    OrderState,
    Why,
    consent_words,
)
from tcma.permissions import Permission
from tcma.words import say


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """What a partner answers once: `list_ids` are lists and segments, `language` "" as campaigns stand."""

    list_ids: tuple[UUID, ...]
    sender_id: UUID
    language: str = ""
    agreed: bool


def join(work: Work, vendor_slug: str, calendar_slug: str, order: NewOrder) -> None:
    """Join a calendar, or, without one, let the vendor launch what it runs; or answer anew.

    What was paused or left goes on. Invalid without a list or the consent, NotFound for what is not
    offered to the partner.
    """
    work.require(Permission.LAUNCH_PLAN)
    partner_id = found(work.principal.partner_id)
    vendor_id, vendor, calendar = _offer(work, vendor_slug, calendar_slug)
    _check(work, order, partner_id, vendor_id)
    days = calendar.notice_days if calendar else NOTICE_DAYS[0]
    words = consent_words(vendor, days, calendar.name if calendar else "")
    answers = {
        "state": OrderState.ACTIVE, "list_ids": [str(each) for each in order.list_ids],
        "sender_id": order.sender_id, "language": order.language, "consent": words,
        "consent_version": CONSENT_VERSION, "given_by": work.principal.user_id,
        "given_by_name": work.principal.name, "given_at": work.now, "left_at": None,
    }  # fmt: skip
    fresh = upsert(StandingOrder).values(
        id=new_id(), vendor_id=vendor_id, partner_id=partner_id,
        calendar_id=calendar.id if calendar else None, **answers,
    )  # fmt: skip
    order_id = work.session.scalar(
        fresh.on_conflict_do_update(constraint="standing_order_once", set_=answers).returning(
            StandingOrder.id
        )
    )
    row = work.session.get_one(StandingOrder, found(order_id), populate_existing=True)
    for why in (Why.PAUSED, Why.LEFT):
        bring_all_back(work, row, why, days)
    if calendar:
        arrange(work, calendar.id)
    _audit(work, row, "joined", consent=words, version=CONSENT_VERSION)


def pause(work: Work, vendor_slug: str, calendar_slug: str) -> int:
    """Let nothing of an order happen for now; return how many launches that sets aside."""
    row = _mine(work, vendor_slug, calendar_slug)
    if row.state != OrderState.ACTIVE:
        return 0
    row.state = OrderState.PAUSED
    _audit(work, row, "paused")
    return set_all_aside(work, row, Why.PAUSED)


def go_on(work: Work, vendor_slug: str, calendar_slug: str) -> int:
    """Take a pause back; return how many launches come after all."""
    row = _mine(work, vendor_slug, calendar_slug)
    if row.state != OrderState.PAUSED:
        return 0
    return _back(work, row, Why.PAUSED, say("went on"))


def leave(work: Work, vendor_slug: str, calendar_slug: str) -> int:
    """End an order at once; return how many launches that spares. What was launched stays."""
    row = _mine(work, vendor_slug, calendar_slug)
    if row.state == OrderState.LEFT:
        return 0
    row.state, row.left_at = OrderState.LEFT, work.now
    _audit(work, row, "left")
    return set_all_aside(work, row, Why.LEFT)


def come_back(work: Work, vendor_slug: str, calendar_slug: str) -> int:
    """Take a leave back with the answers as they were; Conflict after thirty days."""
    row = _mine(work, vendor_slug, calendar_slug)
    if row.state != OrderState.LEFT:
        return 0
    if row.left_at is not None and row.left_at + UNDO_FOR < work.now:
        raise Conflict(
            say("You left more than thirty days ago."), code="order.old", remedy=say("Join again.")
        )
    return _back(work, row, Why.LEFT, say("came back"))


def _back(work: Work, row: StandingOrder, why: Why, verb: str) -> int:
    row.state, row.left_at = OrderState.ACTIVE, None
    calendar = work.session.get(CampaignCalendar, row.calendar_id) if row.calendar_id else None
    back = bring_all_back(work, row, why, calendar.notice_days if calendar else NOTICE_DAYS[0])
    if calendar and calendar.closed_at is None:
        back += arrange(work, calendar.id)
    _audit(work, row, verb)
    return back


def _offer(
    work: Work, vendor_slug: str, calendar_slug: str
) -> tuple[UUID, str, CalendarView | None]:
    for vendor_id, slug, name in own_vendors(work.session, work.principal):
        if slug == vendor_slug:
            calendar = None
            if calendar_slug:
                calendar = offered_calendar(
                    work.session, work.principal, vendor_slug, calendar_slug, today=work.now.date()
                )
                if calendar.closed_at is not None:
                    raise Conflict(say("This calendar has ended."), code="calendar.closed")
            return vendor_id, name, calendar
    raise NotFound


def _check(work: Work, order: NewOrder, partner_id: UUID, vendor_id: UUID) -> None:
    wrong = {}
    if not order.list_ids:
        wrong["lists"] = say("Choose at least one list.")
    if not order.agreed:
        wrong["agreed"] = say("Say that it may happen, or leave it.")
    if wrong:
        raise Invalid(next(iter(wrong.values())), code="order.answers", fields=wrong)
    if set(order.list_ids) - set(known_lists(work.session, partner_id)):
        raise NotFound
    usable = senders(work.session, work.principal, vendor_id=vendor_id)
    if order.sender_id not in {each.id for each in usable}:
        raise NotFound


def _mine(work: Work, vendor_slug: str, calendar_slug: str) -> StandingOrder:
    work.require(Permission.LAUNCH_PLAN)
    vendor_id = next(
        (v for v, slug, _ in own_vendors(work.session, work.principal) if slug == vendor_slug), None
    )
    wanted = select(StandingOrder).where(
        StandingOrder.partner_id == work.principal.partner_id,
        StandingOrder.vendor_id == found(vendor_id),
    )
    if calendar_slug:
        named = select(CampaignCalendar.id).where(
            CampaignCalendar.vendor_id == vendor_id, CampaignCalendar.slug == calendar_slug
        )
        wanted = wanted.where(StandingOrder.calendar_id == named.scalar_subquery())
    else:
        wanted = wanted.where(StandingOrder.calendar_id.is_(None))
    return found(work.session.scalar(wanted.with_for_update()))


def _audit(work: Work, row: StandingOrder, verb: str, **detail: Any) -> None:
    work.audit(
        verb, "standing_order", row.id, vendor_id=row.vendor_id, partner_id=row.partner_id, **detail
    )
