"""Views of the library that a person keeps under a name."""

from urllib.parse import parse_qsl, urlencode

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from tcma.db.scope import found
from tcma.db.work import Work
from tcma.errors import Invalid, LimitReached
from tcma.library.models import SavedFilter
from tcma.permissions import Permission
from tcma.words import say

LONGEST, MOST = 40, 12
KEPT = ("q", "f", "sort")
"""What of an address a filter keeps."""


def saved_filters(work: Work) -> list[tuple[str, str]]:
    """Return (name, query) of the principal's filters, by name."""
    rows = work.session.execute(
        select(SavedFilter.name, SavedFilter.query)
        .where(SavedFilter.user_id == work.principal.user_id)
        .order_by(func.lower(SavedFilter.name))
    )
    return [(row.name, row.query) for row in rows]


def save_filter(work: Work, name: str, query: str) -> str:
    """Keep a view under a name, in place of another of that name; return the query that is kept.

    Raises Invalid without a name or without anything to keep, LimitReached after `MOST`.
    """
    work.require(Permission.CAMPAIGN_READ)
    kept = urlencode([(k, v[:200]) for k, v in parse_qsl(query) if k in KEPT and v])
    words = " ".join(name.split())[:LONGEST]
    if not words or not kept:
        message = "Name the filter." if kept else "Choose a filter or search first, then save it."
        raise Invalid(message, code="filter.empty", fields={"name": message})
    known = {each for each, _ in saved_filters(work)}
    if words not in known and len(known) >= MOST:
        raise LimitReached(say("{most} saved filters are enough. Take one away first.", most=MOST))
    row = insert(SavedFilter).values(
        user_id=found(work.principal.user_id), name=words, query=kept, saved_at=work.now
    )
    work.session.execute(
        row.on_conflict_do_update(
            index_elements=["user_id", "name"], set_={"query": kept, "saved_at": work.now}
        )
    )
    return kept


def forget_filter(work: Work, name: str) -> None:
    """Take a filter away; one that is not there is the same."""
    work.session.execute(
        delete(SavedFilter).where(
            SavedFilter.user_id == work.principal.user_id, SavedFilter.name == name
        )
    )
