"""How a verb takes hold of a launch, moves it to another state and writes that down."""

from sqlalchemy import select

from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Conflict
from tcma.launches.models import Launch
from tcma.launches.rules import LaunchState, may_move
from tcma.words import say


def held(work: Work, ref: str) -> Launch:
    """Return a launch with its row locked until the transaction ends; NotFound for a foreign one."""
    launch: Launch = found(
        work.session.scalar(
            visible(select(Launch), work.principal, Launch)
            .where(Launch.ref == ref)
            .with_for_update()
        )
    )
    return launch


def move(launch: Launch, to: LaunchState) -> None:
    """Set another state; Conflict where no way leads there from the present one."""
    if not may_move(LaunchState(launch.state), to):
        raise Conflict(
            say("This launch has moved on meanwhile."),
            code="launch.state",
            remedy=say("Look at where it stands now."),
        )
    launch.state = to


def record(work: Work, launch: Launch, verb: str, **detail: object) -> None:
    """Write into the history what was done to a launch."""
    work.audit(
        verb,
        "launch",
        launch.ref,
        vendor_id=launch.vendor_id,
        partner_id=launch.partner_id,
        **detail,
    )
