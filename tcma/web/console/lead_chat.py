"""Where a partner hears of offers besides mail: rooms of its chat, and its own programs."""

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tcma.outbox import actions, queries
from tcma.outbox.rules import Kind
from tcma.permissions import Permission
from tcma.web import endpoint_acts
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.forms.lead import ChatForm
from tcma.web.unit_of_work import services, work
from tcma.web.wording import flash
from tcma.words import say


@console.get("/leads/chat")
@allows(Permission.PEOPLE_MANAGE)
def chat_index() -> ResponseReturnValue:
    """List the rooms and programs, and add one."""
    return page_of(ChatForm(formdata=None, kind=Kind.CHAT.value))


def page_of(form: ChatForm, *, secret: str = "", status: int = 200) -> ResponseReturnValue:
    """Render the list with the form below it; `secret` was just made and is told this once."""
    session, principal = work().session, work().principal
    session.flush()  # what was just made is shown
    endpoints = queries.endpoints(session, principal)
    page = render_template(
        "console/leads/chat.html",
        endpoints=endpoints,
        lately={each.ref: last_of(each.ref) for each in endpoints},
        form=form,
        secret=secret,
    )
    return make_response(page, status)


def last_of(ref: str) -> queries.DeliveryView | None:
    """Return what an address was told last."""
    told = queries.deliveries(work().session, work().principal, ref, limit=1)
    return next(iter(told), None)


@console.post("/leads/chat")
@allows(Permission.PEOPLE_MANAGE)
def chat_create() -> ResponseReturnValue:
    """Add a room or program, and send it a test."""
    form, status = ChatForm(), 422
    if form.validate():
        made = ("", "")
        kind = Kind(form.kind.data)
        with attempt(form) as tried:
            made = actions.make_endpoint(
                work(),
                services().web,
                name=form.name.data or "",
                url=form.url.data or "",
                kind=kind,
            )
            actions.send_test(work(), made[0])
        if tried.done and kind is Kind.PROGRAM:
            return page_of(ChatForm(formdata=None, kind=Kind.CHAT.value), secret=made[1])
        if tried.done:
            flash(say("It is there, and a test is on its way. Look into the room."), "good")
            return back()
        status = tried.status
    return page_of(form, status=status)


@console.post("/leads/chat/<ref>/state")
@allows(Permission.PEOPLE_MANAGE)
def chat_state(ref: str) -> ResponseReturnValue:
    """Pause it, let it go on, or end it."""
    endpoint_acts.change_state(ref)
    return back()


@console.post("/leads/chat/<ref>/test")
@allows(Permission.PEOPLE_MANAGE)
def chat_test(ref: str) -> ResponseReturnValue:
    """Tell it something that says it is a test."""
    endpoint_acts.send_test(ref, said=say("A test is on its way."))
    return back()


def back() -> ResponseReturnValue:
    """Return to the list."""
    return redirect(url_for("console.chat_index"), 303)
