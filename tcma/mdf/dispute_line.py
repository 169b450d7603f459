"""What pages read of a dispute."""

from dataclasses import dataclass
from datetime import date

from tcma.mdf.deadlines import Clock
from tcma.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeLine:
    """A partner's objection to a decided sum, `state` open, upheld, turned_down or withdrawn.

    `held` is set aside while it is open; `supplement` is the claim that pays `granted`.
    """

    state: str
    words: str
    asked: Money
    held: Money
    opened_by: str
    answer_by: date
    clock: Clock | None
    answered_by: str
    note: str
    granted: Money | None
    supplement: str
    blocked: str
