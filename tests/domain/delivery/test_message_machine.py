"""Workers that claim, send, die and wake in any order: nobody gets two, everybody is accounted for.

The wire is a plain counter; the model is the rule itself. Invariants I1, I2, I4 and I5 of the
design's section a.2.
"""

import itertools
from collections import Counter
from datetime import timedelta

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from tcma.delivery import actions, claims, recovery
from tcma.delivery.queries import equation
from tcma.delivery.rules import MailingState, MessageState
from tcma.delivery.second_try import Again, send_again
from tcma.errors import Conflict
from tcma.ports import Result, SendResult
from tests.faults.posting import a_mailing

PEOPLE, WORKERS = 12, 2
_names = itertools.count()

workers = st.integers(0, WORKERS - 1)
answers = st.sampled_from([Result.SENT, Result.SENT, Result.REFUSED, Result.LATER, Result.UNSENT])
hurried = st.tuples(st.just("hurry"), workers, st.integers(1, 4))
steps = st.one_of(
    hurried,
    hurried,
    st.tuples(st.just("claim"), workers, st.integers(1, 6)),
    st.tuples(st.just("intend"), workers, st.integers(1, 4)),
    st.tuples(st.just("send"), workers, answers),
    st.tuples(st.just("lose the answer"), workers, st.booleans()),
    st.tuples(st.just("acknowledge"), workers, st.none()),
    st.tuples(st.just("die"), workers, st.booleans()),
    st.tuples(st.just("sleep"), st.none(), st.integers(30, 2_000)),
    st.tuples(st.just("pause"), st.none(), st.none()),
    st.tuples(st.just("resume"), st.none(), st.none()),
    st.tuples(st.just("resume"), st.none(), st.none()),
    st.tuples(st.just("send again"), st.none(), st.sampled_from(Again)),
    st.tuples(st.just("stop one"), st.none(), st.integers(0, PEOPLE - 1)),
)


class Hands:
    """One worker: its number, what it holds, what it wrote in its journal."""

    def __init__(self, number):
        self.number = number
        self.counter = itertools.count(1)
        self.leased, self.intended, self.answered = [], [], []
        self.begun, self.taken = set(), set()


