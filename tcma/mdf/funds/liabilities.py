"""What a vendor owes to partners: approved claims by age, filed ones, and what is promised until when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Row,
    Select,
    case,
    cast,
    func,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session

from tcma.db.pages import Page, page_of
from tcma.db.scope import visible
from tcma.mdf.judging.claims import GIVEN_NUMBER
from tcma.mdf.models.funding import Claim, FundActivity, FundRequest
from tcma.mdf.models.ledger import LedgerAccount
from tcma.mdf.rules import (
    FILED_CLAIM,
    AccountKind,
    ActivityState,
    ClaimState,
    RequestState,
)
from tcma.money import Money
from tcma.partners.models import Partner, Vendor
from tcma.permissions import Principal

AGES = ((0, 7), (8, 14), (15, 30), (31, 60), (61, None))
"""Days since a claim was approved: from, to."""


@dataclass(frozen=True, slots=True)
class OwedClaim:
    """One approved claim that is not paid, oldest first."""

    ref: str
    title: str
    partner: str
    amount: Money
    days: int
    in_payment: bool
    order_number: str


@dataclass(frozen=True, slots=True)
class Promised:
    """One approved plan with money that is still reserved, and by when it must be claimed."""

    ref: str
    title: str
    partner: str
    amount: Money
    claim_by: date

    @property
    def quarter(self) -> date:
        """The first day of the quarter in which it must be claimed."""
        return date(self.claim_by.year, 3 * ((self.claim_by.month - 1) // 3) + 1, 1)


@dataclass(frozen=True, slots=True)
class Age:
    """How many approved claims waited from `since` to `to` days, and their worth by currency.

    `to` is None without an end.
    """

    since: int
    to: int | None
    claims: int
    sums: tuple[Money, ...]

    @property
    def words(self) -> str:
        """How long, in words."""
        if self.to is None:
            return f"over {self.since - 1} days"
        return f"{self.since} to {self.to} days"


@dataclass(frozen=True, slots=True)
class Period:
    """A quarter in which promised money must be claimed; `since` is its first day."""

    since: date
    plans: tuple[Promised, ...]

    @property
    def words(self) -> str:
        """Which quarter, in words."""
        return f"{self.since.year}, quarter {(self.since.month + 2) // 3}"

    @property
    def sums(self) -> tuple[Money, ...]:
        """What stands reserved, by currency."""
        return _summed(plan.amount for plan in self.plans)


@dataclass(frozen=True, slots=True)
class Owed:
    """Liabilities of now: `approved` is to pay, `filed` may become so, `promised` is reserved."""

    approved: tuple[Money, ...]
    filed: tuple[Money, ...]
    promised: tuple[Money, ...]
    ages: tuple[Age, ...]
    periods: tuple[Period, ...]


def owed(session: Session, principal: Principal, *, now: datetime) -> Owed:
    """Return what is owed, from the ledger and the claims behind it."""
    ages = _ages(session, principal, now)
    plans = promised_plans(session, principal)
    filed = session.execute(
        visible(
            select(Claim.currency, func.sum(Claim.amount_minor))
            .where(Claim.state.in_(FILED_CLAIM))
            .group_by(Claim.currency),
            principal,
            Claim,
        )
    )
    return Owed(
        approved=_summed(each for age in ages for each in age.sums),
        filed=tuple(Money(int(minor), currency) for currency, minor in filed),
        promised=_summed(plan.amount for plan in plans),
        ages=ages,
        periods=tuple(
            Period(quarter, tuple(plan for plan in plans if plan.quarter == quarter))
            for quarter in sorted({plan.quarter for plan in plans})
        ),
    )


def age_of(days: int) -> Age:
    """Return the age that a claim of so many days has, without its sums."""
    since, to = next(each for each in AGES if each[1] is None or days <= each[1])
    return Age(since, to, 0, ())


def _ages(session: Session, principal: Principal, now: datetime) -> tuple[Age, ...]:
    days = _days(now)
    upper = case(*((days <= to, since) for since, to in AGES if to is not None), else_=AGES[-1][0])
    since = upper.label("since")
    counted = select(since, Claim.currency, func.count(), func.sum(LedgerAccount.balance))
    rows = session.execute(
        visible(_to_pay(counted), principal, Claim)
        .group_by(since, Claim.currency)
        .order_by(Claim.currency)
    ).all()
    found = []
    for first, to in AGES:
        mine = [row for row in rows if row[0] == first]
        sums = tuple(Money(int(minor), currency) for _, currency, _, minor in mine)
        found.append(Age(first, to, sum(row[2] for row in mine), sums))
    return tuple(found)


def _days(now: datetime) -> ColumnElement[int]:
    """Days since a claim was approved, in its vendor's zone."""
    today, approved = (cast(func.timezone(Vendor.zone, at), Date) for at in (now, Claim.decided_at))
    return type_coerce(today - approved, Integer)


