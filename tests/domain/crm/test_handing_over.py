"""Leads in a CRM and back: once there, never lost, and whoever changed a field is heard."""

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from tcma.crm import actions
from tcma.crm.models import CrmLink
from tcma.crm.rules import POLL, LinkState, Winner, told_stage
from tcma.errors import Invalid, NotFound
from tcma.leads import crm_marks, deal_papers, deals, handing_over
from tcma.leads.forgetting import forget
from tcma.leads.models import Lead
from tcma.leads.rules import Stage
from tcma.money import Money
from tests.builders import alice, mira
from workers import crm


def kept(house, kind):
    return [key for name, key in house.stand.kept if name == house.stand.objects[kind]]


def test_an_accepted_lead_and_its_opportunity_are_there_once_and_come_back_changed(house):
    house.connect()
    ref = house.deal()
    house.sync()
    assert (len(kept(house, 0)), kept(house, 1)) == (1, [ref])
    assert float(house.there(ref)[house.stand.places["amount"]]) == 4800
    writes = len(house.stand.writes())

    house.db.clock.move(POLL)
    house.sync()
    assert len(house.stand.writes()) == writes  # nothing changed, nothing is written
    stage = told_stage(house.connection().fields, "negotiation")
    house.changed_there(ref, stage=stage, amount="5200.5", closes_on="2027-01-31")
    house.db.clock.move(POLL)
    house.sync()
    one = house.here(ref)
    assert (one.stage, one.worth.minor, str(one.closes_on)) == (
        Stage.NEGOTIATION, 520_050, "2027-01-31",
    )  # fmt: skip
    assert (house.link().state, house.link().owner) == (LinkState.EVEN, "Ola Berg")
    assert len(house.stand.writes()) == writes

    house.changed_there(ref, stage=told_stage(house.connection().fields, "won"))
    house.db.clock.move(POLL)
    house.sync()
    assert house.here(ref).state == "won"


def test_a_connection_made_later_has_what_there_is_already(house):
    ref = house.deal()
    house.connect()
    with house.db(house.ground.alice) as work:
        assert crm_marks.mark_all(work, house.ref) == 1
    house.sync()
    assert kept(house, 1) == [ref]


@pytest.mark.parametrize(("winner", "minor"), [(Winner.CRM, 700_000), (Winner.HERE, 600_000)])
def test_where_both_changed_the_same_field_the_chosen_side_wins(house, winner, minor):
    house.connect()
    ref = house.deal()
    house.sync()
    with house.db(house.ground.alice) as work:
        fields = house.connection().fields
        wins = {**fields.wins, "amount": winner}
        actions.change_fields(work, house.ref, replace(fields, wins=wins), with_leads=True)
    house.sync()
    house.amend(ref, 600_000)
    house.changed_there(ref, amount="7000")
    house.sync()
    assert house.here(ref).worth.minor == minor
    assert float(house.there(ref)[house.stand.places["amount"]]) * 100 == minor
    assert "Both sides had changed: amount" in house.link().said


def test_what_cannot_be_taken_here_is_not_written_over_there(house):
    house.connect()
    ref = house.deal()
    house.sync()
    house.changed_there(ref, amount="0")
    for _ in range(2):
        house.db.clock.move(POLL)
        house.sync()
    assert "Not taken" in house.link().said
    assert house.here(ref).worth.minor == 480_000
    assert house.there(ref)[house.stand.places["amount"]] == "0"


def test_a_stage_that_stands_for_none_here_is_left_alone_on_both_sides(house):
    house.connect()
    ref = house.deal()
    house.sync()
    house.changed_there(ref, stage="Legal review")
    house.db.clock.move(POLL)
    house.sync()
    assert house.here(ref).stage is Stage.QUALIFIED
    assert house.there(ref)[house.stand.places["stage"]] == "Legal review"
    assert "Legal review" in house.link().said


def test_who_is_busy_is_asked_again_when_it_said_and_nothing_is_lost(house):
    house.connect()
    house.accepted(1)
    house.accepted(2)
    house.stand.say.append((429, {"Retry-After": "90"}, {}))
    house.sync()
    house.db.clock.move(timedelta(seconds=80))
    house.sync()
    assert kept(house, 0) == []
    house.db.clock.move(timedelta(seconds=11))
    house.sync()
    assert len(kept(house, 0)) == 2


def test_a_key_that_is_refused_lets_everything_wait_until_there_is_another(house):
    house.connect()
    house.accepted()

    def key(secrets):
        with house.db(house.ground.alice) as work:
            web = house.run.services.web
            actions.change_key(work, web, house.ref, url=house.stand.url, secrets=secrets)
        house.sync()

    key(dict.fromkeys(house.stand.secrets, "wrong"))
    house.db.clock.move(timedelta(days=5))
    house.sync()
    assert house.connection().failing_since
    assert house.connection().remedy
    assert house.link().state is LinkState.WAITING
    key(house.stand.secrets)
    assert (house.connection().failing_since, len(kept(house, 0))) == (None, 1)


