"""Campaigns across partners: what of each is under way, and the switch that stops one for all."""

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tcma.launches import stopping
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.forms.launch_stops import StopForm
from tcma.web.unit_of_work import work
from tcma.web.wording import flash


@desk.get("/launches/campaigns")
@allows(Permission.LAUNCH_STEER)
def campaign_index() -> ResponseReturnValue:
    """List the campaigns that are under way, each with its switch."""
    rows = stopping.stoppable(work().session, work().principal)
    return render_template("desk/campaigns/index.html", rows=rows)


@desk.route("/launches/campaigns/<slug>/stop", methods=["GET", "POST"])
@allows(Permission.LAUNCH_STEER)
def campaign_stop(slug: str) -> ResponseReturnValue:
    """Say what a stop would hold back and ask for the reason; then stop it."""
    campaign = stopping.stoppable_campaign(work().session, work().principal, slug)
    form, status = StopForm(), 200
    if form.is_submitted():
        status = 422
        if form.validate():
            with attempt(form) as tried:
                stopping.stop_campaign(
                    work(), slug, reason=form.reason.data or "", recall_pages=form.recall.data
                )
            if tried.done:
                flash(f"“{campaign.name}” is stopped. Nothing more of it leaves.", "good")
                return redirect(url_for("desk.campaign_index"), 303)
            status = tried.status
    page = render_template("desk/campaigns/stop.html", campaign=campaign, form=form)
    return make_response(page, status)


@desk.post("/launches/campaigns/<slug>/resumption")
@allows(Permission.LAUNCH_STEER)
def campaign_resume(slug: str) -> ResponseReturnValue:
    """Let a stopped campaign go on where it was."""
    with attempt() as tried:
        stopping.lift_stop(work(), slug)
    flash(tried.words or "It goes on, for every partner.", "good" if tried.done else "need")
    return redirect(url_for("desk.campaign_index"), 303)
