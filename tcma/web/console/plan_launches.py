"""A partner names the launch that carried out an approved activity, where it was planned without."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.launches.queries import launch_id_of
from tcma.mdf.queries import activities_of, request_by_ref
from tcma.mdf.requests import carrying_out
from tcma.mdf.requests import views as request_views
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say


@console.route("/fund-requests/<ref>/activities/<int:no>/launch", methods=["GET", "POST"])
@allows(Permission.LAUNCH_PLAN)
def request_carried_out(ref: str, no: int) -> ResponseReturnValue:
    """Show the launches that fit an activity; the chosen one writes its proof."""
    session, principal = work().session, work().principal
    plan = request_by_ref(session, principal, ref)
    if request.method == "POST":
        with attempt() as tried:
            launch_id = launch_id_of(session, principal, request.form.get("launch", ""))
            carrying_out.tie(work(), plan, launch_id, no=no)
        if tried.done:
            flash(say("Named. Its proof is being written into the case file."), "good")
            return redirect(url_for("console.request_show", ref=ref), 303)
        flash(tried.words, "need")
    detail = request_views.request_detail(session, principal, ref, now=work().now)
    one = found(next((each for each in detail.activities if each.no == no), None))
    row = found(next((each for each in activities_of(session, plan.id) if each.no == no), None))
    return render_template(
        "console/fund_requests/launch.html",
        it=detail,
        one=one,
        launches=carrying_out.fitting(session, row),
    )
