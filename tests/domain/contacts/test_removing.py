"""A segment is brought back; an own field goes with every value, and no undo brings one back."""

import json

import pytest
from sqlalchemy import text

from tcma import uses
from tcma.contacts import importing, imports, queries, removing, segments, undoing
from tcma.contacts.conditions import Condition, Kind, Op, Row
from tcma.contacts.merging import merge_rows
from tcma.contacts.rules import LawfulBasis
from tcma.errors import Conflict, Invalid, NotFound
from tcma.jobs import Job
from tests import builders
from tests.faults.posting import rung
from workers.runtime import Run

FILE = "email,first name,seats,phase\n" + "".join(
    f"p{n}@firm.example,P{n},{n},open\n" for n in range(25)
)
MANY = Condition((Row("x_seats", Op.MORE, "10"),))


@pytest.fixture
def filled(db, alice, monkeypatch):
    """Twenty-five people with seats and phase, by a file."""
    monkeypatch.setattr(removing, "PORTION", 10)
    with db(alice) as work:
        own = {segments.add_field(work, label, kind): place for label, kind, place in (
            ("Seats", Kind.NUMBER, 2), ("Phase", Kind.TEXT, 3))}  # fmt: skip
    imported(db, alice, FILE, own)
    return own


def imported(db, alice, content, own):
    with db(alice) as work:
        import_id = imports.start(work, file_name="people.csv", content=content.encode())
        mapping = {"email": 0, "first_name": 1, **own}
        imports.confirm(work, import_id, basis=LawfulBasis.CONSENT, mapping=mapping)
    importing.run_import(db, import_id)
    return import_id


def kept(db, alice, name="Large"):
    with db(alice) as work:
        return segments.save_segment(work, name, MANY)


def names(db, alice):
    with db(alice) as work:
        return [one.name for one in segments.segments(work.session, alice)]


def with_seats(db):
    with db() as work:
        everywhere = (
            "SELECT (SELECT count(*) FROM contact WHERE fields ? 'x_seats')"
            " + (SELECT count(*) FROM contact_import_change WHERE was::text LIKE '%x_seats%')"
            " + (SELECT count(*) FROM contact_merge WHERE was::text LIKE '%x_seats%')"
        )
        return work.session.scalar(text(everywhere))


def test_a_deleted_segment_is_nowhere_until_it_is_brought_back(db, alice, filled):
    large = kept(db, alice)
    with db(alice) as work:
        assert uses.delete_segment(work, large) == "Large"
    assert names(db, alice) == []
    with db(alice) as work:
        for asked in (segments.segment, segments.audience_name):
            with pytest.raises(NotFound):
                asked(work.session, alice, large)
        with pytest.raises(NotFound):
            segments.save_segment(work, "Larger", MANY, segment_id=large)
    with db(alice) as work:
        among = segments.audience_people(work.session, alice, large)
        assert queries.contacts(work.session, alice, now=work.now, among=among).rows == []
    with db(alice) as work:
        removing.restore_segment(work, large)
        removing.restore_segment(work, large)
    assert names(db, alice) == ["Large"]


def test_its_name_is_free_meanwhile_and_it_comes_back_with_a_number(db, alice, filled):
    large = kept(db, alice)
    with db(alice) as work:
        uses.delete_segment(work, large)
    kept(db, alice)
    with db(alice) as work:
        removing.restore_segment(work, large)
    assert names(db, alice) == ["Large", "Large (2)"]


def test_others_neither_delete_nor_bring_back_nor_remove(db, alice, filled):
    large = kept(db, alice)
    with db() as work:
        vendor = builders.a_vendor(work)
        charlie = builders.charlie(work, vendor)
    tries = (
        lambda work: uses.delete_segment(work, large),
        lambda work: removing.restore_segment(work, large),
        lambda work: uses.remove_field(work, "x_phase"),
    )
    for each in tries:
        with db(charlie) as work, pytest.raises(NotFound):
            each(work)


