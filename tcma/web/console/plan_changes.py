"""An approved activity changes: new days and costs, asked for with a reason, taken back while it waits."""

from datetime import date

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.mdf.plan_line import ActivityLine
from tcma.mdf.queries import request_by_ref
from tcma.mdf.requests import amending
from tcma.mdf.requests import views as request_views
from tcma.mdf.requests.amending import Change
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.console.plan_forms import terms
from tcma.web.forms.costs import offer_costs
from tcma.web.forms.plan import ChangeForm, plan_lines
from tcma.web.money_words import symbol, typed
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say


@console.route("/fund-requests/<ref>/activities/<int:no>/change", methods=["GET", "POST"])
@allows(Permission.REQUEST_FILE)
def request_change(ref: str, no: int) -> ResponseReturnValue:
    """Ask for a change of an approved activity; nothing changes before the vendor says yes."""
    row = request_by_ref(work().session, work().principal, ref)
    detail = request_views.request_detail(work().session, work().principal, ref, now=work().now)
    one = found(next((each for each in detail.activities if each.no == no), None))
    form, status = ChangeForm(), 200
    some = terms(detail.row.fund_ref).of(one.kind)
    for cost in form.lines:
        offer_costs(cost.form.kind, some.costs, blank="", other="")
    if not form.is_submitted():
        fill(form, one)
    else:
        status = 422
        if form.validate():
            with attempt(form) as tried:
                amending.ask(work(), row, no, change_of(form, row.currency))
            if tried.done:
                flash(say("Sent. What was approved counts until they answer."), "good")
                return redirect(url_for("console.request_show", ref=ref), 303)
            status = tried.status
    page = render_template(
        "console/fund_requests/change.html",
        form=form,
        it=detail,
        one=one,
        costs=some.costs,
        symbol=symbol(row.currency),
    )
    return make_response(page, status)


def fill(form: ChangeForm, one: ActivityLine) -> None:
    """Fill the form with the activity as it was approved."""
    form.starts_on.data, form.ends_on.data = one.starts_on, one.ends_on
    for row, line in zip(form.lines, one.lines, strict=False):
        row.form.label.data, row.form.amount.data = line.label, typed(line.amount)
        row.form.kind.data = line.kind


def change_of(form: ChangeForm, currency: str) -> Change:
    """Return the form as a change; raises Invalid with fields."""
    starts_on: date = form.starts_on.data
    return Change(
        starts_on, form.ends_on.data, plan_lines(form.lines, currency), form.words.data or ""
    )


@console.post("/fund-requests/<ref>/activities/<int:no>/change/withdrawal")
@allows(Permission.REQUEST_FILE)
def request_change_withdraw(ref: str, no: int) -> ResponseReturnValue:
    """Take a change back before it is answered."""
    row = request_by_ref(work().session, work().principal, ref)
    with attempt() as tried:
        amending.withdraw(work(), row, no)
    flash(tried.words or say("The activity stays as approved."), "good" if tried.done else "need")
    return redirect(url_for("console.request_show", ref=ref), 303)
