"""Where segments and own fields are used: launches, standing orders, journeys by name and by date."""

import json

import pytest
from sqlalchemy import text

from tcma import uses
from tcma.contacts import segments
from tcma.contacts.conditions import Condition, Op, Row
from tcma.errors import Conflict
from tests.domain.nurture import test_by_date
from tests.domain.nurture.crowd import EXITS
from tests.domain.nurture.test_by_date import BY_DATE, Dated

dated = test_by_date.dated
IN_GB = Condition((Row("country", Op.IS, "GB"),))
ASKS = EXITS + (
    '[[step]]\nid = "q"\nif = { segment = ["warm"] }\nyes = "y"\nno = "y"\n'
    '[[step]]\nid = "y"\nsend = "read-together"\nafter = "3 days"\n'
)


@pytest.fixture
def warm(dated: Dated):
    with dated.db(dated.owners[0]) as work:
        made = segments.save_segment(work, "Warm", IN_GB)
    yield made
    dated.rows("DELETE FROM standing_order RETURNING 1")
    dated.rows("DELETE FROM segment RETURNING 1")


def used(dated, segment_id):
    with dated.db(dated.owners[0]) as work:
        return [(each.kind, each.binds) for each in uses.segment_uses(work, segment_id)]


def test_a_journey_that_asks_for_its_name_is_told_and_does_not_hold_it(dated, warm):
    dated.people.publish(BY_DATE)
    assert used(dated, warm) == []
    dated.people.publish(ASKS)
    assert used(dated, warm) == [("asking", False)]
    with dated.db(dated.owners[0]) as work:
        assert uses.delete_segment(work, warm) == "Warm"


def test_a_standing_order_that_goes_to_it_holds_it(dated, warm):
    with dated.db() as work:
        work.session.execute(
            text(
                "INSERT INTO standing_order (id, vendor_id, partner_id, list_ids, sender_id, consent,"
                " consent_version, given_by_name, given_at) SELECT gen_random_uuid(), e.vendor_id,"
                " e.partner_id, CAST(:ids AS jsonb), s.id, 'yes', '1', 'Ann', now()"
                " FROM enrolment e, sender s WHERE e.partner_id = :partner LIMIT 1"
            ),
            {"ids": json.dumps([str(warm)]), "partner": dated.people.partners[0]},
        )
    assert used(dated, warm) == [("order", True)]
    with (
        dated.db(dated.owners[0]) as work,
        pytest.raises(Conflict, match="launches for you goes to it"),
    ):
        uses.delete_segment(work, warm)
    dated.rows("UPDATE standing_order SET state = 'left' RETURNING 1")
    assert used(dated, warm) == []


def test_a_field_that_begins_a_journey_stays_while_the_partner_lets_it_begin(dated):
    dated.people.publish(BY_DATE)

    def found():
        with dated.db(dated.owners[0]) as work:
            return [(each.kind, each.binds) for each in uses.field_uses(work, "x_contract_end")]

    assert found() == []
    dated.agree()
    assert found() == [("begun", True)]
    with dated.db(dated.owners[0]) as work, pytest.raises(Conflict, match="begins by it"):
        uses.remove_field(work, "x_contract_end")
    dated.agree(begins=False)
    with dated.db(dated.owners[0]) as work:
        uses.remove_field(work, "x_contract_end")
    with dated.db(dated.owners[1]) as work:
        keys = [
            each.key for each in segments.custom_fields(work.session, work.principal.partner_id)
        ]
    assert keys == ["x_contract_end"]
