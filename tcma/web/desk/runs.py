"""One campaign for many partners: chosen, checked, scheduled with a pilot, followed, stopped."""

from zoneinfo import ZoneInfo

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.library import queries as library
from tcma.on_behalf import queries, runs
from tcma.on_behalf.queries import RunView
from tcma.on_behalf.rules import RunState
from tcma.on_behalf.runs import RunPlan
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.audience_options import options
from tcma.web.auth import allows, signed
from tcma.web.desk import desk
from tcma.web.forms.base import offer
from tcma.web.forms.on_behalf import RunForm
from tcma.web.unit_of_work import work
from tcma.web.wording import flash


@desk.get("/launches/runs")
@allows(Permission.LAUNCH_ARRANGE)
def run_index() -> ResponseReturnValue:
    """List the runs, newest first, each with its sum."""
    return render_template(
        "desk/runs/index.html", rows=queries.runs(work().session, work().principal)
    )


@desk.route("/launches/runs/new", methods=["GET", "POST"])
@allows(Permission.LAUNCH_ARRANGE)
def run_new() -> ResponseReturnValue:
    """Ask what, for whom, when, and who goes first."""
    zone = ZoneInfo(signed().current.organisation.zone)
    form, status = RunForm(), 200
    cards = library.library_for(work().session, work().principal, today=work().now.date())
    offer(form.campaign, sorted(((c.slug, c.name) for c in cards), key=lambda each: each[1]))
    choices = options()
    for field, aspect in (
        (form.tiers, "tier"),
        (form.kinds, "kind"),
        (form.territories, "territory"),
    ):
        offer(field, choices[aspect])
    form.start(work().now, zone)
    if form.is_submitted():
        status = 422
        if form.validate():
            with attempt(form) as tried:
                ref = runs.draft_run(work(), plan_of(form, zone))
            if tried.done:
                return redirect(url_for("desk.run_check", ref=ref), 303)
            status = tried.status
    words = zone.key.replace("_", " ")
    return make_response(render_template("desk/runs/new.html", form=form, zone_words=words), status)


def plan_of(form: RunForm, zone: ZoneInfo) -> RunPlan:
    """Return the run a form describes."""
    return RunPlan(
        campaign_slug=form.campaign.data,
        send_at=form.send_at(zone),
        tiers=tuple(form.tiers.data or ()),
        kinds=tuple(form.kinds.data or ()),
        territories=tuple(form.territories.data or ()),
        joined=form.joined.data,
        pilots=int(form.pilots.data),
        wait_hours=int(form.wait.data),
        words=form.words.data or "",
    )


@desk.get("/launches/runs/<ref>/check")
@allows(Permission.LAUNCH_ARRANGE)
def run_check(ref: str) -> ResponseReturnValue:
    """Show each partner's preflight before anything is scheduled."""
    run = of(ref)
    if run.state is not RunState.DRAFT:
        return redirect(url_for("desk.run_show", ref=ref))
    return check_page(run)


def check_page(run: RunView, *, problem: str = "", status: int = 200) -> ResponseReturnValue:
    """Render the table of what every partner is missing."""
    sent = request.form
    page = render_template(
        "desk/runs/check.html",
        run=run,
        ready=[r for r in run.rows if r.has_order and not r.stops and not run.checking],
        chosen=sent.getlist("chosen") if sent else [r.ref for r in run.rows],
        pilots=sent.getlist("pilots"),
        problem=problem,
    )
    return make_response(page, status)


@desk.post("/launches/runs/<ref>/scheduling")
@allows(Permission.LAUNCH_ARRANGE)
def run_schedule(ref: str) -> ResponseReturnValue:
    """Let it happen for the ticked partners; pressing twice is once."""
    with attempt() as tried:
        runs.schedule_run(
            work(),
            ref,
            chosen=request.form.getlist("chosen"),
            pilots=request.form.getlist("pilots"),
        )
    if not tried.done:
        return check_page(of(ref), problem=tried.words, status=tried.status)
    flash("Scheduled. Each partner gets a letter now.", "good")
    return redirect(url_for("desk.run_show", ref=ref), 303)


@desk.get("/launches/runs/<ref>")
@allows(Permission.LAUNCH_ARRANGE)
def run_show(ref: str) -> ResponseReturnValue:
    """Show how far each partner is, and the sum of all."""
    run = of(ref)
    if run.state is RunState.DRAFT:
        return redirect(url_for("desk.run_check", ref=ref))
    return render_template("desk/runs/show.html", run=run, now=work().now)


@desk.post("/launches/runs/<ref>/release")
@allows(Permission.LAUNCH_ARRANGE)
def run_release(ref: str) -> ResponseReturnValue:
    """Let the rest go."""
    with attempt() as tried:
        runs.release_run(work(), ref)
    flash(tried.words or "The rest goes.", "good" if tried.done else "need")
    return redirect(url_for("desk.run_show", ref=ref), 303)


@desk.route("/launches/runs/<ref>/stop", methods=["GET", "POST"])
@allows(Permission.LAUNCH_ARRANGE)
def run_stop(ref: str) -> ResponseReturnValue:
    """Ask with the numbers first; then stop it for every partner."""
    if request.method == "GET":
        return render_template("desk/runs/stop.html", run=of(ref))
    with attempt() as tried:
        stopped = runs.stop_run(work(), ref)
        words = "1 partner" if stopped == 1 else f"{stopped} partners"
        flash(f"Stopped, for {words}. What had left stays sent.", "good")
    if not tried.done:
        flash(tried.words, "need")
    return redirect(url_for("desk.run_show", ref=ref), 303)


@desk.post("/launches/runs/<ref>/partners/<arranged>/stop")
@allows(Permission.LAUNCH_ARRANGE)
def run_stop_one(ref: str, arranged: str) -> ResponseReturnValue:
    """Stop it for one partner."""
    with attempt() as tried:
        stopped = runs.stop_one(work(), ref, arranged)
        flash("Stopped for this partner." if stopped else "There was nothing left to stop.", "good")
    if not tried.done:
        flash(tried.words, "need")
    return redirect(url_for("desk.run_show", ref=ref), 303)


@desk.post("/launches/runs/<ref>/discarding")
@allows(Permission.LAUNCH_ARRANGE)
def run_discard(ref: str) -> ResponseReturnValue:
    """Throw away what was never scheduled."""
    with attempt() as tried:
        runs.discard_run(work(), ref)
    if not tried.done:
        flash(tried.words, "need")
        return redirect(url_for("desk.run_show", ref=ref), 303)
    flash("Thrown away. No partner was told.", "good")
    return redirect(url_for("desk.run_index"), 303)


def of(ref: str) -> RunView:
    """Return one of this vendor's runs."""
    return queries.run_by_ref(work().session, work().principal, ref)
