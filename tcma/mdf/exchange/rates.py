"""The vendor's exchange rates: entered or imported, and which one counts on a day.

A rate holds on its day and, where none was published, up to five days after: over a weekend and
the longest bank holidays. The newest of a day counts; what rested on an older one keeps it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Context, Decimal
from uuid import UUID

from sqlalchemy import and_, insert, or_, select
from sqlalchemy.orm import Session

from tcma.db.pages import Page, page_of
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Invalid
from tcma.ids import new_id
from tcma.mdf.deadlines import local_day
from tcma.mdf.exchange.reading import DIGITS, Quote
from tcma.mdf.models.rates import ExchangeRate
from tcma.mdf.queries import vendor_of
from tcma.mdf.words import spoken_count, spoken_day
from tcma.permissions import Permission, Principal

HOLDS_DAYS = 5


@dataclass(frozen=True, slots=True)
class Rate:
    """What a sum in `base` is multiplied by to become `quote`, and the stored row that says so."""

    row: ExchangeRate
    base: str
    quote: str
    factor: Decimal

    @property
    def words(self) -> str:
        """The rate as a sentence's end: «1 GBP = 1.1712 EUR, ECB, 2 Mar 2026»."""
        said = f"1 {self.row.base} = {plain(self.row.rate)} {self.row.quote}"
        return f"{said}, {self.row.source}, {spoken_day(self.row.day)}"


def plain(rate: Decimal) -> str:
    """Return a rate without zeros at its end."""
    return f"{rate.normalize():f}"


def state(work: Work, quotes: Sequence[Quote], *, source: str) -> int:
    """Store rates; one that stands already with the same value is left alone. How many are new.

    Raises Invalid for a day that has not come, or without a source.
    """
    work.require(Permission.PAYMENT_MAKE)
    vendor_id = found(work.principal.vendor_id)
    said = source.strip()
    if not said:
        words = "Say where the rate is from, such as ECB."
        raise Invalid(words, code="mdf.rate", fields={"source": words, "file_source": words})
    today = local_day(work.now, vendor_of(work.session, vendor_id).zone)
    if late := next((each for each in quotes if each.day > today), None):
        words = f"{spoken_day(late.day)} has not come yet."
        raise Invalid(words, code="mdf.rate", fields={"day": words, "file": words})
    standing = _standing(work.session, vendor_id, quotes) if quotes else {}
    fresh = [
        {"id": new_id(), "vendor_id": vendor_id, "base": each.base, "quote": each.quote,
         "day": each.day, "rate": each.rate, "source": said, "made_by": work.principal.user_id,
         "made_at": work.now}
        for each in dict.fromkeys(quotes)
        if standing.get((each.base, each.quote, each.day)) != each.rate
    ]  # fmt: skip
    if fresh:
        work.session.execute(insert(ExchangeRate), fresh)
        words = f"{spoken_count(len(fresh), 'exchange rate')} of {said}"
        work.audit("stored", "exchange rates", vendor_id, vendor_id=vendor_id, words=words)
    return len(fresh)


def _standing(
    session: Session, vendor_id: UUID, quotes: Sequence[Quote]
) -> dict[tuple[str, str, date], Decimal]:
    days = [each.day for each in quotes]
    rows = session.scalars(
        select(ExchangeRate)
        .where(
            ExchangeRate.vendor_id == vendor_id,
            ExchangeRate.day.between(min(days), max(days)),
        )
        .order_by(ExchangeRate.id)
    )
    return {(row.base, row.quote, row.day): row.rate for row in rows}


def rate_on(session: Session, vendor_id: UUID, *, base: str, quote: str, day: date) -> Rate | None:
    """Return the rate that counts on a day for sums in `base`; None when there is none.

    A rate stored the other way round serves too: its reciprocal, to ten digits.
    """
    direct = and_(ExchangeRate.base == base, ExchangeRate.quote == quote)
    turned = and_(ExchangeRate.base == quote, ExchangeRate.quote == base)
    row = session.scalars(
        select(ExchangeRate)
        .where(
            ExchangeRate.vendor_id == vendor_id,
            or_(direct, turned),
            ExchangeRate.day.between(day - timedelta(days=HOLDS_DAYS), day),
        )
        .order_by(ExchangeRate.day.desc(), direct.desc(), ExchangeRate.id.desc())
        .limit(1)
    ).one_or_none()
    return as_rate(row, base) if row else None


def as_rate(row: ExchangeRate, base: str) -> Rate:
    """Return a stored rate in the direction of `base`."""
    if row.base == base:
        return Rate(row, row.base, row.quote, row.rate)
    factor = Context(prec=DIGITS).divide(Decimal(1), row.rate)
    return Rate(row, row.quote, row.base, factor)


def needed(session: Session, vendor_id: UUID, *, base: str, quote: str, day: date) -> Rate:
    """Return the rate that counts on a day; Invalid at `currency`, naming pair, day and remedy."""
    rate = rate_on(session, vendor_id, base=base, quote=quote, day=day)
    if rate is None:
        vendor = vendor_of(session, vendor_id).name
        words = (
            f"There is no rate from {base} to {quote} for {spoken_day(day)}. "
            f"Ask {vendor}’s finance to enter it under Finance, Rates, then add the invoice again."
        )
        raise Invalid(words, code="mdf.rate.missing", fields={"currency": words})
    return rate


def rates(
    session: Session, principal: Principal, *, pair: str = "", after: str | None = None
) -> Page[ExchangeRate]:
    """Return a page of the vendor's rates, newest day first; `pair` as «EUR-USD»."""
    rows = visible(select(ExchangeRate), principal, ExchangeRate)
    if pair:
        base, _, quote = pair.upper().partition("-")
        rows = rows.where(ExchangeRate.base == base, ExchangeRate.quote == quote)
    page = page_of(session, rows, [ExchangeRate.day, ExchangeRate.id], after=after)
    return Page([row[0] for row in page.rows], page.next)
