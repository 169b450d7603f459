"""Pictures that programs asked for: taken, drawn with nothing claimed, written down with their webhook."""

from collections.abc import Callable, Generator
from contextlib import closing
from functools import partial
from uuid import UUID

from tcma.drawing import waiting
from tcma.jobs import Job
from tcma.rendering.studio import Studio
from workers.runtime import Run, apart, once, runs

MOST_STUDIOS = 20
PICTURES = 8
"""What one studio draws before it is closed with all it has decoded."""


@runs(Job.IMAGE_DRAW)
def draw(run: Run) -> None:
    """Draw what is due, each picture on its own."""
    with closing(_due(run)) as pictures:
        apart(run, pictures)


def _due(run: Run) -> Generator[Callable[[], object]]:
    """Yield what is to be done: nothing is taken before its turn, so that no other's fault costs it a try."""
    yield partial(once, run, waiting.drop_old)
    for _ in range(MOST_STUDIOS):
        with Studio() as studio:
            for _ in range(PICTURES):
                with run.transaction() as work:
                    taken = waiting.take_due(work)
                if taken is None:
                    return
                yield partial(_draw, run, taken, studio)


def _draw(run: Run, job_id: UUID, studio: Studio) -> None:
    with run.transaction() as work:
        outcome = waiting.draw_job(work, job_id, studio)
    with run.transaction() as work:
        waiting.record(work, outcome)
