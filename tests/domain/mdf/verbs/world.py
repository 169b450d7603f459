"""A vendor with a fund of some kind and the next one, its people, and a partner that may plan with it."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from tcma.ids import new_id
from tcma.library.models import Campaign
from tcma.library.rules import CampaignState
from tcma.mdf import queries
from tcma.mdf.funds import opening
from tcma.mdf.judging import versions
from tcma.money import Money
from tcma.permissions import SYSTEM, Role
from tests import builders
from tests.domain.mdf.verbs import tables as t

BORN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TOTAL, PART, NEXT = 3_000, 2_000, 500
KINDS = {
    "discretionary": {},
    "accrued": {"accrual_bps": 200},
    "pooled": {},
    "points": {"point": Decimal(1)},
    "matched": {"share_bps": t.MATCHED_SHARE * 100},
    "fixed": {"per_partner": Money(t.PER_PARTNER, "GBP")},
}
"""Each kind of fund, with what its form asks besides."""
LEVELS = """
[approval]
automatic_up_to = "0.50"
sampled = 50
[[approval.level]]
up_to = "6.00"
by = ["channel_manager", "administrator"]
[[approval.level]]
by = ["finance"]
[claim_approval]
[[claim_approval.level]]
up_to = "5.00"
[[claim_approval.level]]
by = ["finance", "administrator"]
"""
MORE = {
    r'^(deadline = "45 days after activity end"\n)(extension.most .*\n)?': (
        r'\1extension.most = "30 days"\n'
    ),
    r"^\[fund\]$": '[fund]\ncarry_over_by = ["finance"]',
}
WHEN_REPAID = {r"^(carry_over_by .*)$": r'\1\nasked_back = "when repaid"'}
SELLERS = {"alice": "owner", "bob": "partner_marketer", "sam": "seller"}
HOUSE = {"mira": "channel_manager", "nora": "channel_manager", "finn": "finance",
         "cora": "finance", "femi": "finance", "ada": "administrator",
         "vera": "vendor_marketer"}  # fmt: skip


def pounds(minor, currency="GBP"):
    """Return so many minor units as money; what is money stays what it is."""
    return minor if isinstance(minor, Money) else Money(minor, currency)


@dataclass
class Place:
    """Ids and references; `people` by name."""

    vendor: UUID
    partner: UUID
    campaign: UUID
    people: dict = field(default_factory=dict)
    fund: str = ""
    next: str = ""


def built(db, kind, *, waits):
    """The place, with rules that begin on the second day; the clock stands at the first."""
    with db() as work:
        vendor = builders.a_vendor(work, name="Quillon")
        partner = builders.a_partner(work, vendor, name="Brightwater IT")
        campaign = Campaign(id=new_id(), vendor_id=vendor, slug="check", name="Security check",
                            state=CampaignState.ACTIVE, created_at=work.now)  # fmt: skip
        work.session.add(campaign)
        place = Place(vendor, partner, campaign.id, {"system": SYSTEM})
        for name, role in {**SELLERS, **HOUSE}.items():
            of = {"partner_id": partner} if name in SELLERS else {"vendor_id": vendor}
            place.people[name] = builders.a_user(work, Role(role), name=name.title(), **of)
        place.people["charlie"] = builders.charlie(work, vendor)
        place.people["stranger"] = builders.finn(work, builders.a_vendor(work, name="Larkspur"))
    with db(place.people["finn"]) as work:
        place.next = opening.create_fund(work, fund_plan("Next", NEXT)).ref
        budget = opening.create_fund(work, fund_plan("Fund", TOTAL, kind=kind, **KINDS[kind]))
        place.fund = budget.ref
        if kind == "pooled":
            opening.let_in(work, budget, [partner])
        else:
            opening.allocate(work, budget, partner, pounds(PART))
        rules(work, place, MORE | (WHEN_REPAID if waits else {}), LEVELS)
    return place


def fund_plan(name, total, **more):
    return opening.FundPlan(
        name=name, total=pounds(total), starts_on=t.FIRST, ends_on=t.LAST, **more
    )


def rules(work, place, parts, more=""):
    """Publish the fund's rules with parts of their text replaced, from tomorrow on."""
    programme = versions.programme_by_ref(work.session, work.principal, place.fund)
    text = versions.versions_of(work.session, programme)[0].source
    for part, becomes in parts.items():
        text = re.sub(part, becomes, text, count=1, flags=re.MULTILINE)
    tomorrow = work.now.date() + timedelta(1)
    versions.publish(work, programme, text + more, tomorrow)


def part_of(work, place):
    """Return the partner's part, as whoever acts may see it."""
    if work.principal.partner_id:
        return queries.allocation_by_fund(work.session, work.principal, place.fund)
    return queries.part_by_partner(work.session, work.principal, place.fund, "brightwater-it")
