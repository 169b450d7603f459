"""The report of leads counts in the database what a plain walk over the rows counts."""

import random
from datetime import timedelta
from statistics import median

from tcma.ids import new_id
from tcma.leads.models import LeadOffer
from tcma.leads.rules import OfferState
from tcma.money import Money
from tcma.reporting.lead_report import leads_report
from tests.domain.mdf.conftest import house  # noqa: F401 - a fixture
from tests.domain.reporting.test_mdf_report import a_lead, an_opportunity


def test_random_leads_are_counted_as_a_plain_walk_counts_them(house):  # noqa: F811
    rng = random.Random(7)
    wanted = {"leads": 24, "offered": 0, "accepted": 0, "late": 0, "opportunities": 0, "won": 0}
    minutes, worth = [], 0
    with house.db() as work:
        for number in range(1, 25):
            wait = timedelta(seconds=rng.randint(1, 900_000)) if rng.random() < 0.6 else None
            lead = a_lead(work, house, number, None, accepted=wait and work.now + wait)
            states = rng.sample([OfferState.TIMED_OUT, OfferState.DECLINED], rng.randint(0, 2))
            for epoch, state in enumerate(states):
                work.session.add(an_offer(work, lead, epoch, state))
            wanted["offered"] += bool(states)
            wanted["late"] += OfferState.TIMED_OUT in states
            if wait:
                wanted["accepted"] += 1
                minutes.append(int(wait.total_seconds()) // 60)
            if wait and rng.random() < 0.7:
                lead.state = rng.choice(["won", "opportunity"])
                amount = rng.randint(1, 10**9)
                an_opportunity(work, house, lead, amount)
                wanted["opportunities"] += 1
                wanted["won"] += lead.state == "won"
                worth += amount
    assert min(wanted.values()) > 0
    with house.db(house.mira) as work:
        report = leads_report(work.session, house.mira)
        later = leads_report(work.session, house.mira, since=work.now + timedelta(days=1))
    for line in (*report.lines, report.total):
        told = {figure.key: figure.value for figure in line.figures}
        assert {key: told[key] for key in wanted} == wanted
        assert (told["minutes"], told["worth"]) == (round(median(minutes)), (Money(worth, "GBP"),))
    assert (later.sentence, later.lines, later.total.figure("leads").value) == (
        "No lead yet.",
        (),
        0,
    )


def an_offer(work, lead, epoch, state):
    return LeadOffer(
        id=new_id(), lead_id=lead.id, epoch=epoch, vendor_id=lead.vendor_id,
        partner_id=lead.partner_id, state=state, reason="", trace={}, offered_at=work.now,
        answer_by=work.now,
    )  # fmt: skip
