"""Keyset pagination: a page is the rows after a cursor, never an offset."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, String, cast, literal, tuple_
from sqlalchemy.orm import Session

from tcma.errors import Invalid
from tcma.words import say

Row = TypeVar("Row")
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows and the cursor of the next ones, None at the end."""

    rows: Sequence[Row]
    next: str | None


def write_cursor(values: Sequence[object]) -> str:
    """Return the opaque cursor of the last row's key values."""
    return urlsafe_b64encode(json.dumps([str(v) for v in values]).encode()).rstrip(b"=").decode()


def read_cursor(cursor: str) -> list[str]:
    """Return the key values of a cursor; Invalid when it is not one of ours."""
    try:
        values = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        raise Invalid(
            say("This page address is broken."), remedy=say("Open the list again.")
        ) from None
    if not isinstance(values, list):
        raise Invalid(say("This page address is broken."), remedy=say("Open the list again."))
    return [str(v) for v in values]


def page_of(  # noqa: PLR0913 - how a list is cut
    session: Session,
    select: Select[*tuple[Any, ...]],
    key: Sequence[Any],
    *,
    after: str | None,
    size: int = PAGE_SIZE,
    rising: bool = False,
) -> Page[Any]:
    """Return one page of `select`, newest first by `key` (selected under labels k0, k1, …).

    `rising` begins with the oldest.
    """
    labelled = select.add_columns(*(c.label(f"k{i}") for i, c in enumerate(key)))
    if after:
        values = zip(read_cursor(after), key, strict=False)
        place = [cast(literal(value, String()), column.type) for value, column in values]
        if len(place) != len(key):
            raise Invalid(say("This page address is broken."), remedy=say("Open the list again."))
        here, there = tuple_(*key), tuple_(*place)
        labelled = labelled.where(here > there if rising else here < there)
    order = [c if rising else c.desc() for c in key]
    rows = session.execute(labelled.order_by(*order).limit(size + 1)).all()
    if len(rows) <= size:
        return Page(rows, None)
    last = rows[size - 1]
    return Page(rows[:size], write_cursor([getattr(last, f"k{i}") for i in range(len(key))]))
