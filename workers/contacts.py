"""Contact files into lists: one import by its id, or, without one, whatever was left waiting."""

from uuid import UUID

from tcma.contacts.importing import due_imports, run_import
from tcma.jobs import Job
from workers.runtime import Run, runs


@runs(Job.CONTACTS_IMPORT)
def import_contacts(run: Run, *, import_id: str | None = None) -> None:
    """Import in chunks; safe to run twice at once, and to be killed."""
    if import_id is None:
        with run.transaction() as work:
            waiting = due_imports(work)
    else:
        waiting = [UUID(import_id)]
    for each in waiting:
        run_import(run.transaction, each, stopping=run.stopping)
