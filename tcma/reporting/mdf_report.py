"""Where funds stand, as sums of the ledger and never of stored totals, and what they brought."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.leads.models import Lead
from tcma.library.models import Campaign
from tcma.mdf.funds.entries import ledger_lines
from tcma.mdf.funds.views import funds, wallet
from tcma.mdf.ledger_line import LedgerLine
from tcma.money import Money
from tcma.permissions import Permission, Principal
from tcma.reporting.figures import Figure, Line, Opens, Report, money_figures
from tcma.reporting.gather import lead_counts, money_by_campaign
from tcma.reporting.launch_report import said_sums
from tcma.reporting.metrics import (
    Counts,
    Purse,
    Sums,
    cost_per,
    cost_per_lead,
    less,
    partners_return,
    returned,
    share,
    summed,
)
from tcma.reporting.own_parts import invoiced_by_campaign
from tcma.words import say

JOURNAL_PAGE = 1_000


def funds_report(session: Session, principal: Principal, *, now: datetime) -> Report:
    """Return one line a fund: total, available, reserved, in claim, paid, and how much is used.

    A partner reads its own parts of funds, a vendor the whole of its funds; both are balances of
    ledger accounts, so that each line adds up to its total.
    """
    lines = (
        _parts(session, principal, now)
        if principal.partner_id
        else _wholes(session, principal, now)
    )
    paid = summed(_money(line, "paid") for line in lines)
    total = summed(_money(line, "total") for line in lines)
    sentence = (
        say(
            "{said_sums} of {said_sums2} is paid.",
            said_sums=said_sums(paid),
            said_sums2=said_sums(total),
        )
        if lines
        else say("No fund yet.")
    )
    return Report("funds", say("Funds"), sentence[:1].upper() + sentence[1:], tuple(lines))


def _parts(session: Session, principal: Principal, now: datetime) -> list[Line]:
    return [
        _line(
            (fund.ref, fund.name),
            fund.allocated,
            (
                ("available", say("Available"), fund.available),
                ("reserved", say("Reserved"), fund.reserved),
                ("claimed", say("In claim"), fund.in_claim),
                ("paid", say("Paid"), fund.paid),
                ("expired", say("Expired"), fund.expired),
            ),
            fund.days_left,
            fund.allocated,
        )
        for fund in wallet(session, principal, now=now)
    ]


def _wholes(session: Session, principal: Principal, now: datetime) -> list[Line]:
    return [
        _line(
            (fund.ref, fund.name),
            fund.total,
            (
                ("available", say("Available"), fund.unallocated + fund.available),
                ("reserved", say("Reserved"), fund.reserved),
                ("claimed", say("In claim"), fund.accrued),
                ("paid", say("Paid"), fund.paid),
                ("expired", say("Expired"), fund.expired),
            ),
            fund.days_left,
            fund.available + fund.reserved + fund.accrued + fund.paid + fund.expired,
        )
        for fund in funds(session, principal, now=now)
    ]


def _line(
    named: tuple[str, str],
    total: Money,
    parts: tuple[tuple[str, str, Money], ...],
    days_left: int,
    allocated: Money,
) -> Line:
    ref, name = named
    sums = {key: part for key, _, part in parts}
    opens = {
        "available": Opens("fund", {"fund": ref}),
        "reserved": Opens("requests", {"fund": ref, "state": "pre_approved"}),
        "claimed": Opens("claims", {"fund": ref, "state": "approved"}),
        "paid": Opens("claims", {"fund": ref, "state": "paid"}),
        "expired": Opens("ledger", {"fund": ref}),
    }
    figures = (
        Figure("total", say("Total"), total, Opens("ledger", {"fund": ref})),
        *(
            Figure(key, label, part, opens[key], share(part.minor, total.minor))
            for key, label, part in parts
        ),
        Figure(
            "utilisation",
            say("Utilisation"),
            None,
            opens["paid"],
            share(sums["paid"].minor, allocated.minor),
        ),
        Figure(
            "breakage",
            say("Breakage"),
            None,
            opens["expired"],
            share(sums["expired"].minor, allocated.minor),
        ),
        Figure("days_left", say("Days left"), days_left, Opens("fund", {"fund": ref})),
    )
    return Line(ref, name, figures, Opens("fund", {"fund": ref}))


def _money(line: Line, key: str) -> Money:
    value = line.figure(key).value
    assert isinstance(value, Money)
    return value


def spend_report(session: Session, principal: Principal) -> Report:
    """Return what funds paid for by campaign, against leads and opportunities."""
    if not principal.may(Permission.FUND_READ):
        return Report("spend", say("Spend"), say("Your role does not read funds."), ())
    money = money_by_campaign(session, principal)
    leads = lead_counts(session, principal, Lead.campaign_id, funded=True)
    named = session.execute(
        select(Campaign.id, Campaign.slug, Campaign.name)
        .where(Campaign.id.in_(list(money)))
        .order_by(Campaign.name, Campaign.id)
    )
    invoices = invoiced_by_campaign(session, principal)
    lines: list[Line] = []
    all_counts, all_money = Counts(), Purse()
    for row in named:
        counts, worth = leads.get(row.id, (Counts(), Purse()))
        bore = Purse(own=less(invoices.get(row.id, ()), money[row.id].claimed))
        purse = money[row.id] + worth + bore
        all_counts, all_money = all_counts + counts, all_money + purse
        lines.append(_spend(row.slug, row.name, counts, purse))
    cost = cost_per_lead(all_money, all_counts)
    sentence = _cost_in_words(cost, all_money)
    total = _spend("", say("All campaigns"), all_counts, all_money)
    return Report("spend", say("Spend by campaign"), sentence, tuple(lines), total)


def _cost_in_words(cost: Money | None, money: Purse) -> str:
    if cost:
        return say("A lead cost {said_sums}.", said_sums=said_sums((cost,)))
    if len(money.paid) > 1:
        currencies = " and ".join(sorted(each.currency for each in money.paid))
        return say("No single cost per lead: funds paid in {currencies}.", currencies=currencies)
    return say("No cost per lead yet.")


def _spend(slug: str, name: str, counts: Counts, purse: Purse) -> Line:
    about = {"campaign": slug} if slug else {}
    won = {**about, "facet": "funded_won"}
    funded = {**about, "facet": "funded"}
    cost: Sums = purse.claimed or purse.reserved
    figures = (
        Figure("leads", say("Leads"), counts.leads, Opens("leads", funded)),
        Figure(
            "opportunities",
            say("Opportunities"),
            counts.opportunities,
            Opens("opportunities", funded),
        ),
        Figure("won", say("Won"), counts.won, Opens("opportunities", won)),
        *money_figures(purse, counts, about, leads=funded),
        Figure(
            "cost_per_opportunity",
            say("Cost per opportunity"),
            cost_per(cost, counts.opportunities),
            Opens("opportunities", funded),
        ),
        Figure(
            "cost_per_won",
            say("Cost per won"),
            cost_per(cost, counts.won),
            Opens("opportunities", won),
        ),
        Figure("won_worth", say("Won, worth"), purse.won, Opens("opportunities", won)),
        Figure("return", say("Return"), returned(purse), Opens("opportunities", won)),
        Figure("own", say("Partners’ part"), purse.own, Opens("claims", about)),
        Figure(
            "own_return",
            say("Return for partners"),
            partners_return(purse),
            Opens("opportunities", won),
        ),
    )
    return Line(slug, name, figures, Opens("report", about) if slug else None)


def journal(session: Session, principal: Principal, fund_ref: str) -> Report:
    """Return every transfer of a fund, newest first, for the export; NotFound for strangers."""
    lines: list[Line] = []
    after: str | None = None
    while True:
        page = ledger_lines(session, principal, fund_ref, after=after, size=JOURNAL_PAGE)
        lines += [_entry(each) for each in page.rows]
        after = page.next
        if after is None:
            break
    return Report(
        f"journal-{fund_ref}", say("No."), say("{n:,} entries.", n=len(lines)), tuple(lines)
    )


def _entry(entry: LedgerLine) -> Line:
    words = {
        "at": (say("At (UTC)"), f"{entry.at:%Y-%m-%d %H:%M:%S}"),
        "kind": (say("What"), entry.kind.value),
        "ref": (say("For"), entry.ref),
        "partner": (say("Partner"), entry.partner),
        "campaign": (say("Campaign"), entry.campaign),
        "activity": (say("Activity"), entry.activity),
        "debit": (say("Debit"), entry.debit),
        "credit": (say("Credit"), entry.credit),
        "amount": (say("Amount"), entry.amount),
        "balance": (say("Available after"), entry.balance),
        "actor": (say("By"), entry.actor),
        "rules": (say("Rules"), entry.rules),
        "reason": (say("Reason"), entry.reason),
        "hash": (say("Hash"), entry.hash),
    }
    figures = tuple(Figure(key, label, value) for key, (label, value) in words.items())
    return Line(str(entry.seq), str(entry.seq), figures)
