"""The number of the vendor's purchase order for a plan: what invoices name, and payments carry."""

from tcma.db.work import Work
from tcma.errors import Conflict, Invalid
from tcma.mdf import letters
from tcma.mdf.judging.claims import ORDER_NUMBER
from tcma.mdf.models.funding import FundRequest
from tcma.mdf.moving import log, one_at_a_time
from tcma.mdf.queries import own
from tcma.mdf.rules import RequestState
from tcma.permissions import Permission
from tcma.words import say, say_as

LONGEST = 35
"""Of an identification in ISO 20022 (Max35Text), so that payments can carry it whole."""


def give(work: Work, request: FundRequest, number: str) -> None:
    """Give an approved plan its order number, or take it away by an empty one; the partner is told.

    Without one, invoices name the plan's reference. Raises Conflict for a plan that is not
    approved, Invalid with fields for a number that no bank would carry.
    """
    work.require(Permission.REQUEST_DECIDE)
    own(work.principal, request)
    one_at_a_time(work, request)
    if request.state != RequestState.APPROVED:
        raise Conflict(say("Only an approved plan has an order number."), code="mdf.order")
    said = " ".join(number.split())
    if len(said) > LONGEST or not said.isascii() or not said.isprintable():
        words = say("Letters, digits and signs, at most {n}.", n=LONGEST)
        raise Invalid(words, code="mdf.order", fields={"order_number": words})
    if said == request.trace.get(ORDER_NUMBER, ""):
        return
    request.trace = {**request.trace, ORDER_NUMBER: said}
    work.session.flush()  # the page that follows reads it
    named = say("Name order {number} on every invoice.", number=said)
    names = named if said else say("Invoices name {ref} again.", ref=request.ref)
    log(work, request, "gave an order number" if said else "took the order number back", said)
    letters.request_answered(
        work, request, outcome=say_as("outcome", "order number"), sentence=names
    )
