"""A form becomes one lead, goes to one partner with a reason, and is answered once."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from tcma.db.audit import AuditEntry
from tcma.delivery.models import MessageBody
from tcma.errors import Conflict, Invalid, NotFound
from tcma.jobs import Job
from tcma.leads import actions, due, offers, outgoing, queries, signed, telling
from tcma.leads.models import Lead, LeadCapture, LeadOffer
from tcma.leads.rules import LeadState, OfferState, Touch
from tcma.money import Money
from tests.builders import charlie, mira


def route(db, lead_id):
    with db() as work:
        return offers.route(work, lead_id)


def view(db, principal, lead_id):
    with db(principal) as work:
        ref = work.session.get_one(Lead, lead_id).ref
        return queries.lead_view(work.session, principal, ref)


def test_a_form_wakes_routing_and_nurture_and_keeps_the_consent(db, ask):
    captured = ask()
    assert captured.is_new
    assert [job for job, _ in db.queue.sent][-2:] == [Job.LEAD_ROUTE, Job.NURTURE_ENROL]
    with db() as work:
        kept = work.session.scalars(select(LeadCapture)).one()
    assert (kept.consent_text, kept.consent_version) == ("You may call me.", "v1")


def test_five_posts_of_one_person_are_one_lead_with_every_submission_kept(db, ask):
    leads = {ask(number).lead_id for number in (1, 1, 2, 3, 3)}
    assert len(leads) == 1
    with db() as work:
        assert work.session.scalar(select(func.count()).select_from(LeadCapture)) == 3


def test_without_the_tick_nothing_is_kept(db, ask):
    with pytest.raises(Invalid) as refused:
        ask(consent_given=False)
    assert "consent" in refused.value.fields
    with db() as work:
        assert work.session.scalar(select(func.count()).select_from(Lead)) == 0


def test_the_page_partner_is_asked_first_by_mail_with_a_link_to_each_seller(db, ground, ask):
    lead_id = ask().lead_id
    assert route(db, lead_id) == ground.first
    with db() as work:
        telling.tell(work)
        letters = work.session.scalars(select(MessageBody.html)).all()
    assert len(letters) == 2
    assert all("/l/lead/" in letter for letter in letters)
    assert not any("0113" in letter or "ida@" in letter for letter in letters)


def test_routing_twice_offers_once(db, ground, ask):
    lead_id = ask().lead_id
    assert [route(db, lead_id), route(db, lead_id)] == [ground.first, None]
    assert len(view(db, ground.alice, lead_id).turns) == 1


def test_name_and_phone_hide_until_accepted_and_then_show(db, ground, ask):
    lead_id = ask().lead_id
    route(db, lead_id)
    before = view(db, ground.sam, lead_id)
    assert before.masked
    assert before.phone == queries.HIDDEN
    with db() as work:
        actions.accept(work, before.offer_id, by="Sam")
    after = view(db, ground.sam, lead_id)
    assert (after.phone, after.row.state) == ("+44 113 496 0199", LeadState.ACCEPTED)
    assert db.queue.of(Job.NURTURE_STOP)


def test_accepting_and_the_clock_together_leave_exactly_one_winner(db, ground, ask):
    lead_id = ask().lead_id
    route(db, lead_id)
    offer = view(db, ground.alice, lead_id).offer_id
    with db() as work:
        actions.accept(work, offer, by="Alice")
    with db() as work:
        assert actions.expire(work, offer) is False
    with db() as work, pytest.raises(Conflict, match="went on"):
        actions.decline(work, offer, by="Sam", reason="spam")


def test_two_of_a_partner_who_press_at_once_take_it_once(db, ground, ask):
    lead_id = ask().lead_id
    route(db, lead_id)
    offer = view(db, ground.alice, lead_id).offer_id
    late = db()
    with late as work:
        seen = work.session.get_one(LeadOffer, offer)
        assert seen.state == OfferState.OFFERED
        with db() as other:
            actions.accept(other, offer, by="Alice")
        actions.accept(work, offer, by="Sam")
    with db() as work:
        kept = work.session.get_one(LeadOffer, offer)
        assert (kept.state, kept.answered_by) == (OfferState.ACCEPTED, "Alice")
        verbs = work.session.scalars(
            select(AuditEntry.verb).where(AuditEntry.subject_id == str(lead_id))
        ).all()
    assert verbs.count("accepted") == 1


def test_who_declines_twice_hands_it_back_once(db, ground, ask):
    lead_id = ask().lead_id
    route(db, lead_id)
    offer = view(db, ground.alice, lead_id).offer_id
    for reason in ("spam", "outside"):
        with db() as work:
            actions.decline(work, offer, by="Alice", reason=reason)
    assert route(db, lead_id) == ground.second
    with db() as work:
        assert work.session.get_one(LeadOffer, offer).decline_reason == "spam"
        with pytest.raises(Conflict, match="went on"):
            actions.accept(work, offer, by="Alice")


def test_no_answer_in_time_goes_to_the_next_partner_and_says_why(db, ground, ask, clock):
    lead_id = ask().lead_id
    route(db, lead_id)
    clock.move(timedelta(days=1))
    with db() as work:
        overdue = due.overdue_offer_ids(work.session, now=work.now)
        assert [actions.expire(work, each) for each in overdue] == [True]
        telling.time_is_over(work, overdue[0])
        said = set(work.session.scalars(select(MessageBody.subject)).all())
        assert said == {"The lead Brackwater Joinery went on to another partner"}
    assert route(db, lead_id) == ground.second
    with db() as work:
        lead = work.session.get_one(Lead, lead_id)
        turns = queries.turns(work.session, lead_id)
    assert [t.state for t in turns] == [OfferState.TIMED_OUT, OfferState.OFFERED]
    why = {c["partner"]: c["why"] for c in turns[1].trace["candidates"]}
    assert why["Fenwright"] == "had its turn (timed out)"
    assert lead.epoch == 2
    with pytest.raises(NotFound):
        view(db, ground.alice, lead_id)


def test_declined_by_everybody_waits_for_a_person_at_the_vendor(db, ground, ask):
    lead_id = ask().lead_id
    for partner in (ground.first, ground.second):
        assert route(db, lead_id) == partner
        with db() as work:
            offer = queries.turns(work.session, lead_id)[-1]
            assert offer.state is OfferState.OFFERED
            open_offer = queries.view_of(
                work.session, work.principal, work.session.get_one(Lead, lead_id)
            ).offer_id
            actions.decline(work, open_offer, by="Alice", reason="no_capacity")
            told = outgoing.facts(work, lead_id)["lead"]
            assert (told["decline_reason"], told["answer_by"]) == ("no_capacity", None)
    assert route(db, lead_id) is None
    with db() as work:
        assert work.session.get_one(Lead, lead_id).state == LeadState.UNASSIGNED
        mira(work, ground.vendor_id)
        assert [telling.escalate(work), telling.escalate(work)] == [1, 0]
        said = work.session.scalars(select(MessageBody.subject)).all()
        assert said == ["Nobody took the lead Brackwater Joinery"]


def test_declining_asks_for_a_reason(db, ground, ask):
    lead_id = ask().lead_id
    route(db, lead_id)
    offer = view(db, ground.alice, lead_id).offer_id
    with db() as work, pytest.raises(Invalid, match="Say why"):
        actions.decline(work, offer, by="Alice", reason="because")


def test_a_mailed_link_opens_only_its_own_offer_and_only_in_time(db, ground, ask, clock):
    lead_id = ask().lead_id
    route(db, lead_id)
    with db() as work:
        assert telling.tell(work) == 1
        assert telling.tell(work) == 0
        html = work.session.scalars(select(MessageBody.html)).first()
        token = html.split("/l/lead/")[1].split('"')[0]
        mailed = signed.signed_offer(work.session, work.site.signer, token, now=work.now)
        assert (mailed.lead.id, mailed.ended) == (lead_id, False)
        with pytest.raises(NotFound):
            signed.signed_offer(work.session, work.site.signer, f"B{token[1:]}", now=work.now)
    clock.move(timedelta(days=15))
    with db() as work:
        assert signed.signed_offer(work.session, work.site.signer, token, now=work.now).ended


def test_a_suspended_partner_cannot_accept_what_it_was_offered_before(db, ground, ask):
    lead_id = ask().lead_id
    route(db, lead_id)
    offer = view(db, ground.sam, lead_id).offer_id
    with db() as work:
        work.session.execute(text("UPDATE enrolment SET state = 'suspended'"))
    with pytest.raises(Conflict, match="takes no leads"), db(ground.sam) as work:
        actions.accept(work, offer, by="Sam")
    with db() as work:
        assert work.session.get_one(Lead, lead_id).state == LeadState.OFFERED


def test_an_opportunity_is_made_once_and_a_reply_stops_the_mails(db, ground, ask):
    lead_id = ask().lead_id
    route(db, lead_id)
    with db() as work:
        actions.accept(work, view(db, ground.sam, lead_id).offer_id, by="Sam")
    with db(ground.sam) as work:
        lead = actions.held_lead(work, work.session.get_one(Lead, lead_id).ref)
        actions.record_touch(work, lead, kind=Touch.REPLY, note="They called back.")
        first = actions.convert(work, lead, name="", amount=Money(9_200_00, "GBP"), closes_on=None)
        again = actions.convert(work, lead, name="", amount=Money(1, "GBP"), closes_on=None)
    assert (first.id, first.amount_minor) == (again.id, 9_200_00)
    assert view(db, ground.sam, lead_id).row.state is LeadState.OPPORTUNITY


def test_another_partner_does_not_find_the_lead(db, ground, ask):
    lead_id = ask().lead_id
    route(db, lead_id)
    with db() as work:
        stranger = charlie(work, ground.vendor_id)
    with pytest.raises(NotFound):
        view(db, stranger, lead_id)
