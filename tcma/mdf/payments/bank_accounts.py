"""Where money goes and comes from: stating an account, checking it, and who may be paid."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid
from tcma.ids import new_id
from tcma.mdf import letters
from tcma.mdf.models.bank import BankAccount
from tcma.mdf.payments.bank_rules import Account, checked
from tcma.mdf.payments.tax_rules import tax_fault
from tcma.mdf.queries import names_of
from tcma.partners.models import Partner
from tcma.permissions import Permission, Principal
from tcma.words import say

FIELDS = ("holder", "country", "iban", "number", "bank_code", "bic", "tax_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """An account in force as a page shows it; `partner_id` is empty for the vendor's own."""

    id: UUID
    vendor_id: UUID
    partner_id: UUID | None
    partner_name: str
    account: Account
    made_by: str
    made_at: datetime
    checked_by: str
    checked_at: datetime | None
    checked_how: str


def state_account(
    work: Work, entry: Account, *, vendor_id: UUID, partner_id: UUID | None = None
) -> UUID:
    """Put a new version of an account in force; the same again is the version that stands.

    Everybody who could have written it is told by mail, and whoever pays is asked to check it:
    a changed account is the commonest way to steal a payment. Raises Invalid with fields.
    """
    work.require(Permission.PAYOUT_EDIT if partner_id else Permission.PAYMENT_MAKE)
    _own(work.principal, vendor_id=vendor_id, partner_id=partner_id)
    account = checked(entry)
    one_at_a_time = func.hashtextextended(f"bank_account {vendor_id} {partner_id}", 0)
    work.session.execute(select(func.pg_advisory_xact_lock(one_at_a_time)))
    standing = in_force(work.session, vendor_id=vendor_id, partner_id=partner_id)
    if standing and account_of(standing) == account:
        return standing.id
    fresh = BankAccount(
        id=new_id(),
        vendor_id=vendor_id,
        partner_id=partner_id,
        no=standing.no + 1 if standing else 1,
        made_by=found(work.principal.user_id),
        made_at=work.now,
        **{name: getattr(account, name) for name in FIELDS},
    )
    work.session.add(fresh)
    work.session.flush()  # letters and audit name it
    work.audit(
        "stated", "bank_account", fresh.id, vendor_id=vendor_id, partner_id=partner_id,
        words=account.masked,
    )  # fmt: skip
    letters.account_stated(work, fresh, account.masked)
    return fresh.id


def check_account(work: Work, account: BankAccount, *, how: str) -> None:
    """Record that another person compared the account with its owner by another way.

    Raises Conflict for whoever wrote it, and for a version that is no longer in force.
    """
    work.require(Permission.PAYMENT_MAKE)
    _own(work.principal, vendor_id=account.vendor_id, partner_id=None)
    if account.checked_by:
        return
    newest = in_force(work.session, vendor_id=account.vendor_id, partner_id=account.partner_id)
    if newest is None or newest.id != account.id:
        raise Conflict(
            say("This account was replaced meanwhile."),
            code="mdf.account.replaced",
            remedy=say("Reload and check the new one."),
        )
    if account.made_by == work.principal.user_id:
        raise Conflict(
            say("You wrote this account, so another person checks it."),
            code="mdf.account.four_eyes",
        )
    said = how.strip()
    if not said:
        words = "Say how you checked it, such as “called the number on the contract”."
        raise Invalid(words, code="mdf.account.how", fields={"how": words})
    account.checked_by, account.checked_at = work.principal.user_id, work.now
    account.checked_how = said
    work.audit(
        "checked", "bank_account", account.id, vendor_id=account.vendor_id,
        partner_id=account.partner_id, words=said,
    )  # fmt: skip


def _own(principal: Principal, *, vendor_id: UUID, partner_id: UUID | None) -> None:
    own = principal.partner_id if partner_id else principal.vendor_id
    if own != (partner_id or vendor_id):
        found(None)


def in_force(session: Session, *, vendor_id: UUID, partner_id: UUID | None) -> BankAccount | None:
    """Return the newest version of an account, None when none was stated."""
    return session.scalar(
        select(BankAccount)
        .where(
            BankAccount.vendor_id == vendor_id,
            BankAccount.partner_id.is_not_distinct_from(partner_id),
        )
        .order_by(BankAccount.no.desc())
        .limit(1)
    )


def account_of(row: BankAccount) -> Account:
    """Return a row's account as a value."""
    return Account(**{name: getattr(row, name) for name in FIELDS})


def account_by_id(session: Session, principal: Principal, number: UUID) -> BankAccount:
    """Return an account the principal may see; else NotFound."""
    one = visible(select(BankAccount).where(BankAccount.id == number), principal, BankAccount)
    row: BankAccount | None = session.scalars(one).one_or_none()
    return found(row)


def stated(session: Session, principal: Principal) -> list[Stated]:
    """Return every account in force that the principal may see: a vendor's own first, then those
    that wait for a check, then by partner.
    """
    rows = session.execute(
        visible(
            select(BankAccount, Partner.name)
            .outerjoin(Partner, Partner.id == BankAccount.partner_id)
            .ext(distinct_on(BankAccount.vendor_id, BankAccount.partner_id))
            .order_by(BankAccount.vendor_id, BankAccount.partner_id, BankAccount.no.desc()),
            principal,
            BankAccount,
        )
    ).all()
    names = names_of(session, *(i for row, _ in rows for i in (row.made_by, row.checked_by) if i))
    found_rows = [
        Stated(
            id=row.id,
            vendor_id=row.vendor_id,
            partner_id=row.partner_id,
            partner_name=partner or "",
            account=account_of(row),
            made_by=names[row.made_by],
            made_at=row.made_at,
            checked_by=names[row.checked_by] if row.checked_by else "",
            checked_at=row.checked_at,
            checked_how=row.checked_how,
        )
        for row, partner in rows
    ]
    return sorted(
        found_rows,
        key=lambda s: (s.partner_id is not None, s.checked_at is not None, s.partner_name),
    )


def obstacle(session: Session, *, vendor_id: UUID, partner_id: UUID) -> str:
    """Return why a partner cannot be paid by bank file; empty when it can.

    A vendor that has stated no account of its own pays in another way: nothing is asked for.
    """
    if in_force(session, vendor_id=vendor_id, partner_id=None) is None:
        return ""
    theirs = in_force(session, vendor_id=vendor_id, partner_id=partner_id)
    if theirs is None:
        return "No bank account yet. Its owner adds it under Funds."
    if theirs.checked_by is None:
        return "Its bank account waits for your check."
    if tax_fault(theirs.tax_id, theirs.country):
        return f"Its tax number {theirs.tax_id} cannot be true. Its owner corrects it under Funds."
    return ""
