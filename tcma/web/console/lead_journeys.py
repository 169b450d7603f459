"""A lead's journey from its page: hold one person, let them go on; tick off what it asked for."""

from uuid import UUID

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.errors import Conflict
from tcma.leads import queries as leads
from tcma.leads import tasks
from tcma.nurture import actions, queries
from tcma.permissions import Permission
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say


def run_of(ref: str) -> int:
    """Return the latest run of a lead the principal may see; NotFound without one."""
    lead = leads.lead_view(work().session, work().principal, ref)
    runs = queries.runs(work().session, work().principal, lead_id=lead.row.id).rows
    return found(next((run.id for run in runs), None))


@console.post("/leads/<ref>/journey/pause")
@allows(Permission.NURTURE_STEER)
def lead_journey_pause(ref: str) -> ResponseReturnValue:
    """Hold this person: nothing is sent until somebody resumes."""
    return steered(ref, pausing=True)


@console.post("/leads/<ref>/journey/resumption")
@allows(Permission.NURTURE_STEER)
def lead_journey_resume(ref: str) -> ResponseReturnValue:
    """Let this person go on."""
    return steered(ref, pausing=False)


def steered(ref: str, *, pausing: bool) -> ResponseReturnValue:
    """Pause or resume, and say what is so now."""
    try:
        if pausing:
            actions.pause(work(), run_of(ref))
            flash(say("Paused. Nothing is sent to this person until you resume."), "good")
        else:
            actions.resume(work(), run_of(ref))
            flash(say("It goes on. What was due meanwhile leaves in the next send window."), "good")
    except Conflict as error:
        flash(error.message, "need")
    return redirect(url_for("console.lead_show", ref=ref), 303)


@console.post("/leads/<ref>/tasks/<uuid:task>/end")
@allows(Permission.LEAD_ANSWER)
def lead_task_finish(ref: str, task: UUID) -> ResponseReturnValue:
    """Tick a task off."""
    tasks.finish(work(), ref, task)
    flash(say("Done."), "good")
    return redirect(url_for("console.lead_show", ref=ref), 303)
