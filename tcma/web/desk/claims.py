"""Claims at the desk: list, one claim with its case file, and the decision."""

from dataclasses import replace

from flask import make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from tcma.mdf import claim_rows
from tcma.mdf.claims import decisions as claim_decisions
from tcma.mdf.claims import views as claim_views
from tcma.mdf.programme.verdict import SHARE
from tcma.mdf.queries import claim_by_ref
from tcma.mdf.reasons import Reason
from tcma.mdf.rules import CLAIM_WAITS, ClaimState
from tcma.permissions import Permission
from tcma.web import effects
from tcma.web.about import about_words, asked_about, narrowed
from tcma.web.attempt import attempt
from tcma.web.auth import allows
from tcma.web.case_words import history, reasons, verdict_of
from tcma.web.desk import desk
from tcma.web.desk.decisions import amount_in, next_address, place_of
from tcma.web.forms.base import offer
from tcma.web.forms.mdf import ClawBackForm, DecisionForm, ReasonForm
from tcma.web.money_words import money_of, symbol, typed
from tcma.web.unit_of_work import work
from tcma.web.wording import flash

FACETS = (
    ("", "All"),
    (ClaimState.SUBMITTED, "In review"),
    (ClaimState.APPEALED, "Appealed"),
    (ClaimState.APPROVED, "To pay"),
    (ClaimState.PAYMENT_PENDING, "In payment"),
    (ClaimState.PAID, "Paid"),
    (ClaimState.INFO_REQUESTED, "Returned"),
    (ClaimState.REJECTED, "Refused"),
    (ClaimState.WITHDRAWN, "Taken back"),
)
RETURN, REFUSE, TAKE_BACK, CLAW_BACK = "return", "refusal", "reversal", "claw-back"
VERBS = {
    RETURN: (claim_decisions.return_to_fix, "returned to fix"),
    REFUSE: (claim_decisions.refuse, "refused"),
    TAKE_BACK: (claim_decisions.take_back, "taken back"),
    CLAW_BACK: (claim_decisions.claw_back, "clawed back"),
}


@desk.get("/claims")
@allows(Permission.FUND_READ)
def claim_index() -> ResponseReturnValue:
    """List claims, newest first, by state."""
    facet = request.args.get("state", "")
    state = ClaimState(facet) if facet in set(ClaimState) else None
    page = claim_rows.claims(
        work().session,
        work().principal,
        now=work().now,
        state=state,
        about=asked_about(),
        after=request.args.get("after"),
    )
    return render_template(
        "desk/claims/index.html",
        page=page,
        facet=state or "",
        facets=FACETS,
        about=about_words(),
        narrowed=narrowed(),
    )


@desk.get("/claims/<ref>")
@allows(Permission.FUND_READ)
def claim_show(ref: str) -> ResponseReturnValue:
    """Show one claim: verdict, money, invoice, case file, trace, and the decision."""
    return page_of(ref, DecisionForm(formdata=None))


def page_of(ref: str, form: DecisionForm, *, status: int = 200) -> ResponseReturnValue:
    """Render a claim with its decision form."""
    detail = claim_views.claim_detail(work().session, work().principal, ref, now=work().now)
    suggested = effects.suggestion(detail)
    if form.amount.data is None:
        form.amount.data = typed(suggested)
        form.words.data = effects.words_for(detail)
    may = work().principal.may(Permission.CLAIM_DECIDE)
    verdict = verdict_of(detail.checks)
    if detail.row.state not in {*CLAIM_WAITS, ClaimState.INFO_REQUESTED}:
        verdict = replace(verdict, tone="rest")
    page = render_template(
        "desk/claims/show.html",
        it=detail,
        form=form,
        place=place_of(ref),
        verdict=verdict,
        suggested=suggested,
        approving=(approving := amount_in(form.amount, min(detail.remaining, detail.row.amount))),
        effect=effects.of_claim(detail, approving, close=bool(form.close.data))
        if approving
        else [],
        trace=history(detail.timeline),
        symbol=symbol(detail.row.amount.currency),
        disputed=typed(detail.dispute.asked) if detail.dispute else "",
        failing={check.code for check in detail.checks if not check.ok},
        share=SHARE,
        open=detail.row.state in CLAIM_WAITS and may,
        may=may,
        pays=work().principal.may(Permission.PAYMENT_MAKE),
    )
    return make_response(page, status)


