"""Funds at the desk: what each holds where, its partners' parts, its ledger."""

from collections.abc import Iterator
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.mdf.funds import confirming, opening
from tcma.mdf.funds import views as fund_views
from tcma.mdf.funds.entries import ledger_lines
from tcma.mdf.funds.proof import last_proof
from tcma.mdf.judging.shipped import shipped
from tcma.mdf.judging.views import programmes
from tcma.mdf.ledger_line import LedgerLine
from tcma.mdf.queries import fund_by_ref
from tcma.partners import queries as partners
from tcma.partners.rules import EnrolmentState
from tcma.permissions import Permission
from tcma.spreadsheet import csv_row
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.forms.base import offer
from tcma.web.forms.desk import CURRENCIES
from tcma.web.forms.mdf import AdditionForm, AllocationForm, FundForm
from tcma.web.money_words import money_of, symbol
from tcma.web.unit_of_work import work
from tcma.web.wording import flash

ALLOCATED = (EnrolmentState.ACTIVE, EnrolmentState.INVITED)
COLUMNS = ("No", "At", "What", "Reference", "Partner", "Campaign", "Activity", "Debit", "Credit",
           "Amount", "Balance", "Currency", "By", "Rules", "Reason", "SHA-256")  # fmt: skip
EXPORT_PAGE = 1000
STANDARD = "standard"


@desk.get("/funds")
@allows(Permission.FUND_READ)
def fund_index() -> ResponseReturnValue:
    """List the funds: used, reserved, what ends."""
    rows = fund_views.funds(work().session, work().principal, now=work().now)
    return render_template(
        "desk/funds/index.html", funds=rows, may=work().principal.may(Permission.BUDGET_MANAGE)
    )


@desk.route("/funds/new", methods=["GET", "POST"])
@allows(Permission.BUDGET_MANAGE)
def fund_new() -> ResponseReturnValue:
    """Set up a fund."""
    house = partners.own_organisation(work().session, work().principal)
    form = FundForm()
    offer(form.currency, [(c, c) for c in dict.fromkeys((house.currency, *CURRENCIES))])
    offer(form.rules, rule_choices())
    status = 200
    if form.is_submitted():
        status = 422
        if form.validate():
            with attempt(form) as tried:
                plan = plan_of(form)
                fund = opening.create_fund(work(), plan)
            if tried.done:
                then = "Let partners in." if fund.pooled else "Allocate it to partners."
                flash(f"{plan.name} is open. {then}", "good")
                return redirect(url_for("desk.fund_show", ref=fund.ref), 303)
            status = tried.status
    page = render_template("desk/funds/new.html", form=form, symbol=symbol(house.currency))
    return make_response(page, status)


def rule_choices() -> list[tuple[str, str]]:
    """Return what a new fund can begin with: the standard, what is shipped, the vendor's own."""
    own = programmes(work().session, work().principal, now=work().now)
    return [
        (STANDARD, "The standard, with the numbers below"),
        *((each.key, f"{each.name}: {each.about}") for each in shipped()),
        *((each.ref, f"The same as “{each.name}”, also when they change") for each in own),
    ]


def plan_of(form: FundForm) -> opening.FundPlan:
    """Return the form as a plan; raises Invalid with fields."""
    currency = form.currency.data
    return opening.FundPlan(
        name=form.name.data,
        total=money_of(form.total, currency),
        starts_on=form.starts_on.data,
        ends_on=form.ends_on.data,
        share_bps=form.share_bps(),
        notice_days=form.notice_days.data,
        claim_days=form.claim_days.data,
        cap=money_of(form.cap, currency) if form.cap.data else None,
        kind=form.kind.data,
        accrual_bps=form.accrual_bps(),
        pot_shown=form.pot_shown.data,
        point=form.worth_of_point(),
        per_partner=money_of(form.per_partner, currency) if form.per_partner.data else None,
        rules="" if form.rules.data == STANDARD else form.rules.data,
    )


@desk.get("/funds/<ref>")
@allows(Permission.FUND_READ)
def fund_show(ref: str) -> ResponseReturnValue:
    """Show one fund, its parts by partner, and the newest entries."""
    return page_of(ref, AllocationForm(formdata=None), AdditionForm(formdata=None))


