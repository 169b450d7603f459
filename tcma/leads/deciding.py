"""What a routing decision rests on, gathered: the rules in force, the lead's facts, the partners'."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import func, literal_column, or_, select
from sqlalchemy.orm import Session

from tcma.launches.rules import FREE_MAIL
from tcma.leads.models import COMPANY_BACKWARDS, Lead, LeadOffer, RoutingMember, RoutingVersion
from tcma.leads.routing.choosing import standard
from tcma.leads.routing.facts import Area, Candidate, Request
from tcma.leads.routing.reading import read
from tcma.leads.routing.rules import STANDARD, Rules
from tcma.leads.rules import HELD, LeadState
from tcma.library.models import Campaign
from tcma.partners.models import Enrolment, EnrolmentTerritory, Partner, Territory
from tcma.partners.rules import EnrolmentState

LATELY = timedelta(days=30)
TODAY = timedelta(hours=24)
OPEN = (LeadState.OFFERED, LeadState.ACCEPTED)


@dataclass(frozen=True, slots=True)
class RulesInForce:
    """The rules of a moment; number 0 is the standard, which nobody had to write."""

    no: int
    source: str
    rules: Rules


def rules_in_force(session: Session, vendor_id: UUID, now: datetime) -> RulesInForce:
    """Return the rules that decide at `now`."""
    row = session.execute(
        select(RoutingVersion.no, RoutingVersion.source)
        .where(RoutingVersion.vendor_id == vendor_id, RoutingVersion.valid_from <= now)
        .order_by(RoutingVersion.valid_from.desc(), RoutingVersion.no.desc())
        .limit(1)
    ).first()
    if row is None:
        return RulesInForce(0, STANDARD, standard())
    return RulesInForce(row.no, row.source, rules_of(row.source))


@lru_cache(maxsize=64)
def rules_of(source: str) -> Rules:
    """Return the rules of a published document; it was read without a fault on that day."""
    return read(source).rules or standard()


def company_of(address: str) -> str:
    """Return the domain of an address when it is its company's own, else empty."""
    domain = address.rpartition("@")[2].casefold()
    return "" if domain in FREE_MAIL else domain


def request_of(session: Session, lead: Lead) -> Request:
    """Return what of a lead decides its way."""
    company = company_of(lead.address)
    return Request(
        country=lead.country,
        postcode=lead.postcode,
        source_partner_id=lead.source_partner_id,
        company=company,
        account_partner_id=works_with(session, lead, company),
        campaign=session.scalar(select(Campaign.slug).where(Campaign.id == lead.campaign_id)) or "",
        score=lead.score,
        answers={k: str(v) for k, v in lead.answers.items()},
    )


def works_with(session: Session, lead: Lead, company: str) -> UUID | None:
    """Return the partner that last took a lead of the same company, or of one below or above it."""
    if not company:
        return None
    return session.scalar(
        select(Lead.partner_id)
        .where(
            Lead.vendor_id == lead.vendor_id,
            Lead.id != lead.id,
            Lead.state.in_(HELD),
            Lead.state != LeadState.LOST,
            of_company(company),
        )
        .order_by(Lead.accepted_at.desc(), Lead.id)
        .limit(1)
    )


def company_holder(session: Session, lead: Lead) -> str:
    """Return the partner that works with a lead's company already, if it is another; else empty."""
    holder = works_with(session, lead, company_of(lead.address))
    if holder is None or holder == lead.partner_id:
        return ""
    return session.scalar(select(Partner.name).where(Partner.id == holder)) or ""


def of_company(company: str) -> Any:
    """Return the condition that a lead's address is of a company, or of one below or above it."""
    backwards: Any = literal_column(COMPANY_BACKWARDS.replace("address", "lead.address"))
    parts = company.split(".")
    above = [".".join(parts[n:])[::-1] for n in range(len(parts) - 1)]
    return or_(backwards.in_(above), backwards.like(f"{_plain(company[::-1])}.%"))


