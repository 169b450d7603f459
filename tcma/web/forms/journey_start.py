"""The form of what begins a journey by itself: what stands in its fields, and the table they make."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from tcma.errors import Invalid
from tcma.journeys import whole
from tcma.journeys.document import Journey, Start
from tcma.journeys.start_reading import MOST_LATE, ONCE, YEAR, calendar_text, distance_text

FORM, DATE, CALENDAR = "form", "date", "calendar"
BY: Final = (
    (FORM, "Nothing: the form alone"),
    (DATE, "A date of each contact"),
    (CALENDAR, "Days of a calendar"),
)
WAYS: Final = (("before", "days before it"), ("on", "on the day"), ("after", "days after it"))


def start_fields(journey: Journey) -> dict[str, Any]:
    """Return what stands in the fields, and the steps at which it may begin."""
    start = journey.start or Start()
    told = "" if journey.start is None or start.by_date else calendar_text(start)
    way = "before" if start.days < 0 else "after" if start.days else "on"
    return {
        "start_by": FORM if journey.start is None else DATE if start.by_date else CALENDAR,
        "start_date": ", ".join(start.fields),
        "start_days": str(abs(start.days) or ""),
        "start_way": way if start.by_date else "before",
        "start_every": YEAR if start.yearly else ONCE,
        "start_calendar": told if isinstance(told, str) else ", ".join(told),
        "start_at": f"{start.at:%H:%M}",
        "start_late": str(start.late),
        "start_step": start.step,
        "start_choices": BY,
        "start_ways": WAYS,
        "start_steps": [("", "the first step"), *((step.id, step.id) for step in journey.steps)],
    }


def start_change(form: Mapping[str, str]) -> Callable[[str], str]:
    """Return what a posted form does to a document; raises Invalid with the field that says nothing."""
    told = _told({key: value.strip() for key, value in form.items()})
    return lambda text: whole.started(text, told)


def _told(form: Mapping[str, str]) -> dict[str, Any]:
    by = form.get("start_by", FORM)
    if by == FORM:
        return {}
    late = form.get("start_late", "")
    if not late.isdigit() or int(late) > MOST_LATE:
        raise _wrong(
            "start_late", f"Write how many days late somebody may begin, {MOST_LATE} at most."
        )
    more: dict[str, Any] = {"at": form.get("start_at", ""), "late": int(late)}
    if step := form.get("start_step", ""):
        more["step"] = step
    if by == CALENDAR:
        words = _names(form.get("start_calendar", "").lower())
        if not words:
            raise _wrong(
                "start_calendar", "Write first monday, every friday, or days such as 2027-01-15."
            )
        plain = len(words) == 1 and not words[0][:1].isdigit()
        return {"calendar": words[0] if plain else words} | more
    names = _names(form.get("start_date", ""))
    if not names:
        raise _wrong("start_date", "Write what partners call the date field.")
    return {
        "date": names[0] if len(names) == 1 else names,
        "days": distance_text(_distance(form)),
        "every": YEAR if form.get("start_every") == YEAR else ONCE,
    } | more


def _distance(form: Mapping[str, str]) -> int:
    way, days = form.get("start_way", ""), form.get("start_days", "")
    if way == "on":
        return 0
    if not days.isdigit() or not 1 <= int(days) <= 999:
        raise _wrong("start_days", "Write how many days, from 1 to 999.")
    return -int(days) if way == "before" else int(days)


def _names(text: str) -> list[str]:
    return [" ".join(name.split()) for name in text.split(",") if name.strip()]


def _wrong(key: str, words: str) -> Invalid:
    return Invalid(words, code="journey.whole", fields={key: words})
