"""The switch that stops a campaign for every partner at once, and the way back."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.delivery.launch_notices import news_to_partner
from tcma.delivery.models import Mailing, Message
from tcma.delivery.rules import MessageState
from tcma.errors import Conflict, Invalid
from tcma.ids import new_id
from tcma.jobs import Job
from tcma.launches.ending import Concerned, concerned, concerned_partners
from tcma.launches.models import Launch
from tcma.launches.rules import RUNNING
from tcma.library.models import Campaign, CampaignStop
from tcma.library.stops import Stop, stops_of
from tcma.partners.models import Vendor
from tcma.permissions import Permission, Principal
from tcma.words import joined, say

WAITING = (MessageState.READY, MessageState.LEASED)
MOST_WORDS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Stoppable:
    """A campaign as whoever may stop it sees it; `waiting` mails have not begun to leave."""

    id: UUID
    slug: str
    name: str
    concerned: Concerned
    waiting: int
    stop: Stop | None


def stoppable(session: Session, principal: Principal) -> list[Stoppable]:
    """Return the campaigns of a vendor that are stopped, or have something to stop; by name."""
    rows = session.scalars(visible(select(Campaign), principal, Campaign).order_by(Campaign.name))
    campaigns = [_stoppable(session, row) for row in rows.all()]
    return [c for c in campaigns if c.stop or c.concerned.launches or c.concerned.pages]


def stoppable_campaign(session: Session, principal: Principal, slug: str) -> Stoppable:
    """Return one campaign of a vendor; NotFound for others'."""
    return _stoppable(session, _campaign(session, principal, slug))


def stop_campaign(work: Work, slug: str, *, reason: str, recall_pages: bool = False) -> Concerned:
    """Stop a campaign for all partners: no mail of it begins to leave after this commits.

    Journeys of its pages wait too, those that name it among their exits for a week; tests still leave. Each partner is told the reason. Stopping
    twice is the same as once. Raises Invalid without a reason, NotFound for a foreign campaign.
    """
    work.require(Permission.LAUNCH_STEER)
    campaign = _campaign(work.session, work.principal, slug)
    words = _sentence(reason)
    spared = concerned(work.session, campaign.id)
    fresh = work.session.scalar(
        upsert(CampaignStop)
        .values(
            id=new_id(), vendor_id=campaign.vendor_id, campaign_id=campaign.id, reason=words,
            recalls_pages=recall_pages, stopped_by=work.principal.name, stopped_at=work.now,
        )
        .on_conflict_do_nothing()
        .returning(CampaignStop.id)
    )  # fmt: skip
    if fresh is None:
        return spared
    work.audit(
        "stopped for all partners", "campaign", campaign.id, vendor_id=campaign.vendor_id,
        reason=words, recalled=recall_pages, launches=spared.launches,
    )  # fmt: skip
    vendor = work.session.get_one(Vendor, campaign.vendor_id).name
    _tell(
        work, campaign, subject=say("“{name}” is stopped for now", name=campaign.name),
        words=joined(
            say("{vendor} has stopped “{name}” for every partner: {why}", vendor=vendor, name=campaign.name, why=words),
            say("What has not left waits, and nobody is lost."),
            say("Journeys wait for a week."),
            say("Your page says that the offer is over.") if recall_pages else "",
            say("You hear from us when it goes on."),
        ),
    )  # fmt: skip
    return spared


def lift_stop(work: Work, slug: str) -> None:
    """Let a stopped campaign go on where it was; what a partner paused itself stays paused.

    Conflict when it is not stopped.
    """
    work.require(Permission.LAUNCH_STEER)
    campaign = _campaign(work.session, work.principal, slug)
    lifted = work.session.scalar(
        update(CampaignStop)
        .where(CampaignStop.campaign_id == campaign.id, CampaignStop.lifted_at.is_(None))
        .values(lifted_at=work.now, lifted_by=work.principal.name)
        .returning(CampaignStop.id)
    )
    if lifted is None:
        raise Conflict(
            say("“{campaign}” is not stopped.", campaign=campaign.name), code="campaign.not_stopped"
        )
    work.audit("let go on", "campaign", campaign.id, vendor_id=campaign.vendor_id)
    vendor = work.session.get_one(Vendor, campaign.vendor_id).name
    _tell(
        work, campaign, subject=say("“{name}” goes on", name=campaign.name),
        words=say("{vendor} lets “{name}” go on. What waited leaves now; you need not do anything.", vendor=vendor, name=campaign.name),
    )  # fmt: skip
    launches = select(Launch.id).where(Launch.campaign_id == campaign.id, Launch.state.in_(RUNNING))
    for launch_id in work.session.scalars(launches):
        work.wake(Job.LAUNCH_START, launch_id=launch_id)
    work.wake(Job.MAILING_SEND)


def _stoppable(session: Session, campaign: Campaign) -> Stoppable:
    waiting = select(func.count()).where(
        Message.mailing_id.in_(select(Mailing.id).where(Mailing.campaign_id == campaign.id)),
        Message.state.in_(WAITING),
    )
    return Stoppable(
        id=campaign.id, slug=campaign.slug, name=campaign.name,
        concerned=concerned(session, campaign.id), waiting=session.scalar(waiting) or 0,
        stop=stops_of(session, campaign.vendor_id).get(campaign.id),
    )  # fmt: skip


def _campaign(session: Session, principal: Principal, slug: str) -> Campaign:
    wanted = visible(select(Campaign), principal, Campaign).where(Campaign.slug == slug)
    campaign: Campaign = found(session.scalars(wanted).one_or_none())
    return campaign


def _sentence(reason: str) -> str:
    words = " ".join(reason.split())
    if not 0 < len(words) <= MOST_WORDS:
        said = f"Say why in 1 to {MOST_WORDS} characters: every partner reads it."
        raise Invalid(said, code="campaign.reason", fields={"reason": said})
    return words if words[-1] in ".!?" else f"{words}."


def _tell(work: Work, campaign: Campaign, *, subject: str, words: str) -> None:
    vendor = work.session.get_one(Vendor, campaign.vendor_id)
    for partner_id in concerned_partners(work.session, campaign.id):
        news_to_partner(
            work, partner_id, Permission.LAUNCH_PLAN,
            vendor_id=vendor.id, subject=subject, words=words,
            url=f"{work.site.public_url}/console/campaigns/{vendor.slug}/{campaign.slug}",
        )  # fmt: skip
