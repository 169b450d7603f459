"""One object of a case and where it stands: every value is read exactly or refused by its place."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_precision

from tcma.errors import Invalid
from tcma.mdf.programme.conditions import number_of
from tcma.money import LARGEST_MINOR, Money

MOST_ROWS = 500


class CaseRefused(Invalid):
    """A case that cannot be judged; the message names the place."""

    def __init__(self, place: str, message: str, remedy: str) -> None:
        super().__init__(f"{place}: {message}", code="config.case", remedy=remedy)


def _slip(key: str, known: str) -> bool:
    # Near enough to be a slip of the pen; an author's own fact is further away.
    return difflib.SequenceMatcher(None, key, known).ratio() * 10 > 8


@dataclass(frozen=True, slots=True)
class Node:
    """One object of the case and where it stands; extra keys are facts for conditions."""

    values: Mapping[str, Any]
    place: str
    zone: str
    currency: str

    def refuse(self, key: str, message: str, remedy: str) -> CaseRefused:
        """Return a refusal that names the place of `key`."""
        return CaseRefused(f"{self.place}.{key}" if self.place else key, message, remedy)

    def known(self, *keys: str, closed: bool = False) -> None:
        """Refuse a key that is a slip of a known one, or any other when `closed`."""
        for key in self.values:
            if key in keys:
                continue
            near = [known for known in keys if _slip(key, known)]
            if near or closed:
                remedy = f"did you mean “{near[0]}”?" if near else "put your own facts into “facts”"
                raise self.refuse(key, "this is not known here.", remedy)

    def text(self, key: str, *, needed: bool = False) -> str:
        """Return a text."""
        value = self.values.get(key)
        if value is None and not needed:
            return ""
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return str(value)
        if not isinstance(value, str) or (needed and not value.strip()):
            raise self.refuse(key, "this must be text.", f'write "{key}": "…"')
        return value.strip()

    def flag(self, key: str) -> bool:
        """Return true or false; absent is false."""
        value = self.values.get(key)
        if value is not None and not isinstance(value, bool):
            raise self.refuse(key, "this must be true or false.", f'write "{key}": true')
        return bool(value)

    def money(self, key: str) -> Money | None:
        """Return a sum in the case's currency: "1250.00" or 1250.00, never with thousands."""
        value = self.values.get(key)
        if value is None:
            return None
        number = number_of(value)
        if number is None or (isinstance(value, str) and any(c in value for c in ",_eE ")):
            raise self.refuse(key, "this is not an amount.", f'write "{key}": "1250.00"')
        digits = get_currency_precision(self.currency)
        minor = number.scaleb(digits)
        if number < 0:
            raise self.refuse(
                key, f"{value} is below zero.", "give sums as they are; nothing below zero"
            )
        if minor != minor.to_integral_value() or minor > LARGEST_MINOR:
            said = f"{value} is not a sum of {self.currency}, which has {digits} digits."
            raise self.refuse(key, said, "round it")
        return Money(int(minor), self.currency)

    def percent(self, key: str) -> Decimal | None:
        """Return a percentage."""
        value = self.values.get(key)
        if value is None:
            return None
        number = number_of(str(value).removesuffix("%").strip())
        if number is None or not 0 <= number <= 100 or number != round(number, 2):
            raise self.refuse(key, "this must be a percentage.", f'write "{key}": 50')
        return number

    def day(self, key: str, *, needed: bool = False) -> date | None:
        """Return a calendar day."""
        value = self.values.get(key)
        if value is None and not needed:
            return None
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            raise self.refuse(key, "this must be a day.", f'write "{key}": "2026-11-24"') from None

    def instant(self, key: str, *, needed: bool = False) -> datetime | None:
        """Return an instant; without an offset it is read on the programme's clocks.

        A bare day is its first instant.
        """
        value = self.values.get(key)
        if value is None and not needed:
            return None
        try:
            day = date.fromisoformat(str(value))
            found = datetime.combine(day, time())
        except ValueError:
            try:
                found = datetime.fromisoformat(str(value))
            except ValueError:
                remedy = f'write "{key}": "2026-11-24T17:00:00+01:00"'
                raise self.refuse(key, "this must be a date with time.", remedy) from None
        if found.tzinfo is None:
            there = found.replace(tzinfo=ZoneInfo(self.zone))
            if there.astimezone(UTC).astimezone(ZoneInfo(self.zone)).replace(tzinfo=None) != found:
                said = f"clocks in {self.zone} never show this time."
                raise self.refuse(key, said, "write the offset to UTC, for example +01:00")
            found = there
        try:
            return found.astimezone(UTC)
        except OverflowError:
            raise self.refuse(key, "this is outside the calendar.", "check the year") from None

    def child(self, key: str) -> Node | None:
        """Return an object inside, None when absent."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise self.refuse(key, "this must be an object.", f'write "{key}": {{…}}')
        return Node(value, f"{self.place}.{key}".strip("."), self.zone, self.currency)

    def children(self, key: str) -> list[Node]:
        """Return a list of objects."""
        value = self.values.get(key) or []
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise self.refuse(key, "this must be a list.", f'write "{key}": [{{…}}]')
        if len(value) > MOST_ROWS:
            raise self.refuse(key, f"more than {MOST_ROWS} rows.", "split the case")
        found = []
        for n, each in enumerate(value):
            place = f"{self.place}.{key}[{n}]".strip(".")
            if not isinstance(each, Mapping):
                raise CaseRefused(place, "this must be an object.", "write {…}")
            found.append(Node(each, place, self.zone, self.currency))
        return found
