"""Consent at the console: what a list rests on, what one person said, who a launch leaves out."""

from datetime import UTC, datetime, time
from uuid import UUID

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.contacts import consent_ledger, consent_queries, list_queries
from tcma.contacts.consent import Controller, Told
from tcma.contacts.consent_ledger import Declaration
from tcma.delivery import opt_in
from tcma.delivery.rules import REASON_WORDS
from tcma.errors import Conflict, Invalid
from tcma.launches import preflight
from tcma.partners.queries import enrolments
from tcma.permissions import Permission
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.console.contact_words import STANDING_WORDS, consent_lines
from tcma.web.console.contacts import person_of
from tcma.web.console.launches import detail_of, page_of_contact
from tcma.web.forms.consent import TOLD_WORDS, DeclarationForm, ToldForm
from tcma.web.forms.contact import BASIS_WORDS
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say


@console.route("/contacts/lists/<uuid:list_id>/basis", methods=["GET", "POST"])
@allows(Permission.CONTACTS_MANAGE)
def list_basis(list_id: UUID) -> ResponseReturnValue:
    """Say how the people of a list agreed, and who decides about it."""
    session, principal = work().session, work().principal
    one = list_queries.contact_list(session, principal, list_id, now=work().now)
    vendors = [(str(e.vendor_id), e.vendor) for e in enrolments(session, principal)]
    form = DeclarationForm.with_vendors(vendors)
    if request.method == "GET":
        form.basis.data, form.evidence.data = one.basis.value, one.evidence
        form.since.data = one.since.date()
        form.vendor.data = str(one.controller_vendor_id or Controller.PARTNER.value)
    elif form.validate():
        alone = form.vendor.data == Controller.PARTNER.value
        day = form.since.data
        told = Declaration(
            basis=form.told_basis,
            evidence=form.evidence.data or "",
            controller=Controller.PARTNER if alone else Controller.JOINT,
            vendor_id=None if alone else UUID(form.vendor.data),
            since=datetime.combine(day, time(), UTC) if day else None,
        )
        try:
            consent_ledger.declare(work(), list_id, told)
        except Invalid as error:
            form.take(error)
        else:
            flash(say("Kept. Every launch asks it again before it leaves."), "good")
            return redirect(url_for("console.list_show", list_id=list_id), 303)
    page = render_template("console/contacts/basis.html", one=one, form=form)
    return make_response(page, 422 if form.problems else 200)


@console.route("/contacts/<name>/consent", methods=["GET", "POST"])
@allows(Permission.CONTACTS_MANAGE)
def contact_consent(name: str) -> ResponseReturnValue:
    """Show a person's consent line by line, and write down what they said."""
    person = person_of(name)
    form = ToldForm()
    form.told.options = [(t.value, *w) for t, w in TOLD_WORDS.items()]
    if form.validate_on_submit():
        try:
            consent_ledger.note_consent(
                work(), person.row.id, Told(form.told.data), evidence=form.evidence.data or ""
            )
        except Invalid as error:
            form.take(error)
        else:
            flash(say("Written down. It cannot be changed, only added to."), "good")
            return redirect(url_for("console.contact_consent", name=name), 303)
    story = consent_queries.consent_story(work().session, person.row.id, now=work().now)
    page = render_template(
        "console/contacts/consent.html",
        person=person,
        name=name,
        form=form,
        story=story,
        lines=consent_lines(story.lines),
        standing_words=STANDING_WORDS,
        basis_words=BASIS_WORDS,
    )
    return make_response(page, 422 if form.problems else 200)


@console.post("/contacts/<name>/consent/question")
@allows(Permission.CONTACTS_MANAGE)
def contact_ask(name: str) -> ResponseReturnValue:
    """Send the mail that lets the owner of the mailbox say yes."""
    person = person_of(name)
    try:
        opt_in.ask(work(), person.row.id)
    except Conflict as error:
        flash(error.advice, "need")
    else:
        flash(say("The question is on its way to {address}.", address=person.row.address), "good")
    return redirect(url_for("console.contact_consent", name=name), 303)


@console.get("/launches/<ref>/check/people")
@allows(Permission.LAUNCH_PLAN)
def launch_left_out(ref: str) -> ResponseReturnValue:
    """List who of the chosen people would be left out, and why."""
    page = preflight.left_out(work(), ref, after=request.args.get("after"))
    return render_template(
        "console/launches/left_out.html",
        launch=detail_of(ref),
        page=page,
        why=REASON_WORDS,
        page_of=page_of_contact,
    )
