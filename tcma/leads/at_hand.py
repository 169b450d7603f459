"""A vendor's partners as they stand when leads are decided: all that is asked of them, in one statement."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from tcma.leads.performance import records_of
from tcma.leads.presence import AWAY, rest_words
from tcma.leads.routing.facts import Candidate
from tcma.leads.routing.rules import Rules
from tcma.leads.rules import RestKind
from tcma.partners.rules import EnrolmentState

LATELY = timedelta(days=30)
TODAY = timedelta(hours=24)
PARTNERS = f"""
WITH held AS MATERIALIZED (
    SELECT partner_id, count(*) AS n FROM lead
    WHERE vendor_id = :vendor AND state IN ('offered', 'accepted') AND partner_id IS NOT NULL
    GROUP BY partner_id
), given AS MATERIALIZED (
    SELECT partner_id, count(*) FILTER (WHERE offered_at > :today) AS today,
        count(*) FILTER (WHERE state = 'accepted' OR (state = 'offered' AND NOT shared)) AS lately
    FROM lead_offer
    WHERE vendor_id = :vendor AND offered_at > :lately
      AND (state = 'accepted' OR (NOT shared AND state <> 'recalled'))
    GROUP BY partner_id
), away AS MATERIALIZED ({AWAY}),
resting AS MATERIALIZED (
    SELECT DISTINCT ON (r.partner_id) r.partner_id, r.kind, r.reason, r.note, r.ends_on
    FROM enrolment e JOIN partner p ON p.id = e.partner_id JOIN partner_rest r ON r.partner_id = p.id
    CROSS JOIN LATERAL (SELECT CAST(CAST(:now AS timestamptz) AT TIME ZONE p.zone AS date) AS day) its
    WHERE e.vendor_id = :vendor AND r.kind = ANY (:kinds)
      AND r.starts_on <= its.day AND (r.ends_on IS NULL OR r.ends_on >= its.day)
    ORDER BY r.partner_id, r.kind DESC, r.id DESC
)
SELECT p.id, p.name, p.slug, p.locale, e.state, e.weight, e.tier, e.kind AS pair_kind,
    e.certifications, v.zone AS vendor_zone,
    coalesce(held.n, 0) AS open_leads, coalesce(given.today, 0) AS today,
    coalesce(given.lately, 0) AS lately, away.back, r.kind, r.reason, r.note, r.ends_on,
    ARRAY (SELECT t.code FROM enrolment_territory t
           WHERE t.vendor_id = e.vendor_id AND t.partner_id = e.partner_id) AS areas,
    (SELECT jsonb_object_agg(m.pool, m.credit) FROM routing_member m
     WHERE m.vendor_id = e.vendor_id AND m.partner_id = e.partner_id) AS credits
FROM enrolment e
JOIN partner p ON p.id = e.partner_id
JOIN vendor v ON v.id = e.vendor_id
LEFT JOIN held ON held.partner_id = e.partner_id
LEFT JOIN given ON given.partner_id = e.partner_id
LEFT JOIN away ON away.partner_id = e.partner_id
LEFT JOIN resting r ON r.partner_id = e.partner_id
WHERE e.vendor_id = :vendor
ORDER BY p.id
"""  # noqa: S608 - a constant of ours
"""A lead that a partner declined or let pass was a turn, but no lead it had; one that was taken from it
was neither. Of those it was asked about beside others its own are both.
"""
LOOK, HOLD = text(PARTNERS), text(f"{PARTNERS} FOR SHARE OF e")


def candidates_of(
    session: Session, vendor_id: UUID, *, now: datetime, rules: Rules, hold: bool = False
) -> list[Candidate]:
    """Return a vendor's partners as they stand; `hold` keeps them so until the transaction ends.

    With it nobody is suspended between the choice and its commit. What only some rules ask for is
    read for those.
    """
    kinds = [RestKind.PAUSED, *([RestKind.CLOSED] if rules.skips_closed else [])]
    rows: Sequence[Any] = session.execute(
        HOLD if hold else LOOK,
        {"vendor": vendor_id, "now": now, "today": now - TODAY, "lately": now - LATELY,
         "kinds": [kind.value for kind in kinds]},
    ).all()  # fmt: skip
    if not rows:
        return []
    zone = ZoneInfo(rows[0].vendor_zone)
    did = (
        records_of(session, vendor_id, rules.performance, now, keep=hold) if rules.performs else {}
    )
    day = now.astimezone(zone).date().isoformat()
    return [
        Candidate(
            partner_id=p.id,
            name=p.name,
            areas=frozenset(p.areas),
            weight=p.weight,
            credits=p.credits or {},
            barred=_barred(p),
            slug=p.slug,
            tier=p.tier,
            kind=p.pair_kind,
            language=p.locale[:2],
            open_leads=p.open_leads,
            today=p.today,
            lately=p.lately,
            certified={n: d for n, d in p.certifications.items() if not d or d >= day},
            lapsed={n: d for n, d in p.certifications.items() if d and d < day},
            record=did.get(p.id),
            rests=p.state == EnrolmentState.ACTIVE and bool(_rest(p)),
        )
        for p in rows
    ]


def _barred(p: Any) -> str:
    return f"is {p.state}" if p.state != EnrolmentState.ACTIVE else _rest(p)


def _rest(p: Any) -> str:
    """Return why a partner is offered nothing today, in words: it is paused, closed, or all are away."""
    if p.kind:
        return f"is {rest_words(p)}"
    return f"everybody is away until {p.back:%-d %B %Y}" if p.back else ""
