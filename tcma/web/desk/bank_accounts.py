"""Bank accounts at the desk: the vendor's own, the partners', and the check before money moves."""

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.mdf.payments import bank_accounts
from tcma.partners import queries as partners
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.forms.bank import AccountForm, CheckForm
from tcma.web.unit_of_work import work
from tcma.web.wording import flash


@desk.get("/payments/accounts")
@allows(Permission.PAYMENT_MAKE)
def bank_account_index() -> ResponseReturnValue:
    """Show where money comes from and goes to; what waits for a check first."""
    rows = bank_accounts.stated(work().session, work().principal)
    own = next((row for row in rows if row.partner_id is None), None)
    theirs = [row for row in rows if row.partner_id]
    slugs = {p.partner_id: p.partner_slug for p in pairs()}
    return render_template("desk/bank_accounts/index.html", own=own, theirs=theirs, slugs=slugs)


def pairs() -> list[partners.EnrolmentView]:
    """Return the vendor's enrolments."""
    return partners.enrolments(work().session, work().principal)


@desk.route("/payments/own-account", methods=["GET", "POST"])
@allows(Permission.PAYMENT_MAKE)
def bank_account_own() -> ResponseReturnValue:
    """State the account the vendor pays from."""
    session, principal = work().session, work().principal
    vendor = partners.own_organisation(session, principal)
    form = AccountForm()
    status = 200
    if form.is_submitted():
        status = 422
        if form.validate():
            with attempt(form) as tried:
                bank_accounts.state_account(work(), form.account(), vendor_id=vendor.id)
            if tried.done:
                flash("Saved. Files for the bank are written as ISO 20022 from now on.", "good")
                return redirect(url_for("desk.bank_account_index"), 303)
            status = tried.status
    else:
        row = bank_accounts.in_force(session, vendor_id=vendor.id, partner_id=None)
        known = bank_accounts.account_of(row) if row else None
        data = {"holder": vendor.legal_name, "country": vendor.country}
        form.process(obj=known, data=None if known else data)
    page = render_template("desk/bank_accounts/own.html", form=form, vendor=vendor)
    return make_response(page, status)


@desk.route("/payments/accounts/<partner>", methods=["GET", "POST"])
@allows(Permission.PAYMENT_MAKE)
def bank_account_check(partner: str) -> ResponseReturnValue:
    """Show a partner's account in full, and record the check."""
    session, principal = work().session, work().principal
    pair = found(next((each for each in pairs() if each.partner_slug == partner), None))
    rows = bank_accounts.stated(session, principal)
    row = found(next((each for each in rows if each.partner_id == pair.partner_id), None))
    form = CheckForm()
    status = 200
    if form.is_submitted():
        status = 422
        if form.validate():
            with attempt(form) as tried:
                account = bank_accounts.account_by_id(session, principal, row.id)
                bank_accounts.check_account(work(), account, how=form.how.data or "")
            if tried.done:
                flash(f"Checked. {pair.partner} can be paid.", "good")
                return redirect(url_for("desk.bank_account_index"), 303)
            status = tried.status
    page = render_template("desk/bank_accounts/check.html", it=row, pair=pair, form=form)
    return make_response(page, status)
