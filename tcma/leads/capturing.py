"""A submission becomes a lead, or joins the person's open one; kept raw with the consent it gave."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from tcma.contacts.actions import capture_contact
from tcma.contacts.rules import address_hash, cell_address, one_line
from tcma.db.references import next_reference
from tcma.db.work import Work
from tcma.errors import Invalid
from tcma.jobs import Job
from tcma.launches.actions import answered
from tcma.leads.models import Lead, LeadCapture
from tcma.leads.rules import OPEN_LEAD, LeadState
from tcma.leads.scoring import score
from tcma.library.queries import PageView

LONGEST_TEXT = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """A submission as it came; `external_id` makes a repeat harmless."""

    source: str
    external_id: str
    address: str
    consent_given: bool
    consent_text: str
    consent_version: str
    page_url: str
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    phone: str = ""
    country: str = ""
    postcode: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    launch_id: UUID | None = None
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class Captured:
    """The lead a submission belongs to; `is_new` is false when it joined an open one."""

    lead_id: UUID
    is_new: bool


def capture(work: Work, page: PageView, new: Capture) -> Captured:
    """Keep a submission of a landing page, and make or join the person's open lead.

    Raises Invalid with fields for a broken address or missing consent. The nurture sequence and
    the routing are woken, never done here.
    """
    if not new.consent_given:
        message = "Tick the box, so that we may answer."
        raise Invalid(message, code="lead.consent", fields={"consent": message})
    address = cell_address(new.address)
    digest = address_hash(work.site.secret, address)
    one_at_a_time = func.hashtextextended(f"{page.vendor_id} {digest.hex()}", 0)
    work.session.execute(select(func.pg_advisory_xact_lock(one_at_a_time)))
    before = work.session.scalar(
        select(LeadCapture.lead_id).where(
            LeadCapture.source == new.source, LeadCapture.external_id == new.external_id
        )
    )
    if before:
        return Captured(before, is_new=False)
    lead_id = work.session.scalar(
        select(Lead.id).where(
            Lead.vendor_id == page.vendor_id,
            Lead.campaign_id == page.campaign_id,
            Lead.address_hash == digest,
            Lead.state.in_(OPEN_LEAD),
        )
    )
    is_new = lead_id is None
    if lead_id is None:
        lead_id = _new_lead(work, page, new, address.text, digest)
    work.session.execute(
        insert(LeadCapture)
        .values(
            lead_id=lead_id,
            source=new.source,
            external_id=new.external_id,
            raw=_raw(new),
            consent_given=new.consent_given,
            consent_text=new.consent_text,
            consent_version=new.consent_version,
            page_url=new.page_url,
            at=work.now,
        )
        .on_conflict_do_nothing(constraint="lead_capture_once")
    )
    if is_new:
        work.wake(Job.LEAD_ROUTE, lead_id=lead_id)
        work.wake(Job.NURTURE_ENROL, lead_id=lead_id)
    return Captured(lead_id, is_new=is_new)


def _new_lead(work: Work, page: PageView, new: Capture, address: str, digest: bytes) -> UUID:
    contact_id = capture_contact(
        work,
        partner_id=page.partner_id,
        address=address,
        first_name=one_line(new.first_name)[:120],
        last_name=one_line(new.last_name)[:120],
        company=one_line(new.company)[:200],
        phone=one_line(new.phone)[:40],
        country=new.country[:2].upper(),
    )
    if new.launch_id:
        answered(work, new.launch_id, contact_id)
    points = score(company=new.company, phone=new.phone, answers=new.answers)
    lead = Lead(
        ref=next_reference(work, "LEAD"),
        vendor_id=page.vendor_id,
        source_partner_id=page.partner_id,
        campaign_id=page.campaign_id,
        launch_id=new.launch_id,
        page_id=page.id,
        message_id=new.message_id,
        contact_id=contact_id,
        state=LeadState.NEW,
        address=address,
        address_hash=digest,
        first_name=one_line(new.first_name)[:120],
        last_name=one_line(new.last_name)[:120],
        company=one_line(new.company)[:200],
        phone=one_line(new.phone)[:40],
        country=new.country[:2].upper(),
        postcode=one_line(new.postcode)[:16].upper(),
        answers={one_line(k)[:80]: v[:LONGEST_TEXT] for k, v in new.answers.items()},
        score=points.points,
        created_at=work.now,
    )
    work.session.add(lead)
    work.session.flush()  # the capture names it, and a doubled one is refused here
    work.audit(
        "captured",
        "lead",
        lead.id,
        vendor_id=page.vendor_id,
        partner_id=page.partner_id,
        score=points.points,
        reasons=[list(r) for r in points.reasons],
    )
    return lead.id


def _raw(new: Capture) -> dict[str, object]:
    return {
        "address": new.address[:320],
        "first_name": new.first_name[:LONGEST_TEXT],
        "last_name": new.last_name[:LONGEST_TEXT],
        "company": new.company[:LONGEST_TEXT],
        "phone": new.phone[:LONGEST_TEXT],
        "country": new.country[:LONGEST_TEXT],
        "postcode": new.postcode[:LONGEST_TEXT],
        "answers": {k[:80]: v[:LONGEST_TEXT] for k, v in new.answers.items()},
    }
