"""When a launch needs somebody's yes, what that yes is bound to, and what has changed since."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from tcma.words import joined, say, say_n

GROWS_BY = 1.1
"""A list grows while a launch waits: up to a tenth more people than were approved need no new yes."""
LEAST_NOTICE = timedelta(days=2)
"""How long somebody has for an answer when the launch should have left sooner."""
MORNING = time(8)
AFTER_THE_ANSWER_IS_DUE = timedelta(days=14)
"""A late answer is still an answer; later than this a mailed link is old."""


class Approver(StrEnum):
    """Who says yes: the vendor's channel managers, or the partner's own owner."""

    VENDOR = "vendor"
    PARTNER = "partner"


class Need(StrEnum):
    """Why a launch needs a yes."""

    FIRST = "first"
    ABOVE = "above"
    EDITED = "edited"


class ApprovalState(StrEnum):
    """Where a question stands; `exempt` is one that nobody had to be asked."""

    OPEN = "open"
    APPROVED = "approved"
    RETURNED = "returned"
    REPLACED = "replaced"
    EXEMPT = "exempt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a vendor asks of its partners' launches; nothing by default."""

    asks_first: bool = False
    asks_above: int | None = None
    asks_edited: bool = False
    approver: Approver = Approver.VENDOR

    @property
    def asks(self) -> bool:
        """Say whether any launch can need a yes."""
        return self.asks_first or self.asks_edited or self.asks_above is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a yes is given to. `content` is the hash of all that the mails are made of, `people` how
    many can be mailed, `when` the instant as ISO 8601 in UTC.
    """

    content: str
    people: int
    lists: Sequence[str]
    list_ids: Sequence[str]
    sender: str
    when: str
    mails: int

    def as_json(self) -> dict[str, Any]:
        """Return it as a row keeps it."""
        return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items()}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Subject":
        """Read what a row keeps."""
        lists = {name: tuple(kept[name]) for name in ("lists", "list_ids")}
        return cls(**{**kept, **lists})

    @property
    def mark(self) -> str:
        """Name all of it but the number of people, which may shrink."""
        bound = {name: value for name, value in self.as_json().items() if name != "people"}
        told = json.dumps(bound, sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()[:16]


def needs(
    policy: Policy, *, is_first: bool, is_edited: bool, people: int
) -> list[tuple[Need, int | None]]:
    """Return why a launch needs a yes, each with its number where there is one; empty: it needs none."""
    found: list[tuple[Need, int | None]] = []
    if policy.asks_first and is_first:
        found.append((Need.FIRST, None))
    if policy.asks_above is not None and people > policy.asks_above:
        found.append((Need.ABOVE, policy.asks_above))
    if policy.asks_edited and is_edited:
        found.append((Need.EDITED, None))
    return found


def need_words(kept: Sequence[Sequence[Any]]) -> list[str]:
    """Return sentences for what `needs` found, as a row keeps it."""
    return [_need_words(Need(need), value) for need, value in kept]


def _need_words(need: Need, value: Any) -> str:
    if need is Need.FIRST:
        return say("It is the partner’s first launch.")
    if need is Need.ABOVE:
        return say("It goes to more than {most:,} people.", most=value)
    return say("The partner changed the texts.")


def changes(before: Subject, after: Subject) -> list[str]:
    """Return what of a launch is not as it was, a sentence each; fewer people are no change."""
    found: list[str] = []
    if after.content != before.content:
        found.append(say("The texts or pictures are others."))
    if after.mails != before.mails:
        found.append(say_n("It is {n} mail now.", "It is {n} mails now.", after.mails))
    if after.list_ids != before.list_ids:
        found.append(say("It goes to other lists now."))
    if after.people > before.people:
        was, now = f"{before.people:,}", f"{after.people:,}"
        found.append(say("{now} people instead of {was}.", now=now, was=was))
    if after.sender != before.sender:
        found.append(say("It comes from {sender} now.", sender=after.sender))
    if after.when != before.when:
        found.append(say("It leaves at another time."))
    return found


def covers(approved_people: int, people: int) -> bool:
    """Say whether a yes for so many people still holds for `people`."""
    return people <= approved_people * GROWS_BY


def answer_by(when: datetime, *, now: datetime) -> datetime:
    """Return until when an answer is expected: before it leaves, but in two days at the least."""
    return max(when, now + LEAST_NOTICE)


def remind_at(answer_by: datetime, zone: str) -> datetime:
    """Return when approvers are reminded: on the morning of the day before, where they are."""
    there = answer_by.astimezone(ZoneInfo(zone))
    return datetime.combine(there.date() - timedelta(days=1), MORNING, ZoneInfo(zone))


def in_one(words: Sequence[str]) -> str:
    """Join sentences."""
    return joined(*words)
