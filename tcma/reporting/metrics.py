"""The formulas of every report: what is counted, what is divided by what, and how it is rounded."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from decimal import ROUND_HALF_UP, Decimal

from tcma.money import Money

WHOLE = 10_000

Sums = tuple[Money, ...]
"""Money of several funds: one sum per currency, in the order of their codes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What mail and pages brought. Opens and clicks are first ones by people, machines apart.

    `untold` mailings went to too few people to be in any of it (`delivery.small_cells`).
    """

    launches: int = 0
    sent: int = 0
    bounced: int = 0
    opened: int = 0
    clicked: int = 0
    machines: int = 0
    unsubscribed: int = 0
    leads: int = 0
    accepted: int = 0
    opportunities: int = 0
    won: int = 0
    untold: int = 0

    @property
    def is_few(self) -> bool:
        """Say whether all that was mailed went to too few people to be told of."""
        return bool(self.untold) and not self.sent

    @property
    def delivered(self) -> int:
        """Sent minus bounced: what no server gave back."""
        return self.sent - self.bounced

    def __add__(self, other: "Counts") -> "Counts":
        """Return the sum, figure by figure."""
        return Counts(
            **{
                each.name: getattr(self, each.name) + getattr(other, each.name)
                for each in fields(self)
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Purse:
    """Money of funds, per currency; each is part of the one before it.

    `reserved` is what was approved and not given back, `claimed` what claims were approved for,
    `paid` what the bank paid; `worth` are opportunities, `won` those that were won. `own` is what
    partners bore of the invoices of those claims.
    """

    reserved: Sums = ()
    claimed: Sums = ()
    paid: Sums = ()
    worth: Sums = ()
    won: Sums = ()
    own: Sums = ()

    def __add__(self, other: "Purse") -> "Purse":
        """Return the sum, currency by currency."""
        return Purse(
            **{
                each.name: summed((*getattr(self, each.name), *getattr(other, each.name)))
                for each in fields(self)
            }
        )


def summed(money: Iterable[Money]) -> Sums:
    """Return one sum per currency; nothing of a currency is left out of the answer."""
    totals: dict[str, int] = {}
    for each in money:
        totals[each.currency] = totals.get(each.currency, 0) + each.minor
    return tuple(
        Money(totals[currency], currency) for currency in sorted(totals) if totals[currency]
    )


def share(part: int, whole: int) -> int | None:
    """Return basis points of `part` in `whole`, half up; None when there is no whole."""
    if whole <= 0:
        return None
    exact = Decimal(part) * WHOLE / whole
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def cost_per(cost: Sums, count: int) -> Money | None:
    """Return cost divided by a count, half up on the minor unit.

    None without a count, without cost, or when the cost is in several currencies.
    """
    if count <= 0 or len(cost) != 1:
        return None
    exact = Decimal(cost[0].minor) / count
    return Money(int(exact.quantize(Decimal(1), ROUND_HALF_UP)), cost[0].currency)


def cost_per_lead(purse: Purse, counts: Counts) -> Money | None:
    """Return what a lead cost the fund: approved claims, before them the reserve, by leads."""
    return cost_per(purse.claimed or purse.reserved, counts.leads)


def returned(purse: Purse) -> Decimal | None:
    """Return what was won for each unit that was claimed, to a tenth; None across currencies."""
    return per_unit(purse.won, purse.claimed)


def partners_return(purse: Purse) -> Decimal | None:
    """Return what was won for each unit that partners bore themselves, to a tenth; else None."""
    return per_unit(purse.won, purse.own)


def less(whole: Sums, part: Sums) -> Sums:
    """Return what is left of each currency of a whole; never below zero, and zeros are left out."""
    taken = {each.currency: each.minor for each in part}
    left = (Money(each.minor - taken.get(each.currency, 0), each.currency) for each in whole)
    return tuple(each for each in left if each.minor > 0)


def per_unit(brought: Sums, cost: Sums) -> Decimal | None:
    """Return what came of each unit of a cost, to a tenth; None without one, or across currencies."""
    if len(cost) != 1 or any(each.currency != cost[0].currency for each in brought):
        return None
    exact = Decimal(sum(each.minor for each in brought)) / cost[0].minor
    return exact.quantize(Decimal("0.1"), ROUND_HALF_UP)


def used(purse: Purse, granted: Sums) -> int | None:
    """Return basis points of granted money that was paid; None across currencies."""
    if len(granted) != 1:
        return None
    paid = sum(each.minor for each in purse.paid if each.currency == granted[0].currency)
    return share(paid, granted[0].minor)
