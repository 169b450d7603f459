"""A partner's first page: what to do next, what waits for others, what runs, the money."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found as existing
from tcma.launches import queries as launches
from tcma.launches.queries import LaunchLine
from tcma.launches.rules import RUNNING, LaunchState
from tcma.leads import queries as leads
from tcma.library.queries import library_for
from tcma.mdf import claim_rows
from tcma.mdf.claims.views import waiting_disputes
from tcma.mdf.funds import views as fund_views
from tcma.mdf.queries import request_by_ref
from tcma.mdf.requests import views as request_views
from tcma.mdf.requests.views import requests_of_launch
from tcma.mdf.rules import ClaimState, RequestState
from tcma.money import Money
from tcma.nurture.queries import active_count
from tcma.on_behalf import queries as arranged
from tcma.on_behalf.queries import ArrangedView
from tcma.on_behalf.rules import ArrangedState
from tcma.partners import queries as partners
from tcma.permissions import Permission
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.filters import counted
from tcma.web.reading import reader
from tcma.web.unit_of_work import work

NUMBERS = ("No thing", "One thing", "Two things", "Three things", "Four things", "Five things",
           "Six things", "Seven things", "Eight things", "Nine things")  # fmt: skip
WAITING_REQUESTS = (RequestState.SUBMITTED, RequestState.APPEALED, RequestState.HELD)
WAITING_CLAIMS = (
    ClaimState.SUBMITTED,
    ClaimState.APPEALED,
    ClaimState.APPROVED,
    ClaimState.PAYMENT_PENDING,
)
DOES = {
    ClaimState.SUBMITTED: "checks it",
    ClaimState.APPEALED: "looks at your appeal",
    RequestState.SUBMITTED: "reviews it",
    RequestState.APPEALED: "looks at your appeal",
    RequestState.HELD: "approved it; it waits for money in the fund",
}
"""What a vendor does with what it has; an approved claim it pays."""
SHOWN = 3
NEED = (ArrangedState.ASKING, ArrangedState.HELD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Todo:
    """One thing to do: a sentence, why, how long it takes, and the button's word."""

    title: str
    text: str
    href: str
    verb: str
    minutes: int
    due: datetime | None = None
    why: str = ""


@console.get("")
@allows(Permission.ACCOUNT_SELF)
def home() -> ResponseReturnValue:
    """Answer: what should I do next?"""
    session, principal, now = work().session, work().principal, work().now
    if principal.may(Permission.BRAND_EDIT):
        profile = partners.brand_in_force(session, existing(principal.partner_id))
        if not profile.is_complete:
            return redirect(url_for("console.welcome"))
    may_fund = principal.may(Permission.FUND_READ)
    may_launch = principal.may(Permission.LAUNCH_READ)
    funds = fund_views.wallet(session, principal, now=now) if may_fund else []
    running = (
        launches.launches(session, principal, states=RUNNING).rows[:SHOWN] if may_launch else []
    )
    over = (
        launches.launches(session, principal, states=(LaunchState.FINISHED,)).rows[:SHOWN]
        if may_launch
        else []
    )
    todos = things_to_do() + money_to_claim(over)
    return render_template(
        "console/home.html",
        todos=todos,
        words=f"{NUMBERS[len(todos)] if len(todos) < len(NUMBERS) else f'{len(todos)} things'} {'needs' if len(todos) == 1 else 'need'} you"
        f", about {minutes_of(todos)} in all."
        if todos
        else "Nothing needs you today. A good next campaign is below.",
        waiting=waiting_for_others() if may_fund else [],
        running=running,
        nurtured=active_count(session, principal),
        funds=funds,
        wallet=sums(funds),
        ending=[f for f in funds if f.available and f.days_left <= 60],
        results=[brought_by(line) for line in over],
        suggestion=suggestion() if principal.may(Permission.LAUNCH_PLAN) else None,
        today=now,
    )


