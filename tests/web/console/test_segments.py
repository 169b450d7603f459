"""Segments at the console: counted while typed, saved, looked at, exported, launched to; and lists likewise."""

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import text

from tcma.delivery.actions import ensure_sender
from tests.builders import a_list

PLANNING = "/console/launches/new?campaign=corbelane/cloud-migration"
KEPT = {"field": "company", "op": "is", "value": "Pellmoor Joinery", "every": "all"}


def numbers(desk, **facts):
    alice = desk.as_("Alice")
    return alice.post("/console/contacts/segments/new", **KEPT | {"count": "1"} | facts)


@pytest.fixture
def saved(desk):
    """Alice's visitor and the address of a segment of three."""
    alice = desk.as_("Alice")
    kept = alice.post("/console/contacts/segments/new", **KEPT, name="Moor", save="1")
    return alice, kept.location


def rows_of(answer):
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_a_value_that_cannot_be_is_named_while_it_is_typed(desk):
    assert "3 people" in numbers(desk).words
    bad = numbers(desk, field="created", op="after", value="soon")
    assert bad.tree.css_first("#segment-count .why-not") is not None
    empty = numbers(desk, field="created", op="after", value="")
    assert empty.tree.css_first("#segment-count .why-not") is None
    assert "Complete the lines" in empty.words


def test_who_meets_a_segment_is_a_click_away_and_nobody_elses(saved, desk):
    alice, place = saved
    assert f"{place}/people" in alice.get(place).links()
    assert f"{place}/people" in alice.get("/console/contacts/segments").links()
    page = alice.get(f"{place}/people")
    assert "Astrid Pell" in page.words
    assert len(page.tree.css("tbody tr")) == 3
    assert "Nobody matches." in alice.get(f"{place}/people?q=zz").words
    assert desk.as_("Charlie").get(f"{place}/people").status == 404


def test_a_segment_and_a_list_are_exported_with_own_fields_under_their_names(saved, desk):
    alice, place = saved
    alice.post("/console/contacts/fields", label="Seats", kind="number", choices="")
    more = b"E-Mail;Vorname;Seats\nida@priory.example;Ida;17\n"
    brought = alice.post("/console/imports", file=(io.BytesIO(more), "more.csv")).location
    alice.post(
        f"{brought}/confirmation",
        **{"column-0": "email", "column-1": "first_name", "column-2": "x_seats"},
        basis="contract",
    )
    desk.drain()
    segment = place.rpartition("/")[2]
    everybody = rows_of(alice.get("/console/contacts/export.csv"))
    assert {row["Address"]: row["Seats"] for row in everybody}["ida@priory.example"] == "17"
    assert len(everybody) == 4
    of_segment = rows_of(alice.get(f"/console/contacts/export.csv?of={segment}"))
    assert [row["Company"] for row in of_segment] == ["Pellmoor Joinery"] * 3
    of_list = rows_of(alice.get(f"/console/contacts/export.csv?of={desk.ids['list']}"))
    assert "ida@priory.example" not in {row["Address"] for row in of_list}
    assert len(of_list) == 3
    for stranger in (f"?of={segment}", f"?of={desk.ids['list']}", "?of=x"):
        answer = desk.as_("Charlie").get(f"/console/contacts/export.csv{stranger}")
        assert answer.status == 404


def test_a_list_and_an_own_field_are_renamed_by_their_partner_alone(saved, desk):
    alice, _ = saved
    charlie, of_list = desk.as_("Charlie"), f"/console/contacts/lists/{desk.ids['list']}"
    with desk.db() as work:
        a_list(work, desk.ids["fenwright"], 0, name="Taken")
    alice.post(f"{of_list}/name", list_name="  Spring   fair ")
    assert alice.get(of_list).heading == "Spring fair"
    alice.post(f"{of_list}/name", list_name="Taken")
    assert alice.get(of_list).heading == "Taken (2)"
    refused = alice.post(f"{of_list}/name", list_name=" ", follow=True)
    assert "Give the list a name of at most 80 characters." in refused.text
    assert charlie.post(f"{of_list}/name", list_name="Theirs").status == 404
    for label in ("Seats", "Size"):
        alice.post("/console/contacts/fields", label=label, kind="number", choices="")
    rename = "/console/contacts/fields/x_seats/name"
    said = alice.post(rename, **{"label-x_seats": "Places"}, follow=True)
    assert "Renamed. What stands in it stays." in said.text
    assert "Places" in said.words
    for taken in ("Size", "Country", ""):
        said = alice.post(rename, **{"label-x_seats": taken}, follow=True)
        assert "Give it a name that no other field has." in said.text
    assert charlie.post(rename, **{"label-x_seats": "Theirs"}).status == 404


