"""The second hop: to whom inside a partner a lead goes, decided from what is known; with a trace."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from tcma.words import say


class Way(StrEnum):
    """How a partner shares its leads among its people."""

    EVERYBODY = "everybody"
    PERSON = "person"
    TURN = "turn"
    AREA = "area"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """Somebody who may get a lead. `turn` counts up with each lead in turn, 0 before the first;
    an area is a country or a country with the beginning of a postcode, «GB LS». `gets_all` is who has
    every lead where one person does.
    """

    id: UUID
    name: str
    turn: int = 0
    is_away: bool = False
    areas: tuple[str, ...] = ()
    gets_all: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is known of a lead; `knows` is who had the last lead of its company."""

    company: str
    country: str
    postcode: str
    knows: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """Who gets it and why; nobody when all of them hear of it. `in_turn` moves the round on."""

    person: Seller | None
    reason: str
    in_turn: bool = False
    trace: dict[str, Any] = field(default_factory=dict)


def choose(asked: Asked, sellers: Sequence[Seller], *, way: Way, keeps: bool) -> Handed:
    """Return whose lead it is: who knows the company, then who gets all or looks after the place, then
    in turn.

    In turn is whoever had the last one longest ago, so shares differ by one at most; who was away
    does not catch up.
    """
    present = [each for each in sellers if not each.is_away]
    trace: dict[str, Any] = {
        "way": way.value,
        "people": [
            {"person": each.name, "turn": each.turn, "away": each.is_away} for each in sellers
        ],
    }
    known = next((each for each in sellers if each.id == asked.knows), None)
    if keeps and known:
        trace["knows"] = known.name
        if not known.is_away:
            return Handed(
                person=known, reason=say("had {company} before", company=asked.company), trace=trace
            )
    if way is Way.EVERYBODY:
        return Handed(person=None, reason=say("everybody hears of every lead"), trace=trace)
    if not present:
        return Handed(
            person=None, reason=say("nobody is there, so everybody hears of it"), trace=trace
        )
    reason = say("it is their turn")
    if way is Way.PERSON:
        one = next((each for each in present if each.gets_all), None)
        if one:
            return Handed(person=one, reason=say("gets every lead"), trace=trace)
        reason = say("who gets every lead is away, and it is their turn")
    if way is Way.AREA:
        area, near = _nearest(asked, present)
        trace["area"] = area
        if near:
            present, reason = near, say("looks after {area}", area=area)
        else:
            reason = say("nobody there looks after the place, and it is their turn")
    first = min(present, key=lambda each: (each.turn, each.name, each.id))
    return Handed(person=first, reason=reason, in_turn=True, trace=trace)


def _nearest(asked: Asked, sellers: Sequence[Seller]) -> tuple[str, list[Seller]]:
    """Return the longest area that holds the lead, and who looks after it."""
    place = _packed(f"{asked.country} {asked.postcode}")
    fitting = {area for each in sellers for area in each.areas if place.startswith(_packed(area))}
    if not fitting:
        return "", []
    area = max(fitting, key=lambda each: (len(_packed(each)), each))
    return area, [each for each in sellers if area in each.areas]


def _packed(place: str) -> str:
    return "".join(place.upper().split())


def typed_areas(text: str) -> list[str]:
    """Return areas as somebody types them, «GB LS, GB BD, DE», each once in capitals.

    Raises ValueError with the one that does not begin with a country's two letters.
    """
    areas = []
    for part in filter(None, (" ".join(part.upper().split()) for part in text.split(","))):
        country, _, _ = part.partition(" ")
        if len(country) != 2 or not country.isalpha():
            raise ValueError(part)
        areas.append(part)
    return list(dict.fromkeys(areas))
