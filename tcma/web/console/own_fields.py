"""A partner's own fields at the console: made, called otherwise, removed with everything in them."""

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma import uses
from tcma.contacts import removing, segments
from tcma.contacts.conditions import Kind
from tcma.db.scope import found
from tcma.errors import Conflict, Invalid
from tcma.permissions import Permission
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.console.segments import own, places_of
from tcma.web.forms.segment import KIND_WORDS, FieldForm
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say


@console.route("/contacts/fields", methods=["GET", "POST"])
@allows(Permission.CONTACTS_MANAGE)
def field_index() -> ResponseReturnValue:
    """Show the partner's own fields, and make one."""
    form = FieldForm.open()
    if form.validate_on_submit():
        try:
            segments.add_field(
                work(), form.label.data or "", Kind(form.kind.data),
                choices=(form.choices.data or "").splitlines(),
            )  # fmt: skip
        except (Invalid, Conflict) as error:
            form.refuse(error)
        else:
            flash(say("Made. The next import can fill it."), "good")
            return redirect(url_for("console.field_index"), 303)
    page = render_template(
        "console/segments/fields.html",
        form=form,
        fields=segments.custom_fields(work().session, own()),
        kind_words=KIND_WORDS,
    )
    return make_response(page, 422 if form.problems else 200)


@console.post("/contacts/fields/<own_field>/name")
@allows(Permission.CONTACTS_MANAGE)
def field_rename(own_field: str) -> ResponseReturnValue:
    """Call an own field otherwise."""
    try:
        segments.rename_field(work(), own_field, request.form.get(f"label-{own_field}", ""))
    except Invalid as error:
        flash(error.advice, "stop")
    else:
        flash(say("Renamed. What stands in it stays."), "good")
    return redirect(url_for("console.field_index"), 303)


@console.route("/contacts/fields/<own_field>/removal", methods=["GET", "POST"])
@allows(Permission.CONTACTS_MANAGE)
def field_remove(own_field: str) -> ResponseReturnValue:
    """Say what would go and what uses it; then remove it, for that cannot be taken back."""
    every = segments.custom_fields(work().session, own())
    field = found(next((each for each in every if each.key == own_field), None))
    if request.method == "POST":
        try:
            uses.remove_field(work(), own_field)
        except Conflict as error:
            flash(error.advice, "need")
            return redirect(url_for("console.field_remove", own_field=own_field), 303)
        flash(say("“{name}” is removed. Its values are being deleted.", name=field.label), "good")
        return redirect(url_for("console.field_index"), 303)
    places = places_of(uses.field_uses(work(), own_field))
    return render_template(
        "console/segments/field_removal.html",
        field=field,
        people=removing.people_with(work(), own_field),
        bound=[each for each in places if each["binds"]],
        told=[each for each in places if not each["binds"]],
    )
