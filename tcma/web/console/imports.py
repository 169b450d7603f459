"""Bringing people in: a file with its columns, or a few addresses typed; progress, report, undo."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from jinja2_fragments.flask import render_block

from tcma.contacts import actions, imports, list_queries, queries, undoing
from tcma.contacts.actions import NewList
from tcma.contacts.conditions import Field, Kind
from tcma.contacts.mapping import field_of, header_words
from tcma.contacts.queries import ImportView
from tcma.contacts.refusals import about
from tcma.contacts.rules import UNDO_DAYS, ContactField, ImportState, LawfulBasis
from tcma.contacts.segments import custom_fields
from tcma.db.scope import found
from tcma.db.sentences import unpacked
from tcma.errors import Invalid, NotFound
from tcma.mdf.queries import document_by_id
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.console.way_back import back, way_back
from tcma.web.forms.contact import BASIS_WORDS, BasisForm, FileForm, TypedForm
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say

FIELD_WORDS = {
    ContactField.EMAIL: say("E-mail address"),
    ContactField.FIRST_NAME: say("First name"),
    ContactField.LAST_NAME: say("Last name"),
    ContactField.FULL_NAME: say("Whole name"),
    ContactField.COMPANY: say("Company"),
    ContactField.JOB_TITLE: say("Job title"),
    ContactField.PHONE: say("Phone number"),
    ContactField.STREET: say("Street"),
    ContactField.CITY: say("City"),
    ContactField.REGION: say("Region"),
    ContactField.POSTCODE: say("Postcode"),
    ContactField.COUNTRY: say("Country"),
    ContactField.LANGUAGE: say("Language"),
    ContactField.WEBSITE: say("Website"),
    ContactField.TAGS: say("Tags"),
    ContactField.STATUS: say("Subscribed or not"),
}
FIELDS = [("", say("Leave out")), *((f.value, words) for f, words in FIELD_WORDS.items())]
NEW_FIELDS = [
    (f"{imports.NEW_FIELD}{kind}", words)
    for kind, words in (
        (Kind.TEXT, say("A new field: words")),
        (Kind.NUMBER, say("A new field: a number")),
        (Kind.DATE, say("A new field: a date")),
        (Kind.BOOLEAN, say("A new field: yes or no")),
    )
]
MUCH = 0.5
"""Of the rows judged: when so many are left out by a column that says no yes, the page says so on top."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of the file: first values, what it becomes, how sure that is."""

    index: int
    name: str
    values: str
    field: str
    tone: str
    said: str


@console.get("/imports/new")
@allows(Permission.CONTACTS_MANAGE)
def import_new() -> ResponseReturnValue:
    """Offer a file or a few typed addresses."""
    return new_page(FileForm(None), TypedForm(None))


def new_page(form: FileForm, typed: TypedForm, *, status: int = 200) -> ResponseReturnValue:
    """Render both ways in."""
    now = work().now
    lists = list_queries.offered_lists(work().session, work().principal, now=now)
    form.offer(lists, chosen=request.args.get("into", ""))
    page = render_template(
        "console/imports/new.html",
        form=form,
        typed=typed,
        most=imports.LARGEST_FILE >> 20,
        recent=queries.imports(work().session, work().principal, now=now),
        typing=bool(typed.problems) or request.args.get("way") == "type",
    )
    return make_response(page, status)


@console.post("/imports")
@allows(Permission.CONTACTS_MANAGE)
def import_create() -> ResponseReturnValue:
    """Take a file and look at it; nothing is imported yet."""
    form = FileForm()
    given = form.uploaded()
    if given is None:
        form.file.errors = [say("Choose a file first: CSV, Excel, or an export of your mail tool.")]
    else:
        try:
            import_id = imports.start(
                work(), file_name=given[0], content=given[1], list_id=form.list_id()
            )
        except Invalid as error:
            form.file.errors = [error.advice]
        else:
            return redirect(
                url_for("console.import_show", import_id=import_id, back=back() or None), 303
            )
    return new_page(form, TypedForm(None), status=422)


