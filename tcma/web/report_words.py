"""What each number of a report counts, in one sentence, printed under the table that shows it."""

from collections.abc import Iterable, Mapping
from typing import Final

from tcma.reporting.figures import Report
from tcma.reporting.measures import Measure
from tcma.words import say

DEFINED: Final[Mapping[str, str]] = {
    "launches": say("launches planned in the period, whatever became of them."),
    "sent": say("mails the receiving server took."),
    "delivered": say("sent, less what came back."),
    "opened": say("people whose mail program loaded the pictures; machines are left out."),
    "clicked": say("people who followed a link; link scanners are left out."),
    "leads": say("people who filled in a form."),
    "offered": say("leads that were offered to a partner at least once."),
    "accepted": say("leads a partner took."),
    "late": say("leads that at least one partner did not answer in time."),
    "opportunities": say("leads a partner turned into a sale to win."),
    "won": say("opportunities that were won."),
    "recycled": say("leads that at least one partner gave back to nurture."),
    "worth": say("what partners expect of their opportunities, as they wrote it."),
    "minutes": say("half of the accepted leads were taken within so many minutes of the form."),
    "total": say("all money that was put into the fund."),
    "available": say("not allocated yet, or allocated and free for plans."),
    "reserved": say("approved for plans, less what was given back."),
    "claimed": say("approved claims, paid or not."),
    "paid": say("what the bank has paid, less what came back."),
    "days_left": say("days until the fund ends."),
    "cost_per_lead": say("claimed by leads; reserved by leads while nothing is claimed."),
    "expired": say("the day to use it passed, and it went out of the partners’ parts."),
    "utilisation": say("paid, of what was allocated to partners."),
    "breakage": say("expired, of what was allocated to partners."),
    "passed": say("plans or claims whose stage ended in the period."),
    "median": say("half of them took no longer; nights and weekends count."),
    "slow": say("days in which nine of ten were through."),
    "first": say("a yes, in full or in part, that no return and no refusal went before."),
}
BY_REPORT: Final[Mapping[tuple[str, str], str]] = {
    ("funds", "reserved"): say("set aside for approved plans and not claimed yet."),
    ("funds", "claimed"): say("approved claims that wait for the bank."),
    (
        "spend",
        "claimed",
    ): say("approved claims of the campaign, those without a launch too: a cost is never too low."),
    ("spend", "leads"): say("people who filled in a form of a launch that a fund paid for."),
    ("spend", "cost_per_lead"): say(
        "claimed by leads; reserved by leads while nothing is claimed."
    ),
    ("spend", "opportunities"): say("such leads that became a sale to win."),
    ("spend", "cost_per_opportunity"): say("claimed by opportunities."),
    ("spend", "won"): say("such opportunities that were won."),
    ("spend", "cost_per_won"): say("claimed by won."),
    ("spend", "won_worth"): say("what the won ones are worth, as partners wrote it."),
    ("spend", "return"): say("what the won ones are worth, for each 1 that was claimed."),
    ("spend", "own"): say(
        "the invoices of approved claims, net, less what was claimed: what partners bore themselves."
    ),
    ("spend", "own_return"): say(
        "what the won ones are worth, for each 1 that partners bore themselves."
    ),
}
"""A fund shows where its money stands now; the other reports what it came to."""


BY_LINE: Final[Mapping[tuple[str, str], str]] = {
    ("key", Measure.PLANS): say("of the plans answered in the period, those with a yes."),
    ("key", Measure.POLICY): say(
        "of the plans answered in the period, those that the programme’s policy approved at once."
    ),
    ("key", Measure.DRAWN): say(
        "of the plans that the policy drew for a person to look at, those that were returned, cut or refused."
    ),
    ("key", Measure.RUN_HERE): say(
        "of the plans approved in the period, those whose proof a launch here writes."
    ),
    ("key", Measure.CLAIMS): say("of the claims answered in the period, those with a yes."),
    ("key", Measure.COMPLETE): say(
        "of the claims answered in the period, those that nobody returned or refused for a proof."
    ),
    ("key", Measure.ASKED_BACK): say(
        "of the claims decided in the period and paid, those whose money was asked back."
    ),
    ("key", "accepted_cost"): say(
        "claimed so far, by leads of funded launches that a partner took; in one currency only."
    ),
    ("key", "pipeline"): say(
        "what partners expect of opportunities of funded launches, for each 1 that was claimed so far."
    ),
    ("key", "leverage"): say(
        "planned costs of approved activities less what was granted, for each 1 that was granted so far."
    ),
}
"""What a line counts, where each line of a report is a figure of its own."""


def line_definitions(report: Report) -> list[tuple[str, str]]:
    """Return (name, sentence) for the lines of a report that are figures of their own."""
    first = {line.key: line.name.partition(", ")[0] for line in reversed(report.lines)}
    return [
        (first[key], words)
        for key in dict.fromkeys(line.key for line in report.lines)
        if (words := BY_LINE.get((report.name, key)))
    ]


def definitions(report: str, shown: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return (label, sentence) for the numbers shown, given as (key, label), in their order."""
    return [
        (label, words)
        for key, label in shown
        if (words := BY_REPORT.get((report, key)) or DEFINED.get(key))
    ]
