"""Candidates + rules → partner, with the reason: sticky, named account, rules, then the round.

Smooth weighted round robin: every eligible member gains its weight in credit, the richest wins and
pays the sum of weights; equal weights differ by at most one lead at any moment.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from operator import attrgetter
from typing import Any
from uuid import UUID

from tcma.leads.routing.facts import Area, Candidate, Request
from tcma.leads.routing.fitting import lacks, misses, proof_of, same_company
from tcma.leads.routing.masking import SHOWS, Fact
from tcma.leads.routing.masking import STANDARD as SHOWN
from tcma.leads.routing.performance import weighed
from tcma.leads.routing.reading import read
from tcma.leads.routing.rules import (
    ACCEPTS,
    STANDARD,
    Accepts,
    PartnerFacts,
    Rule,
    Rules,
    Source,
    Wanted,
)
from tcma.words import say

NOTHING_KNOWN = PartnerFacts()
FEWEST_FOR_SHARE = 5
"""Leads a pool must have given lately before a share of them means anything."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The partner, or None for the manual queue; credits to store; the trace that explains it.

    `several` are partners who are asked at once; then no one of them is the partner yet, and `hours`
    is what they have.
    """

    partner_id: UUID | None
    pool: str
    reason: str
    trace: dict[str, Any]
    credits: dict[UUID, int] = field(default_factory=dict)
    several: tuple[UUID, ...] = ()
    hours: int | None = None


@cache
def standard() -> Rules:
    """Return the rules in force until a vendor publishes its own."""
    rules = read(STANDARD).rules
    assert rules is not None
    return rules


def area_of(request: Request, areas: Sequence[Area]) -> Area | None:
    """Return the most specific territory of a request: longest postcode prefix, then country."""
    if not request.country:
        return None
    wanted = _flat(request.postcode)

    def fit(area: Area) -> int:
        if area.country != request.country:
            return -1
        if not area.postcodes:
            return 0
        return max((len(p) for p in map(_flat, area.postcodes) if wanted.startswith(p)), default=-1)

    best = max(areas, key=lambda a: (fit(a), a.code), default=None)
    return best if best is not None and fit(best) >= 0 else None


def choose(
    request: Request,
    areas: Sequence[Area],
    candidates: Sequence[Candidate],
    rules: Rules | None = None,
) -> Choice:
    """Decide who gets a lead. Same input, same answer, same trace."""
    return _Decision(request, areas, candidates, rules or standard()).made()


class _Decision:
    """One decision on its way: what was tried, and who was looked at last."""

    def __init__(
        self, request: Request, areas: Sequence[Area], candidates: Sequence[Candidate], rules: Rules
    ) -> None:
        self.request, self.rules = request, rules
        self.area = area_of(request, areas)
        self.place = self.area.name if self.area else "no territory"
        self.all = sorted(candidates, key=attrgetter("partner_id"))
        self.full = [c.barred or self._full(c) for c in self.all]
        self.tried: list[dict[str, str]] = []
        self.looked: list[dict[str, Any]] = []

    def made(self) -> Choice:
        sticky = self._source() or self._account() or self._named()
        if sticky:
            return sticky
        for rule in self.rules.asked:
            unasked = misses(rule.when, self.request)
            if unasked:
                self._try(rule.name, f"not asked: {unasked}")
                continue
            if rule.name in self.request.passed:
                self._try(rule.name, "several were asked, and nobody took it in time")
                continue
            if rule.queue:
                self._try(rule.name, "a person decides")
                self._look(self._out_of_place)
                return Choice(
                    None, "", "A rule leaves it to a person", self._trace("queue", rule.name)
                )
            free = self._free(rule)
            if free:
                return self._race(rule, free) if rule.first else self._round(rule, free)
            self._try(rule.name, "nobody fits")
            if rule.manual:
                break
        return Choice(None, "", "Nobody who may take it works there", self._trace("none", ""))

    def _source(self) -> Choice | None:
        one = self._by_id(self.request.source_partner_id)
        if one is None or self.rules.source is Source.NEVER:
            return None
        works = self.area is None or self.area.code in one.areas
        if self.rules.source is Source.WHERE_IT_WORKS and not works:
            self._try("Whose page", f"{one.name} does not work in {self.place}")
            return None
        if full := self._is_full(one):
            self._try("Whose page", f"{one.name} {full}")
            return None
        words = say("it came from your page")
        if self.area and works:
            words = say("it came from your page, and {place} is yours", place=self.place)
        return self._straight(one, "source", words)

    def _account(self) -> Choice | None:
        one = self._by_id(self.request.account_partner_id)
        if one is None or not self.rules.account:
            return None
        if full := self._is_full(one):
            self._try("Whose company", f"{one.name} {full}")
            return None
        return self._straight(one, "account", say("you work with this company already"))

    def _named(self) -> Choice | None:
        for account in self.rules.accounts:
            if not same_company(self.request.company, account.domain):
                continue
            one = next((c for c in self.all if c.slug == account.partner), None)
            why = self._is_full(one) if one else "is not enrolled"
            if one is None or why:
                self._try("Named account", f"{one.name if one else account.partner} {why}")
                continue
            words = say("the company is your account")
            if Fact.COMPANY in self.rules.shown:
                words = say("{company} is your account", company=account.domain)
            accepts = Accepts.ACCOUNT if account.accept else None
            return self._straight(one, "named", words, accepts)
        return None

    def _straight(
        self, one: Candidate, kind: str, words: str, accepts: Accepts | None = None
    ) -> Choice:
        self._try(
            {"source": "Whose page", "account": "Whose company"}.get(kind, "Named account"),
            f"{one.name} has it",
        )
        self._look(lambda c: "" if c is one else self._out_of_place(c))
        pool = self.area.code if self.area else "*"
        trace = self._trace(kind, "") | self._accepts(one, accepts)
        return Choice(one.partner_id, pool, words, trace)

    def _free(self, rule: Rule) -> list[Candidate]:
        lately = sum(c.lately for c in self.all if not rule.partners or c.slug in rule.partners)

        def out(one: Candidate) -> str:
            if rule.partners and one.slug not in rule.partners:
                return f"is not in the pool of “{rule.name}”"
            why = lacks(rule.need, one, self._facts(one), self.area)
            if why or rule.most_percent is None or lately < FEWEST_FOR_SHARE:
                return why
            over = one.lately * 100 >= rule.most_percent * lately
            return (
                f"has had {one.lately} of the last {lately}, {rule.most_percent} % at most"
                if over
                else ""
            )

        self._look(out)
        self._tell_proofs(rule.need)
        free = [c for c, row in zip(self.all, self.looked, strict=True) if row["in"]]
        for wish in rule.prefer:
            fitting = [c for c in free if not lacks(wish, c, self._facts(c), self.area)]
            if fitting and len(fitting) < len(free):
                for c, row in zip(self.all, self.looked, strict=True):
                    if c in free and c not in fitting:
                        why = lacks(wish, c, self._facts(c), self.area)
                        row.update({"in": False, "why": f"others come first: {why}"})
                free = fitting
        return free

    def _tell_proofs(self, need: Wanted) -> None:
        if need.certificate:
            for c, row in zip(self.all, self.looked, strict=True):
                if row["in"]:
                    row["why"] += f"; has {proof_of(need, c, self._facts(c))}"

    def _round(self, rule: Rule, free: list[Candidate]) -> Choice:
        pool = self._pool(rule)
        weights = self._weights(rule, free)
        before = [c.credits.get(pool, 0) for c in free]
        after = [had + gain for had, gain in zip(before, weights, strict=True)]
        # the members stand in the order of their ids, and the first of the richest is taken
        won = max((n for n, gain in enumerate(weights) if gain), key=after.__getitem__)
        winner = free[won]
        after[won] -= sum(weights)
        self._try(rule.name, f"{winner.name} has it")
        words = say("it is your turn")
        if rule.need.territory and self.area:
            words = say("{place} is yours, and it is your turn", place=self.place)
        trace = self._trace("round", rule.name)
        trace |= self._accepts(winner, Accepts.RULE if rule.accept else None)
        trace["pool"] = pool
        accounts = zip(before, after, strict=True)
        for row in self.looked:
            if row["in"]:
                row["before"], row["after"] = next(accounts)
        moved = {c.partner_id: amount for c, amount in zip(free, after, strict=True)}
        return Choice(winner.partner_id, pool, words, trace, moved)

    def _weights(self, rule: Rule, free: list[Candidate]) -> list[int]:
        """Return the weight of each, at least one of them more than nothing."""
        told = dict(rule.weights)
        weights = [told.get(c.slug, c.weight) for c in free]
        if not any(weights):
            weights = [1] * len(free)
        if not rule.performs:
            return weights
        taking = [n for n, weight in enumerate(weights) if weight]
        found = weighed(tuple(free[n].record for n in taking), self.rules.performance)
        whys = dict(zip((free[n].partner_id for n in taking), found, strict=True))
        for n, one in zip(taking, found, strict=True):
            weights[n] = one.weight
        for c, row in zip(self.all, self.looked, strict=True):
            if row["in"] and c.partner_id in whys:
                row["why"] += f"; {whys[c.partner_id].why}"
        return weights

    def _race(self, rule: Rule, free: list[Candidate]) -> Choice:
        """Ask several at once: those who had the fewest lately, so that all are asked in time."""
        asked = sorted(free, key=lambda c: (c.lately, c.partner_id))[: rule.first]
        for c, row in zip(self.all, self.looked, strict=True):
            if c in free and c not in asked:
                row.update({"in": False, "why": f"{rule.first} others had fewer leads lately"})
        names = ", ".join(sorted(c.name for c in asked))
        self._try(
            rule.name, f"{names} are asked at once" if len(asked) > 1 else f"{names} is asked"
        )
        words = say("the first to take it has it")
        if rule.need.territory and self.area:
            words = say("{place} is yours, and the first to take it has it", place=self.place)
        return Choice(
            None,
            "",
            words,
            self._trace("first", rule.name),
            several=tuple(sorted(c.partner_id for c in asked)),
            hours=rule.hours or self.rules.answer_hours,
        )

    def _pool(self, rule: Rule) -> str:
        place = self.area.code if self.area and rule.need.territory else "*"
        plain = not (rule.partners or rule.weights or rule.performs) and rule.need.territory
        scale = "/performance" if rule.performs else ""  # its credits are a hundred times as large
        return place if plain else f"{rule.name}/{place}{scale}"

    def _look(self, out: Callable[[Candidate], str]) -> None:
        self.looked = []
        fits = f"works in {self.place}" if self.area else "fits"
        for one, full in zip(self.all, self.full, strict=True):
            why = full or out(one)
            self.looked.append({"partner": one.name, "in": not why, "why": why or fits})

    def _out_of_place(self, one: Candidate) -> str:
        if self.area is None:
            return "the place is in no territory"
        return "" if self.area.code in one.areas else f"does not work in {self.place}"

    def _is_full(self, one: Candidate) -> str:
        return self.full[self.all.index(one)]

    def _full(self, one: Candidate) -> str:
        facts = self._facts(one)
        if facts.most_open is not None and one.open_leads >= facts.most_open:
            return f"has {one.open_leads} leads open, {facts.most_open} at most"
        if facts.most_a_day is not None and one.today >= facts.most_a_day:
            return f"had {one.today} leads today, {facts.most_a_day} at most"
        return ""

    def _facts(self, one: Candidate) -> PartnerFacts:
        return self.rules.partners.get(one.slug, NOTHING_KNOWN)

    def _by_id(self, partner_id: UUID | None) -> Candidate | None:
        if partner_id is None:
            return None
        return next((c for c in self.all if c.partner_id == partner_id), None)

    def _accepts(self, one: Candidate, said: Accepts | None) -> dict[str, str]:
        """Return what a trace keeps of an offer that is accepted by itself; nothing for others."""
        why = said or (Accepts.PARTNER if self._facts(one).accept else None)
        return {ACCEPTS: why.value} if why else {}

    def _try(self, rule: str, why: str) -> None:
        self.tried.append({"rule": rule, "why": why})

    def _trace(self, kind: str, name: str) -> dict[str, Any]:
        if not self.looked:
            self._look(self._out_of_place)
        shows = {} if self.rules.shown == SHOWN else {SHOWS: [f.value for f in self.rules.shown]}
        return shows | {
            "place": f"{self.request.country} {self.request.postcode}".strip(),
            "territory": self.area.code if self.area else None,
            "rule": kind,
            "rule_name": name,
            "tried": self.tried,
            "candidates": self.looked,
        }


def _flat(postcode: str) -> str:
    return "".join(postcode.split()).upper()
