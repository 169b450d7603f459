"""Points by rule at the desk: what counts in sentences, a change tried before it is published."""

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.leads import points_versions as rules
from tcma.leads.points import points_of
from tcma.leads.scoring.trying import Shift
from tcma.leads.scoring.words import sentences
from tcma.permissions import Permission
from tcma.web import charts
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.forms.desk import RuleTextForm
from tcma.web.unit_of_work import work
from tcma.web.wording import flash

SHOWN = 12


@desk.get("/rules/points")
@allows(Permission.LEAD_ASSIGN)
def points_rules() -> ResponseReturnValue:
    """Show the rules that count now, what comes next, and what was."""
    session, principal, now = work().session, work().principal, work().now
    current = rules.in_force(session, principal, now)
    return render_template(
        "desk/points/index.html",
        current=current,
        sentences=sentences(current.points),
        versions=rules.versions(session, principal, now),
    )


@desk.get("/rules/points/versions/<int:no>")
@allows(Permission.LEAD_ASSIGN)
def points_version(no: int) -> ResponseReturnValue:
    """Show one version as it was written and as it reads."""
    version = rules.version(work().session, work().principal, no, work().now)
    return render_template(
        "desk/points/version.html", version=version, sentences=sentences(points_of(version.source))
    )


@desk.get("/rules/points/edit")
@allows(Permission.LEAD_ASSIGN)
def points_edit() -> ResponseReturnValue:
    """Open the rules in force, or an older version, for a change."""
    session, principal, now = work().session, work().principal, work().now
    no = request.args.get("version", type=int)
    source = (
        rules.version(session, principal, no, now).source
        if no
        else rules.in_force(session, principal, now).source
    )
    day = rules.today(session, principal, now)
    return page_of(RuleTextForm(formdata=None, source=source, valid_from=day))


@desk.post("/rules/points/edit")
@allows(Permission.LEAD_ASSIGN)
def points_try() -> ResponseReturnValue:
    """Try the text on its tests and on last quarter's leads; publish it when that is asked."""
    form = RuleTextForm()
    if not form.validate():
        return page_of(form, status=422)
    status = 200
    if request.form.get("act") == "publish":
        day, note = form.valid_from.data, form.note.data or ""
        with attempt(form) as tried:
            no = rules.publish(work(), form.source.data, valid_from=day, note=note)
        if tried.done:
            flash(f"Version {no} is published. Open leads are counted again by it.", "good")
            return redirect(url_for("desk.points_rules"), 303)
        status = tried.status
    trial = rules.try_out(work().session, work().principal, form.source.data, now=work().now)
    return page_of(form, trial=trial, status=status)


def page_of(
    form: RuleTextForm, *, trial: rules.Trial | None = None, status: int = 200
) -> ResponseReturnValue:
    """Render the editor with what came of a trial."""
    lines = (form.source.data or "").splitlines()
    page = render_template(
        "desk/points/edit.html",
        form=form,
        trial=trial,
        lines=lines,
        sentences=sentences(trial.points) if trial and trial.points else (),
        shown=SHOWN,
        rows=min(max(len(lines) + 2, 14), 32),
        **(picture_of(trial.shift) if trial and trial.shift and trial.shift.leads else {}),
    )
    return make_response(page, status)


def picture_of(shift: Shift) -> dict[str, object]:
    """Return the shift as a chart with its finding and its table."""
    finding = (
        f"The mean goes from {shift.mean_before:.0f} to {shift.mean_after:.0f} points"
        if round(shift.mean_before) != round(shift.mean_after)
        else f"The mean stays at {shift.mean_after:.0f} points"
    )
    names = [f"{low} to {high}" for low, high, _, _ in shift.bands]
    series = [
        ("now", [float(before) for _, _, before, _ in shift.bands]),
        ("changed", [float(after) for _, _, _, after in shift.bands]),
    ]
    table = [(name, b, a) for name, (_, _, b, a) in zip(names, shift.bands, strict=True)]
    return {
        "finding": finding,
        "picture": charts.over_time(finding, names, series),
        "bands": table,
    }
