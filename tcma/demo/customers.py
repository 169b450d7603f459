"""The lists the demo's partners write to: invented people at invented firms, each with the end of a contract."""

import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from tcma.contacts.conditions import Kind
from tcma.contacts.models import Contact, ContactList, CustomField, ListMember
from tcma.contacts.rules import LawfulBasis, address_hash, normal_address
from tcma.db.work import Work
from tcma.demo.past import Side
from tcma.demo.people import (
    FENWRIGHT,
    FIRMS,
    FIRMS_DE,
    FIRMS_FR,
    FIRST,
    FIRST_DE,
    FIRST_FR,
    HELIANTHE,
    LAST,
    LAST_DE,
    LAST_FR,
    NORDHAGENER,
)

CONTRACT_END = "x_contract_end"
SOONEST, SPREAD = 10, 360
"""Days from today to the first end of a contract, and over how many days they lie."""


@dataclass(frozen=True, slots=True)
class Customers:
    """A partner's own list: on which basis, how many people, from which names and firms; `ends` is what
    it calls the end of a contract, a name that «The keystone» knows.
    """

    side: Side
    basis: str
    count: int
    first: tuple[str, ...]
    last: tuple[str, ...]
    firms: tuple[str, ...]
    ends: str


CUSTOMERS = {
    "fenwright": Customers(FENWRIGHT, LawfulBasis.LEGITIMATE_INTEREST, 240, FIRST, LAST, FIRMS,
                           "Contract end"),
    "nordhagener": Customers(NORDHAGENER, LawfulBasis.CONSENT, 120, FIRST_DE, LAST_DE, FIRMS_DE,
                             "Vertragsende"),
    "helianthe": Customers(HELIANTHE, LawfulBasis.CONSENT, 80, FIRST_FR, LAST_FR, FIRMS_FR,
                           "Fin de contrat"),
}  # fmt: skip


def add_customers(work: Work, partner_id: UUID, of: Customers) -> None:
    """Give a partner its own list of invented people, and the field of the day their contracts end."""
    work.session.add(
        CustomField(partner_id=partner_id, key=CONTRACT_END, label=of.ends, kind=Kind.DATE)
    )
    people = []
    for number in range(of.count):
        first, last = of.first[number % len(of.first)], of.last[number * 7 % len(of.last)]
        firm = of.firms[number % len(of.firms)]
        host = ascii_of(firm).replace(" & ", "-").replace(" ", "-")
        local = f"{ascii_of(first)}.{ascii_of(last).replace(' ', '-')}.{number}"
        people.append((f"{local}@{host}.example", first, last, firm))
    _list(work, partner_id, of.side.customers, of.basis, people)


def contract_end(number: int, today: date) -> date:
    """Return when the contract of a list's person ends: a few in each week of the year to come."""
    return today + timedelta(days=SOONEST + number * 37 % SPREAD)


def ascii_of(text: str) -> str:
    """Return a name as it stands in addresses: small letters without marks."""
    plain = unicodedata.normalize("NFKD", text.lower().replace("ß", "ss"))
    return plain.encode("ascii", "ignore").decode()


def _list(
    work: Work,
    partner_id: UUID,
    name: str,
    basis: str,
    people: list[tuple[str, str, str, str]],
) -> None:
    one = ContactList(
        partner_id=partner_id,
        name=name,
        basis=basis,
        source="demo world",
        evidence="Made with the demo world; all of them are invented.",
        created_at=work.now,
    )
    contacts = []
    for number, (text, first, last, company) in enumerate(people):
        address = normal_address(text)
        contacts.append(
            Contact(
                partner_id=partner_id,
                address=address.text,
                address_hash=address_hash(work.site.secret, address),
                first_name=first,
                last_name=last,
                company=company,
                country="",
                fields={CONTRACT_END: contract_end(number, work.now.date()).isoformat()},
                created_at=work.now,
            )
        )
    work.session.add_all([one, *contacts])
    work.session.flush()  # members name both by their ids
    work.session.add_all([ListMember(list_id=one.id, contact_id=c.id) for c in contacts])
