"""Fund requests at the desk: list, one plan with its checks, and the decision."""

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.mdf.queries import request_by_ref
from tcma.mdf.reasons import Reason
from tcma.mdf.requests import decisions as request_decisions
from tcma.mdf.requests import views as request_views
from tcma.mdf.rules import RequestState
from tcma.permissions import Permission
from tcma.web import effects
from tcma.web.about import about_words, asked_about, narrowed
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.case_words import history, reasons, verdict_of
from tcma.web.desk import desk
from tcma.web.desk.decisions import amount_in, next_address, place_of
from tcma.web.forms.base import offer
from tcma.web.forms.mdf import DecisionForm, ReasonForm
from tcma.web.money_words import money_of, symbol, typed
from tcma.web.unit_of_work import work

FACETS = (
    ("", "All"),
    (RequestState.SUBMITTED, "In review"),
    (RequestState.APPROVED, "Approved"),
    (RequestState.INFO_REQUESTED, "Returned"),
    (RequestState.REJECTED, "Refused"),
    (RequestState.CLOSED, "Closed"),
)


@desk.get("/fund-requests")
@allows(Permission.FUND_READ)
def request_index() -> ResponseReturnValue:
    """List requests, newest first, by state."""
    facet = request.args.get("state", "")
    state = RequestState(facet) if facet in set(RequestState) else None
    page = request_views.requests(
        work().session,
        work().principal,
        now=work().now,
        state=state,
        about=asked_about(),
        after=request.args.get("after"),
    )
    return render_template(
        "desk/fund_requests/index.html",
        page=page,
        facet=state or "",
        facets=FACETS,
        about=about_words(),
        narrowed=narrowed(),
    )


@desk.get("/fund-requests/<ref>")
@allows(Permission.FUND_READ)
def request_show(ref: str) -> ResponseReturnValue:
    """Show one plan: verdict, money, what it is for, history, and the decision."""
    return page_of(ref, DecisionForm(formdata=None))


def page_of(ref: str, form: DecisionForm, *, status: int = 200) -> ResponseReturnValue:
    """Render a request with its decision form."""
    detail = request_views.request_detail(work().session, work().principal, ref, now=work().now)
    if form.amount.data is None:
        form.amount.data = typed(detail.row.requested)
    may = work().principal.may(Permission.REQUEST_DECIDE)
    page = render_template(
        "desk/fund_requests/show.html",
        it=detail,
        form=form,
        place=place_of(ref),
        verdict=verdict_of(detail.checks),
        trace=history(detail.timeline),
        approving=(approving := amount_in(form, detail.row.requested)),
        effect=effects.of_plan(approving) if approving else [],
        symbol=symbol(detail.row.requested.currency),
        open=detail.row.state is RequestState.SUBMITTED and may,
        may=may,
    )
    return make_response(page, status)


@desk.get("/fund-requests/<ref>/effect")
@allows(Permission.REQUEST_DECIDE)
def request_effect(ref: str) -> ResponseReturnValue:
    """Show what approving the typed sum would move; nothing is decided."""
    detail = request_views.request_detail(work().session, work().principal, ref, now=work().now)
    amount = amount_in(DecisionForm(formdata=request.args), detail.row.requested)
    effect = effects.of_plan(amount) if amount else []
    return render_template("desk/effect.html", effect=effect, approving=amount)


@desk.post("/fund-requests/<ref>/approval")
@allows(Permission.REQUEST_DECIDE)
def request_approve(ref: str) -> ResponseReturnValue:
    """Approve a sum and set it aside."""
    row = request_by_ref(work().session, work().principal, ref)
    form, onward = DecisionForm(), next_address(ref)
    status = 422
    if form.validate():
        with attempt(form) as tried:
            amount = money_of(form.amount, row.currency)
            request_decisions.approve(work(), row, amount=amount, words=form.words.data or "")
        if tried.done:
            flash(f"{ref} is approved and the money is reserved. The partner has a mail.", "good")
            return redirect(onward, 303)
        status = tried.status
    return page_of(ref, form, status=status)


@desk.route("/fund-requests/<ref>/return", methods=["GET", "POST"])
@allows(Permission.REQUEST_DECIDE)
def request_return(ref: str) -> ResponseReturnValue:
    """Send a request back with the one thing to change."""
    return with_reason(ref, returning=True)


@desk.route("/fund-requests/<ref>/refusal", methods=["GET", "POST"])
@allows(Permission.REQUEST_DECIDE)
def request_refuse(ref: str) -> ResponseReturnValue:
    """Refuse a request for good."""
    return with_reason(ref, returning=False)


def with_reason(ref: str, *, returning: bool) -> ResponseReturnValue:
    """Ask for the reason and the words, then return or refuse."""
    row = request_by_ref(work().session, work().principal, ref)
    form = ReasonForm()
    offer(form.reason, reasons(curable=returning))
    status = 200
    if form.is_submitted():
        onward, status = next_address(ref), 422
        if form.validate():
            verb = request_decisions.return_to_fix if returning else request_decisions.refuse
            with attempt(form) as tried:
                verb(work(), row, reason=Reason(form.reason.data), words=form.words.data)
            if tried.done:
                flash(f"{ref} is {'returned' if returning else 'refused'}.", "good")
                return redirect(onward, 303)
            status = tried.status
    detail = request_views.request_detail(work().session, work().principal, ref, now=work().now)
    page = render_template(
        "desk/fund_requests/reason.html", it=detail, form=form, returning=returning
    )
    return make_response(page, status)


@desk.route("/fund-requests/<ref>/end", methods=["GET", "POST"])
@allows(Permission.REQUEST_DECIDE)
def request_close(ref: str) -> ResponseReturnValue:
    """Close an approved request; what is left goes back into the partner's part."""
    row = request_by_ref(work().session, work().principal, ref)
    if request.method == "POST":
        with attempt() as tried:
            request_decisions.close(work(), row)
        flash(tried.words or f"{ref} is closed.", "good" if tried.done else "need")
        return redirect(url_for("desk.request_show", ref=ref), 303)
    detail = request_views.request_detail(work().session, work().principal, ref, now=work().now)
    return render_template("desk/fund_requests/close.html", it=detail)
