"""What the page of a file says of its columns: who they leave out, which fields they fill, what stops alone become."""

import pytest
from sqlalchemy import text

from tcma.contacts import list_queries
from tests.web.console.test_imports import AGREED, columns, upload

HEAD = b"E-Mail;Vorname;Einwilligung;Seats\n"


def file_of(*cells, head=HEAD):
    rows = (b"p%d@priory.example;P;%s;%d\n" % (n, cell, n) for n, cell in enumerate(cells))
    return head + b"".join(rows)


def looked_at(desk, content, name="people.csv"):
    alice = desk.as_("Alice")
    place = upload(alice, content, name).location
    return alice, place, alice.get(place)


def test_a_column_that_is_blank_in_each_row_is_named_on_top_with_the_remedy(desk):
    _, _, page = looked_at(desk, file_of(b"", b"", b""))
    said = page.words
    blank = "“Einwilligung” does not say that 3 of 3 people agreed to mail: they are left out."
    assert said.index(blank) < said.index("Column in your file")
    assert "take the column out of the file" in said
    assert "3 without a yes" in said
    assert set(page.all("main .btn-primary")) == {"Choose the file again"}


@pytest.mark.parametrize(("cells", "is_said"), [((b"", b"", b"ja"), True), ((b"", b"ja", b"ja"), False)])  # fmt: skip
def test_a_column_that_leaves_out_a_few_is_not_said_on_top(desk, cells, is_said):
    _, _, page = looked_at(desk, file_of(*cells))
    assert ("does not say that" in page.words.split("Column in your file")[0]) is is_said


def test_who_is_left_out_is_counted_by_reason_and_by_the_column_that_said_so(desk):
    content = b"E-Mail;Status;Unsubscribed from all email\n" + b"".join(
        b"p%d@priory.example;subscribed;%s\n" % (n, b"true" if n < 2 else b"") for n in range(4)
    )
    _, _, page = looked_at(desk, content + b"nobody;subscribed;\n")
    told = {
        row.css_first("th").text(strip=True): row.css("td")[-1].text(strip=True)
        for row in page.tree.css("tbody tr")
    }
    assert told["Unsubscribed from all email"] == "2 unsubscribed"
    assert told["Status"] == "sure"
    assert "2 times: Unsubscribed in the system this file comes from." in page.words
    assert "1 times: " in page.words


def test_a_file_of_stops_alone_asks_no_consent_and_fills_the_stop_list(desk):
    alice, place, page = looked_at(desk, file_of(b"nein", b"nein"))
    assert "How do you know they agree?" not in page.words
    assert set(page.all("main .btn-primary")) == {"Keep 2 people on your stop list"}
    alice.post(f"{place}/confirmation", **columns(page))
    desk.drain()
    assert "0 + 0 + 2 + 0 = 2 rows" in alice.get(place).words
    with desk.world("Alice") as work:
        new = list_queries.lists(work.session, work.principal, now=work.now)[0]
    assert (new.name, new.people_n, new.sendable_n, new.basis) == ("people", 2, 0, "unknown")


def test_other_columns_than_those_looked_at_bring_nobody_in_with_a_file_of_stops(desk):
    alice, place, page = looked_at(desk, file_of(b"nein", b"nein"))
    alice.post(f"{place}/confirmation", **columns(page) | {"column-2": "tags"})
    desk.drain()
    assert "0 + 0 + 2 + 0 = 2 rows" in alice.get(place).words


def test_a_column_becomes_a_new_field_and_the_next_file_fills_it_by_its_name(desk, db):
    content = file_of(b"ja", b"ja")
    alice, place, page = looked_at(desk, content)
    assert columns(page)["column-3"] == ""
    alice.post(f"{place}/confirmation", **columns(page) | {"column-3": "new:number"}, **AGREED)
    desk.drain()
    with db() as work:
        made = work.session.execute(text("select key, label, kind from custom_field")).one()
        kept = work.session.scalars(
            text("select fields->>'x_seats' from contact where address like 'p_@priory.example'")
        )
        assert sorted(kept) == ["0", "1"]
    assert tuple(made) == ("x_seats", "Seats", "number")
    _, _, again = looked_at(desk, file_of(b"ja", head=b"E-Mail;Name;Einwilligung;SEATS\n"))
    assert columns(again)["column-3"] == "x_seats"


def test_a_field_made_since_is_filled_from_columns_that_were_left_out_then(desk):
    content = file_of(b"ja", b"ja")
    alice, place, page = looked_at(desk, content)
    alice.post(f"{place}/confirmation", **columns(page), **AGREED)
    alice.post("/console/contacts/fields", label="Seats", kind="number", choices="")
    _, _, again = looked_at(desk, content)
    assert columns(again)["column-3"] == "x_seats"


def test_a_column_with_the_name_of_another_field_cannot_become_a_new_one(desk):
    alice, place, page = looked_at(desk, file_of(b"ja", head=b"E-Mail;V;Einwilligung;Country\n"))
    refused = alice.post(
        f"{place}/confirmation", **columns(page) | {"column-3": "new:text"}, **AGREED
    )
    assert refused.status == 422
    assert "“Country” cannot become a field of that name" in refused.words
