"""Harmless twins of ports: a queue that keeps what it was given, one that gives it back unruly, files that are away."""

import random
from dataclasses import dataclass, field

from tcma.errors import Unavailable
from tcma.jobs import Job


@dataclass
class Broker:
    """What `pytest --broker=unruly --broker-seed=7` chose for the whole run; `dice` are of one test."""

    is_unruly: bool = False
    seed: int = 0
    dice: random.Random = field(default_factory=lambda: random.Random(0))

    def roll(self, *names):
        """Begin anew for a test, so that it repeats alone what it did among others."""
        self.dice = random.Random(" ".join([str(self.seed), *names]))


BROKER = Broker()
LOST = 0.1


@dataclass
class KeptQueue:
    """JobQueue that keeps every wake-up in order; `of(job)` reads one kind back."""

    sent: list[tuple[Job, dict[str, str]]] = field(default_factory=list)

    def send(self, job, ids):
        self.sent.append((job, dict(ids)))

    def of(self, job):
        return [ids for kind, ids in self.sent if kind is job]


class AwayFiles:
    """FileStore that does not answer."""

    def _answer(self, *_):
        raise Unavailable("the file store does not answer")

    get = put = exists = _answer


class Unruly:
    """What a broker may do at worst: each wake-up comes twice and in any order, one in ten not at all.

    `send(job, ids)` on a real queue: some come later, behind others. What is lost is what the
    schedule finds, for it sends the same job without ids.
    """

    def __init__(self, queue, dice):
        self.queue, self.dice, self.late = queue, dice, []

    def __getattr__(self, name):
        return getattr(self.queue, name)

    def send(self, job, ids):
        for _ in range(2):
            if self.dice.random() >= LOST:
                self.late.append((job, ids))
        self.dice.shuffle(self.late)
        while self.late and self.dice.random() < 0.8:
            self.queue.send(*self.late.pop())

    def deliver(self, waiting, do):
        """Do what waits as such a broker would give it, then what the schedule would send."""
        given = [each for each in waiting * 2 if self.dice.random() >= LOST]
        self.dice.shuffle(given)
        for job, ids in given:
            do(job, ids)
        for job in dict.fromkeys(job for job, _ in waiting):
            do(job, {})


def delivered(waiting, do, *, unruly=None):
    """Take wake-ups from `waiting` and do them: in order, or as an unruly broker would bring them."""
    if BROKER.is_unruly if unruly is None else unruly:
        Unruly(None, BROKER.dice).deliver(waiting, do)
    else:
        for job, ids in waiting:
            do(job, ids)
