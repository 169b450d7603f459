"""Fund requests at the desk: list, one plan with its checks, and the decision."""

from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.mdf.queries import request_by_ref
from tcma.mdf.reasons import REASON_WORDS, Reason
from tcma.mdf.records import RequestDetail
from tcma.mdf.requests import decisions as request_decisions
from tcma.mdf.requests import seeing
from tcma.mdf.requests import views as request_views
from tcma.mdf.requests.decisions import Answer
from tcma.mdf.rules import REQUEST_WAITS, RequestState
from tcma.money import Money
from tcma.permissions import Permission
from tcma.web import effects
from tcma.web.about import about_words, asked_about, narrowed
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.case_words import history, reasons, verdict_of
from tcma.web.desk import desk
from tcma.web.desk.decisions import amount_in, next_address, place_of
from tcma.web.forms.base import offer
from tcma.web.forms.mdf import AnswersForm, DecisionForm, ReasonForm
from tcma.web.money_words import money_of, symbol, typed
from tcma.web.unit_of_work import work
from tcma.web.wording import flash

FACETS = (
    ("", "All"),
    (RequestState.SUBMITTED, "In review"),
    (RequestState.HELD, "Waiting for funds"),
    (RequestState.APPEALED, "Appealed"),
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
    detail = detail_of(ref)
    return page_of(detail, form_for(detail))


def detail_of(ref: str) -> RequestDetail:
    """Return one request with everything the desk looks at; NotFound otherwise."""
    return request_views.request_detail(work().session, work().principal, ref, now=work().now)


def form_for(detail: RequestDetail, data: Any = None) -> DecisionForm | AnswersForm:
    """Return the decision's form: one sum, or one answer for each of several activities."""
    if len(detail.activities) == 1:
        form = DecisionForm(formdata=data)
        if form.amount.data is None:
            form.amount.data = typed(detail.suggested or detail.row.requested)
        return form
    answers = AnswersForm(formdata=data)
    while len(answers.lines.entries) < len(detail.activities):
        answers.lines.append_entry()
    for line, what in zip(answers.lines, detail.activities, strict=False):
        offer(line.form.reason, [("", "As asked"), *reasons(curable=False)])
        if line.form.amount.data is None:
            line.form.amount.data = typed(what.requested)
    return answers


def approving(form: DecisionForm | AnswersForm, detail: RequestDetail) -> Money | None:
    """Return what the form as typed would set aside, None when it cannot be read."""
    if isinstance(form, DecisionForm):
        return amount_in(form.amount, detail.row.requested)
    total = Money.zero(detail.row.requested.currency)
    for line, what in zip(form.lines, detail.activities, strict=False):
        if is_nothing(line.form.amount.data):
            continue
        amount = amount_in(line.form.amount, what.requested)
        if amount is None:
            return None
        total += amount
    return total or None


def is_nothing(typed_text: str | None) -> bool:
    """Say whether a sum was typed as zero."""
    return bool(typed_text) and set(typed_text or "") <= set("0.,") and "0" in (typed_text or "")


def page_of(
    detail: RequestDetail, form: DecisionForm | AnswersForm, *, status: int = 200
) -> ResponseReturnValue:
    """Render a request with its decision form."""
    may = work().principal.may(Permission.REQUEST_DECIDE)
    amount = approving(form, detail)
    open_now = detail.row.state in REQUEST_WAITS
    short = open_now and amount is not None and amount > detail.standing.available
    page = render_template(
        "desk/fund_requests/show.html",
        it=detail,
        form=form,
        lines=form if isinstance(form, AnswersForm) else None,
        reasons=REASON_WORDS,
        short=short,
        place=place_of(detail.row.ref),
        verdict=verdict_of(detail.checks),
        trace=history(detail.timeline),
        approving=amount,
        effect=effects.of_plan(amount) if amount else [],
        symbol=symbol(detail.row.requested.currency),
        open=open_now and may,
        may=may,
    )
    return make_response(page, status)


@desk.get("/fund-requests/<ref>/effect")
@allows(Permission.REQUEST_DECIDE)
def request_effect(ref: str) -> ResponseReturnValue:
    """Show what approving the typed sum would move; nothing is decided."""
    detail = detail_of(ref)
    amount = approving(form_for(detail, request.args), detail)
    effect = effects.of_plan(amount) if amount else []
    return render_template("desk/effect.html", effect=effect, approving=amount)


@desk.post("/fund-requests/<ref>/approval")
@allows(Permission.REQUEST_DECIDE)
def request_approve(ref: str) -> ResponseReturnValue:
    """Approve a sum, or some of several activities, and set it aside."""
    detail = detail_of(ref)
    form, onward = form_for(detail, request.form), next_address(ref)
    status = 422
    if form.validate():
        with attempt(form) as tried:
            said = answered(ref, form, hold=request.form.get("act") == "hold")
        if tried.done:
            flash(f"{ref} is {said}. The partner has a mail.", "good")
            return redirect(onward, 303)
        detail, status = detail_of(ref), tried.status
    return page_of(detail, form, status=status)


def answered(ref: str, form: DecisionForm | AnswersForm, *, hold: bool) -> str:
    """Decide as the form says; returns what became of the plan."""
    row = request_by_ref(work().session, work().principal, ref)
    seeing.require_seen(work(), row, request.form.get("seen", ""))
    words = form.words.data or ""
    if hold:
        request_decisions.hold(work(), row, answers_of(form, row.currency), words=words)
        return "approved and waits for money in the fund"
    if isinstance(form, DecisionForm):
        amount = money_of(form.amount, row.currency)
        request_decisions.approve(work(), row, amount=amount, words=words)
    else:
        request_decisions.decide(work(), row, answers_of(form, row.currency), words=words)
    if row.state == RequestState.REJECTED:
        return "refused"
    if row.state in REQUEST_WAITS:
        return "passed on to the next level"
    return "approved and the money is reserved"


def answers_of(form: DecisionForm | AnswersForm, currency: str) -> list[Answer]:
    """Return the form as one answer for each activity."""
    if isinstance(form, DecisionForm):
        return [Answer(money_of(form.amount, currency))]
    return [
        Answer(
            amount=None
            if (nothing := is_nothing(line.form.amount.data))
            else money_of(line.form.amount, currency),
            reason=Reason(line.form.reason.data) if line.form.reason.data else None,
            refused=nothing,
        )
        for line in form.lines
    ]


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
    detail = detail_of(ref)
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
    detail = detail_of(ref)
    return render_template("desk/fund_requests/close.html", it=detail)