class World:
    def __init__(self, db):
        self.db = db
        self.domain = f"d{next(_names)}.example"
        with db() as work:
            self.mailing = a_mailing(work, PEOPLE, domain=self.domain)
        self.hands = [self.fresh() for _ in range(WORKERS)]
        self.wire, self.ends, self.stopped, self.resent = Counter(), {}, set(), set()

    def fresh(self):
        with self.db() as work:
            name = f"j{next(_names)}"
            return Hands(claims.register_worker(work, host="h", pid=1, journal=name))

    def do(self, name, who, what):
        hands = self.hands[who] if who is not None else None
        getattr(self, name.replace(" ", "_"))(hands, what)

    def hurry(self, hands, most):
        """Claim and intend in one: most of what a worker does."""
        lease = hands.number << 32 | next(hands.counter)
        with self.db() as work:
            taken = claims.take(work, self.mailing, lease=lease, most=most)
        for each in taken:
            assert each.skipped == (each.address in self.stopped), "mailed after the stop"
            hands.intended += [] if each.skipped else [(each, lease)]

    def claim(self, hands, most):
        lease = hands.number << 32 | next(hands.counter)
        with self.db() as work:
            claimed = claims.claim(work, self.mailing, lease=lease, most=most)
        hands.leased += [(each, lease) for each in claimed]

    def intend(self, hands, most):
        part, hands.leased = hands.leased[:most], hands.leased[most:]
        for lease, group in itertools.groupby(part, key=lambda pair: pair[1]):
            by_id = {each.id: each for each, _ in group}
            with self.db() as work:
                allowed = claims.intend(work, list(by_id), lease=lease)
                claims.release(work, list(by_id), lease=lease)
            for number in allowed:
                assert by_id[number].address not in self.stopped, "mailed after the stop"
                hands.intended.append((by_id[number], lease))

    def send(self, hands, result):
        if not hands.intended:
            return
        each, lease = hands.intended.pop(0)
        with self.db() as work:  # a line asserts its lease before the dot when it may have slept
            if each.id not in claims.still_sending(work, [each.id], lease=lease):
                return
        if result is Result.SENT:
            hands.begun.add(each.id)
            hands.taken.add(each.id)
            self.wire[each.id] += 1
        code = {Result.REFUSED: 554, Result.LATER: 451}.get(result, 0)
        hands.answered.append((each, lease, SendResult(each.id, result, code)))

    def lose_the_answer(self, hands, arrived):
        if not hands.intended:
            return
        each, lease = hands.intended.pop(0)
        with self.db() as work:
            if each.id not in claims.still_sending(work, [each.id], lease=lease):
                return
        hands.begun.add(each.id)
        self.wire[each.id] += arrived
        hands.answered.append((each, lease, SendResult(each.id, Result.UNCERTAIN)))

    def acknowledge(self, hands, _):
        for each, lease, answer in hands.answered:
            with self.db() as work:
                claims.acknowledge(work, [answer], {each.id: each.later}, lease=lease)
        hands.answered = []

    def die(self, hands, in_the_middle):
        if in_the_middle and hands.intended:
            each, lease = hands.intended[0]
            with self.db() as work:
                held = claims.still_sending(work, [each.id], lease=lease)
            if held:  # the dot left, no answer was written
                hands.begun.add(each.id)
                self.wire[each.id] += 1
        told = recovery.Told(prepared=set(), begun=hands.begun, answered=hands.taken)
        with self.db() as work:
            recovery.replay(work, hands.number, told)
        self.hands[self.hands.index(hands)] = self.fresh()

    def sleep(self, _, seconds):
        self.db.clock.move(timedelta(seconds=seconds))
        with self.db() as work:
            recovery.release_expired(work)
            recovery.doubt_lost(work)
            recovery.cancel_stragglers(work)

    def pause(self, *_):
        self._steer(lambda work: actions.pause_mailing(work, self.mailing, reason="x"))

    def resume(self, *_):
        self._steer(lambda work: actions.resume_mailing(work, self.mailing))

    def cancel(self, *_):
        self._steer(lambda work: actions.cancel_mailing(work, self.mailing))

    def send_again(self, _, what):
        """A person decides; what failed before has an end no longer."""
        with self.db() as work:
            send_again(work, [self.mailing], what)
            self.ends = {n: end for n, end in self.ends.items() if end != MessageState.FAILED}

    def stop_one(self, _, number):
        address = f"p{number}@{self.domain}"
        self.stopped.add(address)
        with self.db() as work:
            work.session.execute(
                text(
                    "insert into suppression (address_hash, reason, at) select address_hash,"
                    " 'complaint', :at from message where address = :a and mailing_id = :m"
                    " on conflict do nothing"
                ),
                {"a": address, "m": self.mailing, "at": work.now},
            )

    def _steer(self, step):
        try:
            with self.db() as work:
                step(work)
        except Conflict:
            pass

    def check(self):
        with self.db() as work:
            assert equation(work.session, self.mailing).holds
            rows = work.session.execute(
                text("select id, state, resent_at is not null from message where mailing_id = :m"),
                {"m": self.mailing},
            ).all()
        found = {number: state for number, state, _ in rows}
        self.resent = {number for number, _, again in rows if again}
        for number, times in self.wire.items():
            assert times <= 1 + (number in self.resent), "somebody got two"
        for number, end in self.ends.items():
            assert found[number] == end, "an end moved"
        ends = (MessageState.SENT, MessageState.FAILED, MessageState.SKIPPED,
                MessageState.CANCELLED)  # fmt: skip
        self.ends = {number: state for number, state in found.items() if state in ends}
        for number, state in found.items():
            if state == MessageState.SENT:
                assert self.wire[number] >= 1, "sent, but it never left"

    def come_to_rest(self):
        with self.db() as work:
            state = claims.mailing_state(work, self.mailing)
        if state == MailingState.PAUSED:
            self.resume()
        for hands in list(self.hands):
            self.acknowledge(hands, None)
            self.die(hands, in_the_middle=False)
        for _ in range(60):
            self.sleep(None, 20_000)
            for hands in self.hands:
                self.claim(hands, PEOPLE)
                self.intend(hands, PEOPLE)
                while hands.intended:
                    self.send(hands, Result.SENT)
                self.acknowledge(hands, None)
            with self.db() as work:
                if not equation(work.session, self.mailing).waiting:
                    return
        raise AssertionError("it never came to rest")


@settings(
    max_examples=30,
    deadline=None,
    phases=(
        Phase.explicit,
        Phase.reuse,
        Phase.generate,
    ),  # shrinking against a database takes hours
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(plan=st.lists(steps, min_size=15, max_size=40), cancelled=st.booleans())
def test_whatever_happens_in_whatever_order_nobody_gets_two_and_all_are_accounted_for(
    db, plan, cancelled
):
    world = World(db)
    for step in plan:
        world.do(*step)
        world.check()
    if cancelled:
        world.cancel()
    world.come_to_rest()
    world.check()
    with db() as work:
        found = equation(work.session, world.mailing)
    assert found.settled == found.expected == PEOPLE
    left = sum(world.wire.values())
    assert found.sent <= left <= found.sent + found.uncertain + len(world.resent)
