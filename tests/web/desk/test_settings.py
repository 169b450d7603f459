"""The vendor's own facts and its partners' standing: changed by whom may, each change kept."""

import io

import pytest

from tcma.cli.doctor import senders as examined_senders
from tcma.delivery.actions import ensure_fallback
from tcma.delivery.house_sender import vendors_without_sender
from tcma.delivery.sender_queries import senders
from tcma.permissions import Role
from tests.builders import a_logo, a_partner, a_user, a_vendor
from tests.pages import services_of

FACTS = {
    "name": "Quillon",
    "legal_name": "Quillon Systems Ltd",
    "address": "1 Quay Street, Bristol BS1 0ZZ, United Kingdom",
    "from_name": "Quillon partner desk",
    "from_address": "partners@mail.quillon.example",
    "primary": "#10282D",
}


@pytest.fixture
def ada(counter):
    with counter.house.db() as work:
        person = a_user(work, Role.ADMINISTRATOR, name="Ada", vendor_id=counter.house.vendor)
    return counter.visitor(person)


def shown_senders(house):
    with house.db(house.alice) as work:
        found = senders(work.session, house.alice, vendor_id=house.vendor, partner_id=house.partner)
    return [(each.from_name, each.from_address) for each in found]


def test_what_an_administrator_saves_stands_under_every_notice_and_in_the_history(counter, ada):
    assert ada.post("/desk/settings", **FACTS).status == 303
    page = ada.get("/desk/settings")
    assert "sender address from none to partners@mail.quillon.example" in page.words
    assert "postal address from none to 1 Quay Street" in page.words
    counter.house.sent(800)
    with counter.house.db() as work:
        body = work.session.connection().exec_driver_sql(
            "select plain, html from message_body order by message_id desc limit 1"
        )
        plain, html = body.one()
    assert "Quillon Systems Ltd, 1 Quay Street, Bristol" in plain
    assert "Quillon Systems Ltd, 1 Quay Street, Bristol" in html


def test_saving_the_same_again_is_no_change(ada):
    ada.post("/desk/settings", **FACTS)
    before = ada.get("/desk/settings").words
    ada.post("/desk/settings", **FACTS)
    assert ada.get("/desk/settings").words.count("changed") == before.count("changed")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"address": " "}, "Write the postal address"),
        ({"from_address": "nobody"}, "nobody"),
        ({"primary": "green"}, "six digits"),
        ({"from_name": "a\r\nBcc: x@y.example"}, "line"),
        ({"logo": (io.BytesIO(b"MZ"), "logo.exe")}, "We cannot use this file"),
    ],
)
def test_a_wrong_fact_comes_back_with_everything_typed_and_changes_nothing(ada, wrong, said):
    page = ada.post("/desk/settings", **FACTS | wrong)
    assert page.status == 422
    assert said in page.words + page.text
    assert 'value="Quillon Systems Ltd"' in page.text
    assert "changed" not in ada.get("/desk/settings").words.partition("History")[2]


def test_a_logo_is_drawn_anew_and_the_colour_stays(ada):
    green = FACTS | {"primary": "#106040"}
    ada.post("/desk/settings", **green)
    ada.post("/desk/settings", **green, logo=(io.BytesIO(a_logo()), "logo.png"))
    page = ada.get("/desk/settings")
    assert "In use now" in page.words
    assert 'value="#106040"' in page.text


def test_the_zone_stays_once_days_are_counted_in_it(ada):
    page = ada.post("/desk/settings", **FACTS, zone="Asia/Tokyo")
    assert page.status == 409
    assert "The time zone stays" in page.words


@pytest.mark.parametrize("who", ["mira", "finn"])
def test_only_an_administrator_opens_the_settings(counter, who):
    visitor = getattr(counter, who)
    assert visitor.get("/desk/settings").status == 403
    assert visitor.post("/desk/settings", **FACTS).status == 403
    assert "/desk/settings" not in visitor.get("/desk").links()


def test_a_changed_address_is_lent_once_and_follows_where_it_was_lent(counter, ada):
    house = counter.house
    ada.post("/desk/settings", **FACTS)
    assert shown_senders(house) == [("Quillon partner desk", FACTS["from_address"])]
    with house.db(house.alice) as work:
        ensure_fallback(
            work, partner_id=house.partner, vendor_id=house.vendor, from_name="Brightwater IT"
        )
    assert shown_senders(house) == [("Brightwater IT", FACTS["from_address"])]
    ada.post("/desk/settings", **FACTS | {"from_address": "new@mail.quillon.example"})
    assert shown_senders(house) == [("Brightwater IT", "new@mail.quillon.example")]


def test_a_vendor_without_an_address_is_named_by_health_and_doctor(counter, ada, tmp_path):
    assert "You have no address to write from" in ada.get("/desk/health").words
    services = services_of(counter.house.db, tmp_path)
    found = examined_senders(services)
    assert (found.state, "Quillon" in found.words) == ("look", True)
    assert "Settings" in found.remedy
    ada.post("/desk/settings", **FACTS)
    assert "Notices come from partners@mail.quillon.example" in ada.get("/desk/health").words
    assert examined_senders(services).state == "good"


def test_another_vendors_address_is_none_of_ours(counter, ada):
    with counter.house.db() as work:
        other = a_vendor(work, name="Other")
        a_partner(work, other, name="Elsewhere")
    ada.post("/desk/settings", **FACTS)
    with counter.house.db() as work:
        assert vendors_without_sender(work.session) == ["Other"]


def test_a_partners_standing_keeps_who_changed_it_and_from_what(counter):
    standing = {"tier": "platinum", "kind": "msp", "state": "active", "weight": "3"}
    page = counter.mira.post("/desk/partners/brightwater-it/standing", follow=True, **standing)
    said = page.words.partition("History")[2]
    assert "Mira changed tier from Gold to Platinum" in said
    assert "weight in the round of leads from 1 to 3" in said
    counter.mira.post("/desk/partners/brightwater-it/standing", **standing)
    again = counter.mira.get("/desk/partners/brightwater-it").words.partition("History")[2]
    assert again.count("Mira changed") == 1
    assert "enrolled" in again


def test_a_partner_does_not_read_what_its_vendor_noted(counter):
    assert counter.alice.get("/desk/partners/brightwater-it").status == 404
