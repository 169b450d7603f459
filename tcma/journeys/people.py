"""What is known of somebody in a journey: who they are, what they did, and what a step may ask of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256

from tcma.journeys.document import NOBODY, SOMEBODY, Again, Asked, Conditions, Journey, Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who somebody is. `key` never changes, so that a split gives the same answer for ever.

    `zone` is the one the journey goes by for them; `partner` the short name of who answers them, `holder`
    of who has their lead, `owner` the mail address of who works on it there. `left_days` ago they last left
    the journey they are about to enter; None for who has never been in it. `day` is the date the
    journey begins by, for who walks by it.
    """

    key: str
    zone: str = "UTC"
    country: str = ""
    postcode: str = ""
    company: str = ""
    language: str = ""
    partner: str = ""
    tier: str = ""
    tags: frozenset[str] = frozenset()
    segments: frozenset[str] = frozenset()
    holder: str = ""
    owner: str = ""
    left_days: int | None = None
    day: date | None = None
    score: int = 0
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seen:
    """Something somebody did; `mail` and `link` where it is of one."""

    signal: Signal
    mail: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known when a step is decided: what was done, and which mails are out already.

    `had` are mails of an earlier time through: they may come again, but never from a pool.
    """

    seen: frozenset[Seen] = frozenset()
    sent: frozenset[str] = frozenset()
    had: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Stand:
    """Where somebody stands: the step, since when, and when it is due.

    `answers` says that they have just asked and nothing was done since.
    """

    step: str
    since: datetime
    due_at: datetime
    answers: bool = False


def holds(asked: Asked, facts: Facts) -> bool:
    """Say whether what is asked for has happened."""
    return any(
        each.signal is asked.signal
        and (not asked.mail or each.mail == asked.mail)
        and (not asked.link or each.link == asked.link)
        for each in facts.seen
    )


_NOTHING = {"tag": "none", "segment": "none of these", "holder": NOBODY, "owner": NOBODY}


def _shared(wanted: tuple[str, ...], given: frozenset[str]) -> bool:
    return not {each.casefold() for each in wanted}.isdisjoint(each.casefold() for each in given)


def _has(wanted: tuple[str, ...], who: str) -> bool:
    """Say whether somebody's name is wanted; `nobody` and `somebody` are wanted without one."""
    return (SOMEBODY if who else NOBODY) in wanted or who.casefold() in map(str.casefold, wanted)


def kept_out(journey: Journey, left_days: int | None) -> str:
    """Return why somebody who left a journey so many whole days ago may not enter it again; empty when they
    may, or have never been in it (None).
    """
    if left_days is None:
        return ""
    if journey.again is Again.NEVER:
        return "they have been in it already"
    if left_days >= journey.rest:
        return ""
    return f"they left it {left_days} days ago, {journey.rest} are asked for"


def misses(when: Conditions, person: Person) -> str:
    """Return the first condition a person does not meet, in words; empty when all are met."""
    flat = "".join(person.postcode.split()).upper()
    wanted = tuple("".join(p.split()).upper() for p in when.postcode)
    domain = person.company.casefold()
    company = any(domain == d or domain.endswith(f".{d}") for d in map(str.casefold, when.company))
    for asked, met, word, value in (
        (when.country, person.country in when.country, "country", person.country),
        (when.postcode, bool(flat) and flat.startswith(wanted), "postcode", person.postcode),
        (when.company, company, "company", person.company),
        (when.language, person.language in when.language, "language", person.language),
        (when.partner, person.partner in when.partner, "partner", person.partner),
        (when.tier, person.tier in when.tier, "tier", person.tier),
        (when.tag, _shared(when.tag, person.tags), "tag", ", ".join(sorted(person.tags))),
        (when.segment, _shared(when.segment, person.segments), "segment", ", ".join(sorted(person.segments))),
        (when.holder, _has(when.holder, person.holder), "holder", person.holder),
        (when.owner, _has(when.owner, person.owner), "owner", person.owner),
    ):  # fmt: skip
        if asked and not met:
            return f"{word} is {value or _NOTHING.get(word, 'not told')}"
    if person.score < when.score:
        return f"{person.score} points, {when.score} are asked for"
    said = {q.casefold(): a.casefold() for q, a in person.answers.items()}
    for question, answers in when.answers:
        given = said.get(question.casefold(), "")
        if given not in {a.casefold() for a in answers}:
            return (
                f"“{question}” was answered “{given}”" if given else f"“{question}” has no answer"
            )
    return ""


def drawn(key: str, salt: str, outof: int) -> int:
    """Return a number from 0 to below `outof`, the same for the same person and salt for ever."""
    return int.from_bytes(sha256(f"{salt}\0{key}".encode()).digest()[:8]) % outof


def is_held_out(key: str, percent: int) -> bool:
    """Say whether somebody is among those who get no mail, to be compared with."""
    return drawn(key, "hold-out", 100) < percent
