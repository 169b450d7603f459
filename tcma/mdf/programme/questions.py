"""What a programme has to know and nobody knows by themselves: kinds of costs, a plan's and a claim's own facts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tcma.mdf.programme.conditions import Condition, slug
from tcma.mdf.programme.document import Programme
from tcma.mdf.programme.sections import INVOICE_FIELDS

OTHER = "other"
"""The kind of a cost that is none of those the programme names."""
KNOWN = frozenset({
    "type", "starts_on", "starts_at", "ends_on", "costs", "kind", "tier", "partner", "request", "case",
    "submitted_on", "submitted_at", "judged_at", "ref", "currency", "title", "claimed", "requested",
    "share", "invoices", "proofs", "fund", "history", "vendor", "total", "net", "tax", "amount",
    "claims_before", "facts", "activity", "activities",
})  # fmt: skip
"""Facts of a case that follow from rows; all others are asked for."""
PROFILES = ("tax_profile", "bank_profile")
ENTERED = frozenset({"issuer", "number", "issued_on", "made_out_to", "net", "tax", "total", "currency",
                     "order_number", "lines"})  # fmt: skip
"""What is copied from every invoice anyway."""


@dataclass(frozen=True, slots=True)
class CostKinds:
    """Kinds of costs a programme names: those it pays for, those it does not.

    `told` when a sum depends on the kind of each cost, so that nobody may leave it open.
    """

    paid: tuple[str, ...] = ()
    unpaid: tuple[str, ...] = ()
    told: bool = False

    def __bool__(self) -> bool:
        return bool(self.paid or self.unpaid)

    def named(self, kind: str) -> str:
        """Return a kind as the programme writes it, itself where it is none of them."""
        return next((each for each in (*self.paid, *self.unpaid) if slug(each) == kind), kind)


def cost_kinds(rules: Programme, kind: str) -> CostKinds:
    """Return the kinds of costs that count for an activity, each once."""
    own = rules.activity(kind)
    unpaid = _once((*rules.ineligible, *(own.ineligible if own else ())))
    capped = tuple(
        cost
        for cap in rules.caps
        if not cap.activities or kind in {slug(each) for each in cap.activities}
        for cost in cap.costs
    )
    listed = (own.eligible if own else ()) or rules.eligible
    paid = tuple(each for each in _once((*listed, *capped)) if each not in unpaid)
    return CostKinds(paid, unpaid, told=bool(listed or capped))


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple({slug(each): each for each in names}.values())


def of_plan(rules: Programme, kind: str) -> tuple[str, ...]:
    """Return the facts a plan of this kind states: what it must say, and what rules ask about."""
    own = rules.activity(kind)
    proofs = (*rules.proofs, *(own.proofs if own else ()))
    names = [*rules.request.states, *rules.claim.unchanged]
    for rule in rules.own:
        if "request" in rule.on and rule.each in {"", "activity"}:
            names += _names(rule.require, rule.when)
    for proof in proofs:
        names += _names(proof.when)
    return _asked(names)


def of_claim(rules: Programme, kind: str) -> tuple[str, ...]:
    """Return the facts a claim states besides its plan's: what its own rules ask about, what it needs."""
    plan = of_plan(rules, kind)
    names = [name for name in rules.claim.needs if name not in PROFILES]
    for rule in rules.own:
        if "claim" in rule.on and rule.each in {"", "activity"}:
            names += _names(rule.require, rule.when)
    return tuple(each for each in _asked(names) if each not in plan)


def _names(*conditions: Condition | None) -> list[str]:
    return [name for each in conditions if each for name in each.names]


def _asked(names: Iterable[str]) -> tuple[str, ...]:
    once = dict.fromkeys(name for name in names if name.split(".")[0] not in KNOWN)
    return tuple(each for each in once if "." not in each)


def shown_besides(rules: Programme) -> tuple[tuple[str, str], ...]:
    """Return what an invoice must show that nobody copies: (name, words)."""
    return tuple(
        (name, INVOICE_FIELDS.get(name, name.replace("_", " ")))
        for name in rules.invoice.shows
        if name not in ENTERED
    )


def wants_order_number(rules: Programme) -> bool:
    """Say whether invoices must name the order of the approval."""
    return rules.invoice.order_number or "order_number" in rules.invoice.shows
