"""Files of partners and of parts at the desk: taken, looked at row by row, done, undone, reported."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tcma.bulk import files
from tcma.bulk.files import DONE, UNDONE, Kind
from tcma.bulk.part_rows import PARTS
from tcma.bulk.partner_rows import PARTNERS
from tcma.bulk.reading import MOST_ROWS
from tcma.db.scope import found
from tcma.mdf.queries import fund_by_ref, names_of
from tcma.money import Money
from tcma.permissions import Permission
from tcma.spreadsheet import text_row
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.forms.fund_parts import BulkForm
from tcma.web.unit_of_work import work
from tcma.web.wording import flash

MOST_SHOWN = 500
"""Rows on a file's page, those left out first; the report has all."""
REPORT = ("Row", "Reference", "Partner", "What became of it")


@dataclass(frozen=True, slots=True)
class About:
    """What a page of files is about: its kind, what it fills, and where its pages are."""

    kind: Kind
    id: UUID
    name: str
    above: list[tuple[str, str]]
    address: Callable[..., str]
    currency: str = ""


def _fund(ref: str) -> About:
    budget = fund_by_ref(work().session, work().principal, ref)
    above = [
        ("Funds", url_for("desk.fund_index")),
        (budget.name, url_for("desk.fund_show", ref=ref)),
    ]

    def address(page: str, file_ref: str = "") -> str:
        which: dict[str, Any] = {"parts_ref": file_ref} if file_ref else {}
        return url_for(f"desk.fund_{page}", ref=ref, **which)

    name = f"Parts of {budget.name}"
    return About(PARTS, budget.id, name, above, address, budget.currency)


def _partners() -> About:
    def address(page: str, file_ref: str = "") -> str:
        which: dict[str, Any] = {"partners_ref": file_ref} if file_ref else {}
        return url_for(f"desk.partner_{page}", **which)

    above = [("Partners", url_for("desk.partner_index"))]
    return About(PARTNERS, found(work().principal.vendor_id), "Partners by file", above, address)


def _files(about: About) -> ResponseReturnValue:
    form, status = BulkForm(), 200
    if form.is_submitted():
        status = 422
        if form.validate():
            file = form.file.data
            with attempt(form) as tried:
                made = files.take(
                    work(), about.kind, about.id, file_name=file.filename or "rows.csv", content=file.read()
                )  # fmt: skip
            if tried.done:
                return redirect(about.address("file", made.ref), 303)
            status = tried.status
    rows = files.files_of(work().session, work().principal, about.kind.name, about.id)
    names = names_of(work().session, *(row[0].made_by for row in rows))
    page = render_template(
        "desk/bulk/files.html", about=about, rows=rows, names=names, form=form, most=MOST_ROWS
    )
    return make_response(page, status)


def _one(about: About, file_ref: str) -> Any:
    return files.file_by_ref(
        work().session, work().principal, file_ref, kind=about.kind.name, about=about.id
    )


def _file(about: About, file_ref: str) -> ResponseReturnValue:
    made = _one(about, file_ref)
    rows = files.rows_of(work().session, made)
    good = [row for row in rows if not row.fault]
    total = None
    if about.currency:
        total = Money(sum(row.amount_minor or 0 for row in good), about.currency)
    return render_template(
        "desk/bulk/file.html",
        about=about,
        made=made,
        rows=rows[:MOST_SHOWN],
        unshown=max(len(rows) - MOST_SHOWN, 0),
        wrong=len(rows) - len(good),
        good=good,
        total=total,
        sums={
            r.id: Money(r.amount_minor, about.currency) for r in rows[:MOST_SHOWN] if r.amount_minor
        },
        outcome=outcome,
        names=names_of(work().session, made.made_by, made.done_by, made.undone_by),
    )


