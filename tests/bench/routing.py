"""Leads to partners: one pool, one vendor, router processes that want the same leads."""

import subprocess
import sys
import time

from sqlalchemy import text

from tcma.partners.actions import change_enrolment
from tests.bench.figures import Figure
from tests.bench.ground import raw_connection, settled
from tests.bench.limits import at_least
from tests.builders import a_campaign, a_partner, a_vendor, acting, mira, waiting_leads
from tests.services import ROOT

PARTNERS = 7
UNEVEN = (5, 3, 2)
"""Weights of another vendor's partners."""
NEAR = 2
WARM = 5
"""Leads of a process's first two batches, before the clock: its statements are known then."""
ROUTER = """
import gc, sys
from uuid import UUID
from tcma.config import read_settings
from tcma.leads import offers
from tcma.permissions import SYSTEM
from tcma.wiring import installation
import os
with installation(read_settings(os.environ)) as services:
    for _ in range(2):
        with services.transaction(SYSTEM) as work:
            offers.route_waiting(work, UUID(sys.argv[1]), most=int(sys.argv[2]))
    gc.freeze()  # as workers.main does
    print("ready", flush=True)
    sys.stdin.readline()
    done = 1
    while done:
        with services.transaction(SYSTEM) as work:
            done = offers.route_waiting(work, UUID(sys.argv[1]))
    print("none waits", flush=True)
"""


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
    processes = [_process(ground, db, vendor_id) for _ in range(ground.size.routers)]
    for each in processes:
        assert each.stdout.readline() == "ready\n"
    begun = time.perf_counter()
    for each in processes:
        each.stdin.write("go\n")
        each.stdin.flush()
    for each in processes:
        assert each.stdout.readline() == "none waits\n"
    took = time.perf_counter() - begun
    for each in processes:
        each.communicate(timeout=300)
        assert each.returncode == 0
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


def _process(ground, db, vendor_id):
    return subprocess.Popen(
        [sys.executable, "-c", ROUTER, str(vendor_id), str(WARM)],
        cwd=ROOT,
        env=ground.environment(db, "routing", PATH="/usr/bin", PYTHONPATH=str(ROOT)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
