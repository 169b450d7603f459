"""Deadlines as people write them: «10 working days before activity start», «30 days after quarter end»."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from tcma.errors import Invalid
from tcma.mdf.programme.days import WorkCalendar, add_months
from tcma.mdf.words import spoken_count, spoken_day
from tcma.words import Joined, Words, say, say_as

MOST = 1500
UNITS = {
    "working day": 0,
    "day": 0,
    "week": 0,
    "month": 1,
    "quarter": 3,
    "half-year": 6,
    "year": 12,
}
BASES = {
    "activity start": ("activity start", "start of activity", "start of the activity", "start"),
    "activity end": ("activity end", "end of activity", "end of the activity", "execution"),
    "request": ("request", "submission of the request", "application"),
    "approval": ("approval", "pre-approval", "plan approval"),
    "claim": ("claim", "filing", "submission of the claim"),
    "decision": ("decision", "checking", "return", "refusal", "rejection"),
    "invoice": ("invoice", "invoice date", "date of invoice"),
    "earning": ("earning", "purchase", "accrual", "the earning", "sale"),
    "fund start": ("fund start", "start of the fund", "start of fund"),
    "fund end": ("fund end", "end of the fund", "end of fund", "period end"),
    "claim deadline": ("claim deadline",),
}
BASE_WORDS = {
    "activity start": say_as("deadline", "activity start"),
    "activity end": say_as("deadline", "activity end"),
    "request": say_as("deadline", "sending of the plan"),
    "approval": say_as("deadline", "approval of the plan"),
    "claim": say_as("deadline", "filing of the claim"),
    "decision": say_as("deadline", "decision"),
    "invoice": say_as("deadline", "date of the invoice"),
    "earning": say_as("deadline", "earning"),
    "fund start": say_as("deadline", "start of the fund"),
    "fund end": say_as("deadline", "end of the fund"),
    "claim deadline": say_as("deadline", "last day to claim"),
}
PERIOD_WORDS = {
    "week": say_as("end of", "the week"),
    "month": say_as("end of", "the month"),
    "quarter": say_as("end of", "the quarter"),
    "half-year": say_as("end of", "the half-year"),
    "year": say_as("end of", "the year"),
}
_BASE_OF = {word: base for base, words in BASES.items() for word in words}
_SPAN = re.compile(
    r"(\d+)\s+(working|business|calendar)?\s*(day|week|month|quarter|half-year|year)s?"
)
_TERM = re.compile(rf"(?:{_SPAN.pattern}\s+(before|after)\s+)?(.+)")
_EDGE = re.compile(
    r"(?:(start|end) of (?:the )?(next )?(week|month|quarter|half-year|year)"
    r"|(week|month|quarter|half-year|year) (start|end))(?: of (.+))?"
)
_ROLL = re.compile(r"(.+?),? or the (next|previous) working day")
EXAMPLES = (
    "write for example “10 working days before activity start”, “45 days after activity end”,"
    " “30 days after quarter end”, “end of month” or “2026-12-15”"
)
_MONTHS = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time; `working` days are counted by the region's calendar."""

    count: int
    unit: str

    def shift(self, day: date, calendar: WorkCalendar, sign: int) -> date:
        """Return the day that lies this far after `day`, or before it when `sign` is -1."""
        if self.unit == "working day":
            return calendar.shift(day, sign * self.count)
        if self.unit in {"day", "week"}:
            return day + timedelta(sign * self.count * (7 if self.unit == "week" else 1))
        return add_months(day, sign * self.count * UNITS[self.unit])

    @property
    def words(self) -> str:
        """The length as it reads."""
        return spoken_count(self.count, self.unit)


@dataclass(frozen=True, slots=True)
class Term:
    """A last day (or a first): a fixed day, or so long before or after something happens.

    `base` is what happens; `period` moves to the edge of the week, month, quarter … around it.
    """

    source: str
    span: Span | None = None
    sign: int = 1
    base: str = ""
    period: str = ""
    edge: str = "end"
    ahead: bool = False
    fixed: date | None = None
    roll: str = ""

    def day(
        self, anchors: Mapping[str, date | None], calendar: WorkCalendar, year_starts: int = 1
    ) -> date | None:
        """Return the day this names, None while what it counts from has not happened."""
        day = self.fixed or anchors.get(self.base)
        if day is None:
            return None
        if self.period:
            day = _edge(day, self, year_starts)
        if self.span:
            day = self.span.shift(day, calendar, self.sign)
        while self.roll and not calendar.is_working(day):
            day += timedelta(1 if self.roll == "next" else -1)
        return day

    @property
    def words(self) -> Words:
        """The term as a sentence has it: in English as its author wrote it."""
        if self.fixed and not self.span:
            return spoken_day(self.fixed)
        said = _said(self)
        return Words.made(self.source, said.message, said.values, said.context)


