"""A bounce that Amazon tells of stops the address; the same notice twice is one, a forged one none."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import text

from tcma.adapters.sns import SnsTopics
from tests.adapters.test_sns import BOUNCE, TOPIC, Amazon, amazon, call
from tests.faults.posting import a_mailing
from tests.pages import app_over, services_of

assert amazon  # the fixture


@pytest.fixture
def caller(db, tmp_path, amazon):
    topics = SnsTopics(frozenset({TOPIC}), Amazon(amazon[1]))
    services = replace(services_of(db, tmp_path), sns=topics)
    return app_over(services).test_client()


def count(db, what):
    with db() as work:
        return work.session.scalar(text(f"select count(*) from {what}"))


def test_a_signed_bounce_stops_the_address_once(db, caller, amazon):
    with db() as work:
        a_mailing(work, 2)
    genuine = call(amazon)
    for body, status in (
        (genuine | {"Message": json.dumps(BOUNCE | {"x": 1})}, 422),
        (genuine, 204),
        (genuine, 204),
    ):
        assert caller.post("/hooks/sns", data=json.dumps(body)).status_code == status
    assert count(db, "suppression where reason = 'hard_bounce'") == 1
    assert count(db, "feedback_report where source = 'sns'") == 1
