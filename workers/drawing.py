"""Pictures that programs asked for: taken, drawn with nothing claimed, written down with their webhook."""

from tcma.drawing import waiting
from tcma.jobs import Job
from tcma.rendering.studio import Studio
from workers.runtime import Run, runs

MOST_BATCHES = 20


@runs(Job.IMAGE_DRAW)
def draw(run: Run) -> None:
    """Draw what is due, batch by batch."""
    for _ in range(MOST_BATCHES):
        with run.transaction() as work:
            due = waiting.take_due(work)
        with Studio() as studio:
            for job_id in due:
                if run.stopping():
                    return
                with run.transaction() as work:
                    outcome = waiting.draw_job(work, job_id, studio)
                with run.transaction() as work:
                    waiting.record(work, outcome)
        if not due:
            break
    with run.transaction() as work:
        waiting.drop_old(work)