def page_of(
    ref: str, allocation: AllocationForm, addition: AdditionForm, *, status: int = 200
) -> ResponseReturnValue:
    """Render a fund with the forms that move money into it and out to partners."""
    session, principal, now = work().session, work().principal, work().now
    fund = fund_views.fund_summary(session, principal, ref, now=now)
    if allocation.partner.choices is None:
        offer_partners(allocation)
    allocation.once()
    addition.once()
    page = render_template(
        "desk/funds/show.html",
        fund=fund,
        parts=fund_views.wallet(session, principal, now=now, fund_ref=ref),
        entries=ledger_lines(session, principal, ref, size=5),
        allocation=allocation,
        addition=addition,
        waiting=confirming.waiting(work(), fund_by_ref(session, principal, ref)),
        symbol=symbol(fund.total.currency),
        may=principal.may(Permission.BUDGET_MANAGE),
    )
    return make_response(page, status)


def offer_partners(form: AllocationForm) -> dict[str, UUID]:
    """Offer the partners that may hold a part, by their short names."""
    pairs = [
        pair
        for pair in partners.enrolments(work().session, work().principal)
        if pair.state in ALLOCATED
    ]
    offer(form.partner, [(pair.partner_slug, pair.partner) for pair in pairs])
    return {pair.partner_slug: pair.partner_id for pair in pairs}


@desk.post("/funds/<ref>/allocations")
@allows(Permission.BUDGET_MANAGE)
def fund_allocate(ref: str) -> ResponseReturnValue:
    """Give a partner its part, or more of it."""
    budget = fund_by_ref(work().session, work().principal, ref)
    form = AllocationForm()
    known = offer_partners(form)
    status = 422
    if form.validate():
        with attempt(form) as tried:
            amount = money_of(form.amount, budget.currency)
            partner_id = found(known.get(form.partner.data))
            opening.allocate(work(), budget, partner_id, amount, key=form.once())
        if tried.done:
            flash("Allocated. The partner sees it in its wallet.", "good")
            return redirect(url_for("desk.fund_show", ref=ref), 303)
        status = tried.status
    return page_of(ref, form, AdditionForm(formdata=None), status=status)


@desk.post("/funds/<ref>/money")
@allows(Permission.BUDGET_MANAGE)
def fund_add(ref: str) -> ResponseReturnValue:
    """Put more money into a fund."""
    budget = fund_by_ref(work().session, work().principal, ref)
    form = AdditionForm()
    status = 422
    if form.validate():
        with attempt(form) as tried:
            amount = money_of(form.amount, budget.currency)
            opening.add_money(work(), budget, amount, reason=form.reason.data, key=form.once())
        if tried.done:
            flash("Added. It is free to allocate." if not budget.pooled else "Added.", "good")
            return redirect(url_for("desk.fund_show", ref=ref), 303)
        status = tried.status
    return page_of(ref, AllocationForm(formdata=None), form, status=status)


@desk.get("/funds/<ref>/ledger")
@allows(Permission.FUND_READ)
def fund_ledger(ref: str) -> ResponseReturnValue:
    """Show a fund's entries, newest first, with the running balance of what is free."""
    session, principal, now = work().session, work().principal, work().now
    return render_template(
        "desk/funds/ledger.html",
        fund=fund_views.fund_summary(session, principal, ref, now=now),
        page=ledger_lines(session, principal, ref, after=request.args.get("after")),
        proof=last_proof(session, principal, ref),
    )


@desk.get("/funds/<ref>/journal.csv")
@allows(Permission.REPORT_EXPORT)
def fund_journal(ref: str) -> ResponseReturnValue:
    """Return every entry of a fund as CSV that no spreadsheet runs."""
    fund = fund_views.fund_summary(work().session, work().principal, ref, now=work().now)
    response = Response(b"".join(journal(fund.ref)), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{fund.ref}.csv"'
    return response


def journal(ref: str) -> Iterator[bytes]:
    """Yield the journal's rows, newest first."""
    yield csv_row(COLUMNS)
    after: str | None = ""
    while after is not None:
        page = ledger_lines(
            work().session, work().principal, ref, after=after or None, size=EXPORT_PAGE
        )
        yield from (csv_row(cells_of(line)) for line in page.rows)
        after = page.next


def cells_of(line: LedgerLine) -> tuple[str, ...]:
    """Return an entry's cells."""
    return (
        str(line.seq),
        line.at.isoformat(),
        line.kind,
        line.ref,
        line.partner,
        line.campaign,
        line.activity,
        line.debit,
        line.credit,
        str(line.amount.major),
        str(line.balance.major),
        line.amount.currency,
        line.actor,
        line.rules,
        line.reason,
        line.hash,
    )
