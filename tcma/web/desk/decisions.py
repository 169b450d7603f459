"""The desk's queue as a place: where an object stands in it, and where to go on."""

from dataclasses import dataclass
from typing import Any

from flask import url_for

from tcma.errors import Invalid
from tcma.mdf import queue as mdf_queue
from tcma.mdf.records import QueueRow
from tcma.money import Money
from tcma.web.money_words import money_of
from tcma.web.unit_of_work import work

PAGES = {
    "request": "desk.request_show",
    "claim": "desk.claim_show",
    "fund": "desk.fund_show",
}
"""Where what is queued is decided."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an object stands in the queue, and its neighbours' addresses."""

    no: int
    total: int
    before: str
    after: str


def address_of(row: QueueRow) -> str:
    """Return the page on which a queued row is decided."""
    return url_for(PAGES[row.kind], ref=row.ref)


def place_of(ref: str) -> Place | None:
    """Return where `ref` stands in the queue, None when it is decided."""
    rows = mdf_queue.queue(work().session, work().principal, now=work().now)
    at = next((n for n, row in enumerate(rows) if row.ref == ref), None)
    if at is None:
        return None
    return Place(
        no=at + 1,
        total=len(rows),
        before=address_of(rows[at - 1]) if at else "",
        after=address_of(rows[at + 1]) if at + 1 < len(rows) else "",
    )


def next_address(ref: str) -> str:
    """Return where to go on after deciding `ref`: the next in the queue, else the queue."""
    place = place_of(ref)
    return (place.after or place.before if place else "") or url_for("desk.queue")


def amount_in(field: Any, most: Money) -> Money | None:
    """Return the typed sum, None when it is none or more than `most`, which is refused anyway."""
    try:
        amount = money_of(field, most.currency)
    except Invalid:
        return None
    return amount if 0 < amount.minor <= most.minor else None
