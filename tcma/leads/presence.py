"""Who is there: partners that are paused or closed, or whose people are all away; and when each works."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from tcma.leads.hours import Hours
from tcma.leads.routing.rules import PartnerFacts, Rules
from tcma.leads.rules import REST_WORDS

AWAY = """
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
"""The partners all of whose sellers (its owners, without any) are away today, and until when. Asked only
of partners where somebody is away: of the others it costs one look at a short table.
"""


GIVEN_BACK = text(
    """
    SELECT l.address_hash, r.partner_id FROM lead_recycling r JOIN lead l ON l.id = r.lead_id
    WHERE r.vendor_id = :vendor AND r.rests_until > :now AND l.address_hash = ANY (:hashes)
    """
)


def given_back(
    session: Session, vendor_id: UUID, hashes: Collection[bytes], now: datetime
) -> dict[bytes, set[UUID]]:
    """Return by address the partners that gave this person's lead back to nurture and still rest from it."""
    asked = {"vendor": vendor_id, "now": now, "hashes": list(hashes)}
    found: dict[bytes, set[UUID]] = {}
    for row in session.execute(GIVEN_BACK, asked):
        found.setdefault(bytes(row.address_hash), set()).add(row.partner_id)
    return found


def rest_words(rest: Any) -> str:
    """Return a rest in words for a vendor: paused until when, and why. A row, or what has its columns."""
    until = f" until {rest.ends_on:%-d %B %Y}" if rest.ends_on else ""
    note = f" ({rest.note})" if rest.note else ""
    return f"{rest.kind}{until}: {REST_WORDS[rest.reason].lower()}{note}"


HOURS = text(
    """
    SELECT p.id, p.slug, p.zone, p.country, h.days, h.opens, h.closes,
        (SELECT jsonb_agg(jsonb_build_array(r.starts_on, coalesce(r.ends_on, :ever)) ORDER BY r.starts_on)
         FROM partner_rest r WHERE r.partner_id = p.id AND r.kind = 'closed') AS away
    FROM partner p LEFT JOIN partner_hours h ON h.partner_id = p.id
    WHERE p.id = ANY (:partners)
    """
)


def hours_of(session: Session, partner_ids: Collection[UUID], rules: Rules) -> dict[UUID, Hours]:
    """Return when each partner works: as it says itself, else as the rules know it, else as is usual;
    without the days on which either has it closed.
    """
    found = {}
    for row in session.execute(HOURS, {"partners": list(partner_ids), "ever": date.max}):
        facts = rules.partners.get(row.slug) or PartnerFacts()
        found[row.id] = Hours(
            zone=row.zone,
            country=row.country,
            opens=row.opens or facts.opens,
            closes=row.closes or facts.closes,
            days=frozenset(row.days or ()),
            closed=frozenset(facts.closed),
            away=tuple((date.fromisoformat(a), date.fromisoformat(b)) for a, b in row.away or ()),
        )
    return found
