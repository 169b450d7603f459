"""Senders at the desk: all partners' domains, the vendor's own, the policy."""

import pytest

from tcma.permissions import Role
from tcma.senders import actions, queries
from tcma.senders.rules import Policy
from tests.builders import a_user

NAME = "news.fenwright.example"


@pytest.fixture
def ada(counter):
    with counter.house.db() as work:
        person = a_user(work, Role.ADMINISTRATOR, name="Ada", vendor_id=counter.house.vendor)
    return counter.visitor(person)


def test_the_desk_sees_every_partners_domain_and_no_other_vendors(counter, ada):
    with counter.house.db(counter.house.alice) as work:
        actions.add_domain(work, NAME)
    page = counter.mira.get("/desk/senders")
    assert NAME in page.words
    assert "Waiting for DNS" in page.words
    assert "Save" not in page.words
    assert ada.get(f"/desk/senders/{NAME}").status == 404


def test_an_administrator_sets_up_the_vendors_own_domain_and_the_policy(counter, ada):
    page = ada.post("/desk/senders", domain="mail.quillon.example", follow=True)
    assert page.heading == "mail.quillon.example"
    assert ada.post("/desk/senders/policy", policy="hold").status == 303
    with counter.house.db() as work:
        assert queries.policy_of(work.session, counter.house.vendor) is Policy.HOLD
    assert counter.mira.post("/desk/senders/policy", policy="lend").status == 403
    assert counter.mira.get("/desk/senders/mail.quillon.example").status == 403
