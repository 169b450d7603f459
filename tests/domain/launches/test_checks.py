"""What the preflight says beside the plan itself: law, other launches of the day, and as facts."""

from datetime import timedelta

from sqlalchemy import text

from tcma.launches import actions, weighing
from tcma.launches.preflight import preflight
from tcma.launches.rules import Area, Severity
from tests.faults.stage import Stage

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def said(stage, ref, area):
    with stage.db(stage.alice) as work:
        found = preflight(work, ref).findings
    return [(each.severity, str(each.message)) for each in found if each.area is area]


def begun(stage, key, **facts):
    ref = stage.planned(key=key, **facts)
    with stage.db(stage.alice) as work:
        actions.start_launch(work, ref)
    return ref


def test_another_launch_to_the_same_people_on_the_same_day_is_named_with_their_number(stage, clock):
    begun(stage, "a", name="Spring news", mails="first", send_at=clock.now() + HOUR)
    ref = stage.planned(key="b", send_at=clock.now() + 2 * HOUR)
    assert (Severity.LOOK, "4 of these people get “Spring news” from you on the same day.") in said(
        stage, ref, Area.CALENDAR
    )
    later = stage.planned(key="c", send_at=clock.now() + 2 * DAY)
    assert "Spring news" not in str(said(stage, later, Area.CALENDAR))


def test_a_draft_other_people_and_a_cancelled_launch_are_no_clash(stage, db, clock):
    stage.planned(key="draft", name="Draft")
    gone = begun(stage, "gone", name="Gone")
    with db(stage.alice) as work:
        actions.cancel_launch(work, gone)
    other = Stage(db, beside=stage)
    begun(other, "theirs", name="Theirs")
    ref = stage.planned(key="mine", send_at=clock.now() + HOUR)
    assert all(severity is Severity.GOOD for severity, _ in said(stage, ref, Area.CALENDAR))


def test_law_says_which_list_rests_on_nothing_and_whose_consent_soon_ends(db, clock):
    stage = Stage(db, basis="contract")
    ref = stage.planned(key="a")
    assert [severity for severity, _ in said(stage, ref, Area.LAW)] == [Severity.GOOD]
    with db() as work:
        work.session.execute(text("update contact set country = 'Canada'"))
        work.session.execute(
            text("update contact_list set basis_at = :at"), {"at": clock.now() - 715 * DAY}
        )
    assert said(stage, ref, Area.LAW) == [
        (Severity.LOOK, "The consents of 4 people in Canada end within 30 days.")
    ]
    with db() as work:
        work.session.execute(text("update contact_list set basis = 'unknown', name = 'Old'"))
    assert said(stage, ref, Area.LAW) == [
        (Severity.LOOK, "For “Old” it is not said what your mail rests on.")
    ]


def test_the_verdict_is_facts_for_machines(stage):
    with stage.db(stage.alice) as work:
        facts = preflight(work, stage.planned()).as_json()
    assert facts["ready"] is True
    assert (facts["people"], facts["sendable"], facts["left_out"]) == (4, 4, {})
    audience = next(each for each in facts["findings"] if each["area"] == "audience")
    assert audience == {
        "area": "audience", "severity": "good", "message": "4 people will get it.", "remedy": "",
        "fix": "",
    }  # fmt: skip


def test_the_mails_of_a_launch_are_weighed_as_filters_do(stage):
    ref = stage.planned()
    with stage.db(stage.alice) as work:
        clean = weighing.findings(work, ref)
    assert [each.severity for each in clean] == [Severity.GOOD]
    with stage.db() as work:
        work.session.execute(text("update launch_mail set mail = 'gone' where no = 2"))
    with stage.db(stage.alice) as work:
        (broken,) = weighing.findings(work, ref)
    assert (broken.severity, str(broken.message)[:23]) == (Severity.STOP, "Mail 2 cannot be made: ")
