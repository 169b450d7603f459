"""A lead by hand, as at an event: from a business card or a badge, one after the other on a phone."""

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice

from tcma.db.scope import found
from tcma.ids import random_token
from tcma.leads.capturing import of_page, take_in
from tcma.leads.cards import FIELDS, read_card
from tcma.leads.countries import country_code
from tcma.leads.intake import Capture
from tcma.library.copy_queries import copies, page_by_path
from tcma.library.queries import PageView
from tcma.library.rules import PageState
from tcma.partners.queries import partner_of
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.forms.lead import CardForm
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say


@console.get("/leads/new")
@allows(Permission.LEAD_ANSWER)
def lead_new() -> ResponseReturnValue:
    """Show the form; the page that was used last is chosen."""
    return page_of(CardForm(formdata=None, page=request.args.get("page", "")))


def pages() -> dict[str, PageView]:
    """Return the partner's pages that take requests, by their address."""
    session, principal = work().session, work().principal
    paths = [copy.page_path for copy in copies(session, principal) if copy.page_path]
    live = [page_by_path(session, path) for path in paths]
    return {page.path: page for page in live if page.state is PageState.LIVE}


def offer_pages(form: CardForm) -> dict[str, PageView]:
    """Offer the pages by their campaign, each with the words that somebody says yes to."""
    live = pages()
    names = {copy.page_path: copy.campaign for copy in copies(work().session, work().principal)}
    form.page.choices = [
        SelectChoice(path, names[path], {"data-small": page.consent_text})
        for path, page in live.items()
    ]
    if len(live) == 1 and not form.page.data:
        form.page.data = next(iter(live))
    return live


def page_of(form: CardForm, *, status: int = 200) -> ResponseReturnValue:
    """Render the form, with a number of its own that makes a second press harmless."""
    live = offer_pages(form)
    if not form.key.data:
        form.key.data = random_token(12)
    page = render_template("console/leads/card.html", form=form, has_pages=bool(live))
    return make_response(page, status)


@console.post("/leads/new")
@allows(Permission.LEAD_ANSWER)
def lead_card_create() -> ResponseReturnValue:
    """Take a person in as their own form would, then offer the form for the next one."""
    form = CardForm()
    live = offer_pages(form)
    for name, value in read_card(form.scanned.data or "").items():
        if not form[name].data:
            form[name].data = value
    status = 422
    if form.validate():
        taken = None
        with attempt(form) as tried:
            taken = take_in(work(), of_page(live[form.page.data]), capture_of(live, form))
        if tried.done:
            who = f"{form.first_name.data} {form.last_name.data}".strip() or form.email.data
            words = (
                say("{who} is in. The next one?", who=who)
                if taken
                else say(
                    "{who} is in. Your vendor looks at it first: a web address stands in it.",
                    who=who,
                )
            )
            flash(words, "good" if taken else "need")
            return redirect(url_for("console.lead_new", page=form.page.data), 303)
        status = tried.status
    return page_of(form, status=status)


def capture_of(live: dict[str, PageView], form: CardForm) -> Capture:
    """Return what was typed as the domain takes it."""
    page = live[form.page.data]
    note = form.note.data or ""
    typed: dict[str, str] = {name: form[name].data or "" for name in FIELDS}
    partner_id = found(work().principal.partner_id)
    return Capture(
        source=f"card:{partner_id}",
        external_id=form.key.data or random_token(12),
        address=typed["email"],
        consent_given=bool(form.consent.data),
        consent_text=page.consent_text,
        consent_version=page.consent_version,
        page_url=say("Typed by {principal}", principal=work().principal.name),
        country=country_code(form.country.data or "")
        or partner_of(work().session, partner_id).country,
        answers={"Note": note} if note else {},
        first_name=typed["first_name"],
        last_name=typed["last_name"],
        company=typed["company"],
        phone=typed["phone"],
        postcode=typed["postcode"],
    )
