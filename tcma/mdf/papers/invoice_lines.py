"""What an invoice is for, as a form gives it: one kind of cost, or several that add up to its net."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from tcma.mdf.programme.conditions import slug
from tcma.mdf.programme.questions import CostKinds
from tcma.money import Money
from tcma.words import say


@dataclass(frozen=True, slots=True)
class InvoiceEntry:
    """An invoice as a form gives it; `net` counts, `tax` is kept for the books.

    In another currency than the fund's it counts at the vendor's stored rate of `issued_on`.
    `kind` is the kind of cost it is for, `parts` what of the net is another kind; `shown` names what
    else a person saw on it.
    """

    issuer: str
    number: str
    issued_on: date
    made_out_to: str
    net: Money
    tax: Money
    kind: str = ""
    parts: tuple[tuple[str, Money], ...] = ()
    order_number: str = ""
    shown: tuple[str, ...] = ()


def lines_of(entry: InvoiceEntry) -> list[dict[str, Any]]:
    """Return an invoice's parts by kind of cost, together its net; none where no kind was said."""
    if not entry.kind:
        return []
    rest = entry.net.minor - sum(amount.minor for _, amount in entry.parts)
    rows = [(entry.kind, rest), *((kind, amount.minor) for kind, amount in entry.parts)]
    return [
        {"kind": slug(kind), "label": kind.replace("_", " "), "minor": minor}
        for kind, minor in rows
        if minor
    ]


def faults(kinds: CostKinds, entry: InvoiceEntry) -> dict[str, str]:
    """Return what is wrong with an invoice's kinds, by field."""
    if kinds.told and not entry.kind:
        return {"kind": say("Choose what it is for.")}
    found: dict[str, str] = {}
    for at, (kind, amount) in enumerate(entry.parts):
        if not kind:
            found[f"parts-{at}-kind"] = say("Choose what it is for.")
        if amount.currency != entry.net.currency or amount.minor <= 0:
            found[f"parts-{at}-amount"] = say("Write an amount above zero.")
    if not found and sum(amount.minor for _, amount in entry.parts) > entry.net.minor:
        found["parts"] = say("The parts are more than the net of the invoice.")
    return found
