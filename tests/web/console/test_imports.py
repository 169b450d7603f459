"""From a file to a list: guessed columns, counts before, result after, report and undo."""

import io

import pytest

from tcma.contacts import list_queries

FILE = (
    b"E-Mail;Vorname;Firma;Kundennummer;Status\n"
    b"ida@brackwater.example;Ida;Brackwater;17;subscribed\n"
    b"owen@calder.example;Owen;Calder Vale;18;subscribed\n"
    b"mei@merrow.example;Mei;Merrow;19;unsubscribed\n"
    b"not-an-address;Jo;Nobody;20;subscribed\n"
)
AGREED = {"basis": "consent", "evidence": "Fair, 4 March, signed cards", "list_name": "Fair"}


def upload(visitor, content=FILE, name="fair.csv"):
    return visitor.post("/console/imports", file=(io.BytesIO(content), name))


def columns(page):
    return {
        select.attributes["name"]: select.css_first("option[selected]").attributes["value"] or ""
        for select in page.tree.css("select[name^=column-]")
        if select.css_first("option[selected]")
    }


def test_columns_are_guessed_on_the_rows_of_the_file(desk):
    alice = desk.as_("Alice")
    page = alice.get(upload(alice).location)
    assert "4 rows read, 2 can be mailed, 2 cannot" in page.words
    assert columns(page) == {
        "column-0": "email", "column-1": "first_name", "column-2": "company",
        "column-3": "", "column-4": "status",
    }  # fmt: skip
    assert "1 unsubscribed" in page.words
    assert set(page.all("main .btn-primary")) == {"Import 2 people"}


def test_nothing_runs_before_one_says_how_they_agreed(desk):
    alice = desk.as_("Alice")
    place = upload(alice).location
    page = alice.post(f"{place}/confirmation", **{"column-0": "email"}, evidence="")
    assert page.status == 422
    assert "Say how you know" in page.words
    assert desk.db.queue.sent == []


def test_an_import_ends_in_a_list_a_sum_and_a_report(desk):
    alice = desk.as_("Alice")
    place = upload(alice).location
    chosen = columns(alice.get(place))
    alice.post(f"{place}/confirmation", **chosen, **AGREED)
    assert 'hx-trigger="every 1s"' in alice.get(place).text
    desk.drain()
    page = alice.get(place)
    assert "hx-trigger" not in page.tree.css_first("#moving-part").html.split(">")[0]
    assert "2 + 0 + 1 + 1 = 4 rows" in page.words
    report = alice.get(f"{place}/report.csv")
    assert "not-an-address" in report.text
    assert "attachment" in report.headers["Content-Disposition"]
    with desk.world("Alice") as work:
        fair = list_queries.lists(work.session, work.principal, now=work.now)[0]
    assert (fair.name, fair.sendable_n) == ("Fair", 2)


def test_who_hears_the_page_is_told_how_far_an_import_is_and_that_it_is_over(desk):
    alice = desk.as_("Alice")
    place = upload(alice).location
    alice.post(f"{place}/confirmation", **columns(alice.get(place)), **AGREED)
    for told in ("Importing: 0% of 4", "Imported: 100% of 4"):
        page = alice.get(place)
        assert [each for each in page.all("#live") if each] == [told]
        assert ("The list “Fair” has" in page.words) is (told != "Importing: 0% of 4")
        part = alice.get(place, headers={"HX-Request": "true"})
        assert part.all('#live[hx-swap-oob="innerMorph"]') == [told]
        desk.drain()


def test_a_column_that_speaks_of_consent_says_so_beside_the_one_chosen(desk):
    text = b"E-Mail;Status;Werbung erlaubt\nida@priory.example;aktiv;ja\nno@priory.example;aktiv;nein\n"
    alice = desk.as_("Alice")
    assert "1 unsubscribed" in alice.get(upload(alice, text).location).words
    page = alice.get(upload(alice, text.replace(b"nein", b"ja")).location)
    assert "heeded: who may be mailed" in page.words