def ticked(page):
    boxes = page.tree.css("input[name=lists][checked]")
    return [box.attributes["value"] for box in boxes]


def test_a_launch_begun_at_a_segment_or_list_is_not_asked_to_whom_again(saved, stocked):
    alice, place = saved
    segment, of_list = place.rpartition("/")[2], str(stocked.ids["list"])
    with stocked.db() as work:
        partner = stocked.ids["fenwright"]
        a_list(work, partner, 0, name="Other")
        sender = ensure_sender(
            work, partner_id=partner, from_name="Alice", from_address="alice@fenwright.example"
        )
        theirs = a_list(work, stocked.ids["ridgeline"], 0)
    assert ticked(alice.get(PLANNING)) == []
    for chosen, name in ((segment, "Moor"), (of_list, "Customers")):
        begin = f"/console/library?to={chosen}"
        at = f"{place}/people" if chosen == segment else f"/console/contacts/lists/{of_list}"
        assert begin in alice.get(at).links()
        assert f"Your launch goes to “{name}”." in alice.get(begin).words
        assert ticked(alice.get(PLANNING)) == [chosen]
    day = (stocked.db.clock.now() + timedelta(days=2)).date().isoformat()
    facts = {"day": day, "at": "09:00", "mails": "first", "sender": str(sender), "key": "k"}
    assert "/check" in alice.post(PLANNING, lists=of_list, **facts).location
    assert ticked(alice.get(PLANNING)) == []
    for none in ("", str(theirs), "x"):
        alice.get(f"/console/library?to={segment}")
        assert "Your launch goes to" not in alice.get(f"/console/library?to={none}").words
        assert ticked(alice.get(PLANNING)) == []


def test_a_deleted_segment_is_brought_back_by_the_press_that_is_offered(saved, desk):
    alice, place = saved
    name = alice.get(place).heading
    said = alice.post(f"{place}/deletion", follow=True)
    assert f"“{name}” deleted." in said.text
    assert said.tree.css_first(f'#toasts form[action="{place}/restoration"]')
    assert alice.get(place).status == 404
    assert desk.as_("Charlie").post(f"{place}/restoration").status == 404
    assert alice.post(f"{place}/restoration", follow=True).heading == name


def test_a_segment_says_which_launch_goes_to_it_and_stays_while_it_does(saved, stocked):
    alice, place = saved
    assert "Where it is used" not in alice.get(place).words
    with stocked.db() as work:
        sender = ensure_sender(
            work, partner_id=stocked.ids["fenwright"], from_name="Alice",
            from_address="alice@fenwright.example",
        )  # fmt: skip
    day = (stocked.db.clock.now() + timedelta(days=2)).date().isoformat()
    planned = alice.post(
        PLANNING, lists=place.rpartition("/")[2], day=day, at="09:00", mails="first",
        sender=str(sender), key="k",
    )  # fmt: skip
    ref = planned.location.split("/")[3]
    page = alice.get(place)
    assert "Where it is used" in page.words
    assert page.tree.css_first(f'main a[href="/console/launches/{ref}"]')
    refused = alice.post(f"{place}/deletion", follow=True)
    assert "This segment is in use." in refused.words
    assert alice.get(place).status == 200


def test_an_own_field_says_what_goes_with_it_is_held_while_in_use_and_then_goes(desk):
    alice = desk.as_("Alice")
    alice.post("/console/contacts/fields", label="Seats", kind="number", choices="")
    with desk.db() as work:
        work.session.execute(
            text('UPDATE contact SET fields = \'{"x_seats": "12"}\' WHERE partner_id = :p'),
            {"p": desk.ids["fenwright"]},
        )
    removal = "/console/contacts/fields/x_seats/removal"
    large = alice.post(
        "/console/contacts/segments/new", field="x_seats", op="more", value="10",
        name="Large", save="1",
    ).location  # fmt: skip
    held = alice.get(removal)
    assert "3 people have a value in it." in held.words
    assert "The segment “Large” asks for it." in held.words
    assert held.tree.css_first(f'main a[href="{large}"]')
    assert not held.tree.css_first('main form[action$="/removal"]')
    assert "This field is in use." in alice.post(removal, follow=True).words
    alice.post(f"{large}/deletion")
    asked = alice.get(removal)
    assert "It cannot be taken back" in asked.words
    assert desk.as_("Charlie").get(removal).status == 404
    gone = alice.post(removal, follow=True)
    assert "“Seats” is removed." in gone.words
    assert alice.get(removal).status == 404
    desk.drain()
    with desk.db() as work:
        left = "SELECT count(*) FROM contact WHERE fields ? 'x_seats'"
        assert work.session.scalar(text(left)) == 0
        assert work.session.scalar(text("SELECT count(*) FROM custom_field")) == 0
