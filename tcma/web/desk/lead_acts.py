"""What the desk does with leads by hand: one, or all that are ticked in the list."""

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.errors import Invalid
from tcma.leads import by_hand, joining, queries
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.desk.leads import index_of, offer_partners, page_of
from tcma.web.forms.desk import AssignForm, LeadActForm
from tcma.web.unit_of_work import work
from tcma.web.wording import flash

DONE = {
    "again": ("goes by the rules again", "go by the rules again"),
    "offer": ("is offered", "are offered"),
    "spam": ("is closed as spam", "are closed as spam"),
    "duplicate": ("is closed as a duplicate", "are closed as duplicates"),
}


@desk.post("/leads/<ref>/assignment")
@allows(Permission.LEAD_ASSIGN)
def lead_assign(ref: str) -> ResponseReturnValue:
    """Offer a lead to a partner by hand; an open offer is recalled."""
    lead = queries.lead_by_ref(work().session, work().principal, ref)
    form = AssignForm()
    pairs = offer_partners(form)
    status = 422
    if form.validate():
        pair = found(pairs.get(form.partner.data))
        with attempt(form) as tried:
            by_hand.assign(work(), lead, pair.partner_id, why=form.why.data or "")
        if tried.done:
            flash(f"Offered to {pair.partner}. Its people have a mail.", "good")
            return redirect(url_for("desk.lead_show", ref=ref), 303)
        status = tried.status
    return page_of(ref, form, status=status)


@desk.post("/leads/<ref>/act")
@allows(Permission.LEAD_ASSIGN)
def lead_act(ref: str) -> ResponseReturnValue:
    """Route one lead again, or close it as none."""
    lead = queries.lead_by_ref(work().session, work().principal, ref)
    form = LeadActForm()
    offer_partners(form)
    status = 422
    if form.validate():
        with attempt(form) as tried:
            act_of(form)(lead)
        if tried.done:
            flash(f"The lead {DONE[form.act.data][0]}.", "good")
            return redirect(url_for("desk.lead_show", ref=ref), 303)
        status = tried.status
    return page_of(ref, AssignForm(formdata=None), act=form, status=status)


@desk.post("/leads/<ref>/joining")
@allows(Permission.LEAD_ASSIGN)
def lead_join(ref: str) -> ResponseReturnValue:
    """Let another lead of the same person go on in this one."""
    session, principal = work().session, work().principal
    lead = queries.lead_by_ref(session, principal, ref)
    other = queries.lead_by_ref(session, principal, request.form.get("other", ref))
    with attempt() as tried:
        joining.join(work(), other, lead)
    said = f"{other.ref} goes on in {ref}." if tried.done else tried.words
    flash(said, "good" if tried.done else "need")
    return redirect(url_for("desk.lead_show", ref=ref), 303)


@desk.post("/leads")
@allows(Permission.LEAD_ASSIGN)
def lead_acts() -> ResponseReturnValue:
    """Do one thing to every ticked lead; those that refuse stay ticked and say why."""
    form = LeadActForm()
    offer_partners(form)
    refs = request.form.getlist("lead")
    if not form.validate():
        return index_of(form, ticked=frozenset(refs), status=422)
    with attempt(form) as tried:
        came = by_hand.each_of(work(), refs, act_of(form))
    if not tried.done:
        return index_of(form, ticked=frozenset(refs), status=tried.status)
    if came.done:
        flash(f"{leads(came.done)} {DONE[form.act.data][came.done != 1]}.", "good")
    for ref, why in came.left[:3]:
        flash(f"{ref}: {why}", "need")
    if len(came.left) > 3:
        flash(f"{leads(len(came.left) - 3)} more stayed as they were.", "need")
    again: dict[str, Any] = request.args.to_dict()
    return redirect(url_for("desk.lead_index", **again), 303)


@desk.post("/rules/routing/unassigned")
@allows(Permission.LEAD_ASSIGN)
def routing_try_again() -> ResponseReturnValue:
    """Let the rules in force decide every lead that nobody took."""
    count = by_hand.try_again(work())
    flash(f"{leads(count)} {'goes' if count == 1 else 'go'} by the rules in force now.", "good")
    return redirect(url_for("desk.lead_index", state="unassigned"), 303)


def leads(count: int) -> str:
    """Return a number of leads in words."""
    return "1 lead" if count == 1 else f"{count} leads"


def act_of(form: LeadActForm) -> by_hand.Act:
    """Return what a form asks to be done to a lead."""
    act, why = form.act.data, form.why.data or ""
    if act == "again":
        return lambda lead: by_hand.route_again(work(), lead, why=why)
    if act == "offer":
        if not form.partner.data:
            message = "Choose a partner."
            raise Invalid(message, code="lead.partner", fields={"partner": message})
        partner_id = found(offer_partners(form).get(form.partner.data)).partner_id
        return lambda lead: by_hand.assign(work(), lead, partner_id, why=why)
    return lambda lead: by_hand.dismiss(work(), lead, reason=act)