def _to_pay(some: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        some.join(Vendor, Vendor.id == Claim.vendor_id)
        .join(LedgerAccount, LedgerAccount.claim_id == Claim.id)
        .where(LedgerAccount.kind == AccountKind.ACCRUED, LedgerAccount.balance > 0)
    )


def _claims(principal: Principal, now: datetime) -> Select[*tuple[Any, ...]]:
    days = _days(now).label("days")
    columns = (Claim, FundRequest.title, Partner.name, LedgerAccount.balance, GIVEN_NUMBER, days)
    of_all = (
        _to_pay(select(*columns))
        .join(FundRequest, FundRequest.id == Claim.request_id)
        .join(Partner, Partner.id == Claim.partner_id)
    )
    return visible(of_all, principal, Claim)


def owed_claims(session: Session, principal: Principal, *, now: datetime) -> list[OwedClaim]:
    """Return every approved claim that is not paid, oldest first."""
    rows = session.execute(_claims(principal, now).order_by(Claim.decided_at, Claim.id))
    return [_owed(row) for row in rows]


def owed_page(  # noqa: PLR0913 - how a list is cut
    session: Session,
    principal: Principal,
    *,
    now: datetime,
    since: int | None = None,
    currency: str = "",
    after: str | None = None,
) -> Page[OwedClaim]:
    """Return the next of them; those of the age that begins at `since` days, of one currency."""
    some = _claims(principal, now)
    if since is not None:
        age = age_of(since)
        some = some.where(_days(now) >= age.since)
        some = some.where(_days(now) <= age.to) if age.to is not None else some
    if currency:
        some = some.where(Claim.currency == currency)
    page = page_of(session, some, [Claim.decided_at, Claim.id], after=after, rising=True)
    return Page([_owed(row) for row in page.rows], page.next)


def _owed(row: Row[*tuple[Any, ...]]) -> OwedClaim:
    claim: Claim = row[0]
    amount = Money(row.balance, claim.currency)
    in_payment = claim.state == ClaimState.PAYMENT_PENDING
    ordered = row[4] or ""
    return OwedClaim(claim.ref, row.title, row.name, amount, row.days, in_payment, ordered)


def promised_plans(session: Session, principal: Principal) -> list[Promised]:
    """Return the approved plans with reserved money, the one that must be claimed first on top."""
    last = func.max(FundActivity.claim_by)
    rows = session.execute(
        visible(
            select(FundRequest.ref, FundRequest.title, FundRequest.currency, Partner.name,
                   LedgerAccount.balance, last)
            .join(LedgerAccount, LedgerAccount.request_id == FundRequest.id)
            .join(Partner, Partner.id == FundRequest.partner_id)
            .join(FundActivity, FundActivity.request_id == FundRequest.id)
            .where(
                LedgerAccount.kind == AccountKind.RESERVED,
                LedgerAccount.balance > 0,
                FundRequest.state == RequestState.APPROVED,
                FundActivity.state == ActivityState.APPROVED,
            )
            .group_by(FundRequest.id, Partner.name, LedgerAccount.balance)
            .order_by(last, FundRequest.ref),
            principal,
            FundRequest,
        )
    )  # fmt: skip
    return [
        Promised(ref, title, partner, Money(balance, currency), claim_by)
        for ref, title, currency, partner, balance, claim_by in rows
        if claim_by
    ]


def _summed(money: Iterable[Money]) -> tuple[Money, ...]:
    totals: dict[str, Money] = {}
    for each in money:
        totals[each.currency] = totals.get(each.currency, Money.zero(each.currency)) + each
    return tuple(totals[currency] for currency in sorted(totals))
