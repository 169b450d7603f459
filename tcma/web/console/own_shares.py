"""A claim of a matched fund: what the partner paid itself, with the paper that shows it."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from tcma.mdf.claims import own_shares
from tcma.mdf.papers.own_shares import shares_of
from tcma.mdf.queries import claim_by_ref
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.console.claims import page_of
from tcma.web.forms.mdf import OwnShareForm
from tcma.web.money_words import money_of
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say


@console.post("/claims/<ref>/own-payments")
@allows(Permission.CLAIM_FILE)
def claim_own_share_create(ref: str) -> ResponseReturnValue:
    """Add a payment of one's own; the claim's sum follows."""
    claim = claim_by_ref(work().session, work().principal, ref)
    form = OwnShareForm()
    status = 422
    if form.validate():
        with attempt(form) as tried:
            paid = own_shares.OwnPayment(
                amount=money_of(form.paid, claim.currency),
                paid_on=form.paid_on.data,
                paid_to=form.paid_to.data,
            )
            upload = form.file.data
            named = upload.filename or ""
            own_shares.add(work(), claim, paid, file_name=named, content=upload.read())
        if tried.done:
            flash(say("Your payment is in the case file."), "good")
            return redirect(url_for("console.claim_show", ref=ref), 303)
        status = tried.status
    return page_of(ref, own=form, status=status)


@console.post("/claims/<ref>/own-payments/<int:no>/removal")
@allows(Permission.CLAIM_FILE)
def claim_own_share_remove(ref: str, no: int) -> ResponseReturnValue:
    """Take the `no`-th payment out of a claim that is not filed."""
    claim = claim_by_ref(work().session, work().principal, ref)
    rows = shares_of(work().session, claim)
    if 0 < no <= len(rows):
        with attempt() as tried:
            own_shares.remove(work(), claim, rows[no - 1].id)
        flash(tried.words or say("Taken out."), "good" if tried.done else "need")
    else:
        flash(say("This payment is not there any more."), "need")
    return redirect(url_for("console.claim_show", ref=ref), 303)
