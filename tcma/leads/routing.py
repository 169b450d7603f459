"""Candidates + policy → partner, with the reason: territory, then who brought it, then the round.

Smooth weighted round robin: every eligible member gains its weight in credit, the richest wins and
pays the sum of weights; equal weights differ by at most one lead at any moment.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Area:
    """A vendor's territory: a country, or the postcodes in it that begin with one of `postcodes`."""

    code: str
    name: str
    country: str
    postcodes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A partner that might get the lead; `barred` says in words why it cannot, else empty."""

    partner_id: UUID
    name: str
    areas: frozenset[str]
    weight: int
    credit: int
    barred: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """What of a lead decides its way."""

    country: str
    postcode: str
    source_partner_id: UUID | None


@dataclass(frozen=True, slots=True)
class Choice:
    """The partner, or None for the manual queue; credits to store; the trace that explains it."""

    partner_id: UUID | None
    pool: str
    reason: str
    trace: dict[str, Any]
    credits: dict[UUID, int] = field(default_factory=dict)


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


def choose(request: Request, areas: Sequence[Area], candidates: Sequence[Candidate]) -> Choice:
    """Decide who gets a lead. Same input, same answer, same trace."""
    area = area_of(request, areas)
    place = area.name if area else "no territory"
    rows: list[dict[str, Any]] = []
    free: list[Candidate] = []
    for one in sorted(candidates, key=lambda c: c.partner_id):
        out = one.barred or _outside(one, area, request)
        rows.append({"partner": one.name, "in": not out, "why": out or f"works in {place}"})
        if not out:
            free.append(one)
    trace: dict[str, Any] = {
        "place": f"{request.country} {request.postcode}".strip(),
        "territory": area.code if area else None,
        "candidates": rows,
    }
    if not free:
        return Choice(None, "", "Nobody who may take it works there", {**trace, "rule": "none"})
    source = next((c for c in free if c.partner_id == request.source_partner_id), None)
    pool = area.code if area else "*"
    if source:
        words = (
            f"it came from your page, and {place} is yours" if area else "it came from your page"
        )
        return Choice(source.partner_id, pool, words, {**trace, "rule": "source"})
    return _round(free, pool, place, trace)


def _outside(one: Candidate, area: Area | None, request: Request) -> str:
    if area is None:
        return "" if one.partner_id == request.source_partner_id else "the place is in no territory"
    return "" if area.code in one.areas else f"does not work in {area.name}"


def _round(free: list[Candidate], pool: str, place: str, trace: dict[str, Any]) -> Choice:
    before = {c.partner_id: c.credit for c in free}
    richer = {c.partner_id: c.credit + c.weight for c in free}
    winner = max(free, key=lambda c: (richer[c.partner_id], -c.partner_id.int))
    after = dict(richer)
    after[winner.partner_id] -= sum(c.weight for c in free)
    names = {c.partner_id: c.name for c in free}
    trace = {
        **trace,
        "rule": "round",
        "credits": [
            {"partner": names[p], "before": before[p], "after": after[p]} for p in sorted(names)
        ],
    }
    return Choice(winner.partner_id, pool, f"{place} is yours, and it is your turn", trace, after)


def _flat(postcode: str) -> str:
    return "".join(postcode.split()).upper()
