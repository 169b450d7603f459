"""Where a partner is paid: one account per vendor, stated by an owner, checked by the vendor."""

from uuid import UUID

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.mdf.payments import bank_accounts
from tcma.partners import queries as partners
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.forms.bank import AccountForm
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say


@console.get("/funds/accounts")
@allows(Permission.FUND_READ)
def bank_account_index() -> ResponseReturnValue:
    """Show where each vendor pays to."""
    session, principal = work().session, work().principal
    stated = {each.vendor_id: each for each in bank_accounts.stated(session, principal)}
    return render_template(
        "console/bank_accounts/index.html",
        pairs=[(p, stated.get(p.vendor_id)) for p in partners.enrolments(session, principal)],
        may=principal.may(Permission.PAYOUT_EDIT),
    )


@console.route("/funds/accounts/<vendor>", methods=["GET", "POST"])
@allows(Permission.PAYOUT_EDIT)
def bank_account_edit(vendor: str) -> ResponseReturnValue:
    """State an account; what another vendor pays to already is filled in."""
    session, principal = work().session, work().principal
    pairs = partners.enrolments(session, principal)
    pair = found(next((each for each in pairs if each.vendor_slug == vendor), None))
    form = AccountForm()
    status = 200
    if form.is_submitted():
        status = 422
        if form.validate():
            with attempt(form) as tried:
                bank_accounts.state_account(
                    work(),
                    form.account(),
                    vendor_id=pair.vendor_id,
                    partner_id=principal.partner_id,
                )
            if tried.done:
                flash(
                    say(
                        "Saved. {vendor} checks it with you before the first payment.",
                        vendor=pair.vendor,
                    ),
                    "good",
                )
                return redirect(url_for("console.bank_account_index"), 303)
            status = tried.status
    else:
        prefill(form, pair.vendor_id)
    page = render_template("console/bank_accounts/edit.html", pair=pair, form=form)
    return make_response(page, status)


def prefill(form: AccountForm, vendor_id: UUID) -> None:
    """Fill in what stands for this vendor, else for another one, else the firm's name."""
    session, principal = work().session, work().principal
    known = sorted(
        bank_accounts.stated(session, principal), key=lambda each: each.vendor_id != vendor_id
    )
    if known:
        form.process(obj=known[0].account)
        return
    firm = partners.own_organisation(session, principal)
    form.process(data={"holder": firm.legal_name, "country": firm.country})