def things_to_do() -> list[Todo]:
    """Return what needs this person, the most urgent first."""
    session, principal, now = work().session, work().principal, work().now
    found: list[Todo] = []
    urgent = leads.most_urgent(session, principal)
    if urgent:
        found.append(
            Todo(
                title=f"{urgent.company} asks for “{urgent.campaign}”",
                text=f"From {urgent.place}, {counted(urgent.score, 'point', 'points', locale=reader().locale)}. "
                "Name and phone show when you accept.",
                href=url_for("console.lead_show", ref=urgent.ref),
                verb="Answer this lead",
                minutes=1,
                due=urgent.answer_by,
                why=urgent.reason,
            )
        )
    found += launches_that_wait()
    if not principal.may(Permission.CLAIM_FILE):
        return found
    plans = request_views.requests(session, principal, now=now, state=RequestState.INFO_REQUESTED)
    back = claim_rows.claims(session, principal, now=now, state=ClaimState.INFO_REQUESTED)
    begun = claim_rows.claims(session, principal, now=now, state=ClaimState.DRAFT)
    return [
        *found,
        *(
            Todo(
                title=f"Answer {plan.vendor_name} about “{plan.title}”",
                text="They ask for one change before they can approve.",
                href=url_for("console.request_show", ref=plan.ref),
                verb="Answer",
                minutes=3,
            )
            for plan in plans.rows
        ),
        *(
            Todo(
                title=f"Fix the claim for “{claim.title}”",
                text=f"{claim.vendor_name} returned it with one question.",
                href=url_for("console.claim_show", ref=claim.ref),
                verb="Fix",
                minutes=2,
            )
            for claim in back.rows
        ),
        *(
            Todo(
                title=f"Add the invoice for “{claim.title}”",
                text="The launch collected its own proof. The invoice is yours to add.",
                href=url_for("console.claim_show", ref=claim.ref),
                verb="Add the invoice",
                minutes=2,
            )
            for claim in begun.rows
        ),
    ]


def launches_that_wait() -> list[Todo]:
    """Return launches that stopped by themselves or were paused, then plans that never started."""
    session, principal = work().session, work().principal
    if not principal.may(Permission.LAUNCH_STEER):
        return []
    held = launches.launches(session, principal, states=(LaunchState.PAUSED, LaunchState.FAILED))
    coming = arranged.ahead(session, principal, now=work().now)
    by_itself = {row.draft_ref for row in coming}
    drafts = launches.launches(session, principal, states=(LaunchState.DRAFT,)).rows
    begun = [line for line in drafts if line.ref not in by_itself]
    return [
        *(arranged_todo(row) for row in coming if row.state in NEED),
        *(
            Todo(
                title=f"Look at “{line.name}”",
                text="It does not send. Its page says why; go on, or cancel the rest.",
                href=url_for("console.launch_show", ref=line.ref),
                verb="Look at the launch",
                minutes=2,
            )
            for line in held.rows[:SHOWN]
        ),
        *(
            Todo(
                title=f"Finish the launch of “{line.name}”",
                text="List, date and sender are chosen. It has not started.",
                href=url_for("console.launch_check", ref=line.ref),
                verb="Finish it",
                minutes=1,
            )
            for line in begun[:SHOWN]
        ),
    ]


def arranged_todo(row: ArrangedView) -> Todo:
    """Return what a launch that comes by itself still needs from this partner."""
    if row.state is ArrangedState.ASKING:
        return Todo(
            title=f"Say yes or no to “{row.campaign}”",
            text=f"{row.vendor} would launch it for you. Without your yes nothing happens.",
            href=url_for("console.ahead_index"),
            verb="Answer",
            minutes=1,
            due=row.send_at,
        )
    return Todo(
        title=f"“{row.campaign}” could not go out",
        text=" ".join(f"{stop.message} {stop.remedy}" for stop in row.stops),
        href=url_for("console.ahead_index"),
        verb="See what to do",
        minutes=2,
    )


def minutes_of(todos: Sequence[Todo]) -> str:
    """Return how long some things take together."""
    return counted(sum(t.minutes for t in todos), "minute", "minutes", locale=reader().locale)


