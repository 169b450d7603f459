"""Payments held back at the desk: whose and why, who lets them go, and the least that is paid."""

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.mdf.payments import holds
from tcma.mdf.queries import names_of
from tcma.partners import queries as partners
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.forms.base import offer
from tcma.web.forms.desk import CURRENCIES
from tcma.web.forms.payouts import HoldForm, MinimumForm
from tcma.web.money_words import money_of
from tcma.web.unit_of_work import work
from tcma.web.wording import flash


@desk.get("/payments/holds")
@allows(Permission.PAYMENT_MAKE)
def payout_holds() -> ResponseReturnValue:
    """Show whose payments are held, and the least that is paid."""
    return page_of(HoldForm(formdata=None), MinimumForm(formdata=None))


def page_of(hold: HoldForm, least: MinimumForm, *, status: int = 200) -> ResponseReturnValue:
    """Render the holds with both forms."""
    session, principal = work().session, work().principal
    house = partners.own_organisation(session, principal)
    pairs = partners.enrolments(session, principal)
    offer(hold.partner, [(pair.partner_slug, pair.partner) for pair in pairs])
    offer(least.currency, [(c, c) for c in dict.fromkeys((house.currency, *CURRENCIES))])
    rows = holds.holds(session, principal)
    page = render_template(
        "desk/payments/holds.html",
        rows=rows,
        names=names_of(session, *(row[0].placed_by for row in rows)),
        least=holds.minimums(session, found(principal.vendor_id)),
        hold=hold,
        minimum=least,
    )
    return make_response(page, status)


@desk.post("/payments/holds")
@allows(Permission.PAYMENT_MAKE)
def payout_hold() -> ResponseReturnValue:
    """Hold payments to a partner."""
    form = HoldForm()
    pairs = partners.enrolments(work().session, work().principal)
    offer(form.partner, [(pair.partner_slug, pair.partner) for pair in pairs])
    status = 422
    if form.validate():
        known = {pair.partner_slug: pair.partner_id for pair in pairs}
        with attempt(form) as tried:
            partner_id = found(known.get(form.partner.data))
            why = form.reason.data or ""
            holds.place(work(), partner_id, reason=why, overdue=form.overdue.data)
        if tried.done:
            flash("Held. Its claims stay approved and are not paid.", "good")
            return redirect(url_for("desk.payout_holds"), 303)
        status = tried.status
    return page_of(form, MinimumForm(formdata=None), status=status)


@desk.post("/payments/holds/<partner>/lifting")
@allows(Permission.PAYMENT_MAKE)
def payout_lift(partner: str) -> ResponseReturnValue:
    """Let payments to a partner go again."""
    pairs = partners.enrolments(work().session, work().principal)
    pair = found(next((pair for pair in pairs if pair.partner_slug == partner), None))
    with attempt() as tried:
        holds.lift(work(), pair.partner_id)
    words = tried.words or "Its claims are ready to pay again."
    flash(words, "good" if tried.done else "need")
    return redirect(url_for("desk.payout_holds"), 303)


@desk.post("/payments/minimum")
@allows(Permission.PAYMENT_MAKE)
def payout_minimum() -> ResponseReturnValue:
    """Say below which sum nothing is paid."""
    form = MinimumForm()
    house = partners.own_organisation(work().session, work().principal)
    offer(form.currency, [(c, c) for c in dict.fromkeys((house.currency, *CURRENCIES))])
    status = 422
    if form.validate():
        currency = form.currency.data
        with attempt(form) as tried:
            minimum = money_of(form.minimum, currency) if form.minimum.data else None
            holds.set_minimum(work(), minimum, currency)
        if tried.done:
            flash("Saved. Smaller sums wait for more claims of the same partner.", "good")
            return redirect(url_for("desk.payout_holds"), 303)
        status = tried.status
    return page_of(HoldForm(formdata=None), form, status=status)
