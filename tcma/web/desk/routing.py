"""Routing rules at the desk: what is in force in sentences, a change tried before it is published."""

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.leads import by_hand
from tcma.leads import routing_versions as rules
from tcma.leads.deciding import rules_of
from tcma.leads.routing.words import sentences
from tcma.partners.queries import vendor
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.forms.desk import RuleTextForm
from tcma.web.unit_of_work import work
from tcma.web.wording import flash

SHOWN = 30


@desk.get("/rules/routing")
@allows(Permission.LEAD_ASSIGN)
def routing_rules() -> ResponseReturnValue:
    """Show the rules in force, what comes next, and what was."""
    session, principal, now = work().session, work().principal, work().now
    current = rules.in_force(session, principal, now)
    return render_template(
        "desk/routing/index.html",
        current=current,
        sentences=sentences(current.rules),
        versions=rules.versions(session, principal, now),
        vendor_slug=vendor(session, rules.vendor_of(principal)).slug,
        left=by_hand.left_by_earlier_rules(session, principal, now),
    )


@desk.get("/rules/routing/versions/<int:no>")
@allows(Permission.LEAD_ASSIGN)
def routing_version(no: int) -> ResponseReturnValue:
    """Show one version as it was written and as it reads."""
    version = rules.version(work().session, work().principal, no, work().now)
    return render_template(
        "desk/routing/version.html", version=version, sentences=sentences(rules_of(version.source))
    )


@desk.get("/rules/routing/edit")
@allows(Permission.LEAD_ASSIGN)
def routing_edit() -> ResponseReturnValue:
    """Open the rules in force, or an older version, for a change."""
    session, principal, now = work().session, work().principal, work().now
    no = request.args.get("version", type=int)
    source = (
        rules.version(session, principal, no, now).source
        if no
        else rules.in_force(session, principal, now).source
    )
    form = RuleTextForm(
        formdata=None, source=source, valid_from=rules.today(session, principal, now)
    )
    return page_of(form)


@desk.post("/rules/routing/edit")
@allows(Permission.LEAD_ASSIGN)
def routing_try() -> ResponseReturnValue:
    """Try the text on its tests and on last quarter's leads; publish it when that is asked."""
    form = RuleTextForm()
    if not form.validate():
        return page_of(form, status=422)
    status = 200
    if request.form.get("act") == "publish":
        with attempt(form) as tried:
            no = rules.publish(
                work(),
                form.source.data,
                valid_from=form.valid_from.data,
                note=form.note.data or "",
            )
        if tried.done:
            flash(
                f"Version {no} is published. Leads that come before its day are not touched.",
                "good",
            )
            return redirect(url_for("desk.routing_rules"), 303)
        status = tried.status
    trial = rules.try_out(work().session, work().principal, form.source.data, now=work().now)
    return page_of(form, trial=trial, status=status)


def page_of(
    form: RuleTextForm, *, trial: rules.Trial | None = None, status: int = 200
) -> ResponseReturnValue:
    """Render the editor with what came of a trial."""
    lines = (form.source.data or "").splitlines()
    page = render_template(
        "desk/routing/edit.html",
        form=form,
        trial=trial,
        lines=lines,
        sentences=sentences(trial.rules) if trial and trial.rules else (),
        shown=SHOWN,
        rows=min(max(len(lines) + 2, 14), 32),
    )
    return make_response(page, status)