def money_to_claim(over: Sequence[LaunchLine]) -> list[Todo]:
    """Return the approved plans whose launch is over and for which nothing was claimed yet."""
    session, principal, now = work().session, work().principal, work().now
    if not principal.may(Permission.CLAIM_FILE):
        return []
    plans = {
        plan.ref: plan
        for line in over
        for plan in requests_of_launch(session, principal, line.id, now=now)
        if plan.state == RequestState.APPROVED and not is_claimed(plan.ref)
    }
    return [
        Todo(
            title=f"Claim the money for “{plan.title}”",
            text=f"{plan.vendor_name} approved it. The launch wrote its proof; "
            "the invoice is yours to add.",
            href=url_for("console.claim_new", plan=plan.ref),
            verb="Claim money back",
            minutes=2,
        )
        for plan in plans.values()
    ]


def is_claimed(plan_ref: str) -> bool:
    """Say whether a claim for this plan was begun."""
    session, principal, now = work().session, work().principal, work().now
    plan = request_by_ref(session, principal, plan_ref)
    return bool(claim_rows.claim_rows(session, principal, now=now, request_id=plan.id))


def waiting_for_others() -> list[dict[str, Any]]:
    """Return requests and claims the vendor has, each with its clock."""
    session, principal, now = work().session, work().principal, work().now
    return (
        [
            {
                "title": f"Claim {c.ref}",
                "href": url_for("console.claim_show", ref=c.ref),
                "vendor": c.vendor_name,
                "does": DOES.get(state, "pays it"),
                "amount": c.approved or c.amount,
                "clock": c.clock,
                "by": c.answer_by,
            }
            for state in WAITING_CLAIMS
            for c in claim_rows.claims(session, principal, now=now, state=state).rows
        ]
        + [
            {
                "title": f"Fund request {r.ref}",
                "href": url_for("console.request_show", ref=r.ref),
                "vendor": r.vendor_name,
                "does": DOES[waiting],
                "amount": r.requested,
                "clock": r.clock,
                "by": r.answer_by,
            }
            for waiting in WAITING_REQUESTS
            for r in request_views.requests(session, principal, now=now, state=waiting).rows
        ]
        + [
            {
                "title": f"Dispute of {d.ref}",
                "href": url_for("console.claim_show", ref=d.ref),
                "vendor": "Another person than who decided it",
                "does": "answers it",
                "amount": d.amount,
                "clock": d.clock,
                "by": d.answer_by,
            }
            for d in waiting_disputes(session, principal, now)
        ]
    )


def sums(funds: list[Any]) -> list[dict[str, Money]]:
    """Return the wallet's sums, one row per currency: they are never added up across."""
    totals: dict[str, dict[str, Money]] = {}
    for fund in funds:
        row = totals.setdefault(
            fund.available.currency,
            {k: Money.zero(fund.available.currency) for k in SUMS},
        )
        for k in SUMS:
            row[k] += getattr(fund, k)
    return list(totals.values())


SUMS = ("available", "reserved", "in_claim", "paid")


def suggestion() -> Any:
    """Return a campaign this partner has not launched yet."""
    session, principal = work().session, work().principal
    cards = library_for(session, principal, today=work().now.date())
    known = launches.latest_of_campaigns(session, principal, [c.campaign_id for c in cards])
    return next((c for c in cards if c.campaign_id not in known), None)


def brought_by(line: LaunchLine) -> dict[str, Any]:
    """Return a launch with its leads, its opportunities and their worth per currency."""
    session, principal = work().session, work().principal
    page = leads.opportunities(session, principal, launch_id=line.id)
    totals: dict[str, Money] = {}
    for one in page.rows:
        currency = one.worth.currency
        totals[currency] = totals.get(currency, Money.zero(currency)) + one.worth
    return {
        "line": line,
        "leads": leads.count_of_launch(session, principal, line.id),
        "opportunities": len(page.rows),
        "worth": list(totals.values()),
    }
