"""Reads funds: a partner's wallet, and the desk's funds with their parts."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Row, Select, bindparam, func, literal_column, select, true
from sqlalchemy.orm import Session, aliased

from tcma.db.scope import Asker, asker_of, found, visible
from tcma.mdf.deadlines import local_day
from tcma.mdf.judging.headlines import (
    Period,
    cap_of,
    first_start,
    last_day,
    notice_words,
    share_bps,
    window_words,
)
from tcma.mdf.judging.versions import rules_by_programme
from tcma.mdf.models.funding import (
    Claim,
    FundAllocation,
    FundBudget,
    FundExtension,
    FundRequest,
)
from tcma.mdf.models.ledger import LedgerAccount
from tcma.mdf.models.programmes import FundProgramme
from tcma.mdf.programme.document import Programme
from tcma.mdf.records import FundSummary, WalletFund
from tcma.mdf.rules import FILED_CLAIM, AccountKind
from tcma.mdf.ways import offered_by
from tcma.money import Money
from tcma.partners.models import Enrolment, Partner, Vendor
from tcma.permissions import Principal

NONE, ONE = literal_column("0", Integer), literal_column("1", Integer)
"""Written out, as are kinds and states: with values beside it PostgreSQL plans such a question each time."""


def _is(column: Any, *words: str) -> Any:
    return column.in_([literal_column(f"'{word}'") for word in words])


def _sum(of: Any) -> Any:
    return func.coalesce(of, NONE)


def _held(where: Any, names: Mapping[str, AccountKind]) -> Any:
    """Return what accounts hold by kind, added up beside each row: grouped with all its columns
    they took twice as long where a part has hundreds of requests.
    """
    sums = [
        _sum(func.sum(LedgerAccount.balance).filter(_is(LedgerAccount.kind, kind))).label(name)
        for name, kind in names.items()
    ]
    return select(*sums).where(where).lateral("held")


OF_PART = {
    "available": AccountKind.FUND,
    "reserved": AccountKind.RESERVED,
    "accrued": AccountKind.ACCRUED,
    "paid": AccountKind.PAID,
    "expired": AccountKind.FORFEITED,
}
OF_FUND = OF_PART | {
    "source": AccountKind.SOURCE,
    "unallocated": AccountKind.UNALLOCATED,
    "exchange": AccountKind.EXCHANGE,
    "owed": AccountKind.OWED,
}


def _filed() -> Any:
    """What a part's filed claims ask."""
    return (
        select(_sum(func.sum(Claim.amount_minor)))
        .join(FundRequest, FundRequest.id == Claim.request_id)
        .where(
            Claim.partner_id == FundAllocation.partner_id,
            Claim.vendor_id == FundAllocation.vendor_id,
            _is(Claim.state, *FILED_CLAIM),
            FundRequest.allocation_id == FundAllocation.id,
        )
        .scalar_subquery()
    )


def _until() -> Any:
    """The last day somebody gave a part."""
    return (
        select(FundExtension.until)
        .where(FundExtension.allocation_id == FundAllocation.id)
        .order_by(FundExtension.id.desc())
        .limit(ONE)
        .scalar_subquery()
    )


@cache
def _wallet_rows(asker: Asker, *, one: bool) -> Select[*tuple[Any, ...]]:
    """The question, put together once: that took longer than its answer."""
    held = _held(LedgerAccount.allocation_id == FundAllocation.id, OF_PART)
    whole = aliased(LedgerAccount)
    pot = (
        select(_sum(func.sum(whole.balance)))
        .where(whole.chain_id == FundBudget.id, _is(whole.kind, AccountKind.UNALLOCATED))
        .where(FundBudget.pooled)
        .scalar_subquery()
    )
    rows = (
        select(
            FundAllocation.id,
            FundBudget.ref,
            FundBudget.name,
            FundBudget.currency,
            FundBudget.starts_on,
            FundBudget.ends_on,
            FundBudget.programme_id,
            FundBudget.pooled,
            FundBudget.pot_shown,
            FundBudget.point,
            FundBudget.closed_at,
            pot.label("pot"),
            Vendor.name.label("vendor_name"),
            Vendor.zone,
            Enrolment.tier,
            Partner.name.label("partner_name"),
            Partner.slug.label("partner_slug"),
            _filed().label("filed"),
            *held.c,
            _until().label("until"),
        )
        .join(FundBudget, FundBudget.id == FundAllocation.budget_id)
        .join(Vendor, Vendor.id == FundAllocation.vendor_id)
        .join(Partner, Partner.id == FundAllocation.partner_id)
        .join(
            Enrolment,
            (Enrolment.vendor_id == FundAllocation.vendor_id)
            & (Enrolment.partner_id == FundAllocation.partner_id),
        )
        .join(held, true())
        .order_by(FundBudget.ends_on, FundBudget.ref, Partner.name)
    )
    return _one(visible(rows, asker, FundAllocation), one=one)


def _one(rows: Select[*tuple[Any, ...]], *, one: bool) -> Select[*tuple[Any, ...]]:
    return rows.where(FundBudget.ref == bindparam("ref")) if one else rows


