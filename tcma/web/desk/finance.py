"""The books at the desk: what is owed, the trial balance, the journal and the chart of accounts."""

from collections.abc import Iterator

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from tcma.db.scope import found
from tcma.mdf.deadlines import local_day
from tcma.mdf.funds import liabilities
from tcma.mdf.judging import nightly
from tcma.mdf.ledger import chart, trial
from tcma.mdf.queries import vendor_of
from tcma.permissions import Permission
from tcma.spreadsheet import csv_row
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.forms.finance import ChartForm, SpanForm, accounts_in
from tcma.web.unit_of_work import work
from tcma.web.wording import flash

TABS = (
    ("What you owe", "finance_index"),
    ("Trial balance", "finance_trial"),
    ("Journal", "finance_journal"),
    ("Accounts", "finance_accounts"),
    ("Rates", "finance_rates"),
)
TRIAL_COLUMNS = ("Account", "Name", "Currency", "Opening", "Debit", "Credit", "Closing")
JOURNAL_COLUMNS = ("Day", "Document", "Account", "Name", "Debit", "Credit", "Currency", "Partner",
                   "Reference", "Text", "Activity", "By", "Rules")  # fmt: skip


def tabs(here: str) -> list[dict[str, object]]:
    """Return the parts of the books, the one that is shown marked."""
    return [
        {"label": label, "href": url_for(f"desk.{name}"), "current": name == here}
        for label, name in TABS
    ]


@desk.get("/finance")
@allows(Permission.PAYMENT_MAKE)
def finance_index() -> ResponseReturnValue:
    """Show what is owed, how old it is, and what falls due when."""
    session, principal = work().session, work().principal
    return render_template(
        "desk/finance/index.html",
        owed=liabilities.owed(session, principal, now=work().now),
        replay=nightly.last_replay(session, principal),
        tabs=tabs("finance_index"),
    )


def span() -> tuple[SpanForm, trial.Span]:
    """Return which days, currency and account the address asks for."""
    house = vendor_of(work().session, found(work().principal.vendor_id))
    form = SpanForm(request.args)
    since, until = form.days(local_day(work().now, house.zone))
    form = SpanForm(MultiDict({"since": since.isoformat(), "until": until.isoformat()}))
    return form, trial.Span(
        since=since,
        until=until,
        currency=request.args.get("currency", ""),
        code=request.args.get("account", ""),
    )


@desk.get("/finance/trial-balance")
@allows(Permission.PAYMENT_MAKE)
def finance_trial() -> ResponseReturnValue:
    """Show every account's opening, movements and closing; each number opens its postings."""
    form, asked = span()
    return render_template(
        "desk/finance/trial.html",
        trials=trial.trial_balance(work().session, work().principal, asked),
        span=asked,
        form=form,
        tabs=tabs("finance_trial"),
    )


@desk.get("/finance/trial-balance.csv")
@allows(Permission.PAYMENT_MAKE)
def finance_trial_file() -> ResponseReturnValue:
    """Return the trial balance as CSV."""
    _, asked = span()
    trials = trial.trial_balance(work().session, work().principal, asked)
    rows = [
        csv_row((line.account.code, line.account.name, each.currency, line.opening.major,
                 line.debit.major, line.credit.major, line.closing.major))
        for each in trials
        for line in (*each.lines, each.total)
    ]  # fmt: skip
    return file_of([csv_row(TRIAL_COLUMNS), *rows], f"trial-balance-{asked.since}-{asked.until}")


@desk.get("/finance/journal")
@allows(Permission.PAYMENT_MAKE)
def finance_journal() -> ResponseReturnValue:
    """Show the postings of some days, of one account when the address names it."""
    form, asked = span()
    return render_template(
        "desk/finance/journal.html",
        page=trial.journal(
            work().session, work().principal, asked, after=request.args.get("after")
        ),
        span=asked,
        form=form,
        tabs=tabs("finance_journal"),
    )


@desk.get("/finance/journal.csv")
@allows(Permission.PAYMENT_MAKE)
def finance_journal_file() -> ResponseReturnValue:
    """Return the journal as CSV: two lines a posting, debit and credit, as ledgers import them."""
    _, asked = span()
    return file_of(journal_rows(asked), f"journal-{asked.since}-{asked.until}")


def journal_rows(asked: trial.Span) -> Iterator[bytes]:
    """Yield the head and both lines of each posting."""
    yield csv_row(JOURNAL_COLUMNS)
    zone = vendor_of(work().session, found(work().principal.vendor_id)).zone
    for each in trial.all_postings(work().session, work().principal, asked):
        day, amount = local_day(each.at, zone).isoformat(), each.amount.major
        tail = (each.amount.currency, each.partner, each.ref or each.fund_ref, each.reason,
                each.activity, each.actor, each.rules)  # fmt: skip
        yield csv_row((day, each.document, each.debit.code, each.debit.name, amount, "", *tail))
        yield csv_row((day, each.document, each.credit.code, each.credit.name, "", amount, *tail))


def file_of(rows: Iterator[bytes] | list[bytes], name: str) -> Response:
    """Return rows as a file to keep."""
    response = Response(b"".join(rows), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


@desk.route("/finance/accounts", methods=["GET", "POST"])
@allows(Permission.PAYMENT_MAKE)
def finance_accounts() -> ResponseReturnValue:
    """Say under which accounts of the vendor's own books each place is posted."""
    standing = chart.chart_of(work().session, found(work().principal.vendor_id))
    shown = {f"{p}-code": a.code for p, a in standing.items()}
    form = ChartForm(data=shown | {f"{p}-name": a.name for p, a in standing.items()})
    status = 200
    if form.is_submitted():
        status = 422
        if form.validate():
            with attempt(form) as tried:
                chart.save_chart(work(), accounts_in(form))
            if tried.done:
                flash("Saved. Trial balance and journal follow.", "good")
                return redirect(url_for("desk.finance_accounts"), 303)
            status = tried.status
    page = render_template(
        "desk/finance/accounts.html",
        form=form,
        places=chart.PLACE_WORDS,
        tabs=tabs("finance_accounts"),
    )
    return make_response(page, status)