def test_a_field_that_a_segment_asks_for_stays_and_the_segment_is_named(db, alice, filled):
    large = kept(db, alice)
    with db(alice) as work, pytest.raises(Conflict, match="The segment “Large” asks for it"):
        uses.remove_field(work, "x_seats")
    with db(alice) as work:
        uses.delete_segment(work, large)
        places = uses.field_uses(work, "x_seats")
        assert [(each.kind, each.binds) for each in places] == [("filled", False)]
        uses.remove_field(work, "x_seats")
        removing.restore_segment(work, large)
        fields = segments.fields_of(work.session, alice.partner_id)
        with pytest.raises(Invalid, match="A field of this segment is gone"):
            segments.compiled(MANY, fields)


def test_a_field_that_an_import_is_filling_stays_until_that_has_ended(db, alice, filled):
    with db(alice) as work:
        again = imports.start(work, file_name="more.csv", content=FILE.encode())
        imports.confirm(work, again, basis=LawfulBasis.CONSENT)
    with db(alice) as work, pytest.raises(Conflict, match="has not ended"):
        uses.remove_field(work, "x_seats")


@pytest.mark.parametrize("portions", range(4))
def test_its_values_go_wherever_a_kill_meets_it_and_the_others_stay(db, alice, filled, portions):
    with db(alice) as work:
        assert removing.people_with(work, "x_seats") == 25
        uses.remove_field(work, "x_seats")
        uses.remove_field(work, "x_seats")
    assert db.queue.of(Job.CONTACTS_FIELD) == [
        {"partner_id": str(alice.partner_id), "key": "x_seats"}
    ]
    answers = iter([False] * portions + [True])
    removing.run_removal(db, alice.partner_id, "x_seats", stopping=lambda: next(answers))
    assert with_seats(db) == max(25 - 10 * portions, 0)
    rung(Run(services=_Services(db), stopping=lambda: False), Job.CONTACTS_FIELD)
    assert with_seats(db) == 0
    with db(alice) as work:
        assert removing.people_with(work, "x_phase") == 25
        assert removing.due_removals(work) == []
        assert [each.key for each in segments.custom_fields(work.session, alice.partner_id)] == [
            "x_phase"
        ]


class _Services:
    def __init__(self, db):
        self.transaction = db


def test_from_the_press_on_nobody_sees_it_and_its_name_is_free_but_not_its_values(
    db, alice, filled
):
    with db(alice) as work:
        uses.remove_field(work, "x_seats")
    with db(alice) as work:
        rows = list(queries.every_contact(work.session, alice, now=work.now))
        assert "Seats" not in rows[0]
        assert not any("x_seats" in cell for row in rows for cell in row)
        with pytest.raises(NotFound):
            segments.rename_field(work, "x_seats", "Places")
        again = imports.start(work, file_name="people.csv", content=FILE.encode())
        assert "x_seats" not in queries.import_view(work.session, alice, again).mapping
        assert segments.add_field(work, "Seats", Kind.NUMBER) == "x_seats_2"
        assert removing.people_with(work, "x_seats_2") == 0


def test_neither_the_undo_of_an_import_nor_of_a_merge_brings_a_value_back(db, alice, filled):
    again = imported(db, alice, FILE.replace(",open", ",won"), filled)
    with db(alice) as work:
        one, two = work.session.scalars(text("SELECT id FROM contact ORDER BY id LIMIT 2")).all()
        merge_rows(work, one, two)
        uses.remove_field(work, "x_seats")
    assert with_seats(db) > 25
    removing.run_removal(db, alice.partner_id, "x_seats")
    assert with_seats(db) == 0
    with db(alice) as work:
        undoing.undo(work, again)
    undoing.run_undoing(db, again)
    with db() as work:
        fields = work.session.scalars(text("SELECT fields FROM contact WHERE address <> ''")).all()
    assert {json.dumps(each) for each in fields} == {'{"x_phase": "open"}'}
