"""What a partner knows of a lead before it accepts: which facts are shown, and what identifies."""

import re
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum

from tcma.words import say

HIDDEN = say("shown when you accept")
SOMEBODY = say("Somebody")


class Fact(StrEnum):
    """A fact that a vendor may show before a lead is accepted; name, address and phone never are."""

    COMPANY = "company"
    COUNTRY = "country"
    AREA = "area"
    CAMPAIGN = "campaign"
    ANSWERS = "answers"
    WORDS = "words"


STANDARD = (Fact.COMPANY, Fact.COUNTRY, Fact.AREA, Fact.CAMPAIGN, Fact.ANSWERS)
"""What is shown where a vendor states nothing: enough to decide, nothing a person wrote freely."""

SHOWS = "shows"
"""Where an offer's trace keeps what is shown, when its rules say something else than the standard."""
FREE = frozenset({"wrote", "subject", "message", "note", "comment", "comments", "question"})
"""Answers that are somebody's own words, whatever their length."""
LONGEST_PICK = 60
_ADDRESS = re.compile(
    r"\S+@\S+|(?:https?://|www\.)\S+|\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b", re.IGNORECASE
)
_NUMBER = re.compile(
    r"(?:\+|\(0|\b0)\d?(?:[\s()./-]{0,2}\d){5,}"  # as it is dialled
    r"|\b\d(?:[\s()./-]{0,2}\d){8,}"  # too long for a count
)
_SIGNATURE = re.compile(r"^(?:--\s*|[-_]{5,})$", re.MULTILINE)
_AREA_END = re.compile(r"[\s-]")
LONGEST_AREA = 3


def facts_of(kept: Collection[str] | None) -> tuple[Fact, ...]:
    """Return what was shown of a lead by the rules it was offered by; the standard for None."""
    return STANDARD if kept is None else tuple(fact for fact in Fact if fact in kept)


def area_of_postcode(postcode: str) -> str:
    """Return the part of a postcode that names a district, not a street."""
    area = _AREA_END.split(postcode)[0]
    if area == postcode and len(area) > LONGEST_AREA:
        return f"{area[:2]}…"
    return area


def place(country: str, postcode: str, shown: Collection[Fact]) -> str:
    """Return where a lead is, as far as it is shown."""
    parts = (
        country if Fact.COUNTRY in shown else "",
        area_of_postcode(postcode) if Fact.AREA in shown else "",
    )
    return " ".join(part for part in parts if part)


def company(name: str, shown: Collection[Fact]) -> str:
    """Return a lead's company, or what stands for it."""
    return name if name and Fact.COMPANY in shown else SOMEBODY


def campaign(name: str, vendor: str, shown: Collection[Fact]) -> str:
    """Return what a lead asks for, or what stands for it."""
    return name if Fact.CAMPAIGN in shown else say("an offer of {vendor}", vendor=vendor)


def answers(
    given: Mapping[str, str], shown: Collection[Fact], *, names: Iterable[str], company: str
) -> dict[str, str]:
    """Return the answers of a form as they are shown before acceptance.

    What was picked is shown with `answers`, what somebody wrote with `words`, and then without
    signature, addresses, numbers, `names`, and the company where it is not shown.
    """
    secrets = _secrets([*names, *(() if Fact.COMPANY in shown else (company,))])
    return {question: _answer(question, text, shown, secrets) for question, text in given.items()}


def _answer(
    question: str, text: str, shown: Collection[Fact], secrets: re.Pattern[str] | None
) -> str:
    if _is_pick(question, text) and _cleaned(text, secrets) == text:
        return text if Fact.ANSWERS in shown else HIDDEN
    if Fact.WORDS not in shown:
        return HIDDEN
    return _cleaned(_SIGNATURE.split(text)[0].strip(), secrets) or HIDDEN


def _is_pick(question: str, text: str) -> bool:
    return question.casefold() not in FREE and len(text) <= LONGEST_PICK and "\n" not in text


def _cleaned(text: str, secrets: re.Pattern[str] | None) -> str:
    for pattern in (_ADDRESS, _NUMBER, secrets):
        if pattern is not None:
            text = pattern.sub("…", text)
    return text


def _secrets(texts: Iterable[str]) -> re.Pattern[str] | None:
    """Return what finds the words of somebody's name and company."""
    words = {word for text in texts for word in re.split(r"[\W_]+", text) if len(word) > 2}
    if not words:
        return None
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b", re.IGNORECASE)
