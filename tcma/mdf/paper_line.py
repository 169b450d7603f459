"""A paper as both sides see it: what was read of it, and what speaks against it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tcma.invoices.record import Fields
from tcma.money import Money

WAITING, READ, REFUSED = "waiting", "read", "refused"


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A paper as both sides see it. `doubts` come first on every page."""

    id: UUID
    state: str
    file_name: str
    document_id: UUID
    preview_id: UUID | None
    reason: str
    source: str
    pages: int
    fields: Fields
    doubts: tuple[str, ...] = ()

    @property
    def waits(self) -> bool:
        """Whether a worker still has to read it."""
        return self.state == WAITING

    @property
    def refused(self) -> bool:
        """Whether it cannot be proof."""
        return self.state == REFUSED


@dataclass(frozen=True, slots=True)
class OwnShareLine:
    """A payment of the partner itself towards a claim of a matched fund, with its paper."""

    id: UUID
    amount: Money
    paid_on: date
    paid_to: str
    document_id: UUID
    file_name: str
    sha256: str
    at: datetime


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """An invoice of a claim; `doubt` names where it was seen before.

    `other_party` when it is made out to somebody else, `early` when it is older than the approval,
    `paper` what was read of its file, `seen` what else resembles it. `counts` is its net in the
    fund's currency, by the stored `rate` where it has another one. `lines` are its kinds of cost.
    """

    id: UUID
    issuer: str
    number: str
    issued_on: date
    made_out_to: str
    net: Money
    tax: Money
    counts: Money
    document_id: UUID
    file_name: str
    doubt: str
    other_party: bool
    early: bool
    paper: PaperLine | None = None
    seen: str = ""
    rate: str = ""
    lines: tuple[tuple[str, Money], ...] = ()
    order_number: str = ""
    shown: tuple[str, ...] = ()
