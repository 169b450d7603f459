"""A programme's rules as single facts for pages: the vendor's part, the notice, the window, the limit."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tcma.mdf.programme.document import Activity, Programme, Share
from tcma.mdf.programme.terms import Term, together
from tcma.mdf.words import spoken_count
from tcma.money import Money

LONGEST_SEARCH = 750


def share_of(rules: Programme, kind: str = "") -> Share:
    """Return the share that counts for an activity, else the programme's."""
    activity = rules.activity(kind)
    return (activity.share if activity else None) or rules.share


def share_bps(rules: Programme, tier: str, kind: str = "") -> int:
    """Return the vendor's part of a cost in basis points, for a partner's tier."""
    share = share_of(rules, kind)
    percent = share.by_tier.get(tier.casefold(), share.percent)
    if share.least is not None and share.most is not None:
        percent = min(max(percent, share.least), share.most)
    return int(percent * 100)


def cap_of(rules: Programme, currency: str) -> Money | None:
    """Return the most one plan may ask for, None without a limit."""
    most = rules.request.maximum
    return None if most is None else Money.parse(f"{most:f}", currency)


def notice_words(rules: Programme) -> str:
    """Return the last day to send a plan in words, «» without one."""
    terms = rules.request.deadline
    span = terms[0].span if len(terms) == 1 else None
    if span and terms[0].base == "activity start" and not terms[0].period:
        return spoken_count(span.count, span.unit)
    return together(terms)


def window_words(rules: Programme) -> str:
    """Return the last day to claim in words, «» without one."""
    return together(rules.claim.deadline)


@dataclass(frozen=True, slots=True)
class Period:
    """The days of a fund; `until` is a later last day that somebody gave a partner."""

    starts_on: date
    ends_on: date
    until: date | None = None


def last_day(rules: Programme, period: Period, *, earned_on: date | None = None) -> date:
    """Return the last day on which money may be planned with."""
    known = {"fund start": period.starts_on, "fund end": period.ends_on, "earning": earned_on}
    days = [term.day(known, rules.calendar, rules.year_starts) for term in rules.fund.expires]
    last = min((day for day in days if day), default=period.ends_on)
    return max(last, period.until) if period.until else last


def first_start(rules: Programme, now: datetime, activity: Activity | None = None) -> date:
    """Return the first day on which something planned now could start."""
    terms: tuple[Term, ...] = (activity.deadline if activity else ()) or rules.request.deadline
    today = rules.calendar.day_of(now)
    for n in range(LONGEST_SEARCH):
        start = today + timedelta(n)
        known = {"activity start": start, "activity end": start, "request": today}
        days = [term.day(known, rules.calendar, rules.year_starts) for term in terms]
        if all(day is None or rules.calendar.in_time(now, day) for day in days):
            return start
    return today
