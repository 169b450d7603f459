"""Shared pots at the desk: which partners may plan with one."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.mdf.funds import opening
from tcma.mdf.queries import fund_by_ref
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.desk.funds import offer_partners
from tcma.web.forms.mdf import AllocationForm
from tcma.web.unit_of_work import work
from tcma.web.wording import flash

EVERYBODY = "*"


@desk.post("/funds/<ref>/partners")
@allows(Permission.BUDGET_MANAGE)
def fund_let_in(ref: str) -> ResponseReturnValue:
    """Let one partner, or all that are enrolled, plan with a shared pot."""
    budget = fund_by_ref(work().session, work().principal, ref)
    known = offer_partners(AllocationForm(formdata=None))
    chosen = request.form.get("partner", "")
    if not chosen:
        flash("Choose a partner, or all of them.", "need")
        return redirect(url_for("desk.fund_show", ref=ref), 303)
    ids = list(known.values()) if chosen == EVERYBODY else [found(known.get(chosen))]
    with attempt() as tried:
        opening.let_in(work(), budget, ids)
    flash(tried.words or "They see the pot in their wallet.", "good" if tried.done else "need")
    return redirect(url_for("desk.fund_show", ref=ref), 303)
