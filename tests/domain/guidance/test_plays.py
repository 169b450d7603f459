"""What is suggested next: a table of partners, and which plays each is shown for which reason."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from tcma.guidance.plays import Facts, FundPart, NearStep, Offered, OwnLead, next_plays
from tcma.money import Money

TODAY = date(2026, 11, 23)
VENDOR, OTHER = UUID(int=1), UUID(int=2)


def ago(days):
    return TODAY - timedelta(days=days)


def ahead(days):
    return TODAY + timedelta(days=days)


def campaign(slug, **more):
    facts = {
        "vendor_slug": "larkspur",
        "vendor_id": VENDOR,
        "name": slug.capitalize(),
        "minutes": 5,
        "published_on": ago(30),
        "ends_on": None,
        "last_launch": None,
    }
    return Offered(slug=slug, **facts | more)


def fund(amount=1_800, days=38, vendor_id=VENDOR, ref="FND-1"):
    pounds = Money(amount * 100, "GBP")
    last = ahead(days)
    return FundPart(
        ref=ref, name="Growth", vendor_id=vendor_id, available=pounds, usable_until=last
    )


def lead(days, ref="LEAD-1"):
    return OwnLead(ref=ref, company="Hartwell Dental", accepted_on=ago(days))


def step(days):
    return NearStep(
        ref="LCH-1", key="call", title="Ring the first ten", campaign="Run", due_on=ahead(days),
        minutes=45, no=5, of=9,
    )  # fmt: skip


BUSY = {"launches": 2, "last_launch": ago(12)}
QUIET = {"launches": 2, "last_launch": ago(74)}
STEADY = {"launches": 4, "last_launch": ago(74)}
NEW, OLD = campaign("new", published_on=ago(1)), campaign("old", published_on=ago(90))
RUN = campaign("run", last_launch=ago(74), own_leads=7)
LIKED = campaign("liked", published_on=ago(200), peers=7, peer_leads=4)


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        # nothing to say
        ({}, []),
        (BUSY, []),
        ({**BUSY, "campaigns": [RUN]}, []),
        # campaigns: the first, the next, a quiet time, and what worked before
        ({"campaigns": [OLD, NEW]}, [("first", "new")]),
        ({"campaigns": [OLD, NEW], "begun": 1}, [("next", "new")]),
        ({**BUSY, "campaigns": [OLD, NEW, RUN]}, [("next", "new")]),
        ({**QUIET, "campaigns": [OLD, NEW]}, [("quiet", "new")]),
        ({**QUIET, "campaigns": [NEW, RUN]}, [("quiet", "new"), ("again", "run")]),
        ({**QUIET, "campaigns": [RUN]}, [("again", "run")]),
        ({**QUIET, "campaigns": [NEW, RUN], "begun": 1}, [("next", "new")]),
        ({**QUIET, "last_launch": ago(59), "campaigns": [NEW]}, [("next", "new")]),
        ({**QUIET, "last_launch": ago(60), "campaigns": [NEW]}, [("quiet", "new")]),
        # partners of the same tier: the liked one goes before the new one
        ({**BUSY, "campaigns": [NEW, LIKED]}, [("peers", "liked")]),
        ({"campaigns": [NEW, LIKED]}, [("first", "liked")]),
        ({**STEADY, "campaigns": [RUN, LIKED]}, [("quiet", "liked"), ("again", "run")]),
        ({**BUSY, "campaigns": [campaign("few", peers=3)]}, [("next", "few")]),
        # what ends
        ({**BUSY, "campaigns": [NEW, campaign("x", ends_on=ahead(9))]}, [("ending", "x")]),
        ({**BUSY, "campaigns": [campaign("x", ends_on=ahead(31))]}, [("next", "x")]),
        ({**BUSY, "campaigns": [campaign("x", ends_on=ahead(9), last_launch=ago(3))]}, []),
        # money that ends, for a campaign of the vendor whose money it is
        ({**BUSY, "funds": [fund()]}, [("fund", None)]),
        ({**BUSY, "funds": [fund()], "campaigns": [NEW]}, [("fund", "new")]),
        ({**BUSY, "funds": [fund(vendor_id=OTHER)], "campaigns": [NEW]},
         [("fund", None), ("next", "new")]),
        ({**BUSY, "funds": [fund(days=61)]}, []),
        ({**BUSY, "funds": [fund(days=-1)]}, []),
        ({**BUSY, "funds": [fund(amount=0)]}, []),
        ({**BUSY, "funds": [fund()], "may_plan": False}, []),
        # leads that were accepted and never called
        ({**BUSY, "uncalled": [lead(2)]}, []),
        ({**BUSY, "uncalled": [lead(3)]}, [("call", None)]),
        ({"uncalled": [lead(9)], "may_launch": False, "may_plan": False}, [("call", None)]),
        # steps of playbooks: the next one is named, what is due already stands above
        ({**BUSY, "steps": [step(2)]}, [("step", None)]),
        ({**BUSY, "steps": [step(0)]}, []),
        ({**BUSY, "steps": [step(2)], "campaigns": [NEW]}, [("step", None), ("next", "new")]),
        ({"uncalled": [lead(9)], "steps": [step(1)], "may_launch": False, "may_plan": False},
         [("call", None), ("step", None)]),
        # and while one is late, nothing new is offered but what would be lost by waiting
        ({**BUSY, "steps": [step(-1)], "campaigns": [NEW]}, []),
        ({**BUSY, "steps": [step(-1)], "campaigns": [LIKED]}, []),
        ({**BUSY, "steps": [step(-8)], "campaigns": [NEW]}, [("next", "new")]),
        ({**QUIET, "steps": [step(-1)], "campaigns": [NEW, RUN]}, []),
        ({**BUSY, "steps": [step(-1)], "campaigns": [campaign("x", ends_on=ahead(9))]},
         [("ending", "x")]),
        # who has more than three gets what loses most by waiting
        ({**QUIET, "uncalled": [lead(4)], "funds": [fund(days=8)],
          "campaigns": [NEW, RUN, campaign("x", ends_on=ahead(9))]},
         [("call", None), ("fund", "new"), ("ending", "x")]),
    ],
)  # fmt: skip
def test_a_partner_is_shown(facts, shown):
    plays = next_plays(Facts(today=TODAY, **facts))
    assert [(p.kind, p.campaign.slug if p.campaign else None) for p in plays] == shown


def test_the_oldest_of_several_cold_leads_stands_for_all():
    cold = [lead(4, "LEAD-2"), lead(9, "LEAD-1"), lead(1, "LEAD-3")]
    (play,) = next_plays(Facts(today=TODAY, uncalled=cold))
    assert (play.lead.ref, play.days, play.number) == ("LEAD-1", 9, 2)


def test_the_fund_that_ends_first_is_named():
    later, sooner = fund(days=40, ref="FND-1"), fund(days=20, ref="FND-2")
    (play,) = next_plays(Facts(today=TODAY, funds=[later, sooner]))
    assert (play.fund.ref, play.days) == ("FND-2", 20)
