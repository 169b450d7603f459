"""The wallet: what a partner may spend, by fund, and every entry behind each sum."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from tcma.mdf import claim_rows
from tcma.mdf.funds import by_way
from tcma.mdf.funds import views as fund_views
from tcma.mdf.funds.by_way import WaySums
from tcma.mdf.funds.entries import ledger_lines
from tcma.mdf.judging import views as programme_views
from tcma.mdf.records import WalletFund
from tcma.mdf.requests import views as request_views
from tcma.mdf.rules import ClaimState, RequestState
from tcma.mdf.ways import WAY_WORDS
from tcma.money import Money
from tcma.permissions import Permission
from tcma.reporting.stages import Stage, paces
from tcma.web.about import about_words, asked_about, narrowed
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.console.next_money import next_of_money
from tcma.web.unit_of_work import work
from tcma.words import say

SUMS = ("available", "reserved", "in_claim", "paid", "expired")
REQUEST_FACETS = (
    ("", say("All")),
    (RequestState.DRAFT, say("Drafts")),
    (RequestState.SUBMITTED, say("In review")),
    (RequestState.APPROVED, say("Approved")),
    (RequestState.INFO_REQUESTED, say("Returned")),
    (RequestState.HELD, say("Waiting for funds")),
    (RequestState.REJECTED, say("Refused")),
    (RequestState.APPEALED, say("Appealed")),
    (RequestState.CLOSED, say("Closed")),
)
CLAIM_FACETS = (
    ("", say("All")),
    (ClaimState.DRAFT, say("Not filed")),
    (ClaimState.SUBMITTED, say("In review")),
    (ClaimState.INFO_REQUESTED, say("Returned")),
    (ClaimState.REJECTED, say("Refused")),
    (ClaimState.APPEALED, say("Appealed")),
    (ClaimState.APPROVED, say("Approved")),
    (ClaimState.PAID, say("Paid")),
    (ClaimState.WITHDRAWN, say("Taken back")),
)
SHOWN = 5


@console.get("/funds")
@allows(Permission.FUND_READ)
def fund_index() -> ResponseReturnValue:
    """Show the wallet: available first, what ends, then plans and claims."""
    session, principal, now = work().session, work().principal, work().now
    rows = fund_views.wallet(session, principal, now=now)
    return render_template(
        "console/funds/index.html",
        funds=rows,
        purses=purses(rows),
        next=next_of_money(rows),
        ways=ways_of(rows),
        way_words=WAY_WORDS,
        next_to_end=next_to_end(rows),
        cash=next(pace for pace in paces(session, principal) if pace.stage is Stage.CASH),
        requests=request_views.requests(session, principal, now=now).rows[:SHOWN],
        claims=claim_rows.claims(session, principal, now=now).rows[:SHOWN],
        may=principal.may(Permission.REQUEST_FILE),
    )


def ways_of(rows: list[WalletFund]) -> list[WaySums]:
    """Return what is there by each way of settling, where funds settle in several."""
    if not rows:
        return []
    offered = [(way, fund.available.currency) for fund in rows for way in fund.ways]
    return by_way.shown(by_way.by_way(work().session, work().principal), offered)


def next_to_end(rows: list[WalletFund]) -> WalletFund | None:
    """Return the part with money left that ends first."""
    usable = [fund for fund in rows if fund.available and fund.days_left >= 0]
    return min(usable, key=lambda fund: fund.usable_until, default=None)


def purses(rows: list[WalletFund]) -> list[dict[str, Money]]:
    """Return the sums per currency; two currencies are never added up."""
    found: dict[str, dict[str, Money]] = {}
    for fund in rows:
        currency = fund.available.currency
        purse = found.setdefault(currency, {name: Money.zero(currency) for name in SUMS})
        for name in SUMS:
            purse[name] += getattr(fund, name)
    return list(found.values())


@console.get("/funds/<ref>/ledger")
@allows(Permission.FUND_READ)
def fund_ledger(ref: str) -> ResponseReturnValue:
    """Show the entries of one's part of a fund, newest first."""
    session, principal, now = work().session, work().principal, work().now
    return render_template(
        "console/funds/ledger.html",
        fund=fund_views.wallet_fund(session, principal, ref, now=now),
        page=ledger_lines(session, principal, ref, after=request.args.get("after")),
    )


@console.get("/funds/<ref>/rules")
@allows(Permission.FUND_READ)
def fund_rules(ref: str) -> ResponseReturnValue:
    """Show the rules of a fund as sentences: those in force, and those that come next."""
    session, principal, now = work().session, work().principal, work().now
    return render_template(
        "console/funds/rules.html",
        fund=fund_views.wallet_fund(session, principal, ref, now=now),
        rules=programme_views.fund_rules(session, principal, ref, now=now),
    )


@console.get("/fund-requests")
@allows(Permission.FUND_READ)
def request_index() -> ResponseReturnValue:
    """List one's plans with a sum."""
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
        "console/fund_requests/index.html",
        page=page,
        facet=state or "",
        facets=REQUEST_FACETS,
        about=about_words(),
        narrowed=narrowed(),
    )


@console.get("/claims")
@allows(Permission.FUND_READ)
def claim_index() -> ResponseReturnValue:
    """List one's claims."""
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
        "console/claims/index.html",
        page=page,
        facet=state or "",
        facets=CLAIM_FACETS,
        about=about_words(),
        narrowed=narrowed(),
    )
