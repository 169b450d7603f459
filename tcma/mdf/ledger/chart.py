"""The chart of accounts: which account of the vendor's books each place of fund money is posted to.

A transfer is one posting: debit the account of the place it leaves, credit the one it reaches.
Money put into a fund is an expense against a provision; approving and paying move the provision
on to the bank; what expires is an income again; what is asked back is owed by the partner.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tcma.db.scope import found
from tcma.db.work import Work
from tcma.errors import Invalid
from tcma.mdf.models.books import GlAccount
from tcma.mdf.programme.settled import ACCESS, CREDIT, DISCOUNT
from tcma.mdf.rules import AccountKind
from tcma.permissions import Permission

OWED_BACK = "owed_back"
"""The place of money that was paid and asked back: it has left the bank already."""
CREDITED, DISCOUNTED, PROVIDED = "credited", "discounted", "provided"
"""Places of what was settled without the bank."""
PLACE_OF_WAY: Mapping[str, str] = {CREDIT: CREDITED, DISCOUNT: DISCOUNTED, ACCESS: PROVIDED}
_CODE = re.compile(r"[0-9A-Za-z.\-]{1,20}")


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the vendor's general ledger."""

    code: str
    name: str


DEFAULT: Mapping[str, Account] = {
    AccountKind.SOURCE: Account("6300", "Partner marketing funds"),
    AccountKind.UNALLOCATED: Account("2610", "Provision: not allocated"),
    AccountKind.FUND: Account("2620", "Provision: allocated to partners"),
    AccountKind.RESERVED: Account("2630", "Provision: approved plans"),
    AccountKind.ACCRUED: Account("2100", "Approved claims, to pay"),
    AccountKind.PAID: Account("1200", "Bank, fund payments"),
    CREDITED: Account("1250", "Credits to partners’ accounts"),
    DISCOUNTED: Account("4730", "Discounts given to partners"),
    PROVIDED: Account("1260", "Services paid for partners"),
    OWED_BACK: Account("1400", "Claims on partners"),
    AccountKind.FORFEITED: Account("7300", "Expired partner funds"),
    AccountKind.EXCHANGE: Account("6880", "Exchange differences"),
}
PLACE_WORDS: Mapping[str, str] = {
    AccountKind.SOURCE: "Money put into funds",
    AccountKind.UNALLOCATED: "Not allocated yet",
    AccountKind.FUND: "Available to partners",
    AccountKind.RESERVED: "Reserved for plans",
    AccountKind.ACCRUED: "Approved claims, to pay",
    AccountKind.PAID: "Paid by the bank",
    CREDITED: "Credited on partners’ accounts",
    DISCOUNTED: "Given as discounts",
    PROVIDED: "Given as services",
    OWED_BACK: "Asked back from partners",
    AccountKind.FORFEITED: "Expired",
    AccountKind.EXCHANGE: "Exchange differences",
}


def chart_of(session: Session, vendor_id: UUID) -> dict[str, Account]:
    """Return a vendor's account by place, in the order money goes."""
    rows = session.scalars(select(GlAccount).where(GlAccount.vendor_id == vendor_id))
    own = {row.place: Account(row.code, row.name) for row in rows}
    return {place: own.get(place, standard) for place, standard in DEFAULT.items()}


def save_chart(work: Work, accounts: Mapping[str, Account]) -> None:
    """Post places to other accounts from now on, also what was booked before.

    Two places may share an account. Raises Invalid with a field per place and part.
    """
    work.require(Permission.PAYMENT_MAKE)
    vendor_id = found(work.principal.vendor_id)
    fields: dict[str, str] = {}
    for place, account in accounts.items():
        if not _CODE.fullmatch(account.code.strip()):
            fields[f"{place}-code"] = "Up to 20 letters, digits, points or hyphens."
        if not 0 < len(account.name.strip()) <= 80:
            fields[f"{place}-name"] = "Between 1 and 80 letters."
    names: dict[str, str] = {}
    for place, account in accounts.items():
        if names.setdefault(account.code.strip(), account.name.strip()) != account.name.strip():
            fields[f"{place}-name"] = f"{account.code} has another name above."
    if fields:
        raise Invalid("Some accounts need another value.", code="mdf.chart", fields=fields)
    for place, account in accounts.items():
        values = {"code": account.code.strip(), "name": account.name.strip()}
        work.session.execute(
            insert(GlAccount)
            .values(vendor_id=vendor_id, place=place, **values)
            .on_conflict_do_update(index_elements=["vendor_id", "place"], set_=values)
        )
    work.audit("changed", "chart of accounts", vendor_id, vendor_id=vendor_id)
