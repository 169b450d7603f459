"""A launch on its way: pause, go on, cancel the rest, settle doubts."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.launches import actions
from tcma.permissions import Permission
from tcma.web.auth import allows, signed
from tcma.web.console import console
from tcma.web.console.launches import detail_of
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say


@console.post("/launches/<ref>/pause")
@allows(Permission.LAUNCH_STEER)
def launch_pause(ref: str) -> ResponseReturnValue:
    """Stop within two seconds; nothing is lost."""
    actions.pause_launch(work(), ref, reason=say("{name} paused it", name=signed().name))
    return redirect(url_for("console.launch_show", ref=ref), 303)


@console.post("/launches/<ref>/resumption")
@allows(Permission.LAUNCH_STEER)
def launch_resume(ref: str) -> ResponseReturnValue:
    """Go on where it stopped."""
    actions.resume_launch(work(), ref)
    return redirect(url_for("console.launch_show", ref=ref), 303)


@console.route("/launches/<ref>/cancellation", methods=["GET", "POST"])
@allows(Permission.LAUNCH_STEER)
def launch_cancel(ref: str) -> ResponseReturnValue:
    """Ask with the number first; then cancel what has not left."""
    if request.method == "GET":
        return render_template("console/launches/cancel.html", launch=detail_of(ref))
    number = actions.cancel_launch(work(), ref)
    flash(
        say("Cancelled. {number:,} mails stay unsent.", number=number)
        if number
        else say("Cancelled. Nobody got a mail."),
        "good",
    )
    return redirect(url_for("console.launch_show", ref=ref), 303)


@console.post("/launches/<ref>/second-try")
@allows(Permission.LAUNCH_STEER)
def launch_retry(ref: str) -> ResponseReturnValue:
    """Send those in doubt again, with the same Message-ID."""
    number = actions.retry_uncertain(work(), ref)
    flash(say("{number} mails go again, with the same message number.", number=number), "good")
    return redirect(url_for("console.launch_show", ref=ref), 303)
