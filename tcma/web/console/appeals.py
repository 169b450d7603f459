"""A refused plan or claim is appealed once, in the partner's words."""

from collections.abc import Callable

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tcma.mdf.claims import filing
from tcma.mdf.queries import claim_by_ref, request_by_ref
from tcma.mdf.requests import planning
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.forms.mdf import AppealForm
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say


@console.route("/fund-requests/<ref>/appeal", methods=["GET", "POST"])
@allows(Permission.REQUEST_FILE)
def request_appeal(ref: str) -> ResponseReturnValue:
    """Ask for another look at a refused plan."""
    row = request_by_ref(work().session, work().principal, ref)
    back = url_for("console.request_show", ref=ref)
    return appealed((ref, row.note, back), lambda words: planning.appeal(work(), row, words=words))


@console.route("/claims/<ref>/appeal", methods=["GET", "POST"])
@allows(Permission.CLAIM_FILE)
def claim_appeal(ref: str) -> ResponseReturnValue:
    """Ask for another look at a refused claim."""
    row = claim_by_ref(work().session, work().principal, ref)
    back = url_for("console.claim_show", ref=ref)
    return appealed((ref, row.note, back), lambda words: filing.appeal(work(), row, words=words))


def appealed(about: tuple[str, str, str], verb: Callable[[str], None]) -> ResponseReturnValue:
    """Ask for the words and send the appeal."""
    ref, note, back = about
    form, status = AppealForm(), 200
    if form.is_submitted():
        status = 422
        if form.validate():
            with attempt(form) as tried:
                verb(form.words.data or "")
            if tried.done:
                flash(say("Appealed. Another person than before looks at it."), "good")
                return redirect(back, 303)
            status = tried.status
    page = render_template(
        "console/fund_requests/appeal.html", form=form, ref=ref, said=note, back=back
    )
    return make_response(page, status)
