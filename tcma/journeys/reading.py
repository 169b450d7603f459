"""A journey's document (TOML) becomes steps; every fault is named with its line and remedy."""

import re
from collections.abc import Collection, Sequence
from datetime import time
from typing import Any

from tcma.journeys.document import (
    AT_ONCE,
    DAYS,
    END,
    EXITS,
    Again,
    Asked,
    Cap,
    Conditions,
    Delay,
    Journey,
    Kind,
    Over,
    Period,
    Read,
    Step,
    Trial,
    Window,
    ZonePolicy,
)
from tcma.journeys.phrases import parse_asked, parse_delay
from tcma.journeys.shape import faults_of_shape
from tcma.toml_document import Fault, Walk, near, parsed

_CAP = re.compile(r"(\d{1,2}) a (day|week)\Z")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\Z")
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}\Z")
_DELAYS = 'write "0", "3 working days", "7 days" or "2 hours"'
_SIGNALS = "write clicked:<mail>.<link>, clicked:<mail>, bounced:<mail>, replied, form, visited, downloaded, meeting, accepted or opportunity"
_HEADER = re.compile(r"\s*\[\[?\s*[A-Za-z]")
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,79}\Z")
LONGEST_TEXT = 200
LONGEST_LIST = 80
MOST_STEPS = 60
_OWN: dict[Kind, tuple[str, ...]] = {
    Kind.SEND: ("over_cap", "then"),
    Kind.WAIT: ("then",),
    Kind.UNTIL: ("then",),
    Kind.EVENT: ("at_most", "yes", "no"),
    Kind.BRANCH: ("yes", "no"),
    Kind.CHECK: ("yes", "no"),
    Kind.SPLIT: (),
    Kind.NOTIFY: ("then",),
    Kind.TASK: ("due", "then"),
    Kind.WEBHOOK: ("then",),
    Kind.ENLIST: ("then",),
    Kind.UNLIST: ("then",),
    Kind.STOP: (),
    Kind.MOVE: (),
    Kind.GOAL: (),
    Kind.EXIT: (),
}
_TOP = ("exits", "goals", "hold_out", "step", "entry", "window", "cap", "tests")
_CONDITIONS = ("country", "postcode", "company", "language", "partner", "tier")


def read(text: str, *, mails: Collection[str] | None = None) -> Read:
    """Read a document; `mails` are the nurture mails that exist, None to believe them."""
    text = text.replace("\r\n", "\n")
    raw = parsed(text)
    if isinstance(raw, Fault):
        return Read(None, (raw,))
    reader = _Reader(text, mails)
    journey = reader.document(raw)
    names = {step.id for step in journey.steps} | {END}
    if not reader.faults or all(names.issuperset(step.follows()) for step in journey.steps):
        reader.faults.extend(faults_of_shape(journey))
    faults = tuple(sorted(dict.fromkeys(reader.faults), key=lambda f: f.line))
    told_apart = journey.steps and len(names) - 1 == len(journey.steps) == len(raw["step"])
    return Read(None if faults else journey, faults, journey if told_apart else None)


def by_step(text: str, found: Read) -> dict[str, list[Fault]]:
    """Return the faults of a document by the step in which they stand; the others under an empty id."""
    lines = text.replace("\r\n", "\n").split("\n")
    headers = [n for n, line in enumerate(lines, 1) if _HEADER.match(line)]
    names = {step.line: step.id for step in found.sketch.steps} if found.sketch else {}
    sorted_: dict[str, list[Fault]] = {}
    for fault in found.faults:
        header = max((n for n in headers if n <= fault.line), default=0)
        sorted_.setdefault(names.get(header, ""), []).append(fault)
    return sorted_


