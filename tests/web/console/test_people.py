"""Colleagues: inviting, changing roles, parting."""

import pytest

from tcma.accounts.queries import people
from tests.builders import PASSWORD
from tests.pages import Visitor


def colleague(desk, name):
    with desk.world("Alice") as work:
        return next(p for p in people(work.session, work.principal) if p.name == name)


def test_an_invitation_is_mailed_and_listed(desk):
    fields = {"name": "Bea Long", "email": "bea@people.example", "role": "seller"}
    page = desk.as_("Alice").post("/console/people", **fields, follow=True)
    assert "An invitation is on its way to bea@people.example" in page.words
    assert "Invited" in page.words
    assert desk.db.queue.sent


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "Bea", "email": "no address", "role": "seller"},
        {"name": "", "email": "bea@people.example", "role": "seller"},
        {"name": "Bea", "email": "bea@people.example", "role": "finance"},
        {"name": "Tom", "email": "tom@people.example", "role": "seller"},
    ],
)
def test_a_wrong_invitation_is_refused_with_its_values(desk, fields):
    page = desk.as_("Alice").post("/console/people", **fields)
    assert page.status == 422
    assert page.tree.css_first("#email").attributes["value"] == fields["email"]


def test_a_role_is_changed(desk):
    tom = colleague(desk, "Tom")
    desk.as_("Alice").post(f"/console/people/{tom.membership_id}/role", role="seller")
    assert colleague(desk, "Tom").role == "seller"


def test_the_last_owner_cannot_leave(desk):
    alice = colleague(desk, "Alice")
    page = desk.as_("Alice").post(f"/console/people/{alice.membership_id}/end", follow=True)
    assert "The last owner cannot leave" in page.words


def test_who_has_left_is_signed_out_at_once(desk):
    tom = desk.as_("Tom")
    assert tom.get("/console/contacts").status == 200
    desk.as_("Alice").post(f"/console/people/{colleague(desk, 'Tom').membership_id}/end")
    assert tom.get("/console/contacts").status == 302


def test_only_the_owner_sees_people(desk):
    assert desk.as_("Tom").get("/console/people").status == 403


def test_another_partners_colleague_is_not_found(desk):
    tom = colleague(desk, "Tom")
    page = desk.as_("Charlie").post(f"/console/people/{tom.membership_id}/end")
    assert page.status == 404


def test_removing_somebody_asks_first(desk):
    tom = colleague(desk, "Tom")
    asked = desk.as_("Alice").get(f"/console/people/{tom.membership_id}/end")
    assert "Remove Tom" in asked.words
    assert "signed out at once" in asked.words
    assert colleague(desk, "Tom").state == tom.state


def test_a_password_is_changed_by_who_knows_it_and_every_session_ends(desk):
    here, elsewhere = desk.as_("Alice"), desk.as_("Alice")
    new = "four rivers and no bridge"
    assert "/you/password" in here.get("/you").links("main a")
    page = here.post("/you/password", current="a guess", password=new)
    assert page.status == 422
    assert "This is not your present password" in page.words
    assert here.post("/you/password", current=PASSWORD, password=new).location == "/sign-in"
    assert elsewhere.get("/console").location.startswith("/sign-in")
    again = Visitor(desk.app, "alice@people.example", password=new)
    assert again.get("/console").status == 200
