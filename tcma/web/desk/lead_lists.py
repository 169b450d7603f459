"""Lists of leads at the desk: upload, see what becomes of each row, take them in, fetch the refused."""

from uuid import UUID

from flask import Response, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.leads import lists
from tcma.leads.capturing import Origin
from tcma.leads.lists import Event, Look
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.desk.ways_in import offer_choices
from tcma.web.forms.desk import LeadEventForm, LeadListForm
from tcma.web.unit_of_work import work
from tcma.web.wording import flash

WORDS = "I want to be written to and called about this, also by a partner of yours near me."


@desk.get("/leads/lists/new")
@allows(Permission.LEAD_ASSIGN)
def lead_list_new() -> ResponseReturnValue:
    """Ask for the list, its event and the words people agreed to."""
    return new_page(LeadListForm(formdata=None, words=WORDS))


def new_page(form: LeadListForm, *, status: int = 200) -> ResponseReturnValue:
    """Render the form."""
    offer_choices(form)
    return make_response(render_template("desk/leads/list_new.html", form=form), status)


@desk.post("/leads/lists/new")
@allows(Permission.LEAD_ASSIGN)
def lead_list_create() -> ResponseReturnValue:
    """Keep the list and show what would become of it; nothing is a lead yet."""
    form = LeadListForm()
    offer_choices(form)
    status = 422
    if form.validate():
        upload = form.file.data
        list_id, result = UUID(int=0), Look()
        with attempt(form) as tried:
            list_id = lists.keep(work(), file_name=upload.filename or "", content=upload.read())
            result = lists.look(work(), list_id, event_of(form))
        if tried.done:
            return list_page(list_id, form, result)
        status = tried.status
    return new_page(form, status=status)


def event_of(form: LeadEventForm) -> Event:
    """Return the event that a form names."""
    campaigns, pairs = offer_choices(form)
    origin = Origin(
        vendor_id=found(work().principal.vendor_id),
        campaign_id=found(campaigns.get(form.campaign.data)),
        partner_id=pairs.get(form.partner.data or ""),
    )
    return Event(name=form.name.data or "", words=form.words.data or "", origin=origin)


def list_page(
    list_id: UUID, form: LeadEventForm, result: Look, *, taken: bool = False, status: int = 200
) -> ResponseReturnValue:
    """Render a list: what would become of it, or what became of it."""
    fields = {name: form[name].data for name in ("name", "campaign", "partner", "words")}
    page = render_template(
        "desk/leads/list.html",
        list_id=list_id,
        fields=fields,
        result=result,
        taken=taken,
        form=form,
    )
    return make_response(page, status)


@desk.post("/leads/lists/<uuid:list_of>")
@allows(Permission.LEAD_ASSIGN)
def lead_list_take(list_of: UUID) -> ResponseReturnValue:
    """Make leads of the rows that are new."""
    form = event_form(list_of)
    if form is None:
        return redirect(url_for("desk.lead_list_new"), 303)
    result = Look()
    with attempt(form) as tried:
        result = lists.take(work(), list_of, event_of(form))
    if not tried.done:
        flash(tried.words, "need")
        return redirect(url_for("desk.lead_list_new"), 303)
    return list_page(list_of, form, result, taken=True)


@desk.post("/leads/lists/<uuid:list_of>/refused")
@allows(Permission.LEAD_ASSIGN)
def lead_list_refused(list_of: UUID) -> ResponseReturnValue:
    """Hand out the rows that are refused, with why."""
    form = event_form(list_of)
    if form is None:
        return redirect(url_for("desk.lead_list_new"), 303)
    result = lists.look(work(), list_of, event_of(form))
    return Response(
        b"".join(lists.refused_rows(result)),
        mimetype="text/csv",
        headers={"Content-Disposition": 'attachment; filename="refused-leads.csv"'},
    )


def event_form(list_of: UUID) -> LeadEventForm | None:
    """Return the event that comes along with a list; None, with a word of why, when it is not whole."""
    lists.kept(work(), list_of)
    form = LeadEventForm()
    offer_choices(form)
    if form.validate():
        return form
    flash("Upload the list again: something of its event was missing.", "need")
    return None
