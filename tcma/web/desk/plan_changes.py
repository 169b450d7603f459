"""The desk answers a change of an approved activity, and gives a plan its order number."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from tcma.mdf.queries import request_by_ref
from tcma.mdf.requests import amending, ordering
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.unit_of_work import work
from tcma.web.wording import flash


@desk.post("/fund-requests/<ref>/activities/<int:no>/change/approval")
@allows(Permission.REQUEST_DECIDE)
def request_change_approve(ref: str, no: int) -> ResponseReturnValue:
    """Say yes; with the last level's the change counts and the difference moves."""
    row = request_by_ref(work().session, work().principal, ref)
    counts = False
    with attempt() as tried:
        counts = amending.approve(work(), row, no)
    done = "The change counts now." if counts else "Passed on to the next level."
    flash(tried.words or done, "good" if tried.done else "need")
    return redirect(url_for("desk.request_show", ref=ref), 303)


@desk.post("/fund-requests/<ref>/activities/<int:no>/change/refusal")
@allows(Permission.REQUEST_DECIDE)
def request_change_refuse(ref: str, no: int) -> ResponseReturnValue:
    """Leave the activity as it was approved, and say why."""
    row = request_by_ref(work().session, work().principal, ref)
    with attempt() as tried:
        amending.refuse(work(), row, no, words=request.form.get("words", ""))
    flash(tried.words or "It stays as approved.", "good" if tried.done else "need")
    return redirect(url_for("desk.request_show", ref=ref), 303)


@desk.post("/fund-requests/<ref>/order")
@allows(Permission.REQUEST_DECIDE)
def request_order(ref: str) -> ResponseReturnValue:
    """Give an approved plan the number of the vendor's purchase order."""
    row = request_by_ref(work().session, work().principal, ref)
    with attempt() as tried:
        ordering.give(work(), row, request.form.get("order_number", ""))
    flash(tried.words or "Saved. The partner has a mail.", "good" if tried.done else "need")
    return redirect(url_for("desk.request_show", ref=ref), 303)
