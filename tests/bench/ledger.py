"""The fund ledger: durable transfers a second by many processes, and how long a balance takes."""

import multiprocessing
import statistics
import sys
import time
from datetime import date
from functools import partial
from uuid import UUID

from sqlalchemy import select, text

from tcma.ids import new_id
from tcma.mdf.funds import opening, views
from tcma.mdf.ledger import accounts, booking
from tcma.mdf.models.funding import FundAllocation
from tcma.mdf.queries import balance
from tcma.mdf.rules import AccountKind, TransferKind
from tcma.money import Money
from tests.bench import books
from tests.bench.figures import Figure, in_turn
from tests.bench.ground import settled
from tests.bench.limits import at_least, at_most
from tests.builders import a_campaign, a_partner, a_vendor, alice, finn
from tests.faults.posting import in_real_time
from tests.services import World, engine_of

FUNDS_OF_PARTNER = 5
ENDS = text(
    "SELECT s.chain_id, s.id, u.id FROM ledger_account s"
    " JOIN ledger_account u ON u.chain_id = s.chain_id AND u.kind = 'unallocated'"
    " WHERE s.kind = 'source' ORDER BY s.id"
)


def measure(ground):
    """Bookings of the product, one transaction each; then its balances beside many transfers."""
    size = ground.size
    with ground.installation("ledger") as db:
        house = _Funds(db, size)
        with db() as work:
            ends = [tuple(row) for row in work.session.execute(ENDS)]
            work.session.execute(text("CREATE TABLE bare (id uuid PRIMARY KEY, amount bigint)"))
        settled(db)
        found = in_turn(
            size.rounds,
            ours=lambda: _together(db.url, ends, size, _book),
            bare=lambda: _together(db.url, ends, size, _insert),
        )
        named = f"{size.bookers} processes, {size.funds} funds, each committed and flushed"
        yield Figure(
            name=f"ledger.transfers, {named}",
            value=found["ours"], unit="transfers/s",
            peer="one INSERT and COMMIT each into a bare table", peer_value=found["bare"],
            bound=at_least(1_000),
        )  # fmt: skip
        begun = time.perf_counter()
        books.fill(db, size.transfers, campaign_id=house.campaign_id, decided_by=house.finn.user_id)
        took = time.perf_counter() - begun
        print(f"loaded {size.transfers:,} valid transfers by COPY in {took:.0f} s", file=sys.stderr)
        yield from _balances(db, house, size)
        begun = time.perf_counter()
        with db() as work:
            assert booking.verify(work.session) == []
        yield Figure(
            name=f"ledger.verify, all of {size.transfers:,} transfers",
            value=time.perf_counter() - begun, unit="s", peer=None, reason="no peer does this", bound=at_most(6 * 3_600, "s, a night"),
        )  # fmt: skip


class _Funds:
    """A vendor, its funds and the partners who have parts in them, all made by verbs."""

    def __init__(self, db, size):
        with db() as work:
            vendor_id = a_vendor(work)
            self.finn = finn(work, vendor_id)
            self.campaign_id = a_campaign(work, vendor_id).campaign_id
        parts = size.funds * size.parts
        count = max(size.parts, parts // FUNDS_OF_PARTNER)
        with db() as work:
            partners = [a_partner(work, vendor_id, profile=False) for _ in range(count)]
            self.owner = alice(work, partners[0])
        self.refs = []
        for number in range(size.funds):
            with db(self.finn) as work:
                plan = opening.FundPlan(
                    name=f"Fund {number}", total=Money(10**11, "GBP"),
                    starts_on=date(2026, 1, 1), ends_on=date(2030, 12, 31),
                )  # fmt: skip
                fund = opening.create_fund(work, plan)
                for n in range(number * size.parts, (number + 1) * size.parts):
                    part = opening.allocate(work, fund, partners[n % count], Money(10**7, "GBP"))
                    accounts.pot(work, part, AccountKind.PAID)
                self.refs.append(fund.ref)


def _balances(db, house, size):
    beside = f"beside {size.transfers:,} transfers"
    with db(house.owner) as work:
        mine = select(FundAllocation.id).where(FundAllocation.partner_id == house.owner.partner_id)
        part_id = work.session.scalars(mine.limit(1)).one()

    def of_wallet(work):
        return views.wallet(work.session, house.owner, now=work.now)

    def of_part(work):
        return balance(work.session, AccountKind.FUND, currency="GBP", allocation_id=part_id)

    def of_fund(work):
        return views.fund_summary(work.session, house.finn, house.refs[0], now=work.now)

    for words, who, ask in (
        ("of a partner's wallet", house.owner, of_wallet),
        ("of a part, as verbs ask it", house.owner, of_part),
        ("of a whole fund, as the desk shows it", house.finn, of_fund),
    ):
        yield Figure(
            name=f"ledger.balance {words}, {beside}",
            value=_median_ms(db, who, ask, max(size.repeats // 20, 3)), unit="ms",
            peer=None, reason="no peer does this", bound=at_most(5, "ms"),
        )  # fmt: skip


def _median_ms(db, who, ask, repeats):
    took = []
    for _ in range(repeats):
        with db(who) as work:
            begun = time.perf_counter()
            assert ask(work)
            took.append((time.perf_counter() - begun) * 1000)
    return statistics.median(took)


def _together(url, ends, size, act):
    """Transfers a second of all processes; each works through the funds from its own place on."""
    context = multiprocessing.get_context("forkserver")  # what is imported once serves all
    context.set_forkserver_preload([__name__])
    gate, counts = context.Barrier(size.bookers + 1), context.Queue()
    workers = [
        context.Process(
            target=_run, args=(url, ends, n / size.bookers, size.seconds, act, gate, counts)
        )
        for n in range(size.bookers)
    ]
    for worker in workers:
        worker.start()
    gate.wait()
    rates = [counts.get() for _ in workers]
    for worker in workers:
        worker.join()
    return sum(rates)


def _run(url, ends, place, seconds, act, gate, counts):
    with engine_of(url) as engine:
        db = in_real_time(World(url=url, engine=engine, clock=None, site=None, files=None))
        step = partial(act, db)
        step(ends[int(place * len(ends))])
        gate.wait()
        done, begun = 0, time.perf_counter()
        while (now := time.perf_counter()) - begun < seconds:
            step(ends[(int(place * len(ends)) + done) % len(ends)])
            done += 1
        counts.put(done / (now - begun))


def _book(db, ends):
    chain_id, debit_id, credit_id = ends
    with db() as work:
        booking.book(
            work,
            booking.Booking(
                chain_id=UUID(str(chain_id)), kind=TransferKind.FUND,
                debit_id=debit_id, credit_id=credit_id, amount=Money(1, "GBP"),
                subject="fund", subject_id=new_id(),
            ),
        )  # fmt: skip


def _insert(db, ends):
    assert ends
    with db.engine.begin() as connection:
        connection.execute(text("INSERT INTO bare (id, amount) VALUES (:id, 1)"), {"id": new_id()})