@console.post("/contacts/lists")
@allows(Permission.CONTACTS_MANAGE)
def list_create() -> ResponseReturnValue:
    """Make a list of typed addresses."""
    form = TypedForm()
    if form.validate():
        new = NewList(
            name=form.list_name.data or say("Typed in"),
            basis=LawfulBasis(form.basis.data),
            source=say("typed in"),
            evidence=form.evidence.data or "",
        )
        try:
            list_id = actions.import_addresses(work(), form.addresses.data or "", new=new)
        except Invalid as error:
            form.take(error)
        else:
            flash(say("Added. Nothing was mailed."), "good")
            return redirect(way_back(url_for("console.list_show", list_id=list_id)), 303)
    return new_page(FileForm(None), form, status=422)


@console.get("/imports/<uuid:import_id>")
@allows(Permission.CONTACTS_MANAGE)
def import_show(import_id: UUID) -> ResponseReturnValue:
    """Show an import where it stands: columns to check, progress, or what came of it."""
    one = import_of(import_id)
    if request.headers.get("HX-Request"):
        return render_block("console/imports/show.html", "moving", **running(one))
    form = BasisForm(None)
    target = list_of(one)
    if target is not None:
        form.basis.data = target.basis
    return show_page(one, form)


def import_of(import_id: UUID) -> ImportView:
    """Return an import of this partner."""
    return queries.import_view(work().session, work().principal, import_id)


def running(one: ImportView) -> dict[str, Any]:
    """Return what progress and result show; the list is counted once, when all are in it."""
    moving = one.state in (ImportState.IMPORTING, ImportState.UNDOING)
    undone = undoing.undone_of(one.preview)
    told = (one.done_n, one.rows_n)
    if one.state == ImportState.UNDOING:
        people = one.added_n + one.known_n + one.stopped_n
        told = (undone.done_n, max(people, undone.done_n))
    return {
        "one": one,
        "moving": moving,
        "swapped": "HX-Request" in request.headers,
        "undone": undone,
        "told": told,
        "undo_ends": one.made_at + UNDO_DAYS <= work().now,
        "list": None if moving else list_of(one),
    }


def list_of(one: ImportView) -> list_queries.ListView | None:
    """Return the list an import fills, None when it is gone."""
    if one.list_id is None:
        return None
    try:
        return list_queries.contact_list(
            work().session, work().principal, one.list_id, now=work().now
        )
    except NotFound:
        return None


def show_page(one: ImportView, form: BasisForm, *, status: int = 200) -> ResponseReturnValue:
    """Render an import."""
    columns = columns_of(one)
    page = render_template(
        "console/imports/show.html",
        form=form,
        columns=columns,
        sure=[c for c in columns if c.tone == "good"],
        unsure=[c for c in columns if c.tone != "good"],
        fields=FIELDS + [(f.key, f.label) for f in own_fields()],
        new_fields=NEW_FIELDS,
        counts=one.preview.get("counts", {}),
        refused=[(row, unpacked(why)) for row, why in one.preview.get("refused", ())],
        reasons=[(unpacked(why), n) for why, n in one.preview.get("reasons", ())],
        silent=silent_of(one),
        only_stops=imports.only_stops(one.preview),
        notes=unpacked(one.preview.get("notes", [])),
        remembered=datetime.fromisoformat(one.preview["remembered"])
        if one.preview.get("remembered")
        else None,
        basis_words=BASIS_WORDS,
        stem=one.file_name.rpartition(".")[0] or one.file_name,
        **running(one),
    )
    return make_response(page, status)


def silent_of(one: ImportView) -> list[tuple[str, int]]:
    """Return the columns that do not say of most people that they agreed, with of how many."""
    columns, judged = one.preview.get("columns", ()), one.preview.get("judged", 0)
    return [
        (columns[int(index)]["name"], n)
        for index, n in one.preview.get("silent", {}).items()
        if n >= judged * MUCH
    ]


def own_fields() -> list[Field]:
    """Return the fields this partner made itself."""
    return custom_fields(work().session, found(work().principal.partner_id))


