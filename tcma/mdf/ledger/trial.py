"""Trial balance and journal of a vendor's funds in its own accounts, per currency; both sum to zero."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, String, case, func, literal, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from tcma.db.pages import Page, page_of
from tcma.db.scope import found
from tcma.mdf.deadlines import end_of_day
from tcma.mdf.ledger import causes
from tcma.mdf.ledger.chart import OWED_BACK, PLACE_OF_WAY, Account, chart_of
from tcma.mdf.models.funding import Claim, FundBudget, FundRequest
from tcma.mdf.models.ledger import LedgerAccount, LedgerTransfer
from tcma.mdf.models.payments import Payment, PaymentBatch
from tcma.mdf.models.repayments import Repayment
from tcma.mdf.queries import vendor_of
from tcma.mdf.rules import AccountKind, TransferKind
from tcma.money import Money
from tcma.partners.models import Partner
from tcma.permissions import Principal

EXPORT_PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The days that are looked at, both included, in the vendor's zone; `code` is one account."""

    since: date
    until: date
    currency: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Balance:
    """One account over a span: debits count up, credits down. closing = opening + debit - credit."""

    account: Account
    opening: Money
    debit: Money
    credit: Money
    closing: Money


@dataclass(frozen=True, slots=True)
class Trial:
    """All accounts of one currency; `whole` when debits equal credits and balances sum to zero."""

    currency: str
    lines: tuple[Balance, ...]
    total: Balance

    @property
    def whole(self) -> bool:
        """Whether it proves."""
        total = self.total
        return total.debit == total.credit and not total.opening and not total.closing


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One transfer as a line of the journal."""

    at: datetime
    document: str
    kind: TransferKind
    debit: Account
    credit: Account
    amount: Money
    fund_ref: str
    partner: str
    ref: str
    reason: str
    actor: str
    activity: str
    rules: str


_DEBIT, _CREDIT = aliased(LedgerAccount), aliased(LedgerAccount)
_CHANGED = LedgerTransfer.kind == TransferKind.EXCHANGE
_MORE = _CHANGED & (_DEBIT.kind == AccountKind.SOURCE)
"""The bank took more than was ordered: an expense against the bank; less is the other way."""
_REPAID = LedgerTransfer.kind == TransferKind.REPAY
_THROUGH = LedgerTransfer.kind == TransferKind.ADVANCE
_OF_BATCH = (
    select(PaymentBatch.way)
    .join(Payment, Payment.batch_id == PaymentBatch.id)
    .where(
        or_(
            (LedgerTransfer.subject == "payment") & (Payment.id == LedgerTransfer.subject_id),
            (LedgerTransfer.subject == "repayment")
            & (
                Payment.id
                == select(Repayment.payment_id)
                .where(Repayment.id == LedgerTransfer.subject_id)
                .correlate(LedgerTransfer)
                .scalar_subquery()
            ),
        )
    )
    .correlate(LedgerTransfer)
    .scalar_subquery()
)
_OUT: Any = case(
    {way: literal(place, String()) for way, place in PLACE_OF_WAY.items()},
    value=_OF_BATCH,
    else_=literal(AccountKind.PAID, String()),
)
"""Where a payment went, and what is kept of one comes from: the bank, or what was given instead."""
_LEFT = case(
    (LedgerTransfer.kind == TransferKind.CLAW_BACK, literal(OWED_BACK, String())),
    (_REPAID & (_DEBIT.kind == AccountKind.OWED), _OUT),
    (_REPAID, literal(OWED_BACK, String())),
    (_THROUGH, literal(AccountKind.SOURCE, String())),
    (_MORE, literal(AccountKind.EXCHANGE, String())),
    (_CHANGED, literal(AccountKind.PAID, String())),
    (_DEBIT.kind == AccountKind.PAID, _OUT),
    else_=_DEBIT.kind,
)
"""The place a transfer leaves; money that was asked back has left the bank, until it is repaid."""
_REACHED = case(
    (_REPAID & (_DEBIT.kind == AccountKind.OWED), literal(OWED_BACK, String())),
    (_REPAID, _OUT),
    (_THROUGH, literal(AccountKind.SOURCE, String())),
    (_CREDIT.kind == AccountKind.OWED, literal(AccountKind.UNALLOCATED, String())),
    (_MORE, literal(AccountKind.PAID, String())),
    (_CHANGED, literal(AccountKind.EXCHANGE, String())),
    (_CREDIT.kind == AccountKind.PAID, _OUT),
    else_=_CREDIT.kind,
)


def trial_balance(session: Session, principal: Principal, span: Span) -> list[Trial]:
    """Return one trial balance per currency of the vendor's funds."""
    vendor_id = found(principal.vendor_id)
    chart, (begins, ends) = chart_of(session, vendor_id), _instants(session, vendor_id, span)
    sides = union_all(
        _sides(vendor_id, ends).add_columns(
            _LEFT.label("place"), LedgerTransfer.amount.label("debit"), literal(0).label("credit")
        ),
        _sides(vendor_id, ends).add_columns(
            _REACHED.label("place"), literal(0).label("debit"),
            LedgerTransfer.amount.label("credit"),
        ),
    ).subquery()  # fmt: skip
    before = sides.c.at < begins
    rows = session.execute(
        select(
            sides.c.currency,
            sides.c.place,
            func.coalesce(func.sum(sides.c.debit - sides.c.credit).filter(before), 0),
            func.coalesce(func.sum(sides.c.debit).filter(~before), 0),
            func.coalesce(func.sum(sides.c.credit).filter(~before), 0),
        ).group_by(sides.c.currency, sides.c.place)
    ).all()
    return [
        _trial(currency, [row[1:] for row in rows if row[0] == currency], chart)
        for currency in sorted({row[0] for row in rows})
    ]


