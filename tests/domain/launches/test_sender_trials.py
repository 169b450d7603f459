"""A test of the sender: in whose name, or from which address; pooled where all can ask the same."""

from collections import Counter

import pytest
from sqlalchemy import text

from tcma.delivery import sender_domains
from tcma.delivery.actions import ensure_sender
from tcma.errors import Conflict, Invalid
from tcma.jobs import Job
from tcma.launches import actions, trial_senders
from tcma.launches.choices import Choices, TrialChoice
from tcma.launches.preflight import preflight
from tcma.launches.trial import Arm
from tcma.launches.voices import Known, Voice, known_names, names_to_test, voice_of
from tcma.partners.queries import brand_in_force
from tcma.reporting.trial_report import pooled_tests
from tcma.senders import actions as domains
from tests.domain.launches.test_trials import answer, begun
from tests.faults.posting import posting
from tests.faults.stage import Stage

PEOPLE = 160  # so many that chance leaves no variant without eleven
KNOWN = Known(("Pellworth IT", "Pellworth", "Pellworth IT Ltd"), ("Odalys Brandt", "Theo Lind"))


@pytest.mark.parametrize(
    ("language", "both"),
    [
        ("en", "Odalys from Pellworth IT"),
        ("de-AT", "Odalys von Pellworth IT"),
        ("ja", "Pellworth IT Odalys Brandt"),
        ("sv", "Odalys, Pellworth IT"),
    ],
)
def test_the_names_that_may_be_tested_are_those_a_partner_is_known_by(language, both):
    assert [(each.text, each.voice) for each in names_to_test(KNOWN, language=language)] == [
        ("Pellworth IT", Voice.COMPANY),
        (both, Voice.BOTH),
        ("Odalys Brandt", Voice.PERSON),
        ("Theo Lind", Voice.PERSON),
    ]


def test_a_partner_without_a_person_tests_its_company_alone():
    known = known_names({"name": " Pellworth  IT ", "person": ""}, ["x" * 101])
    assert [each.text for each in names_to_test(known, language="en")] == ["Pellworth IT"]


@pytest.mark.parametrize(
    ("name", "voice"),
    [
        ("pellworth it", Voice.COMPANY),
        ("Pellworth IT Ltd", Voice.COMPANY),
        ("Theo Lind", Voice.PERSON),
        ("Odalys from Pellworth", Voice.BOTH),
        ("Odalys", Voice.UNKNOWN),
        ("Pellworth IT News", Voice.UNKNOWN),
        ("Your IT", Voice.UNKNOWN),
    ],
)
def test_who_speaks_is_read_from_the_name(name, voice):
    assert voice_of(name, KNOWN) is voice


@pytest.fixture
def mine(db, staged):
    return in_its_name(db, staged(count=PEOPLE))


def in_its_name(db, stage):
    """A partner whose mails come from its company; Alice is the person who may sign instead."""
    with db() as work:
        stage.firm = brand_in_force(work.session, stage.partner_id).fields["name"]
        ensure_sender(
            work, partner_id=stage.partner_id, from_name=stage.firm,
            from_address="alice@partner.example",
        )  # fmt: skip
    return stage


def of_sender(**facts):
    return Choices(trial=TrialChoice(share=50, hours=24, **facts))


def froms(sink):
    """Who the mails came from, counted."""
    return Counter(str(mail.message["From"]) for mail in sink.kept)


