"""The rows behind a report's number: the same conditions that counted it, a page at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import Session

from tcma.contacts.models import Contact
from tcma.db.pages import Page, page_of
from tcma.db.scope import found, visible
from tcma.delivery.models import Message, MessageReaction
from tcma.delivery.rules import MessageState
from tcma.errors import NotFound
from tcma.launches.models import Launch, LaunchMail
from tcma.leads.models import Lead, LeadOffer, Opportunity
from tcma.leads.models_routing import LeadRecycling
from tcma.leads.rules import LeadState, OfferState
from tcma.library.models import Campaign
from tcma.money import Money
from tcma.partners.models import Partner
from tcma.permissions import Principal
from tcma.reporting.figures import NO_PARTNER
from tcma.reporting.gather import FUNDED, WON, leads_seen_by
from tcma.reporting.measures import Measure, counted
from tcma.reporting.stages import DAY, Stage, passed
from tcma.words import say

KINDS = ("launches", "leads", "opportunities", "people", "stages", "measures")

LEAD_FACETS: Mapping[str, ColumnElement[bool]] = {
    "accepted": Lead.accepted_at.is_not(None),
    "won": Lead.state == LeadState.WON,
    "recycled": exists().where(LeadRecycling.lead_id == Lead.id),
    "funded": FUNDED,
    "funded_accepted": FUNDED & Lead.accepted_at.is_not(None),
    "offered": exists().where(LeadOffer.lead_id == Lead.id),
    "late": exists().where(LeadOffer.lead_id == Lead.id, LeadOffer.state == OfferState.TIMED_OUT),
}
OPPORTUNITY_FACETS: Mapping[str, ColumnElement[bool]] = {
    "funded": FUNDED,
    "funded_won": FUNDED & (Opportunity.state == WON),
}
_SENT = Message.state == MessageState.SENT
PEOPLE_FACETS: Mapping[str, ColumnElement[bool]] = {
    "sent": _SENT,
    "delivered": _SENT & MessageReaction.bounced_at.is_(None),
    "opened": MessageReaction.human_opened_at.is_not(None),
    "clicked": MessageReaction.human_clicked_at.is_not(None),
    "replied": MessageReaction.replied_at.is_not(None),
    "bounced": MessageReaction.bounced_at.is_not(None),
    "unsubscribed": MessageReaction.unsubscribed_at.is_not(None),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One row: `ref` names it, `own` says whether the reader may open it."""

    ref: str
    name: str
    about: str
    state: str
    at: datetime | None
    worth: Money | None = None
    days: Decimal | None = None
    own: bool = True


def rows_behind(  # noqa: PLR0913 - what was counted, for whom, since when, from where
    session: Session,
    principal: Principal,
    what: str,
    filters: Mapping[str, str],
    *,
    since: datetime | None = None,
    after: str | None = None,
) -> Page[Item]:
    """Return a page of the rows that a figure counted, newest first.

    `what` and `filters` are those of the figure's `Opens`. NotFound for an unknown kind, and for
    people when the principal is not the partner whose customers they are.
    """
    if what == "launches":
        return _launches(session, principal, filters, since, after)
    if what == "leads":
        return _leads(session, principal, filters, since, after)
    if what == "opportunities":
        return _opportunities(session, principal, filters, since, after)
    if what == "people":
        return _people(session, principal, filters, after)
    if what == "stages":
        name = filters.get("stage", "")
        rows = passed(principal, Stage(found(name if name in list(Stage) else None)), since=since)
        return _stages(session, rows, firsts=filters.get("facet") == "first", after=after)
    if what == "measures":
        name = filters.get("measure", "")
        measure = Measure(found(name if name in list(Measure) else None))
        rows = counted(principal, measure, since=since)
        return _stages(session, rows, firsts=filters.get("facet") == "part", after=after)
    raise NotFound


def _stages(
    session: Session, rows: Select[*tuple[Any, ...]], *, firsts: bool, after: str | None
) -> Page[Item]:
    each = rows.subquery()
    query: Select[*tuple[Any, ...]] = select(each)
    if firsts:
        query = query.where(each.c.first)
    page = page_of(session, query, [each.c.id], after=after)
    items = [
        Item(
            ref=r.ref,
            name=r.title,
            about=r.partner,
            state=r.state,
            at=r.at,
            days=(Decimal(int(r.took.total_seconds())) / DAY).quantize(Decimal("0.1")),
        )
        for r in page.rows
    ]
    return Page(items, page.next)


def _launches(
    session: Session,
    principal: Principal,
    filters: Mapping[str, str],
    since: datetime | None,
    after: str | None,
) -> Page[Item]:
    query: Select[*tuple[Any, ...]] = (
        select(
            Launch.id,
            Launch.ref,
            Launch.name,
            Launch.state,
            Launch.created_at,
            Partner.name.label("partner"),
        )
        .join(Partner, Partner.id == Launch.partner_id)
        .join(Campaign, Campaign.id == Launch.campaign_id)
    )
    if since:
        query = query.where(Launch.created_at >= since)
    if "campaign" in filters:
        query = query.where(Campaign.slug == filters["campaign"])
    if "partner" in filters:
        query = query.where(Partner.slug == filters["partner"])
    page = page_of(session, visible(query, principal, Launch), [Launch.id], after=after)
    items = [
        Item(ref=r.ref, name=r.name, about=r.partner, state=r.state, at=r.created_at)
        for r in page.rows
    ]
    return Page(items, page.next)


