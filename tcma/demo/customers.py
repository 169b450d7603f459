"""The lists the demo's partners write to: invented people at invented firms."""

import unicodedata
from dataclasses import dataclass
from uuid import UUID

from tcma.contacts.models import Contact, ContactList, ListMember
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


@dataclass(frozen=True, slots=True)
class Customers:
    """A partner's own list: on which basis, how many people, from which names and firms."""

    side: Side
    basis: str
    count: int
    first: tuple[str, ...]
    last: tuple[str, ...]
    firms: tuple[str, ...]


CUSTOMERS = {
    "fenwright": Customers(FENWRIGHT, LawfulBasis.LEGITIMATE_INTEREST, 240, FIRST, LAST, FIRMS),
    "nordhagener": Customers(NORDHAGENER, LawfulBasis.CONSENT, 120, FIRST_DE, LAST_DE, FIRMS_DE),
    "helianthe": Customers(HELIANTHE, LawfulBasis.CONSENT, 80, FIRST_FR, LAST_FR, FIRMS_FR),
}


def add_customers(work: Work, partner_id: UUID, of: Customers) -> None:
    """Give a partner its own list of invented people."""
    people = []
    for number in range(of.count):
        first, last = of.first[number % len(of.first)], of.last[number * 7 % len(of.last)]
        firm = of.firms[number % len(of.firms)]
        host = ascii_of(firm).replace(" & ", "-").replace(" ", "-")
        local = f"{ascii_of(first)}.{ascii_of(last).replace(' ', '-')}.{number}"
        people.append((f"{local}@{host}.example", first, last, firm))
    _list(work, partner_id, of.side.customers, of.basis, people)


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
    for text, first, last, company in people:
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
                created_at=work.now,
            )
        )
    work.session.add_all([one, *contacts])
    work.session.flush()  # members name both by their ids
    work.session.add_all([ListMember(list_id=one.id, contact_id=c.id) for c in contacts])
