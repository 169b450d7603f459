"""A person put right, merged with another and parted again, in the browser's way."""

import pytest

from tcma.contacts import actions, segments
from tcma.contacts.conditions import Kind
from tests.web.console.test_contacts import first_person


@pytest.fixture
def twins(desk):
    """Nora Quill by two addresses of Alice's."""
    with desk.world("Alice") as work:
        return [
            work.site.signer.public_number(
                "contact",
                actions.capture_contact(
                    work, partner_id=desk.ids["fenwright"], address=address, first_name="Nora",
                    last_name="Quill", company=company,
                ),
            )
            for address, company in (("nora@x.example", "Ost"), ("n.quill@x.example", "West"))
        ]  # fmt: skip


def test_a_name_is_put_right_on_the_page(desk):
    alice = desk.as_("Alice")
    name, row = first_person(desk)
    page = alice.get(f"/console/contacts/{name}/edit")
    assert row.address in page.text
    changed = {"email": row.address, "first_name": "Augusta", "job_title": "Buyer", "tags": "VIP"}
    page = alice.post(f"/console/contacts/{name}/edit", follow=True, **changed)
    assert page.heading == "Augusta"
    assert "Buyer" in page.words
    assert "VIP" in page.words


def test_what_is_known_besides_stands_under_the_names_that_people_gave_it(desk):
    with desk.world("Alice") as work:
        key = segments.add_field(work, label="Contract ends", kind=Kind.DATE)
    alice = desk.as_("Alice")
    name, row = first_person(desk)
    own = {"email": row.address, "first_name": "Augusta", key: "2027-03-05", "job_title": "Buyer"}
    page = alice.post(f"/console/contacts/{name}/edit", follow=True, **own)
    assert "Job title Buyer" in page.words
    assert "Contract ends Fri 5 Mar 2027" in page.words


def test_an_address_that_is_taken_is_said_at_its_field(desk, twins):
    page = desk.as_("Alice").post(
        f"/console/contacts/{twins[0]}/edit", email="n.quill@x.example", first_name="Nora"
    )
    assert page.status == 422
    assert "merge the two instead" in page.tree.css_first("#email-error").text()


def test_a_pair_is_compared_merged_and_parted(desk, twins):
    alice = desk.as_("Alice")
    page = alice.get("/console/contacts/duplicates")
    compare = f"/console/contacts/{twins[0]}/merge/{twins[1]}"
    assert compare in page.links("main .acts a")
    assert "Same name, same company or mail domain" in page.words
    assert "Ost" in alice.get(compare).words
    shown = alice.post(compare, follow=True, address="two", company="one")
    assert "Ost" in shown.words
    assert "n.quill@x.example" in shown.words
    assert "nora@x.example became part of this contact." in shown.words
    gone = alice.get(f"/console/contacts/{twins[0]}")
    assert gone.headers["Location"] == f"/console/contacts/{twins[1]}"
    undo = next(
        f.attributes["action"]
        for f in shown.tree.css("main form")
        if "/merges/" in f.attributes["action"]
    )
    assert "two contacts again" in alice.post(undo, follow=True).words
    assert compare in alice.get("/console/contacts/duplicates").links("main .acts a")


def test_two_people_are_kept_apart(desk, twins):
    alice = desk.as_("Alice")
    page = alice.post(f"/console/contacts/{twins[0]}/apart/{twins[1]}", follow=True)
    assert "Nora Quill and Nora Quill stay two." in page.text
    assert not [link for link in page.links("main .acts a") if twins[0] in link]


def test_somebody_is_looked_up_to_merge_with(desk, twins):
    alice = desk.as_("Alice")
    name, _ = first_person(desk)
    page = alice.get(f"/console/contacts/{name}/merge?q=nora")
    assert f"/console/contacts/{name}/merge/{twins[0]}" in page.links("main td a")
