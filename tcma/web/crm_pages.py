"""CRMs, the same pages for a partner and for a vendor: each connects its own."""

from uuid import UUID

from flask import (
    Blueprint,
    Response,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from tcma.crm import actions
from tcma.crm.rules import (
    DEAL_FIELDS,
    LEAD_FIELDS,
    SHARED,
    STAGE_WORDS,
    SYSTEM_WORDS,
    ConnectionState,
    System,
)
from tcma.leads import crm_marks, crm_queries, crm_sheets
from tcma.permissions import Permission
from tcma.ports import CrmError, CrmKind
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.forms.crm import KEY_FORMS, SheetBackForm, SheetForm, fields_from, key_of
from tcma.web.unit_of_work import services, work
from tcma.web.wording import flash
from tcma.words import joined, say, say_n

SAID = {
    ConnectionState.ON: say("It goes on: what waited is sent now."),
    ConnectionState.PAUSED: say("It is paused. What changes here waits."),
    ConnectionState.ENDED: say(
        "It is ended and its key is forgotten. What stands there stays there."
    ),
}
MOST_REFUSALS = 20


def add_to(blueprint: Blueprint) -> None:
    """Give a blueprint the pages, below its leads."""
    place = "/leads/crm"
    for path, method, view in (
        ("", "GET", crm_index),
        ("/new/<system>", "GET", crm_new),
        ("/new/<system>", "POST", crm_create),
        ("/<ref>", "GET", crm_show),
        ("/<ref>/key", "POST", crm_key),
        ("/<ref>/test", "POST", crm_test),
        ("/<ref>/state", "POST", crm_state),
        ("/<ref>/again", "POST", crm_again),
        ("/<ref>/again/<uuid:link>", "POST", crm_again_one),
        ("/<ref>/fields", "GET", crm_fields),
        ("/<ref>/fields", "POST", crm_fields_save),
        ("/<ref>/sheet/<kind>", "GET", crm_sheet),
        ("/<ref>/sheet", "POST", crm_sheet_back),
    ):
        blueprint.add_url_rule(place + path, view_func=view, methods=[method])


@allows(Permission.CRM_CONNECT)
def crm_index() -> ResponseReturnValue:
    """List the connections, and what can be connected."""
    return render_template(
        "crm/index.html",
        connections=crm_queries.connections(work().session, work().principal),
        systems=SYSTEM_WORDS,
    )


@allows(Permission.CRM_CONNECT)
def crm_new(system: str) -> ResponseReturnValue:
    """Show how a system is connected."""
    kind = system_of(system)
    return new_page(kind, KEY_FORMS[kind](formdata=None))


def system_of(text: str) -> System:
    """Return the system an address names."""
    if text not in tuple(System):
        raise NotFound
    return System(text)


def new_page(system: System, form: SheetForm, *, status: int = 200) -> ResponseReturnValue:
    """Render the form of a new connection."""
    page = render_template("crm/new.html", system=system, name=SYSTEM_WORDS[system], form=form)
    return make_response(page, status)


@allows(Permission.CRM_CONNECT)
def crm_create(system: str) -> ResponseReturnValue:
    """Connect it: whatever it is to have already waits at once."""
    kind = system_of(system)
    form, status = KEY_FORMS[kind](), 422
    if form.validate():
        url, secrets = key_of(form)
        ref = ""
        with attempt(form) as tried:
            ref = actions.connect(
                work(), services().web, kind, url=url, secrets=secrets,
                with_leads=form.with_leads.data,
            )  # fmt: skip
            count = crm_marks.mark_all(work(), ref)
        if tried.done:
            words = say("{system} is connected.", system=SYSTEM_WORDS[kind])
            waits = (
                say_n("{n} lead is on its way.", "{n} leads are on their way.", count)
                if count
                else ""
            )
            flash(
                joined(words, waits) if kind is not System.SHEET else say("The sheet is ready."),
                "good",
            )
            return back(ref)
        status = tried.status
    return new_page(kind, form, status=status)


@allows(Permission.CRM_CONNECT)
def crm_show(ref: str) -> ResponseReturnValue:
    """Show a connection and how leads stand in it."""
    return page_of(ref)


def page_of(
    ref: str,
    *,
    form: SheetForm | None = None,
    sheet: SheetBackForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    """Render one connection."""
    session, principal = work().session, work().principal
    one = crm_queries.connection(session, principal, ref)
    page = render_template(
        "crm/show.html",
        one=one,
        links=crm_queries.links(session, principal, ref),
        form=form or KEY_FORMS[one.system](formdata=None, data={"url": one.url}),
        sheet=sheet or SheetBackForm(formdata=None),
        now=work().now,
    )
    return make_response(page, status)


@allows(Permission.CRM_CONNECT)
def crm_key(ref: str) -> ResponseReturnValue:
    """Give it another key."""
    one = crm_queries.connection(work().session, work().principal, ref)
    form, status = KEY_FORMS[one.system](), 422
    if form.validate():
        url, secrets = key_of(form)
        with attempt(form) as tried:
            actions.change_key(work(), services().web, ref, url=url, secrets=secrets)
        if tried.done:
            flash(say("The new key is kept. Test the connection to see whether it fits."), "good")
            return back(ref)
        status = tried.status
    return page_of(ref, form=form, status=status)


@allows(Permission.CRM_CONNECT)
def crm_test(ref: str) -> ResponseReturnValue:
    """Ask it whose account it is; the answer, or what is wrong and what mends it, is kept."""
    one = crm_queries.connection(work().session, work().principal, ref)
    if one.is_sheet:
        flash(say("A sheet is carried by hand: there is nothing to test."), "need")
        return back(ref)
    trouble, words = None, ""
    with attempt() as tried:
        access = actions.key_of(work(), ref)
        try:
            words = services().crm(access).check()
        except CrmError as error:
            trouble = error
    if not tried.done:
        flash(tried.words, "need")
        return back(ref)
    actions.note_check(work(), ref, trouble)
    if trouble is None:
        flash(say("It answers, and everything is there: {words}.", words=words), "good")
    else:
        flash(say("It does not work yet. What is wrong stands on the page."), "need")
    return back(ref)


@allows(Permission.CRM_CONNECT)
def crm_state(ref: str) -> ResponseReturnValue:
    """Pause it, let it go on, or end it."""
    asked = request.form.get("state", ConnectionState.ON)
    state = ConnectionState(asked) if asked in tuple(ConnectionState) else ConnectionState.ON
    with attempt() as tried:
        actions.set_state(work(), ref, state)
    flash(SAID[state] if tried.done else tried.words, "good" if tried.done else "need")
    return back(ref)


@allows(Permission.CRM_CONNECT)
def crm_again(ref: str) -> ResponseReturnValue:
    """Send everything again that was refused."""
    count = 0
    with attempt() as tried:
        count = actions.send_again(work(), ref)
    said = say("{n} on their way again.", n=count) if count else say("Nothing was refused.")
    flash(said if tried.done else tried.words, "work" if tried.done else "need")
    return back(ref)


@allows(Permission.CRM_CONNECT)
def crm_again_one(ref: str, link: UUID) -> ResponseReturnValue:
    """Send one lead again."""
    with attempt() as tried:
        actions.send_again(work(), ref, link)
    flash(say("On its way again.") if tried.done else tried.words, "work" if tried.done else "need")
    return back(ref)


@allows(Permission.CRM_CONNECT)
def crm_fields(ref: str) -> ResponseReturnValue:
    """Show where each field goes, what stands there when it is empty, and who wins."""
    one = crm_queries.connection(work().session, work().principal, ref)
    return fields_page(one, "")


def fields_page(
    one: crm_queries.ConnectionView, problem: str, *, status: int = 200
) -> ResponseReturnValue:
    """Render the fields of a connection."""
    page = render_template(
        "crm/fields.html", one=one, problem=problem, lead_fields=LEAD_FIELDS,
        deal_fields=DEAL_FIELDS, stages=STAGE_WORDS,
        shared={name: DEAL_FIELDS[name] for name in SHARED},
    )  # fmt: skip
    return make_response(page, status)


@allows(Permission.CRM_CONNECT)
def crm_fields_save(ref: str) -> ResponseReturnValue:
    """Keep the fields; everything is written anew with them."""
    one = crm_queries.connection(work().session, work().principal, ref)
    count = 0
    with attempt() as tried:
        count = actions.change_fields(
            work(), ref, fields_from(request.form), with_leads="with_leads" in request.form
        )
    if not tried.done:
        return fields_page(one, tried.words, status=tried.status)
    flash(say("Saved. {n} are written anew.", n=count) if count else say("Saved."), "good")
    return back(ref)


@allows(Permission.CRM_CONNECT)
def crm_sheet(ref: str, kind: str) -> ResponseReturnValue:
    """Hand out the leads or the opportunities as the CRM's own columns."""
    if kind not in tuple(CrmKind):
        raise NotFound
    session, principal, site = work().session, work().principal, work().site
    rows = crm_queries.sheet(session, principal, ref, CrmKind(kind), public_url=site.public_url)
    names = {CrmKind.LEAD: "leads", CrmKind.DEAL: "opportunities"}
    name = f"{names[CrmKind(kind)]}-{ref}.csv"
    return Response(
        b"".join(rows),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@allows(Permission.CRM_CONNECT)
def crm_sheet_back(ref: str) -> ResponseReturnValue:
    """Read a sheet that comes back."""
    crm_queries.connection(work().session, work().principal, ref)
    form, status = SheetBackForm(), 422
    if form.validate():
        upload = form.file.data
        with attempt(form) as tried:
            got = crm_sheets.read_back(
                work(), ref, upload.read(), name=upload.filename or "sheet.csv"
            )
        if tried.done:
            words = say_n(
                "{n} row read, {changed} changed something here.",
                "{n} rows read, {changed} changed something here.",
                got.rows,
                changed=got.changed,
            )
            refused = [
                say("Row {number}: {why}", number=number, why=why)
                for number, why in got.refused[:MOST_REFUSALS]
            ]
            flash(joined(words, *refused), "need" if got.refused else "good")
            return back(ref)
        status = tried.status
    return page_of(ref, sheet=form, status=status)


def back(ref: str) -> ResponseReturnValue:
    """Return to a connection's page."""
    return redirect(url_for(".crm_show", ref=ref), 303)
