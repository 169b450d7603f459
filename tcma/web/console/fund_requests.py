"""Asking for money: a plan from a campaign, checked before it is sent, changed when returned."""

from datetime import timedelta

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.library import queries as library
from tcma.library.queries import CampaignCard
from tcma.mdf.funds import views as fund_views
from tcma.mdf.queries import allocation_by_fund, request_by_ref
from tcma.mdf.records import RequestDetail, WalletFund
from tcma.mdf.requests import decisions as request_decisions
from tcma.mdf.requests import planning
from tcma.mdf.requests import views as request_views
from tcma.mdf.requests.planning import RequestPlan
from tcma.mdf.rules import ActivityKind, RequestState, failed
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.case_words import history, verdict_of
from tcma.web.console import console
from tcma.web.forms.base import offer
from tcma.web.forms.mdf import PlanForm
from tcma.web.money_words import symbol, typed
from tcma.web.unit_of_work import work

RUNS = timedelta(days=28)
EDITABLE = (RequestState.DRAFT, RequestState.INFO_REQUESTED)
WITHDRAWABLE = (RequestState.DRAFT, RequestState.SUBMITTED, RequestState.INFO_REQUESTED)


@console.route("/fund-requests/new", methods=["GET", "POST"])
@allows(Permission.REQUEST_FILE)
def request_new() -> ResponseReturnValue:
    """Ask for money for a campaign; without one, choose it first."""
    card = campaign_of(request.values.get("campaign", ""))
    if card is None:
        return choose_campaign()
    funds = funds_of(card.vendor)
    if not funds:
        return render_template("console/fund_requests/none.html", campaign=card)
    form = PlanForm()
    offer_funds(form, funds)
    status = 200
    if form.is_submitted():
        status = 422
        if form.validate():
            with attempt(form) as tried:
                part = allocation_by_fund(work().session, work().principal, form.fund.data)
                row = planning.draft(work(), part, plan_of(form, card, part.currency))
            if tried.done:
                return sent_or_kept(row.ref)
            status = tried.status
    else:
        fill(form, card, funds)
    return form_page(form, card, funds, status=status)


def campaign_of(name: str) -> CampaignCard | None:
    """Return the campaign of an address part: `vendor/slug`, or a slug alone."""
    if not name:
        return None
    cards = library.library_for(work().session, work().principal)
    vendor, _, slug = name.rpartition("/")
    return found(next((c for c in cards if c.slug == slug and vendor in ("", c.vendor_slug)), None))


def choose_campaign() -> ResponseReturnValue:
    """Show the campaigns a fund may pay for."""
    paying = {f.vendor_name for f in fund_views.wallet(work().session, work().principal,
              now=work().now)}  # fmt: skip
    cards = library.library_for(work().session, work().principal)
    return render_template(
        "console/fund_requests/choose.html", cards=[c for c in cards if c.vendor in paying]
    )


def funds_of(vendor: str) -> list[WalletFund]:
    """Return the partner's open parts of a vendor's funds."""
    rows = fund_views.wallet(work().session, work().principal, now=work().now)
    return [fund for fund in rows if fund.vendor_name == vendor and fund.days_left >= 0]


def offer_funds(form: PlanForm, funds: list[WalletFund]) -> None:
    """Offer the funds with what is available in each."""
    offer(form.fund, [(f.ref, f.name, f.ref) for f in funds])


def fill(form: PlanForm, card: CampaignCard, funds: list[WalletFund]) -> None:
    """Fill a fresh form from the campaign: title, kind, the first days the notice allows."""
    first = max(funds, key=lambda fund: fund.available.minor)
    form.fund.data = first.ref
    form.title.data = card.name
    kinds = {kind.value for kind in ActivityKind}
    form.kind.data = card.activity if card.activity in kinds else ActivityKind.MULTI_TOUCH.value
    form.starts_on.data = first.earliest_start
    form.ends_on.data = min(first.earliest_start + RUNS, first.ends_on)


def plan_of(form: PlanForm, card: CampaignCard, currency: str) -> RequestPlan:
    """Return the form as a plan; raises Invalid with fields."""
    return RequestPlan(
        campaign_id=card.campaign_id,
        starts_on=form.starts_on.data,
        ends_on=form.ends_on.data,
        lines=form.plan_lines(currency),
        kind=ActivityKind(form.kind.data),
        title=form.title.data or "",
    )


def form_page(
    form: PlanForm, card: CampaignCard, funds: list[WalletFund], *, ref: str = "", status: int
) -> ResponseReturnValue:
    """Render the plan's form, new or changed."""
    page = render_template(
        "console/fund_requests/new.html",
        form=form,
        campaign=card,
        funds=funds,
        fund=next((f for f in funds if f.ref == form.fund.data), funds[0]),
        symbol=symbol(funds[0].available.currency),
        ref=ref,
    )
    return make_response(page, status)