@desk.get("/claims/<ref>/effect")
@allows(Permission.CLAIM_DECIDE)
def claim_effect(ref: str) -> ResponseReturnValue:
    """Show what approving the typed sum would move; nothing is decided."""
    detail = claim_views.claim_detail(work().session, work().principal, ref, now=work().now)
    typed_in = DecisionForm(formdata=request.args)
    amount = amount_in(typed_in.amount, min(detail.remaining, detail.row.amount))
    effect = effects.of_claim(detail, amount, close=bool(typed_in.close.data)) if amount else []
    return render_template("desk/effect.html", effect=effect, approving=amount)


@desk.post("/claims/<ref>/approval")
@allows(Permission.CLAIM_DECIDE)
def claim_approve(ref: str) -> ResponseReturnValue:
    """Approve a sum: reserved money becomes owed."""
    row = claim_by_ref(work().session, work().principal, ref)
    form, onward = DecisionForm(), next_address(ref)
    status = 422
    if form.validate():
        with attempt(form) as tried:
            amount = money_of(form.amount, row.currency)
            claim_decisions.approve(
                work(), row, amount=amount, words=form.words.data or "", close=form.close.data
            )
        if tried.done:
            passed = row.state in CLAIM_WAITS
            done = "passed on to the next level" if passed else "approved"
            flash(
                f"{ref} is {done}.{'' if passed else ' It is ready to pay, and the partner has a mail.'}",
                "good",
            )
            return redirect(onward, 303)
        status = tried.status
    return page_of(ref, form, status=status)


@desk.route("/claims/<ref>/return", methods=["GET", "POST"])
@allows(Permission.CLAIM_DECIDE)
def claim_return(ref: str) -> ResponseReturnValue:
    """Send a claim back for one change; two weeks to fix it."""
    return with_reason(ref, RETURN)


@desk.route("/claims/<ref>/refusal", methods=["GET", "POST"])
@allows(Permission.CLAIM_DECIDE)
def claim_refuse(ref: str) -> ResponseReturnValue:
    """Refuse a claim for good."""
    return with_reason(ref, REFUSE)


@desk.route("/claims/<ref>/reversal", methods=["GET", "POST"])
@allows(Permission.CLAIM_DECIDE)
def claim_take_back(ref: str) -> ResponseReturnValue:
    """Undo an approval that is not in a payment."""
    return with_reason(ref, TAKE_BACK)


@desk.route("/claims/<ref>/claw-back", methods=["GET", "POST"])
@allows(Permission.CLAIM_DECIDE)
def claim_claw_back(ref: str) -> ResponseReturnValue:
    """Ask paid money back."""
    return with_reason(ref, CLAW_BACK)


def with_reason(ref: str, act: str) -> ResponseReturnValue:
    """Ask for the reason and the words, then do it."""
    row = claim_by_ref(work().session, work().principal, ref)
    form = ClawBackForm() if act == CLAW_BACK else ReasonForm()
    offer(form.reason, reasons(curable=act == RETURN))
    status = 200
    if form.is_submitted():
        onward, status = next_address(ref), 422
        if form.validate():
            verb, done = VERBS[act]
            with attempt(form) as tried:
                why = {"reason": Reason(form.reason.data), "words": form.words.data}
                if isinstance(form, ClawBackForm) and form.amount.data:
                    why["amount"] = money_of(form.amount, row.currency)
                verb(work(), row, **why)
            if tried.done:
                flash(f"{ref} is {done}. The partner has a mail.", "good")
                return redirect(onward, 303)
            status = tried.status
    detail = claim_views.claim_detail(work().session, work().principal, ref, now=work().now)
    if isinstance(form, ClawBackForm) and not form.is_submitted():
        form.amount.data = typed(detail.row.approved or detail.row.amount)
    page = render_template(
        "desk/claims/reason.html", it=detail, form=form, act=act, symbol=symbol(row.currency)
    )
    return make_response(page, status)
