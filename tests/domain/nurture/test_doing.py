"""Steps that keep lists, stop mailing somebody, and send them on to another campaign's journey."""

import pytest
from sqlalchemy import text

from tcma.errors import Invalid
from tcma.jobs import Job
from tcma.journeys.reading import read
from tcma.journeys.trying import begin_of, person_of, play
from tcma.nurture.rules import Exit, RunState
from tests.builders import a_campaign, a_copy
from tests.domain.nurture.crowd import EXITS
from tests.faults.posting import rung

LISTS = EXITS + (
    '[[step]]\nid = "in"\nadd_to_list = "Warm leads"\n'
    '[[step]]\nid = "out"\nremove_from_list = "Warm leads"\nafter = "1 day"\n'
)
STOP = EXITS + (
    '[[step]]\nid = "n1"\nsend = "thanks"\n[[step]]\nid = "x"\ndo_not_contact = "Bought elsewhere"\n'
)
ONWARD = EXITS + '[[step]]\nid = "m"\nmove_to = "second-life"\n'
MEMBERS = "SELECT l.name, l.basis, m.contact_id FROM list_member m JOIN contact_list l ON l.id = m.list_id"


@pytest.fixture
def people(people):
    yield people
    with people.db() as work:
        for table in ("list_member", "contact_list"):
            work.session.execute(text(f"DELETE FROM {table}"))


def contact_of(people, run_id):
    return people.value("SELECT contact_id FROM nurture_run WHERE id = :r", r=run_id)


def test_people_come_into_a_list_of_their_own_partner_once_and_out_again(people):
    people.publish(LISTS)
    runs = people.people(2, at="in") + people.people(1, at="in", partner=1)
    for _ in range(2):
        people.advance()
    assert people.value("SELECT count(*) FROM contact_list WHERE name = 'Warm leads'") == 2
    found = people.rows(MEMBERS)
    assert sorted(row.contact_id for row in found) == sorted(contact_of(people, r) for r in runs)
    people.db.clock.at = people.value("SELECT max(due_at) FROM nurture_run")
    people.advance()
    assert people.rows(MEMBERS) == []
    outcomes = people.rows("SELECT outcome, count(*) FROM nurture_step GROUP BY 1 ORDER BY 1")
    assert outcomes == [("enlisted", 3), ("unlisted", 3)]


def test_a_list_that_the_partner_took_away_stays_away_and_the_step_says_so(people):
    people.publish(LISTS)
    people.people(1, at="in")
    people.advance()
    people.rows("UPDATE contact_list SET deleted_at = now() RETURNING 1")
    people.people(1, at="in")
    people.advance()
    [step] = people.rows("SELECT why FROM nurture_step WHERE outcome = 'skipped'")
    assert step.why == "the partner has deleted this list"
    assert len(people.rows(MEMBERS)) == 1


def test_who_is_never_to_be_mailed_leaves_with_the_reason_and_is_on_the_stop_list(people):
    people.publish(STOP)
    (one,) = people.people(1, at="x")
    people.advance()
    run = people.rows("SELECT state, left_because FROM nurture_run WHERE id = :r", r=one)[0]
    assert run == (RunState.EXITED, "Bought elsewhere")
    stop = people.rows("SELECT reason, vendor_id, partner_id, topic FROM suppression")
    assert stop == [("manual", people.vendor_id, people.partners[0], None)]
    people.publish(STOP.replace("thanks", "list-in-ten-minutes"))
    again = people.rows(
        "UPDATE nurture_run SET state = 0, node = 'n1', due_at = created_at RETURNING 1"
    )
    assert again
    people.advance()
    left = people.value("SELECT left_because FROM nurture_run WHERE id = :r", r=one)
    assert left == Exit.UNSUBSCRIBED
    assert people.value("SELECT count(*) FROM message") == 0


@pytest.fixture
def other(people):
    """Another campaign of the vendor, with a copy at the first partner only."""
    if not people.rows("SELECT 1 FROM campaign WHERE slug = 'second-life'"):
        with people.db() as work:
            a_copy(work, people.partners[0], a_campaign(work, people.vendor_id, slug="second-life"))
    return people


def test_who_is_sent_on_enters_the_other_journey_once_and_gets_its_mail(other):
    other.publish(ONWARD)
    (one,) = other.people(1, at="m")
    for _ in range(4):
        rung(other.run, Job.NURTURE_ADVANCE)
    first, then = other.rows(
        "SELECT r.id, r.state, r.left_because, c.slug, r.lead_id, r.partner_id FROM nurture_run r"
        " JOIN sequence q ON q.id = r.sequence_id JOIN campaign c ON c.id = q.campaign_id ORDER BY r.id"
    )
    assert (first.id, first.state, first.left_because) == (
        one,
        RunState.EXITED,
        "on to “second-life”",
    )
    assert (then.slug, then.state, then.lead_id, then.partner_id) == (
        "second-life", RunState.ACTIVE, first.lead_id, first.partner_id,
    )  # fmt: skip
    sent = other.rows(
        "SELECT g.campaign_id, c.slug FROM message m JOIN mailing g ON g.id = m.mailing_id"
        " JOIN campaign c ON c.id = g.campaign_id"
    )
    assert [row.slug for row in sent] == ["second-life"]
    assert other.value("SELECT count(*) FROM cap_hit") == 2
    other.rows(
        "UPDATE nurture_run SET state = 0, node = 'm', due_at = created_at WHERE id = :r RETURNING 1",
        r=one,
    )
    other.advance()
    again = other.value("SELECT left_because FROM nurture_run WHERE id = :r", r=one)
    assert again == "on to “second-life”: they have been in it already"


def test_a_partner_without_that_campaign_keeps_nobody_and_the_end_says_why(other):
    other.publish(ONWARD)
    other.people(1, at="m", partner=1)
    other.advance()
    assert other.rows("SELECT left_because FROM nurture_run") == [
        ("on to “second-life”: the partner has not set that campaign up",)
    ]


def test_a_journey_that_leads_to_a_campaign_nobody_has_is_not_published(people):
    with pytest.raises(Invalid, match="there is no other campaign “nowhere”"):
        people.publish(ONWARD.replace("second-life", "nowhere"))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('add_to_list = ""', "add_to_list is the name of a list"),
        ('remove_from_list = "' + "x" * 81 + '"', "remove_from_list is the name of a list"),
        ("do_not_contact = 3", "do_not_contact is a sentence"),
        ('do_not_contact = "x"\nthen = "end"', "then"),
        ('move_to = "No Such!"', "move_to is the short name of a campaign"),
    ],
)
def test_what_is_wrong_in_such_a_step_is_said(line, words):
    [fault, *_] = read(EXITS + f'[[step]]\nid = "s"\n{line}\n').faults
    assert words in fault.words


@pytest.mark.parametrize(
    ("source", "ended", "why"),
    [(LISTS, "exhausted", "nothing left to send"), (STOP, "left", "Bought elsewhere"),
     (ONWARD, "left", "on to “second-life”")],
)  # fmt: skip
def test_the_virtual_clock_walks_them(source, ended, why):
    journey = read(source).journey
    person = person_of({"country": "GB"})
    played = play(journey, person, begins=begin_of("", person.zone))
    assert (played.ended, played.why) == (ended, why)
