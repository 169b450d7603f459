"""What happened to a lead: its turns, the consent, what was recorded, the history each side may read."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.contacts.list_queries import unconfirmed
from tcma.db.audit import AuditEntry
from tcma.leads.models import Lead, LeadCapture, LeadOffer, LeadTouch
from tcma.leads.routing.masking import HIDDEN
from tcma.leads.rules import OfferState
from tcma.leads.views import Consent, TouchRow, Turn
from tcma.partners.models import Partner
from tcma.permissions import Principal

CAPTURED, VISITOR = "captured", "visitor"


def seen_turns(everybody: Sequence[Turn], principal: Principal) -> tuple[Turn, ...]:
    """Return the turns of a lead that are the principal's to see: a partner's own, else all."""
    mine = principal.partner_id
    return tuple(turn for turn in everybody if mine is None or turn.partner_id == mine)


def turns(session: Session, lead_id: UUID) -> tuple[Turn, ...]:
    """Return every offer of a lead, first turn first."""
    rows = session.execute(
        select(LeadOffer, Partner.name)
        .join(Partner, Partner.id == LeadOffer.partner_id)
        .where(LeadOffer.lead_id == lead_id)
        .order_by(LeadOffer.epoch, LeadOffer.id)
    )
    return tuple(
        Turn(
            id=o.id,
            epoch=o.epoch,
            partner_id=o.partner_id,
            partner=name,
            state=OfferState(o.state),
            reason=o.reason,
            trace=o.trace,
            offered_at=o.offered_at,
            answer_by=o.answer_by,
            answered_at=o.answered_at,
            answered_by=o.answered_by,
            decline_reason=o.decline_reason,
        )
        for o, name in rows
    )


def consent(session: Session, lead: Lead, *, masked: bool) -> Consent | None:
    """Return what the person agreed to; its words name whose page it was, and hide with the person."""
    c = session.scalar(
        select(LeadCapture).where(LeadCapture.lead_id == lead.id).order_by(LeadCapture.id).limit(1)
    )
    if c is None:
        return None
    return Consent(
        text=HIDDEN if masked else c.consent_text,
        version=c.consent_version,
        given=c.consent_given,
        page_url="" if masked else c.page_url,
        at=c.at,
        waits=bool(session.scalar(select(unconfirmed(lead.source_partner_id, lead.address_hash)))),
    )


def touches(session: Session, lead_id: UUID, *, masked: bool) -> tuple[TouchRow, ...]:
    """Return what was recorded; what somebody wrote themselves names them, so it is masked as they are."""
    query = select(LeadTouch).where(LeadTouch.lead_id == lead_id).order_by(LeadTouch.id)
    seen = [(t, "" if masked and not t.actor_name else t.note) for t in session.scalars(query)]
    return tuple(TouchRow(kind=t.kind, note=note, actor=t.actor_name, at=t.at) for t, note in seen)


def history(
    session: Session, lead_id: UUID, principal: Principal
) -> tuple[tuple[datetime, str, str], ...]:
    """Return (when, verb, who); to a partner what it did itself, and what no other partner did."""
    query = select(AuditEntry.at, AuditEntry.verb, AuditEntry.actor_name, AuditEntry.partner_id)
    query = query.where(AuditEntry.subject == "lead", AuditEntry.subject_id == str(lead_id))
    mine = principal.partner_id
    rows = session.execute(query.order_by(AuditEntry.id))
    if mine is None:
        return tuple((r.at, r.verb, r.actor_name) for r in rows)
    return tuple(
        (r.at, r.verb, VISITOR if r.partner_id not in {mine, None} else r.actor_name)
        for r in rows
        if r.partner_id in {mine, None} or r.verb == CAPTURED
    )
