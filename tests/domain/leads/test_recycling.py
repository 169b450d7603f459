"""A lead given back to nurture: closed for its partner with why, on to others when it is ready, never to who gave
it back within the period; and into the journey that the rules name, by who took the consent.
"""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from tcma.db.audit import AuditEntry
from tcma.delivery.actions import ensure_sender
from tcma.errors import Conflict, Invalid, NotFound
from tcma.ids import new_id
from tcma.jobs import Job
from tcma.journeys.people import is_held_out
from tcma.launches.hold_out import Group
from tcma.leads import actions, by_hand, offers, queries, recycling, replies, ripening
from tcma.leads.models import Lead, LeadOffer
from tcma.leads.models_routing import LeadRecycling
from tcma.leads.rules import LeadState, OfferState
from tcma.money import Money
from tcma.nurture import actions as nurture
from tcma.nurture import overview, publishing, recycled
from tcma.nurture.models import NurtureRun
from tcma.nurture.queries import SWEPT
from tcma.nurture.rules import Exit, RunState
from tcma.reporting.lead_report import leads_report
from tests.builders import TEMPLATES, a_campaign, a_copy, mira, vera
from tests.domain.leads.conftest import rules_are
from tests.faults.posting import rung
from workers.runtime import Run

RULES = """\
[sticky]
source = "never"

[recycle]
campaign = "second-life"
days = 60

[[rule]]
name = "Territory"
need = { territory = true }
"""


@pytest.fixture
def held(db, ground, ask):
    """A lead that the first partner has accepted."""
    rules_are(db, ground, RULES)
    with db() as work:
        work.session.execute(text("UPDATE enrolment SET weight = 0 WHERE partner_id <> :id"),
                             {"id": ground.first})  # fmt: skip
    lead_id = ask().lead_id
    with db() as work:
        assert offers.route(work, lead_id) == ground.first
        offer = work.session.scalars(select(LeadOffer.id)).one()
        actions.accept(work, offer, by="mail", person_id=ground.sam.user_id)
        work.session.execute(text("UPDATE enrolment SET weight = 1"))
    return lead_id


def gives_back(db, ground, lead_id, reason="too_early"):
    with db(ground.sam) as work:
        lead = actions.held_lead(work, work.session.get_one(Lead, lead_id).ref)
        recycling.recycle(work, lead, reason=reason)


def lead_of(db, lead_id):
    with db() as work:
        return work.session.get_one(Lead, lead_id)


def test_it_closes_with_its_reason_and_stays_readable_for_who_gave_it_back(db, ground, held):
    gives_back(db, ground, held)
    lead = lead_of(db, held)
    assert (lead.state, lead.loss_reason, lead.partner_id) == (
        LeadState.RECYCLED,
        "too_early",
        ground.first,
    )
    with db(ground.sam) as work:
        assert queries.lead_view(work.session, work.principal, lead.ref).last_name == "Brook"
        with pytest.raises(NotFound):
            actions.held_lead(work, lead.ref)
    with db() as work:
        row = work.session.scalars(select(LeadRecycling)).one()
        assert row.rests_until - row.at == timedelta(days=60)
        assert work.session.scalars(select(LeadOffer.state)).one() == OfferState.RETURNED
        verbs = work.session.scalars(select(AuditEntry.verb).order_by(AuditEntry.id)).all()
        assert "given back to nurture" in verbs
    assert db.queue.of(Job.NURTURE_ENROL)


def test_without_a_reason_or_as_an_opportunity_it_is_not_given_back(db, ground, held):
    with pytest.raises(Invalid) as refused:
        gives_back(db, ground, held, reason="")
    assert "recycled" in refused.value.fields
    with db(ground.sam) as work:
        lead = actions.held_lead(work, work.session.get_one(Lead, held).ref)
        actions.convert(work, lead, name="Deal", amount=Money(5, "GBP"), closes_on=None)
    with pytest.raises(Conflict, match="opportunity"):
        gives_back(db, ground, held)


