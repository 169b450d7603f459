"""What rules of points are: what a lead is (fit), what it does (behaviour, fading), limits and tests."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tcma.toml_document import Fault
from tcma.words import say

STANDARD = """\
# Points of a lead, from 0 to 100: [[fit]] is what it is and says, [[behaviour]] what it does.

[most]
points = 100      # the scale ends here
fit = 85          # what somebody is cannot fill the scale alone: the rest is for what they do

[[fit]]
name = "Filled in the form"
points = 40

[[fit]]
name = "Named the company"
if = { has = ["company"] }
points = 12

[[fit]]
name = "Left a phone number"
if = { has = ["phone"] }
points = 10

[[fit]]
name = "Asks for a lot"
if = { says = ["More than 200", "Over 200", "Über 200", "Plus de 200", "Más de 200", "أكثر من 200", "200以上"] }
points = 20

[[fit]]
name = "Asks for it soon"
if = { says = ["Within 30 days", "This month", "Binnen 30 Tagen", "Diesen Monat", "Sous 30 jours", "Ce mois-ci", "En 30 días", "Este mes", "30日以内", "今月"] }
points = 20

[[behaviour]]
name = "Clicked in a mail"
does = "click"
points = 5
half_life = 30    # days after which a click counts half, a quarter after twice as many
most = 15         # all clicks together

[[test]]
name = "A large company that asks for it this month"
lead = { company = "Brackwater", phone = "0113 496 0199", answers = { Seats = "More than 200", When = "This month" } }
points = 85

[[test]]
name = "A click of a month ago counts half"
lead = { click = [30] }
points = 42
"""
"""What is in force until a vendor publishes its own."""

NAMES = (
    say("Filled in the form"),
    say("Named the company"),
    say("Left a phone number"),
    say("Asks for a lot"),
    say("Asks for it soon"),
    say("Clicked in a mail"),
)
"""Names of the standard's rules: said in the reader's language. A vendor's own stay as written."""


class Has(StrEnum):
    """What a lead may have told."""

    COMPANY = "company"
    PHONE = "phone"
    POSTCODE = "postcode"
    COMPANY_ADDRESS = "company address"


class Deed(StrEnum):
    """What a lead may do, each time at an age in days."""

    CLICK = "click"
    REPLY = "reply"
    ASK = "ask"
    VISIT = "visit"
    DOWNLOAD = "download"


@dataclass(frozen=True, slots=True)
class Traits:
    """What a lead must be for a rule to give its points; empty asks nothing.

    `says` are answers to any question, `answers` those to one; `lacks` is what must not be told.
    """

    country: tuple[str, ...] = ()
    postcode: tuple[str, ...] = ()
    campaign: tuple[str, ...] = ()
    domain: tuple[str, ...] = ()
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    answers: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Fit:
    """Points, or minus points, for what a lead is or says."""

    name: str
    points: int
    when: Traits = field(default_factory=Traits)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Points for each time somebody does something: halved every `half_life` days, `most` in all."""

    name: str
    does: Deed
    points: int
    half_life: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """A test that stands beside the rules: a made-up lead, and how many points it must have."""

    name: str
    lead: Mapping[str, object]
    least: int
    most: int
    line: int = 0


@dataclass(frozen=True, slots=True)
class Points:
    """A whole document."""

    most: int = 100
    most_fit: int = 100
    fit: tuple[Fit, ...] = ()
    behaviour: tuple[Behaviour, ...] = ()
    trials: tuple[Trial, ...] = ()

    @property
    def names_campaigns(self) -> bool:
        """Say whether a lead's campaign must be known."""
        return any(rule.when.campaign for rule in self.fit)


@dataclass(frozen=True, slots=True)
class Read:
    """A document read; `points` is None when faults forbid it."""

    points: Points | None
    faults: tuple[Fault, ...]