def _plain(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def areas_of(session: Session, vendor_id: UUID) -> list[Area]:
    """Return a vendor's territories."""
    rows = session.scalars(
        select(Territory).where(Territory.vendor_id == vendor_id).order_by(Territory.code)
    )
    return [Area(t.code, t.name, t.country, tuple(t.postcodes)) for t in rows]


def candidates_of(
    session: Session, vendor_id: UUID, *, now: datetime, lead_id: UUID | None = None
) -> list[Candidate]:
    """Return a vendor's partners as they stand; who had its turn with `lead_id` is barred."""
    turns: dict[UUID, str] = {}
    if lead_id:
        asked = select(LeadOffer.partner_id, LeadOffer.state).where(LeadOffer.lead_id == lead_id)
        turns = dict(session.execute(asked).all())
    areas, credit = _areas(session, vendor_id), _credits(session, vendor_id)
    held, given = _held(session, vendor_id), _given(session, vendor_id, now)
    partners = session.execute(
        select(
            Partner.id,
            Partner.name,
            Partner.slug,
            Partner.locale,
            Enrolment.state,
            Enrolment.weight,
            Enrolment.tier,
            Enrolment.kind,
        )
        .join(Enrolment, Enrolment.partner_id == Partner.id)
        .where(Enrolment.vendor_id == vendor_id)
        .order_by(Partner.id)
    )
    return [
        Candidate(
            partner_id=p.id,
            name=p.name,
            areas=frozenset(areas.get(p.id, ())),
            weight=p.weight,
            credits=credit.get(p.id, {}),
            barred=_bar(p.state, turns.get(p.id)),
            slug=p.slug,
            tier=p.tier,
            kind=p.kind,
            language=p.locale[:2],
            open_leads=held.get(p.id, 0),
            today=given.get(p.id, (0, 0))[0],
            lately=given.get(p.id, (0, 0))[1],
        )
        for p in partners
    ]


def _areas(session: Session, vendor_id: UUID) -> dict[UUID, set[str]]:
    found: dict[UUID, set[str]] = {}
    for partner, code in session.execute(
        select(EnrolmentTerritory.partner_id, EnrolmentTerritory.code).where(
            EnrolmentTerritory.vendor_id == vendor_id
        )
    ):
        found.setdefault(partner, set()).add(code)
    return found


def _credits(session: Session, vendor_id: UUID) -> dict[UUID, dict[str, int]]:
    found: dict[UUID, dict[str, int]] = {}
    for m in session.execute(
        select(RoutingMember.partner_id, RoutingMember.pool, RoutingMember.credit).where(
            RoutingMember.vendor_id == vendor_id
        )
    ):
        found.setdefault(m.partner_id, {})[m.pool] = m.credit
    return found


def _held(session: Session, vendor_id: UUID) -> Mapping[UUID, int]:
    rows = session.execute(
        select(Lead.partner_id, func.count())
        .where(Lead.vendor_id == vendor_id, Lead.state.in_(OPEN), Lead.partner_id.is_not(None))
        .group_by(Lead.partner_id)
    )
    return {partner: n for partner, n in rows if partner}


def _given(session: Session, vendor_id: UUID, now: datetime) -> Mapping[UUID, tuple[int, int]]:
    rows = session.execute(
        select(
            LeadOffer.partner_id,
            func.count().filter(LeadOffer.offered_at > now - TODAY).label("today"),
            func.count().label("lately"),
        )
        .where(LeadOffer.vendor_id == vendor_id, LeadOffer.offered_at > now - LATELY)
        .group_by(LeadOffer.partner_id)
    )
    return {r.partner_id: (r.today, r.lately) for r in rows}


def _bar(standing: str, turn: str | None) -> str:
    if standing != EnrolmentState.ACTIVE:
        return f"is {standing}"
    return f"had its turn ({turn.replace('_', ' ')})" if turn else ""
