"""A bounce that Amazon tells of stops the address; the same notice twice is one, a forged one none."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import text

from tcma.adapters.sns import SnsTopics
from tcma.delivery import feedback
from tests.adapters.test_sns import BOUNCE, TOPIC, Amazon, amazon, call
from tests.faults.posting import a_mailing
from tests.pages import app_over, services_of

assert amazon  # the fixture


@pytest.fixture
def caller(db, tmp_path, amazon):
    topics = SnsTopics(frozenset({TOPIC}), Amazon(amazon[1]))
    services = replace(services_of(db, tmp_path), sns=topics)
    return app_over(services).test_client()


POSTMARK = {
    "RecordType": "Bounce", "Type": "HardBounce", "TypeCode": 1, "ID": 42,
    "Email": "p0@example.org", "Description": "The server was unable to deliver your message",
}  # fmt: skip


def count(db, what):
    with db() as work:
        return work.session.scalar(text(f"select count(*) from {what}"))


def test_t6_a_signed_bounce_stops_the_address_once(db, caller, amazon):
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


def test_any_providers_bounce_stops_the_address_once_at_the_address_that_only_it_knows(db, caller):
    with db() as work:
        a_mailing(work, 1)
        address = f"/hooks/mail/{feedback.hook_token(work.site.signer)}"
    assert caller.post("/hooks/mail/guessed", json=POSTMARK).status_code == 404
    assert caller.get(address).status_code == 405
    for _ in range(2):
        assert caller.post(address, json=POSTMARK).status_code == 204
    assert caller.post(address, data=b"\xff not json").status_code == 204
    assert count(db, "suppression where reason = 'hard_bounce'") == 1
    assert count(db, "feedback_report where source = 'hook'") == 1
