"""An import taken back: in portions, each its own transaction, so that it goes on where a kill met it.

What it changed of others comes first, portion by portion out of the rows that remember it; then the
people that came by it, in the order of their numbers, the last one dealt with beside the counts.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select, text, true

from tcma.contacts.actions import partner_of, take_turns
from tcma.contacts.list_queries import is_taken_back
from tcma.contacts.models import Contact, ContactImport, ContactList, ListMember
from tcma.contacts.rules import SILENCE, UNDO_DAYS, ImportState
from tcma.db.counting import changed
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Conflict
from tcma.jobs import Job
from tcma.words import say

PORTION = 5_000
Open = Callable[[], AbstractContextManager[Work]]

_LATER = """
SELECT DISTINCT ON (o.contact_id) o.contact_id, o.import_id FROM contact_import_change o
WHERE o.import_id = ANY(:later) AND o.contact_id = ANY(:ids)
ORDER BY o.contact_id, array_position(CAST(:later AS uuid[]), o.import_id)
"""
_HERE = """
EXISTS (SELECT FROM contact_import_change o
  WHERE o.import_id = ANY(:here) AND o.contact_id = m.contact_id)
"""
_CHANGED = """
SELECT contact_id FROM contact_import_change WHERE import_id = :import ORDER BY contact_id LIMIT :n
"""
_AS_THEY_WERE = f"""
UPDATE contact c SET first_name = w.was->>'first_name', last_name = w.was->>'last_name',
  company = w.was->>'company', country = w.was->>'country', phone = w.was->>'phone',
  language = w.was->>'language', fields = w.was->'fields',
  tags = ARRAY(SELECT jsonb_array_elements_text(w.was->'tags'))
FROM contact_import_change w LEFT JOIN ({_LATER}) l USING (contact_id)
WHERE w.import_id = :import AND w.contact_id = ANY(:ids) AND c.id = w.contact_id
  AND l.contact_id IS NULL AND c.address <> ''
"""  # noqa: S608 - constants of this file
_WAS_HANDED_ON = f"""
UPDATE contact_import_change o SET was = w.was
FROM contact_import_change w JOIN ({_LATER}) l USING (contact_id)
WHERE w.import_id = :import AND w.contact_id = ANY(:ids)
  AND o.import_id = l.import_id AND o.contact_id = l.contact_id
"""  # noqa: S608
_OUT_AGAIN = f"""
DELETE FROM list_member m USING contact_import_change w
WHERE w.import_id = :import AND w.contact_id = ANY(:ids) AND w.joined
  AND m.list_id = :list AND m.contact_id = w.contact_id AND NOT {_HERE}
"""  # noqa: S608
_JOINED_HANDED_ON = """
UPDATE contact_import_change o SET joined = true
FROM contact_import_change w
WHERE w.import_id = :import AND w.contact_id = ANY(:ids) AND w.joined
  AND o.contact_id = w.contact_id AND o.import_id = ANY(:here)
"""
_FORGET = "DELETE FROM contact_import_change WHERE import_id = :import AND contact_id = ANY(:ids)"
_OUT = f"""
DELETE FROM list_member m WHERE m.list_id = :list AND m.contact_id = ANY(:ids) AND NOT {_HERE}
"""  # noqa: S608
# Messages, leads and journeys are layers above; only whether one names the contact is asked here.
_GONE = """
DELETE FROM contact c WHERE c.id = ANY(:ids)
  AND NOT EXISTS (SELECT FROM list_member m WHERE m.contact_id = c.id)
  AND NOT EXISTS (SELECT FROM message m WHERE m.contact_id = c.id AND m.contact_id > 0)
  AND NOT EXISTS (SELECT FROM lead l WHERE l.contact_id = c.id)
  AND NOT EXISTS (SELECT FROM nurture_run r WHERE r.partner_id = c.partner_id
    AND r.contact_id = c.id AND r.state IN (0, 3, 4))
"""
_IN_THE_LIST_BY_IT = """
UPDATE contact_import_change o SET joined = true
WHERE o.import_id = ANY(:here) AND o.contact_id = ANY(:ids)
"""
_HANDED_ON = f"""
WITH l AS ({_LATER}),
  taken AS (UPDATE contact c SET import_id = l.import_id FROM l WHERE c.id = l.contact_id)
