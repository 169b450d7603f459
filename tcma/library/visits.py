"""Visits of a page by the way people came: counted by day, nobody is known by them."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tcma.db.work import Work
from tcma.library.models import PageVisit
from tcma.words import say

VIAS: Mapping[str, str] = {
    "qr": say("QR code"),
    "print": say("printed piece"),
    "embed": say("web block"),
    "linkedin": say("LinkedIn"),
    "facebook": say("Facebook"),
    "x": say("X"),
    "instagram": say("Instagram"),
}
"""Ways that an address of ours names as `?via=…`, and how reports call them."""


def count_visit(work: Work, page_id: UUID, via: str) -> None:
    """Count one visit today; a way that is not ours is not counted."""
    if via not in VIAS:
        return
    row = insert(PageVisit).values(page_id=page_id, day=work.now.date(), via=via, count=1)
    work.session.execute(
        row.on_conflict_do_update(
            index_elements=["page_id", "day", "via"], set_={"count": PageVisit.count + 1}
        )
    )


def visits_of(session: Session, page_id: UUID, *, since: date = date.min) -> dict[str, int]:
    """Return how many came by each way, all days from `since` together."""
    rows = session.execute(
        select(PageVisit.via, func.sum(PageVisit.count))
        .where(PageVisit.page_id == page_id, PageVisit.day >= since)
        .group_by(PageVisit.via)
    )
    return {via: int(count) for via, count in rows}