def test_person_against_company_is_counted_over_partners_and_the_rest_gets_the_winner(
    db, tmp_path, smtp_sink, mine
):
    their = in_its_name(db, Stage(db, count=PEOPLE, beside=mine, domain="other.example"))
    as_person = of_sender(from_name="Alice")
    with posting(db, tmp_path, smtp_sink.url) as ring:
        first, second = (begun(each, ring, as_person) for each in (mine, their))
        view = mine.detail(first).trial
        assert (view.shown_a, view.shown_b) == (mine.firm, "Alice")
        answer(db, first, Arm.B, 6)
        answer(db, second, Arm.B, 6)
        ring(Job.LAUNCH_SETTLE)
        view = mine.detail(first).trial
        assert (view.pooled.b.did, view.pooled.partners, view.winner) == (12, 2, Arm.B)
        ring()
        third = mine.planned(key="third", mails="first", choices=as_person)
        with db(mine.alice) as work:
            actions.start_launch(work, third)
        ring(Job.LAUNCH_START)
        ring()
    seen = froms(smtp_sink)
    firms = {f"{each.firm} <alice@partner.example>" for each in (mine, their)}
    assert set(seen) == {*firms, "Alice <alice@partner.example>"}
    assert sum(seen.values()) == len(set(smtp_sink.keys)) == 3 * PEOPLE
    in_a = sum(
        each.detail(ref).trial.own.a.people for each, ref in ((mine, first), (their, second))
    )
    assert sum(seen[each] for each in firms) == in_a
    with db() as work:
        [told] = pooled_tests(work.session, work.principal)
    assert (told.shown_a, told.shown_b) == ("from the company", "from a person")
    assert (told.launches, told.is_told, told.winner) == (2, False, Arm.B)


def test_another_address_is_counted_for_its_own_partner_alone(db, tmp_path, smtp_sink, mine):
    their = in_its_name(db, Stage(db, count=PEOPLE, beside=mine, domain="other.example"))
    other = {}
    for stage in (mine, their):
        with db() as work:
            other[stage] = ensure_sender(
                work, partner_id=stage.partner_id, from_name="Alice", from_address="a@other.example"
            )
    with posting(db, tmp_path, smtp_sink.url) as ring:
        refs = [begun(each, ring, of_sender(sender_id=other[each])) for each in (mine, their)]
        answer(db, refs[0], Arm.B, 11)
        ring(Job.LAUNCH_SETTLE)
        ring()
    views = [stage.detail(ref).trial for stage, ref in zip((mine, their), refs, strict=True)]
    assert [view.winner for view in views] == [Arm.B, None]
    assert views[0].shown_b == "Alice <a@other.example>"
    seen = froms(smtp_sink)
    assert seen["Alice <a@other.example>"] == PEOPLE - views[0].own.a.people + views[1].own.b.people
    with db(mine.alice) as work:
        domains.add_domain(work, "other.example")
        with pytest.raises(Conflict):
            sender_domains.remove_domain(work, "other.example")


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"from_name": "{firm}"}, "who A comes from already"),
        ({"from_name": "Alice\r\nBcc: x@y.example"}, "line break"),
        ({"sender_id": "{their}"}, "cannot leave from this address"),
    ],
)
def test_a_second_sender_that_is_the_first_or_is_nobodys_is_refused(db, facts, words, mine):
    their = Stage(db, count=1, beside=mine, domain="other.example")
    given = {
        name: their.sender_id if value == "{their}" else value.format(firm=mine.firm)
        for name, value in facts.items()
    }
    with pytest.raises(Invalid, match=words):
        mine.planned(choices=of_sender(**given))


def test_the_preflight_says_what_a_and_b_are(db, mine):
    ref = mine.planned(choices=of_sender(from_name="Alice"))
    with db(mine.alice) as work:
        assert preflight(work, ref).tested == f"A from “{mine.firm}”, B from “Alice”"
        names = trial_senders.names_of(work.session, mine.partner_id, language="en")
        assert (mine.firm, "Alice") == (names[0].text, names[-1].text)


def test_a_second_address_that_is_held_stops_the_launch(db, mine):
    with db() as work:
        other = ensure_sender(
            work, partner_id=mine.partner_id, from_name="Alice", from_address="a@other.example"
        )
    ref = mine.planned(choices=of_sender(sender_id=other))
    with db() as work:
        work.session.execute(
            text(
                "update sender set held_at = :at, held_reason = 'Too many came back' where id = :s"
            ),
            {"at": work.now, "s": other},
        )
    with db(mine.alice) as work:
        verdict = preflight(work, ref)
    assert not verdict.ready
    assert "B would wait" in " ".join(each.message for each in verdict.findings)
    assert verdict.tested.endswith("counted over your launches alone")
