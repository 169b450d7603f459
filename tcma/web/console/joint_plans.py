"""Joint business plans of a partner, and the press that begins a line."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from tcma.mdf.joint import beginning
from tcma.mdf.joint.agreeing import joint_plan_by_ref
from tcma.permissions import Permission
from tcma.web import joint_plan_pages as pages
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import joined, say


@console.get("/joint-plans")
@allows(Permission.FUND_READ)
def joint_plan_index() -> ResponseReturnValue:
    """List the plans with vendors."""
    return pages.index_page()


@console.route("/joint-plans/new", methods=["GET", "POST"])
@allows(Permission.REQUEST_FILE)
def joint_plan_new() -> ResponseReturnValue:
    """Begin a plan with a vendor."""
    return pages.new_page()


@console.get("/joint-plans/<ref>")
@allows(Permission.FUND_READ)
def joint_plan_show(ref: str) -> ResponseReturnValue:
    """Show one plan."""
    return pages.show_page(ref)


@console.post("/joint-plans/<ref>/lines")
@allows(Permission.REQUEST_FILE)
def joint_plan_line_add(ref: str) -> ResponseReturnValue:
    """Add a line."""
    return pages.line_added(ref)


@console.post("/joint-plans/<ref>/lines/<int:no>/removal")
@allows(Permission.REQUEST_FILE)
def joint_plan_line_remove(ref: str, no: int) -> ResponseReturnValue:
    """Take a line out."""
    return pages.line_removed(ref, no)


@console.post("/joint-plans/<ref>/agreement")
@allows(Permission.REQUEST_FILE)
def joint_plan_agree(ref: str) -> ResponseReturnValue:
    """Agree for the partner."""
    return pages.agreed(ref)


@console.post("/joint-plans/<ref>/lines/<int:no>/start")
@allows(Permission.REQUEST_FILE)
def joint_plan_line_begin(ref: str, no: int) -> ResponseReturnValue:
    """Ask the fund for a line and draft its launch."""
    plan = joint_plan_by_ref(work().session, work().principal, ref)
    with attempt() as tried:
        begun = beginning.begin_line(work(), plan, no)
    if not tried.done:
        flash(tried.words, "need")
    elif begun.held_back:
        flash(
            joined(say("{ref} is drafted and not sent.", ref=begun.request_ref), begun.held_back),
            "need",
        )
    else:
        launch = say("{ref} is drafted.", ref=begun.launch_ref) if begun.launch_ref else ""
        flash(
            joined(say("{ref} is sent.", ref=begun.request_ref), launch),
            "good",
        )
    return redirect(url_for("console.joint_plan_show", ref=ref), 303)
