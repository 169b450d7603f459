"""A contact put right by hand, and two rows of one person made one, or kept apart."""

from typing import Any, Final
from uuid import UUID

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.contacts import likely, merging, queries
from tcma.contacts.editing import edit_contact, other_fields
from tcma.contacts.likeness import Likeness, Person, differing
from tcma.contacts.queries import ContactView
from tcma.db.scope import found
from tcma.errors import Conflict, Invalid
from tcma.merging import merge, part
from tcma.permissions import Permission
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.console.contacts import people_context, person_of
from tcma.web.forms.person import PersonForm, own_fields
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say

WHY: Final = {
    Likeness.MAILBOX: say("One mailbox, written in two ways"),
    Likeness.PHONE: say("Same last name and phone number"),
    Likeness.NAME: say("Same name, same company or mail domain"),
}
LABELS: Final = {
    "first_name": say("First name"),
    "last_name": say("Last name"),
    "company": say("Company"),
    "country": say("Country"),
    "phone": say("Phone"),
    "language": say("Language"),
}


@console.route("/contacts/<name>/edit", methods=["GET", "POST"])
@allows(Permission.CONTACTS_MANAGE)
def contact_edit(name: str) -> ResponseReturnValue:
    """Put right what is known of a person."""
    person = person_of(name)
    found(None if person.is_erased else person)
    own = other_fields(work().session, found(work().principal.partner_id))
    form, problems = PersonForm(), {}
    if request.method == "GET":
        form.fill(person)
    elif form.validate():
        try:
            edit_contact(work(), person.row.id, form.edited(own))
        except Invalid as error:
            problems = dict(error.fields)
            form.take(error)
        else:
            flash(say("Kept."), "good")
            return redirect(url_for("console.contact_show", name=name), 303)
    page = render_template(
        "console/contacts/edit.html",
        person=person,
        name=name,
        form=form,
        own=own_fields(own, person.fields, problems),
    )
    return make_response(page, 422 if form.problems else 200)


@console.get("/contacts/duplicates")
@allows(Permission.CONTACTS_MANAGE)
def contact_duplicates() -> ResponseReturnValue:
    """Show pairs of contacts that look like one person, the surest first."""
    return render_template(
        "console/contacts/duplicates.html",
        pairs=likely.likely_pairs(work().session, work().principal, now=work().now),
        why=WHY,
        most=None
        if likely.compares_all(work().session, work().principal)
        else likely.MOST_COMPARED,
        **people_context(),
    )


@console.post("/contacts/<name>/apart/<second>")
@allows(Permission.CONTACTS_MANAGE)
def contact_apart(name: str, second: str) -> ResponseReturnValue:
    """Say that two contacts are two people."""
    one, two = person_of(name), person_of(second)
    said = merging.keep_apart(work(), one.row.id, two.row.id)
    toast: Any = [
        say("{one} and {two} stay two.", one=one.row.name, two=two.row.name),
        url_for("console.contact_part", merge_id=said),
    ]
    flash(toast, "undo")
    return redirect(url_for("console.contact_duplicates"), 303)


@console.get("/contacts/<name>/merge")
@allows(Permission.CONTACTS_MANAGE)
def contact_merge(name: str) -> ResponseReturnValue:
    """Choose with whom a contact is merged: who looks alike, or whoever is looked up."""
    person = person_of(name)
    found(None if person.is_erased else person)
    session, principal, now = work().session, work().principal, work().now
    pairs = likely.likely_pairs(session, principal, now=now, only=person.row.id)
    alike = [(p.two if p.one.row.id == person.row.id else p.one, WHY[p.why]) for p in pairs]
    wanted = request.args.get("q", "")
    looked_up = (
        [row for row in queries.contacts(session, principal, now=now, search=wanted).rows[:20]
         if row.id != person.row.id] if wanted else []
    )  # fmt: skip
    return render_template(
        "console/contacts/merge.html",
        person=person,
        name=name,
        alike=alike,
        wanted=wanted,
        looked_up=looked_up,
        **people_context(),
    )


@console.route("/contacts/<name>/merge/<second>", methods=["GET", "POST"])
@allows(Permission.CONTACTS_MANAGE)
def contact_merge_with(name: str, second: str) -> ResponseReturnValue:
    """Lay two contacts side by side, choose what stays, and merge them."""
    one, two = person_of(name), person_of(second)
    for each in (one, two):
        found(None if each.is_erased else each)
    problem = ""
    if request.method == "POST":
        kept, gone = (two, one) if request.form.get("address") == "two" else (one, two)
        mine = "two" if kept is two else "one"
        taken = [f for f in _choices(one, two) if request.form.get(f, mine) != mine]
        try:
            number = merge(work(), kept.row.id, gone.row.id, from_other=taken)
        except (Conflict, Invalid) as error:
            problem = error.advice
        else:
            undo = url_for("console.contact_part", merge_id=number)
            toast: Any = [
                say("{address} is part of this contact now.", address=gone.row.address),
                undo,
            ]
            flash(toast, "undo")
            kept_name = name if kept is one else second
            return redirect(url_for("console.contact_show", name=kept_name), 303)
    page = render_template(
        "console/contacts/merge_with.html",
        one=one,
        two=two,
        name=name,
        second=second,
        choices=_choices(one, two),
        problem=problem,
        **people_context(),
    )
    return make_response(page, 422 if problem else 200)


def _choices(one: ContactView, two: ContactView) -> dict[str, tuple[str, str, str]]:
    """Return what the two say differently: field → label and both values."""
    first, second = _person(one), _person(two)
    own = other_fields(work().session, found(work().principal.partner_id))
    labels = LABELS | {each.key: each.label for each in own}
    return {
        name: (labels.get(name, name), first.value(name), second.value(name))
        for name in differing(first, second)
    }


def _person(view: ContactView) -> Person:
    row = view.row
    return Person(
        standard={
            "first_name": row.first_name,
            "last_name": row.last_name,
            "company": row.company,
            "country": row.country,
            "phone": view.phone,
            "language": view.language,
        },
        others=view.fields,
        tags=view.tags,
    )


@console.post("/contacts/merges/<uuid:merge_id>/undo")
@allows(Permission.CONTACTS_MANAGE)
def contact_part(merge_id: UUID) -> ResponseReturnValue:
    """Take a merge back, or offer a pair again that was kept apart."""
    try:
        part(work(), merge_id)
    except Conflict as error:
        flash(error.advice, "stop")
    else:
        flash(say("Taken back: they are two contacts again."), "good")
    return redirect(url_for("console.contact_duplicates"), 303)
