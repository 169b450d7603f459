"""A worker's transactions on messages: claim, intent, ack, release; each short, each fenced.

A lease is worker number << 32 | claim counter. Every statement names the lease it acts under, so
a worker that slept past its time changes nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from tcma.contacts.models import Suppression
from tcma.contacts.rules import SOFT_REST, SuppressionReason
from tcma.db.by_text import run
from tcma.db.work import Work
from tcma.delivery import destinations, pacing, statements
from tcma.delivery.models import Mailing, Message, MessageReaction, Worker
from tcma.delivery.rules import (
    ATTEMPTS,
    LEASE,
    MessageState,
    Reason,
    Settling,
    fair_share,
    settle,
)
from tcma.delivery.running import Active
from tcma.delivery.stopping import STORED
from tcma.jobs import Job
from tcma.ports import Result, SendResult
from tcma.senders import pace

M = MessageState


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message in a worker's hands; `attempt` counts this one, `later` how often it was put off. What a
    take found somebody must not get is `skipped`: it has its end and is in nobody's hands.
    """

    id: int
    mailing_id: int
    contact_id: int
    address: str
    attempt: int
    later: int = 0
    skipped: bool = False


def lease_range(worker: int) -> tuple[int, int]:
    """Return the first and last lease number a worker can hold."""
    return worker << 32, ((worker + 1) << 32) - 1


def register_worker(work: Work, *, host: str, pid: int, journal: str) -> int:
    """Write a sending process; call it only when its journal is locked. Return its number."""
    return work.session.execute(
        insert(Worker)
        .values(host=host, pid=pid, journal=journal, started_at=work.now, seen_at=work.now)
        .returning(Worker.id)
    ).scalar_one()


def say_alive(work: Work, worker: int) -> bool:
    """Note that a worker lives; False when it was declared dead meanwhile and must register anew."""
    seen = work.session.execute(
        update(Worker)
        .where(Worker.id == worker, Worker.ended_at.is_(None))
        .values(seen_at=work.now)
        .returning(Worker.id)
    )
    return seen.scalar_one_or_none() is not None


def end_worker(work: Work, worker: int) -> None:
    """Note that a worker has left in good order."""
    work.session.execute(
        update(Worker).where(Worker.id == worker).values(ended_at=work.now, seen_at=work.now)
    )


def within(way: "Way", work: Work, active: Active, *, lease: int, most: int) -> list[Claimed]:
    """Claim or take as much as the pace of the mailing's domain and of its destinations leaves room for;
    several workers share both, and mailings that wait for the same destination share it fairly.
    """
    room = pacing.hold(work, active.domain_id) if active.domain_id else None
    most = most if room is None else min(most, room.left)
    claimed, taken = list[Claimed](), dict[int, int]()
    for lane, left in destinations.hold(work, list(active.lanes)).items():
        share = most if left is None else fair_share(left, active.lanes[lane])
        some = way(work, active.id, lease=lease, most=min(share, most - len(claimed)), lane=lane)
        claimed, taken[lane] = claimed + some, len(some)
    destinations.take(work, taken)
    return claimed + way(work, active.id, lease=lease, most=most - len(claimed))


def claim(work: Work, mailing_id: int, *, lease: int, most: int, lane: int = 0) -> list[Claimed]:
    """Lease up to `most` due messages of a running mailing, of one lane; nobody waits for anybody.

    A message claimed more often than `ATTEMPTS` without an end is poison and fails here.
    """
    if most < 1:
        return []
    values = _mine(work, lease) | {"b_mailing": mailing_id, "b_lane": lane, "b_most": most}
    claimed = [Claimed(*row) for row in run(work.session, statements.claim, values)]
    poison = [each.id for each in claimed if each.attempt > ATTEMPTS]
    if poison:
        fail(work, poison, lease=lease, reason=Reason.POISON)
    return sorted((c for c in claimed if c.attempt <= ATTEMPTS), key=lambda c: c.id)


def take(work: Work, mailing_id: int, *, lease: int, most: int, lane: int = 0) -> list[Claimed]:
    """Claim up to `most` messages and commit to sending them, in one statement: `claim` and `intend` of what
    needs no second look. The lease must be new: it alone tells what was taken when the commit's answer is lost.

    Left to those two are messages that may have killed a worker, and mailings whose people are counted by
    a rule. Returned are those that are skipped, too.
    """
    if most < 1:
        return []
    values = _mine(work, lease) | {"b_mailing": mailing_id, "b_lane": lane, "b_most": most}
    rows = run(work.session, statements.take, values | {"b_rested": work.now - SOFT_REST})
    return sorted((Claimed(*row) for row in rows), key=lambda each: each.id)


def taken_by(work: Work, *, lease: int) -> list[Claimed]:
    """Return what a lease has in its hands to send, and renew it: when the answer to a take's commit was lost."""
    rows = work.session.execute(
        update(Message)
        .where(Message.lease == lease, Message.state == M.SENDING)
        .values(lease_until=work.now + LEASE)
        .returning(*statements.HELD)
    )
    return sorted((Claimed(*row) for row in rows), key=lambda each: each.id)


Way = Callable[..., list[Claimed]]
"""`claim` or `take`."""


def _mine(work: Work, lease: int) -> dict[str, Any]:
    return {
        "b_now": work.now,
        "b_lease": lease,
        "b_worker": lease >> 32,
        "b_until": work.now + LEASE,
    }


