"""When a partner works: its hours, the days it is closed, and pauses, which vendors read with their reason."""

from uuid import UUID

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.leads import opening
from tcma.leads.rules import RestKind
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.forms.lead import HoursForm, RestForm
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say


@console.get("/leads/hours")
@allows(Permission.LEAD_ANSWER)
def lead_hours() -> ResponseReturnValue:
    """Show when the partner works and rests."""
    return page_of()


def page_of(
    hours: HoursForm | None = None, rest: RestForm | None = None, *, status: int = 200
) -> ResponseReturnValue:
    """Render hours and rests; who does not own the console reads them."""
    partner_id = found(work().principal.partner_id)
    kept = opening.opening_of(work().session, partner_id)
    if hours is None:
        hours = HoursForm(formdata=None, opens=kept.opens, closes=kept.closes)
        hours.days.data = [str(day) for day in kept.days]
    page = render_template(
        "console/leads/hours.html",
        hours=hours,
        rest=rest or RestForm(formdata=None, kind=RestKind.PAUSED.value, reason="capacity"),
        kept=kept,
        rests=opening.rests_of(work().session, partner_id, work().now),
        may_change=work().principal.may(Permission.PEOPLE_MANAGE),
    )
    return make_response(page, status)


@console.post("/leads/hours")
@allows(Permission.PEOPLE_MANAGE)
def lead_hours_save() -> ResponseReturnValue:
    """State the working hours."""
    form = HoursForm()
    status = 422
    if form.validate():
        with attempt(form) as tried:
            opening.save_hours(
                work(),
                days=[int(day) for day in form.days.data],
                opens=form.opens.data,
                closes=form.closes.data,
            )
        if tried.done:
            flash(say("Saved. It holds for the next lead."), "good")
            return redirect(url_for("console.lead_hours"), 303)
        status = tried.status
    return page_of(form, status=status)


@console.post("/leads/rests")
@allows(Permission.PEOPLE_MANAGE)
def lead_rest() -> ResponseReturnValue:
    """Close for some days, or take no new leads for now."""
    form = RestForm()
    status = 422
    if form.validate():
        with attempt(form) as tried:
            opening.state_rest(
                work(),
                RestKind(form.kind.data),
                reason=form.reason.data,
                starts_on=form.starts_on.data,
                ends_on=form.ends_on.data,
                note=form.note.data or "",
            )
        if tried.done:
            flash(say("Noted. Your vendors read it where they give leads."), "good")
            return redirect(url_for("console.lead_hours"), 303)
        status = tried.status
    return page_of(rest=form, status=status)


@console.post("/leads/rests/<uuid:rest>/end")
@allows(Permission.PEOPLE_MANAGE)
def lead_rest_end(rest: UUID) -> ResponseReturnValue:
    """Take a rest back."""
    opening.end_rest(work(), rest)
    flash(say("Noted. New leads come again."), "good")
    return redirect(url_for("console.lead_hours"), 303)
