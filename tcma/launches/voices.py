"""In whose name a mail comes: the company, a person, or a person of the company; and which names a
partner may test.

A test of two voices is the same question at every partner («does a person bring more answers than a
company?»), whatever the names are, so its answers are counted over all partners with the same mail. A
test between names we cannot place, or between two addresses of one's own, asks about that partner's
own names, domains and how receivers know them: it is counted over that partner's launches alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from tcma.words import say


class Voice(StrEnum):
    """Who speaks in the From line."""

    COMPANY = "company"
    PERSON = "person"
    BOTH = "both"
    UNKNOWN = ""


VOICE_WORDS: Mapping[Voice, str] = {
    Voice.COMPANY: say("the company"),
    Voice.PERSON: say("a person"),
    Voice.BOTH: say("a person of the company"),
}
OF_COMPANY: Mapping[str, str] = {
    "en": "{person} from {company}",
    "de": "{person} von {company}",
    "fr": "{person} de {company}",
    "es": "{person} de {company}",
    "ja": "{company} {person}",
}
"""How people write it in the language of the mail; other languages put a comma between."""
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Known:
    """The names a partner is known by: its company's, and those of people who may sign."""

    companies: tuple[str, ...]
    people: tuple[str, ...]

    @property
    def company(self) -> str:
        """The name customers know."""
        return self.companies[0] if self.companies else ""


@dataclass(frozen=True, slots=True)
class Name:
    """A name that may stand in the From line, and who speaks in it."""

    text: str
    voice: Voice


def known_names(fields: Mapping[str, str], members: Iterable[str]) -> Known:
    """Return what a profile and a partner's people say; who signs the mails comes first."""
    companies = (fields.get(each, "") for each in ("name", "short_name", "legal_name"))
    people = (fields.get("person", ""), *members)
    return Known(_once(companies), _once(people))


def _once(names: Iterable[str]) -> tuple[str, ...]:
    clean = (" ".join(each.split()) for each in names)
    return tuple(dict.fromkeys(each for each in clean if each and len(each) <= LONGEST_NAME))


def names_to_test(known: Known, *, language: str) -> list[Name]:
    """Return the names that may be tested: the company, who signs with and without it, the others."""
    found = [Name(known.company, Voice.COMPANY)] if known.company else []
    if known.people and known.company:
        signer = known.people[0]
        first = signer if language == "ja" else signer.split()[0]
        found.append(Name(_of_company(first, known.company, language), Voice.BOTH))
    found += [Name(each, Voice.PERSON) for each in known.people]
    return [each for each in found if len(each.text) <= LONGEST_NAME]


def voice_of(name: str, known: Known) -> Voice:
    """Return who speaks in a From line, as far as the partner's names tell it."""
    told = name.casefold()
    if any(told == each.casefold() for each in known.companies):
        return Voice.COMPANY
    if any(told == each.casefold() for each in known.people):
        return Voice.PERSON
    firm = any(each.casefold() in told for each in known.companies)
    person = any(each.split()[0].casefold() in told.split() for each in known.people)
    return Voice.BOTH if firm and person else Voice.UNKNOWN


def _of_company(person: str, company: str, language: str) -> str:
    shape = OF_COMPANY.get(language.partition("-")[0], "{person}, {company}")
    return shape.format(person=person, company=company)
