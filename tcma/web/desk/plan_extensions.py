"""The desk answers a question for more time to claim."""

from datetime import date

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from tcma.errors import Invalid
from tcma.mdf.queries import request_by_ref
from tcma.mdf.requests import extending
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.unit_of_work import work
from tcma.web.wording import flash


@desk.post("/fund-requests/<ref>/activities/<int:no>/more-time/grant")
@allows(Permission.REQUEST_DECIDE)
def request_more_time_grant(ref: str, no: int) -> ResponseReturnValue:
    """Give until the day that was typed."""
    row = request_by_ref(work().session, work().principal, ref)
    with attempt() as tried:
        extending.grant(work(), row, no, until=day_of("until"))
    flash(tried.words or "Granted. The partner has a mail.", "good" if tried.done else "need")
    return redirect(url_for("desk.request_show", ref=ref), 303)


def day_of(name: str) -> date:
    """Return a typed day; Invalid when it is none."""
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        words = "Choose a day."
        raise Invalid(words, code="mdf.extension", fields={name: words}) from None


@desk.post("/fund-requests/<ref>/activities/<int:no>/more-time/refusal")
@allows(Permission.REQUEST_DECIDE)
def request_more_time_refuse(ref: str, no: int) -> ResponseReturnValue:
    """Leave the last day as it was, and say why."""
    row = request_by_ref(work().session, work().principal, ref)
    with attempt() as tried:
        extending.refuse(work(), row, no, words=request.form.get("words", ""))
    flash(tried.words or "The last day stays.", "good" if tried.done else "need")
    return redirect(url_for("desk.request_show", ref=ref), 303)
