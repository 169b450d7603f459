"""A partner asks for more time to claim an approved activity, with a day and a reason."""

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.mdf.queries import request_by_ref
from tcma.mdf.requests import extending
from tcma.mdf.requests import views as request_views
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.forms.plan import ExtensionForm
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say


@console.route("/fund-requests/<ref>/activities/<int:no>/more-time", methods=["GET", "POST"])
@allows(Permission.CLAIM_FILE)
def request_more_time(ref: str, no: int) -> ResponseReturnValue:
    """Ask for more time to claim; the last day stays until the vendor says yes."""
    row = request_by_ref(work().session, work().principal, ref)
    detail = request_views.request_detail(work().session, work().principal, ref, now=work().now)
    one = found(next((each for each in detail.activities if each.no == no), None))
    form, status = ExtensionForm(), 200
    if form.is_submitted():
        status = 422
        if form.validate():
            with attempt(form) as tried:
                words = form.words.data or ""
                extending.ask(work(), row, no, wanted=form.wanted.data, words=words)
            if tried.done:
                flash(say("Sent. The last day stays until they answer."), "good")
                return redirect(url_for("console.request_show", ref=ref), 303)
            status = tried.status
    page = render_template("console/fund_requests/more_time.html", form=form, it=detail, one=one)
    return make_response(page, status)