def test_an_import_is_taken_back_with_its_list(desk):
    alice = desk.as_("Alice")
    place = upload(alice).location
    alice.post(f"{place}/confirmation", **columns(alice.get(place)), **AGREED)
    desk.drain()
    page = alice.post(f"{place}/undoing", follow=True)
    assert "is being undone" in page.words
    assert "0 + 0 + 0 of about 3 people" in page.words
    assert page.all("#live") == ["Being undone: 0% of 3"]
    assert 'hx-trigger="every 1s"' in page.text
    assert "Undo this import" not in page.all("main .btn")
    assert "was taken back" not in page.words
    assert "is being undone" in alice.get("/console/contacts").words
    assert "Fair" not in alice.get("/console/imports/new").all("select option")
    assert alice.post(f"{place}/undoing").status == 303
    desk.drain()
    page = alice.get(place)
    assert "was taken back" in page.words
    assert "3 + 0 + 0 = 3 people" in page.words
    assert page.all("#live") == ["Undone: 100% of 4"]
    assert 'hx-trigger="every 1s"' not in page.text
    assert "Fair" not in alice.get("/console/contacts").all("th")


def test_other_columns_are_read_again(desk):
    alice = desk.as_("Alice")
    place = upload(alice).location
    page = alice.post(f"{place}/columns", **{"column-0": "email", "column-1": "company"})
    assert columns(page)["column-1"] == "company"
    without = alice.post(f"{place}/columns", **{"column-1": "company"})
    assert without.status == 422
    assert "which column holds the e-mail address" in without.words


def test_five_addresses_can_be_typed(desk):
    typed = "Sam Reed <sam@priory.example>\nida@priory.example, owen@priory.example"
    page = desk.as_("Alice").post("/console/contacts/lists", addresses=typed, **AGREED, follow=True)
    assert page.heading == "Fair"
    assert "Sam Reed" in page.words


@pytest.mark.parametrize(
    ("path", "fields", "said"),
    [
        ("/console/contacts/lists", {"addresses": "not an address"} | AGREED, "not an address"),
        ("/console/contacts/lists", {"addresses": "a@b.example", "evidence": ""}, "how you know"),
        ("/console/imports", {}, "Choose a file first"),
    ],
)
def test_what_cannot_be_read_comes_back_with_its_reason(desk, path, fields, said):
    page = desk.as_("Alice").post(path, **fields)
    assert page.status == 422
    assert said in page.words


def test_a_file_of_another_kind_is_refused_with_a_remedy(desk):
    alice = desk.as_("Alice")
    page = upload(alice, b"\x89PNG\r\n\x1a\n" + bytes(400), "people.csv")
    assert page.status == 422
    assert page.tree.css_first("#file-error")


def test_how_large_a_file_may_be_is_said_and_is_what_is_let_in(desk):
    alice = desk.as_("Alice")
    assert "Up to 200 MB" in alice.get("/console/imports/new").words
    for path, most in (("/console/imports", 200), ("/console/brand", 25)):
        answer = alice.client.post(
            path,
            environ_overrides={"CONTENT_LENGTH": str((most + 1) << 20)},
            input_stream=io.BytesIO(b"--x"),
            content_type="multipart/form-data; boundary=x",
        )
        assert answer.status_code == 413
        assert f"Files up to {most} MB are taken here." in answer.get_data(as_text=True)


@pytest.mark.parametrize(("who", "status"), [("Charlie", 404), ("Sam", 403), ("", 302)])
def test_an_import_is_its_partners_alone(desk, who, status):
    place = upload(desk.as_("Alice")).location
    assert desk.as_(who).get(place).status == status


