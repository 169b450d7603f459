"""The points of one lead by the rules, each with what it came from; limits and fading are told apart."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from tcma.leads.scoring.document import Behaviour, Deed, Points, Traits


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a lead. `domain` is that of its address, if it is its own; `has` are
    names of `Has`; `did` holds for each deed the ages in days of its times.
    """

    country: str = ""
    postcode: str = ""
    campaign: str = ""
    domain: str = ""
    has: frozenset[str] = frozenset()
    answers: Mapping[str, str] = field(default_factory=dict)
    did: Mapping[str, Sequence[float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one rule gave. Of a behaviour: how many `times`, how many `days` ago last, what it would
    be if nothing faded and nothing were limited (`fresh`), its half-life and its limit.
    """

    name: str
    points: int
    does: str = ""
    times: int = 0
    days: int = 0
    fresh: int = 0
    half_life: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """A sum of points and what each came from; `over_fit` and `over` are what the limits took."""

    points: int
    parts: tuple[Part, ...]
    most_fit: int
    most: int
    over_fit: int = 0
    over: int = 0

    def as_json(self, version: int) -> dict[str, Any]:
        """Return what a lead keeps: parts without what is empty, limits where they took something."""
        parts = [{k: v for k, v in asdict(part).items() if v} for part in self.parts]
        kept: dict[str, Any] = {"version": version, "parts": parts}
        if self.over_fit:
            kept |= {"over_fit": self.over_fit, "most_fit": self.most_fit}
        if self.over:
            kept |= {"over": self.over, "most": self.most}
        return kept


def score(rules: Points, known: Known) -> Score:
    """Add up: what a lead is up to its limit, then what it does, then the whole up to the scale's end."""
    fit = [Part(name=r.name, points=r.points) for r in rules.fit if meets(r.when, known)]
    done = [_did(rule, known.did.get(rule.does, ())) for rule in rules.behaviour]
    does = [part for part in done if part is not None]
    fits = sum(part.points for part in fit)
    limited = min(fits, rules.most_fit)
    together = max(limited + sum(part.points for part in does), 0)
    return Score(
        points=min(together, rules.most),
        parts=(*fit, *does),
        most_fit=rules.most_fit,
        most=rules.most,
        over_fit=fits - limited,
        over=max(together - rules.most, 0),
    )


def meets(when: Traits, known: Known) -> bool:
    """Say whether a lead is what a rule asks for."""
    flat = "".join(known.postcode.split()).upper()
    plain = (
        (when.country, known.country in when.country),
        (when.postcode, flat.startswith(when.postcode)),
        (when.campaign, known.campaign in when.campaign),
        (when.domain, any(_belongs(known.domain, each) for each in when.domain)),
        (when.has, known.has.issuperset(when.has)),
        (when.lacks, known.has.isdisjoint(when.lacks)),
    )
    if not all(met for asked, met in plain if asked):
        return False
    said = {_bare(question): _bare(answer) for question, answer in known.answers.items()}
    if when.says and not {_bare(each) for each in when.says} & set(said.values()):
        return False
    return all(
        said.get(_bare(question), "") in {_bare(each) for each in answers}
        for question, answers in when.answers
    )


def _did(rule: Behaviour, ages: Sequence[float]) -> Part | None:
    if not ages:
        return None
    past = [max(age, 0.0) for age in ages]
    left = sum(0.5 ** (age / rule.half_life) if rule.half_life else 1.0 for age in past)
    worth = round(rule.points * left)
    points = worth if rule.most is None else min(worth, rule.most)
    if not points:
        return None
    return Part(
        name=rule.name,
        points=points,
        does=Deed(rule.does).value,
        times=len(past),
        days=int(min(past)),
        fresh=rule.points * len(past),
        half_life=rule.half_life,
        most=rule.most,
    )


def _belongs(own: str, domain: str) -> bool:
    return bool(own) and (own == domain or own.endswith(f".{domain}"))


def _bare(text: str) -> str:
    return text.strip().casefold()