def routed_again(db, ground, lead_id):
    with db() as work:
        who = mira(work, ground.vendor_id)
    with db(who) as work:
        by_hand.route_again(work, work.session.get_one(Lead, lead_id))
    with db() as work:
        offers.route(work, lead_id)
        return work.session.scalars(
            select(LeadOffer).where(LeadOffer.lead_id == lead_id).order_by(LeadOffer.epoch.desc())
        ).first()


def test_routed_again_it_goes_to_another_and_the_trace_says_why(db, ground, held):
    gives_back(db, ground, held)
    offer = routed_again(db, ground, held)
    assert (offer.partner_id, offer.epoch) == (ground.second, 2)
    row = next(r for r in offer.trace["candidates"] if r["id"] == str(ground.first))
    assert row["why"] == "had its turn (gave them back to nurture)"
    lead = lead_of(db, held)
    assert (lead.closed_at, lead.loss_reason, lead.accepted_at) == (None, None, None)


def test_the_same_person_asking_anew_is_not_offered_to_who_gave_them_back(db, ground, ask, held):
    gives_back(db, ground, held)
    new = ask(2).lead_id
    assert new != held
    with db() as work:
        assert offers.route(work, new) == ground.second
        who = mira(work, ground.vendor_id)
    with db(who) as work, pytest.raises(Conflict, match="asked again"):
        by_hand.route_again(work, work.session.get_one(Lead, held))


def test_after_the_period_the_same_partner_is_asked_again(db, ground, ask, held):
    gives_back(db, ground, held)
    db.clock.move(timedelta(days=61))
    with db() as work:
        work.session.execute(text("UPDATE enrolment SET weight = 0 WHERE partner_id <> :id"),
                             {"id": ground.first})  # fmt: skip
    new = ask(2).lead_id
    with db() as work:
        assert offers.route(work, new) == ground.first


def test_points_that_reach_a_rule_bring_it_back(db, ground, held):
    gives_back(db, ground, held)
    rules_are(db, ground, RULES + '\n[[rule]]\nname = "Warm"\nif = { score = 60 }\n', no=2)
    with db() as work:
        lead = work.session.get_one(Lead, held)
        lead.score = 10
        work.session.flush()
        assert ripening.ripen(work, [lead]) == 1
    with db() as work:
        assert offers.route(work, held) == ground.second


def test_an_answer_brings_it_back(db, ground, held):
    gives_back(db, ground, held)
    with db() as work:
        lead = work.session.get_one(Lead, held)
        replies.answered(work, lead, replies.Wrote("Ida", "Re: Later", "Now please"))
    assert lead_of(db, held).state == LeadState.NEW


@pytest.fixture
def named(db, ground, held):
    """The campaign that the rules name, set up by the partner whose page brought the lead."""
    with db() as work:
        a_copy(work, ground.first, a_campaign(work, ground.vendor_id, slug="second-life"))
    gives_back(db, ground, held)
    return held


def test_more_than_a_page_that_may_not_enter_hide_nobody_behind_them(db, ground, named):
    with db() as work:
        for n in range(SWEPT + 3):
            work.session.execute(
                text(
                    "INSERT INTO lead (id, ref, vendor_id, source_partner_id, campaign_id, page_id, contact_id,"
                    " state, address, address_hash, first_name, last_name, company, phone, country, postcode,"
                    " answers, score, epoch, created_at) SELECT :id, 'B-' || :n, vendor_id, source_partner_id,"
                    " campaign_id, page_id, NULL, 'recycled', 'x@brackwater.example', sha256(:n ::text::bytea),"
                    " '', '', '', '', country, '', '{}', 0, 0, created_at FROM lead WHERE id = :lead"
                ),
                {"id": (other := new_id()), "n": str(n), "lead": named},
            )
            work.session.execute(
                text(
                    "INSERT INTO lead_recycling (id, lead_id, vendor_id, partner_id, reason, at, rests_until)"
                    " SELECT :id, :other, vendor_id, partner_id, reason, at, rests_until FROM lead_recycling"
                    " WHERE lead_id = :lead LIMIT 1"
                ),
                {"id": new_id(), "other": other, "lead": named},
            )
        first = recycled.not_entered(work.session, work.now)
        assert list(first) == sorted(first, reverse=True)
        assert (len(first), named in first) == (SWEPT, False)
        rest = recycled.not_entered(work.session, work.now, before=first[-1])
        assert (len(rest), rest[-1]) == (4, named)
    rung(Run(services=db, stopping=lambda: False), Job.NURTURE_ENROL)
    assert [run.campaign for run in runs_of(db, named)] == ["second-life"]


