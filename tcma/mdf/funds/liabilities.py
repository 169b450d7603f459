"""What a vendor owes to partners: approved claims by age, filed ones, and what is promised until when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tcma.db.scope import visible
from tcma.mdf.deadlines import local_day
from tcma.mdf.models.funding import Claim, FundRequest
from tcma.mdf.models.ledger import LedgerAccount
from tcma.mdf.queries import vendor_of
from tcma.mdf.rules import FILED_CLAIM, AccountKind, ClaimState, RequestState
from tcma.money import Money
from tcma.partners.models import Partner
from tcma.permissions import Principal

AGES = ((0, 7), (8, 14), (15, 30), (31, 60), (61, None))
"""Days since a claim was approved: from, to."""
MOST = 1000


@dataclass(frozen=True, slots=True)
class Age:
    """Approved claims that have waited this many days."""

    words: str
    sums: tuple[Money, ...]
    claims: tuple["OwedClaim", ...]


@dataclass(frozen=True, slots=True)
class OwedClaim:
    """One approved claim that is not paid, oldest first."""

    ref: str
    title: str
    partner: str
    amount: Money
    days: int
    in_payment: bool


@dataclass(frozen=True, slots=True)
class Period:
    """A quarter in which promised money must be claimed, and how much of it stands reserved."""

    words: str
    since: str
    sums: tuple[Money, ...]
    plans: int


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
    claims = _claims(session, principal, now)
    periods = _periods(session, principal)
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
        promised=_summed(each for period in periods for each in period.sums),
        ages=tuple(_age(since, to, claims) for since, to in AGES),
        periods=tuple(periods),
    )


def _claims(session: Session, principal: Principal, now: datetime) -> list[OwedClaim]:
    rows = session.execute(
        visible(
            select(Claim, FundRequest.title, Partner.name, LedgerAccount.balance)
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
    for claim, title, partner, balance in rows:
        assert claim.decided_at is not None
        zone = vendor_of(session, claim.vendor_id).zone
        days = (local_day(now, zone) - local_day(claim.decided_at, zone)).days
        amount = Money(balance, claim.currency)
        in_payment = claim.state == ClaimState.PAYMENT_PENDING
        found.append(OwedClaim(claim.ref, title, partner, amount, days, in_payment))
    return found


def _age(since: int, to: int | None, claims: list[OwedClaim]) -> Age:
    here = tuple(c for c in claims if c.days >= since and (to is None or c.days <= to))
    words = f"{since} to {to} days" if to is not None else f"over {since - 1} days"
    return Age(words, _summed(claim.amount for claim in here), here)


def _periods(session: Session, principal: Principal) -> list[Period]:
    quarter = func.date_trunc("quarter", FundRequest.claim_by)
    rows = session.execute(
        visible(
            select(
                quarter.label("quarter"),
                FundRequest.currency,
                func.sum(LedgerAccount.balance),
                func.count(),
            )
            .join(LedgerAccount, LedgerAccount.request_id == FundRequest.id)
            .where(
                LedgerAccount.kind == AccountKind.RESERVED,
                LedgerAccount.balance > 0,
                FundRequest.state == RequestState.APPROVED,
            )
            .group_by(quarter, FundRequest.currency)
            .order_by(quarter, FundRequest.currency),
            principal,
            FundRequest,
        )
    ).all()
    periods: dict[str, Period] = {}
    for start, currency, minor, plans in rows:
        words = f"{start.year}, quarter {(start.month + 2) // 3}"
        known = periods.get(words, Period(words, f"{start:%Y-%m-%d}", (), 0))
        sums = (*known.sums, Money(int(minor), currency))
        periods[words] = Period(words, known.since, sums, known.plans + plans)
    return list(periods.values())


def _summed(money: Iterable[Money]) -> tuple[Money, ...]:
    totals: dict[str, Money] = {}
    for each in money:
        totals[each.currency] = totals.get(each.currency, Money.zero(each.currency)) + each
    return tuple(totals[currency] for currency in sorted(totals))
