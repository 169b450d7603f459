"""Levels rise by rule with a letter and history, stay though facts sink, and only a person lowers them."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tcma.delivery.actions import ensure_sender
from tcma.errors import Conflict, Forbidden, Invalid, NotFound
from tcma.guidance import programmes, raising
from tcma.guidance.levels import history
from tcma.guidance.programme import (
    DEFAULT,
    NOTHING,
    Counts,
    How,
    Level,
    Programme,
    as_document,
    faults,
    from_document,
    standing_of,
)
from tcma.jobs import Job
from tests.builders import a_campaign, a_copy, a_vendor, mira, waiting_leads
from tests.domain.guidance.test_programme import begun, firm, standing  # noqa: F401 - the fixture
from tests.faults.posting import rung
from workers.runtime import Run

GIVES = {
    Level.STARTED: ("A page in our finder.",),
    Level.ACTIVE: ("Leads of your region.", "A fund."),
}


@pytest.fixture
def busy(db, firm):  # noqa: F811
    """It has what “active” needs."""
    with db() as work:
        imported = a_campaign(work, firm["vendor"])
        waiting_leads(
            work, firm["vendor"], imported.campaign_id, 3, partner_id=firm["partner"], state="accepted",
            accepted_at=work.now,
        )  # fmt: skip
        a_copy(work, firm["partner"], imported)
        ensure_sender(
            work, partner_id=firm["partner"], from_name="Alice", from_address="alice@f.example"
        )
        for key in "ab":
            begun(work, firm, imported, key)
    return firm | {"imported": imported}


def sweeps(db, days=0):
    db.clock.move(timedelta(days=days))
    rung(Run(services=db, stopping=lambda: False), Job.PARTNER_NUDGE)


def letters(db):
    with db() as work:
        return list(
            work.session.scalars(text("SELECT subject FROM message_body WHERE subject LIKE '%now'"))
        )


def past(db, firm):  # noqa: F811
    with db(firm["mira"]) as work:
        return history(work.session, firm["mira"], firm["partner"])


@pytest.mark.parametrize(
    ("has", "ever", "held", "level", "earned", "above"),
    [
        (Counts(), False, Level.NEW, "new", "new", "started"),
        (Counts(), True, Level.ACTIVE, "active", "started", "proven"),
        (Counts(2, 3, 0), True, Level.STARTED, "active", "active", "proven"),
        (Counts(), False, Level.PROVEN, "proven", "new", None),
    ],
)
def test_the_higher_of_what_is_earned_and_what_is_held_counts(
    has, ever, held, level, earned, above
):
    found = standing_of(has, ever_launched=ever, programme=DEFAULT, held=held)
    assert (found.level, found.earned, found.next) == (level, earned, above)
    assert above is not None or found.missing == NOTHING


def test_what_levels_give_is_kept_and_kept_short():
    own = Programme(DEFAULT.days, DEFAULT.needs, GIVES)
    assert from_document(as_document(own)) == own
    assert own.gives_at(Level.PROVEN) == ()
    long = Programme(
        DEFAULT.days, DEFAULT.needs, {Level.ACTIVE: ("x" * 201,), Level.PROVEN: ("x",) * 9}
    )
    assert [field for field, _ in faults(long)] == ["active_gives", "proven_gives"]


def test_a_level_is_reached_by_rule_with_one_letter_that_says_what_it_gives(db, busy):
    with db(busy["mira"]) as work:
        programmes.save_programme(work, Programme(DEFAULT.days, DEFAULT.needs, GIVES))
    sweeps(db)
    sweeps(db)
    assert len([each for each in letters(db) if "Active" in each]) == 1
    [line] = past(db, busy)
    assert (line.level, line.how, line.has) == (Level.ACTIVE, How.RULE, Counts(2, 3, 0))
    with db() as work:
        bodies = work.session.scalars(text("SELECT html FROM message_body")).all()
        assert any("Leads of your region." in body for body in bodies)
        said = "SELECT count(*) FROM audit_entry WHERE verb = 'reached the level Active'"
        assert work.session.scalar(text(said)) == 1


def test_it_stays_when_the_year_has_passed(db, busy):
    sweeps(db)
    sweeps(db, days=366)
    now = standing(db, busy)
    assert (now.level, now.earned) == (Level.ACTIVE, Level.STARTED)
    assert len(past(db, busy)) == 1


def test_who_was_on_board_before_is_raised_without_a_letter(db, busy):
    with db() as work:
        work.session.execute(
            text(
                "INSERT INTO partner_level (id, vendor_id, partner_id, level, how, at)"
                " SELECT gen_random_uuid(), vendor_id, partner_id, 'new', 'start', :now FROM enrolment"
            ),
            {"now": work.now - timedelta(days=1)},
        )
    sweeps(db)
    assert [line.level for line in past(db, busy)] == [Level.ACTIVE]
    assert [each for each in letters(db) if "Active" in each] == []


def test_only_a_person_lowers_it_and_it_is_earned_anew_from_then(db, busy):
    sweeps(db)
    db.clock.move(timedelta(days=1))
    for _ in range(2):
        with db(busy["mira"]) as work:
            raising.lower(work, busy["partner"], Level.NEW, why="They  pay late")
    sweeps(db)
    assert standing(db, busy).level is Level.NEW
    assert next((line.level, line.how, line.why, line.by) for line in past(db, busy)) == (
        Level.NEW, How.PERSON, "They pay late", "Mira",
    )  # fmt: skip
    assert len(past(db, busy)) == 2
    db.clock.move(timedelta(days=1))
    with db() as work:
        begun(work, busy, busy["imported"], "c")
    sweeps(db)
    assert standing(db, busy).level is Level.STARTED
    assert standing(db, busy).has == Counts(1, 0, 0)


def test_what_cannot_be_lowered_is_refused(db, busy):
    sweeps(db)
    with db(busy["alice"]) as work, pytest.raises(Forbidden):
        raising.lower(work, busy["partner"], Level.NEW, why="x")
    with db() as work:
        stranger = mira(work, a_vendor(work, name="Quillon"))
    with db(stranger) as work, pytest.raises(NotFound):
        raising.lower(work, busy["partner"], Level.NEW, why="x")
    with db(busy["mira"]) as work, pytest.raises(Invalid):
        raising.lower(work, busy["partner"], Level.NEW, why="  ")
    for level in (Level.ACTIVE, Level.PROVEN):
        with db(busy["mira"]) as work, pytest.raises(Conflict):
            raising.lower(work, busy["partner"], level, why="x")
    with db(stranger) as work:
        assert history(work.session, stranger, busy["partner"]) == []