def _turn(
    about: About, file_ref: str, verb: Callable[..., object], done: str
) -> ResponseReturnValue:
    made = _one(about, file_ref)
    with attempt() as tried:
        verb(work(), about.kind, made)
    flash(tried.words or done.format(made.file_name), "good" if tried.done else "need")
    return redirect(about.address("file", file_ref), 303)


def _do(about: About, file_ref: str) -> ResponseReturnValue:
    return _turn(about, file_ref, files.carry_out, "{} is imported.")


def _undo(about: About, file_ref: str) -> ResponseReturnValue:
    return _turn(about, file_ref, files.undo, "{} is undone.")


def _report(about: About, file_ref: str) -> ResponseReturnValue:
    made = _one(about, file_ref)
    body = text_row(REPORT)
    for row in sorted(files.rows_of(work().session, made), key=lambda row: row.no):
        partner = row.cells.get("partner") or row.cells.get("name") or ""
        body += text_row((str(row.no), row.reference, partner, outcome(made, row)))
    response = Response(body, mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{made.ref}.csv"'
    return response


def outcome(made: Any, row: Any) -> str:
    """Say in words what became of a row."""
    if row.fault:
        return str(row.fault)
    return {DONE: "imported", UNDONE: "undone"}.get(made.state, "will be imported")


@desk.route("/funds/<ref>/files", methods=["GET", "POST"])
@allows(Permission.BUDGET_MANAGE)
def fund_files(ref: str) -> ResponseReturnValue:
    """List the files of parts of a fund, and take another."""
    return _files(_fund(ref))


@desk.get("/funds/<ref>/files/<parts_ref>")
@allows(Permission.BUDGET_MANAGE)
def fund_file(ref: str, parts_ref: str) -> ResponseReturnValue:
    """Say what each row does or did."""
    return _file(_fund(ref), parts_ref)


@desk.get("/funds/<ref>/files/<parts_ref>/report.csv")
@allows(Permission.BUDGET_MANAGE)
def fund_file_report(ref: str, parts_ref: str) -> ResponseReturnValue:
    """Return what became of each row as CSV."""
    return _report(_fund(ref), parts_ref)


@desk.post("/funds/<ref>/files/<parts_ref>/doing")
@allows(Permission.BUDGET_MANAGE)
def fund_file_do(ref: str, parts_ref: str) -> ResponseReturnValue:
    """Do the rows that have no fault."""
    return _do(_fund(ref), parts_ref)


@desk.post("/funds/<ref>/files/<parts_ref>/undoing")
@allows(Permission.BUDGET_MANAGE)
def fund_file_undo(ref: str, parts_ref: str) -> ResponseReturnValue:
    """Take the whole file back."""
    return _undo(_fund(ref), parts_ref)


@desk.route("/partners/files", methods=["GET", "POST"])
@allows(Permission.PARTNERS_MANAGE)
def partner_files() -> ResponseReturnValue:
    """List the files of partners, and take another."""
    return _files(_partners())


@desk.get("/partners/files/<partners_ref>")
@allows(Permission.PARTNERS_MANAGE)
def partner_file(partners_ref: str) -> ResponseReturnValue:
    """Say what each row does or did."""
    return _file(_partners(), partners_ref)


@desk.get("/partners/files/<partners_ref>/report.csv")
@allows(Permission.PARTNERS_MANAGE)
def partner_file_report(partners_ref: str) -> ResponseReturnValue:
    """Return what became of each row as CSV."""
    return _report(_partners(), partners_ref)


@desk.post("/partners/files/<partners_ref>/doing")
@allows(Permission.PARTNERS_MANAGE)
def partner_file_do(partners_ref: str) -> ResponseReturnValue:
    """Do the rows that have no fault."""
    return _do(_partners(), partners_ref)


@desk.post("/partners/files/<partners_ref>/undoing")
@allows(Permission.PARTNERS_MANAGE)
def partner_file_undo(partners_ref: str) -> ResponseReturnValue:
    """Take the whole file back."""
    return _undo(_partners(), partners_ref)
