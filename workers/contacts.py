"""Contact files into lists and out again, own fields that go: what an id names, or what was left waiting."""

from functools import partial
from uuid import UUID

from tcma.contacts.importing import due_imports, run_import
from tcma.contacts.removing import due_removals, run_removal
from tcma.contacts.undoing import due_undoings, run_undoing
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


@runs(Job.CONTACTS_UNDO)
def undo_import(run: Run, *, import_id: str | None = None) -> None:
    """Take back in portions; safe to run twice at once, and to be killed."""
    if import_id is None:
        with run.transaction() as work:
            waiting = due_undoings(work)
    else:
        waiting = [UUID(import_id)]
    doing = partial(run_undoing, run.transaction, stopping=run.stopping)
    apart(run, [partial(doing, each) for each in waiting])


@runs(Job.CONTACTS_FIELD)
def delete_values(run: Run, *, partner_id: str | None = None, key: str = "") -> None:
    """Delete the values of fields that were removed, in portions; safe twice and to be killed."""
    if partner_id is None:
        with run.transaction() as work:
            waiting = due_removals(work)
    else:
        waiting = [(UUID(partner_id), key)]
    doing = partial(run_removal, run.transaction, stopping=run.stopping)
    apart(run, [partial(doing, owner, each) for owner, each in waiting])
