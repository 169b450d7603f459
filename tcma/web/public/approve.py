"""A plan or claim decided by its mailed link, without sign-in: look, approve, or return to fix."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.errors import Invalid
from tcma.mdf import letters
from tcma.mdf.claims import decisions as claim_decisions
from tcma.mdf.claims import views as claim_views
from tcma.mdf.decision_links import MailedDecision, Standing, behind
from tcma.mdf.reasons import Reason
from tcma.mdf.requests import decisions as request_decisions
from tcma.mdf.requests import seeing
from tcma.mdf.requests import views as request_views
from tcma.mdf.rules import Check
from tcma.money import Money
from tcma.web import effects
from tcma.web.attempt import attempt
from tcma.web.auth import open_to_all
from tcma.web.case_words import reasons, verdict_of
from tcma.web.filters import money as spoken
from tcma.web.guards import FORM_LIMIT, csrf, limiter
from tcma.web.money_words import typed
from tcma.web.pictures import logo_of
from tcma.web.public import public
from tcma.web.reading import reader
from tcma.web.unit_of_work import work
from tcma.words import say

BECAUSE = "signed link to one person about one plan or claim as it was sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What the page shows of a plan or claim, whichever it is."""

    title: str
    partner: str
    asked: Money
    approving: Money
    words: str
    checks: Sequence[Check]
    effect: list[tuple[str, Money]]
    facts: list[tuple[str, str, str]]
    blocked: str
    note: str
    decided_by: str
    desk: str
    seen: str = ""


def opened(token: str) -> MailedDecision:
    """Return what a link is about, and act as its person from here on."""
    made = behind(work().session, work().site.signer, token, now=work().now)
    work().principal = made.person
    g.zone, g.locale = made.vendor.zone, made.vendor.locale
    return made


def case_of(made: MailedDecision) -> Case:
    """Gather what the page shows, by the same reads as the desk."""
    session, principal, ref = work().session, made.person, made.row.ref
    if made.request:
        plan = request_views.request_detail(session, principal, ref, now=work().now)
        asked = plan.row.requested
        return Case(
            title=say("{partner_name} asks for", partner_name=plan.row.partner_name),
            partner=plan.row.partner_name,
            asked=asked,
            approving=asked,
            words="",
            checks=plan.checks,
            effect=effects.of_plan(asked),
            seen=plan.mark,
            facts=[
                (say("For"), plan.row.title, ""),
                *(
                    (
                        f"{each.no}. {each.kind_name}",
                        spoken(each.requested, locale=reader().locale),
                        "",
                    )
                    for each in plan.activities
                    if len(plan.activities) > 1
                ),
                (say("Fund"), plan.row.fund_name, ""),
            ],
            blocked=plan.blocked,
            note=plan.note,
            decided_by=plan.decided_by,
            desk=url_for("desk.request_show", ref=ref),
        )
    claim = claim_views.claim_detail(session, principal, ref, now=work().now)
    owed = effects.suggestion(claim)
    return Case(
        title=say("{partner_name} claims", partner_name=claim.row.partner_name),
        partner=claim.row.partner_name,
        asked=claim.row.amount,
        approving=owed,
        words=effects.words_for(claim),
        checks=claim.checks,
        effect=effects.of_claim(claim, owed, close=True) if owed else [],
        facts=[(say("For"), claim.row.title, ""), (say("Plan"), claim.row.request_ref, "")],
        blocked=claim.blocked,
        note=claim.note,
        decided_by=claim.decided_by,
        desk=url_for("desk.claim_show", ref=ref),
    )


def page_of(
    token: str, made: MailedDecision, *, problem: str = "", status: int = 200, fresh: bool = False
) -> ResponseReturnValue:
    """Render the page as things stand now."""
    case = case_of(made)
    page = render_template(
        "public/approve.html",
        token=token,
        it=made,
        case=case,
        row=made.row,
        open=made.standing is Standing.OPEN,
        amount=typed(case.approving),
        verdict=verdict_of(case.checks),
        reasons=reasons(curable=True),
        sent=request.form,
        problem=problem,
        fresh=fresh,
        organisation=made.vendor.name,
        logo_url=logo_of(work().session, "vendor", made.vendor.id),
        organisation_line=f"For you, {made.person.name}",
    )
    return page, status


@public.get("/l/approve/<token>")
@open_to_all(f"{BECAUSE}; GET only shows")
def approve_show(token: str) -> ResponseReturnValue:
    """Show who asks, the sum, the checks and what approving moves."""
    return page_of(token, opened(token))


def decided(token: str, *, returning: bool) -> ResponseReturnValue:
    """Do what was pressed while the link is good for it, then show how it stands."""
    made = opened(token)
    if made.standing is Standing.USED and made.row.decided_by == made.person.user_id:
        return redirect(url_for("public.approve_show", token=token), 303)
    if made.standing is not Standing.OPEN:
        return page_of(token, made, status=409)
    with attempt() as tried:
        if returning:
            give_back(made)
        else:
            grant(made)
    if tried.done:
        return redirect(url_for("public.approve_show", token=token), 303)
    return page_of(token, made, problem=tried.words, status=tried.status)


def grant(made: MailedDecision) -> None:
    """Approve the sum that was shown; the verb asks everything else."""
    amount = Money.parse(request.form.get("amount", ""), made.row.currency)
    words = request.form.get("words", "").strip()
    if made.claim:
        claim_decisions.approve(work(), made.claim, amount=amount, words=words)
    elif made.request:
        seeing.require_seen(work(), made.request, request.form.get("seen", ""))
        request_decisions.approve(work(), made.request, amount=amount, words=words)


def give_back(made: MailedDecision) -> None:
    """Return it to fix, with a reason and words."""
    chosen, words = request.form.get("reason", ""), request.form.get("words", "").strip()
    if chosen not in set(Reason):
        raise Invalid(say("Choose the reason."), code="mdf.reason")
    if not words:
        raise Invalid(say("Say what to change, in a sentence."), code="mdf.words")
    if made.claim:
        claim_decisions.return_to_fix(work(), made.claim, reason=Reason(chosen), words=words)
    elif made.request:
        request_decisions.return_to_fix(work(), made.request, reason=Reason(chosen), words=words)


@public.post("/l/approve/<token>/approval")
@csrf.exempt
@limiter.limit(FORM_LIMIT)
@open_to_all(f"{BECAUSE}; the verb lets it be decided once, by another than who asked")
def approve_grant(token: str) -> ResponseReturnValue:
    """Approve; pressing twice is approving once."""
    return decided(token, returning=False)


@public.post("/l/approve/<token>/return")
@csrf.exempt
@limiter.limit(FORM_LIMIT)
@open_to_all(f"{BECAUSE}; the verb lets it be returned once")
def approve_return(token: str) -> ResponseReturnValue:
    """Send it back with the one thing to change."""
    return decided(token, returning=True)


@public.post("/l/approve/<token>/fresh")
@csrf.exempt
@limiter.limit(FORM_LIMIT)
@open_to_all(f"{BECAUSE}; a fresh link goes to that person's own address")
def approve_fresh(token: str) -> ResponseReturnValue:
    """Mail the person a link to how it stands now."""
    made = opened(token)
    if not made.waits or made.standing is Standing.OPEN:
        return page_of(token, made)
    if made.claim:
        letters.claim_sent(work(), made.claim, {found(made.person.user_id)})
    elif made.request:
        letters.request_sent(work(), made.request, {found(made.person.user_id)})
    return page_of(token, made, fresh=True)
