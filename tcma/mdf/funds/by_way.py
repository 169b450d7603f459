"""What a partner's plans and claims come to by each way of settling: set aside, in claim, settled."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from tcma.db.scope import visible
from tcma.mdf.models.disputes import ClaimDispute
from tcma.mdf.models.funding import Claim, FundActivity, FundRequest
from tcma.mdf.rules import FILED_CLAIM, TAKING_CLAIM, ActivityState, ClaimState
from tcma.mdf.ways import Way
from tcma.money import Money
from tcma.permissions import Principal

DECIDED = (ClaimState.APPROVED, ClaimState.PAYMENT_PENDING)


@dataclass(frozen=True, slots=True)
class WaySums:
    """One way in one currency: `reserved` for plans, `in_claim` filed or approved, `settled` given or paid."""

    way: Way
    reserved: Money
    in_claim: Money
    settled: Money


def by_way(session: Session, principal: Principal) -> list[WaySums]:
    """Return the sums of what this principal sees, in the order of the ways; two currencies are two."""
    found: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for rows in (_planned(principal), _claimed(principal), _beyond(principal)):
        for row in session.execute(rows).mappings():
            sums = found[row["way"], row["currency"]]
            for name, minor in row.items():
                if name not in ("way", "currency"):
                    sums[name] += int(minor or 0)
    return [
        WaySums(
            way=way,
            reserved=Money(sums["granted"] - sums["taken"], currency),
            in_claim=Money(sums["in_claim"], currency),
            settled=Money(sums["settled"], currency),
        )
        for way in Way
        for (name, currency), sums in sorted(found.items())
        if name == way
    ]


def _planned(principal: Principal) -> Any:
    granted = func.sum(FundActivity.approved_minor).label("granted")
    rows = select(FundActivity.way, FundRequest.currency, granted)
    rows = rows.join(FundRequest, FundRequest.id == FundActivity.request_id)
    rows = rows.where(FundActivity.state == ActivityState.APPROVED)
    return _of(rows, principal, FundRequest.currency)


def _claimed(principal: Principal) -> Any:
    is_open = FundActivity.state == ActivityState.APPROVED
    asked = func.coalesce(Claim.approved_minor, Claim.amount_minor)
    back = func.coalesce(Claim.trace["clawed_back_minor"].as_integer(), 0)
    rows = select(
        FundActivity.way,
        Claim.currency,
        _when(asked, Claim.state.in_(TAKING_CLAIM), is_open).label("taken"),
        _when(asked, Claim.state.in_((*FILED_CLAIM, *DECIDED))).label("in_claim"),
        func.sum(
            case(
                (Claim.state == ClaimState.PAID, asked),
                (Claim.state == ClaimState.REVERSED, asked - back),
                else_=0,
            )
        ).label("settled"),
    ).join(FundActivity, FundActivity.id == Claim.activity_id)
    return _of(rows, principal, Claim.currency)


def _beyond(principal: Principal) -> Any:
    # What an upheld dispute brought from beyond the plan uses none of it.
    held = func.sum(ClaimDispute.held_minor).label("granted")
    rows = (
        select(FundActivity.way, Claim.currency, held)
        .join(Claim, Claim.activity_id == FundActivity.id)
        .join(ClaimDispute, ClaimDispute.claim_id == Claim.id)
        .where(ClaimDispute.supplement_id.is_not(None))
        .where(FundActivity.state == ActivityState.APPROVED)
    )
    return _of(rows, principal, Claim.currency)


def _of(rows: Any, principal: Principal, currency: Any) -> Any:
    return visible(rows, principal, FundActivity).group_by(FundActivity.way, currency)


def _when(amount: Any, *conditions: Any) -> Any:
    return func.sum(amount).filter(*conditions)


def shown(sums: Iterable[WaySums], offered: Iterable[tuple[Way, str]]) -> list[WaySums]:
    """Return one line for each way in each currency, used or offered; none where there is but one way."""
    known = {(each.way, each.reserved.currency): each for each in sums}
    for way, currency in offered:
        zero = Money.zero(currency)
        known.setdefault((way, currency), WaySums(way, zero, zero, zero))
    if len({way for way, _ in known}) < 2:
        return []
    order = list(Way)
    return [known[key] for key in sorted(known, key=lambda key: (order.index(key[0]), key[1]))]
