"""Contact files into lists: one import by its id, or, without one, whatever was left waiting."""

from functools import partial
from uuid import UUID

from tcma.contacts.importing import due_imports, run_import
from tcma.jobs import Job
from workers.runtime import Run, apart, runs


@runs(Job.CONTACTS_IMPORT)
def import_contacts(run: Run, *, import_id: str | None = None) -> None:
    """Import in chunks; safe to run twice at once, and to be killed."""
    if import_id is None:
        with run.transaction() as work:
            waiting = due_imports(work)
    else:
        waiting = [UUID(import_id)]
    doing = partial(run_import, run.transaction, stopping=run.stopping)
    apart(run, [partial(doing, each) for each in waiting])
