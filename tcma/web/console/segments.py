"""Segments at the console: a condition built line by line, counted while it is typed; own fields."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from jinja2_fragments.flask import render_block

from tcma import uses
from tcma.contacts import queries, removing, segments
from tcma.contacts.conditions import (
    MOST_ROWS,
    OPS,
    VALUELESS,
    WORDS,
    Condition,
    Field,
    Kind,
    Row,
    checked,
)
from tcma.contacts.segments import PATIENCE_MS, Counted
from tcma.db.scope import found
from tcma.errors import Conflict, Invalid
from tcma.permissions import Permission
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.console.contacts import people_context
from tcma.web.forms.segment import posted
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say

INPUTS = {Kind.DATE: "date", Kind.NUMBER: "text"}


@console.get("/contacts/segments")
@allows(Permission.CONTACTS_MANAGE)
def segment_index() -> ResponseReturnValue:
    """Show the saved segments."""
    return render_template(
        "console/segments/index.html", segments=segments.segments(work().session, work().principal)
    )


def own() -> UUID:
    """Return the partner whose people are meant."""
    return found(work().principal.partner_id)


@console.route("/contacts/segments/new", methods=["GET", "POST"])
@allows(Permission.CONTACTS_MANAGE)
def segment_new() -> ResponseReturnValue:
    """Build a segment."""
    return build(None, Condition((Row("country", OPS[Kind.TEXT][0]),)), "")


@console.route("/contacts/segments/<uuid:segment_id>", methods=["GET", "POST"])
@allows(Permission.CONTACTS_MANAGE)
def segment_show(segment_id: UUID) -> ResponseReturnValue:
    """Show a segment, its people, and change it."""
    one = segments.segment(work().session, work().principal, segment_id)
    return build(segment_id, one.condition, one.name)


@console.get("/contacts/segments/<uuid:segment_id>/people")
@allows(Permission.CONTACTS_MANAGE)
def segment_people(segment_id: UUID) -> ResponseReturnValue:
    """Show who meets a segment now."""
    session, principal = work().session, work().principal
    wanted = request.args.get("q", "")
    page = queries.contacts(
        session,
        principal,
        now=work().now,
        search=wanted,
        among=segments.audience_people(session, principal, segment_id),
        after=request.args.get("after"),
    )
    return render_template(
        "console/segments/people.html",
        one=segments.segment(session, principal, segment_id),
        page=page,
        wanted=wanted,
        **people_context(),
    )


def build(segment_id: UUID | None, condition: Condition, name: str) -> ResponseReturnValue:
    """Show the builder; a POST with `save` keeps what stands in it, any other only counts it."""
    fields = segments.fields_of(work().session, own())
    problems: dict[str, str] = {}
    if request.method == "POST":
        condition, name = posted(request.form, fields), request.form.get("name", "").strip()
        if "save" in request.form:
            try:
                kept = segments.save_segment(work(), name, condition, segment_id=segment_id)
            except Invalid as error:
                problems = dict(error.fields)
            else:
                flash(say("Kept. A launch asks it anew in the moment it starts."), "good")
                return redirect(url_for("console.segment_show", segment_id=kept), 303)
    counted, wrong = counted_of(condition, fields)
    context = {
        "condition": condition,
        "lines": lines_of(condition, fields, problems or wrong, asked="save" in request.form),
        "wrong": why_uncounted(condition, wrong),
        "fields": fields,
        "name": name,
        "problems": problems,
        "counted": counted,
        "segment_id": segment_id,
        "full": len(condition.rows) >= MOST_ROWS,
        "here": request.path,
        **people_context(),
    }
    if request.headers.get("HX-Request"):
        part = "count" if request.headers.get("HX-Target", "").endswith("count") else "builder"
        return render_block("console/segments/show.html", part, **context)
    used = uses.segment_uses(work(), segment_id) if segment_id else []
    page = render_template("console/segments/show.html", places=places_of(used), **context)
    return make_response(page, 422 if problems else 200)


def counted_of(condition: Condition, fields: list[Field]) -> tuple[Counted | None, dict[str, str]]:
    """Return how many people meet a condition, None while a line is not complete."""
    try:
        plain = checked(condition, fields)
    except Invalid as error:
        return None, dict(error.fields)
    compiled = segments.compiled(plain, fields)
    return segments.count_people(work().session, own(), compiled, patience_ms=PATIENCE_MS), {}


def why_uncounted(condition: Condition, wrong: dict[str, str]) -> str:
    """Return what is wrong with a value that was written; empty while lines only lack theirs."""
    written = (wrong.get(f"row-{n}", "") for n, row in enumerate(condition.rows) if row.value)
    return next(filter(None, written), "")


def lines_of(
    condition: Condition, fields: list[Field], problems: dict[str, str], *, asked: bool
) -> list[dict[str, object]]:
    """Return each line with what its three parts offer; problems show once saving was asked."""
    known = {field.key: field for field in fields}
    lines: list[dict[str, object]] = []
    for place, row in enumerate(condition.rows):
        field = known.get(row.field, fields[0])
        lines.append(
            {
                "row": row,
                "ops": [(op.value, WORDS[op]) for op in OPS[field.kind]],
                "choices": field.choices,
                "input": INPUTS.get(field.kind, "text"),
                "valueless": row.op in VALUELESS,
                "error": problems.get(f"row-{place}", "") if asked else "",
            }
        )
    return lines


@console.post("/contacts/segments/<uuid:segment_id>/deletion")
@allows(Permission.CONTACTS_MANAGE)
def segment_delete(segment_id: UUID) -> ResponseReturnValue:
    """Take a segment away; its people stay, and it can be brought back."""
    try:
        name = uses.delete_segment(work(), segment_id)
    except Conflict as error:
        flash(error.advice, "need")
        return redirect(url_for("console.segment_show", segment_id=segment_id), 303)
    undo = url_for("console.segment_restore", segment_id=segment_id)
    toast: Any = [say("“{name}” deleted.", name=name), undo]
    flash(toast, "undo")
    return redirect(url_for("console.segment_index"), 303)


@console.post("/contacts/segments/<uuid:segment_id>/restoration")
@allows(Permission.CONTACTS_MANAGE)
def segment_restore(segment_id: UUID) -> ResponseReturnValue:
    """Bring a deleted segment back."""
    removing.restore_segment(work(), segment_id)
    return redirect(url_for("console.segment_show", segment_id=segment_id), 303)


def places_of(used: Sequence[uses.Place]) -> list[dict[str, object]]:
    """Return each place of use in words, with the page where it can be changed."""
    return [
        {"words": uses.words_of(each), "href": page_of_place(each), "binds": each.binds}
        for each in used
    ]


def page_of_place(place: uses.Place) -> str:
    """Return the page of a place."""
    if place.kind in ("asking", "begun"):
        vendor, _, slug = place.ref.partition("/")
        return url_for("console.campaign_show", vendor=vendor, slug=slug)
    pages: dict[str, tuple[str, dict[str, Any]]] = {
        "launch": ("console.launch_show", {"ref": place.ref}),
        "order": ("console.ahead_index", {}),
        "segment": ("console.segment_show", {"segment_id": place.ref}),
        "filling": ("console.import_show", {"import_id": place.ref}),
        "filled": ("console.import_show", {"import_id": place.ref}),
    }
    endpoint, values = pages[place.kind]
    return url_for(endpoint, **values)
