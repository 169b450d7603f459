"""A submission becomes a lead, or joins the person's open one; kept raw with the consent it gave.

However it came (a page, the API, a mail), it goes through `take_in`: what looks like a machine's is
held for a person to look at, never dropped.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import insert

from tcma.contacts.actions import capture_contact
from tcma.contacts.consent_ledger import form_consent
from tcma.contacts.rules import address_hash, cell_address
from tcma.db.references import next_reference
from tcma.db.work import Work
from tcma.delivery.opt_in import send_opt_in
from tcma.errors import Conflict, Invalid
from tcma.jobs import Job
from tcma.launches.answers import answered
from tcma.leads import chances, mailed, outgoing, points, replies, ripening
from tcma.leads.deciding import rules_in_force
from tcma.leads.intake import NAMED, Capture, gaps, normal, suspicion
from tcma.leads.models import HeldSubmission, Lead, LeadCapture
from tcma.leads.rules import OPEN_LEAD, HeldState, LeadState
from tcma.library.queries import PageView
from tcma.outbox.rules import Event
from tcma.words import say


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a submission came in: for which vendor's campaign, and whose page, if anybody's."""

    vendor_id: UUID
    campaign_id: UUID
    partner_id: UUID | None = None
    page_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Captured:
    """The lead a submission belongs to; `is_new` is false when it joined an open one.

    `is_fresh` is false when the submission itself had come before.
    """

    lead_id: UUID
    is_new: bool
    is_fresh: bool = True


def of_page(page: PageView) -> Origin:
    """Return the origin that a partner's page is."""
    return Origin(
        vendor_id=page.vendor_id,
        campaign_id=page.campaign_id,
        partner_id=page.partner_id,
        page_id=page.id,
    )


def take_in(
    work: Work, origin: Origin, new: Capture, *, trap: str = "", proved: bool = True
) -> Captured | None:
    """Capture a submission, or hold it when it looks like a machine's; None when it is held.

    `trap` says why the edge believes so; what is not `proved` to come from a browser is looked at
    harder. Raises as `capture` does.
    """
    why = trap or suspicion(new, proved=proved)
    if not why:
        return capture(work, origin, new)
    work.session.execute(
        insert(HeldSubmission)
        .values(
            vendor_id=origin.vendor_id,
            partner_id=origin.partner_id,
            campaign_id=origin.campaign_id,
            page_id=origin.page_id,
            source=new.source,
            external_id=new.external_id,
            payload=new.payload(),
            reason=why,
            state=HeldState.HELD,
            at=work.now,
        )
        .on_conflict_do_nothing(constraint="held_submission_once")
    )
    return None


def capture(work: Work, origin: Origin, new: Capture) -> Captured:
    """Keep a submission, and make or join the person's open lead.

    Raises Invalid with fields for a broken address or missing consent, Conflict when the same
    submission was sent before with another content. The nurture sequence and the routing are
    woken, never done here.
    """
    if not new.consent_given:
        message = say("Tick the box, so that we may answer.")
        raise Invalid(message, code="lead.consent", fields={"consent": message})
    address = cell_address(new.address)
    digest = address_hash(work.site.secret, address)
    _wait_for(work, f"{new.source} {new.external_id}")
    _wait_for(work, f"{origin.vendor_id} {digest.hex()}")
    before = work.session.execute(
        select(LeadCapture.lead_id, LeadCapture.digest).where(
            LeadCapture.source == new.source, LeadCapture.external_id == new.external_id
        )
    ).one_or_none()
    if before:
        if before.digest and before.digest != new.digest():
            raise Conflict(
                say("This submission was sent before with another content."), code="lead.replay"
            )
        return Captured(before.lead_id, is_new=False, is_fresh=False)
    lead = _open_one(
        work,
        Lead.vendor_id == origin.vendor_id,
        Lead.campaign_id == origin.campaign_id,
        Lead.address_hash == digest,
    )
    said = normal(new)
    lead = lead or _of_the_same_person(work, origin, digest)
    if lead is None:
        lead_id = _new_lead(work, origin, said, address.text, digest)
        _kept(work, lead_id, new)
    else:
        lead_id = lead.id
        with ripening.watched(work, [lead]):
            _joined(work, lead, said)
            _kept(work, lead_id, new)
            points.count_again(work, [lead])  # by this form, too
            chances.judged(work, lead)
    _agreed(work, lead_id, new)
    if lead is None:
        outgoing.tell(work, Event.LEAD_RECEIVED, lead_id, key="1")
        work.wake(Job.LEAD_ROUTE, lead_id=lead_id)
        work.wake(Job.NURTURE_ENROL, lead_id=lead_id)
        _end_given_back(work, origin.vendor_id, digest)
    return Captured(lead_id, is_new=lead is None)