def wallet(
    session: Session, principal: Principal, *, now: datetime, fund_ref: str | None = None
) -> list[WalletFund]:
    """Return the parts of funds this principal sees: its own, or a vendor's by partner."""
    asker, who = asker_of(principal)
    rows = _wallet_rows(asker, one=bool(fund_ref))
    found_rows = session.execute(rows, who | {"ref": fund_ref}).all()
    known = _rules(session, found_rows, now)
    return [_wallet_fund(row, known[row.programme_id], now) for row in found_rows]


def _rules(
    session: Session, rows: Sequence[Row[*tuple[Any, ...]]], now: datetime
) -> dict[UUID, Programme]:
    # All rows are of one vendor, or a partner's few: a day either way of its zone is its own.
    known: dict[UUID, Programme] = {}
    for zone in {row.zone for row in rows}:
        ids = [row.programme_id for row in rows if row.zone == zone]
        known |= rules_by_programme(session, ids, local_day(now, zone))
    return known


def wallet_fund(
    session: Session, principal: Principal, fund_ref: str, *, now: datetime
) -> WalletFund:
    """Return a partner's part of one fund; NotFound when it has none."""
    return found(next(iter(wallet(session, principal, now=now, fund_ref=fund_ref)), None))


def _wallet_fund(row: Row[*tuple[Any, ...]], rules: Programme, now: datetime) -> WalletFund:
    today = local_day(now, row.zone)

    until = None if row.closed_at else row.until
    usable = last_day(rules, Period(row.starts_on, row.ends_on, until))

    def money(minor: int) -> Money:
        return Money(int(minor), row.currency)

    return WalletFund(
        ref=row.ref,
        name=row.name,
        vendor_name=row.vendor_name,
        partner_name=row.partner_name,
        partner_slug=row.partner_slug,
        allocation_id=row.id,
        allocated=money(row.available + row.reserved + row.accrued + row.paid + row.expired),
        available=money(row.available),
        reserved=money(row.reserved - row.filed),
        in_claim=money(row.filed + row.accrued),
        paid=money(row.paid),
        expired=money(row.expired),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        usable_until=usable,
        days_left=(usable - today).days,
        share_bps=share_bps(rules, row.tier),
        notice=notice_words(rules),
        window=window_words(rules),
        cap=cap_of(rules, row.currency),
        earliest_start=max(row.starts_on, first_start(rules, now)),
        kind=rules.kind,
        pooled=row.pooled,
        pot=money(row.pot) if row.pooled and row.pot_shown else None,
        point=row.point,
        ways=offered_by(rules),
    )


@cache
def _fund_rows(asker: Asker, *, one: bool) -> Select[*tuple[Any, ...]]:
    held = _held(LedgerAccount.chain_id == FundBudget.id, OF_FUND)
    parts = select(func.count()).where(FundAllocation.budget_id == FundBudget.id).scalar_subquery()
    rows = (
        select(
            FundBudget.ref,
            FundBudget.name,
            FundBudget.currency,
            FundBudget.starts_on,
            FundBudget.ends_on,
            FundBudget.programme_id,
            FundBudget.pooled,
            FundBudget.pot_shown,
            FundBudget.point,
            FundBudget.closed_at,
            FundProgramme.ref.label("programme_ref"),
            Vendor.name.label("vendor_name"),
            Vendor.zone,
            parts.label("partners"),
            *held.c,
        )
        .join(Vendor, Vendor.id == FundBudget.vendor_id)
        .join(FundProgramme, FundProgramme.id == FundBudget.programme_id)
        .join(held, true())
        .order_by(FundBudget.ends_on, FundBudget.ref)
    )
    return _one(visible(rows, asker, FundBudget), one=one)


def funds(
    session: Session, principal: Principal, *, now: datetime, ref: str | None = None
) -> list[FundSummary]:
    """Return a vendor's funds with what each holds where, the one that ends first on top."""
    asker, who = asker_of(principal)
    found_rows = session.execute(_fund_rows(asker, one=bool(ref)), who | {"ref": ref}).all()
    known = _rules(session, found_rows, now)
    return [_summary(row, known[row.programme_id], local_day(now, row.zone)) for row in found_rows]


def fund_summary(session: Session, principal: Principal, ref: str, *, now: datetime) -> FundSummary:
    """Return one of the vendor's funds; NotFound for everybody else."""
    return found(next(iter(funds(session, principal, now=now, ref=ref)), None))


def _summary(row: Row[*tuple[Any, ...]], rules: Programme, today: date) -> FundSummary:
    def money(minor: int) -> Money:
        return Money(int(minor), row.currency)

    return FundSummary(
        ref=row.ref,
        name=row.name,
        vendor_name=row.vendor_name,
        total=money(-row.source),
        unallocated=money(row.unallocated),
        available=money(row.available),
        reserved=money(row.reserved),
        accrued=money(row.accrued),
        paid=money(row.paid),
        expired=money(row.expired),
        exchange=money(row.exchange),
        owed=money(row.owed),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        days_left=(row.ends_on - today).days,
        share_bps=share_bps(rules, ""),
        notice=notice_words(rules),
        window=window_words(rules),
        cap=cap_of(rules, row.currency),
        partners=row.partners,
        programme_ref=row.programme_ref,
        kind=rules.kind,
        pooled=row.pooled,
        pot_shown=row.pot_shown,
        point=row.point,
        closed_at=row.closed_at,
    )
