"""Launches that come by themselves: what is ahead, the calendars to join, and leave to launch for one."""

from uuid import UUID

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.contacts import list_queries as contacts
from tcma.contacts.segments import segments
from tcma.db.scope import found
from tcma.delivery import sender_queries
from tcma.delivery.actions import ensure_fallback
from tcma.on_behalf import arranging, calendar_queries, orders, queries
from tcma.on_behalf.orders import NewOrder
from tcma.on_behalf.rules import NOTICE_DAYS, consent_words
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows, signed
from tcma.web.console import console
from tcma.web.forms.on_behalf import AS_IT_STANDS, OrderForm
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say

PAUSE, GO_ON, LEAVE, COME_BACK = "pause", "resumption", "leaving", "return"
STEPS = {
    PAUSE: (orders.pause, say("Paused. Nothing is launched for you until you go on.")),
    GO_ON: (orders.go_on, say("It goes on.")),
    LEAVE: (orders.leave, say("You left. Nothing more is launched for you.")),
    COME_BACK: (orders.come_back, say("You are back, with the answers you gave.")),
}


@console.get("/launches/ahead")
@allows(Permission.LAUNCH_READ)
def ahead_index() -> ResponseReturnValue:
    """Show what comes by itself, the calendars, and who may launch for this partner."""
    session, principal = work().session, work().principal
    vendors = calendar_queries.own_vendors(session, principal)
    return render_template(
        "console/ahead/index.html",
        rows=queries.ahead(session, principal, now=work().now),
        calendars=calendar_queries.offered(session, principal, today=work().now.date()),
        vendors=[
            (slug, name, calendar_queries.permission_of(session, principal, vendor_id))
            for vendor_id, slug, name in vendors
        ],
        may=principal.may(Permission.LAUNCH_PLAN),
    )


@console.route("/launches/ahead/<vendor>", methods=["GET", "POST"], defaults={"calendar": ""})
@console.route("/launches/ahead/<vendor>/<calendar>", methods=["GET", "POST"])
@allows(Permission.LAUNCH_PLAN)
def ahead_show(vendor: str, calendar: str) -> ResponseReturnValue:
    """Ask once: to whom, from whom, in which language, and whether it may happen."""
    session, principal = work().session, work().principal
    mine = calendar_queries.own_vendors(session, principal)
    vendor_id, _, vendor_name = found(next((v for v in mine if v[1] == vendor), None))
    offer = None
    if calendar:
        today = work().now.date()
        offer = calendar_queries.offered_calendar(session, principal, vendor, calendar, today=today)
    order = offer.order if offer else calendar_queries.permission_of(session, principal, vendor_id)
    form = form_for(vendor_id)
    if request.method == "GET" and order:
        form.lists.data, form.sender.data = list(order.list_ids), str(order.sender_id)
        form.language.data = order.language or AS_IT_STANDS
    status = 200
    if form.is_submitted():
        status = 422
        if form.validate():
            with attempt(form) as tried:
                orders.join(work(), vendor, calendar, answers_of(form))
            if tried.done:
                flash(say("Saved. You get a letter before each launch."), "good")
                return redirect(url_for("console.ahead_index"), 303)
            status = tried.status
    page = render_template(
        "console/ahead/show.html",
        form=form,
        vendor=vendor,
        vendor_name=vendor_name,
        calendar=calendar,
        offer=offer,
        order=order,
        consent=consent_words(
            vendor_name,
            offer.notice_days if offer else NOTICE_DAYS[0],
            offer.name if offer else "",
        ),
    )
    return make_response(page, status)


def form_for(vendor_id: UUID) -> OrderForm:
    """Return the form with this partner's own choices."""
    session, principal = work().session, work().principal
    partner_id = found(principal.partner_id)
    name = signed().current.organisation.name
    ensure_fallback(work(), partner_id=partner_id, vendor_id=vendor_id, from_name=name)
    return OrderForm.for_partner(
        lists=contacts.offered_lists(session, principal, now=work().now),
        segments=segments(session, principal),
        senders=sender_queries.senders(session, principal, vendor_id=vendor_id),
    )


def answers_of(form: OrderForm) -> NewOrder:
    """Return the answers of a form."""
    return NewOrder(
        list_ids=tuple(UUID(each) for each in form.lists.data or ()),
        sender_id=UUID(form.sender.data),
        language="" if form.language.data == AS_IT_STANDS else form.language.data,
        agreed=form.agreed.data,
    )


@console.post("/launches/ahead/<vendor>/standing/<standing>", defaults={"calendar": ""})
@console.post("/launches/ahead/<vendor>/<calendar>/standing/<standing>")
@allows(Permission.LAUNCH_PLAN)
def ahead_change(vendor: str, calendar: str, standing: str) -> ResponseReturnValue:
    """Pause, go on, leave or come back."""
    verb, words = found(STEPS.get(standing))
    with attempt() as tried:
        verb(work(), vendor, calendar)
    flash(tried.words or words, "good" if tried.done else "need")
    return redirect(url_for("console.ahead_index"), 303)


@console.post("/launches/arranged/<arranged>/skip")
@allows(Permission.LAUNCH_PLAN)
def arranged_skip(arranged: str) -> ResponseReturnValue:
    """Leave one launch out."""
    with attempt() as tried:
        arranging.skip(work(), arranged)
    flash(
        tried.words or say("Skipped. You can take it back below."), "good" if tried.done else "need"
    )
    return redirect(url_for("console.ahead_index"), 303)


@console.post("/launches/arranged/<arranged>/return")
@allows(Permission.LAUNCH_PLAN)
def arranged_return(arranged: str) -> ResponseReturnValue:
    """Take a skip back."""
    with attempt() as tried:
        arranging.unskip(work(), arranged)
    flash(tried.words or say("It comes after all."), "good" if tried.done else "need")
    return redirect(url_for("console.ahead_index"), 303)


@console.post("/launches/arranged/<arranged>/yes")
@allows(Permission.LAUNCH_PLAN)
def arranged_agree(arranged: str) -> ResponseReturnValue:
    """Say yes to one that was asked for, or that it may go on."""
    with attempt() as tried:
        arranging.agree(work(), arranged)
    flash(tried.words or say("Yes. It goes on its day."), "good" if tried.done else "need")
    return redirect(url_for("console.ahead_index"), 303)
