"""A partner's first page: what to do next, what waits for others, what runs, the money."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found as existing
from tcma.guidance.queries import FirstSteps
from tcma.guidance.words import WORDS
from tcma.launches import queries as launches
from tcma.launches.queries import LaunchLine
from tcma.launches.rules import RUNNING, LaunchState
from tcma.leads import queries as leads
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
from tcma.web.console.plays import open_steps, suggestions
from tcma.web.step_words import due_of, step_lines
from tcma.web.unit_of_work import work
from tcma.words import Words, joined, say, say_n

THINGS = (
    say("Nothing needs you"),
    say("One thing needs you"),
    say("Two things need you"),
    say("Three things need you"),
    say("Four things need you"),
    say("Five things need you"),
    say("Six things need you"),
    say("Seven things need you"),
    say("Eight things need you"),
    say("Nine things need you"),
)
WAITING_REQUESTS = (RequestState.SUBMITTED, RequestState.APPEALED, RequestState.HELD)
WAITING_CLAIMS = (
    ClaimState.SUBMITTED,
    ClaimState.APPEALED,
    ClaimState.APPROVED,
    ClaimState.PAYMENT_PENDING,
)
DOES = {
    ClaimState.SUBMITTED: say("{vendor} checks it"),
    ClaimState.APPEALED: say("{vendor} looks at your appeal"),
    RequestState.SUBMITTED: say("{vendor} reviews it"),
    RequestState.APPEALED: say("{vendor} looks at your appeal"),
    RequestState.HELD: say("{vendor} approved it; it waits for money in the fund"),
}
"""What a vendor does with what it has; an approved claim it pays."""
PAYS = say("{vendor} pays it")
SHOWN = 3
NEED = (ArrangedState.ASKING, ArrangedState.HELD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Todo:
    """One thing to do: a sentence, why, how long it takes, and the button's word.

    `due` is the instant it must be answered by, `by` a day in words.
    """

    title: str
    text: str
    href: str
    verb: str
    minutes: int
    due: datetime | None = None
    by: str = ""
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
    steps = open_steps()
    todos = things_to_do() + money_to_claim(over) + (next_step(steps) if steps else [])
    return render_template(
        "console/home.html",
        todos=todos,
        words=what_needs_you(todos),
        waiting=waiting_for_others() if may_fund else [],
        running=running,
        nurtured=active_count(session, principal),
        funds=funds,
        wallet=sums(funds),
        ending=[f for f in funds if f.available and f.days_left <= 60],
        results=[brought_by(line) for line in over],
        plays=suggestions(),
        steps=steps,
        step_lines=step_lines(steps, at_console=True) if steps else [],
        today=now,
    )


def things_to_do() -> list[Todo]:
    """Return what needs this person, the most urgent first."""
    session, principal = work().session, work().principal
    found: list[Todo] = []
    urgent = leads.most_urgent(session, principal)
    if urgent:
        found.append(
            Todo(
                title=say(
                    "{company} asks for “{campaign}”",
                    company=urgent.company,
                    campaign=urgent.campaign,
                ),
                text=say_n(
                    "From {place}, {n} point. Name and phone show when you accept.",
                    "From {place}, {n} points. Name and phone show when you accept.",
                    urgent.score,
                    place=urgent.place,
                ),
                href=url_for("console.lead_show", ref=urgent.ref),
                verb=say("Answer this lead"),
                minutes=1,
                due=urgent.answer_by,
                why=urgent.reason,
            )
        )
    return found + launches_that_wait() + money_that_came_back()


def money_that_came_back() -> list[Todo]:
    """Return plans and claims with a question of the vendor, then claims that wait for an invoice."""
    session, principal, now = work().session, work().principal, work().now
    if not principal.may(Permission.CLAIM_FILE):
        return []
    plans = request_views.requests(session, principal, now=now, state=RequestState.INFO_REQUESTED)
    back = claim_rows.claims(session, principal, now=now, state=ClaimState.INFO_REQUESTED)
    begun = claim_rows.claims(session, principal, now=now, state=ClaimState.DRAFT)
    return [
        *(
            Todo(
                title=say(
                    "Answer {vendor} about “{title}”", vendor=plan.vendor_name, title=plan.title
                ),
                text=say("They ask for one change before they can approve."),
                href=url_for("console.request_show", ref=plan.ref),
                verb=say("Answer"),
                minutes=3,
            )
            for plan in plans.rows
        ),
        *(
            Todo(
                title=say("Fix the claim for “{title}”", title=claim.title),
                text=say("{vendor} returned it with one question.", vendor=claim.vendor_name),
                href=url_for("console.claim_show", ref=claim.ref),
                verb=say("Fix"),
                minutes=2,
            )
            for claim in back.rows
        ),
        *(
            Todo(
                title=say("Add the invoice for “{title}”", title=claim.title),
                text=say("The launch collected its own proof. The invoice is yours to add."),
                href=url_for("console.claim_show", ref=claim.ref),
                verb=say("Add the invoice"),
                minutes=2,
            )
            for claim in begun.rows
        ),
    ]


def next_step(steps: FirstSteps) -> list[Todo]:
    """Return the first step whose day is first; the card beside shows the others."""
    one = steps.progress.next
    if one is None:
        return []
    words = WORDS[one.step]
    return [
        Todo(
            title=words.ask,
            text=words.why,
            href=words.path,
            verb=words.verb,
            minutes=words.minutes,
            by=due_of(one),
        )
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
                title=say("Look at “{name}”", name=line.name),
                text=say("It does not send. Its page says why; go on, or cancel the rest."),
                href=url_for("console.launch_show", ref=line.ref),
                verb=say("Look at the launch"),
                minutes=2,
            )
            for line in held.rows[:SHOWN]
        ),
        *(
            Todo(
                title=say("Finish the launch of “{name}”", name=line.name),
                text=say("List, date and sender are chosen. It has not started."),
                href=url_for("console.launch_check", ref=line.ref),
                verb=say("Finish it"),
                minutes=1,
            )
            for line in begun[:SHOWN]
        ),
    ]


def arranged_todo(row: ArrangedView) -> Todo:
    """Return what a launch that comes by itself still needs from this partner."""
    if row.state is ArrangedState.ASKING:
        return Todo(
            title=say("Say yes or no to “{campaign}”", campaign=row.campaign),
            text=say(
                "{vendor} would launch it for you. Without your yes nothing happens.",
                vendor=row.vendor,
            ),
            href=url_for("console.ahead_index"),
            verb=say("Answer"),
            minutes=1,
            due=row.send_at,
        )
    return Todo(
        title=say("“{campaign}” could not go out", campaign=row.campaign),
        text=joined(*(joined(stop.message, stop.remedy) for stop in row.stops)),
        href=url_for("console.ahead_index"),
        verb=say("See what to do"),
        minutes=2,
    )


def what_needs_you(todos: Sequence[Todo]) -> Words:
    """Return how many things there are to do, and how long they take together."""
    if not todos:
        return say("Nothing needs you today. What is worth doing is below.")
    minutes = sum(t.minutes for t in todos)
    return say(
        "{things}, {about} in all.",
        things=THINGS[len(todos)]
        if len(todos) < len(THINGS)
        else say_n("{n} thing needs you", "{n} things need you", len(todos)),
        about=say_n("about {n} minute", "about {n} minutes", minutes),
    )


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
            title=say("Claim the money for “{title}”", title=plan.title),
            text=say(
                "{vendor} approved it. The launch wrote its proof; the invoice is yours to add.",
                vendor=plan.vendor_name,
            ),
            href=url_for("console.claim_new", plan=plan.ref),
            verb=say("Claim money back"),
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
                "title": say("Claim {ref}", ref=c.ref),
                "href": url_for("console.claim_show", ref=c.ref),
                "vendor": c.vendor_name,
                "does": DOES.get(state, PAYS).filled(vendor=c.vendor_name),
                "amount": c.approved or c.amount,
                "clock": c.clock,
                "by": c.answer_by,
            }
            for state in WAITING_CLAIMS
            for c in claim_rows.claims(session, principal, now=now, state=state).rows
        ]
        + [
            {
                "title": say("Fund request {ref}", ref=r.ref),
                "href": url_for("console.request_show", ref=r.ref),
                "vendor": r.vendor_name,
                "does": DOES[waiting].filled(vendor=r.vendor_name),
                "amount": r.requested,
                "clock": r.clock,
                "by": r.answer_by,
            }
            for waiting in WAITING_REQUESTS
            for r in request_views.requests(session, principal, now=now, state=waiting).rows
        ]
        + [
            {
                "title": say("Dispute of {ref}", ref=d.ref),
                "href": url_for("console.claim_show", ref=d.ref),
                "vendor": say("Another person than who decided it"),
                "does": say("Another person than who decided it answers it"),
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
