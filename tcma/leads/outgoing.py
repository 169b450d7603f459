"""What other programs are told about a lead and its opportunity: webhooks and CRMs."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Select, func, select

from tcma.db.documents import Document
from tcma.db.work import Work
from tcma.leads.crm_marks import mark, mark_deal
from tcma.leads.models import Lead, LeadOffer, Opportunity
from tcma.leads.models_deals import OpportunityPaper
from tcma.leads.rules import OfferState
from tcma.library.models import Campaign
from tcma.outbox import actions as outbox
from tcma.outbox.queries import hearers
from tcma.outbox.rules import Event
from tcma.partners.models import Partner

PERSONAL: Final = {
    "email": "address",
    "first_name": "first_name",
    "last_name": "last_name",
    "company": "company",
    "phone": "phone",
    "postcode": "postcode",
}
"""What is told of the person, and the column it stands in."""


def tell(work: Work, event: Event, lead_id: UUID, *, key: str) -> None:
    """Put an event about a lead into the outbox, as the lead stands now; `key` makes it one.

    The CRMs that hear of the lead are marked to have it, too.
    """
    mark(work, lead_id)
    row = work.session.execute(
        select(Lead.vendor_id, Lead.ref).where(Lead.id == lead_id)
    ).one_or_none()
    if row is None or not hearers(work.session, row.vendor_id, event):
        return
    outbox.publish(
        work, row.vendor_id, event, key=f"{event}:{row.ref}:{key}", data=facts(work, lead_id),
        subject_id=lead_id,
    )  # fmt: skip


def tell_deal(work: Work, event: Event, one: Opportunity, *, key: str) -> None:
    """The same of an opportunity, which may have no lead."""
    if one.lead_id is not None:
        tell(work, event, one.lead_id, key=key)
        return
    mark_deal(work, one.id)
    if hearers(work.session, one.vendor_id, event):
        work.session.flush()  # what was changed in this transaction is what is told
        outbox.publish(
            work, one.vendor_id, event, key=f"{event}:{one.ref}:{key}", subject_id=one.id,
            data=_facts_of_deal(work, one),
        )  # fmt: skip


def _facts_of_deal(work: Work, one: Opportunity) -> dict[str, Any]:
    holder = work.session.get_one(Partner, one.partner_id)
    known = {"lead": None, "partner": {"slug": holder.slug, "name": holder.name}}
    return known | {"opportunity": _deal(one) | _files(work, one)}


def _files(work: Work, one: Opportunity) -> dict[str, Any]:
    """The files of an opportunity, by link and hash: whoever follows it signs in."""
    rows = work.session.execute(
        select(OpportunityPaper.id, Document.file_name, Document.sha256)
        .join(Document, Document.id == OpportunityPaper.document_id)
        .where(OpportunityPaper.opportunity_id == one.id)
        .order_by(OpportunityPaper.id)
    )
    base = f"{work.site.public_url}/desk/opportunities/{one.ref}/files"
    told = [
        {"name": name, "sha256": digest, "url": f"{base}/{number}"} for number, name, digest in rows
    ]
    return {"attachments": told}


def tell_step(work: Work, endpoint: str, lead_id: UUID, *, step: str, key: str) -> bool:
    """Put a journey's step into the outbox of the address it names; False when there is none."""
    lead = work.session.get_one(Lead, lead_id)
    data = {**facts(work, lead_id), "step": step}
    return outbox.publish_to(
        work, lead.vendor_id, endpoint, event=Event.JOURNEY_STEP, key=key, data=data,
        subject_id=lead_id,
    )  # fmt: skip


def facts(work: Work, lead_id: UUID) -> dict[str, Any]:
    """Return a lead, who holds it, and its opportunity, as other programs read them."""
    work.session.flush()  # what was changed in this transaction is what is told
    query = told_rows().where(Lead.id == lead_id).execution_options(populate_existing=True)
    row = work.session.execute(query).one()
    said = told(row, work.site.public_url)
    if row.Opportunity is not None:
        said["opportunity"] |= _files(work, row.Opportunity)
    return said


def told_rows(partner_id: UUID | None = None) -> Select[*tuple[Any, ...]]:
    """Select what `told` tells of leads; with a partner, of their offers only its own."""
    offers = select(LeadOffer.id).where(LeadOffer.lead_id == Lead.id).correlate(Lead)
    if partner_id:
        offers = offers.where(LeadOffer.partner_id == partner_id)
    open_one = offers.with_only_columns(func.max(LeadOffer.answer_by))
    declined = offers.with_only_columns(LeadOffer.decline_reason)
    return (
        select(
            Lead,
            Opportunity,
            Campaign.slug.label("campaign"),
            Partner.slug,
            Partner.name,
            open_one.where(LeadOffer.state == OfferState.OFFERED)
            .scalar_subquery()
            .label("answer_by"),
            declined.where(LeadOffer.state == OfferState.DECLINED)
            .order_by(LeadOffer.epoch.desc(), LeadOffer.answered_at.desc())
            .limit(1)
            .scalar_subquery()
            .label("decline_reason"),
        )
        .join(Campaign, Campaign.id == Lead.campaign_id)
        .outerjoin(Partner, Partner.id == Lead.partner_id)
        .outerjoin(Opportunity, Opportunity.lead_id == Lead.id)
    )


def told(row: Row[*tuple[Any, ...]], public_url: str) -> dict[str, Any]:
    """Return one row of `told_rows` as JSON; instants in ISO 8601 with their zone."""
    lead, one = row.Lead, row.Opportunity
    found: dict[str, Any] = {
        "lead": {
            "ref": lead.ref,
            "state": lead.state,
            "campaign": row.campaign,
            **{name: getattr(lead, column) for name, column in PERSONAL.items()},
            "country": lead.country,
            "answers": lead.answers,
            "points": lead.score,
            "came_at": _instant(lead.created_at),
            "answer_by": _instant(row.answer_by),
            "accepted_at": _instant(lead.accepted_at),
            "closed_at": _instant(lead.closed_at),
            "decline_reason": row.decline_reason,
            "loss_reason": lead.loss_reason,
            "url": f"{public_url}/desk/leads/{lead.ref}",
        },
        "partner": {"slug": row.slug, "name": row.name} if row.slug else None,
    }
    if one is not None:
        found["opportunity"] = _deal(one)
    return found


def _deal(one: Opportunity) -> dict[str, Any]:
    return {
        "ref": one.ref,
        "name": one.name,
        "company": one.company or None,
        "state": one.state,
        "stage": one.stage,
        "amount": {"minor": one.amount_minor, "currency": one.currency},
        "closes_on": one.closes_on.isoformat() if one.closes_on else None,
    }


def _instant(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
