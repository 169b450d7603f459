"""Lists, people and the stop list of a partner, seen by nobody else."""

import pytest

from tcma.contacts import list_queries, queries


def first_person(desk):
    with desk.world("Alice") as work:
        row = queries.contacts(work.session, work.principal, now=work.now).rows[0]
        return work.site.signer.public_number("contact", row.id), row


def test_lists_say_how_many_can_be_mailed(desk):
    page = desk.as_("Alice").get("/console/contacts")
    assert "Customers" in page.words
    assert [cell for cell in page.all("td") if cell == "3"] == ["3", "3"]


def test_a_partner_without_people_is_told_how_to_bring_them(desk):
    page = desk.as_("Charlie").get("/console/contacts")
    assert "Bring your customers" in page.words
    assert page.links("main .btn-primary") == ["/console/imports/new"]


@pytest.mark.parametrize(("wanted", "found"), [("astr", True), ("PELLMOOR", True), ("xq", False)])
def test_people_are_found_by_the_beginning_of_what_is_known(desk, wanted, found):
    page = desk.as_("Alice").get(f"/console/contacts?q={wanted}")
    assert ("Astrid Pell" in page.words) is found


def test_a_person_can_be_stopped_and_the_count_follows(desk):
    alice = desk.as_("Alice")
    name, row = first_person(desk)
    page = alice.post(f"/console/contacts/{name}/stop", follow=True)
    assert "Stopped by you" in page.words
    assert row.address in alice.get("/console/stop-list").words
    with desk.world("Alice") as work:
        one = list_queries.lists(work.session, work.principal, now=work.now)[0]
    assert (one.people_n, one.sendable_n) == (3, 2)


def test_erasing_is_asked_first_and_empties_the_page(desk):
    alice = desk.as_("Alice")
    name, row = first_person(desk)
    assert "cannot be taken back" in alice.get(f"/console/contacts/{name}/erasure").words
    alice.post(f"/console/contacts/{name}/erasure")
    page = alice.get(f"/console/contacts/{name}")
    assert "asked to be forgotten" in page.words
    assert row.address not in page.text


def test_a_deleted_list_comes_back_by_undo(desk):
    alice = desk.as_("Alice")
    address = f"/console/contacts/lists/{desk.ids['list']}"
    gone = alice.post(f"{address}/deletion", follow=True)
    assert f"{address}/restoration" in gone.text
    assert alice.get(address).status == 404
    assert alice.post(f"{address}/restoration", follow=True).heading == "Customers"


def test_an_address_is_stopped_found_whole_and_taken_off_again(desk):
    alice = desk.as_("Alice")
    alice.post("/console/stop-list", email="Nobody@Elsewhere.example")
    page = alice.get("/console/stop-list?q=nobody@elsewhere.example")
    assert "Stopped by you" in page.words
    action = page.tree.css_first("td form").attributes["action"]
    alice.post(action)
    assert "is not on the list" in alice.get("/console/stop-list?q=nobody@elsewhere.example").words


def test_what_is_no_address_is_said_at_its_field(desk):
    page = desk.as_("Alice").post("/console/stop-list", email="not an address")
    assert page.status == 422
    assert page.tree.css_first("#email-error")


@pytest.mark.parametrize("who", ["Charlie", "Sam", "Mira", ""])
def test_nobody_else_sees_a_person_or_a_list(desk, who):
    name, _ = first_person(desk)
    wanted = {"Charlie": 404, "Sam": 403, "Mira": 404, "": 302}[who]
    visitor = desk.as_(who)
    for path in (f"/console/contacts/{name}", f"/console/contacts/lists/{desk.ids['list']}"):
        assert visitor.get(path).status == wanted
