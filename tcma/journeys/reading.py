"""A journey's document (TOML) becomes steps; every fault is named with its line and remedy."""

import re
from collections.abc import Collection
from typing import Any

from tcma.journeys.document import (
    AT_ONCE,
    BELONGING,
    END,
    EXITS,
    NOBODY,
    POOL,
    SOMEBODY,
    Again,
    Asked,
    Cap,
    Conditions,
    Drawn,
    Empty,
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
from tcma.journeys.phrases import parse_asked
from tcma.journeys.pools import faults_of_pools
from tcma.journeys.shape import faults_of_shape
from tcma.journeys.start_reading import read_start
from tcma.journeys.values import Values
from tcma.toml_document import Fault, near, parsed

_CAP = re.compile(r"(\d{1,2}) a (day|week)\Z")
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}\Z")
_REST = re.compile(r"(\d{1,3}) days? after the end\Z")
_SIGNALS = "write clicked:<mail>.<link>, clicked:<mail>, bounced:<mail>, replied, form, visited, downloaded, meeting, accepted or opportunity"
_HEADER = re.compile(r"\s*\[\[?\s*[A-Za-z]")
MOST_STEPS = 60
_OWN: dict[Kind, tuple[str, ...]] = {
    Kind.SEND: ("over_cap", "when_empty", "then"),
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
_TOP = ("exits", "goals", "hold_out", "step", "entry", "start", "window", "cap", "pool", "tests")
_CONDITIONS = ("country", "postcode", "company", "language", "partner", "tier", *BELONGING)


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
    if not reader.faults:
        reader.faults.extend(faults_of_pools(journey, line=reader.header("[pool]")))
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


class _Reader(Values):
    """The parts of a journey, each read or its faults written down."""

    def __init__(self, text: str, mails: Collection[str] | None) -> None:
        super().__init__(text)
        self.mails = mails
        self.pools: dict[str, tuple[Drawn, ...]] = {}

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
        self.at = self.header("[pool]")
        pools = self.table(raw, "pool")
        self.pools = {name: self.pool(pools, name) for name in pools}
        steps = self.steps(raw)
        self.at = self.header("[entry]")
        entry = self.table(raw, "entry")
        self.only(entry, ("again", "if"), "[entry]")
        again, rest = self.again(entry)
        when = self.conditions(self.table(entry, "if"))
        ids = [step.id for step in steps]
        start = read_start(self, raw, ids, is_asked_who=when != Conditions())
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
            start=start,
            again=again,
            rest=rest,
            pools=tuple(self.pools.items()),
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
                return self.sent(value, row)
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

    def sent(self, value: Any, row: dict[str, Any]) -> dict[str, Any]:
        over = Over(self.choice(row, "over_cap", tuple(Over), Over.WAIT))
        empty = Empty(self.choice(row, "when_empty", tuple(Empty), Empty.END))
        if not isinstance(value, str) or not value.startswith(POOL):
            if "when_empty" in row:
                self.say("when_empty", "Only a pool can be empty.", 'write send = "pool:name"')
            return {"mail": self.mail(value, "send"), "over_cap": over}
        name = value.removeprefix(POOL)
        if name not in self.pools:
            write = f'write [pool] and {name} = ["first-mail", "second-mail"]'
            remedy = near(name, self.pools) if self.pools else write
            self.say("send", f"There is no pool “{name}”.", remedy)
        return {"pool": name, "over_cap": over, "when_empty": empty}

    def pool(self, pools: dict[str, Any], name: str) -> tuple[Drawn, ...]:
        rows = pools[name] if isinstance(pools[name], list) else []
        drawn = tuple(self.drawn(row, name) for row in rows)
        if not _ID.match(name):
            self.say(name, f"“{name}” cannot be a pool’s name.", "use small letters and digits")
        if len({each.mail for each in drawn}) < max(len(drawn), 2):
            self.say(name, f"The pool “{name}” names two mails or more, each once.")
        return drawn

    def drawn(self, row: Any, name: str) -> Drawn:
        if not isinstance(row, dict):
            return Drawn(self.mail(row, name))
        self.only(row, ("mail", "if"), f"a mail of “{name}”")
        when = self.conditions(self.table(row, "if"))
        if "if" in row and when == Conditions():
            self.say(name, "It asks nothing.", 'write if = { country = ["GB"] }')
        return Drawn(self.mail(row.get("mail", ""), name), when)

    def again(self, entry: dict[str, Any]) -> tuple[Again, int]:
        value = entry.get("again", Again.NEVER)
        days = _REST.match(str(value))
        if days:
            return Again.AFTER_THE_END, int(days[1])
        if value not in tuple(Again):
            remedy = f'use {" or ".join(Again)}, or "90 days after the end"'
            self.say("again", f"“again” cannot be “{value}”.", remedy)
            return Again.NEVER, 0
        return Again(value), 0

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
        for who in self.words(raw, "owner"):
            if "@" not in who and who not in (NOBODY, SOMEBODY):
                remedy = f"write a mail address, {NOBODY} or {SOMEBODY}"
                self.say("owner", f"“{who}” is no person.", remedy)
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

    def cap(self, raw: dict[str, Any], key: str, default: Cap) -> Cap:
        text = raw.get(key, str(default))
        match = _CAP.match(str(text))
        if not match or not int(match[1]):
            self.say(key, f"“{text}” is no cap.", 'write "2 a week" or "1 a day"')
            return default
        return Cap(int(match[1]), Period(match[2]))

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
