"""A launch on its way: pause, go on, cancel the rest, send again to some."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.delivery.second_try import Again, again_count
from tcma.launches import actions, approving
from tcma.launches.queries import mailings_of
from tcma.launches.second_try import send_again
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows, signed
from tcma.web.console import console
from tcma.web.console.launches import detail_of
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say, say_n


@console.get("/launches/<ref>/decision")
@allows(Permission.LAUNCH_APPROVE)
def launch_decide(ref: str) -> ResponseReturnValue:
    """Open the page of the mailed link for an owner who is signed in."""
    token = approving.link_of(work(), ref)
    if token is None:
        return redirect(url_for("console.launch_show", ref=ref), 303)
    return redirect(url_for("public.launch_approval_show", token=token), 303)


@console.post("/launches/<ref>/taking-back")
@allows(Permission.LAUNCH_PLAN)
def launch_take_back(ref: str) -> ResponseReturnValue:
    """Make a launch that waits for a yes a draft again."""
    with attempt() as tried:
        approving.take_back(work(), ref)
    if not tried.done:
        flash(tried.words, "need")
        return redirect(url_for("console.launch_show", ref=ref), 303)
    return redirect(url_for("console.launch_check", ref=ref), 303)


@console.post("/launches/<ref>/pause")
@allows(Permission.LAUNCH_STEER)
def launch_pause(ref: str) -> ResponseReturnValue:
    """Stop within two seconds; nothing is lost."""
    with attempt() as tried:
        actions.pause_launch(work(), ref, reason=say("{name} paused it", name=signed().name))
    if not tried.done:
        flash(tried.words, "need")
    return redirect(url_for("console.launch_show", ref=ref), 303)


@console.post("/launches/<ref>/resumption")
@allows(Permission.LAUNCH_STEER)
def launch_resume(ref: str) -> ResponseReturnValue:
    """Go on where it stopped."""
    with attempt() as tried:
        actions.resume_launch(work(), ref)
    if not tried.done:
        flash(tried.words, "need")
    return redirect(url_for("console.launch_show", ref=ref), 303)


@console.route("/launches/<ref>/cancellation", methods=["GET", "POST"])
@allows(Permission.LAUNCH_STEER)
def launch_cancel(ref: str) -> ResponseReturnValue:
    """Ask with the number first; then cancel what has not left."""
    if request.method == "GET":
        return render_template("console/launches/cancel.html", launch=detail_of(ref))
    with attempt() as tried:
        number = actions.cancel_launch(work(), ref)
    if not tried.done:
        flash(tried.words, "need")
        return redirect(url_for("console.launch_show", ref=ref), 303)
    flash(
        say("Cancelled. {number:,} mails stay unsent.", number=number)
        if number
        else say("Cancelled. Nobody got a mail."),
        "good",
    )
    return redirect(url_for("console.launch_show", ref=ref), 303)


@console.route("/launches/<ref>/second-try", methods=["GET", "POST"])
@allows(Permission.LAUNCH_STEER)
def launch_again(ref: str) -> ResponseReturnValue:
    """Ask with the number first; then send again to those in doubt or to those who failed."""
    what = found(next((each for each in Again if each == request.values.get("what")), None))
    back = redirect(url_for("console.launch_show", ref=ref), 303)
    if request.method == "GET":
        detail = detail_of(ref)
        number = again_count(work().session, mailings_of(work().session, detail.line.id), what)
        if not number:
            return back
        return render_template(
            "console/launches/again.html", launch=detail, what=what.value, number=number
        )
    with attempt() as tried:
        number = send_again(work(), ref, what)
    if not tried.done:
        flash(tried.words, "need")
        return back
    flash(
        say_n("{n} mail goes again, with the same message number.", "{n} mails go again, with the same message numbers.", number)
        if number
        else say("Nobody is left to send it to again."),
        "good",
    )  # fmt: skip
    return back