DELETE FROM contact_import_change o USING l
WHERE o.import_id = l.import_id AND o.contact_id = l.contact_id
"""  # noqa: S608


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """How far it is: people `gone` from the contacts, `kept` because something else of theirs stands
    here, and known before, `back` to what they were. `stays` is whether the list it made has others.
    """

    gone: int = 0
    kept: int = 0
    back: int = 0
    stays: bool = False

    @property
    def done_n(self) -> int:
        """People dealt with."""
        return self.gone + self.kept + self.back


def undone_of(preview: dict[str, Any]) -> Undone:
    """Return how far the undo of an import is, by its row's `preview`."""
    known = preview.get("undo", {})
    return Undone(
        gone=known.get("gone", 0),
        kept=known.get("kept", 0),
        back=known.get("back", 0),
        stays=known.get("stays", False),
    )


def undo(work: Work, import_id: UUID) -> None:
    """Begin to take an import back: its list, if it made one, the people that came by it alone, and
    what it changed of others. Twice is once; a worker does it.

    Who is in another list, came by a later file too, was mailed, became a lead or is in a journey
    stays a contact; stops stay too. Raises Conflict for one that has not ended, that is older than `UNDO_DAYS`, and
    while another file is on its way into its list.
    """
    row = _own(work, import_id)
    if row.state in (ImportState.UNDOING, ImportState.UNDONE):
        return
    if row.state != ImportState.DONE:
        raise Conflict(say("This import has gone on meanwhile."), code="contacts.import_state")
    if row.made_at < work.now - UNDO_DAYS:
        raise Conflict(
            say("An import can be undone for 30 days."),
            code="contacts.undo_late",
            remedy=say("Delete its list instead: its people stay contacts."),
        )
    if row.list_id is not None:
        _wait_for_others(work, row.list_id)
    row.state = ImportState.UNDOING
    row.preview = row.preview | {"undo": {}}
    work.wake(Job.CONTACTS_UNDO, import_id=row.id)
    work.audit("began to undo", "contact_import", row.id, partner_id=row.partner_id)


def _own(work: Work, import_id: UUID) -> ContactImport:
    partner_of(work, work.session.scalar(
        select(ContactImport.partner_id).where(ContactImport.id == import_id)
    ))  # fmt: skip
    wanted = select(ContactImport).where(ContactImport.id == import_id)
    mine = visible(wanted, work.principal, ContactImport).with_for_update()
    row: ContactImport | None = work.session.scalars(mine).one_or_none()
    return found(row)


def _wait_for_others(work: Work, list_id: UUID) -> None:
    """Refuse while another file is on its way into the list; none begins until this one has ended."""
    work.session.execute(select(ContactList.id).where(ContactList.id == list_id).with_for_update())
    moving = exists().where(
        ContactImport.list_id == list_id,
        ContactImport.state == ImportState.IMPORTING,
    )
    if work.session.scalar(select(moving)):
        raise Conflict(
            say("Another file is on its way into this list."),
            code="contacts.undo_beside",
            remedy=say("Undo this import when that one has ended."),
        )


def due_undoings(work: Work) -> list[UUID]:
    """Return the undone imports that wait for a worker or were left by one that died."""
    beat = ContactImport.preview["undo"]["beat"].astext
    wanted = (
        select(ContactImport.id, beat.label("beat"))
        .where(ContactImport.state == ImportState.UNDOING)
        .order_by(ContactImport.id)
    )
    dead = (work.now - SILENCE).isoformat()
    rows = work.session.execute(wanted)
    return [row.id for row in rows if row.beat is None or row.beat < dead]


def run_undoing(open_work: Open, import_id: UUID, *, stopping: Callable[[], bool] = bool) -> None:
    """Take an import back to its end, portion by portion; quiet when it is done, another worker has
    it, or a launch of the partner is just writing down its people: then the sweep comes back.
    """
    while not stopping():
        with open_work() as work:
            if not _portion(work, import_id):
                return


