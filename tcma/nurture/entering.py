"""Whether a lead may enter its campaign's journey, by whose mails, or why not."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.contacts.consent import Standing, standing
from tcma.contacts.consent_ledger import as_line, lines_of
from tcma.contacts.list_queries import unconfirmed
from tcma.db.work import Work
from tcma.leads.models import Lead
from tcma.library.models import PartnerCopy
from tcma.nurture.models import NurtureRun
from tcma.nurture.rules import BARRED_WORDS, FRESH, Barred, barred


@dataclass(frozen=True, slots=True)
class Entrance:
    """Whose copy of the campaign a journey's mails are made from."""

    partner_id: UUID
    copy_id: UUID
    campaign_version_id: UUID


def entrance(work: Work, lead: Lead) -> Entrance | Barred:
    """Return by whose copy a lead enters, or why it does not.

    The sender is who took the consent: the partner whose page, key or list the lead came by. So a
    lead that came to the vendor alone has no sender.
    """
    copy = copy_for(work.session, lead)
    why = barred(
        has_sender=lead.source_partner_id is not None and lead.contact_id is not None,
        has_copy=copy is not None,
        by_form=lead.page_id is not None,
        waits=bool(
            work.session.scalar(select(unconfirmed(lead.source_partner_id, lead.address_hash)))
        ),
        consent=_consent(work, lead),
    )
    if why is not None or copy is None:
        return why or Barred.NO_COPY
    return Entrance(copy.partner_id, copy.id, copy.version_id)


def copy_for(session: Session, lead: Lead) -> PartnerCopy | None:
    """Return the copy of the campaign that the partner who brought a lead has."""
    return session.scalar(
        select(PartnerCopy).where(
            PartnerCopy.partner_id == lead.source_partner_id,
            PartnerCopy.campaign_id == lead.campaign_id,
        )
    )


def _consent(work: Work, lead: Lead) -> Standing:
    if lead.source_partner_id is None:
        return Standing.SILENT
    lines = lines_of(work.session, lead.source_partner_id, lead.address_hash)
    return standing(map(as_line, lines), now=work.now, vendor_id=lead.vendor_id)


def why_outside(work: Work, lead_id: UUID) -> str:
    """Return why a fresh lead is in no journey, in words; empty when it is, was, or is about to be.

    For pages that have shown the lead already: nothing is asked about whose it is. What somebody
    agreed to with one partner is not told to another.
    """
    lead = work.session.get_one(Lead, lead_id)
    if work.principal.partner_id and lead.source_partner_id not in (
        None,
        work.principal.partner_id,
    ):
        return ""
    walks = select(NurtureRun.id).where(NurtureRun.lead_id == lead_id).limit(1)
    if lead.state not in FRESH or work.session.scalar(walks) is not None:
        return ""
    found = entrance(work, lead)
    return BARRED_WORDS[found] if isinstance(found, Barred) else ""
