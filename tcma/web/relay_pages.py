"""A sending domain's own relays, the same pages for a partner and a vendor: listed, tried, put in order."""

from uuid import UUID

from flask import Blueprint, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.delivery.relay_trials import NoJournal, trial_mail
from tcma.delivery.trouble import go_on
from tcma.errors import TcmaError, Unavailable
from tcma.ids import new_id
from tcma.permissions import Permission
from tcma.ports import Result, SendResult
from tcma.senders import relays
from tcma.senders.actions import may_edit
from tcma.senders.queries import Domain, domain_by_name
from tcma.senders.relay_rules import KIND_WORDS, MOST_RELAYS, OwnRelay, RelayFacts, trouble_of
from tcma.senders.relays import RelayView
from tcma.web.attempt import attempt
from tcma.web.auth import allows, who
from tcma.web.forms.relay import HOUSE, WAIT, LastResortForm, RelayForm
from tcma.web.reading import language
from tcma.web.unit_of_work import services, work
from tcma.web.wording import flash
from tcma.words import joined, say


def add_to(blueprint: Blueprint, permission: Permission) -> None:
    """Give a blueprint the pages, below a domain of its senders."""
    place = "/senders/<domain>/relays"
    for path, method, view in (
        ("", "GET", sender_relays),
        ("", "POST", sender_relay_create),
        ("/last-resort", "POST", sender_relay_last),
        ("/<uuid:relay>", "GET", sender_relay_edit),
        ("/<uuid:relay>", "POST", sender_relay_save),
        ("/<uuid:relay>/test", "POST", sender_relay_test),
        ("/<uuid:relay>/mail", "POST", sender_relay_mail),
        ("/<uuid:relay>/up", "POST", sender_relay_up),
        ("/<uuid:relay>/removal", "POST", sender_relay_remove),
    ):
        guarded = allows(permission)(view)
        blueprint.add_url_rule(place + path, view_func=guarded, methods=[method])


def sender_relays(domain: str) -> ResponseReturnValue:
    """Show the relays in their order, and a form for another."""
    return page_of(own_domain(domain), RelayForm(None))


def own_domain(name: str) -> Domain:
    """Return a domain of one's own; NotFound for any other."""
    may_edit(work())
    return domain_by_name(work().session, work().principal, name)


def page_of(domain: Domain, form: RelayForm, *, status: int = 200) -> ResponseReturnValue:
    """Render the page; a form that was refused stays with what was typed, but the password."""
    session = work().session
    last = HOUSE if domain.house_is_last else WAIT
    page = render_template(
        "relays/index.html",
        domain=domain,
        relays=relays.relays_of(session, domain.id),
        kinds=KIND_WORDS,
        most=MOST_RELAYS,
        form=form,
        last=LastResortForm(None, data={"last": last}),
        my_address=my_address(),
    )
    return make_response(page, status)


def my_address() -> str:
    """Return the address of the person who asks."""
    return found(who()).email


def sender_relay_create(domain: str) -> ResponseReturnValue:
    """Add a relay behind the others, and try it at once."""
    kept, form, status = own_domain(domain), RelayForm(), 422
    if form.validate():
        with attempt(form) as tried:
            facts = form.facts()
            error = refusal_of(facts)  # asked before anything is locked
            relay = relays.add_relay(work(), services().web, domain, facts)
        if tried.done:
            return tested(domain, relay, error)
        status = tried.status
    return page_of(kept, form, status=status)


def refusal_of(facts: RelayFacts) -> TcmaError | None:
    """Connect, sign in, say goodbye; return why that was not possible."""
    try:
        services().own_relay(OwnRelay(new_id(), facts.address)).open(1).close()
    except TcmaError as error:
        return error
    return None


def tested(domain: str, relay: UUID, error: TcmaError | None) -> ResponseReturnValue:
    """Note what a try said, and say it with the remedy."""
    kept = relays.relay_by_id(work(), domain, relay)
    if error is not None:
        took_no_mail(domain, kept, error)
    else:
        waited = took_mail(domain, kept)
        words = say("{host} answers, lets us in and would take mail.", host=kept.host)
        goes_on = say("What waited for it goes on.") if waited else ""
        flash(joined(words, goes_on), "good")
    return back_to(domain)


def sender_relay_edit(domain: str, relay: UUID) -> ResponseReturnValue:
    """Show one relay to change it."""
    kept = relays.relay_by_id(work(), domain, relay)
    form = RelayForm(
        None,
        data={"kind": kept.kind.value, "host": kept.host, "port": kept.port, "user": kept.user},
    )
    return edit_page(kept, form)


