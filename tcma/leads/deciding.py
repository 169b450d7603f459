"""What a routing decision rests on, gathered: the rules in force, the lead's facts, the partners'."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tcma.leads import dated
from tcma.leads.chances import chances_of
from tcma.leads.intake import company_of
from tcma.leads.models import COMPANY_BACKWARDS, Lead, RoutingVersion
from tcma.leads.routing.choosing import standard
from tcma.leads.routing.facts import Area, Request
from tcma.leads.routing.reading import read
from tcma.leads.routing.rules import STANDARD, Rules
from tcma.leads.rules import HELD, LeadState
from tcma.library.models import Campaign
from tcma.partners.models import Partner, Territory


@dataclass(frozen=True, slots=True)
class RulesInForce:
    """The rules of a moment; number 0 is the standard, which nobody had to write."""

    no: int
    source: str
    rules: Rules


def rules_in_force(session: Session, vendor_id: UUID, now: datetime) -> RulesInForce:
    """Return the rules that decide at `now`."""
    no, source = dated.in_force(session, RoutingVersion, vendor_id, now)
    return (
        RulesInForce(no, source, rules_of(source)) if no else RulesInForce(0, STANDARD, standard())
    )


@lru_cache(maxsize=64)
def rules_of(source: str) -> Rules:
    """Return the rules of a published document; it was read without a fault on that day."""
    return read(source).rules or standard()


def requests_of(session: Session, vendor_id: UUID, leads: Sequence[Lead]) -> dict[UUID, Request]:
    """Return what of a vendor's leads decides their way, by lead."""
    companies = {lead.id: company_of(lead.address) for lead in leads}
    chances = chances_of(session, vendor_id, list(companies))
    holders = holders_of(session, vendor_id, companies)
    wanted = {lead.campaign_id for lead in leads}
    slugs: dict[UUID, str] = dict(
        session.execute(select(Campaign.id, Campaign.slug).where(Campaign.id.in_(wanted))).all()
    )
    return {
        lead.id: Request(
            country=lead.country,
            postcode=lead.postcode,
            source_partner_id=lead.source_partner_id,
            company=companies[lead.id],
            account_partner_id=holders.get(lead.id),
            campaign=slugs.get(lead.campaign_id, ""),
            score=lead.score,
            chance=chances.get(lead.id),
            answers={k: str(v) for k, v in lead.answers.items()},
        )
        for lead in leads
    }


_BACKWARDS = COMPANY_BACKWARDS.replace("address", "l.address")
_TAKEN = "l.vendor_id = :vendor AND l.id <> q.id AND l.state = ANY (:held)"
HOLDERS = text(
    f"""
    SELECT q.id, h.partner_id
    FROM jsonb_to_recordset(CAST(:asked AS jsonb)) AS q(id uuid, above text[], below text, past text)
    CROSS JOIN LATERAL (
        SELECT partner_id FROM (
            SELECT one.* FROM unnest(q.above) AS a(company)
            CROSS JOIN LATERAL (
                SELECT l.partner_id, l.accepted_at, l.id FROM lead l
                WHERE {_TAKEN} AND {_BACKWARDS} = a.company
                ORDER BY l.accepted_at DESC, l.id LIMIT 1
            ) one
            UNION ALL
            SELECT l.partner_id, l.accepted_at, l.id FROM lead l
            WHERE {_TAKEN} AND {_BACKWARDS} ~>=~ q.below AND {_BACKWARDS} ~<~ q.past
        ) same
        ORDER BY accepted_at DESC, id LIMIT 1
    ) h
    """  # noqa: S608 - a constant of ours
)
"""Two ways into the index, not one with OR: that one read every lead of the vendor for each lead
while the table had no statistics, as after an import.
"""


def holders_of(
    session: Session, vendor_id: UUID, companies: Mapping[UUID, str]
) -> dict[UUID, UUID]:
    """Return by lead the partner that last took a lead of the same company, or of one below or
    above it. `companies` are domains by lead; a lead without one has no holder.
    """
    asked = [
        {"id": str(lead_id), "above": _above(company), "below": f"{company[::-1]}.",
         "past": f"{company[::-1]}/"}
        for lead_id, company in companies.items()
        if company
    ]  # fmt: skip
    if not asked:
        return {}
    ended = {LeadState.LOST, LeadState.RECYCLED}
    held = [state.value for state in HELD if state not in ended]
    rows = session.execute(HOLDERS, {"asked": json.dumps(asked), "vendor": vendor_id, "held": held})
    return {row.id: row.partner_id for row in rows}


def _above(company: str) -> list[str]:
    """Return a domain and those it is part of, backwards; a country's or trade's end is none."""
    parts = company.split(".")
    return [".".join(parts[n:])[::-1] for n in range(len(parts) - 1)]


def company_holder(session: Session, lead: Lead) -> str:
    """Return the partner that works with a lead's company already, if it is another; else empty."""
    holder = holders_of(session, lead.vendor_id, {lead.id: company_of(lead.address)}).get(lead.id)
    if holder is None or holder == lead.partner_id:
        return ""
    return session.scalar(select(Partner.name).where(Partner.id == holder)) or ""


def areas_of(session: Session, vendor_id: UUID) -> list[Area]:
    """Return a vendor's territories."""
    rows = session.scalars(
        select(Territory).where(Territory.vendor_id == vendor_id).order_by(Territory.code)
    )
    return [Area(t.code, t.name, t.country, tuple(t.postcodes)) for t in rows]
