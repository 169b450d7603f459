"""What leads keep of a person, emptied: the lead, every submission as it came, what was noted."""

from sqlalchemy import delete, or_, select, update

from tcma.crm import actions as crm
from tcma.db.counting import changed
from tcma.db.work import Work
from tcma.leads.models import HeldSubmission, Lead, LeadCapture, LeadTouch
from tcma.outbox import actions as outbox

NOBODY = {
    "address": "",
    "first_name": "",
    "last_name": "",
    "company": "",
    "phone": "",
    "postcode": "",
    "answers": {},
}


def forget(work: Work, contact_id: int, address: str) -> dict[str, int]:
    """Empty a contact's leads and captures, delete held submissions; return how many of each."""
    theirs = select(Lead.id).where(Lead.contact_id == contact_id)
    held = HeldSubmission.payload["address"].astext == address
    session = work.session
    ids = session.scalars(theirs).all()
    return {
        "captures": changed(
            session, update(LeadCapture).where(LeadCapture.lead_id.in_(theirs)).values(raw={})
        ),
        "notes": changed(
            session, update(LeadTouch).where(LeadTouch.lead_id.in_(theirs)).values(note="")
        ),
        "held": changed(
            session, delete(HeldSubmission).where(or_(held, HeldSubmission.lead_id.in_(theirs)))
        ),
        "told to others": outbox.forget(work, ids),
        "in step with CRMs": crm.forget(work, ids),
        "leads": changed(session, update(Lead).where(Lead.contact_id == contact_id).values(NOBODY)),
    }
