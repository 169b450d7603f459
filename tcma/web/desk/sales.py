"""Sales at the desk: a file in, a report per row, and the way back."""

from collections.abc import Sequence
from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.errors import NotFound
from tcma.mdf.funds import sales
from tcma.mdf.funds import views as fund_views
from tcma.mdf.judging.deciding import rules_today
from tcma.mdf.queries import fund_by_ref, names_of
from tcma.money import Money
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.forms.fund_parts import SalesForm
from tcma.web.unit_of_work import work
from tcma.web.wording import flash


@desk.route("/funds/<ref>/sales", methods=["GET", "POST"])
@allows(Permission.BUDGET_MANAGE)
def fund_sales(ref: str) -> ResponseReturnValue:
    """List a fund's files of sales, and take another."""
    session, principal, now = work().session, work().principal, work().now
    budget = fund_by_ref(session, principal, ref)
    form, status, trial = SalesForm(), 200, None
    if form.is_submitted():
        status = 422
        if form.validate():
            file = form.file.data
            name, content = file.filename or "sales.csv", file.read()
            trying = request.form.get("act") == "try"
            with attempt(form) as tried:
                if trying:
                    trial = sales.try_sales(work(), budget, content=content)
                else:
                    made = sales.import_sales(work(), budget, file_name=name, content=content)
            if tried.done and not trying:
                return redirect(url_for("desk.fund_sales_show", ref=ref, sales_ref=made.ref), 303)
            status = tried.status
    rows = sales.imports_of(session, budget)
    page = render_template(
        "desk/funds/sales.html",
        fund=fund_views.fund_summary(session, principal, ref, now=now),
        accrual=rules_today(session, budget, now).accrual,
        trial=trial,
        tried=with_sums(trial.rows, budget.currency) if trial else [],
        rows=rows,
        names=names_of(session, *(row[0].made_by for row in rows)),
        form=form,
    )
    return make_response(page, status)


@desk.get("/funds/<ref>/sales/<sales_ref>")
@allows(Permission.BUDGET_MANAGE)
def fund_sales_show(ref: str, sales_ref: str) -> ResponseReturnValue:
    """Say what became of each row of a file."""
    session, principal, now = work().session, work().principal, work().now
    made = sales.import_by_ref(session, principal, sales_ref)
    if fund_by_ref(session, principal, ref).id != made.budget_id:
        raise NotFound
    rows = sales.rows_of(session, made)
    fund = fund_views.fund_summary(session, principal, ref, now=now)
    currency = fund.total.currency
    return render_template(
        "desk/funds/sales_show.html",
        fund=fund,
        made=made,
        counted=sum(row.counts for row in rows),
        rows=with_sums(rows, currency),
    )


def with_sums(rows: Sequence[Any], currency: str) -> list[tuple[Any, Money | None]]:
    """Return each row of a file with its sum, None where it has none."""
    return [(r, Money(r.amount_minor, currency) if r.amount_minor else None) for r in rows]


@desk.post("/funds/<ref>/sales/<sales_ref>/undoing")
@allows(Permission.BUDGET_MANAGE)
def fund_sales_undo(ref: str, sales_ref: str) -> ResponseReturnValue:
    """Take a whole file back."""
    made = sales.import_by_ref(work().session, work().principal, sales_ref)
    with attempt() as tried:
        sales.undo_import(work(), made)
    flash(tried.words or f"{sales_ref} is undone.", "good" if tried.done else "need")
    return redirect(url_for("desk.fund_sales_show", ref=ref, sales_ref=sales_ref), 303)
