"""What a partner's plans and claims come to by each way of settling: set aside, in claim, settled."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import case, func, select, union_all
from sqlalchemy.orm import Session

from tcma.db.scope import Asker, asker_of, visible
from tcma.mdf.models.disputes import OPEN, ClaimDispute
from tcma.mdf.models.funding import Claim, FundActivity, FundRequest
from tcma.mdf.rules import FILED_CLAIM, TAKING_CLAIM, ActivityState, ClaimState
from tcma.mdf.ways import Way
from tcma.money import Money
from tcma.permissions import Principal

SUMS = ("reserved", "in_claim", "settled")
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
    asker, who = asker_of(principal)
    found = [
        WaySums(Way(way), *(Money(int(minor), currency) for minor in minors))
        for way, currency, *minors in session.execute(_rows(asker), who)
    ]
    return sorted(found, key=_place)


@cache
def _rows(asker: Asker) -> Any:
    """The question, put together once: that took longer than its answer."""
    parts = union_all(_planned(asker), _claimed(asker), _beyond(asker)).subquery()
    sums = [func.sum(parts.c[name]) for name in SUMS]
    return select(parts.c.way, parts.c.currency, *sums).group_by(parts.c.way, parts.c.currency)


def _planned(asker: Asker) -> Any:
    rows = _summed(FundRequest.currency, reserved=FundActivity.approved_minor)
    rows = rows.join(FundRequest, FundRequest.id == FundActivity.request_id)
    rows = rows.where(FundActivity.state == ActivityState.APPROVED)
    return _of(rows, asker, FundRequest.currency)


def _claimed(asker: Asker) -> Any:
    is_open = FundActivity.state == ActivityState.APPROVED
    asked = func.coalesce(Claim.approved_minor, Claim.amount_minor)
    back = func.coalesce(Claim.trace["clawed_back_minor"].as_integer(), 0)
    rows = _summed(
        Claim.currency,
        reserved=case((Claim.state.in_(TAKING_CLAIM) & is_open, -asked)),
        in_claim=case((Claim.state.in_((*FILED_CLAIM, *DECIDED)), asked)),
        settled=case(
            (Claim.state == ClaimState.PAID, asked),
            (Claim.state == ClaimState.REVERSED, asked - back),
        ),
    ).join(Claim, Claim.activity_id == FundActivity.id)
    return _of(rows, asker, Claim.currency)


def _beyond(asker: Asker) -> Any:
    # What a dispute sets aside from beyond the plan; upheld, its claim uses none of the plan's.
    rows = (
        _summed(Claim.currency, reserved=ClaimDispute.held_minor)
        .join(Claim, Claim.activity_id == FundActivity.id)
        .join(ClaimDispute, ClaimDispute.claim_id == Claim.id)
        .where(
            (ClaimDispute.state == OPEN)
            | ClaimDispute.supplement_id.is_not(None)
            & (FundActivity.state == ActivityState.APPROVED)
        )
    )
    return _of(rows, asker, Claim.currency)


def _summed(currency: Any, **amounts: Any) -> Any:
    sums = [func.coalesce(func.sum(amounts.get(name, 0)), 0).label(name) for name in SUMS]
    return select(FundActivity.way, currency.label("currency"), *sums).select_from(FundActivity)


def _of(rows: Any, asker: Asker, currency: Any) -> Any:
    return visible(rows, asker, FundActivity).group_by(FundActivity.way, currency)


def _place(sums: WaySums) -> tuple[int, str]:
    return list(Way).index(sums.way), sums.reserved.currency


def shown(sums: Iterable[WaySums], offered: Iterable[tuple[Way, str]]) -> list[WaySums]:
    """Return one line for each way in each currency, used or offered; none where there is but one way."""
    known = {(each.way, each.reserved.currency): each for each in sums}
    for way, currency in offered:
        zero = Money.zero(currency)
        known.setdefault((way, currency), WaySums(way, zero, zero, zero))
    if len({way for way, _ in known}) < 2:
        return []
    return sorted(known.values(), key=_place)
