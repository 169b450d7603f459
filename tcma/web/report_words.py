"""What each number of a report counts, in one sentence, printed under the table that shows it."""

from collections.abc import Iterable, Mapping
from typing import Final

DEFINED: Final[Mapping[str, str]] = {
    "launches": "launches planned in the period, whatever became of them.",
    "sent": "mails the receiving server took.",
    "delivered": "sent, less what came back.",
    "opened": "people whose mail program loaded the pictures; machines are left out.",
    "clicked": "people who followed a link; link scanners are left out.",
    "leads": "people who filled in a form.",
    "offered": "leads that were offered to a partner at least once.",
    "accepted": "leads a partner took.",
    "late": "leads that at least one partner did not answer in time.",
    "opportunities": "leads a partner turned into a sale to win.",
    "won": "opportunities that were won.",
    "worth": "what partners expect of their opportunities, as they wrote it.",
    "minutes": "half of the accepted leads were taken within so many minutes of the form.",
    "total": "all money that was put into the fund.",
    "available": "not allocated yet, or allocated and free for plans.",
    "reserved": "approved for plans, less what was given back.",
    "claimed": "approved claims, paid or not.",
    "paid": "what the bank has paid, less what came back.",
    "days_left": "days until the fund ends.",
    "cost_per_lead": "claimed by leads; reserved by leads while nothing is claimed.",
    "expired": "the day to use it passed, and it went out of the partners’ parts.",
    "utilisation": "paid, of what was allocated to partners.",
    "breakage": "expired, of what was allocated to partners.",
    "passed": "plans or claims whose stage ended in the period.",
    "median": "half of them took no longer; nights and weekends count.",
    "slow": "days in which nine of ten were through.",
    "first": "a yes, in full or in part, that no return and no refusal went before.",
}
BY_REPORT: Final[Mapping[tuple[str, str], str]] = {
    ("funds", "reserved"): "set aside for approved plans and not claimed yet.",
    ("funds", "claimed"): "approved claims that wait for the bank.",
    (
        "spend",
        "claimed",
    ): "approved claims of the campaign, those without a launch too: a cost is never too low.",
    ("spend", "leads"): "people who filled in a form of a launch that a fund paid for.",
    ("spend", "cost_per_lead"): "claimed by leads; reserved by leads while nothing is claimed.",
    ("spend", "opportunities"): "such leads that became a sale to win.",
    ("spend", "cost_per_opportunity"): "claimed by opportunities.",
    ("spend", "won"): "such opportunities that were won.",
    ("spend", "cost_per_won"): "claimed by won.",
    ("spend", "return"): "what the won ones are worth, for each 1 that was claimed.",
}
"""A fund shows where its money stands now; the other reports what it came to."""


def definitions(report: str, shown: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return (label, sentence) for the numbers shown, given as (key, label), in their order."""
    return [
        (label, words)
        for key, label in shown
        if (words := BY_REPORT.get((report, key)) or DEFINED.get(key))
    ]
