"""Leads at the desk by age: buckets open their rows, the oldest stands first, many are done at once."""

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import text

from tcma.leads import actions, offers
from tcma.leads.models import Lead, LeadOffer
from tests.builders import a_campaign, a_partner, waiting_leads

LIST = "/desk/leads"


@pytest.fixture
def leads(counter):
    """Three unassigned of different ages, and two that Fenwright has accepted; ids by name."""
    house = counter.house
    with house.db() as work:
        vendor_id, now = house.mira.vendor_id, work.now
        campaign = work.session.scalar(text("SELECT id FROM campaign LIMIT 1"))
        campaign = campaign or a_campaign(work, vendor_id)
        partner = house.alice.partner_id
        made = {}
        for name, state, hours in (
            ("Ashby", "unassigned", 1),
            ("Birch", "unassigned", 30),
            ("Cedar", "unassigned", 100),
            ("Dogwood", "accepted", 1),
            ("Elder", "accepted", 24 * 9),
        ):
            at = now - timedelta(hours=hours)
            [made[name]] = waiting_leads(
                work, vendor_id, campaign, 1, company=name, state=state, created_at=at, moved_at=at,
                partner_id=partner if state == "accepted" else None,
                accepted_at=at if state == "accepted" else None,
            )  # fmt: skip
        return made


def names(page):
    return [each.split()[0] for each in page.all("tbody th")]


def tabs(page, label):
    found = {}
    for link in page.tree.css(f"nav[aria-label='{label}'] a"):
        words = " ".join(link.text(separator=" ").split())
        name, _, count = words.rpartition(" ")
        if count.isdigit():
            found[name] = (link.attributes["href"], int(count))
    return found


def ref_of(counter, lead_id):
    with counter.house.db() as work:
        return work.session.get_one(Lead, lead_id).ref


def state_of(counter, lead_id):
    with counter.house.db() as work:
        lead = work.session.get_one(Lead, lead_id)
        return lead.state, lead.loss_reason


def test_the_oldest_stands_first_and_can_stand_last(counter, leads):
    assert names(counter.mira.get(f"{LIST}?state=unassigned")) == ["Cedar", "Birch", "Ashby"]
    newest = counter.mira.get(f"{LIST}?state=unassigned&sort=newest")
    assert names(newest) == ["Ashby", "Birch", "Cedar"]


@pytest.mark.parametrize("label", ["Leads by what to do", "Leads by age"])
@pytest.mark.parametrize("state", ["unassigned", "yours", "late"])
def test_every_count_opens_exactly_its_rows(counter, leads, state, label):
    shown = tabs(counter.mira.get(f"{LIST}?state={state}"), label)
    if state == "late" and label == "Leads by age":
        assert shown == {}
        return
    assert shown
    for href, count in shown.values():
        assert len(names(counter.mira.get(href))) == count, href


def test_late_are_who_waits_a_day_and_what_nobody_touched_for_a_week(counter, leads):
    page = counter.mira.get(f"{LIST}?state=late")
    assert names(page) == ["Elder", "Cedar", "Birch"]
    assert "Unanswered for a day" in page.words


def test_the_file_holds_what_the_list_shows_and_nobodys_name(counter, leads):
    answer = counter.mira.get(f"{LIST}.csv?state=unassigned&age=2")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(r["Company"], r["Days waiting"]) for r in rows] == [("Birch", "1")]
    assert "Ida" not in answer.text


def test_a_note_makes_an_old_lead_young_again(counter, leads):
    house = counter.house
    with house.db() as work:
        work.session.add(_offer(work, leads["Elder"], house))
    with house.db(house.alice) as work:
        lead = actions.held_lead(work, work.session.get_one(Lead, leads["Elder"]).ref)
        actions.record_touch(work, lead, kind=actions.Touch.CALL, note="")
    assert names(counter.mira.get(f"{LIST}?state=late")) == ["Cedar", "Birch"]


