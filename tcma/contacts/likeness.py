"""What makes two contacts look like one person, and what one row keeps of two."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

STANDARD = ("first_name", "last_name", "company", "country", "phone", "language")


class Likeness(StrEnum):
    """Why two rows are offered for a look, the surest first."""

    MAILBOX = "mailbox"
    PHONE = "phone"
    NAME = "name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What a row says of a person: the standard columns, the other fields, the tags."""

    standard: Mapping[str, str]
    others: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()

    def value(self, name: str) -> str:
        """Return a standard value or one of the other fields, empty when there is none."""
        return self.standard.get(name) or self.others.get(name, "")

    @property
    def names(self) -> tuple[str, ...]:
        """Every field there can be a value for, the standard ones first."""
        return (*STANDARD, *self.others)


def differing(kept: Person, other: Person) -> list[str]:
    """Return the fields in which both say something and not the same: a person has to choose."""
    names = dict.fromkeys((*kept.names, *other.names))
    return [
        name
        for name in names
        if kept.value(name)
        and other.value(name)
        and kept.value(name).casefold() != other.value(name).casefold()
    ]


def joined(kept: Person, other: Person, from_other: Collection[str] = ()) -> Person:
    """Return one person of two: what is empty is filled, `from_other` names what is replaced."""

    def value(name: str) -> str:
        wins = other.value(name) if name in from_other else ""
        return wins or kept.value(name) or other.value(name)

    return Person(
        standard={name: value(name) for name in STANDARD},
        others={name: value(name) for name in {**kept.others, **other.others}},
        tags=tuple(dict.fromkeys((*kept.tags, *other.tags))),
    )