def test_what_is_refused_is_laid_aside_with_the_reason_and_sent_again_on_a_press(house):
    house.connect()
    house.accepted()
    with house.db(house.ground.alice) as work:
        house.run.services.crm(actions.key_of(work, house.ref)).check()
    house.stand.say.append(house.stand.invalid)
    house.sync()
    link = house.link()
    assert link.state is LinkState.REFUSED
    assert "LastName" in link.said
    house.db.clock.move(timedelta(days=3))
    house.sync()
    assert kept(house, 0) == []
    with house.db(house.ground.alice) as work:
        assert actions.send_again(work, house.ref) == 1
    house.sync()
    assert (house.link().state, len(kept(house, 0))) == (LinkState.EVEN, 1)


def test_who_dies_between_sending_and_writing_leaves_one_record(house):
    house.connect()
    ref = house.deal()
    with house.db() as work:
        [taken] = handing_over.take_due(work)
    crm.ask(house.run, taken)
    house.sync()  # leased to the dead one
    assert house.link().even_at is None
    house.db.clock.move(timedelta(minutes=3))
    house.sync()
    assert (len(kept(house, 0)), kept(house, 1)) == (1, [ref])
    assert house.link().state is LinkState.EVEN


def test_a_change_made_while_its_lead_is_on_its_way_follows_it(house):
    house.connect()
    ref = house.deal()
    with house.db() as work:
        [taken] = handing_over.take_due(work)
    carried = crm.ask(house.run, taken)
    house.amend(ref, 990_000)
    with house.db() as work:
        handing_over.record(work, taken, carried)
    assert house.link().state is LinkState.WAITING
    house.sync()
    assert float(house.there(ref)[house.stand.places["amount"]]) == 9900
    assert house.here(ref).worth.minor == 990_000


def test_what_was_deleted_there_is_not_made_anew_unless_somebody_asks(house):
    house.connect()
    ref = house.deal()
    house.sync()
    del house.stand.kept[house.stand.objects[1], ref]
    house.db.clock.move(POLL)
    house.sync()
    assert (house.link().state, kept(house, 1)) == (LinkState.REFUSED, [])
    with house.db(house.ground.alice) as work:
        actions.send_again(work, house.ref, house.link().id)
    house.sync()
    assert kept(house, 1) == [ref]


def test_each_side_connects_its_own_and_nobody_sees_anothers(house):
    with house.db() as work:
        people = (mira(work, house.ground.vendor_id), alice(work, house.ground.second))
    vendors, theirs = (house.connect(each, with_leads=False) for each in people)
    house.connect()
    ref = house.deal()
    house.sync()
    with house.db() as work:
        told = {row.connection_id for row in work.session.scalars(select(CrmLink))}
        assert len(told) == 2  # the partner that holds it, and the vendor
    assert kept(house, 1) == [ref]
    for foreign in (vendors, theirs):
        with house.db(house.ground.alice) as work, pytest.raises(NotFound):
            actions.send_again(work, foreign)


def test_a_key_is_whole_or_it_is_refused_at_its_field(house):
    with house.db(house.ground.alice) as work, pytest.raises(Invalid) as refused:
        actions.connect(work, house.run.services.web, house.stand.system, secrets={})
    assert set(refused.value.fields) == set(house.stand.secrets)


def test_a_person_who_is_forgotten_is_sent_nowhere_any_more(house):
    house.connect()
    ref = house.accepted()
    with house.db() as work:
        lead = work.session.scalars(select(Lead).where(Lead.ref == ref)).one()
        lead.contact_id = 4711
        work.session.flush()
        assert forget(work, 4711, lead.address)["in step with CRMs"] == 1
    house.sync()
    assert kept(house, 0) == []


def test_a_deal_without_a_lead_goes_there_with_its_files_by_link_and_comes_back_won(house):
    house.connect()
    with house.db(house.ground.sam) as work:
        worth = Money(480_000, "GBP")
        new = deals.Deal(vendor_id=house.ground.vendor_id, company="Brackwater", site="", name="",
                         worth=worth, closes_on=None)  # fmt: skip
        ref = deals.register(work, new).ref
        pdf = b"%PDF-1.7\n%%EOF\n"
        deal_papers.attach(work, ref, file_name="Offer.pdf", content=pdf)
    house.sync()
    assert (kept(house, 0), kept(house, 1)) == ([], [ref])
    told = str(house.there(ref))
    assert "Offer.pdf" in told
    assert hashlib.sha256(pdf).hexdigest() in told
    assert f"/console/opportunities/{ref}/files/" in told
    assert (house.link().lead_ref, house.link().deal_ref) == ("", ref)
    house.changed_there(ref, stage=told_stage(house.connection().fields, "won"))
    house.db.clock.move(POLL)
    house.sync()
    assert house.here(ref).state == "won"
