"""Days of a case: what deadlines count from, extensions, and the sentence for whoever is late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from tcma.mdf.programme.cases import Activity, Grant
from tcma.mdf.programme.conditions import same
from tcma.mdf.programme.document import Extension
from tcma.mdf.programme.terms import Term, together
from tcma.mdf.programme.verdict import Fault, Record
from tcma.mdf.reasons import Reason
from tcma.mdf.words import spoken_count, spoken_day
from tcma.words import Words, joined, say

LONGEST_SEARCH = 750
Anchors = Mapping[str, date | None]


def anchors(record: Record, activity: Activity | None = None) -> dict[str, date | None]:
    """Return the days that deadlines may count from."""
    case, calendar = record.case, record.programme.calendar
    plan = case.plan

    def day(instant: datetime | None) -> date | None:
        return calendar.day_of(instant) if instant else None

    of_claim = case.kind == "claim"
    found = {
        "activity start": activity.starts_on if activity else case.first_day,
        "activity end": activity.ends_on if activity else case.last_day,
        "request": day(plan.submitted_at) if plan and of_claim else day(case.at),
        "approval": day(plan.approved_at) if plan else None,
        "claim": day(case.at) if of_claim else None,
        "decision": day(case.judged_at),
        "earning": case.earned_on,
        "fund start": record.fund_days()[0],
        "fund end": record.fund_days()[1],
    }
    found["claim deadline"] = last_day(record, record.programme.claim.deadline, found)
    return found


def last_day(record: Record, terms: tuple[Term, ...], known: Anchors) -> date | None:
    """Return the earliest of the days the terms name, None when none of them can be told."""
    programme = record.programme
    days = (term.day(known, programme.calendar, programme.year_starts) for term in terms)
    return min((day for day in days if day), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A last day that something must meet: which rule, what it is about, what is said if late."""

    rule: str
    terms: tuple[Term, ...]
    code: Reason
    what: Words
    line: int | None = None
    extension: Extension | None = None


def in_time(record: Record, window: Window, at: datetime, known: Anchors) -> None:
    """Write down whether `at` is on or before the window's last day, its last second included."""
    calendar = record.programme.calendar
    if not window.terms:
        record.skip(window.rule, say("The programme sets no last day."), line=window.line)
        return
    day = last_day(record, window.terms, known)
    says = together(window.terms)
    if day is None:
        words = say(
            "{what}: «{term}» counts from a day the case does not state.",
            what=window.what,
            term=says,
        )
        fault = Fault(code=window.code, words=words, remedy=say("State the day."))
        record.fail(window.rule, fault, line=window.line, term=says)
        return
    today = calendar.day_of(at)
    inputs: dict[str, Any] = {"term": says, "last_day": day, "at": calendar.local(at).isoformat()}
    if closed := _closed(record, window, known):
        inputs["closed_days"] = closed
    longer = granted(record, window.extension, day) if window.extension else None
    if window.code is Reason.LATE_CLAIM and record.case.fix_by:
        inputs["fix_by"] = record.case.fix_by
        longer = max(longer or day, record.case.fix_by)
    last = max(day, longer) if longer else day
    if calendar.in_time(at, last):
        said = say(
            "{what} on {day}; the last day is {last}.",
            what=window.what,
            day=spoken_day(today),
            last=spoken_day(last),
        )
        if longer and record.case.extension:
            by = _who(record.case.extension)
            said = joined(said, say("It was extended by {name}.", name=by))
        record.good(window.rule, said, line=window.line, **inputs)
        return
    told = {"what": window.what, "day": spoken_day(today), "last": spoken_day(day), "term": says}
    words = say("{what} on {day}; the last day was {last}: {term}.", **told)
    if calendar.day_ends:
        hour = f"{calendar.day_ends:%H:%M}"
        words = say(
            "{what} on {day}; the last day was {last}, at {hour}: {term}.", **told, hour=hour
        )
    record.fail(window.rule, _late(record, window, words, known), line=window.line, **inputs)


def _closed(record: Record, window: Window, known: Anchors) -> dict[str, str]:
    # A replay shows which holidays stood between: calendars of years to come are still amended.
    calendar, found = record.programme.calendar, {}
    for term in window.terms:
        base, end = term.fixed or known.get(term.base), last_day(record, (term,), known)
        by_calendar = term.roll or (term.span and term.span.unit == "working day")
        if by_calendar and base and end:
            found.update(calendar.holidays_between(base, end))
    return found


def _late(record: Record, window: Window, words: str, known: Anchors) -> Fault:
    remedy: str = say("Ask for an extension.") if window.extension else ""
    if window.code is Reason.LATE_REQUEST:
        words = _short_notice(record, window, known) or words
        if start := earliest_start(record, window.terms, known):
            remedy = say("Start on {day} instead, or ask for an exception.", day=spoken_day(start))
    return Fault(code=window.code, words=words, remedy=remedy)


def _short_notice(record: Record, window: Window, known: Anchors) -> str:
    # The one notice everybody knows is said in working days left, not as a date.
    start, term = known.get("activity start"), window.terms[0]
    span = term.span
    if span is None or span.unit != "working day" or term.base != "activity start" or not start:
        return ""
    calendar = record.programme.calendar
    left = notice_left(record, calendar.day_of(record.case.at), start)
    who = record.case.facts.get("vendor") or say("the programme")
    days = spoken_count(left, "working day")
    return say("This starts in {days}; {who} needs {n}.", days=days, who=who, n=span.count)


def notice_left(record: Record, today: date, start: date) -> int:
    """Return how many working days of notice a start leaves: from today, the start not counted."""
    calendar = record.programme.calendar
    return calendar.between(today - timedelta(1), start - timedelta(1)) if start > today else 0


def earliest_start(record: Record, terms: tuple[Term, ...], known: Anchors) -> date | None:
    """Return the first day on which an activity sent now could start; None when no day would do."""
    today = record.programme.calendar.day_of(record.case.at)
    for n in range(LONGEST_SEARCH):
        start = today + timedelta(n)
        last = last_day(record, terms, {**known, "activity start": start})
        if last is None:
            return None
        if record.programme.calendar.in_time(record.case.at, last):
            return start
    return None


def granted(record: Record, rule: Extension, day: date) -> date | None:
    """Return the day until which somebody extended `day`, None when nobody did who may."""
    grant = record.case.extension
    if grant is None or grant.until is None:
        return None
    most = rule.most.shift(day, record.programme.calendar, 1) if rule.most else grant.until
    role_fits = not rule.by or any(same(grant.role, role) for role in rule.by)
    who = _who(grant)
    words = say("Extended to {day} by {name}.", day=spoken_day(grant.until), name=who)
    inputs: dict[str, Any] = {
        "until": grant.until,
        "at_most": most,
        "role": grant.role,
        "may": rule.by,
    }
    if role_fits and grant.until <= most:
        record.good("extension", words, **inputs)
        return grant.until
    words = say("{name} may not extend; the extension does not count.", name=who)
    if role_fits:
        words = say(
            "{name} may extend to {day} at most; the extension does not count.",
            name=who,
            day=spoken_day(most),
        )
    record.skip("extension", words, **inputs)
    return None


def _who(grant: Grant | None) -> str:
    return (grant.by or grant.role or say("somebody")) if grant else ""
