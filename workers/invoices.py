"""Papers of claims are read, proofs made small and read in advance: one by its id, or, without one, whatever was left waiting."""

from uuid import UUID

import structlog

from tcma.jobs import Job
from tcma.mdf.case_files import asking, previews
from tcma.mdf.papers.reading import due_papers, read_paper
from workers.runtime import Run, runs

log = structlog.get_logger(__name__)


@runs(Job.INVOICE_READ)
def read_papers(run: Run, paper_id: str = "") -> None:
    """Read in a process of its own, outside any transaction; safe to run twice at once."""
    if paper_id:
        waiting = [UUID(paper_id)]
    else:
        with run.transaction() as work:
            waiting = due_papers(work)
    for each in waiting:
        if run.stopping():
            return
        if state := read_paper(run.transaction, each):
            log.info("paper read", paper_id=str(each), state=state)


@runs(Job.PROOF_LOOK)
def look_at_proofs(run: Run, proof_id: str = "") -> None:
    """Make previews in a process of its own, outside any transaction; then ask the service that reads
    proofs, where one is named. Safe to run twice at once.
    """
    reader = run.services.proof_reader
    service = reader.name if reader else ""
    if proof_id:
        waiting = [UUID(proof_id)]
    else:
        with run.transaction() as work:
            waiting = previews.due(work)
    for each in waiting:
        if run.stopping():
            return
        if done := previews.make(run.transaction, each, service=service):
            log.info("proof looked at", proof_id=str(each), done=done)
    if reader is None:
        return
    with run.transaction() as work:
        asked = asking.due(work, service)
    for each in asked:
        if run.stopping():
            return
        if done := asking.ask(run.transaction, reader, each):
            log.info("proof reader asked", reading_id=str(each), done=done)
