"""A plan's activities with their answers, and where the plan stands, as both sides see them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tcma.mdf.rules import ActivityState, Check
from tcma.mdf.stages import Stage
from tcma.mdf.ways import WAY_WORDS, Way
from tcma.money import Money


@dataclass(frozen=True, slots=True)
class CostLine:
    """One planned cost, net of tax, before the vendor's share; `kind` as the programme names it."""

    label: str
    amount: Money
    kind: str = ""


@dataclass(frozen=True, slots=True)
class ActivityLine:
    """What the money is for, what was answered, and the launches that carry it out.

    `stage` is where it is, `kind_name` what the programme calls its kind, `left` what of the granted sum is neither owed
    nor filed. `facts` are what its partner said before: (name, words, answer), `outcome`
    what it says afterwards: (words, answer). `way` is how its claims are settled.
    """

    id: UUID
    no: int
    kind: str
    kind_name: str
    state: ActivityState
    stage: Stage
    share_bps: int
    planned: Money
    requested: Money
    approved: Money | None
    left: Money
    claim_by: date | None
    reason: str
    note: str
    campaign: str
    campaign_slug: str
    campaign_id: UUID
    starts_on: date
    ends_on: date
    lines: tuple[CostLine, ...]
    launches: tuple[str, ...]
    facts: tuple[tuple[str, str, str], ...] = ()
    outcome: tuple[tuple[str, str], ...] = ()
    way: str = "cash"

    @property
    def way_words(self) -> str:
        """How its claims are settled, where it is not by the bank."""
        return "" if self.way == Way.CASH else WAY_WORDS[Way(self.way)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Where a request stands besides its state.

    `level` of `levels` waits (0 when none does), `yeses` name those before it; `reason` is the
    code of a return or refusal, `fix_by` the day until which it can be repaired; `place` is the
    place in the queue for money; `policy` says how the lot fell.
    """

    level: int
    levels: int
    yeses: tuple[str, ...]
    reason: str
    fix_by: date | None
    place: int
    available: Money
    pooled: bool
    appeal_until: datetime | None
    appeal: str
    policy: str


@dataclass(frozen=True, slots=True)
class AmendmentLine:
    """A change as both sides see it; `difference` is what approving it reserves or gives back.

    While it waits, `checks` are what the rules say to it now, `level` of `levels` is the next to
    pass and `yeses` name those before it.
    """

    no: int
    state: str
    words: str
    before: dict[str, Any]
    plan: dict[str, Any]
    old: Money
    new: Money
    difference: Money
    asked_by: str
    answer_by: date
    blocked: str
    note: str
    checks: tuple[Check, ...] = ()
    level: int = 0
    levels: int = 1
    yeses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionLine:
    """A question for more time as both sides see it; `blocked` says why this person cannot answer."""

    no: int
    state: str
    words: str
    before: date
    wanted: date
    until: date | None
    asked_by: str
    answer_by: date
    note: str
    blocked: str