def _portion(work: Work, import_id: UUID) -> bool:
    """Take one portion back, or end it; say whether there is more to do here."""
    wanted = select(ContactImport).where(
        ContactImport.id == import_id, ContactImport.state == ImportState.UNDOING
    )
    row = work.session.scalars(wanted.with_for_update(skip_locked=True)).one_or_none()
    if row is None:
        return False
    at: dict[str, Any] = dict(row.preview["undo"])
    if not work.session.scalar(select(func.pg_try_advisory_xact_lock(_turn(row.partner_id)))):
        row.preview = row.preview | {"undo": at | {"beat": None}}
        return False
    take_turns(work, row.partner_id)
    later = _others(work, row)
    scope = {
        "import": row.id,
        "list": row.list_id,
        "later": [each.id for each in later],
        "here": [each.id for each in later if each.list_id == row.list_id],
    }
    if not (_change_back(work, scope, at) or _take_out(work, row, scope, at)):
        _end(work, row, at)
        return False
    row.preview = row.preview | {"undo": at | {"beat": work.now.isoformat()}}
    return True


def _others(work: Work, row: ContactImport) -> Sequence[Any]:
    """Return the later imports of the partner that stand, the next one first."""
    return work.session.execute(
        select(ContactImport.id, ContactImport.list_id)
        .where(
            ContactImport.partner_id == row.partner_id,
            ContactImport.id != row.id,
            ContactImport.state.in_((ImportState.IMPORTING, ImportState.DONE, ImportState.UNDOING)),
            func.coalesce(ContactImport.finished_at > row.finished_at, true()),
        )
        .order_by(ContactImport.finished_at.nulls_last(), ContactImport.id)
    ).all()


def _change_back(work: Work, scope: dict[str, Any], at: dict[str, Any]) -> int:
    """Give a portion of those who were known before back what they were; return how many.

    What a later file changed stays: that file's undo then leads to what was before both.
    """
    run = work.session.execute
    ids = run(text(_CHANGED), {"import": scope["import"], "n": PORTION}).scalars().all()
    if not ids:
        return 0
    some = scope | {"ids": ids}
    for statement in (_AS_THEY_WERE, _WAS_HANDED_ON, _OUT_AGAIN, _JOINED_HANDED_ON, _FORGET):
        run(text(statement), some)
    at["back"] = at.get("back", 0) + len(ids)
    return len(ids)


def _take_out(work: Work, row: ContactImport, scope: dict[str, Any], at: dict[str, Any]) -> int:
    """Take a portion of the people that came by it out of the list and, where nothing else of theirs
    is here, out of the contacts; return how many there were.
    """
    came = (
        select(Contact.id)
        .where(
            Contact.partner_id == row.partner_id,
            Contact.address != "",
            Contact.id > at.get("after", 0),
            Contact.import_id == row.id,
        )
        .order_by(Contact.id)
        .limit(PORTION)
    )
    ids = work.session.scalars(came).all()
    if not ids:
        return 0
    some = scope | {"ids": ids}
    work.session.execute(text(_OUT), some)
    gone = changed(work.session, text(_GONE), some)
    for statement in (_IN_THE_LIST_BY_IT, _HANDED_ON):
        work.session.execute(text(statement), some)
    at["after"] = ids[-1]
    at["gone"] = at.get("gone", 0) + gone
    at["kept"] = at.get("kept", 0) + len(ids) - gone
    return len(ids)


def _end(work: Work, row: ContactImport, at: dict[str, Any]) -> None:
    """Delete the list that the import made, unless others are in it, and say that it is over."""
    if row.preview.get("new_list"):
        at["stays"] = bool(
            work.session.scalar(select(exists().where(ListMember.list_id == row.list_id)))
        )
        made = work.session.get(ContactList, row.list_id)
        if made is not None and not at["stays"]:
            made.deleted_at = made.deleted_at or work.now
    at.pop("beat", None)
    row.preview = row.preview | {"undo": at}
    row.state, row.finished_at = ImportState.UNDONE, work.now
    counts = {name: at.get(name, 0) for name in ("gone", "kept", "back")}
    work.audit("undid", "contact_import", row.id, partner_id=row.partner_id, **counts)


def _turn(partner_id: UUID) -> Any:
    return func.hashtextextended(f"undo of {partner_id}", 0)


def hold_undoing(work: Work, partner_id: UUID) -> bool:
    """Let no import of a partner be undone until this transaction ends; False while one is.

    Whoever writes down the people of a whole list asks first: half a list is never written down.
    """
    work.session.execute(select(func.pg_advisory_xact_lock_shared(_turn(partner_id))))
    return not work.session.scalar(select(is_taken_back(partner_id=partner_id)))
