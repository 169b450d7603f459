"""What leads keep of a person, emptied: the lead, every submission as it came, what was noted."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, or_, select, update

from tcma.crm import actions as crm
from tcma.db.counting import changed
from tcma.db.work import Work
from tcma.leads.models import HeldSubmission, Lead, LeadCapture, LeadChance, LeadTouch
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
    return _emptied(work, work.session.scalars(theirs).all(), held)


def let_go(work: Work, before: datetime, most: int) -> int:
    """Empty leads that were closed before, at most so many; return how many."""
    old = (
        select(Lead.id)
        .where(Lead.closed_at < before, Lead.address != "")
        .order_by(Lead.closed_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    ids = work.session.scalars(old).all()
    return _emptied(work, ids)["leads"] if ids else 0


def let_held_go(work: Work, before: datetime) -> int:
    """Delete submissions that were held back before; return how many."""
    return changed(work.session, delete(HeldSubmission).where(HeldSubmission.at < before))


def _emptied(work: Work, ids: Sequence[UUID], *also_held: ColumnElement[bool]) -> dict[str, int]:
    session = work.session
    said = update(LeadChance).where(LeadChance.lead_id.in_(ids)).values(reasons=[])
    session.execute(said)  # the chance stays, what it quoted of their answers does not
    return {
        "captures": changed(
            session, update(LeadCapture).where(LeadCapture.lead_id.in_(ids)).values(raw={})
        ),
        "notes": changed(
            session, update(LeadTouch).where(LeadTouch.lead_id.in_(ids)).values(note="")
        ),
        "held": changed(
            session, delete(HeldSubmission).where(or_(*also_held, HeldSubmission.lead_id.in_(ids)))
        ),
        "told to others": outbox.forget(work, ids),
        "in step with CRMs": crm.forget(work, ids),
        "leads": changed(session, update(Lead).where(Lead.id.in_(ids)).values(NOBODY)),
    }
