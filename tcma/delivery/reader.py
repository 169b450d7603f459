"""A letter to one person, in the language they read: the file `mail/<template>.<language>.txt` where there is one."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from tcma.accounts.queries import Person
from tcma.db.work import Work
from tcma.delivery.letters import write_letter
from tcma.delivery.notices import house_of, queue_letters


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who is written to, and in which language (a locale such as `de-DE`)."""

    email: str
    name: str
    locale: str = "en"

    @classmethod
    def of(cls, person: Person) -> "Reader":
        """Return somebody who signs in, in the language they chose."""
        return cls(email=person.email, name=person.name, locale=person.locale)


def tell(  # noqa: PLR0913 - a letter, a person, a side
    work: Work,
    template: str,
    values: Mapping[str, str],
    reader: Reader,
    *,
    url: str,
    vendor_id: UUID | None,
) -> int:
    """Queue a letter and return its message's number; `vendor` and `person` are known to every one."""
    house, foot = house_of(work, vendor_id)
    known = {"vendor": house, "person": reader.name} | dict(values)
    letter = write_letter(
        template, known, house=house, url=url, foot=foot, language=reader.locale[:2]
    )
    return queue_letters(work, [(reader.email, letter)], vendor_id=vendor_id)[0]
