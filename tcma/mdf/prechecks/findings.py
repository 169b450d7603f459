"""What a pre-check says of a proof: found, look at it, not found. It never decides and never blocks.

«Doubtful» is said where a person sees more than these rules do; a logo that is not recognised is
doubtful, never missing. A change of a rule raises `VERSION`: stored findings keep theirs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from tcma.mdf.prechecks.facts import Facts, Sought
from tcma.mdf.words import spoken_day
from tcma.words import Words, read_back, say

VERSION = 1
LEGIBLE, TOO_SMALL = 600, 250
"""Pixels of a picture's shorter side: from the first on it is read, below the second it is not."""
SURE, PERHAPS = 80, 74
"""How alike a place must be to the logo, of 100. What is not it stayed below 71 on the trial pictures."""
PDF = "application/pdf"
DAYS = frozenset({"day", "start", "end"})
"""Values that are ISO days."""


class Result(StrEnum):
    """What became of one thing that was looked for."""

    PASSED = "passed"
    DOUBTFUL = "doubtful"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked for: what was found, and what helps; a message with `{values}` each.

    `code` names it for programs.
    """

    code: str
    result: Result
    words: str
    remedy: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


def spoken_finding(message: str, values: Mapping[str, Any]) -> str:
    """Return a stored message with its values, ready to be told in a reader's language."""
    if not values:
        return read_back(message)
    days = {
        name: spoken_day(date.fromisoformat(str(values[name]))) for name in DAYS & values.keys()
    }
    return read_back(message).filled(**{**values, **days})


def plain(found: tuple[Finding, ...]) -> list[dict[str, Any]]:
    """Return findings as they are stored: the messages with their values beside them."""
    return [{"code": one.code, "result": one.result.value, "words": one.words,
             "remedy": one.remedy, "values": dict(one.values)} for one in found]  # fmt: skip


def findings(facts: Facts, sought: Sought) -> tuple[Finding, ...]:
    """Return what the rules say of a proof, in the order people read it; the same facts say the same."""
    if facts.why:
        remedy = say("Save it again as a plain PDF or picture and upload that.")
        return (_no("readable", say("It cannot be opened here."), remedy),)
    return tuple(_all(facts, sought))


def _all(facts: Facts, sought: Sought) -> Iterator[Finding]:
    yield _kind(facts)
    if facts.width:
        yield _size(facts)
    if facts.again:
        words = say("The same file shows another of your activities.")
        yield _doubt("once", words, say("Show what belongs to this one."))
    yield from _day(facts, sought)
    if facts.read_by in {"", "none"}:
        yield _unread(facts)
    else:
        yield from _names(facts, sought)
    if facts.logo >= 0:
        yield _logo(facts)
    if sought.lists_people and facts.people >= 0:
        yield _people(facts, sought)


def _kind(facts: Facts) -> Finding:
    if facts.kind != facts.stated:
        words = say("By its content it is another kind of file than its name says.")
        return _doubt("kind", words, say("Upload it under its own kind."))
    if facts.kind == PDF:
        return _yes("kind", say("A PDF, pages: {n}"), n=facts.pages)
    words = say("A picture of {width} × {height} pixels")
    return _yes("kind", words, width=facts.width, height=facts.height)


def _size(facts: Facts) -> Finding:
    shorter = min(facts.width, facts.height)
    larger = say("Take it again nearer, or send the original instead of a copy from a chat.")
    if shorter < TOO_SMALL:
        return _no("size", say("It is too small to read."), larger)
    if shorter < LEGIBLE:
        return _doubt("size", say("It is small: what is written in it may not be legible."), larger)
    return _yes("size", say("Large enough to read"))


