"""Money as integer minor units of one currency; digits per currency come from CLDR."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

from babel.numbers import get_currency_precision, is_currency

from tcma.errors import Invalid
from tcma.words import say

THREE = 3
THOUSANDS = re.compile(r"-?[1-9]\d{0,2}(?:[,.]\d{3})+")
LARGEST_MINOR = 10**15
"""A sum above ten trillion major units is a typing error, not a fund."""

_is_currency = lru_cache(maxsize=512)(is_currency)
"""Babel looks through all of CLDR's list each time."""


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """`minor` units of `currency` (ISO 4217); never a float, never two currencies in one sum."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if isinstance(self.minor, bool) or not isinstance(self.minor, int):
            raise TypeError("money is counted in whole minor units")
        if not _is_currency(self.currency):
            raise Invalid(
                say("{currency!r} is not a currency", currency=self.currency), code="money.currency"
            )

    @classmethod
    def zero(cls, currency: str) -> "Money":
        """Nothing, in `currency`."""
        return cls(0, currency)

    @classmethod
    def parse(cls, text: str, currency: str) -> "Money":
        """Read what a person typed, major units, `.` or `,` as the decimal mark.

        A mark stands for thousands where it cannot be a decimal one: before another kind of mark,
        or between groups of three when the currency has another number of digits. Raises Invalid.
        """
        raw = re.sub("[ \u00a0\u202f'\u2019]", "", text)
        marks = [m for m in raw if m in ",."]
        grouped = THOUSANDS.fullmatch(raw)
        if len(set(marks)) == 2:
            mark = max(raw.rfind(","), raw.rfind("."))
            raw = re.sub("[,.]", "", raw[:mark]) + "." + raw[mark + 1 :]
        elif grouped and get_currency_precision(currency) != THREE:
            raw = re.sub("[,.]", "", raw)
        else:
            raw = raw.replace(",", ".")
        return cls.exactly(raw, currency, text=text)

    @classmethod
    def exactly(cls, raw: str, currency: str, *, text: str) -> "Money":
        """Read a number whose only mark is a decimal `.`; `text` is how a person wrote it."""
        digits = get_currency_precision(currency)
        try:
            amount = Decimal(raw)
        except InvalidOperation:
            raise Invalid(
                say("“{text}” is not an amount", text=text), code="money.amount"
            ) from None
        if not amount.is_finite() or abs(amount) > LARGEST_MINOR:
            raise Invalid(say("“{text}” is not an amount", text=text), code="money.amount")
        if -int(amount.as_tuple().exponent) > digits:
            raise Invalid(
                say(
                    "{currency} has {digits} digits after the point, “{text}” has more",
                    currency=currency,
                    digits=digits,
                    text=text,
                ),
                code="money.digits",
                remedy=say("Round the amount."),
            )
        return cls(int(amount.scaleb(digits)), currency)

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise Invalid(
                say(
                    "{currency} and {currency2} cannot be added",
                    currency=self.currency,
                    currency2=other.currency,
                ),
                code="money.mixed",
            )

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same(other)
        return self.minor < other.minor

    def __le__(self, other: "Money") -> bool:
        self._same(other)
        return self.minor <= other.minor

    def __gt__(self, other: "Money") -> bool:
        return not self <= other

    def __ge__(self, other: "Money") -> bool:
        return not self < other

    def __bool__(self) -> bool:
        return self.minor != 0

    def share(self, basis_points: int) -> "Money":
        """Return the part of `basis_points` / 10 000, half up on the minor unit."""
        part = (Decimal(self.minor) * basis_points / 10_000).quantize(Decimal(1), ROUND_HALF_UP)
        return Money(int(part), self.currency)

    def allocate(self, weights: list[int]) -> "list[Money]":
        """Split by `weights` so that the parts sum to the whole (largest remainder)."""
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise Invalid(say("weights must be positive"), code="money.weights")
        parts = [self.minor * w // total for w in weights]
        rest = [(self.minor * w % total, -i) for i, w in enumerate(weights)]
        for _, index in sorted(rest, reverse=True)[: self.minor - sum(parts)]:
            parts[-index] += 1
        return [Money(p, self.currency) for p in parts]

    def converted(self, rate: Decimal, currency: str) -> "Money":
        """Return the sum in another currency, half up; one unit of this is `rate` of that."""
        digits = get_currency_precision(currency)
        minor = (self.major * rate).scaleb(digits).quantize(Decimal(1), ROUND_HALF_UP)
        return Money(int(minor), currency)

    @property
    def major(self) -> Decimal:
        """The sum in major units, exact."""
        return Decimal(self.minor).scaleb(-get_currency_precision(self.currency))
