"""Asking for money: a plan from a campaign, checked before it is sent, changed when returned."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.library import queries as library
from tcma.mdf.funds import views as fund_views
from tcma.mdf.queries import allocation_by_fund, request_by_ref
from tcma.mdf.reasons import REASON_WORDS
from tcma.mdf.records import RequestDetail
from tcma.mdf.requests import decisions as request_decisions
from tcma.mdf.requests import planning
from tcma.mdf.requests import views as request_views
from tcma.mdf.rules import RequestState, failed
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.case_words import history, verdict_of
from tcma.web.console import console
from tcma.web.console.library import tiles_of
from tcma.web.console.plan_forms import (
    fill,
    form_page,
    plan_of,
    read_revision,
    ready,
    refill,
    reshaped,
    sheet_of,
)
from tcma.web.forms.plan import PlanForm
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say

EDITABLE = (RequestState.DRAFT, RequestState.INFO_REQUESTED)
WITHDRAWABLE = (
    RequestState.DRAFT,
    RequestState.SUBMITTED,
    RequestState.INFO_REQUESTED,
    RequestState.HELD,
    RequestState.APPEALED,
)


@console.route("/fund-requests/new", methods=["GET", "POST"])
@allows(Permission.REQUEST_FILE)
def request_new() -> ResponseReturnValue:
    """Ask for money for a campaign; without one, choose it first."""
    sheet = sheet_of(request.values.get("campaign", ""))
    if sheet is None:
        return choose_campaign()
    if not sheet.funds:
        return render_template("console/fund_requests/none.html", campaign=sheet.card)
    form = PlanForm()
    status = 200
    if not form.is_submitted():
        fill(form, sheet)
    elif not reshaped(form, sheet):
        status = 422
        if ready(form, sheet):
            with attempt(form) as tried:
                part = allocation_by_fund(work().session, work().principal, form.fund.data)
                plan = plan_of(form, sheet, part.currency)
                row = planning.draft(work(), part, plan, key=form.once())
            if tried.done:
                return sent_or_kept(row.ref)
            status = tried.status
    return form_page(form, sheet, status=status)


def choose_campaign() -> ResponseReturnValue:
    """Show the campaigns a fund may pay for."""
    paying = {f.vendor_name for f in fund_views.wallet(work().session, work().principal,
              now=work().now)}  # fmt: skip
    cards = library.library_for(work().session, work().principal, today=work().now.date())
    tiles = tiles_of([c for c in cards if c.vendor in paying])
    return render_template("console/fund_requests/choose.html", tiles=tiles)


def sent_or_kept(ref: str) -> ResponseReturnValue:
    """Send a written plan when that button was pressed; show it either way."""
    if request.form.get("act") == "send":
        send(ref)
    else:
        flash(say("Saved as a draft. Nothing was sent."), "good")
    return redirect(url_for("console.request_show", ref=ref), 303)


def send(ref: str) -> None:
    """Send a plan to the vendor, or say what stands in the way."""
    row = request_by_ref(work().session, work().principal, ref)
    with attempt() as tried:
        planning.submit(work(), row)
    words = tried.words or say("Sent. You get a mail with the answer.")
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
        reasons=REASON_WORDS,
        appealable=files and detail.standing.appeal_until is not None,
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
    sheet = found(sheet_of(detail.activities[0].campaign_slug, only_fund=detail.row.fund_ref))
    found(sheet.funds[0] if sheet.funds else None)
    form = PlanForm()
    status = 200
    if not form.is_submitted():
        refill(form, detail)
        form.revision.data = str(row.revision)
    elif not reshaped(form, sheet):
        status = 422
        if ready(form, sheet):
            with attempt(form) as tried:
                plan = plan_of(form, sheet, row.currency)
                planning.revise(work(), row, plan, revision=read_revision(form))
            if tried.done:
                return sent_or_kept(ref)
            status = tried.status
    return form_page(form, sheet, ref=ref, status=status)


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
    flash(tried.words or say("{ref} is taken back.", ref=ref), "good" if tried.done else "need")
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
    words = tried.words or say("Closed. The rest is available again.")
    flash(words, "good" if tried.done else "need")
    return redirect(url_for("console.request_show", ref=ref), 303)
