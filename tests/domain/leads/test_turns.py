"""What a turn in the round costs: an offer is a turn, unless the vendor takes it back; a share counts
leads that a partner had.
"""

from collections import Counter

import pytest
from sqlalchemy import select, text

from tcma.errors import Conflict
from tcma.leads import actions, by_hand, offers
from tcma.leads.models import Lead, LeadOffer, RoutingMember
from tcma.leads.routing.reading import read
from tcma.leads.routing.trying import replayed
from tcma.leads.routing.words import engagement, sentences
from tcma.leads.rules import OfferState
from tests.builders import mira, waiting_leads
from tests.domain.leads.conftest import rules_are

IN_TURN = '[sticky]\nsource = "never"\n[[rule]]\nname = "Ours"\nneed = { territory = true }\n'
SHARED = IN_TURN + "most_percent = 60\n"


def routed(db, ground, count):
    with db() as work:
        campaign = work.session.scalar(text("SELECT id FROM campaign"))
        ids = waiting_leads(work, ground.vendor_id, campaign, count)
        for each in ids:
            offers.route(work, each)
        rows = work.session.scalars(select(LeadOffer).where(LeadOffer.lead_id.in_(ids)))
        return sorted(rows, key=lambda offer: ids.index(offer.lead_id))


def credits_of(db):
    with db() as work:
        rows = work.session.execute(select(RoutingMember.partner_id, RoutingMember.credit))
        return dict(rows.all())


@pytest.mark.parametrize("passed", ["declined", "timed out"])
def test_a_turn_that_a_partner_passes_was_its_turn(db, ground, passed):
    rules_are(db, ground, IN_TURN)
    [offer] = routed(db, ground, 1)
    before = credits_of(db)
    with db() as work:
        if passed == "declined":
            actions.decline(work, offer.id, by="Sam", reason="no_capacity")
        else:
            actions.expire(work, offer.id)
    assert credits_of(db) == before
    [following] = routed(db, ground, 1)
    assert following.partner_id != offer.partner_id


def test_a_turn_that_the_vendor_takes_back_was_none(db, ground):
    rules_are(db, ground, IN_TURN)
    [offer] = routed(db, ground, 1)
    assert set(credits_of(db).values()) == {1, -1}
    with db() as work:
        manager = mira(work, ground.vendor_id)
    with db(manager) as work:
        lead = work.session.get_one(Lead, offer.lead_id)
        other = ground.second if offer.partner_id == ground.first else ground.first
        by_hand.assign(work, lead, other)
    assert set(credits_of(db).values()) == {0}
    [following] = routed(db, ground, 1)
    assert following.partner_id == offer.partner_id
    again = replayed(following.trace, read(IN_TURN).rules)
    assert again.partner_id == following.partner_id


def test_only_leads_that_a_partner_had_count_toward_its_share(db, ground):
    rules_are(db, ground, SHARED)
    for offer in routed(db, ground, 12):
        if offer.partner_id == ground.first:
            with db() as work:
                actions.decline(work, offer.id, by="Sam", reason="no_capacity")
    with db() as work:
        work.session.execute(text("UPDATE lead SET state = 'lost' WHERE state = 'new'"))
    got = Counter(offer.partner_id for offer in routed(db, ground, 4))
    assert got == {ground.first: 4}, "the other had all six, which is more than its share"


def test_a_share_is_not_used_up_by_leads_that_were_passed(db, ground):
    rules_are(db, ground, SHARED)
    with db() as work:
        work.session.execute(text("UPDATE enrolment SET weight = 9 WHERE partner_id = :p"),
                             {"p": ground.first})  # fmt: skip
    for offer in routed(db, ground, 10):
        with db() as work:
            actions.decline(work, offer.id, by="Sam", reason="no_capacity")
    with db() as work:
        work.session.execute(text("UPDATE lead SET state = 'lost' WHERE state = 'new'"))
    [following] = routed(db, ground, 1)
    why = {row["partner"]: row["why"] for row in following.trace["candidates"]}
    assert "60 % at most" not in why["Fenwright"]


def test_the_rules_say_what_a_turn_is_to_everybody():
    rules = read(IN_TURN).rules
    for said in (sentences(rules), engagement(rules)):
        [words] = [words for title, words in said if title == "Turns"]
        assert "One that the vendor takes back was no turn." in words


def test_who_is_late_reads_that_it_was_its_turn(db, ground, ask):
    lead_id = ask().lead_id
    with db() as work:
        offers.route(work, lead_id)
        offer = work.session.scalars(select(LeadOffer)).one()
    with db() as work:
        actions.expire(work, offer.id)
    with pytest.raises(Conflict) as late, db() as work:
        actions.accept(work, offer.id, by="Sam")
    assert "counts as your turn" in str(late.value.remedy)
    with db() as work:
        assert work.session.get(LeadOffer, offer.id).state == OfferState.TIMED_OUT
