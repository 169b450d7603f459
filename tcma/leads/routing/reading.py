"""A vendor's routing document (TOML) becomes rules; every fault is named with its line and remedy."""

import re
from collections.abc import Sequence
from datetime import date, time
from typing import Any

from tcma.leads.hours import CLOSES, MOST_HOURS, OPENS
from tcma.leads.routing.reading_settings import Settings
from tcma.leads.routing.rules import (
    Account,
    Conditions,
    PartnerFacts,
    Read,
    Rule,
    Rules,
    Source,
    Trial,
    Wanted,
)
from tcma.toml_document import Fault, parsed

LONGEST_NAME = 80
_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
MOST_AT_ONCE = 50
_ASKED = {
    "score": "score is the least number of points, from 0 to 100.",
    "chance": "chance is the least chance by the trained score, from 0 to 100.",
}
_TIERS, _KINDS = ("silver", "gold", "platinum"), ("var", "msp", "si", "distributor")


def read(text: str, *, partners: Sequence[str] | None = None) -> Read:
    """Read a document; `partners` are the short names that exist, None to believe them."""
    raw = parsed(text)
    if isinstance(raw, Fault):
        return Read(None, (raw,))
    reader = _Reader(text, None if partners is None else frozenset(partners))
    rules = reader.document(raw)
    faults = tuple(sorted(reader.faults, key=lambda f: f.line))
    return Read(None if faults else rules, faults)


