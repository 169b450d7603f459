"""Money that comes back at the desk: what the bank says a partner repaid for a claim."""

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tcma.mdf.payments import repaying
from tcma.mdf.queries import claim_by_ref
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.forms.payouts import RepaymentForm
from tcma.web.money_words import money_of, symbol, typed
from tcma.web.unit_of_work import work
from tcma.web.wording import flash


@desk.route("/claims/<ref>/repayment", methods=["GET", "POST"])
@allows(Permission.PAYMENT_MAKE)
def claim_repayment(ref: str) -> ResponseReturnValue:
    """Book that a partner paid back what was asked of it."""
    claim = claim_by_ref(work().session, work().principal, ref)
    owed = repaying.line_of(work().session, claim)
    form, status = RepaymentForm(), 200
    if form.is_submitted():
        status = 422
        if form.validate():
            with attempt(form) as tried:
                amount = money_of(form.amount, claim.currency)
                reference = form.bank_reference.data or ""
                repaying.repay(work(), claim, amount, bank_reference=reference, key=form.once())
            if tried.done:
                flash("Booked. It is no longer owed.", "good")
                return redirect(url_for("desk.payment_index"), 303)
            status = tried.status
    else:
        form.amount.data = typed(owed.left)
    form.once()
    page = render_template(
        "desk/payments/repayment.html", it=owed, form=form, symbol=symbol(claim.currency)
    )
    return make_response(page, status)
