"""Launches across partners: what runs, and the switch that stops one."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.delivery.rules import MessageState
from tcma.launches import actions, approvals, approving, queries, seeding
from tcma.launches.rules import RUNNING, LaunchState
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say

FACETS = {
    "asked": (LaunchState.AWAITING,),
    "running": RUNNING,
    "finished": (LaunchState.FINISHED,),
    "stopped": (LaunchState.CANCELLED, LaunchState.FAILED),
}
STOPPABLE = (LaunchState.SCHEDULED, LaunchState.EXPANDING, LaunchState.SENDING)
TERMS = tuple(MessageState)


@desk.get("/launches")
@allows(Permission.LAUNCH_READ)
def launch_index() -> ResponseReturnValue:
    """List launches of all partners, running ones first to see."""
    facet = request.args.get("state", "running")
    page = queries.launches(
        work().session,
        work().principal,
        states=FACETS.get(facet, ()),
        search=request.args.get("q", ""),
        after=request.args.get("after"),
    )
    return render_template(
        "desk/launches/index.html",
        page=page,
        facet=facet,
        wanted=request.args.get("q", ""),
        may_stop=work().principal.may(Permission.LAUNCH_STEER),
        may_arrange=work().principal.may(Permission.LAUNCH_ARRANGE),
        may_approve=work().principal.may(Permission.LAUNCH_APPROVE),
    )


@desk.get("/launches/<ref>")
@allows(Permission.LAUNCH_READ)
def launch_show(ref: str) -> ResponseReturnValue:
    """Show one launch: the sum of its mails, and the switch."""
    launch = queries.launch_detail(work().session, work().principal, ref, now=work().now)
    may = work().principal.may(Permission.LAUNCH_STEER)
    return render_template(
        "desk/launches/show.html",
        launch=launch,
        may_approve=work().principal.may(Permission.LAUNCH_APPROVE),
        seeds=seeding.accepted(work().session, launch.line.id),
        question=approvals.question_of(work().session, launch.line.id),
        stoppable=may and launch.line.state in STOPPABLE,
        paused=may and launch.line.state is LaunchState.PAUSED,
    )


@desk.get("/launches/<ref>/decision")
@allows(Permission.LAUNCH_APPROVE)
def launch_decide(ref: str) -> ResponseReturnValue:
    """Open the page of the mailed link for whoever is signed in."""
    token = approving.link_of(work(), ref)
    if token is None:
        return redirect(url_for("desk.launch_show", ref=ref), 303)
    return redirect(url_for("public.launch_approval_show", token=token), 303)


@desk.post("/launches/<ref>/pause")
@allows(Permission.LAUNCH_STEER)
def launch_pause(ref: str) -> ResponseReturnValue:
    """Stop a partner's launch for now."""
    with attempt() as tried:
        actions.pause_launch(work(), ref, reason=say("Your vendor paused it"))
    flash(tried.words or "Paused. Nothing more leaves.", "good" if tried.done else "need")
    return redirect(url_for("desk.launch_show", ref=ref), 303)


@desk.post("/launches/<ref>/resumption")
@allows(Permission.LAUNCH_STEER)
def launch_resume(ref: str) -> ResponseReturnValue:
    """Let a paused launch go on."""
    with attempt() as tried:
        actions.resume_launch(work(), ref)
    flash(tried.words or "It goes on.", "good" if tried.done else "need")
    return redirect(url_for("desk.launch_show", ref=ref), 303)