def runs_of(db, lead_id):
    query = text(
        "SELECT s.slug, c.slug AS campaign, r.state, r.partner_id FROM nurture_run r"
        " JOIN sequence s ON s.id = r.sequence_id JOIN campaign c ON c.id = s.campaign_id"
        " WHERE r.lead_id = :lead ORDER BY r.id"
    )
    with db() as work:
        return work.session.execute(query, {"lead": lead_id}).all()


def test_it_enters_the_journey_that_the_rules_name_once(db, ground, named):
    with db() as work:
        assert recycled.not_entered(work.session, work.now) == [named]
        assert nurture.enrol(work, named) is not None
    with db() as work:
        assert nurture.enrol(work, named) is None
        assert recycled.not_entered(work.session, work.now) == []
    [run] = runs_of(db, named)
    assert (run.campaign, run.state, run.partner_id) == (
        "second-life",
        RunState.ACTIVE,
        ground.first,
    )


@pytest.fixture
def number(db):
    """The next contact gets a number that half of a hundred held out has among it."""
    drawn = next(n for n in range(1_000, 2_000) if is_held_out(str(n), 50))
    with db() as work:
        numbers = text("SELECT setval(pg_get_serial_sequence('contact', 'id'), :n, false)")
        work.session.execute(numbers, {"n": drawn})


def test_who_is_held_out_there_is_counted_and_gets_no_mail(db, ground, number, named):
    with db() as work:
        who = vera(work, ground.vendor_id)
        known = work.session.execute(text("SELECT id, campaign_id FROM campaign_version"
            " WHERE campaign_id = (SELECT id FROM campaign WHERE slug = 'second-life')")).one()  # fmt: skip
    with db(who) as work:
        source = "hold_out = 50\n" + (TEMPLATES / "second-life/nurture.toml").read_text()
        publishing.publish(
            work, vendor_id=ground.vendor_id, campaign_id=known.campaign_id,
            campaign_version_id=known.id, source=source, choices=publishing.Choices(),
        )  # fmt: skip
    with db() as work:
        run_id = nurture.enrol(work, named)
    with db() as work:
        run = work.session.get_one(NurtureRun, run_id)
        assert (run.state, run.left_because, run.due_at) == (RunState.EXITED, Exit.HELD_OUT, None)
        lift = overview.compared(work.session, work.principal, run.sequence_id).lift
        assert (lift.sent, lift.held) == (Group(0, 0), Group(0, 1))


def test_its_first_mail_answers_nobody_so_it_counts_for_the_caps(db, ground, named):
    with db() as work:
        ensure_sender(work, partner_id=ground.first, from_name="F", from_address="hi@f.example")
    with db() as work:
        run_id = nurture.enrol(work, named)
        db.clock.at = work.session.get_one(NurtureRun, run_id).due_at
    rung(Run(services=db, stopping=lambda: False), Job.NURTURE_ADVANCE)
    with db() as work:
        sent = text("SELECT count(*) FROM message WHERE origin_id = :r")
        assert work.session.scalar(sent, {"r": run_id}) == 1
        assert work.session.scalar(text("SELECT count(*) FROM cap_hit")) == 2


def test_its_first_mail_waits_for_the_morning_when_the_worker_is_late(db, ground, named):
    with db() as work:
        ensure_sender(work, partner_id=ground.first, from_name="F", from_address="hi@f.example")
    with db() as work:
        run_id = nurture.enrol(work, named)
        due = work.session.get_one(NurtureRun, run_id).due_at
    db.clock.at = due.replace(hour=22)
    rung(Run(services=db, stopping=lambda: False), Job.NURTURE_ADVANCE)
    with db() as work:
        sent = work.session.scalars(text("SELECT at FROM nurture_step WHERE outcome = 'sent'"))
        assert sent.all() == []
        assert work.session.get_one(NurtureRun, run_id).due_at > due.replace(hour=22)


