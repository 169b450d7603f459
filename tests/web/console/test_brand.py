"""The brand profile: what is saved, what is refused, what is shown before it is saved."""

import io

import pytest

from tcma.partners.queries import brand_in_force
from tcma.permissions import Role
from tests.builders import FULL_PROFILE, a_logo, a_partner, a_user
from tests.pages import Visitor

FIELDS = {k: v for k, v in FULL_PROFILE.items() if k in
          ("name", "legal_name", "address", "person", "role", "primary", "phone")}  # fmt: skip


def profile_of(desk):
    with desk.world("Alice") as work:
        return brand_in_force(work.session, desk.ids["fenwright"])


def test_the_page_asks_six_fields_and_a_logo_before_the_fold(desk):
    page = desk.as_("Alice").get("/console/brand")
    assert page.status == 200
    first = [
        each.attributes["name"]
        for each in page.tree.css("#brand [name]")
        if each.attributes["name"] != "csrf_token" and not _folded(each)
    ]
    assert first == ["logo", "name", "legal_name", "address", "person", "role", "primary"]


def _folded(node):
    while node is not None:
        if node.tag == "details":
            return True
        node = node.parent
    return False


def test_saving_makes_a_new_version_and_keeps_what_the_page_does_not_ask(desk):
    page = desk.as_("Alice").post("/console/brand", **FIELDS, follow=True)
    assert "Every campaign follows" in page.words
    assert profile_of(desk).no == 2
    assert profile_of(desk).fields["person"] == "Maren Holloway"


def test_a_new_logo_in_colour_takes_the_old_white_one_away(desk):
    alice = desk.as_("Alice")
    white = (io.BytesIO(a_logo(colour="#FFFFFF")), "white.png")
    alice.post("/console/brand", **FIELDS, logo=white)
    assert profile_of(desk).logo_white_key
    colour = (io.BytesIO(a_logo(colour="#123B7A")), "new.png")
    alice.post("/console/brand", **FIELDS, logo=colour)
    assert profile_of(desk).logo_key
    assert profile_of(desk).logo_white_key is None


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("primary", "blue", "Write a colour"),
        ("address", "", "missing"),
        ("phone", "call me", "Write it like"),
    ],
)
def test_a_wrong_field_comes_back_with_every_value(desk, field, value, said):
    page = desk.as_("Alice").post("/console/brand", **FIELDS | {field: value})
    assert page.status == 422
    assert said in page.words
    assert page.tree.css_first("#legal_name").attributes["value"] == FIELDS["legal_name"]
    assert profile_of(desk).no == 1


def test_a_file_that_is_no_picture_is_refused_with_its_reason(desk):
    word = (io.BytesIO(b"PK\x03\x04 not a picture"), "logo.png")
    page = desk.as_("Alice").post("/console/brand", **FIELDS, logo=word)
    assert page.status == 422
    assert "We cannot use this file" in page.words


def test_the_preview_measures_a_colour_and_saves_nothing(desk):
    page = desk.as_("Alice").post("/console/brand/preview", name="Fenwright", primary="#FFEE00")
    assert "Your name in type" in page.text
    assert 'fill="#FFEE00"' in page.text
    assert profile_of(desk).no == 1


def test_a_partner_without_a_profile_is_welcomed_by_it(desk):
    with desk.db() as work:
        fresh = a_partner(work, desk.ids["vendor"], name="Newcomer", profile=False)
        a_user(work, Role.OWNER, name="Ned", email="ned@people.example", partner_id=fresh)
    ned = Visitor(desk.app, "ned@people.example")
    assert ned.get("/console").location == "/console/welcome"
    assert "Save profile" in ned.get("/console/welcome").words
    done = ned.post("/console/welcome", **FIELDS)
    assert (done.status, done.location) == (303, "/console")


@pytest.mark.parametrize(("who", "status"), [("Sam", 403), ("Mira", 404), ("", 302)])
def test_others_do_not_reach_the_profile(desk, who, status):
    assert desk.as_(who).get("/console/brand").status == status


def test_a_file_that_is_no_picture_is_refused_as_soon_as_it_is_chosen(desk):
    word = (io.BytesIO(b"PK\x03\x04 not a picture"), "logo.docx")
    page = desk.as_("Alice").post("/console/brand/preview", name="", logo=word)
    assert 'id="logo-said"' in page.text
    assert "We cannot use this file" in page.text
