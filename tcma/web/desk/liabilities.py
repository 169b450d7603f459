"""What a vendor owes, opened: claims of one age, plans of one quarter, all of it as files."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from tcma.errors import NotFound
from tcma.mdf.funds import liabilities
from tcma.permissions import Permission
from tcma.spreadsheet import csv_row
from tcma.web.auth import allows
from tcma.web.desk import desk
from tcma.web.desk.finance import file_of, tabs
from tcma.web.unit_of_work import work

OWED_COLUMNS = (
    "Claim",
    "Title",
    "Partner",
    "Days",
    "Age",
    "Amount",
    "Currency",
    "In payment",
    "Order number",
)
PROMISED_COLUMNS = ("Plan", "Title", "Partner", "Claim by", "Quarter", "Reserved", "Currency")


def owed() -> liabilities.Owed:
    """Return what is owed now."""
    return liabilities.owed(work().session, work().principal, now=work().now)


@desk.get("/finance/owed")
@allows(Permission.PAYMENT_MAKE)
def finance_owed() -> ResponseReturnValue:
    """Show the approved claims of one age, of one currency when the address names it."""
    currency = request.args.get("currency", "")
    since = request.args.get("from", type=int)
    if since is not None and since not in dict(liabilities.AGES):
        raise NotFound
    page = liabilities.owed_page(
        work().session,
        work().principal,
        now=work().now,
        since=since,
        currency=currency,
        after=request.args.get("after"),
    )
    return render_template(
        "desk/finance/owed.html",
        age=liabilities.age_of(since) if since is not None else None,
        currency=currency,
        page=page,
        tabs=tabs("finance_index"),
    )


@desk.get("/finance/owed.csv")
@allows(Permission.PAYMENT_MAKE)
def finance_owed_file() -> ResponseReturnValue:
    """Return every approved claim with its age as CSV."""
    claims = liabilities.owed_claims(work().session, work().principal, now=work().now)
    rows = [
        csv_row((claim.ref, claim.title, claim.partner, claim.days,
                 liabilities.age_of(claim.days).words, claim.amount.major, claim.amount.currency,
                 "yes" if claim.in_payment else "no", claim.order_number))
        for claim in claims
    ]  # fmt: skip
    return file_of([csv_row(OWED_COLUMNS), *rows], f"owed-{work().now:%Y-%m-%d}")


@desk.get("/finance/promised")
@allows(Permission.PAYMENT_MAKE)
def finance_promised() -> ResponseReturnValue:
    """Show the plans whose money must be claimed in one quarter."""
    currency, asked = request.args.get("currency", ""), request.args.get("quarter", "")
    periods = [each for each in owed().periods if asked in {"", each.since.isoformat()}]
    return render_template(
        "desk/finance/promised.html",
        quarter=periods[0] if asked and periods else None,
        currency=currency,
        plans=[
            plan
            for each in periods
            for plan in each.plans
            if currency in {"", plan.amount.currency}
        ],
        tabs=tabs("finance_index"),
    )


@desk.get("/finance/promised.csv")
@allows(Permission.PAYMENT_MAKE)
def finance_promised_file() -> ResponseReturnValue:
    """Return every plan with reserved money as CSV."""
    rows = [
        csv_row((plan.ref, plan.title, plan.partner, plan.claim_by.isoformat(), each.words,
                 plan.amount.major, plan.amount.currency))
        for each in owed().periods
        for plan in each.plans
    ]  # fmt: skip
    return file_of([csv_row(PROMISED_COLUMNS), *rows], f"promised-{work().now:%Y-%m-%d}")