def _offer(work, lead_id, house):
    return LeadOffer(
        lead_id=lead_id, epoch=1, vendor_id=house.mira.vendor_id, partner_id=house.alice.partner_id,
        state="accepted", reason="", trace={}, offered_at=work.now, answer_by=work.now,
    )  # fmt: skip


def test_many_are_closed_at_once_and_what_refuses_says_why(counter, leads):
    refs = [ref_of(counter, leads[name]) for name in ("Ashby", "Birch", "Dogwood")]
    sent = counter.mira.post(f"{LIST}?state=unassigned", act="again", lead=refs)
    assert sent.status == 303
    page = counter.mira.get(LIST)
    assert "2 leads go by the rules again." in page.words
    assert "Write why it is taken back" in page.words
    assert state_of(counter, leads["Dogwood"])[0] == "accepted"
    sent = counter.mira.post(LIST, act="spam", lead=refs[:2])
    assert [state_of(counter, leads[n]) for n in ("Ashby", "Birch")] == [("lost", "spam")] * 2


def test_nothing_ticked_and_nobody_chosen_are_said_at_the_list(counter, leads):
    page = counter.mira.post(LIST, act="spam")
    assert (page.status, "Tick at least one lead." in page.words) == (422, True)
    ref = ref_of(counter, leads["Birch"])
    page = counter.mira.post(f"{LIST}?state=unassigned", act="offer", partner="", lead=[ref])
    assert (page.status, "Choose a partner." in page.words) == (422, True)
    assert page.tree.css_matches(f"input[name=lead][value='{ref}'][checked]")


def test_an_accepted_lead_is_given_to_another_with_a_word_why(counter, leads):
    house = counter.house
    ref = ref_of(counter, leads["Dogwood"])
    with house.db() as work:
        work.session.add(_offer(work, leads["Dogwood"], house))
        a_partner(work, house.mira.vendor_id, name="Osier")
    page = counter.mira.post(f"{LIST}/{ref}/assignment", partner="osier")
    assert (page.status, "Write why it is taken back" in page.words) == (422, True)
    assert (
        counter.mira.post(f"{LIST}/{ref}/assignment", partner="osier", why="They moved.").status
        == 303
    )
    assert "Taken back by the vendor" in counter.mira.get(f"{LIST}/{ref}").words


def test_what_earlier_rules_left_is_offered_to_the_desk_with_a_count(counter, leads):
    house = counter.house
    with house.db() as work:
        work.session.execute(
            text(
                "INSERT INTO routing_version VALUES (gen_random_uuid(), :v, 1, :s, :at, '', '', :at)"
            ),
            {"v": house.mira.vendor_id, "s": '[[rule]]\nname = "All"\n', "at": work.now},
        )
    page = counter.mira.get("/desk/rules/routing")
    assert "3 leads wait unassigned that earlier rules decided." in page.words
    assert (
        "3 leads were left by earlier rules." in counter.mira.get(f"{LIST}?state=unassigned").words
    )
    assert counter.mira.post("/desk/rules/routing/unassigned").status == 303
    assert "3 leads go by the rules in force now." in counter.mira.get(LIST).words
    with house.db() as work:
        assert offers.route_waiting(work, house.mira.vendor_id) == 3


def test_two_leads_of_one_person_are_joined_from_the_page_of_one(counter, leads):
    with counter.house.db() as work:
        one = work.session.get_one(Lead, leads["Ashby"])
        campaign = a_campaign(work, one.vendor_id, slug="ai-ready-data").campaign_id
        facts = {"address": one.address, "address_hash": one.address_hash}
        [made] = waiting_leads(work, one.vendor_id, campaign, 1, **facts)
        other_ref = work.session.get_one(Lead, made).ref
    ref = ref_of(counter, leads["Ashby"])
    page = counter.mira.get(f"{LIST}/{ref}")
    assert "Join it into this lead" in page.words
    assert counter.mira.post(f"{LIST}/{ref}/joining", other=other_ref).status == 303
    assert "is part of this lead" in counter.mira.get(f"{LIST}/{ref}").words
    assert counter.mira.post(f"{LIST}/{ref}/joining", other="LEAD-2026-9999").status == 404
