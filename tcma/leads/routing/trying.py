"""A decision kept, replayed and asked again: its facts as JSON, tests beside rules, what if."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any
from uuid import UUID

from tcma.leads.routing.choosing import Choice, area_of, choose
from tcma.leads.routing.facts import Area, Candidate, Request
from tcma.leads.routing.performance import Record
from tcma.leads.routing.rules import Rules, Trial
from tcma.toml_document import Tried

NOBODY = "nobody"
FIRST = "whoever is first"
"""Who gets a lead that several are asked about at once, where a name is asked for."""


def facts_of(
    request: Request, areas: Sequence[Area], candidates: Sequence[Candidate]
) -> dict[str, Any]:
    """Return all that a decision rests on, as JSON; `replayed` gives the same choice from it."""
    return _asked(request, areas) | {
        "candidates": [
            {"partner": c.name, **c.told, "credits": dict(sorted(c.credits.items()))}
            for c in sorted(candidates, key=attrgetter("partner_id"))
        ]
    }


def kept(
    choice: Choice, request: Request, areas: Sequence[Area], candidates: Mapping[UUID, Candidate]
) -> dict[str, Any]:
    """Return the trace of a choice with the facts it rested on, as it is stored: each candidate once,
    with why it was in or out and its credits in the pool. `replayed` gives the same choice from it.
    `candidates` stand in the order of their ids.
    """
    looked = zip(choice.trace["candidates"], candidates.values(), strict=True)
    told = [row | one.told for row, one in looked]
    return choice.trace | _asked(request, areas) | {"candidates": told}


def _asked(request: Request, areas: Sequence[Area]) -> dict[str, Any]:
    area = area_of(request, areas)
    asked = {
        "country": request.country,
        "postcode": request.postcode,
        "source": _text(request.source_partner_id),
        "company": request.company,
        "account": _text(request.account_partner_id),
        "campaign": request.campaign,
        "score": request.score,
        "chance": request.chance,
        "answers": dict(request.answers),
        "passed": list(request.passed),
    }
    return {
        "request": {
            key: value for key, value in asked.items() if value or (value == 0 and key == "chance")
        },
        "area": area and [area.code, area.name, area.country, list(area.postcodes)],
    }


def from_facts(facts: Mapping[str, Any]) -> tuple[Request, list[Area], list[Candidate]]:
    """Return what `facts_of` or `kept` told."""
    r = facts["request"]
    request = Request(
        country=r.get("country", ""),
        postcode=r.get("postcode", ""),
        source_partner_id=_id(r.get("source")),
        company=r.get("company", ""),
        account_partner_id=_id(r.get("account")),
        campaign=r.get("campaign", ""),
        score=r.get("score", 0),
        chance=r.get("chance"),
        answers=r.get("answers", {}),
        passed=tuple(r.get("passed", ())),
    )
    areas = []
    if facts["area"]:
        code, name, country, postcodes = facts["area"]
        areas = [Area(code, name, country, tuple(postcodes))]
    return request, areas, [_candidate(row, facts.get("pool", "")) for row in facts["candidates"]]


def _candidate(row: Mapping[str, Any], pool: str) -> Candidate:
    told = {key: row[key] for key in _TOLD if key in row}
    return Candidate(
        partner_id=UUID(row["id"]),
        name=row["partner"],
        areas=frozenset(row.get("areas", ())),
        weight=row.get("weight", 1),
        credits=row.get("credits", {pool: row.get("before", 0)}),
        record=Record(*row["record"]) if "record" in row else None,
        **told,
    )


_TOLD = (
    "barred", "slug", "tier", "kind", "language", "open_leads", "today", "lately",
    "certified", "lapsed",
)  # fmt: skip


def replayed(facts: Mapping[str, Any], rules: Rules) -> Choice:
    """Decide again from kept facts."""
    return choose(*from_facts(facts), rules)


def tried(rules: Rules, areas: Sequence[Area], candidates: Sequence[Candidate]) -> list[Tried]:
    """Run every test of a document over today's partners, their credits at zero and all free and there."""
    ready = [
        replace(
            c, credits={}, open_leads=0, today=0, lately=0, barred="" if c.rests else c.barred
        )
        for c in candidates
    ]  # fmt: skip
    return [_tried(one, rules, areas, ready) for one in rules.trials]


