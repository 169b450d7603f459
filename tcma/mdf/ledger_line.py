"""What pages read of a fund's ledger: one transfer, and when the books were proved."""

from dataclasses import dataclass
from datetime import datetime

from tcma.mdf.rules import TransferKind
from tcma.money import Money


@dataclass(frozen=True, slots=True)
class LedgerProof:
    """When a fund's books were proved the last time; `faults` is empty when they are whole."""

    at: datetime
    entries: int
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One transfer; `balance` is what was available (unallocated or in partners' parts) after it.

    For a partner it is the balance of its own part. `activity` is its plan's reference and its
    number in it, `rules` the programme's reference and the version's first day; `actor` is empty
    when the product itself booked.
    """

    seq: int
    at: datetime
    kind: TransferKind
    subject: str
    ref: str
    campaign: str
    partner: str
    debit: str
    credit: str
    amount: Money
    balance: Money
    actor: str
    activity: str
    rules: str
    reason: str
    hash: str
