"""Sales grow an accrued fund: a file is imported row by row, once, and can be undone as a whole."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid5

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tcma.db.references import next_reference
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Conflict
from tcma.ids import new_id
from tcma.mdf.deadlines import local_day
from tcma.mdf.funds.opening import part_of, still_open
from tcma.mdf.funds.sales_reading import Sale, read_sales
from tcma.mdf.judging import deciding
from tcma.mdf.judging.versions import in_force, rules_of
from tcma.mdf.ledger import beside, booking
from tcma.mdf.models.funding import FundBudget
from tcma.mdf.models.programmes import ProgrammeVersion
from tcma.mdf.models.sales import SaleRow, SalesImport
from tcma.mdf.queries import own, vendor_of
from tcma.mdf.rules import TransferKind
from tcma.mdf.words import spoken, spoken_count, spoken_day
from tcma.money import Money
from tcma.partners.by_name import enrolled_by_name
from tcma.permissions import Permission, Principal


def import_sales(work: Work, budget: FundBudget, *, file_name: str, content: bytes) -> SalesImport:
    """Count each new sale of a file once; what the programme of its day lets a partner earn by it
    goes into that partner's part.

    The same file again counts nothing: a reference counts once in a fund. Raises Invalid for a
    file that cannot be read, Conflict for a fund whose programme accrues nothing.
    """
    sales = _read(work, budget, content)
    made = SalesImport(
        id=new_id(),
        ref=next_reference(work, "SAL"),
        vendor_id=budget.vendor_id,
        budget_id=budget.id,
        file_name=file_name[-120:],
        made_by=found(work.principal.user_id),
        made_at=work.now,
    )
    work.session.add(made)
    work.session.flush()  # its rows name it
    rows = _judged(work, budget, made.id, sales)
    earned = Money.zero(budget.currency)
    for step, each in enumerate(_earnings(work, budget, rows), 1):
        reason = f"{made.ref}: of sales of {spoken(each.sold)}"
        allocation = part_of(work, budget, each.partner_id)
        by = beside.Earned(_cause(made, each.partner_id), step, each.version_id)
        beside.accrue(work, allocation, each.part, by=by, reason=reason)
        earned += each.part
    work.session.add_all(rows)
    counted = sum(row.counts for row in rows)
    words = f"{made.ref}: {spoken_count(counted, 'sale')} of {len(rows)} rows, {spoken(earned)}"
    work.audit("imported", "fund", budget.id, vendor_id=budget.vendor_id, words=words)
    return made


@dataclass(frozen=True, slots=True)
class Trial:
    """What a file would do: each row as it was understood, and what partners would earn by it."""

    rows: tuple[SaleRow, ...]
    earned: Money


def try_sales(work: Work, budget: FundBudget, *, content: bytes) -> Trial:
    """Say what importing a file would do, without writing anything; raises as `import_sales`."""
    sales = _read(work, budget, content)
    rows = _judged(work, budget, new_id(), sales)
    earned = sum((each.part for each in _earnings(work, budget, rows)), Money.zero(budget.currency))
    return Trial(tuple(sorted(rows, key=lambda row: (row.counts, row.no))), earned)


def _read(work: Work, budget: FundBudget, content: bytes) -> list[Sale]:
    work.require(Permission.BUDGET_MANAGE)
    own(work.principal, budget)
    still_open(budget)
    rules = deciding.rules_today(work.session, budget, work.now)
    if rules.accrual is None:
        raise Conflict(
            "The rules of this fund accrue nothing.",
            code="mdf.sales.rules",
            remedy="Publish rules with a section [accrual] first.",
        )
    sales = read_sales(content, budget.currency)
    # Two imports at once would both see a reference as new; the fund's lock makes the second wait.
    work.session.execute(
        select(FundBudget.id).where(FundBudget.id == budget.id).with_for_update(key_share=True)
    )
    return sales


def _judged(
    work: Work, budget: FundBudget, import_id: UUID, sales: Iterable[Sale]
) -> list[SaleRow]:
    known = enrolled_by_name(work.session, budget.vendor_id)
    today = local_day(work.now, vendor_of(work.session, budget.vendor_id).zone)
    before = set(
        work.session.scalars(
            select(SaleRow.reference).where(SaleRow.budget_id == budget.id, SaleRow.counts)
        )
    )
    rows = []
    for sale in sales:
        meant = known.get(sale.partner.casefold(), set())
        partner_id = next(iter(meant)) if len(meant) == 1 else None
        fault = sale.fault
        if not fault and len(meant) > 1:
            fault = f"Several partners are called “{sale.partner}”: write the short name of one."
        elif not fault and partner_id is None:
            fault = f"No enrolled partner is called “{sale.partner}”."
        elif not fault and sale.sold_on and sale.sold_on > today:
            fault = "This day has not come yet."
        elif not fault and sale.sold_on and not budget.starts_on <= sale.sold_on <= budget.ends_on:
            fault = f"The fund runs from {spoken_day(budget.starts_on)} to {spoken_day(budget.ends_on)}."
        elif not fault and sale.reference in before:
            fault = "Counted before."
        if not fault:
            before.add(sale.reference)
        rows.append(
            SaleRow(
                id=new_id(),
                import_id=import_id,
                budget_id=budget.id,
                vendor_id=budget.vendor_id,
                no=sale.no,
                reference=sale.reference[:120],
                partner=sale.partner[:160],
                partner_id=partner_id,
                sold_on=sale.sold_on,
                amount_minor=sale.amount.minor if sale.amount else None,
                fault=fault,
                counts=not fault,
            )
        )
    return rows


@dataclass(frozen=True, slots=True)
class _Earning:
    partner_id: UUID
    version_id: UUID
    sold: Money
    part: Money


def _earnings(work: Work, budget: FundBudget, rows: list[SaleRow]) -> list[_Earning]:
    """Return what each partner earns, by the programme's version of the day of sale; rows of those
    that earn nothing stop counting.
    """
    groups: dict[tuple[UUID, UUID], list[SaleRow]] = {}
    versions: dict[UUID, ProgrammeVersion] = {}
    by_day: dict[date, ProgrammeVersion] = {}
    for row in rows:
        if row.counts and row.partner_id and row.sold_on:
            if row.sold_on not in by_day:
                by_day[row.sold_on] = in_force(work.session, budget.programme_id, row.sold_on)
            version = by_day[row.sold_on]
            versions[version.id] = version
            groups.setdefault((row.partner_id, version.id), []).append(row)
    found_ones = []
    for (partner_id, version_id), some in sorted(groups.items()):
        sold = Money(sum(row.amount_minor or 0 for row in some), budget.currency)
        version = versions[version_id]
        part = _part(work, budget, version, partner_id, sold) if sold.minor > 0 else None
        if not part:
            _refuse(some, "The sales of this partner in the file accrue nothing.")
            continue
        found_ones.append(_Earning(partner_id, version_id, sold, part))
    return found_ones


def _part(
    work: Work, budget: FundBudget, version: ProgrammeVersion, partner_id: UUID, sold: Money
) -> Money | None:
    """What a version of the programme lets a partner earn by these sales."""
    rules = rules_of(version)
    if rules.accrual is None:
        return None
    case = {
        "kind": "accrual",
        "currency": budget.currency,
        "submitted_at": work.now.isoformat(),
        "partner": deciding.partner_facts(work.session, budget.vendor_id, partner_id),
        rules.accrual.of: deciding.major(sold),
    }
    return deciding.judged(version, case).decision.amount


def _refuse(rows: Iterable[SaleRow], fault: str) -> None:
    for row in rows:
        row.counts, row.fault = False, fault


def _cause(made: SalesImport, partner_id: UUID) -> UUID:
    return uuid5(made.id, str(partner_id))


def undo_import(work: Work, made: SalesImport) -> None:
    """Take a whole file back: its bookings are reversed, its rows may be imported again.

    Raises Conflict when a partner has planned with the money already.
    """
    work.require(Permission.BUDGET_MANAGE)
    if work.principal.vendor_id != made.vendor_id:
        found(None)
    done = work.session.execute(
        update(SalesImport)
        .where(SalesImport.id == made.id, SalesImport.undone_at.is_(None))
        .values(undone_at=work.now, undone_by=work.principal.user_id)
        .returning(SalesImport.id)
    ).one_or_none()
    if done is None:
        return
    counted = SaleRow.import_id == made.id, SaleRow.counts
    for partner_id in work.session.scalars(
        select(SaleRow.partner_id).where(*counted).distinct().order_by(SaleRow.partner_id)
    ).all():
        cause = _cause(made, found(partner_id))
        for _ in range(booking.count(work, cause, TransferKind.ACCRUE)):
            booking.reverse(work, cause, TransferKind.ACCRUE, reason=f"{made.ref} was undone")
    work.session.execute(update(SaleRow).where(*counted).values(counts=False, fault="Undone."))
    work.audit("undone", "fund", made.budget_id, vendor_id=made.vendor_id, words=made.ref)


def import_by_ref(session: Session, principal: Principal, ref: str) -> SalesImport:
    """Return one of the vendor's files; else NotFound."""
    one = visible(select(SalesImport).where(SalesImport.ref == ref), principal, SalesImport)
    row: SalesImport | None = session.scalars(one).one_or_none()
    return found(row)


def imports_of(session: Session, budget: FundBudget) -> list[tuple[SalesImport, int, int]]:
    """Return a fund's files, newest first, with how many rows counted of how many."""
    rows = session.execute(
        select(SalesImport, func.count().filter(SaleRow.counts), func.count(SaleRow.id))
        .outerjoin(SaleRow, SaleRow.import_id == SalesImport.id)
        .where(SalesImport.budget_id == budget.id)
        .group_by(SalesImport.id)
        .order_by(SalesImport.id.desc())
    )
    return [(row[0], int(row[1]), int(row[2])) for row in rows]


def rows_of(session: Session, made: SalesImport) -> list[SaleRow]:
    """Return what became of each row, those with a fault first."""
    return list(
        session.scalars(
            select(SaleRow).where(SaleRow.import_id == made.id).order_by(SaleRow.counts, SaleRow.no)
        )
    )
