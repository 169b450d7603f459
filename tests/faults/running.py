"""One running house for many stories: two workers, a scheduler, a relay; each has people of its own."""

import itertools

from sqlalchemy import text

from tcma.delivery.rules import MessageState
from tcma.jobs import Job
from tests.faults.posting import REST_S, START_S, a_mailing, rows, sums, until
from tests.faults.stage import Stage

_numbers = itertools.count(1)


class Running:
    """What the stories need of it."""

    def __init__(self, db, plant, sink):
        self.db, self.plant, self.sink = db, plant, sink
        self.scheduler = plant.start("workers.scheduler")
        self.workers = [plant.start(), plant.start()]

    def domain(self):
        return f"story{next(_numbers)}.example"

    def mailing(self, count, **facts):
        """A mailing that begins now; (number, domain of its people)."""
        domain = self.domain()
        with self.db() as work:
            number = a_mailing(work, count, domain=domain, **facts)
        self.plant.ring(Job.MAILING_SEND)
        return number, domain

    def stage(self, count, **facts):
        return Stage(self.db, count=count, domain=self.domain(), **facts)

    def launched(self, stage, key="k", **facts):
        """A launch that is frozen; its mailing's number."""
        ref = stage.started(mails="first", key=key, **facts)
        self.plant.ring(Job.LAUNCH_START)
        number = (
            "select m.mailing_id from launch_mail m join launch l on l.id = m.launch_id"
            " where l.ref = :ref and m.mailing_id is not null"
        )
        return until(lambda: self.one(number, ref=ref), START_S, what="the freeze")

    def one(self, sql, **values):
        with self.db() as work:
            return work.session.scalar(text(sql), values)

    def begins(self, number, enough=20):
        until(lambda: sums(self.db, number).sent >= enough, START_S, what="a part of the mail")

    def of(self, number, *states):
        return [row for row in rows(self.db, number) if row["state"] in states]

    def sending(self, number):
        return self.of(number, MessageState.SENDING)

    def held(self, number):
        """In the middle of the mailing the relay answers no dot: every line has a mail in doubt, what
        else was intended waits, and nothing moves until the relay is told another word.
        """
        self.sink.order("slow")
        self.begins(number)
        self.sink.order("late")
        seen = [None]

        def stands():
            seen.append({(row["id"], row["state"]) for row in rows(self.db, number)})
            return seen[-1] == seen[-2] and self.sending(number)

        until(stands, START_S, every=0.5, what="a pause of the relay")

    def rests(self, number, domain=None):
        """Everything is over; the sums, which agree with what the relay has of the `domain`."""
        self.sink.order("go")
        until(lambda: not sums(self.db, number).waiting, REST_S, what="rest")
        found = sums(self.db, number)
        assert found.holds
        assert found.uncertain == 0
        if domain:
            kept = self.sink.kept(f"@{domain}")
            assert max(kept.values(), default=1) == 1, "somebody got two"
            assert len(kept) == found.sent
        return found
