"""Where an activity is, as both sides read it: its days, what carried it out, and how it ended.

What is stored says who may do what (`ActivityState`); these words are read off it and the facts. The
stages are planned, executing, executed or not executed; beside them closed and expired.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tcma.mdf.rules import ActivityState


class Stage(StrEnum):
    """What the pill of an activity says."""

    PLANNED = "planned"
    APPROVED = "approved"
    EXECUTING = "executing"
    EXECUTED = "executed"
    NOT_EXECUTED = "not_executed"
    REFUSED = "refused"
    CLOSED = "closed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Signs:
    """What shows that an activity is, or was, carried out.

    `running` when a launch of it runs now, `shown` when one ran, a proof lies in its case file or a
    claim was filed, `paid_for` when a claim took of its money. `late` when it was closed after its last day
    to claim.
    """

    running: bool = False
    shown: bool = False
    paid_for: bool = False
    late: bool = False


def stage_of(
    state: ActivityState, starts_on: date, ends_on: date, today: date, signs: Signs
) -> Stage:
    """Return the stage of an activity on a day of the vendor.

    An approved one whose days are over without any sign is not executed as far as anybody can see;
    one that was closed so before its last day is not executed for good, after it expired.
    """
    if state is ActivityState.APPROVED:
        if signs.running or starts_on <= today <= ends_on:
            return Stage.EXECUTING
        if today < starts_on:
            return Stage.APPROVED
        return Stage.EXECUTED if signs.shown else Stage.NOT_EXECUTED
    if state is ActivityState.CLOSED and not signs.paid_for:
        if signs.late:
            return Stage.EXPIRED
        return Stage.CLOSED if signs.shown else Stage.NOT_EXECUTED
    return Stage(state)
