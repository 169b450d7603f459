"""What a turn in the round costs: declined or let pass it was one, taken away by the vendor it was none."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from tcma.db.work import Work
from tcma.leads.models import LeadOffer


def lock_rounds(session: Session, vendor_id: UUID) -> None:
    """Keep every round of a vendor as it is until the transaction ends, as a router does."""
    lock = func.pg_advisory_xact_lock(func.hashtextextended(str(vendor_id), 0))
    session.execute(select(lock))


def give_back(work: Work, offers: Sequence[LeadOffer]) -> None:
    """Undo what the round moved for offers of one vendor that it takes away: nobody lost or gained
    a turn. Offers by another rule than the round moved nothing. The traces stay as they were.
    """
    moved: dict[tuple[str, str], int] = {}
    for offer in offers:
        pool = str(offer.trace.get("pool", ""))
        for row in offer.trace["candidates"] if pool else ():
            if row["in"]:
                key = (pool, str(row["id"]))
                moved[key] = moved.get(key, 0) + row["after"] - row["before"]
    if not moved:
        return
    vendor_id = offers[0].vendor_id
    lock_rounds(work.session, vendor_id)
    work.session.execute(
        BACK,
        [
            {"vendor": vendor_id, "pool": pool, "partner": partner, "moved": amount}
            for (pool, partner), amount in sorted(moved.items())
        ],
    )


BACK = text(
    """
    UPDATE routing_member SET credit = credit - :moved
    WHERE vendor_id = :vendor AND pool = :pool AND partner_id = CAST(:partner AS uuid)
    """
)
