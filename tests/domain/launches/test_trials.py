"""A test inside launches of several partners: opened with the freeze, pooled, decided once."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from tcma.contacts.models import Contact
from tcma.errors import Invalid
from tcma.jobs import Job
from tcma.launches import actions, expansion, trials
from tcma.launches.choices import Choices, TrialChoice
from tcma.launches.drawing import VARIANT, drawn, in_arm
from tcma.launches.hold_out import draw
from tcma.launches.hours import Hours
from tcma.launches.preflight import preflight
from tcma.launches.rules import LaunchState, Severity
from tcma.launches.trial import Arm, arm_of
from tcma.library import actions as library
from tcma.library import importer
from tcma.permissions import SYSTEM
from tcma.rendering.findings import TemplateRefused
from tcma.rendering.source import load_files, read_folder
from tests.builders import TEMPLATES, acting
from tests.faults.posting import posting
from tests.faults.stage import Stage

SUBJECT = "Which servers may retire?"
PEOPLE = 160
"""So many that chance leaves no variant without eleven of them."""
TESTED = Choices(trial=TrialChoice(subject=SUBJECT, share=50, hours=24))


@pytest.fixture
def stage(staged):
    return staged(count=PEOPLE)


def begun(stage, ring, choices=TESTED, **facts):
    """A launch whose test has left."""
    ref = stage.started(mails="first", choices=choices, **facts)
    ring(Job.LAUNCH_START)
    ring()
    ring(Job.LAUNCH_SETTLE)
    return ref


def answer(db, ref, arm, count):
    """So many people of an arm click."""
    with db() as work:
        done = work.session.execute(
            text(
                "insert into message_reaction (message_id, mailing_id, human_clicked_at)"
                " select m.id, m.mailing_id, :at from message m"
                " join launch_mail l on l.mailing_id = m.mailing_id"
                " join launch n on n.id = l.launch_id"
                " where n.ref = :ref and l.arm = :arm and m.state = 3 order by m.id limit :n"
            ),
            {"at": work.now, "ref": ref, "arm": int(arm), "n": count},
        )
        assert done.rowcount == count


def subjects(sink):
    """How many mails came with the second subject, and with another."""
    second = sum(each.headers["Subject"] == SUBJECT for each in sink.kept)
    return second, len(sink.kept) - second


def test_the_same_draw_in_sql_as_in_python(stage):
    ref = stage.planned(choices=TESTED)
    campaign_id = stage.detail(ref).line.campaign_id
    with stage.db() as work:
        rows = work.session.execute(
            select(
                Contact.address_hash,
                drawn(campaign_id, VARIANT),
                *(in_arm(campaign_id, 50, arm) for arm in Arm),
            )
        ).all()
    for row in rows:
        assert row[1] == draw(campaign_id, row[0], VARIANT)
        assert list(row[2:]) == [arm_of(row[1], 50) is arm for arm in Arm]


def test_the_rest_waits_and_gets_what_people_answered_to(stage, tmp_path, smtp_sink, clock):
    with posting(stage.db, tmp_path, smtp_sink.url) as ring:
        ref = begun(stage, ring)
        running = stage.detail(ref)
        sent = running.equation.sent
        waits = running.equation.waiting
        assert sent + waits == PEOPLE
        assert running.equation.holds
        assert sent == sum(subjects(smtp_sink))
        assert min(subjects(smtp_sink)) > 5
        assert running.trial.winner is None
        assert running.trial.waiting == waits
        assert running.why_waiting.startswith(f"{waits} wait for the winner of the test.")
        answer(stage.db, ref, Arm.B, 11)
        for _ in range(2):
            ring(Job.LAUNCH_SETTLE)
        ring()
        ring(Job.LAUNCH_SETTLE)
    done = stage.detail(ref)
    assert done.line.state is LaunchState.FINISHED
    assert done.equation.holds
    assert done.equation.sent == PEOPLE
    assert done.trial.winner is Arm.B
    assert done.trial.words.startswith("B won: 11 of 11 answers")
    assert len(set(smtp_sink.keys)) == len(smtp_sink.keys) == PEOPLE
    assert subjects(smtp_sink)[0] == done.trial.own.b.people + waits


def test_without_a_difference_a_goes_on_when_the_time_is_up(stage, tmp_path, smtp_sink, clock):
    with posting(stage.db, tmp_path, smtp_sink.url) as ring:
        ref = begun(stage, ring)
        answer(stage.db, ref, Arm.A, 2)
        clock.move(timedelta(hours=23))
        ring(Job.LAUNCH_SETTLE)
        assert stage.detail(ref).equation.waiting
        clock.move(timedelta(hours=1))
        ring(Job.LAUNCH_SETTLE)
        ring()
        ring(Job.LAUNCH_SETTLE)
    done = stage.detail(ref)
    assert done.line.state is LaunchState.FINISHED
    assert done.trial.winner is Arm.A
    assert done.trial.words == "No difference was found in 2 answers, so A went on."
    assert subjects(smtp_sink)[0] == done.trial.own.b.people


def test_answers_of_other_partners_count_and_a_decided_test_is_not_run_again(
    stage, tmp_path, smtp_sink
):
    second = Stage(stage.db, count=PEOPLE, beside=stage, domain="other.example")
    with posting(stage.db, tmp_path, smtp_sink.url) as ring:
        first = begun(stage, ring)
        their = begun(second, ring)
        answer(stage.db, first, Arm.B, 6)
        ring(Job.LAUNCH_SETTLE)
        assert stage.detail(first).trial.winner is None
        answer(stage.db, their, Arm.B, 6)
        ring(Job.LAUNCH_SETTLE)
        view = stage.detail(first).trial
        assert (view.own.b.did, view.pooled.b.did, view.pooled.partners) == (6, 12, 2)
        assert view.winner is second.detail(their).trial.winner is Arm.B
        before = subjects(smtp_sink)
        third = stage.planned(key="third", mails="first", choices=TESTED)
        with stage.db(stage.alice) as work:
            actions.start_launch(work, third)
        ring(Job.LAUNCH_START)
        assert stage.detail(third).trial.winner is Arm.B
        assert stage.detail(third).trial.waiting == 0
    assert before == subjects(smtp_sink)


def test_paused_nothing_is_decided_and_cancelled_the_rest_gets_nothing(stage, tmp_path, smtp_sink):
    with posting(stage.db, tmp_path, smtp_sink.url) as ring:
        ref = begun(stage, ring)
        waits = stage.detail(ref).trial.waiting
        with stage.db(stage.alice) as work:
            actions.pause_launch(work, ref)
        answer(stage.db, ref, Arm.B, 11)
        ring(Job.LAUNCH_SETTLE)
        assert stage.detail(ref).trial.winner is None
        with stage.db(stage.alice) as work:
            assert actions.resume_launch(work, ref).state is LaunchState.SENDING
            assert actions.cancel_launch(work, ref) == waits
        ring(Job.LAUNCH_SETTLE)
        ring()
    done = stage.detail(ref)
    assert done.line.state is LaunchState.CANCELLED
    assert (done.equation.cancelled, done.equation.waiting, done.equation.holds) == (waits, 0, True)
    assert done.trial.winner is None


def test_a_later_mail_goes_to_everybody_of_the_test_and_the_rest(stage, tmp_path, smtp_sink, clock):
    with posting(stage.db, tmp_path, smtp_sink.url) as ring:
        ref = stage.started(choices=TESTED)
        for hours in (0, 24, 24 * 30):
            clock.move(timedelta(hours=hours))
            ring(Job.LAUNCH_START)
            ring()
            ring(Job.LAUNCH_SETTLE)
            ring()
            ring(Job.LAUNCH_SETTLE)
        assert [mail.no for mail in stage.detail(ref).mails] == [1, 2, 3]
        assert stage.detail(ref).mails[1].equation.expected == PEOPLE


def test_who_waited_gets_the_winner_within_the_hours_only(stage, tmp_path, smtp_sink, clock):
    choices = Choices(hours=Hours.WORKING, trial=TrialChoice(subject=SUBJECT, share=50, hours=4))
    clock.move(timedelta(hours=7))
    with posting(stage.db, tmp_path, smtp_sink.url) as ring:
        ref = begun(stage, ring, choices)
        sent = stage.detail(ref).equation.sent
        clock.move(timedelta(hours=4))  # 20:00
        ring(Job.LAUNCH_SETTLE)
        assert stage.detail(ref).trial.winner is Arm.A
        ring()
        assert stage.detail(ref).equation.sent == sent
        clock.move(timedelta(hours=12))
        ring()
    assert stage.detail(ref).equation.sent == PEOPLE


def test_the_preflight_says_that_they_are_few_and_a_bad_subject_is_refused(stage):
    with stage.db(stage.alice) as work:
        found = preflight(work, stage_planned(stage, work)).findings
        assert any("in the test will click" in each.message for each in found)
        with pytest.raises(Invalid, match="3 to 78"):
            stage_planned(stage, work, subject="x")


def test_a_second_subject_that_is_the_first_again_stops_the_launch(stage):
    with stage.db(stage.alice) as work:
        begun = stage_planned(stage, work)
    first = stage.detail(begun).mails[0].subject
    with stage.db(stage.alice) as work:
        ref = stage_planned(stage, work, subject=first.upper())
        stop = next(f for f in preflight(work, ref).findings if f.severity is Severity.STOP)
        assert "the test would compare a mail with itself" in str(stop.message)


def stage_planned(stage, work, subject=SUBJECT):
    plan = stage.plan(choices=Choices(trial=TrialChoice(subject=subject)))
    return actions.plan_launch(work, plan, idempotency_key=subject).ref


def test_a_worker_that_dies_between_decision_and_sending_has_decided_nothing(
    stage, tmp_path, smtp_sink, clock
):
    with posting(stage.db, tmp_path, smtp_sink.url) as ring:
        ref = begun(stage, ring)
        launch_id = stage.detail(ref).line.id
        answer(stage.db, ref, Arm.B, 11)
        with pytest.raises(MemoryError):
            _settle_and_die(stage, launch_id)
        assert stage.detail(ref).trial.winner is None
        with stage.db() as work:
            expansion.settle(work, launch_id)
        ring()
        with stage.db() as work:
            expansion.settle(work, launch_id)
        ring()
    assert len(set(smtp_sink.keys)) == len(smtp_sink.keys) == PEOPLE
    assert stage.detail(ref).line.state is LaunchState.FINISHED


def _settle_and_die(stage, launch_id):
    with stage.db() as work:
        expansion.settle(work, launch_id)
        raise MemoryError


def varied(files):
    """A campaign whose author wrote a second variant of its first mail."""
    found = dict(files)
    found["campaign.toml"] += (
        b'\n[[mails]]\nkey = "invite-b"\nkind = "variant"\nof = "invite"\nfile = "invite.mjml"\n'
    )
    for path in [path for path in found if path.startswith("words/")]:
        words = found[path].decode()
        mail = re.search(r"\[mail\.invite\]\n(.*?)(?=\n\[)", words, re.DOTALL)[1]
        other = re.sub(r'(?m)^subject = ".*"', f'subject = "{SUBJECT}"', mail, count=1)
        found[path] = f"{words}\n[mail.invite-b]\n{other}\n".encode()
    return found


def test_a_variant_of_the_authors_is_offered_and_tested(stage, tmp_path, smtp_sink):
    files = varied(read_folder(TEMPLATES / "cloud-migration"))
    with stage.db() as work:
        imported = importer.import_files(acting(work, SYSTEM), stage.vendor_id, files)
        library.publish(acting(work, SYSTEM), version_id=imported.version_id)
        work.session.execute(
            text("update partner_copy set version_id = :v"), {"v": imported.version_id}
        )
        offered = trials.variants_of(work, imported.version_id, language="en")
    assert [(each.key, each.subject) for each in offered] == [("invite-b", SUBJECT)]
    with posting(stage.db, tmp_path, smtp_sink.url) as ring:
        ref = begun(stage, ring, Choices(trial=TrialChoice(variant="invite-b", share=50)))
    running = stage.detail(ref)
    assert running.trial.shown_b == SUBJECT
    assert subjects(smtp_sink) == (running.trial.own.b.people, running.trial.own.a.people)


def test_a_variant_of_nothing_is_refused():
    files = varied(read_folder(TEMPLATES / "cloud-migration"))
    files["campaign.toml"] = files["campaign.toml"].replace(b'of = "invite"', b'of = "thanks"')
    with pytest.raises(TemplateRefused, match="invite-b” is of no campaign mail"):
        load_files(files)