def columns_of(one: ImportView) -> list[Column]:
    """Return the columns of the file with their guess and how sure it is."""
    by_index = {index: field for field, index in one.mapping.items()}
    stops, silent = one.preview.get("stopped", {}), one.preview.get("silent", {})
    own = {each.key: header_words(each.label) for each in own_fields()}
    found = []
    for index, column in enumerate(one.preview.get("columns", ())):
        field = by_index.get(index, "")
        named = field_of(column["name"]) if one.preview.get("has_header") else None
        values = [v for v in column["values"] if v]
        is_named = named[0] == field if named else own.get(field) == header_words(column["name"])
        tone, said = "rest", say("left out")
        if n := silent.get(str(index), 0):
            tone, said = "need", say("{n:,} without a yes", n=n)
        elif n := stops.get(str(index), 0):
            tone, said = "need", say("{stopped:,} unsubscribed", stopped=n)
        elif field and one.preview.get("remembered"):
            tone, said = "good", say("as last time")
        elif field and is_named:
            tone, said = "good", say("sure")
        elif field:
            tone, said = "need", say("guessed: look")
        elif one.preview.get("has_header") and about(column["name"]):
            tone, said = "good", say("heeded: who may be mailed")
        found.append(
            Column(
                index=index,
                name=column["name"] or say("Column {index}", index=index + 1),
                values=", ".join(dict.fromkeys(values[:3])) or "–",
                field=field,
                tone=tone,
                said=said,
            )
        )
    return found


def mapping_of(form: Mapping[str, str]) -> dict[str, int]:
    """Return field → column of the posted choices; each new field has a name of its own."""
    mapping: dict[str, int] = {}
    for name, field in form.items():
        head, _, index = name.partition("column-")
        if not head and index.isdigit() and field:
            name_of = f"{field}:{index}" if field.startswith(imports.NEW_FIELD) else field
            mapping.setdefault(name_of, int(index))
    return mapping


@console.post("/imports/<uuid:import_id>/columns")
@allows(Permission.CONTACTS_MANAGE)
def import_remap(import_id: UUID) -> ResponseReturnValue:
    """Read the file again with other columns."""
    form = BasisForm()
    try:
        imports.remap(work(), import_id, mapping_of(request.form))
    except Invalid as error:
        form.take(error)
        return show_page(import_of(import_id), form, status=422)
    return show_page(import_of(import_id), form)


@console.post("/imports/<uuid:import_id>/confirmation")
@allows(Permission.CONTACTS_MANAGE)
def import_confirm(import_id: UUID) -> ResponseReturnValue:
    """Let it run; a file of stops alone is not asked how they agreed."""
    form = BasisForm()
    basis = LawfulBasis.UNKNOWN
    if imports.only_stops(import_of(import_id).preview):
        del form.basis
    if form.validate():
        if form.basis is not None:
            basis = LawfulBasis(form.basis.data)
        try:
            imports.confirm(
                work(),
                import_id,
                basis=basis,
                mapping=mapping_of(request.form),
                list_name=form.list_name.data or "",
                evidence=form.evidence.data or "",
            )
        except Invalid as error:
            form.take(error)
        else:
            return redirect(
                url_for("console.import_show", import_id=import_id, back=back() or None), 303
            )
    return show_page(import_of(import_id), form, status=422)


@console.post("/imports/<uuid:import_id>/cancellation")
@allows(Permission.CONTACTS_MANAGE)
def import_cancel(import_id: UUID) -> ResponseReturnValue:
    """Leave it; the file is not read again."""
    imports.cancel(work(), import_id)
    return redirect(url_for("console.import_new", back=back() or None), 303)


@console.post("/imports/<uuid:import_id>/undoing")
@allows(Permission.CONTACTS_MANAGE)
def import_undo(import_id: UUID) -> ResponseReturnValue:
    """Begin to take an import back; its page follows, and says what came of it."""
    with attempt() as tried:
        undoing.undo(work(), import_id)
    if not tried.done:
        flash(tried.words, "stop")
    return redirect(url_for("console.import_show", import_id=import_id, back=back() or None), 303)


@console.get("/imports/<uuid:import_id>/report.csv")
@allows(Permission.CONTACTS_MANAGE)
def import_report(import_id: UUID) -> ResponseReturnValue:
    """Return every row that was left out and why, as CSV."""
    one = import_of(import_id)
    if one.report_id is None:
        raise NotFound
    document = document_by_id(work().session, work().principal, one.report_id)
    response = make_response(work().files.get(document.key))
    response.mimetype = "text/csv"
    response.headers["Content-Disposition"] = f'attachment; filename="left-out-{import_id}.csv"'
    return response
