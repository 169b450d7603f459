"""An import whose file is gone from the store ends, with the rows that are in."""

import pytest
from sqlalchemy import select

from tcma.contacts import importing, undoing
from tcma.contacts.models import Contact
from tcma.db.documents import Document
from tests.domain.contacts.test_imports import confirmed, counted, seen, uploaded


@pytest.mark.parametrize(("written", "state", "people"), [(0, "refused", 0), (30, "done", 30)])
def test_an_import_whose_file_is_gone_ends_and_says_so(
    db, alice, monkeypatch, written, state, people
):
    monkeypatch.setattr(importing, "CHUNK", 10)
    rows = "".join(f"p{n}@firm.example,P{n}\n" for n in range(95))
    import_id = uploaded(db, alice, "email,first name\n" + rows)
    confirmed(db, alice, import_id)
    answers = iter([False] * (written // 10) + [True])
    importing.run_import(db, import_id, stopping=lambda: next(answers))
    with db() as work:
        document = work.session.scalars(select(Document).where(Document.kind == "contact_file"))
        db.files.delete(document.one().key)
    importing.run_import(db, import_id)
    view = seen(db, alice, import_id)
    assert (view.state, view.added_n, view.error) == (state, people, "The file was removed.")
    with db() as work:
        assert importing.due_imports(work) == []
    if written:
        with db(alice) as work:
            undoing.undo(work, import_id)
        undoing.run_undoing(db, import_id)
        assert counted(db, Contact) == 0