def fail(work: Work, ids: Sequence[int], *, lease: int, reason: Reason, words: str = "") -> None:
    """End messages of this lease that cannot be made or sent."""
    work.session.execute(
        update(Message)
        .where(
            Message.id.in_(ids),
            Message.lease == lease,
            Message.state.in_((M.LEASED, M.SENDING)),
        )
        .values(state=M.FAILED, reason=reason, answer=words or None, lease=None, lease_until=None)
    )


def intend(work: Work, ids: Sequence[int], *, lease: int) -> list[int]:
    """Commit to sending these messages; only the returned ones may touch the network.

    In one statement: the lease still holds, the mailing still runs, nobody stopped the address
    meanwhile, the contact still exists, nobody had enough mail. Who must not be mailed is skipped
    with the reason. People of a vendor with a rule on that come second, each locked: few have one.
    """
    values = _mine(work, lease) | {"b_rested": work.now - SOFT_REST}
    rows = list(
        run(work.session, statements.intend, values | {"b_ids": list(ids), "b_held": False})
    )
    rest = sorted({*ids} - {number for number, _ in rows})
    if rest and run(work.session, statements.hold_people, {"b_ids": rest}):
        rows += run(work.session, statements.intend, values | {"b_ids": rest, "b_held": True})
    return sorted(number for number, state in rows if state == M.SENDING)


def still_sending(work: Work, ids: Sequence[int], *, lease: int) -> list[int]:
    """Return which messages are still this lease's to send, and renew it: after a long sleep, or
    when the answer to an intent's commit was lost.
    """
    rows = work.session.scalars(
        update(Message)
        .where(Message.id.in_(ids), Message.lease == lease, Message.state == M.SENDING)
        .values(lease_until=work.now + LEASE)
        .returning(Message.id)
    )
    return sorted(rows)


def release(work: Work, ids: Sequence[int], *, lease: int) -> int:
    """Give back what was claimed and not begun, with its attempt; return how many there were."""
    freed = work.session.scalars(
        update(Message)
        .where(Message.id.in_(ids), Message.lease == lease, Message.state == M.LEASED)
        .values(
            state=M.READY,
            lease=None,
            lease_until=None,
            attempt=func.greatest(Message.attempt - 1, 0),
        )
        .returning(Message.id)
    )
    return len(freed.all())


def acknowledge(
    work: Work,
    answers: Iterable[SendResult],
    later: Mapping[int, int],
    *,
    lease: int,
    domain_id: UUID | None = None,
) -> None:
    """Write what the relay said; a row that is no longer this lease's is left alone.

    `later` says how often each was put off before, `domain_id` whose pace they keep, as they were claimed:
    what left is counted there. A late 250 still moves an uncertain row of this lease to sent. A dead address is suppressed
    for the whole installation.
    """
    left = 0
    dead: list[int] = []
    same: dict[tuple[Settling, str], list[int]] = defaultdict(list)
    for answer in answers:
        settling = settle(answer, later=later[answer.id], now=work.now)
        words = "" if answer.result is Result.SENT else f"{answer.code or ''} {answer.text}".strip()
        same[settling, words[:500]].append(answer.id)
    for (settling, words), ids in same.items():
        counted = _in_doubt(work, ids, lease) if domain_id and settling.state is M.SENT else 0
        changed = run(
            work.session,
            statements.acknowledge,
            {
                "b_ids": ids,
                "b_lease": lease,
                "b_state": int(settling.state),
                "b_reason": int(settling.reason),
                "b_words": words or None,
                "b_sent": work.now if settling.state is M.SENT else None,
                "b_due": settling.due_at,
                "b_back": int(settling.attempt_back),
                "b_later": int(settling.put_off),
            },
        )
        if settling.state in (M.SENT, M.UNCERTAIN):
            left += len(changed) - counted
        if settling.suppress:
            dead += [number for (number,) in changed]
    if dead:
        _suppress_dead(work, dead)
    if domain_id and left:
        pace.take(work, domain_id, left)


def _in_doubt(work: Work, ids: Sequence[int], lease: int) -> int:
    """How many of these were doubted meanwhile, and so counted as left already."""
    doubted = select(func.count()).where(
        Message.id.in_(ids), Message.lease == lease, Message.state == M.UNCERTAIN
    )
    return work.session.scalar(doubted) or 0


def _suppress_dead(work: Work, ids: Sequence[int]) -> None:
    """Stop addresses, in the order of their hashes: workers with the same dead ones wait in no ring."""
    hard = STORED[SuppressionReason.HARD_BOUNCE]
    dead = (
        select(Message.address_hash, literal(hard), Message.id, literal(work.now))
        .where(Message.id.in_(ids))
        .order_by(Message.address_hash)
    )
    work.session.execute(
        upsert(Suppression)
        .from_select(["address_hash", "reason", "message_id", "at"], dead)
        .on_conflict_do_nothing(constraint="suppression_once")
    )
    bounced = select(Message.id, Message.mailing_id, literal(work.now)).where(Message.id.in_(ids))
    fresh = upsert(MessageReaction).from_select(["message_id", "mailing_id", "bounced_at"], bounced)
    work.session.execute(
        fresh.on_conflict_do_update(
            index_elements=["message_id"],
            set_={"bounced_at": work.now},
            where=MessageReaction.bounced_at.is_(None),
        )
    )
    for number in ids:
        work.wake(Job.NURTURE_STOP, message_id=number)


def mailing_state(work: Work, mailing_id: int) -> str | None:
    """Return the state a mailing is in now."""
    return work.session.scalar(select(Mailing.state).where(Mailing.id == mailing_id))
