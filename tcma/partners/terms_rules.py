"""When a partner's yes to a vendor's terms holds, and what is refused without one."""

from collections.abc import Collection, Sequence
from enum import StrEnum

from tcma.words import say


class Standing(StrEnum):
    """How a partner stands to a vendor's terms."""

    NONE = "none"
    """The vendor asks for none."""
    ACCEPTED = "accepted"
    """It said yes to the newest version, or to an earlier one since which none asked again."""
    WAITS = "waits"
    """It has said yes to none that holds."""


class Act(StrEnum):
    """What is refused while a partner has not accepted its vendor's terms.

    It is what uses the vendor's campaigns and money: starting a launch (also by a calendar, a run or an
    approval) and sending in a fund plan. Answering leads, filing claims of plans that were approved, and
    launches that run already go on: other people wait for these.
    """

    LAUNCH = "launch"
    PLAN = "plan"


REFUSALS = {
    Act.LAUNCH: say("{vendor} asks that its terms are accepted before you launch."),
    Act.PLAN: say("{vendor} asks that its terms are accepted before you ask for funds."),
}
REMEDY = say("The owner of your account accepts them under Terms.")


def standing_of(versions: Sequence[tuple[int, bool]], accepted: Collection[int]) -> Standing:
    """Return how a partner stands that accepted these numbers of the versions (number, asks again)."""
    if not versions:
        return Standing.NONE
    asked_last = max((no for no, asks_again in versions if asks_again), default=0)
    holds = bool(accepted) and max(accepted) >= asked_last
    return Standing.ACCEPTED if holds else Standing.WAITS
