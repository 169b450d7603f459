"""Hundreds of partners who launch at the same moment: each has its first mail soon, nobody starves.

`python -m tests.soak.together --partners 500 --people 2000`; tests/faults runs it small.
"""

import argparse
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from tcma.adapters.storage_disk import DiskFiles
from tcma.embedded import redis
from tcma.jobs import Job
from tcma.launches import actions
from tests.faults.posting import Plant, Sink, in_real_time, until
from tests.faults.stage import Stage
from tests.services import ROOT, World, databases, engine_of

REST_S = 7_200
"""Most that all of it takes, five hundred partners with two thousand people each."""
FIRST_S = 30
FIRSTS = """
    SELECT l.partner_id, min(g.sent_at) AS first, count(*) AS expected, count(*) FILTER (WHERE g.state = 3) AS sent,
      count(DISTINCT g.address) AS people
    FROM launch l JOIN launch_mail m ON m.launch_id = l.id
      JOIN message g ON g.mailing_id = m.mailing_id GROUP BY 1"""
WAITS = """
    SELECT (SELECT count(*) FROM launch WHERE partner_id = ANY(:partners) AND state IN ('scheduled', 'expanding'))
      + (SELECT count(*) FROM message g WHERE g.state IN (0, 1, 2) AND EXISTS (
          SELECT FROM mailing m WHERE m.id = g.mailing_id AND m.partner_id = ANY(:partners)))"""


@dataclass(frozen=True)
class Found:
    """Seconds from the press to each partner's first mail, and what is wrong."""

    firsts: list
    wrong: list

    def table(self):
        return (
            f"{len(self.firsts)} partners: first mail after {statistics.median(self.firsts):.1f} s in"
            f" the middle, {max(self.firsts):.1f} s at the latest"
        )


def together(db, plant, *, partners, people, first_s=FIRST_S, rest_s=REST_S):
    """Let so many partners press at once, each to so many people; what is wrong is listed.

    What else waits in the house, such as a mailing that somebody paused, is not waited for.
    """
    first = Stage(db, count=people, domain="p0.example")
    stages = [first] + [
        Stage(db, count=people, domain=f"p{n}.example", beside=first) for n in range(1, partners)
    ]
    refs = [(each, each.planned(mails="first")) for each in stages]
    pressed = {}
    for stage, ref in refs:
        pressed[stage.partner_id] = db.clock.now()
        with db(stage.alice) as work:
            actions.start_launch(work, ref)
        plant.ring(Job.LAUNCH_START)

    def waits():
        with db() as work:
            return work.session.scalar(text(WAITS), {"partners": list(pressed)})

    until(lambda: not waits(), rest_s, every=0.5, what="rest")
    with db() as work:
        rows = work.session.execute(text(FIRSTS)).all()
    return judged([each for each in rows if each.partner_id in pressed], pressed, people, first_s)


def judged(rows, pressed, people, first_s):
    """What the table asks of it."""
    firsts = [(row.first - pressed[row.partner_id]).total_seconds() for row in rows]
    wrong = []
    if len(rows) != len(pressed):
        wrong.append(f"{len(pressed) - len(rows)} partners sent nothing")
    if late := [each for each in firsts if each > first_s]:
        wrong.append(
            f"{len(late)} had their first mail after {first_s} s, one after {max(late):.0f}"
        )
    if any((row.expected, row.sent, row.people) != (people,) * 3 for row in rows):
        wrong.append("somebody was left out")
    return Found(firsts, wrong)


def main():
    """Press, wait, judge; print what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.together", description=__doc__)
    parser.add_argument("--partners", type=int, default=500)
    parser.add_argument("--people", type=int, default=2_000)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    (ROOT / ".data").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="soak-", dir=ROOT / ".data") as name:
        folder = Path(name)
        server = redis.start(folder / "redis")
        with databases() as shared, shared.fresh() as url, engine_of(url) as engine:
            files = DiskFiles(folder / "files")
            db = in_real_time(World(url=url, engine=engine, clock=None, site=None, files=files))
            with Sink(folder / "sink") as sink, Plant(db, folder, server.url, sink) as plant:
                plant.start("workers.scheduler")
                for _ in range(given.workers):
                    plant.start()
                begun = time.monotonic()
                found = together(db, plant, partners=given.partners, people=given.people)
                took = time.monotonic() - begun
        server.stop()
    print(found.table(), f"all in {took:,.0f} s")
    for line in found.wrong:
        print("WRONG:", line)
    return 1 if found.wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
