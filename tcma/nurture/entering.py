"""Whether a lead may enter its campaign's journey, by whose mails, or why not; and who is sent on to another."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tcma.contacts.consent import Standing, standing
from tcma.contacts.consent_ledger import as_line, lines_of
from tcma.contacts.list_queries import unconfirmed
from tcma.db.work import Work
from tcma.journeys.document import END, Journey
from tcma.journeys.interpreter import enter
from tcma.journeys.people import Person, is_held_out, misses
from tcma.leads.models import Lead
from tcma.library.models import Campaign, PartnerCopy
from tcma.library.rules import CampaignState
from tcma.nurture.facts import Known, whole
from tcma.nurture.models import NurtureRun
from tcma.nurture.rules import BARRED_WORDS, FRESH, Barred, Exit, RunState, barred
from tcma.nurture.versions import entered, sequence_of


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
    copy = _copy_of(work.session, lead.source_partner_id, lead.campaign_id)
    why = _barred(work, lead, copy)
    if why is not None or copy is None:
        return why or Barred.NO_COPY
    return Entrance(copy.partner_id, copy.id, copy.version_id)


def begins(
    journey: Journey, person: Person, now: datetime, *, answers: bool, by_itself: bool = False
) -> dict[str, Any]:
    """Return where the run of somebody who enters begins, as its columns. Whose first mail `answers`
    nothing they have just asked is past the step zero that such an answer has; `by_itself` says that
    a date of theirs or a calendar begins it.

    It has ended for who is held out, so that they are counted.
    """
    if is_held_out(person.key, journey.hold_out):
        ended = {"left_because": Exit.HELD_OUT, "ended_at": now, "step_no": 0}
        return {"state": RunState.EXITED, "node": END, "since": now, "due_at": None} | ended
    stand, waits = enter(journey, person, now, answers=answers, by_itself=by_itself)
    return {
        "step_no": 0 if answers else 1,
        "state": RunState.ACTIVE, "node": stand.step, "since": now, "due_at": stand.due_at,
        "waiting_for": waits.signal if waits else None,
    }  # fmt: skip


def may_be_mailed(work: Work, lead: Lead, copy: PartnerCopy) -> bool:
    """Say whether a lead's person may be mailed by a copy of the partner that took the consent."""
    return _barred(work, lead, copy) is None


def _barred(work: Work, lead: Lead, copy: PartnerCopy | None) -> Barred | None:
    return barred(
        has_sender=lead.source_partner_id is not None and lead.contact_id is not None,
        has_copy=copy is not None,
        by_form=lead.page_id is not None,
        waits=bool(
            work.session.scalar(select(unconfirmed(lead.source_partner_id, lead.address_hash)))
        ),
        consent=_consent(work, lead),
    )


def other_campaigns(session: Session, vendor_id: UUID, campaign_id: UUID) -> list[str]:
    """Return the short names of a vendor's other campaigns that have not ended."""
    return list(
        session.scalars(
            select(Campaign.slug)
            .where(
                Campaign.vendor_id == vendor_id,
                Campaign.id != campaign_id,
                Campaign.state != CampaignState.RETIRED,
            )
            .order_by(Campaign.slug)
        )
    )


def send_on(work: Work, known: Known, slug: str) -> str:
    """Let somebody enter another campaign's journey of the vendor; why it could not be, else empty.

    By the same partner, with what the same lead says. Who has been in it does not enter it again,
    so that two journeys cannot send anybody back and forth; their first mail is no answer to a form,
    so it minds window and caps.
    """
    row = known.row
    campaign = work.session.scalar(
        select(Campaign).where(
            Campaign.vendor_id == row.vendor_id,
            Campaign.slug == slug,
            Campaign.state != CampaignState.RETIRED,
        )
    )
    if campaign is None:
        return "there is no such campaign any more"
    copy = _copy_of(work.session, row.partner_id, campaign.id)
    if copy is None:
        return "the partner has not set that campaign up"
    sequence_id = sequence_of(work, vendor_id=row.vendor_id, campaign_id=campaign.id)
    version = entered(work, sequence_id, copy.version_id)
    [person] = whole(work.session, [(row, version.journey)])
    if missing := misses(version.journey.entry, person):
        return missing
    if is_held_out(person.key, version.journey.hold_out):
        return "held out there, to be compared with"
    run_id = work.session.scalar(
        insert(NurtureRun)
        .values(
            sequence_id=sequence_id, version_id=version.id, vendor_id=row.vendor_id,
            partner_id=row.partner_id, contact_id=row.contact_id, lead_id=row.lead_id,
            created_at=work.now, **begins(version.journey, person, work.now, answers=False),
        )
        .on_conflict_do_nothing()
        .returning(NurtureRun.id)
    )  # fmt: skip
    return "" if run_id is not None else "they have been in it already"


def _copy_of(session: Session, partner_id: UUID | None, campaign_id: UUID) -> PartnerCopy | None:
    return session.scalar(
        select(PartnerCopy).where(
            PartnerCopy.partner_id == partner_id, PartnerCopy.campaign_id == campaign_id
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
