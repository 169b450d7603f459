"""A sum that was left out of a decided claim is disputed once, with how much and why."""

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tcma.mdf.claims import disputes
from tcma.mdf.claims import views as claim_views
from tcma.mdf.queries import claim_by_ref
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.forms.mdf import DisputeForm
from tcma.web.money_words import money_of, symbol, typed
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say


@console.route("/claims/<ref>/dispute", methods=["GET", "POST"])
@allows(Permission.CLAIM_FILE)
def claim_dispute(ref: str) -> ResponseReturnValue:
    """Ask for how much more is owed and why, and open the dispute."""
    claim = claim_by_ref(work().session, work().principal, ref)
    form, status = DisputeForm(), 200
    if form.is_submitted():
        status = 422
        if form.validate():
            with attempt(form) as tried:
                amount = money_of(form.amount, claim.currency)
                disputes.open_dispute(work(), claim, amount=amount, words=form.words.data or "")
            if tried.done:
                flash(say("Sent. Another person than who decided it answers."), "good")
                return redirect(url_for("console.claim_show", ref=ref), 303)
            status = tried.status
    detail = claim_views.claim_detail(work().session, work().principal, ref, now=work().now)
    if detail.dispute_until is None and status == 200:
        flash(say("Nothing was left out of this claim that can still be disputed."), "need")
        return redirect(url_for("console.claim_show", ref=ref), 303)
    if form.amount.data is None:
        form.amount.data = typed(detail.left_out)
    page = render_template(
        "console/claims/dispute.html", form=form, it=detail, symbol=symbol(claim.currency)
    )
    return make_response(page, status)


@console.post("/claims/<ref>/dispute/withdrawal")
@allows(Permission.CLAIM_FILE)
def claim_dispute_withdraw(ref: str) -> ResponseReturnValue:
    """Take the dispute back before it is answered."""
    claim = claim_by_ref(work().session, work().principal, ref)
    with attempt() as tried:
        disputes.withdraw_dispute(work(), claim)
    flash(
        tried.words or say("Taken back. The sum stays as it was decided."),
        "good" if tried.done else "need",
    )
    return redirect(url_for("console.claim_show", ref=ref), 303)