def _end_given_back(work: Work, vendor_id: UUID, digest: bytes) -> None:
    """Wake the journeys of a person's leads that were given back: they end, since the person asked anew."""
    given_back = select(Lead.id).where(
        Lead.vendor_id == vendor_id,
        Lead.address_hash == digest,
        Lead.state == LeadState.RECYCLED,
    )
    for each in work.session.scalars(given_back):
        work.wake(Job.NURTURE_STOP, lead_id=each)


def _kept(work: Work, lead_id: UUID, new: Capture) -> None:
    work.session.add(
        LeadCapture(
            lead_id=lead_id,
            source=new.source,
            external_id=new.external_id,
            raw=new.raw(),
            digest=new.digest(),
            consent_given=new.consent_given,
            consent_text=new.consent_text,
            consent_version=new.consent_version,
            page_url=new.page_url,
            at=work.now,
        )
    )
    work.session.flush()  # points are counted from what is kept


def _of_the_same_person(work: Work, origin: Origin, digest: bytes) -> Lead | None:
    """Return the person's open lead about another campaign by the same partner, where the rules join."""
    if not rules_in_force(work.session, origin.vendor_id, work.now).rules.joins:
        return None
    return _open_one(
        work,
        Lead.vendor_id == origin.vendor_id,
        Lead.address_hash == digest,
        Lead.source_partner_id.is_not_distinct_from(origin.partner_id),
    )


def _open_one(work: Work, *which: ColumnElement[bool]) -> Lead | None:
    """Return the newest open lead, locked: one that somebody closes meanwhile is not joined."""
    query = select(Lead).where(*which, Lead.state.in_(OPEN_LEAD)).order_by(Lead.id.desc()).limit(1)
    held = query.with_for_update().execution_options(populate_existing=True)
    return work.session.scalar(held)


def _agreed(work: Work, lead_id: UUID, new: Capture) -> None:
    """Carry the ticked box into the consent ledger; ask for a confirmation where the law does."""
    contact_id = work.session.scalars(select(Lead.contact_id).where(Lead.id == lead_id)).one()
    if contact_id is None:
        return
    asked = form_consent(
        work, contact_id, source=f"Form: {new.page_url}"[:200],
        text_version=new.consent_version, wording=new.consent_text,
    )  # fmt: skip
    if asked is not None:
        send_opt_in(work, asked)


def _wait_for(work: Work, what: str) -> None:
    """One submission, and one person's submissions, at a time: a unique key would refuse, not wait."""
    work.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(what, 0))))


def _joined(work: Work, lead: Lead, said: Capture) -> None:
    known = {name: getattr(lead, name) for name in (*NAMED, "answers")}
    added = gaps(known, said)
    for name, value in added.items():
        setattr(lead, name, value)
    if said.source.startswith(mailed.SOURCE):
        asked = mailed.words_of(said)
        replies.answered(work, lead, replies.Wrote(said.first_name or said.address, *asked))
    else:
        work.wake(Job.NURTURE_STOP, lead_id=lead.id)  # a journey may wait for a form
    if added:
        work.audit(
            "added to",
            "lead",
            lead.id,
            vendor_id=lead.vendor_id,
            source=said.source,
            fields=sorted(added),
        )


def _new_lead(work: Work, origin: Origin, said: Capture, address: str, digest: bytes) -> UUID:
    contact_id = None
    if origin.partner_id:
        contact_id = capture_contact(
            work,
            partner_id=origin.partner_id,
            address=address,
            first_name=said.first_name,
            last_name=said.last_name,
            company=said.company,
            phone=said.phone,
            country=said.country,
        )
    if said.launch_id and contact_id:
        answered(work, said.launch_id, contact_id)
    lead = Lead(
        ref=next_reference(work, "LEAD"),
        vendor_id=origin.vendor_id,
        source_partner_id=origin.partner_id,
        campaign_id=origin.campaign_id,
        launch_id=said.launch_id,
        page_id=origin.page_id,
        message_id=said.message_id,
        contact_id=contact_id,
        state=LeadState.NEW,
        address=address,
        address_hash=digest,
        **{name: getattr(said, name) for name in NAMED},
        answers=dict(said.answers),
        created_at=work.now,
        moved_at=work.now,
    )
    counted = points.count(work, lead)
    work.session.add(lead)
    work.session.flush()  # the capture names it, and a doubled one is refused here
    chances.judged(work, lead)
    work.audit(
        "captured",
        "lead",
        lead.id,
        vendor_id=origin.vendor_id,
        partner_id=origin.partner_id,
        score=counted.points,
        reasons=[[part.name, part.points] for part in counted.parts],
    )
    return lead.id