def _sides(vendor_id: UUID, ends: datetime) -> Select[*tuple[Any, ...]]:
    return (
        select(LedgerTransfer.currency, LedgerTransfer.at)
        .join(_DEBIT, _DEBIT.id == LedgerTransfer.debit_id)
        .join(_CREDIT, _CREDIT.id == LedgerTransfer.credit_id)
        .where(_DEBIT.vendor_id == vendor_id, LedgerTransfer.at < ends)
    )


def _trial(currency: str, rows: list[Any], chart: dict[str, Account]) -> Trial:
    by_account: dict[str, list[int]] = {}
    accounts: dict[str, Account] = {}
    for place, opening, debit, credit in rows:
        account = chart[place]
        accounts[account.code] = account
        sums = by_account.setdefault(account.code, [0, 0, 0])
        for at, minor in enumerate((opening, debit, credit)):
            sums[at] += int(minor)
    lines = tuple(_balance(accounts[c], by_account[c], currency) for c in sorted(accounts))
    columns = zip(*by_account.values(), strict=True)
    total = _balance(Account("", "Sum"), [sum(column) for column in columns], currency)
    return Trial(currency, lines, total)


def _balance(account: Account, sums: list[int], currency: str) -> Balance:
    opening, debit, credit = (Money(minor, currency) for minor in sums)
    return Balance(account, opening, debit, credit, opening + debit - credit)


def _instants(session: Session, vendor_id: UUID, span: Span) -> tuple[datetime, datetime]:
    zone = vendor_of(session, vendor_id).zone
    day_before = date.fromordinal(span.since.toordinal() - 1)
    return end_of_day(day_before, zone), end_of_day(span.until, zone)


def journal(
    session: Session,
    principal: Principal,
    span: Span,
    *,
    after: str | None = None,
    size: int = 50,
) -> Page[Posting]:
    """Return the postings of a span, newest first."""
    vendor_id = found(principal.vendor_id)
    chart, (begins, ends) = chart_of(session, vendor_id), _instants(session, vendor_id, span)
    ref = case(
        (LedgerTransfer.subject == "request", FundRequest.ref),
        (LedgerTransfer.subject.in_(("claim", "payment", "repayment")), Claim.ref),
        else_="",
    )
    rows = causes.joined(
        select(
            LedgerTransfer.at,
            LedgerTransfer.seq,
            LedgerTransfer.kind,
            LedgerTransfer.amount,
            LedgerTransfer.currency,
            LedgerTransfer.reason,
            FundBudget.ref.label("fund_ref"),
            func.coalesce(Partner.name, "").label("partner"),
            func.coalesce(ref, "").label("ref"),
            causes.WHO,
            causes.WHAT,
            causes.BY_RULES,
            _LEFT.label("debit"),
            _REACHED.label("credit"),
        )
        .join(_DEBIT, _DEBIT.id == LedgerTransfer.debit_id)
        .join(_CREDIT, _CREDIT.id == LedgerTransfer.credit_id)
        .join(FundBudget, FundBudget.id == LedgerTransfer.chain_id)
        .outerjoin(Partner, Partner.id == func.coalesce(_CREDIT.partner_id, _DEBIT.partner_id))
        .outerjoin(FundRequest, FundRequest.id == LedgerTransfer.subject_id)
        .outerjoin(Payment, Payment.id == LedgerTransfer.subject_id)
        .outerjoin(Repayment, Repayment.id == LedgerTransfer.subject_id)
        .outerjoin(
            Claim,
            Claim.id
            == func.coalesce(Payment.claim_id, Repayment.claim_id, LedgerTransfer.subject_id),
        )
        .where(
            FundBudget.vendor_id == vendor_id,
            LedgerTransfer.at >= begins,
            LedgerTransfer.at < ends,
        )
    )
    if span.currency:
        rows = rows.where(LedgerTransfer.currency == span.currency)
    if span.code:
        places = [place for place, account in chart.items() if account.code == span.code]
        rows = rows.where(or_(_LEFT.in_(places), _REACHED.in_(places)))
    key = [LedgerTransfer.at, LedgerTransfer.id]
    page = page_of(session, rows, key, after=after, size=size)
    return Page([_posting(row, chart) for row in page.rows], page.next)


def _posting(row: Any, chart: dict[str, Account]) -> Posting:
    return Posting(
        at=row.at,
        document=f"{row.fund_ref}/{row.seq}",
        kind=TransferKind(row.kind),
        debit=chart[row.debit],
        credit=chart[row.credit],
        amount=Money(row.amount, row.currency),
        fund_ref=row.fund_ref,
        partner=row.partner,
        ref=row.ref,
        reason=row.reason,
        actor=row.actor,
        activity=row.activity,
        rules=row.rules,
    )


def all_postings(session: Session, principal: Principal, span: Span) -> Iterator[Posting]:
    """Yield every posting of a span, newest first, a page at a time."""
    after: str | None = ""
    while after is not None:
        page = journal(session, principal, span, after=after or None, size=EXPORT_PAGE)
        yield from page.rows
        after = page.next