def test_who_asks_anew_leaves_the_journey_and_the_old_lead_goes_to_no_second_partner(
    db, ground, ask, named
):
    with db() as work:
        run_id = nurture.enrol(work, named)
        other = work.session.scalar(text("SELECT id FROM campaign WHERE slug = 'second-life'"))
    new = ask(2).lead_id
    with db() as work:
        work.session.get_one(Lead, new).campaign_id = other
    assert {"lead_id": str(named)} in db.queue.of(Job.NURTURE_STOP)
    with db() as work:
        assert nurture.stop_answered(work, lead_id=named, contact_id=None) == 1
        run = work.session.get_one(NurtureRun, run_id)
        assert (run.state, run.left_because) == (RunState.EXITED, Exit.ANEW)
    with db() as work:
        lead = work.session.get_one(Lead, named)
        replies.answered(work, lead, replies.Wrote("Ida", "Re: Later", "Now please"))
        assert nurture.enrol(work, named) is None
    assert lead_of(db, named).state == LeadState.RECYCLED


def met_and_given_back(db, ground, ask):
    """A lead that its partner met, and who answered, before it was given back."""
    rules_are(db, ground, RULES)
    with db() as work:
        a_copy(work, ground.first, a_campaign(work, ground.vendor_id, slug="second-life"))
        work.session.execute(text("UPDATE enrolment SET weight = 0 WHERE partner_id <> :id"),
                             {"id": ground.first})  # fmt: skip
    lead_id = ask().lead_id
    with db() as work:
        offers.route(work, lead_id)
        offer = work.session.scalars(select(LeadOffer.id)).one()
        actions.accept(work, offer, by="mail", person_id=ground.sam.user_id)
    with db(ground.sam) as work:
        lead = actions.held_lead(work, work.session.get_one(Lead, lead_id).ref)
        actions.record_touch(work, lead, kind=actions.Touch.MEETING, note="")
        actions.record_touch(work, lead, kind=actions.Touch.REPLY, note="")
    db.clock.move(timedelta(hours=1))
    gives_back(db, ground, lead_id)
    return lead_id


def test_what_was_before_it_was_given_back_ends_no_journey(db, ground, ask):
    lead_id = met_and_given_back(db, ground, ask)
    with db() as work:
        run_id = nurture.enrol(work, lead_id)
        assert nurture.stop_answered(work, lead_id=lead_id, contact_id=None) == 0
    db.clock.move(timedelta(hours=1))
    with db() as work:
        lead = work.session.get_one(Lead, lead_id)
        replies.answered(work, lead, replies.Wrote("Ida", "Re: Later", "Now please"))
        assert nurture.stop_answered(work, lead_id=lead_id, contact_id=None) == 1
        assert work.session.get_one(NurtureRun, run_id).state == RunState.EXITED


def test_a_meeting_before_it_was_given_back_ends_no_journey_when_it_is_routed_again(
    db, ground, ask
):
    lead_id = met_and_given_back(db, ground, ask)
    with db() as work:
        run_id = nurture.enrol(work, lead_id)
    routed_again(db, ground, lead_id)
    with db() as work:
        assert nurture.stop_answered(work, lead_id=lead_id, contact_id=None) == 0
        assert work.session.get_one(NurtureRun, run_id).state == RunState.ACTIVE


def test_who_took_the_consent_back_enters_nothing(db, ground, named):
    with db() as work:
        work.session.execute(text("UPDATE lead SET source_partner_id = :p"), {"p": ground.second})
        assert nurture.enrol(work, named) is None
    assert runs_of(db, named) == []


def test_the_report_counts_it_wherever_it_is_now(db, ground, held):
    gives_back(db, ground, held)
    routed_again(db, ground, held)
    with db() as work:
        who = mira(work, ground.vendor_id)
    with db(who) as work:
        report = leads_report(work.session, work.principal)
        figures = {each.key: each.value for each in report.total.figures}
    assert figures["recycled"] == 1
