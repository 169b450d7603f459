"""Why a request or claim came to its answer, as pages and files show it."""

from dataclasses import dataclass
from datetime import date, datetime

from tcma.money import Money


@dataclass(frozen=True, slots=True)
class WhyStep:
    """One rule that was tried: what it found, and the sum after it where it counts."""

    rule: str
    outcome: str
    words: str
    remedy: str
    after: Money | None


@dataclass(frozen=True, slots=True)
class Why:
    """A kept decision: by which rules, when, and every step on the way; by when it is to be paid.

    `same` says whether those rules still come to it from the same case, to the last word.
    """

    programme: str
    programme_ref: str
    version: date
    at: datetime
    decision: str
    amount: Money
    steps: tuple[WhyStep, ...]
    pay_by: date | None = None
    same: bool = True