def _day(facts: Facts, sought: Sought) -> Iterator[Finding]:
    days = sorted({*facts.dates, *([facts.taken_on] if facts.taken_on else [])})
    inside = [day for day in days if sought.starts_on <= day <= sought.ends_on]
    window = {"start": sought.starts_on, "end": sought.ends_on}
    if inside:
        shot = facts.taken_on in inside
        words = say("Taken on {day}") if shot else say("A day of the activity stands in it: {day}")
        yield _yes("day", words, day=facts.taken_on if shot else inside[0])
    elif days:
        near = min(days, key=lambda day: _away(day, sought))
        yield _doubt(
            "day",
            say("The nearest day in it is {day}; the activity runs from {start} to {end}."),
            say("Show something of these days, or say in the claim why it is of another."),
            day=near,
            **window,
        )
    elif facts.read_by not in {"", "none"}:
        yield _no(
            "day",
            say("No day stands in it; the activity runs from {start} to {end}."),
            say("Add what shows the day: an invitation, a programme, a dated page."),
            **window,
        )


def _away(day: str, sought: Sought) -> int:
    at = date.fromisoformat(day)
    start, end = date.fromisoformat(sought.starts_on), date.fromisoformat(sought.ends_on)
    return max((start - at).days, (at - end).days)


def _unread(facts: Facts) -> Finding:
    words = (
        say(
            "Words in pictures are not read on this machine, so names and days were not looked for."
        )
        if facts.read_by
        else say("Reading its words took too long, so names and days were not looked for.")
    )
    return _doubt("words", words, say("Whoever decides reads them."))


def _names(facts: Facts, sought: Sought) -> Iterator[Finding]:
    if not facts.words:
        words = say("No words are read in it, so no name is found.")
        remedy = say("Add what names the campaign: an invitation, a programme, a screenshot.")
        yield _doubt("words", words, remedy)
        return
    found = {"name": facts.partner}
    if sought.partner:
        missing = {"name": sought.partner[0]}
        yield (
            _yes("partner", say("The partner is named: {name}"), **found)
            if facts.partner
            else _doubt("partner", say("{name} is not named in it."),
                        say("Show a page with the name or logo on it."), **missing)
        )  # fmt: skip
    if sought.vendor:
        missing = {"name": sought.vendor[0]}
        yield (
            _yes("vendor", say("The vendor is named: {name}"), name=facts.vendor)
            if facts.vendor
            else _doubt("vendor", say("{name} is not named in it."),
                        say("Show a page with the brand on it."), **missing)
        )  # fmt: skip
    if facts.campaign or facts.address:
        shown = facts.campaign or facts.address
        yield _yes("campaign", say("The campaign is named: {name}"), name=shown)
    elif sought.campaign:
        remedy = say("Show its title, or the address of its page.")
        yield _no("campaign", say("Neither “{name}” nor the address of its page stands in it."),
                  remedy, name=sought.campaign[0])  # fmt: skip


def _logo(facts: Facts) -> Finding:
    if facts.logo >= SURE:
        return _yes("logo", say("The vendor’s logo is recognised ({alike} of 100 alike)"),
                    alike=facts.logo)  # fmt: skip
    if facts.logo >= PERHAPS:
        words = say(
            "Something like the vendor’s logo stands in it ({alike} of 100 alike); not sure."
        )
        return _doubt("logo", words, say("Look at it."), alike=facts.logo)
    words = say("The vendor’s logo is not recognised; it may stand in it all the same.")
    return _doubt("logo", words, say("A straight, near picture of it is recognised best."))


def _people(facts: Facts, sought: Sought) -> Finding:
    if not facts.people:
        words = say("No people are counted in this list.")
        return _no("people", words, say("Send one line a person, with company or address."))
    if sought.people and facts.people * 2 < sought.people:
        words = say("{n} people are counted in it; the plan was for {asked}.")
        return _doubt("people", words, n=facts.people, asked=sought.people)
    return _yes("people", say("People counted in it: {n}"), n=facts.people)


def _yes(code: str, words: Words, **values: Any) -> Finding:
    return Finding(code, Result.PASSED, words.message, values=values)


def _no(code: str, words: Words, remedy: str = "", **values: Any) -> Finding:
    return Finding(code, Result.MISSING, words.message, remedy, values)


def _doubt(code: str, words: Words, remedy: str = "", **values: Any) -> Finding:
    return Finding(code, Result.DOUBTFUL, words.message, remedy, values)
