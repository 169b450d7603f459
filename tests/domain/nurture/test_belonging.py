"""What people belong to as a journey asks for it, from real rows; pools of mails; coming again after some days."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import text

from tcma.nurture import actions
from tests.domain.nurture.crowd import EXITS

ASKS = EXITS + (
    '[[step]]\nid = "q"\nif = {{ {0} }}\nyes = "y"\nno = "n"\n'
    '[[step]]\nid = "y"\nsend = "read-together"\nafter = "3 days"\nthen = "end"\n'
    '[[step]]\nid = "n"\nsend = "another-month"\nafter = "3 days"\n'
)
POOLED = EXITS + (
    '[entry]\nagain = "{0}"\n'
    '[pool]\nstories = ["list-in-ten-minutes", "read-together", "another-month"]\n'
    '[[step]]\nid = "s1"\nsend = "pool:stories"\n'
    '[[step]]\nid = "s2"\nsend = "pool:stories"\nafter = "8 days"\n'
)
IN_GB = {"every": True, "rows": [{"field": "country", "op": "is", "value": "GB"}]}
TAGGED = {"every": True, "rows": [{"field": "tags", "op": "has", "value": "expo"}]}
GONE = {"every": True, "rows": [{"field": "x_gone", "op": "is", "value": "1"}]}


def keep(people, name, condition, *, partner=0):
    with people.db() as work:
        work.session.execute(
            text(
                "INSERT INTO segment (id, partner_id, name, condition, counted, counted_at)"
                " VALUES (gen_random_uuid(), :partner, :name, CAST(:condition AS jsonb), 0, now())"
                " ON CONFLICT (partner_id, name) WHERE deleted_at IS NULL DO UPDATE SET condition = excluded.condition"
            ),
            {
                "partner": people.partners[partner],
                "name": name,
                "condition": json.dumps(condition),
            },
        )


@pytest.fixture
def crew(people):
    """One whose contact is tagged and whose lead a person works on; one of whom nothing is known."""

    def asked(condition):
        people.publish(ASKS.format(condition))
        one, other = people.people(2, at="q")
        with people.db() as work:
            work.session.execute(
                text(
                    "UPDATE contact SET tags = ARRAY['expo'] WHERE id ="
                    " (SELECT contact_id FROM nurture_run WHERE id = :run)"
                ),
                {"run": one},
            )
            work.session.execute(
                text(
                    "UPDATE lead SET partner_id = :partner, person_id = :person WHERE id ="
                    " (SELECT lead_id FROM nurture_run WHERE id = :run)"
                ),
                {"run": one, "partner": people.partners[1], "person": people.person.user_id},
            )
        people.advance()
        return [
            people.value("SELECT node FROM nurture_run WHERE id = :id", id=n) for n in (one, other)
        ]

    return asked


def test_steps_ask_for_tags_holder_and_owner_as_the_rows_say(people, crew):
    assert crew('tag = ["Expo"]') == ["y", "n"]
    assert crew('holder = ["firm-1"]') == ["y", "n"]
    assert crew('holder = ["nobody"]') == ["n", "y"]
    assert crew('owner = ["somebody"]') == ["y", "n"]
    assert crew('owner = ["nobody"], country = ["GB"]') == ["n", "y"]
    email = people.value("SELECT email FROM user_account WHERE id = :id", id=people.person.user_id)
    assert crew(f'owner = ["{email}"]') == ["y", "n"]


def test_segments_are_asked_anew_of_the_partner_whose_contacts_they_are(people, crew):
    keep(people, "Tagged", TAGGED)
    keep(people, "Gone", GONE)
    keep(people, "Foreign", IN_GB, partner=1)
    assert crew('segment = ["tagged"]') == ["y", "n"]
    assert crew('segment = ["Gone", "Foreign", "No such segment"]') == ["n", "n"]
    keep(people, "Tagged", IN_GB)
    assert crew('segment = ["tagged"]') == ["y", "y"]
    said = people.rows(
        "SELECT DISTINCT why FROM nurture_step WHERE node = 'q' AND why LIKE 'segment%'"
    )
    assert [row.why for row in said] == ["segment is none of these"]


def asks_again(people, run_id):
    """The same person's next lead, some time later; whether it enters."""
    with people.db() as work:
        lead_id = work.session.scalar(
            text(
                "INSERT INTO lead (id, ref, vendor_id, source_partner_id, campaign_id, page_id, contact_id, state,"
                " address, address_hash, first_name, last_name, company, phone, country, postcode, answers, score,"
                " epoch, created_at) SELECT gen_random_uuid(), 'A-' || gen_random_uuid(), vendor_id,"
                " source_partner_id, campaign_id, page_id, contact_id, 'new', address,"
                " sha256(gen_random_uuid()::text::bytea), '', '', '', '', country, '', '{}', 0, 0, :now"
                " FROM lead WHERE id = (SELECT lead_id FROM nurture_run WHERE id = :run) RETURNING id"
            ),
            {"run": run_id, "now": work.now},
        )
        return actions.enrol(work, lead_id)


