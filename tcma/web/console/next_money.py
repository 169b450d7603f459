"""The one next step of the wallet: what came back, then what can be claimed, then what is free to plan with."""

from collections.abc import Sequence

from flask import url_for

from tcma.mdf.queries import remaining_of, request_by_ref
from tcma.mdf.records import RequestRow, WalletFund
from tcma.mdf.requests import views as request_views
from tcma.mdf.rules import RequestState
from tcma.mdf.words import spoken, spoken_day
from tcma.permissions import Permission
from tcma.web.console.todos import Todo, money_that_came_back
from tcma.web.unit_of_work import work
from tcma.words import say


def next_of_money(funds: Sequence[WalletFund]) -> Todo | None:
    """Return the most urgent thing to do about money; None when there is nothing, or nobody may."""
    may = work().principal.may
    back = money_that_came_back()
    if back:
        return back[0]
    if may(Permission.CLAIM_FILE) and (due := _claimable()):
        return due
    return _free(funds) if may(Permission.REQUEST_FILE) else None


def _claimable() -> Todo | None:
    """Return the approved plan that is over, has money left and must be claimed first."""
    session, principal, now = work().session, work().principal, work().now
    plans = request_views.requests(session, principal, now=now, state=RequestState.APPROVED).rows
    over = [row for row in plans if row.claim_by and row.ends_on <= now.date()]

    def last_day(row: RequestRow) -> str:
        return f"{row.claim_by}{row.ref}"

    for row in sorted(over, key=last_day):
        left = remaining_of(session, request_by_ref(session, principal, row.ref))
        if left and row.claim_by:
            return Todo(
                title=say("Claim {amount} for “{title}”", amount=spoken(left), title=row.title),
                text=say("The activity is over. Add the invoice and file the claim."),
                href=url_for("console.claim_new", plan=row.ref),
                verb=say("Claim money back"),
                minutes=2,
                by=say("Claim by {day}", day=spoken_day(row.claim_by)),
            )
    return None


def _free(funds: Sequence[WalletFund]) -> Todo | None:
    """Return the fund with free money that ends first, as money to plan with."""
    open_ones = [fund for fund in funds if fund.usable and fund.days_left >= 0]
    first = min(open_ones, key=lambda fund: (fund.usable_until, fund.ref), default=None)
    if first is None or not first.usable:
        return None
    return Todo(
        title=say("Plan with {amount} of {fund}", amount=spoken(first.usable), fund=first.name),
        text=say(
            "What no plan has reserved by then goes back to {vendor}.", vendor=first.vendor_name
        ),
        href=url_for("console.request_new"),
        verb=say("Plan an activity"),
        minutes=3,
        by=say("Usable until {day}", day=spoken_day(first.usable_until)),
    )
