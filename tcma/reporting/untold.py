"""Reports without small numbers, for a vendor's people who may open none of what was counted."""

from collections.abc import Collection
from dataclasses import replace

from tcma.delivery.small_cells import FEW_WORDS, hidden_of, hides_leads_from, is_few
from tcma.permissions import Principal
from tcma.reporting.figures import Figure, Line, Report, unsaid
from tcma.words import say

FEW_SENTENCE = say("Numbers of fewer than five people are not told.")
PEOPLE = frozenset(
    {
        "sent", "delivered", "opened", "clicked", "leads", "accepted", "opportunities", "won",
        "offered", "late", "recycled",
    }
)  # fmt: skip
"""Figures that count people."""
OF_PEOPLE = frozenset(
    {
        "worth", "won_worth", "cost_per_lead", "cost_per_opportunity", "cost_per_won", "return",
        "minutes",
    }
)  # fmt: skip
"""Figures from which a number of people could be worked out, or that tell of single ones."""


def told_to(principal: Principal, report: Report) -> Report:
    """Return a report as somebody may read it: each column of people without small numbers.

    With one cell of a column the next larger is hidden, so that no sum gives it away.
    """
    if not hides_leads_from(principal) or not report.lines:
        return report
    hidden = [set[str]() for _ in report.lines]
    in_total: set[str] = set()
    for key in (f.key for f in report.lines[0].figures if f.key in PEOPLE):
        column = [line.figure(key).value for line in report.lines]
        cells, bare = hidden_of([n if isinstance(n, int) else 0 for n in column])
        for no in cells:
            hidden[no].add(key)
        if bare or (report.total and _is_few(report.total.figure(key))):
            in_total.add(key)
    if not any(hidden) and not in_total:
        return report
    return replace(
        report,
        sentence=FEW_SENTENCE,
        lines=tuple(map(_without, report.lines, hidden)),
        total=report.total and _without(report.total, in_total),
    )


def funnel_told(principal: Principal, line: Line) -> Line:
    """Return the one line of a launch as somebody may read it."""
    if not hides_leads_from(principal):
        return line
    return _without(line, {f.key for f in line.figures if f.key in PEOPLE and _is_few(f)})


def _is_few(figure: Figure) -> bool:
    return isinstance(figure.value, int) and is_few(figure.value)


def _without(line: Line, keys: Collection[str]) -> Line:
    """Take figures out of a line, with every share and sum that they could be worked out of."""
    if not keys:
        return line
    return replace(line, figures=tuple(_cut(each, keys) for each in line.figures))


def _cut(figure: Figure, keys: Collection[str]) -> Figure:
    if figure.key in keys or (figure.key in OF_PEOPLE and figure.value not in (None, ())):
        return unsaid(figure) if figure.value != FEW_WORDS else figure
    return replace(figure, rate_bps=None) if figure.key in PEOPLE else figure
