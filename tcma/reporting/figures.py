"""The one shape of every report: lines of figures, each of which knows the rows behind it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from tcma.delivery.small_cells import FEW_WORDS
from tcma.money import Money
from tcma.reporting.metrics import Counts, Purse, Sums, cost_per_lead, share
from tcma.words import say

NO_PARTNER = "-"
"""Stands where a filter names a partner: what none brought."""
MAIL = frozenset({"sent", "delivered", "opened", "clicked"})
Value = int | Decimal | str | Money | Sums | None


@dataclass(frozen=True, slots=True)
class Opens:
    """Which list a figure opens (`people`, `leads`, `claims`, …) and how it is filtered."""

    what: str
    filters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Figure:
    """One number. `rate_bps` is its share of the step before; `opens` leads to its rows.

    A figure without a value is its share alone.
    """

    key: str
    label: str
    value: Value
    opens: Opens | None = None
    rate_bps: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a report: what it is about, its figures in the report's order."""

    key: str
    name: str
    figures: tuple[Figure, ...]
    opens: Opens | None = None

    def figure(self, key: str) -> Figure:
        """Return the figure of that key; KeyError when the report has none."""
        for each in self.figures:
            if each.key == key:
                return each
        raise KeyError(key)


@dataclass(frozen=True, slots=True)
class Report:
    """A title, a finding in one sentence, lines, and their sum when they can be summed."""

    name: str
    title: str
    sentence: str
    lines: tuple[Line, ...]
    total: Line | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """The columns after the first, by their words."""
        line = self.lines[0] if self.lines else self.total
        return tuple(figure.label for figure in line.figures) if line else ()


def mail_figures(
    counts: Counts, about: Mapping[str, str], *, few: bool = False
) -> tuple[Figure, ...]:
    """Return sent to opportunities, each with its share of the step it comes from.

    `few` tells none of them; where all mail went to too few people, none of the mail is told.
    """
    if few or counts.is_few:
        told = mail_figures(replace(counts, untold=0), about)
        return tuple(unsaid(f) if few or f.key in MAIL else f for f in told)
    c = counts

    def people(state: str) -> Opens:
        return Opens("people", {**about, "state": state})

    def leads(facet: str) -> Opens:
        return Opens("leads", {**about, "facet": facet} if facet else dict(about))

    return (
        Figure("sent", say("Sent"), c.sent, people("sent")),
        Figure(
            "delivered",
            say("Delivered"),
            c.delivered,
            people("delivered"),
            share(c.delivered, c.sent),
        ),
        Figure("opened", say("Opened"), c.opened, people("opened"), share(c.opened, c.delivered)),
        Figure(
            "clicked", say("Clicked"), c.clicked, people("clicked"), share(c.clicked, c.delivered)
        ),
        Figure("leads", say("Leads"), c.leads, leads(""), share(c.leads, c.clicked)),
        Figure(
            "accepted", say("Accepted"), c.accepted, leads("accepted"), share(c.accepted, c.leads)
        ),
        Figure(
            "opportunities",
            say("Opportunities"),
            c.opportunities,
            Opens("opportunities", dict(about)),
            share(c.opportunities, c.leads),
        ),
    )


def unsaid(figure: Figure) -> Figure:
    """Return a figure about too few people to be told: it has no share, and opens nothing."""
    return replace(figure, value=FEW_WORDS, rate_bps=None, opens=None)


def money_figures(
    purse: Purse,
    counts: Counts,
    about: Mapping[str, str],
    *,
    leads: Mapping[str, str],
    few: bool = False,
) -> tuple[Figure, ...]:
    """Return worth, reserved, claimed, paid and cost per lead, which opens its `leads`.

    `few` does not tell what the leads of too few people were worth and cost.
    """
    if few:
        told = money_figures(purse, counts, about, leads=leads)
        return tuple(unsaid(f) if f.key in {"worth", "cost_per_lead"} else f for f in told)
    return (
        Figure("worth", say("Worth"), purse.worth, Opens("opportunities", dict(about))),
        Figure("reserved", say("Reserved"), purse.reserved, Opens("requests", dict(about))),
        Figure("claimed", say("Claimed"), purse.claimed, Opens("claims", dict(about))),
        Figure("paid", say("Paid"), purse.paid, Opens("claims", {**about, "state": "paid"})),
        Figure(
            "cost_per_lead",
            say("Cost per lead"),
            cost_per_lead(purse, counts),
            Opens("leads", dict(leads)),
        ),
    )
