"""Launch states and moves, and which mail of a series goes to whom."""

from enum import StrEnum


class LaunchState(StrEnum):
    """A partner's run of a campaign. Between two mails of a series it is `scheduled` again."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    EXPANDING = "expanding"
    SENDING = "sending"
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    FAILED = "failed"


S = LaunchState
MOVES: dict[LaunchState, frozenset[LaunchState]] = {
    S.DRAFT: frozenset({S.SCHEDULED, S.CANCELLED}),
    S.SCHEDULED: frozenset({S.EXPANDING, S.PAUSED, S.CANCELLED}),
    S.EXPANDING: frozenset({S.SENDING, S.SCHEDULED, S.FAILED, S.CANCELLED}),
    S.SENDING: frozenset({S.PAUSED, S.SCHEDULED, S.FINISHED, S.CANCELLED, S.FAILED}),
    S.PAUSED: frozenset({S.SENDING, S.SCHEDULED, S.CANCELLED, S.FAILED}),
    S.FAILED: frozenset({S.SCHEDULED, S.SENDING, S.CANCELLED}),
    S.FINISHED: frozenset(),
    S.CANCELLED: frozenset(),
}

RUNNING = (S.SCHEDULED, S.EXPANDING, S.SENDING, S.PAUSED)
OVER = (S.FINISHED, S.CANCELLED)


class Audience(StrEnum):
    """To whom of the frozen first mail a later mail of the series goes."""

    ALL = "all"
    NOT_CLICKED = "not_clicked"
    NO_FORM = "no_form"


def may_move(state: LaunchState, to: LaunchState) -> bool:
    """Say whether a launch may go from `state` to `to`."""
    return to in MOVES[state]
