"""What a vendor owes to partners: approved claims by age, filed ones, and what is promised until when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tcma.db.scope import visible
from tcma.mdf.deadlines import local_day
from tcma.mdf.judging.claims import GIVEN_NUMBER
from tcma.mdf.models.funding import Claim, FundActivity, FundRequest
from tcma.mdf.models.ledger import LedgerAccount
from tcma.mdf.queries import vendor_of
from tcma.mdf.rules import (
    FILED_CLAIM,
    AccountKind,
    ActivityState,
    ClaimState,
    RequestState,
)
from tcma.money import Money
from tcma.partners.models import Partner
from tcma.permissions import Principal

AGES = ((0, 7), (8, 14), (15, 30), (31, 60), (61, None))
"""Days since a claim was approved: from, to."""
MOST = 1000


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
    """Approved claims that have waited from `since` to `to` days, `to` None without an end."""

    since: int
    to: int | None
    claims: tuple[OwedClaim, ...]

    @property
    def words(self) -> str:
        """How long, in words."""
        if self.to is None:
            return f"over {self.since - 1} days"
        return f"{self.since} to {self.to} days"

    @property
    def sums(self) -> tuple[Money, ...]:
        """What they are worth, by currency."""
        return _summed(claim.amount for claim in self.claims)


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
    claims = owed_claims(session, principal, now=now)
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
        approved=_summed(claim.amount for claim in claims),
        filed=tuple(Money(int(minor), currency) for currency, minor in filed),
        promised=_summed(plan.amount for plan in plans),
        ages=tuple(
            Age(
                since,
                to,
                tuple(c for c in claims if since <= c.days and (to is None or c.days <= to)),
            )
            for since, to in AGES
        ),
        periods=tuple(
            Period(quarter, tuple(plan for plan in plans if plan.quarter == quarter))
            for quarter in sorted({plan.quarter for plan in plans})
        ),
    )


def owed_claims(session: Session, principal: Principal, *, now: datetime) -> list[OwedClaim]:
    """Return the approved claims that are not paid, oldest first."""
    rows = session.execute(
        visible(
            select(
                Claim,
                FundRequest.title,
                Partner.name,
                LedgerAccount.balance,
                GIVEN_NUMBER,
            )
            .join(FundRequest, FundRequest.id == Claim.request_id)
            .join(Partner, Partner.id == Claim.partner_id)
            .join(LedgerAccount, LedgerAccount.claim_id == Claim.id)
            .where(
                LedgerAccount.kind == AccountKind.ACCRUED,
                LedgerAccount.balance > 0,
            )
            .order_by(Claim.decided_at, Claim.ref)
            .limit(MOST),
            principal,
            Claim,
        )
    ).all()
    found = []
    for claim, title, partner, balance, ordered in rows:
        assert claim.decided_at is not None
        zone = vendor_of(session, claim.vendor_id).zone
        days = (local_day(now, zone) - local_day(claim.decided_at, zone)).days
        amount = Money(balance, claim.currency)
        in_payment = claim.state == ClaimState.PAYMENT_PENDING
        found.append(OwedClaim(claim.ref, title, partner, amount, days, in_payment, ordered or ""))
    return found


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