@pytest.mark.parametrize(
    ("content", "way_out"),
    [
        (b"E-Mail;Vorname\n", "Export the list again"),
        (b"Vorname;Firma\nIda;Brackwater\n", "Say which column holds the e-mail address"),
        (b"E-Mail;Vorname\nnobody;Ida\n", "correct the file, and choose it again"),
    ],
)
def test_a_file_with_nobody_in_it_offers_no_import_and_says_what_to_do(desk, content, way_out):
    alice = desk.as_("Alice")
    page = alice.get(upload(alice, content, name="nobody.csv").location)
    assert "Nobody can be imported from this file." in page.words
    assert way_out in page.words
    assert not [each for each in page.all("main button") if each.startswith("Import")]


def test_a_name_that_is_too_long_is_said_at_its_field(desk):
    alice = desk.as_("Alice")
    place = upload(alice).location
    chosen = columns(alice.get(place))
    page = alice.post(f"{place}/confirmation", **chosen, **AGREED | {"list_name": "x" * 200})
    assert page.status == 422
    assert page.tree.css_first("#list_name").attributes.get("aria-invalid") == "true"


def imported(desk, alice, content=FILE, name="fair.csv", **chosen):
    """A confirmed import: its columns as they were shown, and its page."""
    place = upload(alice, content, name).location
    shown = columns(alice.get(place))
    alice.post(f"{place}/confirmation", **(shown | chosen), **AGREED)
    desk.drain()
    return shown, place


def test_columns_that_were_set_right_once_are_read_so_the_next_time_with_a_word(desk):
    alice = desk.as_("Alice")
    imported(desk, alice, **{"column-2": "city", "column-3": "phone"})
    other = FILE.replace(b"E-Mail;Vorname", b"vorname;e-mail").replace(b"ida@", b"x@")
    rows = [line.split(b";") for line in other.splitlines()]
    swapped = b"\n".join(b";".join([r[1], r[0], *r[2:]]) for r in rows[1:])
    page = alice.get(upload(alice, rows_of(rows[0], swapped), "next.csv").location)
    assert columns(page) == {
        "column-0": "first_name", "column-1": "email", "column-2": "city", "column-3": "phone",
        "column-4": "status",
    }  # fmt: skip
    assert "which had the same heads" in page.words
    assert "as last time" in page.words


def rows_of(head, rest):
    return b";".join(head) + b"\n" + rest + b"\n"


def test_another_partners_file_other_heads_and_what_was_undone_are_not_remembered(desk):
    alice = desk.as_("Alice")
    guessed, place = imported(desk, alice, **{"column-2": "city"})
    charlie = desk.as_("Charlie")
    assert columns(charlie.get(upload(charlie).location)) == guessed
    more = FILE.replace(b"Status\n", b"Status;Ort\n").replace(b"scribed\n", b"scribed;Leeds\n")
    assert "which had the same heads" not in alice.get(upload(alice, more).location).words
    alice.post(f"{place}/undoing")
    assert columns(alice.get(upload(alice).location)) == guessed


def test_people_are_added_to_a_list_that_is_there_and_only_on_its_ground(desk):
    alice = desk.as_("Alice")
    list_id = desk.ids["list"]
    at_list = alice.get(f"/console/contacts/lists/{list_id}")
    assert f"/console/imports/new?into={list_id}" in at_list.links()
    form = alice.get(f"/console/imports/new?into={list_id}")
    assert form.tree.css_first(f'option[value="{list_id}"][selected]') is not None
    place = alice.post(
        "/console/imports", file=(io.BytesIO(FILE), "more.csv"), into=str(list_id)
    ).location
    page = alice.get(place)
    assert "Before they join “Customers”" in page.words
    refused = alice.post(f"{place}/confirmation", **columns(page), basis="contract", evidence="x")
    assert refused.status == 422
    assert "rests on another ground" in refused.words
    alice.post(f"{place}/confirmation", **columns(page), basis="consent", evidence="Fair")
    desk.drain()
    assert "The list “Customers” has 6 people, 5 can be mailed" in alice.get(place).words
    other = desk.as_("Charlie").post(
        "/console/imports", file=(io.BytesIO(FILE), "more.csv"), into=str(list_id)
    )
    assert other.status == 404
