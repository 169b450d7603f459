"""Papers of claims are read, proofs made small and read in advance: one by its id, or, without one, whatever was left waiting."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from uuid import UUID

import structlog

from tcma.jobs import Job
from tcma.mdf.case_files import asking, previews
from tcma.mdf.papers.reading import due_papers, read_paper
from tcma.proof_reader import ProofReader
from workers.runtime import Run, apart, runs

log = structlog.get_logger(__name__)


@runs(Job.INVOICE_READ)
def read_papers(run: Run, paper_id: str = "") -> None:
    """Read in a process of its own, outside any transaction; safe to run twice at once."""
    if paper_id:
        waiting = [UUID(paper_id)]
    else:
        with run.transaction() as work:
            waiting = due_papers(work)
    apart(run, [partial(_read, run, each) for each in waiting])


def _read(run: Run, paper_id: UUID) -> None:
    if state := read_paper(run.transaction, paper_id):
        log.info("paper read", paper_id=str(paper_id), state=state)


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
    apart(run, chain((partial(_make, run, each, service) for each in waiting), _asking(run)))


def _make(run: Run, proof_id: UUID, service: str) -> None:
    if done := previews.make(run.transaction, proof_id, service=service):
        log.info("proof looked at", proof_id=str(proof_id), done=done)


def _asking(run: Run) -> Iterator[Callable[[], None]]:
    """Yield a question for each reading that is due, those that were made a moment ago as well."""
    reader = run.services.proof_reader
    if reader is None:
        return
    with run.transaction() as work:
        asked = asking.due(work, reader.name)
    yield from (partial(_ask, run, reader, each) for each in asked)


def _ask(run: Run, reader: ProofReader, reading_id: UUID) -> None:
    if done := asking.ask(run.transaction, reader, reading_id):
        log.info("proof reader asked", reading_id=str(reading_id), done=done)