class _Reader(Settings):
    """The parts of routing rules, each read or its faults written down."""

    def __init__(self, text: str, partners: frozenset[str] | None) -> None:
        super().__init__(text)
        self.partners = partners

    def document(self, raw: dict[str, Any]) -> Rules:
        known = (
            "sticky", "answer", "mask", "idle", "performance", "person", "recycle", "deals", "account",
            "rule", "partner", "test",
        )  # fmt: skip
        self.only(raw, known, "the document")
        sticky = raw.get("sticky", {})
        self.at = self.header("[sticky]")
        self.only(sticky, ("source", "account"), "[sticky]")
        source = sticky.get("source", Source.WHERE_IT_WORKS.value)
        if source not in tuple(Source):
            said = ", ".join(Source)
            self.say("source", f"source is one of: {said}.")
            source = Source.WHERE_IT_WORKS
        return Rules(
            source=Source(source),
            account=bool(sticky.get("account", False)),
            answer_hours=self.answer_hours(raw.get("answer", {})),
            shown=self.shown(raw.get("mask", {})),
            accounts=tuple(self.each(raw, "account", self.account)),
            rules=self.rules(raw),
            partners=self.partner_facts(raw.get("partner", {})),
            trials=tuple(self.each(raw, "test", self.trial)),
            idle=self.idle(raw.get("idle")),
            skips_closed=self.skips_closed(raw.get("answer", {})),
            performance=self.performance(self.table(raw, "performance")),
            recycle=self.recycle(self.table(raw, "recycle")),
            deals=self.deals(self.table(raw, "deals")),
            joins=self.joins(raw.get("person", {})),
        )

    def rules(self, raw: dict[str, Any]) -> tuple[Rule, ...]:
        found = tuple(self.each(raw, "rule", self.rule))
        seen: set[str] = set()
        for nth, one in enumerate(found):
            self.at = self.header("[[rule]]", nth)
            if one.name in seen:
                self.say("name", f"There is a rule “{one.name}” above. Names tell rules apart.")
            seen.add(one.name)
            if one.off:
                continue
            if one.queue and one.when == Conditions() and nth + 1 < len(found):
                self.say(
                    "queue", "Rules below are never asked: this one leaves every lead to a person."
                )
            if one.manual and one.when == Conditions() and nth + 1 < len(found):
                self.say(
                    "otherwise",
                    "Rules below are never asked: this one takes every lead and sends the rest to the "
                    'manual queue. Move it down, or write otherwise = "next".',
                )
        return found

    def rule(self, raw: dict[str, Any]) -> Rule:
        self.only(
            raw,
            (
                "name", "if", "need", "prefer", "partners", "weight", "most_percent", "otherwise",
                "first", "hours", "accept", "queue", "off",
            ),
            "[[rule]]",
        )  # fmt: skip
        if not str(raw.get("name", "")).strip():
            self.say("name", 'Every rule needs a name, such as name = "Territory".')
        self.short(raw)
        prefer = raw.get("prefer", [])
        share = raw.get("most_percent")
        if share is not None and not (isinstance(share, int) and 1 <= share <= 100):
            self.say("most_percent", "most_percent is a whole number from 1 to 100.")
            share = None
        otherwise = raw.get("otherwise", "next")
        if otherwise not in {"next", "manual"}:
            self.say("otherwise", 'otherwise is "next" (ask the next rule) or "manual".')
        performs = raw.get("weight") == "performance"
        weight = {} if performs else self.table(raw, "weight")
        for name, value in weight.items():
            self.known(name, "weight")
            if not isinstance(value, int) or not 0 <= value <= 100:
                self.say("weight", f"The weight of {name} is a whole number from 0 to 100.")
        return Rule(
            name=str(raw.get("name", "")).strip(),
            when=self.conditions(self.table(raw, "if")),
            need=self.wanted(self.table(raw, "need"), "need"),
            prefer=tuple(
                self.wanted(p, "prefer") for p in (prefer if isinstance(prefer, list) else [prefer])
            ),
            partners=tuple(self.known(p, "partners") for p in self.words(raw, "partners")),
            weights=tuple((n, w) for n, w in weight.items() if isinstance(w, int)),
            most_percent=share,
            manual=otherwise == "manual",
            performs=performs,
            queue=self.queue(raw),
            off=self.flag(
                raw, "off", "off is true or false: true keeps the rule and asks nobody by it."
            ),
            **self.race(raw),
        )

    def queue(self, raw: dict[str, Any]) -> bool:
        """Read whether a rule leaves its leads to a person; then nothing says who gets them."""
        queue = self.flag(
            raw, "queue", "queue is true or false: true leaves its leads to a person."
        )
        means = [
            k for k in ("need", "prefer", "partners", "weight", "first", "accept") if raw.get(k)
        ]
        if queue and means:
            self.say(means[0], f"Where a person decides, {means[0]} means nothing.", "take it out")
        return queue

    def flag(self, raw: dict[str, Any], key: str, words: str) -> bool:
        """Read true or false, false where there is none."""
        value = raw.get(key, False)
        if not isinstance(value, bool):
            self.say(key, words)
        return value is True

    def race(self, raw: dict[str, Any]) -> dict[str, Any]:
        """Read how many are asked at once, and how long they have."""
        first, hours = raw.get("first", 0), raw.get("hours")
        if first and (type(first) is not int or not 2 <= first <= MOST_AT_ONCE):
            self.say("first", f"first is how many are asked at once, from 2 to {MOST_AT_ONCE}.")
            first = 0
        if hours is not None and (type(hours) is not int or not 1 <= hours <= MOST_HOURS):
            self.say("hours", f"hours are working hours, from 1 to {MOST_HOURS}.")
            hours = None
        if hours is not None and not first:
            self.say("hours", "hours of a rule are for those asked at once: write first, too.")
        if first and raw.get("weight"):
            self.say("weight", "Where the first to take it has it, weights mean nothing.")
        accept = self.accept(raw)
        if accept and first:
            self.say("accept", "Where the first to take it has it, nobody can accept by itself.")
        return {"first": first, "hours": hours, "accept": accept and not first}

    def accept(self, raw: Any) -> bool:
        """Read whether what is given here needs no answer."""
        words = "accept is true or false: true takes the lead without asking."
        return isinstance(raw, dict) and self.flag(raw, "accept", words)

    def conditions(self, raw: dict[str, Any]) -> Conditions:
        names = ("country", "postcode", "campaign", "company", "score", "chance", "answer")
        self.only(raw, names, "if")
        asked = {}
        for key, words in _ASKED.items():
            asked[key] = raw.get(key, 0)
            if type(asked[key]) is not int or not 0 <= asked[key] <= 100:
                self.say(key, words)
                asked[key] = 0
        countries = self.words(raw, "country")
        for code in countries:
            if not re.fullmatch(r"[A-Z]{2}", code):
                self.say("country", f"“{code}” is no country: write two capitals, such as GB.")
        answers = self.table(raw, "answer")
        return Conditions(
            country=countries,
            postcode=tuple("".join(p.split()).upper() for p in self.words(raw, "postcode")),
            campaign=self.words(raw, "campaign"),
            company=self.words(raw, "company"),
            **asked,
            answers=tuple((q, self.words(answers, q)) for q in answers),
        )

    def wanted(self, raw: Any, where: str) -> Wanted:
        if not isinstance(raw, dict):
            self.say(where, f'{where} is a table, such as {where} = {{ tier = ["gold"] }}.')
            return Wanted()
        names = ("territory", "tier", "kind", "language", "certificate", "vertical", "product")
        self.only(raw, (*names, "open_leads"), where)
        for key, allowed in (("tier", _TIERS), ("kind", _KINDS)):
            for word in self.words(raw, key):
                if word not in allowed:
                    self.say(where, f"{key} “{word}” is unknown; there are {', '.join(allowed)}.")
        most = raw.get("open_leads")
        if most is not None and (not isinstance(most, int) or most < 1):
            self.say(where, "open_leads is the most a partner may have open: 1 or more.")
            most = None
        return Wanted(
            territory=raw.get("territory") is True,
            tier=self.words(raw, "tier"),
            kind=self.words(raw, "kind"),
            language=self.words(raw, "language"),
            certificate=self.words(raw, "certificate"),
            vertical=self.words(raw, "vertical"),
            product=self.words(raw, "product"),
            open_leads=most,
        )

    def account(self, raw: dict[str, Any]) -> Account:
        self.only(raw, ("domain", "partner", "accept"), "[[account]]")
        domain = str(raw.get("domain", "")).strip().casefold()
        if not _DOMAIN.fullmatch(domain):
            self.say("domain", 'domain is a company\'s own, such as "brackwater.example".')
        partner = self.known(str(raw.get("partner", "")), "partner")
        return Account(domain, partner, self.accept(raw))

    def partner_facts(self, raw: Any) -> dict[str, PartnerFacts]:
        found: dict[str, PartnerFacts] = {}
        for name, facts in raw.items() if isinstance(raw, dict) else ():
            self.at = self.header(f"[partner.{name}]")
            self.known(name, "partner")
            known = (
                "certificates",
                "verticals",
                "products",
                "languages",
                "most_open",
                "most_a_day",
                "opens",
                "closes",
                "closed",
                "accept",
            )
            self.only(facts, known, f"[partner.{name}]")
            most = {k: facts.get(k) for k in ("most_open", "most_a_day")}
            for key, value in most.items():
                if value is not None and (not isinstance(value, int) or value < 0):
                    self.say(key, f"{key} is a whole number.")
                    most[key] = None
            found[name] = PartnerFacts(
                certificates=self.words(facts, "certificates"),
                verticals=self.words(facts, "verticals"),
                products=self.words(facts, "products"),
                languages=self.words(facts, "languages"),
                most_open=most["most_open"],
                most_a_day=most["most_a_day"],
                accept=self.accept(facts),
                **self.opening(facts),
            )
        return found

    def opening(self, facts: Any) -> dict[str, Any]:
        opens, closes = facts.get("opens", OPENS), facts.get("closes", CLOSES)
        if not (isinstance(opens, time) and isinstance(closes, time) and opens < closes):
            self.say("opens", "opens and closes are times of one day, such as opens = 08:30:00.")
            opens, closes = OPENS, CLOSES
        closed = facts.get("closed", [])
        days = isinstance(closed, list) and all(type(day) is date for day in closed)
        if not days:
            self.say("closed", "closed is a list of days, such as closed = [2026-12-24].")
        return {"opens": opens, "closes": closes, "closed": tuple(closed) if days else ()}

    def trial(self, raw: dict[str, Any]) -> Trial:
        self.only(raw, ("name", "lead", "gets", "rule"), "[[test]]")
        lead = self.table(raw, "lead")
        known = (
            "country",
            "postcode",
            "source",
            "company",
            "account",
            "campaign",
            "score",
            "chance",
            "answers",
        )
        self.only(lead, known, "lead")
        for key in _ASKED:
            if type(lead.get(key, 0)) is not int:
                self.say(key, f"{key} is a whole number.")
                lead = {k: v for k, v in lead.items() if k != key}
        gets = str(raw.get("gets", ""))
        if not gets:
            self.say("gets", 'Say who gets it: a partner\'s short name, "first" or "nobody".')
        elif gets not in {"nobody", "somebody", "first"}:
            self.known(gets, "gets")
        name = str(raw.get("name", "")) or "test"
        self.short(raw)
        return Trial(name, lead, gets, str(raw.get("rule", "")), self.at)

    def short(self, raw: dict[str, Any]) -> None:
        """A name stands in lists and in the trace of each lead."""
        if len(str(raw.get("name", "")).strip()) > LONGEST_NAME:
            self.say("name", f"A name has {LONGEST_NAME} characters at most.")

    def known(self, name: str, key: str) -> str:
        if self.partners is not None and name not in self.partners:
            near = ", ".join(sorted(self.partners)[:6])
            self.say(key, f"There is no partner “{name}”. There are: {near}.")
        return name
