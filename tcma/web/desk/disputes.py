"""A disputed claim is answered at the desk: what is granted, or why it stays."""

from collections.abc import Callable
from typing import Any

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from tcma.mdf.claims import disputes
from tcma.mdf.queries import claim_by_ref
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.desk.decisions import next_address
from tcma.web.forms.mdf import DisputeAnswerForm
from tcma.web.money_words import money_of
from tcma.web.unit_of_work import work
from tcma.web.wording import flash


@desk.post("/claims/<ref>/dispute/approval")
@allows(Permission.CLAIM_DECIDE)
def dispute_uphold(ref: str) -> ResponseReturnValue:
    """Grant the typed sum: a second claim, ready to pay."""
    form = DisputeAnswerForm()

    def verb(claim: Any) -> str:
        amount = money_of(form.amount, claim.currency) if form.amount.data else None
        more = disputes.uphold(work(), claim, amount=amount, words=form.words.data or "")
        return f"{more.ref} is approved and ready to pay. The partner has a mail."

    return answered(ref, verb)


@desk.post("/claims/<ref>/dispute/refusal")
@allows(Permission.CLAIM_DECIDE)
def dispute_turn_down(ref: str) -> ResponseReturnValue:
    """Leave the sum as it was decided."""
    form = DisputeAnswerForm()

    def verb(claim: Any) -> str:
        disputes.turn_down(work(), claim, words=form.words.data or "")
        return f"{ref} stays as it was decided. The partner has a mail."

    return answered(ref, verb)


def answered(ref: str, verb: Callable[[Any], str]) -> ResponseReturnValue:
    """Answer, and go on in the queue; what stands in the way is said on the claim's page."""
    claim, onward = claim_by_ref(work().session, work().principal, ref), next_address(ref)
    said = ""
    with attempt() as tried:
        said = verb(claim)
    flash(tried.words or said, "good" if tried.done else "need")
    here = url_for("desk.claim_show", ref=ref, _anchor="dispute")
    return redirect(onward if tried.done else here, 303)
