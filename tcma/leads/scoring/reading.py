"""A vendor's points document (TOML) becomes rules; every fault is named with its line and remedy."""

import re
from typing import Any

from tcma.leads.scoring.document import Behaviour, Deed, Fit, Has, Points, Read, Traits, Trial
from tcma.toml_document import Fault, Walk, near, parsed

SCALE = 100
LONGEST_HALF_LIFE = 3_650
_TRAITS = ("country", "postcode", "campaign", "domain", "has", "lacks", "says", "answer")
_LEAD = ("country", "postcode", "campaign", "company", "phone", "address", "answers")


def read(text: str) -> Read:
    """Read a document."""
    raw = parsed(text)
    if isinstance(raw, Fault):
        return Read(None, (raw,))
    reader = _Reader(text)
    points = reader.document(raw)
    faults = tuple(sorted(reader.faults, key=lambda f: f.line))
    return Read(None if faults else points, faults)


class _Reader(Walk):
    """The parts of a points document, each read or its faults written down."""

    def document(self, raw: dict[str, Any]) -> Points:
        self.only(raw, ("most", "fit", "behaviour", "test"), "the document")
        self.at = self.header("[most]")
        most = self.table(raw, "most")
        self.only(most, ("points", "fit"), "[most]")
        whole = self.number(most, "points", range(1, SCALE + 1), default=SCALE)
        fit = self.number(most, "fit", range(whole + 1), default=whole)
        points = Points(
            most=whole,
            most_fit=fit,
            fit=tuple(self.each(raw, "fit", self.fit)),
            behaviour=tuple(self.each(raw, "behaviour", self.behaviour)),
            trials=tuple(self.each(raw, "test", self.trial)),
        )
        self.told_apart(points)
        if not points.fit and not points.behaviour:
            self.at = 1
            self.say("fit", "No rule gives any points.", "write [[fit]] or [[behaviour]]")
        return points

    def told_apart(self, points: Points) -> None:
        """Names tell rules apart on a lead's page, so none may stand twice."""
        seen: set[str] = set()
        fit = [("[[fit]]", nth, rule.name) for nth, rule in enumerate(points.fit)]
        does = [("[[behaviour]]", nth, rule.name) for nth, rule in enumerate(points.behaviour)]
        for header, nth, name in (*fit, *does):
            self.at = self.header(header, nth)
            if name and name in seen:
                self.say("name", f"There is a rule “{name}” already.", "name it otherwise")
            seen.add(name)

    def fit(self, raw: dict[str, Any]) -> Fit:
        self.only(raw, ("name", "if", "points"), "[[fit]]")
        given = range(-SCALE, SCALE + 1)
        return Fit(
            name=self.name(raw, "[[fit]]"),
            points=self.number(raw, "points", given),
            when=self.traits(self.table(raw, "if")),
        )

    def behaviour(self, raw: dict[str, Any]) -> Behaviour:
        self.only(raw, ("name", "does", "points", "half_life", "most"), "[[behaviour]]")
        does = str(raw.get("does", ""))
        if does not in tuple(Deed):
            self.say("does", f"does says what is done, not “{does}”.", near(does, Deed))
        half_life, most = raw.get("half_life"), raw.get("most")
        if half_life is not None:
            half_life = self.number(raw, "half_life", range(1, LONGEST_HALF_LIFE + 1), unit="days")
        if most is not None:
            most = self.number(raw, "most", range(1, SCALE + 1))
        return Behaviour(
            name=self.name(raw, "[[behaviour]]"),
            does=Deed(does) if does in tuple(Deed) else Deed.CLICK,
            points=self.number(raw, "points", range(1, SCALE + 1)),
            half_life=half_life,
            most=most,
        )

    def traits(self, raw: dict[str, Any]) -> Traits:
        self.only(raw, _TRAITS, "if")
        countries = self.words(raw, "country")
        for code in countries:
            if not re.fullmatch(r"[A-Z]{2}", code):
                self.say("country", f"“{code}” is no country.", "write two capitals, such as GB")
        told = {key: self.words(raw, key) for key in ("has", "lacks")}
        for key, names in told.items():
            for name in names:
                if name not in tuple(Has):
                    self.say(key, f"Nobody tells “{name}”.", near(name, Has))
        answers = self.table(raw, "answer")
        return Traits(
            country=countries,
            postcode=tuple("".join(p.split()).upper() for p in self.words(raw, "postcode")),
            campaign=self.words(raw, "campaign"),
            domain=tuple(d.casefold() for d in self.words(raw, "domain")),
            **told,
            says=self.words(raw, "says"),
            answers=tuple((question, self.words(answers, question)) for question in answers),
        )

    def trial(self, raw: dict[str, Any]) -> Trial:
        self.only(raw, ("name", "lead", "points", "least", "most"), "[[test]]")
        lead = self.table(raw, "lead")
        self.only(lead, (*_LEAD, *Deed), "lead")
        for deed in Deed:
            ages = lead.get(deed, [])
            if not isinstance(ages, list) or not all(_is_age(age) for age in ages):
                self.say(deed, f"{deed} is a list of ages in days.", f"write {deed} = [0, 14]")
                lead = {k: v for k, v in lead.items() if k != deed}
        if not isinstance(lead.get("answers", {}), dict):
            self.say("answers", "answers is a table.", 'write answers = { "Question" = "Answer" }')
            lead = {k: v for k, v in lead.items() if k != "answers"}
        if not {"points", "least", "most"} & set(raw):
            self.say("points", "Say how many points it must have.", "write points = 62, or least")
        scale = range(SCALE + 1)
        exact = "points" in raw
        least = self.number(raw, "points" if exact else "least", scale, default=0)
        most = self.number(raw, "points" if exact else "most", scale, default=SCALE)
        return Trial(str(raw.get("name", "")) or "test", lead, least, most, self.at)

    def name(self, raw: dict[str, Any], where: str) -> str:
        """Return a rule's name, which is the reason on a lead's page."""
        name = raw.get("name", "")
        if isinstance(name, str) and 0 < len(name.strip()) <= 80:
            return name.strip()
        words = f"Every {where} needs a name of up to 80 characters: it is the reason people read."
        self.say("name", words, 'write name = "Named the company"')
        return ""

    def number(
        self,
        raw: dict[str, Any],
        key: str,
        allowed: range,
        *,
        default: int | None = None,
        unit: str = "points",
    ) -> int:
        """Return a whole number within bounds; the default, or the lowest, where it is none."""
        value = raw.get(key, default)
        if type(value) is int and value in allowed:
            return value
        low, high = allowed[0], allowed[-1]
        self.say(key, f"{key} is a whole number of {unit}, from {low} to {high}.")
        return default if default is not None else low


def _is_age(age: object) -> bool:
    return type(age) in {int, float} and isinstance(age, int | float) and age >= 0
