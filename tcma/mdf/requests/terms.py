"""What a fund's rules offer a plan: the kinds of activities with share, limit and proofs."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from tcma.mdf.case_files.asked import Asked, proofs_asked
from tcma.mdf.judging.deciding import rules_today
from tcma.mdf.judging.headlines import share_bps
from tcma.mdf.kind_words import kind_name, kinds_of
from tcma.mdf.models.funding import FundBudget
from tcma.mdf.programme.conditions import slug
from tcma.mdf.programme.document import MATCHED, Programme
from tcma.mdf.programme.questions import CostKinds, cost_kinds, of_plan
from tcma.mdf.queries import allocation_by_fund
from tcma.mdf.ways import Way, offered
from tcma.money import Money
from tcma.partners.models import Enrolment
from tcma.permissions import Principal


@dataclass(frozen=True, slots=True)
class KindTerms:
    """One kind of activity: the vendor's share in basis points, its limits, what it must show.

    `most` is the most one such activity is paid, `fixed` its flat sum, `caps` are the limits that
    name it: (name, sum). `costs` are the kinds of costs the rules name, `facts` what a plan states, `ways`
    how its claims may be settled, the usual one first.
    """

    kind: str
    name: str
    share_bps: int
    most: Money | None
    fixed: Money | None
    caps: tuple[tuple[str, Money], ...]
    proofs: tuple[Asked, ...]
    costs: CostKinds
    facts: tuple[str, ...]
    ways: tuple[Way, ...] = (Way.CASH,)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a fund's rules offer today; `invoice` and `own_share` say what every claim needs besides."""

    kinds: tuple[KindTerms, ...]
    invoice: bool
    own_share: bool

    def of(self, kind: str) -> KindTerms:
        """Return the terms of a kind, the first one's where it is not offered."""
        return next((each for each in self.kinds if each.kind == kind), self.kinds[0])

    def offers(self, kind: str) -> bool:
        """Say whether a plan may choose this kind."""
        return any(each.kind == kind for each in self.kinds)


def terms_of(session: Session, principal: Principal, fund_ref: str, *, now: datetime) -> Terms:
    """Return what the rules in force offer this partner's plans; NotFound for another's fund."""
    part = allocation_by_fund(session, principal, fund_ref)
    rules = rules_today(session, session.get_one(FundBudget, part.budget_id), now)
    tier = session.get_one(Enrolment, (part.vendor_id, part.partner_id)).tier
    return Terms(
        kinds=tuple(_kind(rules, tier, part.currency, kind) for kind in kinds_of(rules)),
        invoice=rules.invoice.needed,
        own_share=rules.kind == MATCHED,
    )


def _kind(rules: Programme, tier: str, currency: str, kind: str) -> KindTerms:
    def money(amount: Decimal | None) -> Money | None:
        return None if amount is None else Money.parse(f"{amount:f}", currency)

    own = rules.activity(kind)
    caps = []
    for cap in rules.caps:
        top = money(cap.amount)
        if top and kind in {slug(each) for each in cap.activities}:
            caps.append((cap.name, top))
    return KindTerms(
        kind=kind,
        name=kind_name(rules, kind),
        share_bps=share_bps(rules, tier, kind),
        most=money(own.maximum) if own else None,
        fixed=money(own.fixed) if own else None,
        caps=tuple(caps),
        proofs=proofs_asked(rules, kind),
        costs=cost_kinds(rules, kind),
        facts=of_plan(rules, kind),
        ways=offered(rules, kind),
    )
