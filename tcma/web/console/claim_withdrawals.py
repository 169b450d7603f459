"""A claim is discarded as a draft, taken back once filed, and taken up again."""

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tcma.mdf.claims import views as claim_views
from tcma.mdf.claims import withdrawing
from tcma.mdf.queries import claim_by_ref
from tcma.mdf.words import spoken_state
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.console.claims import WITHDRAWABLE
from tcma.web.forms.mdf import WithdrawalForm
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say


@console.route("/claims/<ref>/withdrawal", methods=["GET", "POST"])
@allows(Permission.CLAIM_FILE)
def claim_withdraw(ref: str) -> ResponseReturnValue:
    """Discard a draft, or take a filed claim back with a word why."""
    claim = claim_by_ref(work().session, work().principal, ref)
    form, status = WithdrawalForm(), 200
    if form.is_submitted():
        status = 422
        if form.validate():
            with attempt(form) as tried:
                withdrawing.withdraw(work(), claim, words=form.words.data or "")
            if tried.done:
                flash(say("{ref} is taken back. You can take it up again.", ref=ref), "good")
                return redirect(url_for("console.claim_show", ref=ref), 303)
            status = tried.status
    detail = claim_views.claim_detail(work().session, work().principal, ref, now=work().now)
    if detail.row.state not in WITHDRAWABLE:
        words = say("{ref} is {state} by now.", ref=ref, state=spoken_state(detail.row.state))
        flash(words, "need")
        return redirect(url_for("console.claim_show", ref=ref), 303)
    page = render_template(
        "console/claims/withdraw.html", form=form, it=detail, draft=detail.row.state == "draft"
    )
    return make_response(page, status)


@console.post("/claims/<ref>/draft")
@allows(Permission.CLAIM_FILE)
def claim_take_up(ref: str) -> ResponseReturnValue:
    """Make a claim that was taken back a draft again."""
    claim = claim_by_ref(work().session, work().principal, ref)
    with attempt() as tried:
        withdrawing.take_up(work(), claim)
    words = tried.words or say("It is a draft again, with everything that was in it.")
    flash(words, "good" if tried.done else "need")
    return redirect(url_for("console.claim_show", ref=ref), 303)