def sent_or_kept(ref: str) -> ResponseReturnValue:
    """Send a written plan when that button was pressed; show it either way."""
    if request.form.get("act") == "send":
        send(ref)
    else:
        flash("Saved as a draft. Nothing was sent.", "good")
    return redirect(url_for("console.request_show", ref=ref), 303)


def send(ref: str) -> None:
    """Send a plan to the vendor, or say what stands in the way."""
    row = request_by_ref(work().session, work().principal, ref)
    with attempt() as tried:
        planning.submit(work(), row)
    words = tried.words or "Sent. You get a mail with the answer."
    flash(words, "good" if tried.done else "need")


@console.get("/fund-requests/<ref>")
@allows(Permission.FUND_READ)
def request_show(ref: str) -> ResponseReturnValue:
    """Show one plan: where it stands, what it pays, what to show, what is left."""
    detail = detail_of(ref)
    files = work().principal.may(Permission.REQUEST_FILE)
    checks = detail.checks
    if detail.row.state in EDITABLE:
        row = request_by_ref(work().session, work().principal, ref)
        checks = planning.judge(work(), row)
    return render_template(
        "console/fund_requests/show.html",
        it=detail,
        checks=checks,
        verdict=verdict_of(checks),
        stops=failed(checks),
        trace=history(detail.timeline),
        editable=files and detail.row.state in EDITABLE,
        withdrawable=files and detail.row.state in WITHDRAWABLE,
        claimable=files and detail.row.state is RequestState.APPROVED and bool(detail.remaining),
        running=files and detail.row.state is RequestState.APPROVED,
    )


def detail_of(ref: str) -> RequestDetail:
    """Return one request of this partner; NotFound otherwise."""
    return request_views.request_detail(work().session, work().principal, ref, now=work().now)


@console.route("/fund-requests/<ref>/plan", methods=["GET", "POST"])
@allows(Permission.REQUEST_FILE)
def request_edit(ref: str) -> ResponseReturnValue:
    """Change a plan that is not sent, or came back."""
    detail = detail_of(ref)
    row = request_by_ref(work().session, work().principal, ref)
    card = found(campaign_of(detail.activities[0].campaign_slug))
    funds = [f for f in funds_of(card.vendor) if f.ref == detail.row.fund_ref]
    found(funds[0] if funds else None)
    form = PlanForm()
    offer_funds(form, funds)
    status = 200
    if form.is_submitted():
        status = 422
        if form.validate():
            with attempt(form) as tried:
                planning.revise(work(), row, plan_of(form, card, row.currency))
            if tried.done:
                return sent_or_kept(ref)
            status = tried.status
    else:
        refill(form, detail)
    return form_page(form, card, funds, ref=ref, status=status)


def refill(form: PlanForm, detail: RequestDetail) -> None:
    """Fill the form with the plan as it stands."""
    activity = detail.activities[0]
    form.fund.data, form.title.data = detail.row.fund_ref, detail.row.title
    form.kind.data = activity.kind
    form.starts_on.data, form.ends_on.data = activity.starts_on, activity.ends_on
    for row, line in zip(form.lines, activity.lines, strict=False):
        row.form.label.data, row.form.amount.data = line.label, typed(line.amount)


@console.post("/fund-requests/<ref>/submission")
@allows(Permission.REQUEST_FILE)
def request_submit(ref: str) -> ResponseReturnValue:
    """Send a plan to the vendor."""
    send(ref)
    return redirect(url_for("console.request_show", ref=ref), 303)


@console.route("/fund-requests/<ref>/withdrawal", methods=["GET", "POST"])
@allows(Permission.REQUEST_FILE)
def request_withdraw(ref: str) -> ResponseReturnValue:
    """Take a plan back before it is decided."""
    row = request_by_ref(work().session, work().principal, ref)
    if request.method == "GET":
        return render_template("console/fund_requests/withdraw.html", it=detail_of(ref))
    with attempt() as tried:
        planning.withdraw(work(), row)
    flash(tried.words or f"{ref} is taken back.", "good" if tried.done else "need")
    return redirect(url_for("console.request_show", ref=ref), 303)


@console.route("/fund-requests/<ref>/end", methods=["GET", "POST"])
@allows(Permission.REQUEST_FILE)
def request_close(ref: str) -> ResponseReturnValue:
    """End an approved plan; what is left goes back into the wallet."""
    row = request_by_ref(work().session, work().principal, ref)
    if request.method == "GET":
        return render_template("console/fund_requests/close.html", it=detail_of(ref))
    with attempt() as tried:
        request_decisions.close(work(), row)
    words = tried.words or "Closed. The rest is available again."
    flash(words, "good" if tried.done else "need")
    return redirect(url_for("console.request_show", ref=ref), 303)
