"""What routing rules are: sticky partners, named accounts, rules with conditions, pools and tests."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum
from typing import Any

from tcma.leads.hours import ANSWER_HOURS, CLOSES, OPENS
from tcma.leads.routing.masking import STANDARD as SHOWN
from tcma.leads.routing.masking import Fact
from tcma.toml_document import Fault

STANDARD = """\
# Who gets a lead. Rules are asked from top to bottom; the first that finds a partner decides.

[sticky]
source = "where it works"   # the partner whose page brought it: "always", "where it works", "never"
account = false             # true: the partner that works with the company already comes first

[[rule]]
name = "Territory"
need = { territory = true }
otherwise = "manual"
"""
"""What is in force until a vendor publishes its own."""


class Source(StrEnum):
    """When the partner whose page brought a lead keeps it."""

    ALWAYS = "always"
    WHERE_IT_WORKS = "where it works"
    NEVER = "never"


class Measure(StrEnum):
    """What of a partner's work with its leads may give it a larger share."""

    ACCEPTS = "accepts"
    SPEED = "speed"
    WINS = "wins"


class Accepts(StrEnum):
    """Why a lead is accepted by itself: who wants it so."""

    RULE = "rule"
    ACCOUNT = "account"
    PARTNER = "partner"
    OWN = "own"


ACCEPTS = "accepts"
"""Where a trace keeps why its offer is accepted by itself."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a lead must be for a rule to be asked; empty asks nothing."""

    country: tuple[str, ...] = ()
    postcode: tuple[str, ...] = ()
    campaign: tuple[str, ...] = ()
    company: tuple[str, ...] = ()
    score: int = 0
    chance: int = 0
    answers: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a partner must be, or is preferred for being."""

    territory: bool = False
    tier: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    certificate: tuple[str, ...] = ()
    vertical: tuple[str, ...] = ()
    product: tuple[str, ...] = ()
    open_leads: int | None = None

    @property
    def is_picky(self) -> bool:
        """Say whether it asks for more than a place and room."""
        return bool(
            self.tier or self.kind or self.language
            or self.certificate or self.vertical or self.product
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: for which leads, which partners, who first, what share, and what if nobody fits.

    `first` is how many partners are asked at once, of whom the first to take it has it; 0 gives it in
    turn. `hours` are the working hours those have, then the next rule is asked. `accept` is for house
    accounts: whom it gives a lead to has it at once, without being asked. `performs` weighs by
    performance, `queue` leaves its leads to a person, and a rule that is `off` is never asked.
    """

    name: str
    when: Conditions = field(default_factory=Conditions)
    need: Wanted = field(default_factory=Wanted)
    prefer: tuple[Wanted, ...] = ()
    partners: tuple[str, ...] = ()
    weights: tuple[tuple[str, int], ...] = ()
    most_percent: int | None = None
    manual: bool = False
    first: int = 0
    hours: int | None = None
    accept: bool = False
    performs: bool = False
    queue: bool = False
    off: bool = False


@dataclass(frozen=True, slots=True)
class PartnerFacts:
    """What a vendor knows of a partner beyond its enrolment, how much it can take, and whether it
    accepts by itself what it is offered alone.
    """

    certificates: tuple[str, ...] = ()
    verticals: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    most_open: int | None = None
    most_a_day: int | None = None
    opens: time = OPENS
    closes: time = CLOSES
    closed: tuple[date, ...] = ()
    accept: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """A company that belongs to a partner, by its domain; `accept` as in a rule."""

    domain: str
    partner: str
    accept: bool = False


@dataclass(frozen=True, slots=True)
class Trial:
    """A test that stands beside the rules: a made-up lead and who should get it."""

    name: str
    lead: Mapping[str, Any]
    gets: str
    rule: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Idle:
    """After how many days without a note a partner is warned of an accepted lead, and when it goes on."""

    warn_days: int
    take_back_days: int


@dataclass(frozen=True, slots=True)
class Performance:
    """How performance becomes weight: what counts, over how many days before today, and between which
    hundredths of a fair share everybody stays.
    """

    days: int = 90
    by: tuple[Measure, ...] = tuple(Measure)
    least: int = 50
    most: int = 150


@dataclass(frozen=True, slots=True)
class Recycle:
    """What becomes of a lead that a partner gives back to nurture: whose campaign's journey it enters,
    none without one, and for how many days the same partner is not asked about that person.
    """

    campaign: str = ""
    days: int = 90


@dataclass(frozen=True, slots=True)
class Deals:
    """How many open registrations of deals a partner may hold, after how many days without progress one
    lapses, and how many days before its people are warned; None where there is no limit.
    """

    most_open: int | None = None
    days: int | None = None
    warn_days: int = 14


@dataclass(frozen=True, slots=True)
class Rules:
    """A whole document; `shown` is what a partner may know of a lead before it accepts, without `idle`
    an accepted lead stays where it is. `skips_closed` passes over who has its day off; otherwise the
    time to answer waits for it. With `joins` a person who asks one partner about several campaigns
    is one lead.
    """

    source: Source = Source.WHERE_IT_WORKS
    account: bool = False
    answer_hours: int = ANSWER_HOURS
    shown: tuple[Fact, ...] = SHOWN
    accounts: tuple[Account, ...] = ()
    rules: tuple[Rule, ...] = ()
    partners: Mapping[str, PartnerFacts] = field(default_factory=dict)
    trials: tuple[Trial, ...] = ()
    idle: Idle | None = None
    joins: bool = False
    skips_closed: bool = False
    performance: Performance = Performance()
    recycle: Recycle = Recycle()
    deals: Deals = Deals()

    @property
    def asked(self) -> tuple[Rule, ...]:
        """The rules that are not switched off, first one first."""
        return tuple(rule for rule in self.rules if not rule.off)

    @property
    def performs(self) -> bool:
        """Say whether any rule needs to know how partners performed."""
        return any(rule.performs for rule in self.asked)


@dataclass(frozen=True, slots=True)
class Read:
    """A document read; `rules` is None when faults forbid it."""

    rules: Rules | None
    faults: tuple[Fault, ...]
