"""The points of a vendor's leads by its own rules: counted when a lead comes, changes, and as time goes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, undefer

from tcma.db.work import Work
from tcma.delivery.models import Message, MessageReaction
from tcma.leads import dated
from tcma.leads.intake import company_of
from tcma.leads.models import Lead, LeadCapture, PointsVersion
from tcma.leads.rules import OPEN_LEAD, LeadState
from tcma.leads.scoring.adding import Known, Score, score
from tcma.leads.scoring.document import STANDARD, Deed, Has, Points
from tcma.leads.scoring.reading import read
from tcma.library.models import Campaign
from tcma.tracking.models import PageSignal
from tcma.tracking.visits import Did

Ages = Mapping[str, Sequence[float]]
NOTHING: Ages = {}
ON_PAGES = {Did.VISITED: Deed.VISIT, Did.DOWNLOADED: Deed.DOWNLOAD}


@dataclass(frozen=True, slots=True)
class PointsInForce:
    """The rules of a moment; number 0 is the standard, which nobody had to write."""

    no: int
    source: str
    points: Points


def points_in_force(session: Session, vendor_id: UUID, now: datetime) -> PointsInForce:
    """Return the rules that count at `now`."""
    no, source = dated.in_force(session, PointsVersion, vendor_id, now)
    source = source or STANDARD
    return PointsInForce(no, source, points_of(source))


@lru_cache(maxsize=64)
def points_of(source: str) -> Points:
    """Return the rules of a published document; it was read without a fault on that day."""
    return read(source).points or Points()


def known_of(lead: Lead, *, campaign: str = "", did: Ages = NOTHING) -> Known:
    """Return what points are counted from; `did` are the ages in days of what it did."""
    company = company_of(lead.address)
    told = {
        Has.COMPANY: lead.company,
        Has.PHONE: lead.phone,
        Has.POSTCODE: lead.postcode,
        Has.COMPANY_ADDRESS: company,
    }
    return Known(
        country=lead.country,
        postcode=lead.postcode,
        campaign=campaign,
        domain=company,
        has=frozenset(name.value for name, value in told.items() if value),
        answers={question: str(answer) for question, answer in lead.answers.items()},
        did=did,
    )


def count(work: Work, lead: Lead) -> Score:
    """Give a new lead its points, by what it says: it has not done anything yet."""
    rules = points_in_force(work.session, lead.vendor_id, work.now)
    slugs = campaigns_of(work.session, rules.points, [lead])
    return _given(lead, rules, slugs, NOTHING)


def count_again(work: Work, leads: Sequence[Lead]) -> None:
    """Give leads their points anew: what they did since they came adds, and fades with time."""
    did = deeds_of(work.session, leads, now=work.now)
    for vendor_id in {lead.vendor_id for lead in leads}:
        own = [lead for lead in leads if lead.vendor_id == vendor_id]
        rules = points_in_force(work.session, vendor_id, work.now)
        slugs = campaigns_of(work.session, rules.points, own)
        for lead in own:
            _given(lead, rules, slugs, did.get(lead.id, NOTHING))


def open_leads(session: Session, *, limit: int = 5_000) -> Sequence[Lead]:
    """Return leads still worked on or back in nurture, newest first: their points fade and grow."""
    growing = (*OPEN_LEAD, LeadState.RECYCLED)
    query = select(Lead).where(Lead.state.in_(growing)).order_by(Lead.id.desc())
    kept = undefer(Lead.points)  # what stays the same is not written
    return session.scalars(query.limit(limit).options(kept)).all()


def _given(lead: Lead, rules: PointsInForce, slugs: Mapping[UUID, str], did: Ages) -> Score:
    campaign = slugs.get(lead.campaign_id, "")
    found = score(rules.points, known_of(lead, campaign=campaign, did=did))
    lead.score, lead.points = found.points, found.as_json(rules.no)
    return found


def campaigns_of(session: Session, rules: Points, leads: Sequence[Lead]) -> dict[UUID, str]:
    """Return the short names of leads' campaigns, if rules ask for any."""
    if not rules.names_campaigns:
        return {}
    wanted = {lead.campaign_id for lead in leads}
    query = select(Campaign.id, Campaign.slug).where(Campaign.id.in_(wanted))
    return {row.id: row.slug for row in session.execute(query)}


def deeds_of(session: Session, leads: Sequence[Lead], *, now: datetime) -> dict[UUID, Ages]:
    """Return by lead what it did and how many days ago each time: clicks, replies, pages it saw and
    files it took by a mail's link, further forms.
    """
    found: dict[UUID, dict[str, list[float]]] = {}
    by_contact: dict[int, list[UUID]] = {}
    for lead in leads:
        if lead.contact_id is not None:
            by_contact.setdefault(lead.contact_id, []).append(lead.id)
    reactions = (
        select(
            Message.contact_id, MessageReaction.human_clicked_at, MessageReaction.replied_at
        )
        .join(MessageReaction, MessageReaction.message_id == Message.id)
        .where(Message.contact_id.in_(by_contact))
    )  # fmt: skip
    for row in session.execute(reactions) if by_contact else ():
        for deed, at in ((Deed.CLICK, row.human_clicked_at), (Deed.REPLY, row.replied_at)):
            for lead_id in by_contact[row.contact_id] if at else ():
                _add(found, lead_id, deed, now - at)
    on_pages = (
        select(Message.contact_id, PageSignal.did, PageSignal.at)
        .join(PageSignal, PageSignal.message_id == Message.id)
        .join(MessageReaction, MessageReaction.message_id == Message.id)
        .where(Message.contact_id.in_(by_contact), MessageReaction.human_clicked_at.is_not(None))
    )
    for page in session.execute(on_pages) if by_contact else ():
        for lead_id in by_contact[page.contact_id]:
            _add(found, lead_id, ON_PAGES[Did(page.did)], now - page.at)
    ids, whose = [lead.id for lead in leads], func.coalesce(Lead.joined_id, Lead.id)
    further = (
        select(whose, LeadCapture.at)
        .join(Lead, Lead.id == LeadCapture.lead_id)
        .where(or_(Lead.id.in_(ids), Lead.joined_id.in_(ids)))
        .order_by(whose, LeadCapture.id)
    )
    seen: set[UUID] = set()
    for lead_id, at in session.execute(further):
        if lead_id in seen:
            _add(found, lead_id, Deed.ASK, now - at)
        seen.add(lead_id)
    return {lead_id: dict(ages) for lead_id, ages in found.items()}


def _add(
    found: dict[UUID, dict[str, list[float]]], lead_id: UUID, deed: Deed, ago: timedelta
) -> None:
    found.setdefault(lead_id, {}).setdefault(deed.value, []).append(ago / timedelta(days=1))
