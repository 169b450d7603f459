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
