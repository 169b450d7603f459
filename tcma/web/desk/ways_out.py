"""Ways out at the desk: webhooks that other programs are told by, and what each was told."""

from uuid import UUID

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tcma.outbox import actions, queries
from tcma.outbox.rules import CHOSEN
from tcma.permissions import Permission
from tcma.web import endpoint_acts
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.forms.base import offer
from tcma.web.forms.webhook import WebhookForm, WebhookPlaceForm
from tcma.web.unit_of_work import services, work
from tcma.web.wording import flash


@desk.get("/leads/ways-out")
@allows(Permission.LEAD_ASSIGN)
def ways_out_index() -> ResponseReturnValue:
    """List the webhooks, and make one."""
    return page_of(form_of())


def form_of() -> WebhookForm:
    """Return an empty form with everything chosen."""
    return WebhookForm(formdata=None, events=[each.value for each in CHOSEN])


def page_of(form: WebhookForm, *, status: int = 200) -> ResponseReturnValue:
    """Render the list with the form below it."""
    offer(form.events, [(each.value, words) for each, words in CHOSEN.items()])
    page = render_template(
        "desk/leads/ways_out.html",
        endpoints=queries.endpoints(work().session, work().principal),
        form=form,
    )
    return make_response(page, status)


@desk.post("/leads/ways-out")
@allows(Permission.LEAD_ASSIGN)
def webhook_create() -> ResponseReturnValue:
    """Set one up; its page shows the secret, this once."""
    form = WebhookForm()
    offer(form.events, [(each.value, words) for each, words in CHOSEN.items()])
    status = 422
    if form.validate():
        made = ("", "")
        with attempt(form) as tried:
            made = actions.make_endpoint(
                work(), services().web, name=form.name.data, url=form.url.data,
                events=form.events.data or [],
            )  # fmt: skip
        if tried.done:
            return webhook_page(made[0], secret=made[1])
        status = tried.status
    return page_of(form, status=status)


@desk.get("/leads/ways-out/<ref>")
@allows(Permission.LEAD_ASSIGN)
def webhook_show(ref: str) -> ResponseReturnValue:
    """Show a webhook and what it was told."""
    return webhook_page(ref)


def webhook_page(
    ref: str, *, secret: str = "", form: WebhookPlaceForm | None = None, status: int = 200
) -> ResponseReturnValue:
    """Render a webhook; `secret` was just made and is told this once."""
    session, principal = work().session, work().principal
    session.flush()  # what was just made is shown
    one = queries.endpoint(session, principal, ref)
    form = form or WebhookPlaceForm(formdata=None, url=one.url, events=list(one.events))
    offer(form.events, [(each.value, words) for each, words in CHOSEN.items()])
    page = render_template(
        "desk/leads/webhook.html",
        one=one,
        deliveries=queries.deliveries(session, principal, ref),
        secret=secret,
        form=form,
        now=work().now,
    )
    return make_response(page, status)


@desk.post("/leads/ways-out/<ref>")
@allows(Permission.LEAD_ASSIGN)
def webhook_change(ref: str) -> ResponseReturnValue:
    """Change where it is and what it hears of; its name stays, journeys call it by that."""
    form = WebhookPlaceForm()
    offer(form.events, [(each.value, words) for each, words in CHOSEN.items()])
    status = 422
    if form.validate():
        with attempt(form) as tried:
            actions.change_endpoint(
                work(), services().web, ref, url=form.url.data, events=form.events.data or []
            )
        if tried.done:
            flash("Saved. What waits goes to the address as it is now.", "good")
            return back(ref)
        status = tried.status
    return webhook_page(ref, form=form, status=status)


@desk.post("/leads/ways-out/<ref>/secret")
@allows(Permission.LEAD_ASSIGN)
def webhook_secret(ref: str) -> ResponseReturnValue:
    """Make a new secret and show it, this once."""
    secret = ""
    with attempt() as tried:
        secret = actions.rotate_secret(work(), ref)
    if not tried.done:
        flash(tried.words, "need")
        return back(ref)
    return webhook_page(ref, secret=secret)


@desk.post("/leads/ways-out/<ref>/state")
@allows(Permission.LEAD_ASSIGN)
def webhook_state(ref: str) -> ResponseReturnValue:
    """Pause it, let it go on, or end it."""
    endpoint_acts.change_state(ref)
    return back(ref)


@desk.post("/leads/ways-out/<ref>/test")
@allows(Permission.LEAD_ASSIGN)
def webhook_test(ref: str) -> ResponseReturnValue:
    """Tell it something that says it is a test."""
    said = "A test is on its way. Its answer stands below in a moment."
    endpoint_acts.send_test(ref, said=said)
    return back(ref)


@desk.post("/leads/ways-out/<ref>/replay")
@allows(Permission.LEAD_ASSIGN)
def webhook_replay(ref: str) -> ResponseReturnValue:
    """Tell everything again that was given up."""
    count = 0
    with attempt() as tried:
        count = actions.replay(work(), ref)
    said = f"{count} on their way again." if count else "Nothing was given up."
    flash(said if tried.done else tried.words, "work" if tried.done else "need")
    return back(ref)


@desk.post("/leads/ways-out/<ref>/replay/<uuid:delivery>")
@allows(Permission.LEAD_ASSIGN)
def webhook_replay_one(ref: str, delivery: UUID) -> ResponseReturnValue:
    """Tell one thing again."""
    with attempt() as tried:
        actions.replay(work(), ref, delivery)
    flash("On its way again." if tried.done else tried.words, "work" if tried.done else "need")
    return back(ref)


def back(ref: str) -> ResponseReturnValue:
    """Return to a webhook's page."""
    return redirect(url_for("desk.webhook_show", ref=ref), 303)