def _about(
    query: Select[*tuple[Any, ...]], filters: Mapping[str, str], since: datetime | None
) -> Select[*tuple[Any, ...]]:
    """Narrow leads as the reports count them: a launch's whenever they came, others' by period."""
    if "launch" in filters:
        of_launch = select(Launch.id).where(Launch.ref == filters["launch"]).scalar_subquery()
        return query.where(Lead.launch_id == of_launch)
    if since:
        query = query.where(Lead.created_at >= since)
    if "campaign" in filters:
        query = query.where(Campaign.slug == filters["campaign"])
    if filters.get("partner") == NO_PARTNER:
        query = query.where(Lead.source_partner_id.is_(None))
    elif "partner" in filters:
        brought = select(Partner.id).where(Partner.slug == filters["partner"]).scalar_subquery()
        query = query.where(Lead.source_partner_id == brought)
    return query


def _leads(
    session: Session,
    principal: Principal,
    filters: Mapping[str, str],
    since: datetime | None,
    after: str | None,
) -> Page[Item]:
    query: Select[*tuple[Any, ...]] = (
        select(
            Lead.id,
            Lead.ref,
            Lead.company,
            Lead.state,
            Lead.created_at,
            Lead.partner_id,
            Campaign.name.label("campaign"),
        )
        .join(Campaign, Campaign.id == Lead.campaign_id)
        .where(leads_seen_by(principal))
    )
    if filters.get("facet"):
        query = query.where(found(LEAD_FACETS.get(filters["facet"])))
    page = page_of(session, _about(query, filters, since), [Lead.id], after=after)
    items = [
        Item(
            ref=r.ref,
            name=r.company or say("Somebody"),
            about=r.campaign,
            state=r.state,
            at=r.created_at,
            own=_opens(principal, r.partner_id),
        )
        for r in page.rows
    ]
    return Page(items, page.next)


def _opportunities(
    session: Session,
    principal: Principal,
    filters: Mapping[str, str],
    since: datetime | None,
    after: str | None,
) -> Page[Item]:
    query: Select[*tuple[Any, ...]] = (
        select(
            Opportunity.id,
            Opportunity.name,
            Opportunity.amount_minor,
            Opportunity.currency,
            Opportunity.created_at,
            Lead.ref,
            Lead.state,
            Lead.partner_id,
            Campaign.name.label("campaign"),
        )
        .join(Lead, Lead.id == Opportunity.lead_id)
        .join(Campaign, Campaign.id == Lead.campaign_id)
        .where(leads_seen_by(principal))
    )
    if filters.get("facet"):
        query = query.where(found(OPPORTUNITY_FACETS.get(filters["facet"])))
    page = page_of(session, _about(query, filters, since), [Opportunity.id], after=after)
    items = [
        Item(
            ref=r.ref,
            name=r.name,
            about=r.campaign,
            state=r.state,
            at=r.created_at,
            worth=Money(r.amount_minor, r.currency),
            own=_opens(principal, r.partner_id),
        )
        for r in page.rows
    ]
    return Page(items, page.next)


def _opens(principal: Principal, partner_id: UUID | None) -> bool:
    """Say whether a lead's own page is the principal's to open, not only its count."""
    return principal.partner_id is None or partner_id == principal.partner_id


def _people(
    session: Session, principal: Principal, filters: Mapping[str, str], after: str | None
) -> Page[Item]:
    found(principal.partner_id)
    mailings = visible(
        select(LaunchMail.mailing_id)
        .join(Launch, Launch.id == LaunchMail.launch_id)
        .where(Launch.ref == filters.get("launch", ""), LaunchMail.mailing_id.is_not(None)),
        principal,
        Launch,
    )
    no, _, arm = filters.get("mail", "").partition("-")  # 1, or 1-2: of a test its second variant
    if no.isdecimal():
        mailings = mailings.where(LaunchMail.no == int(no))
    if arm.isdecimal():
        mailings = mailings.where(LaunchMail.arm == int(arm))
    query: Select[*tuple[Any, ...]] = (
        select(
            Message.id,
            Message.address,
            Message.sent_at,
            Contact.first_name,
            Contact.last_name,
            Contact.company,
        )
        .outerjoin(Contact, Contact.id == Message.contact_id)
        .outerjoin(MessageReaction, MessageReaction.message_id == Message.id)
        .where(Message.mailing_id.in_(mailings), found(PEOPLE_FACETS.get(filters.get("state", ""))))
    )
    page = page_of(session, query, [Message.id], after=after)
    items = [
        Item(
            ref=r.address,
            name=f"{r.first_name or ''} {r.last_name or ''}".strip() or r.address,
            about=r.company or "",
            state=filters["state"],
            at=r.sent_at,
            own=False,
        )
        for r in page.rows
    ]
    return Page(items, page.next)