class _Reader(Walk):
    """The parts of a journey, each read or its faults written down."""

    def __init__(self, text: str, mails: Collection[str] | None) -> None:
        super().__init__(text)
        self.mails = mails

    def document(self, raw: dict[str, Any]) -> Journey:
        self.only(raw, _TOP, "a journey")
        exits = self.words(raw, "exits")
        if not exits:
            self.say(
                "exits", "It is not said what ends a journey early.", 'write exits = ["reply", …]'
            )
        for name in exits:
            if name not in EXITS:
                self.say("exits", f"The exit “{name}” is unknown.", f"use {', '.join(EXITS)}")
        hold_out = self.number(raw, "hold_out", 0, range(51))
        goals = tuple(g for g in (self.asked(t, "goals") for t in self.words(raw, "goals")) if g)
        steps = self.steps(raw)
        self.at = self.header("[entry]")
        entry = self.table(raw, "entry")
        self.only(entry, ("again", "if"), "[entry]")
        again = self.choice(entry, "again", tuple(Again), Again.NEVER)
        when = self.conditions(self.table(entry, "if"))
        self.at = self.header("[window]")
        window, zone = self.window(self.table(raw, "window"))
        self.at = self.header("[cap]")
        cap = self.table(raw, "cap")
        self.only(cap, ("partner", "vendor"), "[cap]")
        return Journey(
            steps=steps,
            exits=frozenset(exits),
            goals=goals,
            entry=when,
            again=Again(again),
            hold_out=hold_out,
            window=window,
            zone=zone,
            partner_cap=self.cap(cap, "partner", Cap(2, Period.WEEK)),
            vendor_cap=self.cap(cap, "vendor", Cap(3, Period.WEEK)),
            trials=tuple(self.each(raw, "tests", self.trial)),
        )

    def steps(self, raw: dict[str, Any]) -> tuple[Step, ...]:
        rows = raw.get("step", [])
        if not isinstance(rows, list) or not rows or not all(isinstance(r, dict) for r in rows):
            self.say("step", "There is no step.", "write [[step]]")
            return ()
        if len(rows) > MOST_STEPS:
            self.say("step", f"There are more than {MOST_STEPS} steps.", "split the journey in two")
        ids = [str(row.get("id", "")) for row in rows]
        found: list[Step] = []
        for nth, row in enumerate(rows):
            self.at = self.header("[[step]]", nth)
            following = ids[nth + 1] if nth + 1 < len(ids) else END
            step = self.step(row, ids, following)
            if step is not None and ids.index(step.id) < nth:
                self.say("id", f"Two steps are called “{step.id}”.", "give each its own id")
            if step is not None:
                found.append(step)
        return tuple(found)

    def step(self, row: dict[str, Any], ids: list[str], following: str) -> Step | None:
        name = row.get("id", "")
        if not isinstance(name, str) or not _ID.match(name) or name == END:
            self.say(
                "id", f"“{name}” cannot be a step's id.", 'write id = "n1": small letters, digits'
            )
            return None
        kinds = [kind for kind in Kind if kind.value in row]
        if not kinds and "after" in row:
            kinds = [Kind.WAIT]  # as campaigns wrote a pause before there was `wait`
        if len(kinds) != 1:
            several = " and ".join(k.value for k in kinds) or "nothing"
            one = ", ".join(k.value for k in Kind)
            self.say("id", f"The step “{name}” does {several}.", f"write one of {one}")
            return None
        kind = kinds[0]
        before = () if "wait" in row else ("after",)
        self.only(row, ("id", *before, kind.value, *_OWN[kind]), f"a step with {kind.value}")
        for key in ("then", "yes", "no"):
            self.target(row.get(key, END), key, ids)
        value = row.get(kind.value, "")
        does: dict[str, Any] = {"after": self.delay(row, "after")} | self.does(
            kind, value, row, ids
        )
        does |= {key: str(row.get(key, following)) for key in ("then", "yes", "no")}
        return Step(id=name, kind=kind, line=self.at, **does)

    def does(  # noqa: C901, PLR0911 - one answer a kind
        self, kind: Kind, value: Any, row: dict[str, Any], ids: list[str]
    ) -> dict[str, Any]:
        """The fields that only this kind of step has."""
        match kind:
            case Kind.SEND:
                over = self.choice(row, "over_cap", tuple(Over), Over.WAIT)
                return {"mail": self.mail(value, "send"), "over_cap": Over(over)}
            case Kind.WAIT:
                return {"after": self.delay(row, "wait")} if "wait" in row else {}
            case Kind.UNTIL:
                days, at = self.week_time(str(value))
                return {"until_days": days, "until_time": at}
            case Kind.EVENT:
                if self.delay(row, "at_most") == AT_ONCE:
                    self.say(
                        "at_most", "It is not said how long to wait.", 'write at_most = "7 days"'
                    )
                return {
                    "asks": self.asked(value, "wait_for"),
                    "at_most": self.delay(row, "at_most"),
                }
            case Kind.BRANCH:
                return {"asks": self.asked(value, "branch")}
            case Kind.CHECK:
                when = self.conditions(self.table(row, "if"))
                if when == Conditions():
                    self.say("if", "It asks nothing.", 'write if = { country = ["GB"] }')
                return {"when": when}
            case Kind.SPLIT:
                return {"parts": self.parts(value, ids)}
            case Kind.ENLIST | Kind.UNLIST:
                return {"text": self.name(value, kind.value)}
            case Kind.MOVE:
                return {"text": self.slug(value, kind.value)}
            case _:
                return {"text": self.text(value, kind.value), "due": self.delay(row, "due")}

    def parts(self, value: Any, ids: list[str]) -> tuple[tuple[str, int], ...]:
        if not isinstance(value, dict) or len(value) < 2:
            self.say(
                "split", "A split names two steps or more.", "write split = { n2a = 50, n2b = 50 }"
            )
        value = value if isinstance(value, dict) else {}
        for to, weight in value.items():
            self.target(to, "split", ids)
            if not isinstance(weight, int) or isinstance(weight, bool) or not 1 <= weight <= 100:
                self.say("split", f"The share of “{to}” is a whole number from 1 to 100.")
                return ()
        return tuple(value.items())

    def target(self, to: Any, key: str, ids: list[str]) -> None:
        if to != END and to not in ids:
            self.say(key, f"There is no step “{to}”.", f"use {', '.join(ids)} or end")

    def mail(self, value: Any, key: str) -> str:
        if not isinstance(value, str) or not value:
            self.say(key, "The mail has no name.", f'write {key} = "…"')
            return ""
        if self.mails is not None and value not in self.mails:
            self.say(key, f"“{key}” cannot be “{value}”: there is no such nurture mail.",
                     near(value, self.mails))  # fmt: skip
        return value

    def asked(self, value: Any, key: str) -> Asked | None:
        found = parse_asked(value) if isinstance(value, str) else None
        if found is None:
            name = str(value).partition(":")[0]
            self.say(key, f"“{name}” is no signal.", _SIGNALS)
        elif found.mail and self.mails is not None and found.mail not in self.mails:
            remedy = near(found.mail, self.mails)
            self.say(key, f"There is no nurture mail “{found.mail}”.", remedy)
        return found

    def conditions(self, raw: dict[str, Any]) -> Conditions:
        self.only(raw, (*_CONDITIONS, "score", "answer"), "if")
        answers = self.table(raw, "answer")
        for code in self.words(raw, "country"):
            if not re.fullmatch(r"[A-Z]{2}", code):
                self.say("country", f"“{code}” is no country.", "write two capitals, such as GB")
        return Conditions(
            **{key: self.words(raw, key) for key in _CONDITIONS},
            score=self.number(raw, "score", 0, range(101)),
            answers=tuple((q, self.words(answers, q)) for q in answers),
        )

    def window(self, raw: dict[str, Any]) -> tuple[Window, ZonePolicy]:
        self.only(raw, ("days", "from", "until", "zone"), "[window]")
        plain = Window()
        days = [self.day(d, "days") for d in self.words(raw, "days")]
        zone = self.choice(raw, "zone", tuple(ZonePolicy), ZonePolicy.CONTACT)
        starts = self.clock(raw.get("from", f"{plain.starts:%H:%M}"), "from")
        ends = self.clock(raw.get("until", f"{plain.ends:%H:%M}"), "until")
        return Window(frozenset(days) or plain.days, starts, ends), ZonePolicy(zone)

    def week_time(self, text: str) -> tuple[tuple[int, ...], time]:
        """«tuesday 09:00», «tuesday or thursday 09:00»."""
        words, _, clock = text.strip().rpartition(" ")
        if not words:
            self.say("wait_until", f"“{text}” is no time of the week.", 'write "tuesday 09:00"')
            return (0,), time(9)
        days = [self.day(d.strip(), "wait_until") for d in words.split(" or ")]
        return tuple(days), self.clock(clock, "wait_until")

    def day(self, word: str, key: str) -> int:
        full = next((n for n, d in enumerate(DAYS) if word and d.startswith(word.casefold())), None)
        if full is None or len(word) < 3:
            self.say(key, f"“{word}” is no day.", f"use {', '.join(DAYS)}")
            return 0
        return full

    def clock(self, word: Any, key: str) -> time:
        match = _CLOCK.match(str(word))
        if not match:
            self.say(key, f"“{word}” is no time of day.", 'write "09:00"')
            return time(9)
        return time(int(match[1]), int(match[2]))

    def cap(self, raw: dict[str, Any], key: str, default: Cap) -> Cap:
        text = raw.get(key, str(default))
        match = _CAP.match(str(text))
        if not match or not int(match[1]):
            self.say(key, f"“{text}” is no cap.", 'write "2 a week" or "1 a day"')
            return default
        return Cap(int(match[1]), Period(match[2]))

    def delay(self, raw: dict[str, Any], key: str) -> Delay:
        value = raw.get(key, "0")
        found = parse_delay(value) if isinstance(value, str) else None
        if found is None:
            self.say(key, f"The delay “{value}” cannot be read.", _DELAYS)
        return found or AT_ONCE

    def trial(self, raw: dict[str, Any]) -> Trial:
        self.only(raw, ("name", "contact", "events", "begins", "path"), "[[tests]]")
        path = self.words(raw, "path")
        if not path:
            self.say(
                "path", "It is not said which steps are expected.", 'write path = ["n1", "end"]'
            )
        name = str(raw.get("name", "")) or "test"
        begins = str(raw.get("begins", ""))
        events, contact = self.words(raw, "events"), self.table(raw, "contact")
        return Trial(name, contact, events, begins, path, self.at)

    def text(self, value: Any, key: str) -> str:
        if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_TEXT:
            self.say(
                key, f"{key} is a sentence of up to {LONGEST_TEXT} letters.", f'write {key} = "…"'
            )
            return ""
        return value.strip()

    def name(self, value: Any, key: str) -> str:
        named = " ".join(value.split()) if isinstance(value, str) else ""
        if not named or len(named) > LONGEST_LIST:
            words = f"{key} is the name of a list, of up to {LONGEST_LIST} letters."
            self.say(key, words, f'write {key} = "Warm leads"')
        return named

    def slug(self, value: Any, key: str) -> str:
        if not isinstance(value, str) or not _SLUG.match(value):
            words = f"{key} is the short name of a campaign."
            self.say(key, words, f'write {key} = "cloud-migration"')
            return ""
        return value

    def number(self, raw: dict[str, Any], key: str, default: int, allowed: range) -> int:
        value = raw.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or value not in allowed:
            most = allowed[-1]
            self.say(key, f"{key} is a whole number from 0 to {most}.", f"write {key} = {default}")
            return default
        return value

    def choice(self, raw: dict[str, Any], key: str, allowed: Sequence[str], default: str) -> str:
        value = raw.get(key, default)
        if value not in allowed:
            self.say(key, f"“{key}” cannot be “{value}”.", f"use {' or '.join(allowed)}")
            return default
        return str(value)