def walked(people, days):
    for _ in range(days):
        people.db.clock.move(timedelta(days=1))
        people.advance()


def mails(people, run_id):
    rows = people.rows(
        "SELECT mail FROM nurture_step WHERE run_id = :id AND outcome = 'sent' ORDER BY step_no",
        id=run_id,
    )
    return [row.mail for row in rows]


def test_who_comes_again_after_the_days_it_says_gets_what_the_pool_still_has(people):
    people.publish(POOLED.format("30 days after the end"))
    [first] = people.people(1, at="s1")
    people.advance()
    walked(people, 9)
    assert mails(people, first) == ["list-in-ten-minutes", "read-together"]
    state, ended = people.rows("SELECT state, ended_at FROM nurture_run WHERE id = :id", id=first)[
        0
    ]
    assert ended is not None
    walked(people, 1)
    assert asks_again(people, first) is None
    people.db.clock.move(timedelta(days=30))
    second = asks_again(people, first)
    assert second is not None
    people.advance()
    walked(people, 9)
    assert mails(people, second) == ["another-month"]
    again = people.rows("SELECT state, left_because FROM nurture_run WHERE id = :id", id=second)[0]
    assert (again.state, again.left_because) == (state, "nothing new left in “stories”")


def test_who_may_come_never_again_does_not_and_who_always_may_comes_at_once(people):
    for again, enters in (("never", False), ("after the end", True)):
        people.publish(POOLED.format(again))
        [run] = people.people(1, at="s2")
        people.advance()
        walked(people, 1)
        assert (asks_again(people, run) is not None) is enters


FOR_SOME = EXITS + (
    "[pool]\nstories = ["
    '{ mail = "list-in-ten-minutes", if = { segment = ["Warm"], tag = ["expo"] } },'
    ' "read-together", { mail = "another-month", if = { country = ["FR"] } }]\n'
    '[[step]]\nid = "s1"\nsend = "pool:stories"\n'
    '[[step]]\nid = "s2"\nsend = "pool:stories"\nafter = "8 days"\n'
)


def test_a_mail_of_a_pool_goes_to_whom_it_is_for(people):
    keep(people, "Warm", TAGGED)
    people.publish(FOR_SOME)
    warm, other = people.people(2, at="s1")
    with people.db() as work:
        work.session.execute(
            text(
                "UPDATE contact SET tags = ARRAY['expo'] WHERE id ="
                " (SELECT contact_id FROM nurture_run WHERE id = :id)"
            ),
            {"id": warm},
        )
    people.advance()
    walked(people, 9)
    assert mails(people, warm) == ["list-in-ten-minutes", "read-together"]
    assert mails(people, other) == ["read-together"]
    steps = people.rows(
        "SELECT outcome, why FROM nurture_step WHERE run_id = :id ORDER BY step_no", id=other
    )
    passed = "not list-in-ten-minutes: tag is none"
    assert [(row.outcome, row.why) for row in steps] == [
        ("sent", passed),
        ("skipped", f"{passed}, not another-month: country is GB"),
    ]
