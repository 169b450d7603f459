"""Segments: what a line may ask, the people it meets, and the number while it is typed."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tcma.contacts import actions, erasure, importing, imports, queries, removing, segments, undoing
from tcma.contacts.conditions import (
    OPS,
    STANDARD,
    Condition,
    Field,
    Kind,
    Op,
    Row,
    checked,
    condition_of,
    in_words,
    plain,
    tags_of,
)
from tcma.contacts.rules import LawfulBasis
from tcma.errors import Conflict, Invalid, NotFound
from tcma.launches.audience import of_segment
from tcma.launches.preflight import reach_of
from tests import builders

SEATS = Field("x_seats", "Seats", Kind.NUMBER)
SIZE = Field("x_size", "Size", Kind.CHOICE, (("small", "small"), ("large", "large")))
FIELDS = [*STANDARD, SEATS, SIZE]


@pytest.mark.parametrize(
    ("kind", "text_", "value"),
    [
        (Kind.NUMBER, "1 250", "1250"),
        (Kind.NUMBER, "1.250,50", "1250.5"),
        (Kind.NUMBER, "1,250.50", "1250.5"),
        (Kind.NUMBER, "-3", "-3"),
        (Kind.NUMBER, "12 seats", None),
        (Kind.NUMBER, "1e9", None),
        (Kind.DATE, "4.3.2026", "2026-03-04"),
        (Kind.DATE, "2026-03-04T10:00", "2026-03-04"),
        (Kind.DATE, "31.2.2026", None),
        (Kind.BOOLEAN, "Ja", "yes"),
        (Kind.BOOLEAN, "perhaps", None),
        (Kind.TEXT, " Leeds ", "Leeds"),
    ],
)
def test_a_value_is_stored_in_one_spelling_or_not_at_all(kind, text_, value):
    assert plain(kind, text_) == value


def test_tags_come_apart_each_once():
    assert tags_of("lead, client;VIP | lead") == ["lead", "client", "VIP"]


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([], "row-0"),
        ([Row("country", Op.IS, "GB"), Row("gone", Op.IS, "x")], "row-1"),
        ([Row("country", Op.MORE, "3")], "row-0"),
        ([Row("x_seats", Op.MORE, "many")], "row-0"),
        ([Row("x_size", Op.IS, "huge")], "row-0"),
        ([Row("country", Op.IS, " ")], "row-0"),
        ([Row("country", Op.FILLED)] * 11, "row-0"),
    ],
)
def test_a_line_that_cannot_be_asked_is_named(rows, problem):
    with pytest.raises(Invalid) as refusal:
        checked(Condition(tuple(rows)), FIELDS)
    assert problem in refusal.value.fields


def test_a_condition_is_kept_and_read_in_words():
    condition = checked(
        Condition((Row("country", Op.IS, "GB"), Row("x_seats", Op.MORE, "1 000")), every=False),
        FIELDS,
    )
    assert condition_of(condition.stored()) == condition
    assert in_words(condition, FIELDS) == "country is GB or seats is more than 1000"


FILE = """Email;Vorname;Land;Ort;Tags;Plaetze;Vertrag bis
ada@a.example;Ada;GB;Leeds;VIP,lead;120;1.4.2026
bob@a.example;Bob;gb;York;lead;40;2027-01-01
eve@b.example;Eve;DE;Köln;;many;
"""


@pytest.fixture
def world(db):
    with db() as work:
        vendor = builders.a_vendor(work)
        partner = builders.a_partner(work, vendor, profile=False)
        alice = builders.alice(work, partner)
    with db(alice) as work:
        seats = segments.add_field(work, "Seats", Kind.NUMBER)
        ends = segments.add_field(work, "Contract ends", Kind.DATE)
        started = imports.start(work, file_name="people.csv", content=FILE.encode())
    with db(alice) as work:
        mapping = {"email": 0, "first_name": 1, "country": 2, "city": 3, "tags": 4}
        mapping |= {seats: 5, ends: 6}
        list_id = imports.confirm(work, started, basis=LawfulBasis.CONTRACT, mapping=mapping)
    importing.run_import(db, started)
    return {"vendor": vendor, "partner": partner, "alice": alice, "import": started,
            "list": list_id, "seats": seats, "ends": ends}  # fmt: skip


def met(db, world, *rows, every=True):
    with db(world["alice"]) as work:
        fields = segments.fields_of(work.session, world["partner"])
        condition = segments.compiled(checked(Condition(rows, every), fields), fields)
        ids = segments.people_of(world["partner"], condition)
        names = work.session.execute(
            text("SELECT id, first_name FROM contact ORDER BY first_name")
        ).all()
        found = set(work.session.scalars(ids))
    return [name for number, name in names if number in found]


def test_each_kind_of_line_meets_its_people(db, world):
    seats, ends = world["seats"], world["ends"]
    rows = {
        Row("country", Op.IS, "gb"): ["Ada", "Bob"],
        Row("country", Op.IS_NOT, "GB"): ["Eve"],
        Row("city", Op.STARTS, "kö"): ["Eve"],
        Row("city", Op.CONTAINS, "%"): [],
        Row("domain", Op.IS, "b.example"): ["Eve"],
        Row("tags", Op.HAS, "lead"): ["Ada", "Bob"],
        Row("tags", Op.LACKS, "VIP"): ["Bob", "Eve"],
        Row("tags", Op.EMPTY): ["Eve"],
        Row(seats, Op.MORE, "100"): ["Ada"],
        Row(seats, Op.LESS, "100"): ["Bob"],
        Row(seats, Op.EMPTY): ["Eve"],
        Row(ends, Op.BEFORE, "2026-12-31"): ["Ada"],
        Row("created", Op.AFTER, "2026-03-01"): ["Ada", "Bob", "Eve"],
        Row("list", Op.HAS, str(world["list"])): ["Ada", "Bob", "Eve"],
        Row("first_name", Op.IS, "'; DROP TABLE contact; --"): [],
    }
    assert {row: met(db, world, row) for row in rows} == rows
    both = (Row("country", Op.IS, "GB"), Row(seats, Op.LESS, "100"))
    assert met(db, world, *both) == ["Bob"]
    assert met(db, world, *both, every=False) == ["Ada", "Bob"]


def test_a_saved_segment_is_counted_and_a_launch_asks_what_carries_its_people(db, world):
    condition = Condition((Row("country", Op.IS, "GB"),))
    with db(world["alice"]) as work:
        kept = segments.save_segment(work, "Britain", condition)
        with pytest.raises(Invalid):
            segments.save_segment(work, "Britain", condition)
        one = segments.segment(work.session, world["alice"], kept)
        assert (one.counted, one.words) == (2, "country is GB")
        actions.remove_from_list(work, world["list"], work.session.scalar(
            text("SELECT id FROM contact WHERE first_name = 'Bob'")))  # fmt: skip
        fields = segments.fields_of(work.session, world["partner"])
        people = of_segment(
            segments.compiled(one.condition, fields), partner_id=world["partner"],
            vendor_id=world["vendor"], now=work.now,
        )  # fmt: skip
        reach = reach_of(work.session, people, vendor_id=world["vendor"],
                         partner_id=world["partner"], now=work.now)  # fmt: skip
        assert (reach.sendable, reach.held) == (1, {"has no consent on record": 1})
    with db() as work:
        stranger = builders.charlie(work, world["vendor"])
    with db(stranger) as work, pytest.raises(NotFound):
        segments.segment(work.session, stranger, kept)
    with db(world["alice"]) as work:
        assert removing.delete_segment(work, kept)


def test_when_counting_takes_too_long_the_number_is_an_estimate(db, world):
    with db(world["alice"]) as work:
        work.session.execute(text(
            "INSERT INTO contact (partner_id, address, address_hash, country, created_at)"
            " SELECT :p, n || '@c.example', sha256(n::text::bytea), 'FR', now()"
            " FROM generate_series(1, 20000) n"), {"p": world["partner"]})  # fmt: skip
        fields = segments.fields_of(work.session, world["partner"])
        french = segments.compiled(
            checked(Condition((Row("country", Op.IS, "FR"),)), fields), fields
        )
        slow = french & text("pg_sleep(0.0001) IS NOT NULL")
        counted = segments.count_people(work.session, world["partner"], slow, patience_ms=20)
        assert counted.about
        assert 12_000 < counted.people < 30_000
        assert segments.count_people(work.session, world["partner"], french).people == 20_000


def test_a_field_is_made_once_and_needs_choices_where_there_is_a_choice(db, world):
    with db(world["alice"]) as work:
        for label, kind in (("seats", Kind.TEXT), ("Country", Kind.TEXT), ("New", Kind.CHOICE)):
            with pytest.raises((Invalid, Conflict)):
                segments.add_field(work, label, kind)
        assert segments.add_field(work, "Größe", Kind.CHOICE, choices=["S", "L"]) == "x_gr__e"


def test_everybody_leaves_as_inert_words_with_tags_and_own_fields(db, world):
    with db(world["alice"]) as work:
        rows = list(queries.every_contact(work.session, world["alice"], now=work.now))
    assert rows[1][:2] == ("ada@a.example", "Ada")
    assert rows[1][7] == "VIP, lead"
    assert dict(zip(rows[0], rows[1], strict=True))["Seats"] == "120"
    assert len(rows) == 4


def test_erasure_empties_the_person_and_what_undo_would_bring_back(db, world):
    with db(world["alice"]) as work:
        person = work.session.scalar(text("SELECT id FROM contact WHERE first_name = 'Ada'"))
        work.session.execute(text(
            "INSERT INTO contact_import_change VALUES (gen_random_uuid(), :c, false,"
            " '{\"first_name\": \"Ada\"}')"), {"c": person})  # fmt: skip
        assert erasure.erase_contact(work, person) == "ada@a.example"
        undo = text("SELECT count(*) FROM contact_import_change WHERE contact_id = :c")
        assert work.session.scalar(undo, {"c": person}) == 0
        kept = work.session.execute(
            text("SELECT address, tags, fields FROM contact WHERE id = :c"), {"c": person}
        ).one()
    assert tuple(kept) == ("", [], {})


def test_what_undo_needs_goes_after_thirty_days(db, world):
    with db() as work:
        work.session.execute(text(
            "INSERT INTO contact_import_change SELECT id, 1, false, '{}' FROM contact_import"))  # fmt: skip
    for days, gone in ((29, 0), (2, 1)):
        db.clock.move(timedelta(days=days))
        with db() as work:
            assert erasure.purge(work) == gone


def test_undoing_an_import_brings_back_what_it_changed_of_others(db, world):
    again = "Email;Vorname;Tags\nada@a.example;Adelaide;new\nzoe@a.example;Zoe;\n"
    with db(world["alice"]) as work:
        other = actions.create_list(
            work, actions.NewList(name="Others", basis=LawfulBasis.CONTRACT)
        )
        second = imports.start(work, file_name="more.csv", content=again.encode(), list_id=other)
    with db(world["alice"]) as work:
        imports.confirm(work, second, basis=LawfulBasis.CONTRACT)
    importing.run_import(db, second)
    ada = "SELECT first_name, array_length(tags, 1) FROM contact WHERE address LIKE 'ada%'"
    members = "SELECT count(*) FROM list_member WHERE list_id = :l"
    with db() as work:
        assert tuple(work.session.execute(text(ada)).one()) == ("Adelaide", 3)
        assert work.session.scalar(text(members), {"l": other}) == 2
    with db(world["alice"]) as work:
        undoing.undo(work, second)
    undoing.run_undoing(db, second)
    with db() as work:
        assert tuple(work.session.execute(text(ada)).one()) == ("Ada", 2)
        assert work.session.scalar(text(members), {"l": other}) == 0
        assert work.session.scalar(text("SELECT count(*) FROM contact")) == 3
    assert all(OPS[kind] for kind in Kind)
