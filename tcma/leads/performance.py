"""How a vendor's partners performed with their leads: counted to the beginning of a day, and kept for it."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Date, and_, cast, func, literal, select, text
from sqlalchemy.dialects.postgresql import TIMESTAMP, insert
from sqlalchemy.orm import Session

from tcma.leads.models_routing import RoutingRecord
from tcma.leads.routing.performance import Record
from tcma.leads.routing.rules import Performance
from tcma.leads.rules import NO_LEAD
from tcma.partners.models import Vendor

COUNTED = text(
    """
    WITH answers AS (
        SELECT partner_id, count(*) AS asked,
            count(*) FILTER (WHERE state IN ('accepted', 'returned')) AS accepted,
            percentile_disc(0.5) WITHIN GROUP (ORDER BY answered_at - offered_at)
                FILTER (WHERE state IN ('accepted', 'returned')) AS half
        FROM lead_offer
        WHERE vendor_id = :vendor AND offered_at >= :begins AND answered_at < :ends
          AND (state IN ('accepted', 'returned') OR (state IN ('declined', 'timed_out') AND NOT shared))
        GROUP BY partner_id
    ), ended AS (
        SELECT partner_id, count(*) AS closed, count(*) FILTER (WHERE state = 'won') AS won
        FROM lead
        WHERE vendor_id = :vendor AND state IN ('won', 'lost')
          AND closed_at >= :begins AND closed_at < :ends
          AND (loss_reason IS NULL OR loss_reason <> ALL (:no_lead))
        GROUP BY partner_id
    )
    SELECT partner_id, coalesce(asked, 0) AS asked, coalesce(accepted, 0) AS accepted,
        coalesce(extract(epoch FROM half) / 60, 0)::int AS minutes,
        coalesce(closed, 0) AS closed, coalesce(won, 0) AS won
    FROM answers FULL JOIN ended USING (partner_id)
    WHERE partner_id IS NOT NULL
    """
)
"""One of several who were asked counts for who took it: the others were only slower. What was
given back to nurture later was accepted all the same.
"""


def records_of(
    session: Session, vendor_id: UUID, by: Performance, now: datetime, *, keep: bool = False
) -> Mapping[UUID, Record]:
    """Return each partner's record of the days before the vendor's today. `keep` writes it down for the
    rest of the day, so that all its leads are decided by the same numbers.
    """
    today = cast(func.timezone(Vendor.zone, literal(now, TIMESTAMP(timezone=True))), Date)
    zone, kept = session.execute(
        select(Vendor.zone, RoutingRecord.numbers)
        .outerjoin(
            RoutingRecord,
            and_(
                RoutingRecord.vendor_id == Vendor.id,
                RoutingRecord.day == today,
                RoutingRecord.days == by.days,
            ),
        )
        .where(Vendor.id == vendor_id)
    ).one()
    if kept is not None:
        return {UUID(partner): Record(*numbers) for partner, numbers in kept.items()}
    day, begins, ends = _window(ZoneInfo(zone), by.days, now)
    rows = session.execute(
        COUNTED, {"vendor": vendor_id, "begins": begins, "ends": ends, "no_lead": list(NO_LEAD)}
    )
    found = {row.partner_id: Record(*row[1:]) for row in rows}
    if keep:
        numbers = {str(partner): record.told for partner, record in found.items()}
        row = {"vendor_id": vendor_id, "day": day, "days": by.days, "numbers": numbers}
        session.execute(insert(RoutingRecord).values(row).on_conflict_do_nothing())
    return found


def _window(zone: ZoneInfo, days: int, now: datetime) -> tuple[date, datetime, datetime]:
    day = now.astimezone(zone).date()
    ends = datetime.combine(day, time(), tzinfo=zone)
    begins = datetime.combine(day - timedelta(days=days), time(), tzinfo=zone)
    return day, begins, ends
