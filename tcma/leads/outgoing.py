"""What other programs are told about a lead and its opportunity: webhooks and CRMs."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from tcma.db.work import Work
from tcma.leads.crm_marks import mark
from tcma.leads.models import Lead, Opportunity
from tcma.library.models import Campaign
from tcma.outbox import actions as outbox
from tcma.outbox.queries import hearers
from tcma.outbox.rules import Event
from tcma.partners.models import Partner


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
    query = (
        select(Lead, Opportunity, Campaign.slug.label("campaign"), Partner.slug, Partner.name)
        .join(Campaign, Campaign.id == Lead.campaign_id)
        .outerjoin(Partner, Partner.id == Lead.partner_id)
        .outerjoin(Opportunity, Opportunity.lead_id == Lead.id)
        .where(Lead.id == lead_id)
        .execution_options(populate_existing=True)
    )
    row = work.session.execute(query).one()
    lead, one = row.Lead, row.Opportunity
    told: dict[str, Any] = {
        "lead": {
            "ref": lead.ref,
            "state": lead.state,
            "campaign": row.campaign,
            "email": lead.address,
            "first_name": lead.first_name,
            "last_name": lead.last_name,
            "company": lead.company,
            "phone": lead.phone,
            "country": lead.country,
            "postcode": lead.postcode,
            "answers": lead.answers,
            "points": lead.score,
            "loss_reason": lead.loss_reason,
            "url": f"{work.site.public_url}/desk/leads/{lead.ref}",
        },
        "partner": {"slug": row.slug, "name": row.name} if row.slug else None,
    }
    if one is not None:
        told["opportunity"] = {
            "ref": one.ref,
            "name": one.name,
            "state": one.state,
            "stage": one.stage,
            "amount": {"minor": one.amount_minor, "currency": one.currency},
            "closes_on": one.closes_on.isoformat() if one.closes_on else None,
        }
    return told
