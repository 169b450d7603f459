"""Contact files into lists and out again, own fields that go: what an id names, or what was left waiting."""

from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID

from tcma.contacts.importing import due_imports, run_import
from tcma.contacts.removing import due_removals, run_removal
from tcma.contacts.undoing import due_undoings, run_undoing
from tcma.db.work import Work
from tcma.jobs import Job
from workers.runtime import Run, apart, once, runs


@runs(Job.CONTACTS_IMPORT)
def import_contacts(run: Run, *, import_id: str | None = None) -> None:
    """Import in chunks; safe to run twice at once, and to be killed."""
    _each(run, run_import, [(UUID(import_id),)] if import_id else _all(run, due_imports))


@runs(Job.CONTACTS_UNDO)
def undo_import(run: Run, *, import_id: str | None = None) -> None:
    """Take back in portions; safe to run twice at once, and to be killed."""
    _each(run, run_undoing, [(UUID(import_id),)] if import_id else _all(run, due_undoings))


@runs(Job.CONTACTS_FIELD)
def delete_values(run: Run, *, partner_id: str | None = None, key: str = "") -> None:
    """Delete the values of fields that were removed, in portions; safe twice and to be killed."""
    _each(run, run_removal, [(UUID(partner_id), key)] if partner_id else once(run, due_removals))


def _all(run: Run, due: Callable[[Work], list[UUID]]) -> list[tuple[UUID]]:
    return [(each,) for each in once(run, due)]


def _each(run: Run, do: Callable[..., object], named: Sequence[tuple[object, ...]]) -> None:
    doing = partial(do, run.transaction, stopping=run.stopping)
    apart(run, [partial(doing, *each) for each in named])
