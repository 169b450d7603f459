"""The outbox: what is due leaves side by side, outside any transaction; then the answers are written."""

from concurrent.futures import ThreadPoolExecutor

import structlog

from tcma.errors import TcmaError
from tcma.jobs import Job
from tcma.outbox import sending
from tcma.outbox.sending import Answered, Due
from tcma.ports import Web
from workers.runtime import Run, runs, together

log = structlog.get_logger(__name__)
MOST_BATCHES = 10


@runs(Job.OUTBOX_SEND)
def send(run: Run) -> None:
    """Send what is due, batch by batch."""
    with ThreadPoolExecutor(sending.BATCH) as crew:
        for _ in range(MOST_BATCHES):
            if run.stopping():
                return
            with run.transaction() as work:
                due = sending.take_due(work)
            if not due:
                break
            answers = list(crew.map(lambda each: ask(run.services.web, each), due))
            together(run, answers, sending.record)
    with run.transaction() as work:
        sending.drop_old(work)


def ask(web: Web, due: Due) -> Answered:
    """Send one request; whatever comes of it is an answer."""
    if due.request is None:
        return Answered(due.delivery_id, 0, "Its secret does not open with this TCMA_SECRET.")
    try:
        answer = web.ask(due.request)
    except TcmaError as error:
        return Answered(due.delivery_id, 0, error.message)
    except Exception as error:
        log.exception("a webhook cannot be sent", delivery=str(due.delivery_id))
        return Answered(due.delivery_id, 0, type(error).__name__)
    said = answer.body[:300].decode("utf-8", "replace").replace("\x00", "")
    return Answered(due.delivery_id, answer.status, " ".join(said.split()))