def _tried(
    one: Trial, rules: Rules, areas: Sequence[Area], candidates: Sequence[Candidate]
) -> Tried:
    by_slug = {c.slug: c.partner_id for c in candidates}
    lead = one.lead
    request = Request(
        country=str(lead.get("country", "")),
        postcode=str(lead.get("postcode", "")),
        source_partner_id=by_slug.get(str(lead.get("source", ""))),
        company=str(lead.get("company", "")),
        account_partner_id=by_slug.get(str(lead.get("account", ""))),
        campaign=str(lead.get("campaign", "")),
        score=int(lead.get("score", 0)),
        chance=int(lead["chance"]) if "chance" in lead else None,
        answers=dict(lead.get("answers", {})),
    )
    choice = choose(request, areas, candidates, rules)
    got = next((c.slug for c in candidates if c.partner_id == choice.partner_id), NOBODY)
    got = "first" if choice.several else got
    by = str(choice.trace["rule_name"] or choice.trace["rule"])
    right = got == one.gets or (one.gets == "somebody" and got != NOBODY)
    if right and one.rule and one.rule != by:
        return Tried(one.name, False, f"{got} got it by “{by}”, not by “{one.rule}”.", one.line)
    if right:
        return Tried(one.name, True, f"{got} gets it, by “{by}”.", one.line)
    last = choice.trace["tried"][-1] if choice.trace["tried"] else {"rule": "", "why": "no rule"}
    return Tried(
        one.name,
        False,
        f"{got} got it, not {one.gets}. Last tried: {last['rule']}, {last['why']}.",
        one.line,
    )


@dataclass(frozen=True, slots=True)
class Case:
    """A lead as it was decided: its reference, the facts of then, and who got it first."""

    ref: str
    company: str
    facts: Mapping[str, Any]
    got: str


@dataclass(frozen=True, slots=True)
class Change:
    """A lead that would have gone elsewhere."""

    ref: str
    company: str
    before: str
    after: str
    why: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule set would have done: leads per partner before and after, and each that moves."""

    leads: int
    shares: tuple[tuple[str, int, int], ...]
    changes: tuple[Change, ...]

    @property
    def same(self) -> int:
        """How many leads would have gone where they went."""
        return self.leads - len(self.changes)


def what_if(
    rules: Rules, cases: Sequence[Case], records: Mapping[UUID, Record] | None = None
) -> Outcome:
    """Decide past leads again, in order, each on its own facts; the credits are those of the trial, and
    so are the `records` of how partners performed.
    """
    credit: dict[UUID, dict[str, int]] = {}
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    changes: list[Change] = []
    for case in cases:
        request, areas, candidates = from_facts(case.facts)
        own = [
            replace(
                c,
                credits=credit.setdefault(c.partner_id, {}),
                record=(records or {}).get(c.partner_id, c.record),
            )
            for c in candidates
        ]
        choice = choose(request, areas, own, rules)
        for partner_id, amount in choice.credits.items():
            credit[partner_id][choice.pool] = amount
        name = next((c.name for c in own if c.partner_id == choice.partner_id), NOBODY)
        name = FIRST if choice.several else name
        before[case.got] += 1
        after[name] += 1
        if name != case.got:
            changes.append(Change(case.ref, case.company, case.got, name, _because(choice)))
    names = sorted({*before, *after}, key=lambda n: (n == NOBODY, -after[n], n))
    return Outcome(
        leads=len(cases),
        shares=tuple((n, before[n], after[n]) for n in names),
        changes=tuple(changes),
    )


def _because(choice: Choice) -> str:
    """Return the rule of a choice, in words for whoever writes the rules."""
    if choice.several:
        return f"“{choice.trace['rule_name']}”, {len(choice.several)} at once"
    if choice.partner_id is None:
        return choice.reason
    name = choice.trace["rule_name"]
    return f"“{name}”, in turn" if name else str(choice.trace["tried"][-1]["rule"])


def _text(partner_id: UUID | None) -> str | None:
    return str(partner_id) if partner_id else None


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None
