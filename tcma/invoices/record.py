"""What is read of an invoice, and how far each field may be believed."""

import datetime as dt
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum


class Refused(Exception):  # noqa: N818 - a verdict, not a fault
    """The file cannot be proof: `reason` is a sentence a partner can act on."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Belief(StrEnum):
    """How far a read field may be believed; a person looks at all of them."""

    SURE = "sure"
    LIKELY = "likely"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one invoice; None where nothing was read. `belief` is per field name.

    The sums of a credit note are what it gives back: they have no minus, however a paper or an e-invoice
    writes them, and `credit_note` says the direction. Printed and electronic ones are told alike.
    """

    issuer: str | None = None
    number: str | None = None
    date: dt.date | None = None
    currency: str | None = None
    net: Decimal | None = None
    tax: Decimal | None = None
    total: Decimal | None = None
    made_out_to: str | None = None
    credit_note: bool = False
    belief: dict[str, Belief] = field(default_factory=dict)

    def __post_init__(self) -> None:
        given_back = self.net if self.total is None else self.total
        if self.credit_note and given_back is not None and given_back < 0:
            for name in SUMS:
                amount = getattr(self, name)
                object.__setattr__(self, name, amount and -amount)

    def known(self) -> tuple[str, ...]:
        """Return the names of the fields that were read."""
        return tuple(name for name in NAMES if getattr(self, name) is not None)

    def no_surer_than(self, most: Belief) -> "Fields":
        """Return the same fields, none believed more than `most`."""
        order = list(Belief)
        capped = {name: max(belief, most, key=order.index) for name, belief in self.belief.items()}
        return replace(self, belief=capped)


SUMS = ("net", "tax", "total")
NAMES = ("issuer", "number", "date", "currency", "net", "tax", "total", "made_out_to")


@dataclass(frozen=True, slots=True)
class Read:
    """The verdict on a file, where its fields come from, and the fields."""

    verdict: str
    reason: str
    kind: str = ""
    source: str = ""
    pages: int = 0
    fields: Fields = field(default_factory=Fields)


ACCEPT, REJECT = "accept", "reject"
