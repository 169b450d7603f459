"""A vendor takes part in the platform's limit of mails, where there is one, and reads what it means."""

import pytest

from tcma.delivery import shared_limit
from tcma.delivery.counting import Often
from tests.domain.launches.test_approving import House
from tests.pages import Visitor, app_of

POLICY = "/desk/launches/policy"


@pytest.fixture
def house(db, tmp_path):
    made = House(db)
    made.app = app_of(db, tmp_path)
    return made


def manager(house):
    with house.db() as work:
        email = work.session.connection().exec_driver_sql(
            "select u.email from user_account u join membership m on m.user_id = u.id"
            " where m.role = 'channel_manager'"
        ).scalar()  # fmt: skip
    return Visitor(house.app, email)


def limited(house, *, everybody=False):
    with house.db() as work:
        shared_limit.set_limit(work, Often(6, 30), everybody=everybody)


def takes_part(house):
    with house.db() as work:
        return shared_limit.taking_part(work.session) == 1


def test_without_a_limit_nothing_is_asked_and_a_tick_does_nothing(house):
    mira = manager(house)
    assert "platform" not in mira.get(POLICY).words
    mira.post(POLICY, approver="vendor", shared="y")
    assert not takes_part(house)


def test_a_vendor_takes_part_and_leaves_and_the_history_says_so(house):
    limited(house)
    mira = manager(house)
    assert "6 mails in 30 days for one person from all its vendors" in mira.get(POLICY).words
    mira.post(POLICY, approver="vendor", shared="y")
    assert takes_part(house)
    page = mira.get(POLICY)
    assert page.tree.css_first("#shared").attributes.get("checked", "no") != "no"
    assert "the platform’s limit of mails" in page.words
    mira.post(POLICY, approver="vendor")
    assert not takes_part(house)


def test_where_it_holds_for_every_vendor_there_is_no_choice(house):
    limited(house, everybody=True)
    page = manager(house).get(POLICY)
    assert "It holds for every vendor." in page.words
    assert page.tree.css_first("#shared") is None
