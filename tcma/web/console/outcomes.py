"""A partner says how an activity was done and hands in its results, on the page of its claim."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from tcma.mdf.claims import telling
from tcma.mdf.queries import claim_by_ref
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.console.claims import page_of
from tcma.web.console.outcome_forms import named
from tcma.web.forms.costs import given
from tcma.web.forms.mdf import OutcomeForm
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say


@console.post("/claims/<ref>/outcome")
@allows(Permission.CLAIM_FILE)
def claim_outcome(ref: str) -> ResponseReturnValue:
    """Say how it went: as approved or not, and what came of it."""
    claim = claim_by_ref(work().session, work().principal, ref)
    form, status = named(OutcomeForm()), 422
    if form.validate():
        with attempt(form) as tried:
            results = form.results.data or ""
            telling.tell(work(), claim, given(form.answers), results=results)
        if tried.done:
            flash(say("It is in the claim."), "good")
            return redirect(url_for("console.claim_show", ref=ref), 303)
        status = tried.status
    return page_of(ref, told=form, status=status)
