"""What a programme says, once read: every rule as a value; sums are in major units of its currency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from tcma.mdf.programme.conditions import Condition
from tcma.mdf.programme.days import WorkCalendar
from tcma.mdf.programme.terms import Span, Term
from tcma.mdf.reasons import Reason
from tcma.words import say

KINDS = {
    "discretionary": say("Money is given ahead, for plans the vendor likes."),
    "accrued": say("A part of what the partner bought builds up what it may spend."),
    "fixed": say("Each partner has the same sum."),
    "pooled": say("Many partners draw from one pot until it is empty."),
    "matched": say("The vendor adds as much as the partner spends itself."),
    "points": say("The fund is counted in points, paid out in money."),
}
ACCRUED, FIXED, POOLED = "accrued", "fixed", "pooled"
MATCHED, POINTS = "matched", "points"
POINT_DIGITS = 8
"""Digits after the point of what one point is worth."""
POINT_MOST = 1_000_000
PERIODS = ("request", "claim", "activity", "month", "quarter", "half-year", "year", "fund")
FORTNIGHT = Span(14, "day")
CUT, RETURN, REFUSE = "reduce", "return", "refuse"
AT_ONCE, WHEN_REPAID = "at once", "when repaid"


def worth_of_point(point: Decimal) -> bool:
    """Say whether one point may be worth that much of a currency's major unit."""
    exponent = point.as_tuple().exponent
    return point.is_finite() and 0 < point < POINT_MOST and -int(exponent) <= POINT_DIGITS


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The vendor's percentage of a cost; `least` and `most` when it is agreed plan by plan.

    `match` is vendor and partner of a matched fund, exact where the percentage is rounded.
    """

    percent: Decimal = Decimal(100)
    by_tier: Mapping[str, Decimal] = field(default_factory=dict)
    least: Decimal | None = None
    most: Decimal | None = None
    match: tuple[Decimal, Decimal] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """A limit: a sum, or a percentage of the partner's fund, per plan, activity or period."""

    name: str
    amount: Decimal | None
    percent: Decimal | None
    per: str
    activities: tuple[str, ...] = ()
    costs: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    larger_of_both: bool = False
    when: Condition | None = None
    then: str = CUT


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What must be shown; any of `alternatives` will do, one of `together_with` must lie beside."""

    name: str
    alternatives: tuple[str, ...] = ()
    together_with: tuple[str, ...] = ()
    when: Condition | None = None
    check: Condition | None = None
    count: int = 1
    for_each: str = ""
    formats: tuple[str, ...] = ()
    code: Reason = Reason.POP_MISSING
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One type of activity, with what differs for it."""

    name: str
    share: Share | None = None
    fixed: Decimal | None = None
    eligible: tuple[str, ...] = ()
    ineligible: tuple[str, ...] = ()
    deadline: tuple[Term, ...] = ()
    claim_deadline: tuple[Term, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    proofs: tuple[Proof, ...] = ()
    settled_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility:
    """Who may ask, and for what."""

    statuses: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    frozen_when_overdue: bool = False
    listed_only: bool = True
    when: Condition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """A later last day, when somebody who may says so."""

    most: Span | None = None
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRules:
    """What a plan is held to before money is set aside."""

    needed: bool = True
    deadline: tuple[Term, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    states: tuple[str, ...] = ()
    extension: Extension | None = None
    naming: str = ""
    when_too_much: str = CUT


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRules:
    """What a claim is held to."""

    deadline: tuple[Term, ...] = ()
    opens: tuple[Term, ...] = ()
    approved_before: tuple[Term, ...] = ()
    fix_within: Span = FORTNIGHT
    minimum: Decimal | None = None
    most_claims: int | None = None
    unchanged: tuple[str, ...] = ()
    results: tuple[Term, ...] = ()
    needs: tuple[str, ...] = ()
    extension: Extension | None = None
    paid_within: Span | None = None
    papers_kept: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceRules:
    """What an invoice must be and show."""

    needed: bool = True
    counts: str = "net"
    shows: tuple[str, ...] = ()
    order_number: bool = False
    equals: str = ""
    compares: str = "total"
    tolerance: Decimal = Decimal(0)
    unless: Condition | None = None
    not_before: tuple[Term, ...] = ()
    not_after: tuple[Term, ...] = ()
    untaxed_from_abroad: bool = False
    home: tuple[str, ...] = ()
    made_out_to: tuple[str, ...] = ()
    issued_by: tuple[str, ...] = ()
    once: bool = True
    arithmetic: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FundRules:
    """From when to when money may be spent, how claims are settled, and what becomes of the rest."""

    starts_on: date | None = None
    ends_on: date | None = None
    expires: tuple[Term, ...] = ()
    carry_over: Decimal | None = None
    carry_over_by: tuple[str, ...] = ()
    extension: Extension | None = None
    per_partner: Decimal | None = None
    per: str = "fund"
    when_empty: str = CUT
    asked_back: str = AT_ONCE
    settled_by: tuple[str, ...] = ("cash",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accrual:
    """How a co-op balance builds: a percentage of purchases or sales; `least`, `most` when agreed."""

    percent: Decimal | None = None
    by_tier: Mapping[str, Decimal] = field(default_factory=dict)
    least: Decimal | None = None
    most: Decimal | None = None
    of: str = "purchases"
    minimum: Decimal | None = None
    maximum: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRule:
    """A rule in the author's words: where `when` holds, `require` must hold."""

    name: str
    on: tuple[str, ...]
    require: Condition
    when: Condition | None = None
    each: str = ""
    code: Reason = Reason.PLAN_INCOMPLETE
    curable: bool = True
    words: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """Who says yes to plans of up to a sum; `by` are roles, `up_to` None is without limit."""

    by: tuple[str, ...] = ()
    up_to: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Who decides plans: one person a level, and up to which sum nobody has to.

    `sampled` is the percentage of those that a person looks at all the same.
    """

    levels: tuple[Level, ...] = (Level(),)
    automatic_up_to: Decimal | None = None
    sampled: Decimal = Decimal(10)

    def needed(self, amount: Decimal) -> tuple[Level, ...]:
        """Return the levels a plan over `amount` has to pass, in their order."""
        for number, level in enumerate(self.levels, 1):
            if level.up_to is None or amount <= level.up_to:
                return self.levels[:number]
        return self.levels


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """One version of a programme: in force from `since` on, None from ever."""

    name: str
    kind: str = "discretionary"
    since: date | None = None
    currency: str = ""
    about: str = ""
    calendar: WorkCalendar = field(default_factory=WorkCalendar)
    year_starts: int = 1
    point: Decimal = Decimal(1)
    eligibility: Eligibility = field(default_factory=Eligibility)
    share: Share = field(default_factory=Share)
    request: RequestRules = field(default_factory=RequestRules)
    approval: Approval = field(default_factory=Approval)
    claim_approval: Approval = field(default_factory=Approval)
    claim: ClaimRules = field(default_factory=ClaimRules)
    invoice: InvoiceRules = field(default_factory=InvoiceRules)
    fund: FundRules = field(default_factory=FundRules)
    accrual: Accrual | None = None
    eligible: tuple[str, ...] = ()
    ineligible: tuple[str, ...] = ()
    caps: tuple[Cap, ...] = ()
    proofs: tuple[Proof, ...] = ()
    proof_names_claim: bool = False
    proof_formats: tuple[str, ...] = ()
    activities: Mapping[str, Activity] = field(default_factory=dict)
    own: tuple[OwnRule, ...] = ()
    curable: Mapping[Reason, bool] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """How traces name this version."""
        return self.since.isoformat() if self.since else "first"

    def activity(self, kind: str) -> Activity | None:
        """Return what is said of a type of activity, None when it is not listed."""
        return self.activities.get(kind)
