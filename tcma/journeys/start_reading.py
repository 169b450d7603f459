"""The `[start]` of a journey's document: by which date or calendar it begins, its faults by line."""

import re
from collections.abc import Collection
from datetime import date
from typing import Any

from tcma.journeys.document import DAYS, LAST, Start
from tcma.journeys.values import Values

START_KEYS = ("date", "days", "every", "calendar", "at", "late", "step")
MOST_LATE, MOST_DATES, LONGEST_NAME = 60, 60, 60
_DISTANCE = re.compile(r"(\d{1,3}) days? (before|after)\Z")
ON_THE_DAY = "on the day"
NTHS = {"every": 0, "first": 1, "second": 2, "third": 3, "fourth": 4, "last": LAST}
ONCE, YEAR = "once", "year"


def read_start(
    walk: Values, raw: dict[str, Any], ids: Collection[str], *, is_asked_who: bool
) -> Start | None:
    """Return how a journey begins by itself, None where it does not; faults are said to `walk`."""
    if "start" not in raw:
        return None
    walk.at = walk.header("[start]")
    told = walk.table(raw, "start")
    by_calendar = "calendar" in told and "date" not in told
    allowed = [key for key in START_KEYS if not by_calendar or key not in ("days", "every")]
    walk.only(told, allowed, "a calendar" if by_calendar else "[start]")
    step = told.get("step", "")
    if step and step not in ids:
        walk.say("step", f"There is no step “{step}”.", f"use {', '.join(ids)}")
    plain = Start()
    more: dict[str, Any] = {
        "at": walk.clock(told.get("at", f"{plain.at:%H:%M}"), "at"),
        "late": walk.number(told, "late", plain.late, range(MOST_LATE + 1)),
        "step": str(step),
    }
    if "calendar" in told and "date" in told:
        walk.say("calendar", "It begins by a date or a calendar, not both.", "take one of them out")
    elif by_calendar:
        if not is_asked_who:
            walk.say("calendar", "A calendar begins for everybody: it is not said for whom.",
                     'write [entry] and if = { segment = ["Customers"] }')  # fmt: skip
        more |= _calendar(walk, told["calendar"])
    elif "date" in told:
        every = walk.choice(told, "every", (ONCE, YEAR), ONCE)
        more |= {
            "fields": _names(walk, told),
            "days": _distance(walk, told),
            "yearly": every == YEAR,
        }
    else:
        walk.say("start", "It is not said by which date it begins.", 'write date = "contract end"')
    return Start(**more)


def _names(walk: Values, told: dict[str, Any]) -> tuple[str, ...]:
    names = tuple(" ".join(name.split()) for name in walk.words(told, "date"))
    if not all(names) or not names or any(len(name) > LONGEST_NAME for name in names):
        walk.say(
            "date", "The date has no name.", 'write date = "contract end", as the field is called'
        )
    return names


def _distance(walk: Values, told: dict[str, Any]) -> int:
    text = str(told.get("days", ON_THE_DAY))
    match = _DISTANCE.match(text)
    if match is None:
        if text != ON_THE_DAY:
            walk.say("days", f"“{text}” is no distance from the date.",
                     'write "90 days before", "on the day" or "3 days after"')  # fmt: skip
        return 0
    return int(match[1]) * (-1 if match[2] == "before" else 1)


def _calendar(walk: Values, told: Any) -> dict[str, Any]:
    if isinstance(told, str):
        word, _, name = told.removesuffix(" of the month").partition(" ")
        if word in NTHS and name in DAYS:
            return {"nth": NTHS[word], "weekday": DAYS.index(name)}
        told = [told]
    if not isinstance(told, list) or not 0 < len(told) <= MOST_DATES:
        walk.say("calendar", f"A calendar has from 1 to {MOST_DATES} days.", 'write "first monday"')
        return {}
    found = []
    for each in told:
        try:
            found.append(each if type(each) is date else date.fromisoformat(str(each)))
        except ValueError:
            walk.say("calendar", f"“{each}” is no day of a calendar.",
                     'write "every monday", "first monday", "last friday" or ["2027-01-15"]')  # fmt: skip
    return {"dates": tuple(found)}


def start_told(start: Start | None) -> dict[str, Any]:
    """Return a start as a document says it, all keys but those that say what holds anyway."""
    if start is None:
        return {}
    told: dict[str, Any] = {}
    if start.by_date:
        told["date"] = start.fields[0] if len(start.fields) == 1 else list(start.fields)
        told["days"] = distance_text(start.days)
        told["every"] = YEAR if start.yearly else ONCE
    else:
        told["calendar"] = calendar_text(start)
    told |= {"at": f"{start.at:%H:%M}", "late": start.late}
    return told | ({"step": start.step} if start.step else {})


def distance_text(days: int) -> str:
    """Return how far from a date: «90 days before», «on the day», «1 day after»."""
    if not days:
        return ON_THE_DAY
    return f"{abs(days)} {'day' if abs(days) == 1 else 'days'} {'before' if days < 0 else 'after'}"


def calendar_text(start: Start) -> str | list[str]:
    """Return a calendar as a document says it: «first monday», or its days."""
    if start.dates:
        return [f"{day}" for day in start.dates]
    word = next(word for word, nth in NTHS.items() if nth == start.nth)
    return f"{word} {DAYS[start.weekday]}"


def start_words(start: Start) -> str:
    """Return when it begins by itself, as a phrase."""
    if start.by_date:
        names = " or ".join(f"“{name}”" for name in start.fields)
        said = distance_text(start.days)
        words = f"on the day of {names}" if said == ON_THE_DAY else f"{said} {names}"
        words += ", each year" if start.yearly else ""
    else:
        told = calendar_text(start)
        if isinstance(told, str):
            word, _, day = told.partition(" ")
            of_month = "" if word == "every" else " of the month"
            words = f"{'' if word == 'every' else 'on the '}{word} {day.capitalize()}{of_month}"
        else:
            words = f"on {', '.join(told)}"
    words += f", at {start.at:%H:%M}" + (f", at {start.step}" if start.step else "")
    return f"{words}, at most {start.late} {'day' if start.late == 1 else 'days'} late"
