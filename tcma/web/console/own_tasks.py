"""What vendors ask of a new partner besides the first steps: shown on the first page, ticked there."""

from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.guidance import own_tasks
from tcma.guidance.own_tasks import AskedTask
from tcma.guidance.rules import StepState
from tcma.partners import queries as partners
from tcma.permissions import Permission
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say


def asked_of_us() -> list[tuple[str, list[AskedTask]]]:
    """Return each vendor that still waits for a task, with all its tasks."""
    session, principal = work().session, work().principal
    if not principal.may(Permission.BRAND_EDIT):
        return []
    partner_id = found(principal.partner_id)
    asked = [
        (pair.vendor, own_tasks.tasks_of(session, principal, pair.vendor_id, partner_id,
                                         now=work().now))
        for pair in partners.enrolments(session, principal)
    ]  # fmt: skip
    return [
        (vendor, tasks)
        for vendor, tasks in asked
        if any(task.state is not StepState.DONE for task in tasks)
    ]


@console.post("/tasks/<uuid:own_task>/tick")
@allows(Permission.BRAND_EDIT)
def own_task_tick(own_task: UUID) -> ResponseReturnValue:
    """Say that a task is done, or not after all."""
    done = request.form.get("done", "yes") == "yes"
    own_tasks.tick(work(), own_task, found(work().principal.partner_id), done=done)
    flash(say("Noted. The vendor sees it.") if done else say("It is open again."), "good")
    return redirect(url_for("console.home", _anchor="asked"), 303)
