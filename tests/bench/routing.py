"""Leads to partners: one pool, one vendor, router processes that want the same leads."""

import gc
import multiprocessing
import time

from sqlalchemy import text

from tcma.config import read_settings
from tcma.leads import offers
from tcma.partners.actions import change_enrolment
from tcma.permissions import SYSTEM
from tcma.wiring import installation
from tests.bench.figures import Figure
from tests.bench.ground import raw_connection, settled
from tests.bench.limits import at_least
from tests.builders import a_campaign, a_partner, a_vendor, acting, mira, waiting_leads

PARTNERS = 7
UNEVEN = (5, 3, 2)
"""Weights of another vendor's partners."""
NEAR = 2
MOST_S = 300
WARM = 5
"""Leads of a process's first two batches, before the clock: its statements are known then."""


def measure(ground):
    """Assignments a second until no lead waits; every partner near its share."""
    count = ground.size.leads
    with ground.installation("routing") as db:
        even, uneven = _pool(db, (1,) * PARTNERS), _pool(db, UNEVEN)
        rates = [_routed(ground, db, even, count) for _ in range(ground.size.rounds)]
        _routed(ground, db, uneven, count)
    yield Figure(
        name=f"routing.rate: leads offered through one pool of {PARTNERS}"
        f" by {ground.size.routers} processes at work, trace kept",
        value=sorted(rates)[len(rates) // 2],
        unit="assignments/s",
        peer=None,
        reason="no peer does this",
        bound=at_least(1_500, "assignments/s, shares within 2"),
    )


def _pool(db, weights):
    """A vendor whose partners take leads by weight: (its id, a campaign's, the weight of each partner)."""
    with db() as work:
        vendor_id = a_vendor(work, name=f"Vendor {sum(weights)}")
        campaign = a_campaign(work, vendor_id)
        by_partner = {}
        for weight in weights:
            one = a_partner(work, vendor_id, territories=("GB",))
            change_enrolment(acting(work, mira(work, vendor_id)), partner_id=one, weight=weight)
            by_partner[one] = weight
        return vendor_id, campaign.campaign_id, by_partner


def _routed(ground, db, pool, count):
    """Assignments a second; fails unless each partner is within two leads of its exact share."""
    vendor_id, campaign_id, weights = pool
    with raw_connection(db) as raw:
        raw.execute("truncate lead, routing_member cascade")
    with db() as work:
        first = 2 * WARM * ground.size.routers
        waiting_leads(work, vendor_id, campaign_id, first + count)
    settled(db)
    context = multiprocessing.get_context("forkserver")  # what is imported once serves all
    context.set_forkserver_preload([__name__])
    gate = context.Barrier(ground.size.routers + 1)
    given = ground.environment(db, "routing"), vendor_id, gate
    running = [context.Process(target=_all_routed, args=given) for _ in range(ground.size.routers)]
    for each in running:
        each.start()
    gate.wait(MOST_S)
    begun = time.perf_counter()
    gate.wait(MOST_S)
    took = time.perf_counter() - begun
    for each in running:
        each.join(MOST_S)
        assert each.exitcode == 0
    with db() as work:
        got = dict(
            work.session.execute(
                text(
                    "select partner_id, count(*) from lead_offer where state = 'offered' group by 1"
                )
            ).all()
        )
    assert sum(got.values()) == first + count
    for one, weight in weights.items():
        exact = (first + count) * weight / sum(weights.values())
        assert abs(got.get(one, 0) - exact) <= NEAR, (weight, exact, got)
    if len({*weights.values()}) == 1:
        assert max(got.values()) - min(got.values()) <= 1, got
    return count / took


def _all_routed(environment, vendor_id, gate):
    """Offer the leads of two small batches, then, past the gate, of all that wait."""
    with installation(read_settings(environment)) as services:
        for _ in range(2):
            with services.transaction(SYSTEM) as work:
                offers.route_waiting(work, vendor_id, most=WARM)
        gc.freeze()  # as workers.main does
        gate.wait()
        done = 1
        while done:
            with services.transaction(SYSTEM) as work:
                done = offers.route_waiting(work, vendor_id)
        gate.wait()
