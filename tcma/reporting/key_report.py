"""Key figures of a vendor: shares of plans and claims, and what money brought, each in one line."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tcma.db.scope import visible
from tcma.leads.models import Lead
from tcma.mdf.models.funding import FundActivity, FundCostLine, FundRequest
from tcma.mdf.rules import ActivityState
from tcma.money import Money
from tcma.permissions import Permission, Principal
from tcma.reporting.figures import Figure, Line, Opens, Report, Value
from tcma.reporting.gather import lead_counts, money_by_campaign
from tcma.reporting.measures import Measure, Measured, measured
from tcma.reporting.metrics import Counts, Purse, Sums, cost_per, per_unit, share, summed
from tcma.words import say

MEASURE_WORDS: Final[Mapping[str, str]] = {
    Measure.PLANS: say("Plans with a yes"),
    Measure.POLICY: say("Plans approved by the programme"),
    Measure.DRAWN: say("Drawn plans with a fault"),
    Measure.RUN_HERE: say("Plans carried out by a launch here"),
    Measure.CLAIMS: say("Claims with a yes"),
    Measure.COMPLETE: say("Claims with whole proof"),
    Measure.ASKED_BACK: say("Payments asked back"),
}
GRANTED = (ActivityState.APPROVED, ActivityState.CLOSED)


def key_report(session: Session, principal: Principal, *, since: datetime | None = None) -> Report:
    """Return one line a figure: how many rows, how many of them are so, and what it comes to."""
    if not principal.may(Permission.FUND_READ):
        return Report("key", say("Figure"), say("Your role does not read funds."), ())
    found = measured(session, principal, since=since)
    lines = (*map(_share, found), *_brought(session, principal))
    plans = next(each for each in found if each.measure is Measure.PLANS)
    sentence = (
        say("{part} of {count} plans got a yes.", part=plans.part, count=plans.count)
        if plans.count
        else say("No plan was answered yet.")
    )
    return Report("key", say("Figure"), sentence, lines)


def _share(each: Measured) -> Line:
    about = {"measure": str(each.measure)}
    part = Opens("measures", {**about, "facet": "part"})
    rate = share(each.part, each.count)
    return _line(
        str(each.measure),
        MEASURE_WORDS[each.measure],
        Figure("counted", say("How many"), each.count, Opens("measures", about)),
        Figure("part", say("Of them"), each.part, part),
        Figure("comes_to", say("Comes to"), None, part, rate),
    )


def _brought(session: Session, principal: Principal) -> tuple[Line, ...]:
    """What funded leads cost and are worth, so far, and what partners add of their own."""
    by_campaign = lead_counts(session, principal, Lead.campaign_id, funded=True).values()
    counts = sum((each for each, _ in by_campaign), Counts())
    purse = sum(money_by_campaign(session, principal).values(), Purse())
    purse += sum((worth for _, worth in by_campaign), Purse())
    own, granted, plans = _own_money(session, principal)
    cost = purse.claimed or purse.reserved
    won = (counts.opportunities, Opens("opportunities", {"facet": "funded"}))
    yes = (plans, Opens("measures", {"measure": str(Measure.PLANS), "facet": "part"}))
    return (
        _amount(
            ("accepted_cost", say("Cost per accepted lead")),
            (counts.accepted, Opens("leads", {"facet": "funded_accepted"})),
            cost_per(cost, counts.accepted),
        ),
        *_each(("pipeline", say("Pipeline for each 1 claimed")), won, purse.worth, purse.claimed),
        *_each(("leverage", say("Partners’ own money for each 1 granted")), yes, own, granted),
    )


def _each(named: tuple[str, str], rows: tuple[int, Opens], brought: Sums, cost: Sums) -> list[Line]:
    """Return a line for each currency of a cost, which is named where there are several."""
    key, name = named
    if len(cost) < 2:
        return [_amount(named, rows, per_unit(brought, cost))]
    return [
        _amount(
            (key, f"{name}, {each.currency}"),
            rows,
            per_unit(tuple(one for one in brought if one.currency == each.currency), (each,)),
        )
        for each in cost
    ]


def _own_money(session: Session, principal: Principal) -> tuple[Sums, Sums, int]:
    """Return what approved activities cost their partners, what was granted, and in how many plans."""
    planned = (
        select(func.sum(FundCostLine.amount_minor))
        .where(FundCostLine.activity_id == FundActivity.id)
        .scalar_subquery()
    )
    rows = session.execute(
        visible(
            select(
                FundRequest.currency,
                func.sum(func.greatest(planned - FundActivity.approved_minor, 0)),
                func.sum(FundActivity.approved_minor),
                func.count(FundRequest.id.distinct()),
            )
            .join(FundRequest, FundRequest.id == FundActivity.request_id)
            .where(FundActivity.state.in_(GRANTED))
            .group_by(FundRequest.currency),
            principal,
            FundRequest,
        )
    ).all()
    own = summed(Money(int(row[1]), row.currency) for row in rows)
    granted = summed(Money(int(row[2]), row.currency) for row in rows)
    return own, granted, sum(row[3] for row in rows)


def _amount(named: tuple[str, str], rows: tuple[int, Opens], value: Value) -> Line:
    return _line(
        *named,
        Figure("counted", say("How many"), *rows),
        Figure("part", say("Of them"), None),
        Figure("comes_to", say("Comes to"), value, rows[1]),
    )


def _line(key: str, name: str, *figures: Figure) -> Line:
    return Line(key, name, figures)
