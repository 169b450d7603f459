"""Sales grow an accrued fund: a file is imported row by row, once, and can be undone as a whole."""

from collections.abc import Iterable
from uuid import UUID, uuid5

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tcma.db.references import next_reference
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Conflict
from tcma.ids import new_id
from tcma.mdf.deadlines import local_day
from tcma.mdf.funds.opening import part_of
from tcma.mdf.funds.sales_reading import Sale, read_sales
from tcma.mdf.judging import deciding
from tcma.mdf.ledger import beside, booking
from tcma.mdf.models.funding import FundBudget
from tcma.mdf.models.sales import SaleRow, SalesImport
from tcma.mdf.queries import own, vendor_of
from tcma.mdf.rules import TransferKind
from tcma.mdf.words import spoken, spoken_count
from tcma.money import Money
from tcma.partners.models import Enrolment, Partner
from tcma.permissions import Permission, Principal


def import_sales(work: Work, budget: FundBudget, *, file_name: str, content: bytes) -> SalesImport:
    """Count each new sale of a file once; the programme's percentage goes into partners' parts.

    The same file again counts nothing: a reference counts once in a fund. Raises Invalid for a
    file that cannot be read, Conflict for a fund whose programme accrues nothing.
    """
    work.require(Permission.BUDGET_MANAGE)
    own(work.principal, budget)
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
    rows = _judged(work, budget, made, sales)
    work.session.add_all(rows)
    earned = _accrue(work, budget, made, rows)
    counted = sum(row.counts for row in rows)
    words = f"{made.ref}: {spoken_count(counted, 'sale')} of {len(rows)} rows, {spoken(earned)}"
    work.audit("imported", "fund", budget.id, vendor_id=budget.vendor_id, words=words)
    return made


def _judged(
    work: Work, budget: FundBudget, made: SalesImport, sales: Iterable[Sale]
) -> list[SaleRow]:
    known = _partners(work.session, budget.vendor_id)
    today = local_day(work.now, vendor_of(work.session, budget.vendor_id).zone)
    before = set(
        work.session.scalars(
            select(SaleRow.reference).where(SaleRow.budget_id == budget.id, SaleRow.counts)
        )
    )
    rows = []
    for sale in sales:
        partner_id = known.get(sale.partner.casefold())
        fault = sale.fault
        if not fault and partner_id is None:
            fault = f"No enrolled partner is called “{sale.partner}”."
        elif not fault and sale.sold_on and sale.sold_on > today:
            fault = "This day has not come yet."
        elif not fault and sale.reference in before:
            fault = "Counted before."
        if not fault:
            before.add(sale.reference)
        rows.append(
            SaleRow(
                id=new_id(),
                import_id=made.id,
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


def _partners(session: Session, vendor_id: UUID) -> dict[str, UUID]:
    rows = session.execute(
        select(Partner.id, Partner.name, Partner.legal_name, Partner.slug)
        .join(Enrolment, Enrolment.partner_id == Partner.id)
        .where(Enrolment.vendor_id == vendor_id, Enrolment.state.in_(("active", "invited")))
    )
    return {
        name.casefold(): row.id for row in rows for name in (row.slug, row.legal_name, row.name)
    }


def _accrue(work: Work, budget: FundBudget, made: SalesImport, rows: list[SaleRow]) -> Money:
    earned = Money.zero(budget.currency)
    sums: dict[UUID, int] = {}
    for row in rows:
        if row.counts and row.partner_id:
            sums[row.partner_id] = sums.get(row.partner_id, 0) + (row.amount_minor or 0)
    for partner_id, minor in sorted(sums.items()):
        sold = Money(minor, budget.currency)
        part = _part(work, budget, partner_id, sold) if minor > 0 else None
        if not part:
            _refuse(rows, partner_id, "The sales of this partner in the file accrue nothing.")
            continue
        reason = f"{made.ref}: of sales of {spoken(sold)}"
        allocation = part_of(work, budget, partner_id)
        beside.accrue(work, allocation, part, cause_id=_cause(made, partner_id), reason=reason)
        earned += part
    return earned


def _part(work: Work, budget: FundBudget, partner_id: UUID, sold: Money) -> Money:
    """What the programme of today lets a partner earn by these sales."""
    version = deciding.version_on(work.session, budget, work.now)
    rules = deciding.rules_today(work.session, budget, work.now)
    assert rules.accrual is not None
    case = {
        "kind": "accrual",
        "currency": budget.currency,
        "submitted_at": work.now.isoformat(),
        "partner": deciding.partner_facts(work.session, budget.vendor_id, partner_id),
        rules.accrual.of: deciding.major(sold),
    }
    return deciding.judged(version, case).decision.amount


def _refuse(rows: list[SaleRow], partner_id: UUID, fault: str) -> None:
    for row in rows:
        if row.partner_id == partner_id and row.counts:
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
