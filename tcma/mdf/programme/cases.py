"""A case as the engine sees it: who, what, when, how much, what is shown; plain records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tcma.money import Money
from tcma.words import opening, say


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """One cost: its kind decides whether it is paid for. `activity` is its line of the plan.

    `twin` says where the same invoice stands already.
    """

    kind: str
    amount: Money
    activity: int = 0
    label: str = ""
    twin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """What is done; everything an author may ask about it is in `facts`."""

    kind: str
    starts_on: date
    ends_on: date
    starts_at: datetime | None
    costs: tuple[Cost, ...]
    asked: Money | None
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """An invoice as it was read."""

    number: str
    issuer: str
    issued_on: date | None
    made_out_to: str
    country: str
    currency: str
    net: Money | None
    tax: Money | None
    total: Money | None
    order_number: str
    twin: str
    rate: Decimal | None
    costs: tuple[Cost, ...]
    activity: int
    facts: Mapping[str, Any]

    @property
    def named(self) -> str:
        """How sentences name it."""
        return say("invoice {number}", number=self.number) if self.number else say("the invoice")

    @property
    def titled(self) -> str:
        """The same at the beginning of a sentence."""
        return opening(self.named)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One proof that was handed in; `activity` None belongs to all."""

    name: str
    files: int
    format: str
    names: str
    activity: int | None
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Something approved before, for limits per period.

    Limits on kinds of costs count what it cost, `before_share`.
    """

    kind: str
    cost: str
    on: date
    amount: Money
    before_share: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A later last day, or money carried over, with who allowed it."""

    until: date | None
    role: str
    by: str
    amount: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """The plan a claim belongs to, as it was approved."""

    submitted_at: datetime | None
    approved_at: datetime | None
    approved: Money | None
    remaining: Money | None
    share: Decimal | None
    activities: tuple[Mapping[str, Any], ...]
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is judged, at `at`; `facts` is the whole case as it came."""

    kind: str
    ref: str
    title: str
    currency: str
    at: datetime
    judged_at: datetime
    partner: Mapping[str, Any]
    activities: tuple[Activity, ...]
    costs: tuple[Cost, ...]
    asked: Money | None
    share: Decimal | None
    plan: Approved | None
    invoices: tuple[Invoice, ...]
    proofs: tuple[Shown, ...]
    available: Money | None
    fund_total: Money | None
    fund_used: Money | None
    fund_starts_on: date | None
    fund_ends_on: date | None
    fix_by: date | None
    history: tuple[Spent, ...]
    claims_before: int
    extension: Grant | None
    carry_over: Grant | None
    partner_pays: Money | None
    base: Money | None
    rate: Decimal | None
    earned_on: date | None
    unspent: Money | None
    results_at: datetime | None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def last_day(self) -> date | None:
        """The last day of everything that is done."""
        return max((each.ends_on for each in self.activities), default=None)

    @property
    def first_day(self) -> date | None:
        """The first day of everything that is done."""
        return min((each.starts_on for each in self.activities), default=None)