def _said(term: Term) -> Words:
    """Return how a term was understood, for readers of other languages than its author's."""
    said = spoken_day(term.fixed) if term.fixed else BASE_WORDS[term.base]
    if term.period:
        said = _edge_words(term, said)
    if term.span and term.sign < 0:
        said = say("{span} before {day}", span=term.span.words, day=said)
    elif term.span:
        said = say("{span} after {day}", span=term.span.words, day=said)
    elif not term.period:
        said = say_as("deadline", "on {day}", day=said)
    if term.roll == "next":
        return say("{day}, or the next working day", day=said)
    return say("{day}, or the previous working day", day=said) if term.roll else said


def _edge_words(term: Term, base: Words) -> Words:
    period = PERIOD_WORDS[term.period]
    if term.edge == "start":
        if term.ahead:
            return say("start of {period} after that of {day}", period=period, day=base)
        return say("start of {period} of {day}", period=period, day=base)
    if term.ahead:
        return say("end of {period} after that of {day}", period=period, day=base)
    return say("end of {period} of {day}", period=period, day=base)


def together(terms: tuple[Term, ...]) -> Words:
    """Return terms that all count, in one list."""
    said = [term.words for term in terms]
    return Joined.made(" and ".join(said), "", {"parts": said}, "standard")


def _edge(day: date, term: Term, year_starts: int) -> date:
    if term.period == "week":
        first = day - timedelta(day.weekday()) + timedelta(7 if term.ahead else 0)
        return first if term.edge == "start" else first + timedelta(6)
    length = _MONTHS[term.period]
    into = (day.month - (1 if term.period == "month" else year_starts)) % length
    first = add_months(day.replace(day=1), (length if term.ahead else 0) - into)
    return first if term.edge == "start" else add_months(first, length) - timedelta(1)


def _refuse(text: str, message: str) -> Invalid:
    return Invalid(f"“{text}” {message}", code="programme.term", remedy=EXAMPLES)


def read_span(text: str) -> Span:
    """Read «10 working days», «6 weeks», «1 month»; Invalid otherwise."""
    found = _SPAN.fullmatch(_plain(text))
    if found is None:
        raise Invalid(
            f"“{text}” is not a length of time.",
            code="programme.span",
            remedy="write for example “14 days”, “10 working days”, “6 weeks” or “1 month”",
        )
    return _span(text, found)


def _span(text: str, found: re.Match[str]) -> Span:
    count, kind, unit = int(found[1]), found[2], found[3]
    if count > MOST:
        raise _refuse(text, f"is too long: at most {MOST}.")
    if kind in {"working", "business"}:
        if unit != "day":
            raise _refuse(text, "counts working weeks or months; only days can be working days.")
        unit = "working day"
    return Span(count, unit)


def _plain(text: str) -> str:
    words = " ".join(text.strip().lower().replace("half year", "half-year").split())
    return words.removeprefix("at least ").removeprefix("within ").removeprefix("by ")


def read_term(text: str, *, base: str = "activity end") -> Term:
    """Read a deadline; `base` is what «quarter end» alone belongs to. Invalid otherwise."""
    plain = _plain(text)
    roll = ""
    if rolled := _ROLL.fullmatch(plain):
        plain, roll = rolled[1], rolled[2]
    found = _TERM.fullmatch(plain)
    if found is None:
        raise _refuse(text, "is not a deadline.")
    span = _span(text, found) if found[1] else None
    sign = -1 if found[4] == "before" else 1
    rest = found[5].removeprefix("the ")
    if bare := re.fullmatch(r"(?:before|after) (.+)", rest):
        if span is not None:
            raise _refuse(text, "is not a deadline.")
        sign = -1 if rest.startswith("before") else 1
        span, rest = Span(1, "day"), bare[1].removeprefix("the ")
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", rest):
        return Term(text.strip(), span, sign, fixed=_day(text, rest), roll=roll)
    if rest in _BASE_OF:
        return Term(text.strip(), span, sign, _BASE_OF[rest], roll=roll)
    edge = _EDGE.fullmatch(rest)
    of = edge[6].removeprefix("the ") if edge and edge[6] else base
    of = of if of in BASES else _BASE_OF.get(of, "")
    if edge is None or not of:
        known = ", ".join(BASES)
        raise _refuse(text, f"does not say from when it counts; known are {known}.")
    period, side = edge[3] or edge[4], edge[1] or edge[5]
    return Term(text.strip(), span, sign, of, period, side, bool(edge[2]), roll=roll)


def _day(text: str, day: str) -> date:
    try:
        return date.fromisoformat(day)
    except ValueError:
        raise _refuse(text, "names a day that no calendar has.") from None


def period_of(day: date, period: str, year_starts: int = 1) -> tuple[date, date]:
    """Return the first and last day of the month, quarter, half-year or year around `day`."""
    first = _edge(day, Term("", period=period, edge="start"), year_starts)
    return first, _edge(day, Term("", period=period), year_starts)
