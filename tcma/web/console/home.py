"""A partner's first page: what to do next, what waits for others, what runs, the money."""

from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found as existing
from tcma.guidance.announcements import news_for
from tcma.guidance.news_rules import PURPOSE_WORDS
from tcma.guidance.programmes import standings
from tcma.launches import queries as launches
from tcma.launches.queries import LaunchLine
from tcma.launches.rules import RUNNING, LaunchState
from tcma.leads import queries as leads
from tcma.mdf import claim_rows
from tcma.mdf.funds import views as fund_views
from tcma.mdf.queue import waiting_disputes
from tcma.mdf.requests import views as request_views
from tcma.mdf.rules import ClaimState, RequestState
from tcma.money import Money
from tcma.nurture.queries import active_count
from tcma.partners import queries as partners
from tcma.permissions import Permission
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.console.own_tasks import asked_of_us
from tcma.web.console.plays import open_steps, own_books, suggestions
from tcma.web.console.todos import (
    SHOWN,
    money_to_claim,
    next_step,
    playbook_steps,
    things_to_do,
    what_needs_you,
)
from tcma.web.level_words import level_lines
from tcma.web.step_words import step_lines
from tcma.web.unit_of_work import work
from tcma.words import say

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
    books = own_books()
    todos = things_to_do() + money_to_claim(over) + playbook_steps(books)
    todos += next_step(steps) if steps else []
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
        plays=suggestions(books),
        levels=level_lines(standings(session, principal, now=now)) if may_launch else [],
        steps=steps,
        step_lines=step_lines(steps, at_console=True) if steps else [],
        asked=asked_of_us(),
        news=[(it, PURPOSE_WORDS[it.purpose]) for it in news_for(session, principal, now=now)],
        today=now,
    )


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
