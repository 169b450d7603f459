"""What one partner sees of a vendor's campaigns, and why: rules of the campaign, facts of the pair."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.library.models import Campaign, CampaignVersion
from tcma.library.rules import CampaignState, VersionState
from tcma.library.visibility import ASKS, Facts, Line, clean, judged, sees
from tcma.partners.queries import brand_in_force, enrolment, partner_of
from tcma.partners.rules import EnrolmentState
from tcma.permissions import Permission

MAY_START = (EnrolmentState.ACTIVE, EnrolmentState.INVITED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A campaign for one partner: does it see it, and each reason; `other` where no rule decides."""

    slug: str
    name: str
    sees: bool
    lines: tuple[Line, ...]
    other: str = ""


def facts_of(
    session: Session, vendor_id: UUID, partner_id: UUID, *, today: date, role: str = ""
) -> Facts:
    """Return what is known of a partner with a vendor."""
    pair = enrolment(session, vendor_id, partner_id)
    spoken = brand_in_force(session, partner_id).fields.get("language")
    return Facts(
        tier=pair.tier.value,
        kind=pair.kind.value,
        territories=frozenset(pair.territories),
        language=(spoken or partner_of(session, partner_id).locale).split("-")[0],
        role=role,
        certifications=pair.certifications,
        today=today,
    )


def seen_campaigns(
    session: Session,
    partner_id: UUID,
    campaigns: Iterable[tuple[UUID, UUID]],
    *,
    today: date,
    role: str = "",
) -> set[UUID]:
    """Return which of (campaign, vendor) a partner sees today."""
    asked = dict(campaigns)
    rules = session.execute(
        select(Campaign.id, Campaign.visibility).where(Campaign.id.in_(list(asked)))
    ).all()
    known: dict[UUID, Facts] = {}
    shown = set()
    for campaign_id, wanted in rules:
        vendor_id = asked[campaign_id]
        if wanted and vendor_id not in known:
            known[vendor_id] = facts_of(session, vendor_id, partner_id, today=today, role=role)
        if not wanted or sees(wanted, known[vendor_id]):
            shown.add(campaign_id)
    return shown


def unmet(
    session: Session, partner_id: UUID, campaign_id: UUID, *, today: date, role: str = ""
) -> list[str]:
    """Return the rules that keep a campaign from a partner today, each in words."""
    campaign = found(session.get(Campaign, campaign_id))
    if not campaign.visibility:
        return []
    facts = facts_of(session, campaign.vendor_id, partner_id, today=today, role=role)
    return [
        f"{ASKS[line.aspect]}: it asks for {line.asks}, you have {line.has}"
        for line in judged(campaign.visibility, facts)
        if not line.holds
    ]


def set_visibility(work: Work, slug: str, rules: Mapping[str, Iterable[str]]) -> None:
    """Say who sees a campaign of the principal's vendor; an empty rule asks for nothing."""
    work.require(Permission.CAMPAIGN_AUTHOR)
    campaign = _campaign(work, slug)
    campaign.visibility = clean(rules)
    work.audit(
        "shown to", "campaign", campaign.id, vendor_id=campaign.vendor_id, rules=campaign.visibility
    )


def visibility_of(work: Work, slug: str) -> dict[str, list[str]]:
    """Return who sees a campaign, by aspect."""
    work.require(Permission.CAMPAIGN_AUTHOR)
    return dict(_campaign(work, slug).visibility)


def explained(work: Work, partner_id: UUID, *, role: str, names: Mapping[str, str]) -> list[Seen]:
    """Return every campaign of the principal's vendor as a partner meets it, each rule with yes or no."""
    work.require(Permission.CAMPAIGN_AUTHOR)
    vendor_id = found(work.principal.vendor_id)
    pair = enrolment(work.session, vendor_id, partner_id)
    facts = facts_of(work.session, vendor_id, partner_id, today=work.now.date(), role=role)
    live = select(CampaignVersion.campaign_id).where(
        CampaignVersion.state == VersionState.PUBLISHED
    )
    in_library = set(work.session.scalars(live))
    rows = work.session.scalars(
        select(Campaign)
        .where(Campaign.vendor_id == vendor_id, Campaign.state != CampaignState.RETIRED)
        .order_by(Campaign.name)
    )
    told = []
    for campaign in rows:
        lines = tuple(judged(campaign.visibility, facts, names))
        other = ""
        if campaign.id not in in_library:
            other = "It is not published."
        elif pair.state not in MAY_START:
            other = f"This partner is {pair.state.value}."
        told.append(
            Seen(
                slug=campaign.slug,
                name=campaign.name,
                sees=not other and all(line.holds for line in lines),
                lines=lines,
                other=other,
            )
        )
    return told


def _campaign(work: Work, slug: str) -> Campaign:
    wanted = visible(select(Campaign).where(Campaign.slug == slug), work.principal, Campaign)
    row: Campaign | None = work.session.scalars(wanted.with_for_update()).one_or_none()
    return found(row)