def edit_page(kept: RelayView, form: RelayForm, *, status: int = 200) -> ResponseReturnValue:
    """Render the form of one relay."""
    return make_response(render_template("relays/edit.html", relay=kept, form=form), status)


def sender_relay_save(domain: str, relay: UUID) -> ResponseReturnValue:
    """Change a relay, and try it at once."""
    kept, form, status = relays.relay_by_id(work(), domain, relay), RelayForm(), 422
    if form.validate():
        with attempt(form) as tried:
            facts = form.facts(is_stored=bool(kept.user))
            facts = relays.completed(work(), domain, relay, facts)
            error = refusal_of(facts)
            relays.change_relay(work(), services().web, domain, relay, facts)
        if tried.done:
            return tested(domain, relay, error)
        status = tried.status
    return edit_page(kept, form, status=status)


def sender_relay_test(domain: str, relay: UUID) -> ResponseReturnValue:
    """Try a relay as it stands."""
    relays.relay_by_id(work(), domain, relay)
    error: TcmaError | None = None
    try:
        services().own_relay(relays.key_of(work(), domain, relay)).open(1).close()
    except TcmaError as refused:
        error = refused
    return tested(domain, relay, error)


def took_mail(domain: str, kept: RelayView) -> int:
    """Note that a relay does well; return how many mailings go on that waited for it."""
    relays.note_trial(work(), domain, kept.id, None)
    return go_on(work(), own_domain(domain).id)


def took_no_mail(domain: str, kept: RelayView, error: TcmaError) -> None:
    """Note why a relay takes no mail, and say it with the remedy."""
    relays.note_trial(work(), domain, kept.id, error)
    told = trouble_of(error.code, host=kept.host, port=kept.port)
    flash(joined(told.words, told.remedy), "need")


def sender_relay_mail(domain: str, relay: UUID) -> ResponseReturnValue:
    """Send one mail to oneself through this relay alone, and say what the relay said."""
    kept = relays.relay_by_id(work(), domain, relay)
    try:
        answer = sent_trial(domain, kept, relays.key_of(work(), domain, relay))
    except TcmaError as error:
        took_no_mail(domain, kept, error)
        return back_to(domain)
    if answer.result is Result.SENT:
        took_mail(domain, kept)
        flash(
            say("{host} took the mail. Look into {address}.", host=kept.host, address=my_address()),
            "good",
        )
    else:
        flash(
            say(
                "{host} let us in, but did not take the mail. It said: {said} Allow mail from "
                "{domain} there, or ask your provider.",
                host=kept.host,
                said=f"{answer.code or ''} {answer.text}".strip() or "–",
                domain=domain,
            ),
            "need",
        )
    return back_to(domain)


def sent_trial(domain: str, kept: RelayView, access: OwnRelay) -> SendResult:
    """Send it; Unavailable when the relay does not answer."""
    url = url_for(".sender_show", domain=domain, _external=True)
    mail = trial_mail(work(), domain, host=kept.host, to=my_address(), url=url, language=language())
    lines = services().own_relay(access).open(1)
    try:
        answers = list(lines.send([mail], NoJournal()))
    finally:
        lines.close()
    if not answers:
        raise Unavailable(say("It took nothing."), code="relay.broken")
    return answers[0]


def sender_relay_up(domain: str, relay: UUID) -> ResponseReturnValue:
    """Try this relay before the one above it."""
    relays.raise_relay(work(), domain, relay)
    return back_to(domain)


def sender_relay_remove(domain: str, relay: UUID) -> ResponseReturnValue:
    """Forget a relay and its password."""
    relays.remove_relay(work(), domain, relay)
    left = relays.relays_of(work().session, own_domain(domain).id)
    words = say("It is removed and its password is forgotten.")
    house = "" if left else say("Mail leaves by the installation’s relays again.")
    flash(joined(words, house), "good")
    return back_to(domain)


def sender_relay_last(domain: str) -> ResponseReturnValue:
    """Choose what happens when none of the relays takes mail."""
    own_domain(domain)
    form = LastResortForm()
    if form.validate():
        relays.set_last_resort(work(), domain, house=form.last.data == HOUSE)
        flash(say("Saved. It holds from the next mail on."), "good")
    return back_to(domain)


def back_to(domain: str) -> ResponseReturnValue:
    """Return to the list."""
    return redirect(url_for(".sender_relays", domain=domain), 303)
