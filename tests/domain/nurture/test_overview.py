"""What the mails of a journey did: those who entered beside those held out, as far as it can be told."""

import pytest
from sqlalchemy import text

from tcma.launches.hold_out import Group, Lift
from tcma.nurture.overview import Compared, compared
from tcma.nurture.rules import RunState

FEW = "Too few people to tell: the mails may have brought anything from"


def seen(people):
    with people.db() as work:
        return compared(work.session, work.principal, people.sequence_id)


def end(people, runs, *, held=False, won=0):
    """Hold these runs out, and let so many of their leads become opportunities."""
    with people.db() as work:
        if held:
            work.session.execute(
                text(
                    "UPDATE nurture_run SET state = :s, left_because = 'held_out' WHERE id = ANY(:r)"
                ),
                {"s": RunState.EXITED, "r": runs},
            )
        work.session.execute(
            text(
                "UPDATE lead SET state = CASE WHEN lead.postcode = '' THEN 'won' ELSE 'opportunity' END"
                " FROM nurture_run r WHERE r.lead_id = lead.id AND r.id = ANY(:r)"
            ),
            {"r": runs[:won]},
        )


def test_everybody_counts_once_on_the_side_that_was_drawn(people):
    runs = people.people(30)
    people.rows("UPDATE lead SET postcode = '' WHERE right(ref, 1) < '5' RETURNING 1")
    end(people, runs[:10], held=True, won=2)
    end(people, runs[10:], won=9)
    lift = seen(people).lift
    assert (lift.sent, lift.held) == (Group(9, 20), Group(2, 10))
    assert (lift.sent.rate, lift.held.rate) == (0.45, 0.2)


def test_others_journeys_do_not_count(people):
    people.people(3)
    people.rows("UPDATE nurture_run SET sequence_id = gen_random_uuid() RETURNING 1")
    assert seen(people).words == "Nothing to compare yet."


@pytest.mark.parametrize(
    ("sent", "held", "words"),
    [
        (Group(0, 0), Group(0, 0), "Nothing to compare yet."),
        (Group(5, 50), Group(0, 0), "Nothing to compare yet."),
        (Group(9, 20), Group(2, 10), f"{FEW} −11.4 to 50.3 opportunities per 100 people."),
        (Group(300, 1_000), Group(20, 200), "The mails brought 14.3 to 24.5 more opportunities per 100 people."),
        (Group(100, 1_000), Group(60, 200), "The mails brought 13.7 to 26.9 fewer opportunities per 100 people."),
    ],
)  # fmt: skip
def test_a_difference_is_told_with_its_interval_or_that_it_cannot_be(sent, held, words):
    assert Compared(Lift("", sent, held)).words == words
