"""Reads of calendars with their days, and of standing orders, for both sides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from tcma.db.scope import found, visible
from tcma.library.models import Campaign
from tcma.library.seeing import facts_of
from tcma.library.visibility import sees
from tcma.on_behalf.models import ArrangedLaunch, CalendarDay, CampaignCalendar, StandingOrder
from tcma.on_behalf.rules import AHEAD, ArrangedState, OrderState, Rhythm
from tcma.partners.models import Enrolment, Partner, Vendor
from tcma.partners.rules import EnrolmentState
from tcma.permissions import Principal

A = ArrangedState


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """A partner's standing order; `calendar_slug` is empty where it is for whatever the vendor runs."""

    id: UUID
    partner_id: UUID
    partner: str
    partner_slug: str
    tier: str
    vendor_id: UUID
    vendor: str
    calendar_slug: str
    state: OrderState
    list_ids: tuple[str, ...]
    sender_id: UUID
    language: str
    consent: str
    given_by: str
    given_at: datetime
    left_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayView:
    """A campaign of a calendar: its day, and how many partners it comes to or went to."""

    campaign: str
    campaign_slug: str
    on_day: date
    ahead: int
    held: int
    launched: int
    skipped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarView:
    """A calendar with its days; `order` is the asking partner's own."""

    id: UUID
    vendor_id: UUID
    vendor: str
    vendor_slug: str
    slug: str
    name: str
    words: str
    rhythm: Rhythm
    notice_days: int
    rules: Mapping[str, list[str]]
    closed_at: datetime | None
    joined: int
    days: tuple[DayView, ...]
    order: OrderView | None = None


def calendars(session: Session, principal: Principal) -> list[CalendarView]:
    """Return a vendor's calendars, newest first."""
    wanted = visible(_calendars(), principal, CampaignCalendar)
    return _with_days(session, session.execute(wanted.order_by(CampaignCalendar.id.desc())).all())


def calendar_by_slug(session: Session, principal: Principal, slug: str) -> CalendarView:
    """Return one calendar of a vendor; NotFound for others'."""
    wanted = visible(_calendars(), principal, CampaignCalendar).where(CampaignCalendar.slug == slug)
    return _with_days(session, [found(session.execute(wanted).one_or_none())])[0]


def offered(session: Session, principal: Principal, *, today: date) -> list[CalendarView]:
    """Return the calendars a partner has joined, or may join by their rules."""
    partner_id = found(principal.partner_id)
    mine = _active(partner_id)
    rows = session.execute(
        _calendars().where(CampaignCalendar.vendor_id.in_(mine)).order_by(CampaignCalendar.id)
    ).all()
    given = {o.calendar_slug + str(o.vendor_id): o for o in orders(session, principal)}
    shown = []
    for each in _with_days(session, rows):
        order = given.get(each.slug + str(each.vendor_id))
        facts = facts_of(
            session, each.vendor_id, partner_id, today=today, role=principal.role.value
        )
        may_join = each.closed_at is None and sees(each.rules, facts)
        if order is not None or may_join:
            shown.append(replace(each, order=order))
    return shown


def offered_calendar(
    session: Session, principal: Principal, vendor_slug: str, slug: str, *, today: date
) -> CalendarView:
    """Return one of them; NotFound for what a partner may not join."""
    known = offered(session, principal, today=today)
    return found(next((c for c in known if (c.vendor_slug, c.slug) == (vendor_slug, slug)), None))


def orders(
    session: Session, principal: Principal, *conditions: ColumnElement[bool]
) -> list[OrderView]:
    """Return standing orders, by partner's name."""
    wanted = (
        visible(
            select(
                StandingOrder, Partner.name, Partner.slug, Enrolment.tier,
                Vendor.name.label("vendor"), CampaignCalendar.slug.label("calendar"),
            ),
            principal,
            StandingOrder,
        )
        .join(Partner, Partner.id == StandingOrder.partner_id)
        .join(Vendor, Vendor.id == StandingOrder.vendor_id)
        .join(
            Enrolment,
            (Enrolment.vendor_id == StandingOrder.vendor_id)
            & (Enrolment.partner_id == StandingOrder.partner_id),
        )
        .outerjoin(CampaignCalendar, CampaignCalendar.id == StandingOrder.calendar_id)
        .where(*conditions)
        .order_by(Partner.name, StandingOrder.id)
    )  # fmt: skip
    return [_order(row) for row in session.execute(wanted)]


