"""Who is there: partners that are paused or closed, or whose people are all away; and when each works."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Date, cast, func, literal, or_, select, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Session

from tcma.leads.hours import Hours
from tcma.leads.models import Lead
from tcma.leads.models_people import PartnerHours, PartnerRest
from tcma.leads.models_routing import LeadRecycling
from tcma.leads.routing.rules import PartnerFacts, Rules
from tcma.leads.rules import REST_WORDS, RestKind
from tcma.partners.models import Enrolment, Partner

NOBODY_THERE = text(
    """
    WITH absent AS MATERIALIZED (
        SELECT a.partner_id, a.user_id, max(a.ends_on) AS ends_on
        FROM enrolment e JOIN partner p ON p.id = e.partner_id
        JOIN seller_absence a ON a.partner_id = p.id
        WHERE e.vendor_id = :vendor
          AND CAST(CAST(:now AS timestamptz) AT TIME ZONE p.zone AS date)
              BETWEEN a.starts_on AND a.ends_on
        GROUP BY a.partner_id, a.user_id
    ), people AS (
        SELECT m.partner_id, m.user_id, m.role,
            bool_or(m.role = 'seller') OVER (PARTITION BY m.partner_id) AS has_sellers
        FROM membership m
        WHERE m.partner_id IN (SELECT partner_id FROM absent)
          AND m.state = 'active' AND m.role IN ('seller', 'owner')
    )
    SELECT people.partner_id, min(absent.ends_on) AS back
    FROM people LEFT JOIN absent USING (partner_id, user_id)
    WHERE people.role = CASE WHEN has_sellers THEN 'seller' ELSE 'owner' END
    GROUP BY people.partner_id
    HAVING count(*) = count(absent.user_id)
    """
)
"""Asked only of partners where somebody is away: of the others it costs one look at a short table."""


def absent(
    session: Session, vendor_id: UUID, now: datetime, *, skips_closed: bool
) -> dict[UUID, str]:
    """Return the partners of a vendor that are offered nothing today, with why in words: those who are
    paused, those all of whose people are away, and those who are closed when the rules skip them.
    """
    kinds = [RestKind.PAUSED, *([RestKind.CLOSED] if skips_closed else [])]
    today = cast(func.timezone(Partner.zone, literal(now, TIMESTAMP(timezone=True))), Date)
    rows = session.execute(
        select(PartnerRest)
        .join(Partner, Partner.id == PartnerRest.partner_id)
        .join(Enrolment, Enrolment.partner_id == Partner.id)
        .where(
            Enrolment.vendor_id == vendor_id,
            PartnerRest.kind.in_(kinds),
            PartnerRest.starts_on <= today,
            or_(PartnerRest.ends_on.is_(None), PartnerRest.ends_on >= today),
        )
        .order_by(PartnerRest.kind, PartnerRest.id)
    )
    resting = {row.partner_id: f"is {rest_words(row)}" for row in rows.scalars()}
    return nobody_there(session, vendor_id, now) | resting


def given_back(
    session: Session, vendor_id: UUID, hashes: Collection[bytes], now: datetime
) -> dict[bytes, set[UUID]]:
    """Return by address the partners that gave this person's lead back to nurture and still rest from it."""
    rows = session.execute(
        select(Lead.address_hash, LeadRecycling.partner_id)
        .join(Lead, Lead.id == LeadRecycling.lead_id)
        .where(
            LeadRecycling.vendor_id == vendor_id,
            LeadRecycling.rests_until > now,
            Lead.address_hash.in_(hashes),
        )
    )
    found: dict[bytes, set[UUID]] = {}
    for row in rows:
        found.setdefault(bytes(row.address_hash), set()).add(row.partner_id)
    return found


def rest_words(rest: PartnerRest) -> str:
    """Return a rest in words for a vendor: paused until when, and why."""
    until = f" until {rest.ends_on:%-d %B %Y}" if rest.ends_on else ""
    note = f" ({rest.note})" if rest.note else ""
    return f"{rest.kind}{until}: {REST_WORDS[rest.reason].lower()}{note}"


def nobody_there(session: Session, vendor_id: UUID, now: datetime) -> dict[UUID, str]:
    """Return the partners all of whose sellers (its owners, without any) are away today, in words."""
    rows = session.execute(NOBODY_THERE, {"vendor": vendor_id, "now": now})
    return {row.partner_id: f"everybody is away until {row.back:%-d %B %Y}" for row in rows}


def hours_of(session: Session, partner_ids: Collection[UUID], rules: Rules) -> dict[UUID, Hours]:
    """Return when each partner works: as it says itself, else as the rules know it, else as is usual;
    without the days on which either has it closed.
    """
    query = select(Partner.id, Partner.slug, Partner.zone, Partner.country, PartnerHours)
    query = query.outerjoin(PartnerHours, PartnerHours.partner_id == Partner.id)
    closed = _closed(session, partner_ids)
    found = {}
    for row in session.execute(query.where(Partner.id.in_(partner_ids))):
        facts = rules.partners.get(row.slug) or PartnerFacts()
        own = row.PartnerHours
        found[row.id] = Hours(
            zone=row.zone,
            country=row.country,
            opens=own.opens if own else facts.opens,
            closes=own.closes if own else facts.closes,
            days=frozenset(own.days) if own else frozenset(),
            closed=frozenset(facts.closed),
            away=closed.get(row.id, ()),
        )
    return found


def _closed(
    session: Session, partner_ids: Collection[UUID]
) -> Mapping[UUID, tuple[tuple[date, date], ...]]:
    """Return the days, from one to another, that partners have stated they are closed."""
    found: dict[UUID, tuple[tuple[date, date], ...]] = {}
    rows = select(PartnerRest.partner_id, PartnerRest.starts_on, PartnerRest.ends_on).where(
        PartnerRest.partner_id.in_(partner_ids), PartnerRest.kind == RestKind.CLOSED
    )
    for partner_id, first, last in session.execute(rows.order_by(PartnerRest.starts_on)):
        found[partner_id] = (*found.get(partner_id, ()), (first, last or date.max))
    return found
