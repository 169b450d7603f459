"""A change of the routing rules is tried on last quarter's leads, then published from a day on."""

from datetime import date

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.db.saves import Draft
from tcma.db.scope import found
from tcma.leads import routing_drafts as drafts
from tcma.leads import routing_versions as rules
from tcma.leads import shares
from tcma.leads.routing.words import sentences
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.forms.desk import PublishForm
from tcma.web.unit_of_work import work
from tcma.web.wording import flash

SHOWN = 30


@desk.route("/rules/routing/draft/trial", methods=["GET", "POST"])
@allows(Permission.LEAD_ASSIGN)
def routing_trial() -> ResponseReturnValue:
    """Try the draft on its tests and on last quarter's leads; publish it from a day on."""
    draft = found(drafts.draft_of(work()))
    session, principal, now = work().session, work().principal, work().now
    if request.method == "GET":
        form = PublishForm(formdata=None, valid_from=rules.today(session, principal, now))
        return trial_page(form, draft)
    form = PublishForm()
    status = 422
    if form.validate():
        day: date = form.valid_from.data
        with attempt(form) as tried:
            seen = request.form.get("seen", default=-1, type=int)
            no = drafts.publish(work(), valid_from=day, note=form.note.data or "", seen=seen)
        if tried.done:
            words = f"Version {no} is published. Leads that come before its day are not touched."
            flash(words, "good")
            return redirect(url_for("desk.routing_rules"), 303)
        status = tried.status
    return trial_page(form, draft, status=status)


def trial_page(form: PublishForm, draft: Draft, *, status: int = 200) -> ResponseReturnValue:
    """Render what came of a trial, with the form that publishes."""
    session, principal, now = work().session, work().principal, work().now
    trial = rules.try_out(session, principal, draft.source, now=now)
    page = render_template(
        "desk/routing/trial.html",
        weights=shares.weights_of(session, rules.vendor_of(principal), trial.rules, now)
        if trial.rules and trial.rules.performs
        else [],
        form=form,
        draft=draft,
        trial=trial,
        sentences=sentences(trial.rules) if trial.rules else (),
        shown=SHOWN,
    )
    return make_response(page, status)