def orders_of(session: Session, principal: Principal, calendar_id: UUID) -> list[OrderView]:
    """Return who has joined a calendar, those who left among them."""
    return orders(session, principal, StandingOrder.calendar_id == calendar_id)


def permission_of(session: Session, principal: Principal, vendor_id: UUID) -> OrderView | None:
    """Return whether a partner lets a vendor launch for it; None when it never said."""
    found_orders = orders(
        session, principal,
        StandingOrder.vendor_id == vendor_id, StandingOrder.calendar_id.is_(None),
    )  # fmt: skip
    return next(iter(found_orders), None)


def own_vendors(session: Session, principal: Principal) -> list[tuple[UUID, str, str]]:
    """Return the vendors a partner works with now: id, slug, name."""
    mine = _active(found(principal.partner_id))
    rows = session.execute(
        select(Vendor.id, Vendor.slug, Vendor.name).where(Vendor.id.in_(mine)).order_by(Vendor.name)
    )
    return [(row.id, row.slug, row.name) for row in rows]


def _active(partner_id: UUID) -> Any:
    return select(Enrolment.vendor_id).where(
        Enrolment.partner_id == partner_id, Enrolment.state == EnrolmentState.ACTIVE
    )


def _calendars() -> Any:
    joined = (
        select(func.count())
        .where(
            StandingOrder.calendar_id == CampaignCalendar.id,
            StandingOrder.state == OrderState.ACTIVE,
        )
        .correlate(CampaignCalendar)
        .scalar_subquery()
    )
    return select(
        CampaignCalendar, Vendor.name.label("vendor"), Vendor.slug.label("vendor_slug"),
        joined.label("joined"),
    ).join(Vendor, Vendor.id == CampaignCalendar.vendor_id)  # fmt: skip


def _with_days(session: Session, rows: Sequence[Any]) -> list[CalendarView]:
    ids = [row.CampaignCalendar.id for row in rows]
    state = ArrangedLaunch.state
    counted = session.execute(
        select(
            CalendarDay.calendar_id, Campaign.name.label("campaign"),
            Campaign.slug.label("campaign_slug"), CalendarDay.on_day,
            func.count().filter(state.in_(AHEAD)).label("ahead"),
            func.count().filter(state == A.HELD).label("held"),
            func.count().filter(state == A.LAUNCHED).label("launched"),
            func.count().filter(state == A.SKIPPED).label("skipped"),
        )
        .join(Campaign, Campaign.id == CalendarDay.campaign_id)
        .outerjoin(ArrangedLaunch, ArrangedLaunch.day_id == CalendarDay.id)
        .where(CalendarDay.calendar_id.in_(ids), CalendarDay.taken_back_at.is_(None))
        .group_by(CalendarDay.id, Campaign.id)
        .order_by(CalendarDay.on_day, Campaign.name)
    ).mappings()  # fmt: skip
    days: dict[UUID, list[DayView]] = {each: [] for each in ids}
    for day in counted:
        facts = {k: v for k, v in day.items() if k != "calendar_id"}
        days[day["calendar_id"]].append(DayView(**facts))
    return [
        CalendarView(
            id=it.id, vendor_id=it.vendor_id, vendor=row.vendor, vendor_slug=row.vendor_slug,
            slug=it.slug, name=it.name, words=it.words, rhythm=Rhythm(it.rhythm),
            notice_days=it.notice_days, rules=it.visibility, closed_at=it.closed_at,
            joined=row.joined, days=tuple(days[it.id]),
        )
        for row in rows
        for it in (row.CampaignCalendar,)
    ]  # fmt: skip


def _order(row: Any) -> OrderView:
    it = row.StandingOrder
    return OrderView(
        id=it.id, partner_id=it.partner_id, partner=row.name, partner_slug=row.slug, tier=row.tier,
        vendor_id=it.vendor_id, vendor=row.vendor, calendar_slug=row.calendar or "",
        state=OrderState(it.state), list_ids=tuple(it.list_ids), sender_id=it.sender_id,
        language=it.language, consent=it.consent, given_by=it.given_by_name, given_at=it.given_at,
        left_at=it.left_at,
    )  # fmt: skip
