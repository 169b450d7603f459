"""N4 at size: a version published with a hundred thousand people inside, by each policy; what happens is what
the dry run had counted, and nobody's step is taken twice.
"""

import time

from sqlalchemy import text

from tcma.journeys.reading import read
from tcma.nurture import publishing
from tcma.nurture.publishing import Choices, Moved
from tests.bench.figures import Figure
from tests.bench.ground import settled as vacuumed
from tests.bench.journeys import OPEN, WAITING, empty
from tests.domain.nurture.crowd import PLAIN, settled

FIRST = PLAIN + OPEN
SECOND = FIRST.replace('id = "w"', 'id = "ask"')
"""The same journey, but the step that waits has another name: «w» is gone."""
AT_W = text("UPDATE nurture_run SET node = 'w', step_no = 1 WHERE id % 2 = 0")
OUTCOMES = text(
    "SELECT outcome, count(*), count(DISTINCT run_id) FROM nurture_step WHERE node IN ('n2', 'w') GROUP BY 1"
)


def measure(ground):
    """Seconds to publish by each policy; each fails unless its counts are the dry run's."""
    count = ground.size.inside
    half = count // 2
    policies = (
        ("new entrants only", Choices(), Moved(untouched=count)),
        ("the removed leave", Choices(inside=True), Moved(stayed=count - half, left=half)),
        ("the removed go on", Choices(inside=True, removed={"w": "n4"}),
         Moved(stayed=count - half, jumped=half)),
    )  # fmt: skip
    for number, (words, choices, expected) in enumerate(policies):
        with ground.installation(f"versions{number}") as db:
            made = settled(db, partners=1)
            made.publish(FIRST)
            made.mailings()
            empty(made)
            with db() as work:
                values = {"sequence": made.sequence_id, "version": made.version_id,
                          "vendor": made.vendor_id, "partner": made.partners[0], "n": count}  # fmt: skip
                work.session.execute(WAITING, values)
                work.session.execute(AT_W)
            vacuumed(db)
            with db() as work:
                counted = publishing.dry_run(work, made.sequence_id, read(SECOND).journey)
            begun = time.perf_counter()
            _, moved = made.publish(SECOND, choices)
            took = time.perf_counter() - begun
            assert (counted.inside, counted.removed) == (count, {"w": half}), counted
            assert moved == expected, (words, moved)
            with db() as work:
                told = {row[0]: (row[1], row[2]) for row in work.session.execute(OUTCOMES)}
            wanted = {"moved": moved.stayed + moved.jumped, "left": moved.left}
            assert told == {each: (n, n) for each, n in wanted.items() if n}, told
        yield Figure(
            name=f"nurture.publish: a version published, {count:,} inside, {words}",
            value=took, unit="s", peer=None, reason="no peer does this",
        )  # fmt: skip
