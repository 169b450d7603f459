"""Inside a partner: shares are equal without races, absences hold, what is given by hand is told."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from tcma.errors import Forbidden, Invalid, NotFound
from tcma.leads import actions, handing_on, offers, sharing, tasks, telling
from tcma.leads.queries import lead_view
from tcma.leads.routing.sellers import Way
from tcma.permissions import Role
from tests.builders import a_user, charlie, waiting_leads

HELD = """SELECT u.name, count(*) FROM lead l JOIN user_account u ON u.id = l.person_id
  GROUP BY u.name ORDER BY u.name"""
MAILS = """SELECT split_part(address, '.', 1) AS who, subject FROM message
  JOIN message_body ON message_id = message.id ORDER BY message.id"""


@pytest.fixture
def sellers(db, ground):
    """Four sellers: Sam and three more."""
    with db() as work:
        more = [
            a_user(work, Role.SELLER, name=n, partner_id=ground.first)
            for n in ("Ana", "Ben", "Cid")
        ]
    return [ground.sam, *more]


def share(db, ground, way, *, keeps=True, areas=None):
    with db(ground.alice) as work:
        sharing.save_rule(work, way=way, keeps=keeps, areas=areas or {})


def offered(db, ground, count, **facts):
    with db() as work:
        campaign = work.session.scalar(text("SELECT id FROM campaign"))
        ids = waiting_leads(
            work, ground.vendor_id, campaign, count, source_partner_id=ground.first, **facts
        )
    with db() as work:
        offers.route_waiting(work, ground.vendor_id)
    return ids


def tell(db, most=100):
    with db() as work:
        return telling.tell(work, most=most)


def rows(db, query):
    with db() as work:
        return [tuple(row) for row in work.session.execute(text(query))]


def view(db, who, lead_id):
    with db(who) as work:
        ref = work.session.scalar(text("SELECT ref FROM lead WHERE id = :id"), {"id": lead_id})
        return lead_view(work.session, who, ref)


def test_twenty_leads_at_once_over_four_sellers_are_five_each(db, ground, sellers):
    share(db, ground, Way.TURN)
    offered(db, ground, 20)
    with ThreadPoolExecutor(5) as pool:
        told = list(pool.map(lambda _: tell(db, 4), range(5)))
    while sum(told) < 20:
        told.append(tell(db, 4))
    assert rows(db, HELD) == [("Ana", 5), ("Ben", 5), ("Cid", 5), ("Sam", 5)]
    assert len(rows(db, MAILS)) == 20  # one letter each, to one person
    assert len(rows(db, "SELECT 1 FROM lead_hand")) == 20


def test_who_is_away_gets_none_and_does_not_catch_up(db, ground, sellers):
    share(db, ground, Way.TURN)
    ana = sellers[1]
    with db(ana) as work:
        sharing.state_absence(work, ana.user_id, date(2026, 3, 2), date(2026, 3, 3))
    offered(db, ground, 6)
    tell(db)
    assert rows(db, HELD) == [("Ben", 2), ("Cid", 2), ("Sam", 2)]
    db.clock.move(timedelta(days=2))
    offered(db, ground, 4)
    tell(db)
    assert rows(db, HELD) == [("Ana", 1), ("Ben", 3), ("Cid", 3), ("Sam", 3)]


def test_without_a_rule_everybody_hears_and_who_accepts_has_it(db, ground):
    (lead_id,) = offered(db, ground, 1)
    tell(db)
    assert sorted(who for who, _ in rows(db, MAILS)) == ["alice", "sam"]
    before = view(db, ground.sam, lead_id)
    assert before.row.with_name == ""
    with db(ground.sam) as work:
        actions.accept(work, before.offer_id, by="Sam")
    assert view(db, ground.sam, lead_id).row.with_name == "Sam"
    with db() as work:
        (hand,) = handing_on.hands(work.session, lead_id, ground.first)
    assert (hand.person, hand.reason) == ("Sam", "accepted it")


def test_the_next_lead_of_a_company_goes_to_who_knows_it(db, ground, sellers):
    share(db, ground, Way.TURN)
    first, other = offered(db, ground, 2)
    tell(db)
    holder = view(db, ground.sam, first).row.with_name
    (again,) = offered(
        db, ground, 1, address=rows(db, "SELECT address FROM lead ORDER BY id")[0][0]
    )
    tell(db)
    assert view(db, ground.sam, again).row.with_name == holder
    assert view(db, ground.sam, other).row.with_name != holder


def test_what_is_given_on_by_hand_is_told_kept_and_reminded_of(db, ground, sellers):
    share(db, ground, Way.TURN)
    (lead_id,) = offered(db, ground, 1)
    tell(db)
    ref = view(db, ground.sam, lead_id).row.ref
    cid = sellers[3]
    with db(ground.alice) as work:
        assert handing_on.give(work, ref, cid.user_id) == "Cid"
    assert tell(db) == 1  # the offer itself goes to Cid, with a link of his own
    with db(cid) as work:
        actions.accept(work, view(db, cid, lead_id).offer_id, by="Cid")
    with db(cid) as work:
        handing_on.give(work, ref, ground.sam.user_id)
    with db() as work:
        tasks.notify(work, lead_id, "Call again.", partner_id=ground.first)
        hands = handing_on.hands(work.session, lead_id, ground.first)
    assert [who for who, _ in rows(db, MAILS)][1:] == ["cid", "sam", "sam"]
    assert rows(db, MAILS)[2][1] == "Brackwater Joinery is yours now"
    assert [(h.person, h.by) for h in hands][1:] == [("Cid", "Alice"), ("Sam", "Cid")]


def test_a_lead_that_goes_to_the_next_partner_leaves_the_person_too(db, ground, sellers):
    share(db, ground, Way.TURN)
    (lead_id,) = offered(db, ground, 1)
    tell(db)
    with db(ground.sam) as work:
        offer = view(db, ground.sam, lead_id).offer_id
        actions.decline(work, offer, by="Sam", reason="no_capacity")
    assert rows(db, "SELECT person_id FROM lead") == [(None,)]


def test_who_may_not_give_state_or_rule(db, ground, sellers):
    (lead_id,) = offered(db, ground, 1)
    ref = view(db, ground.sam, lead_id).row.ref
    ana, ben = sellers[1:3]
    with db() as work:
        stranger = charlie(work, ground.vendor_id)
    with pytest.raises(NotFound), db(stranger) as work:
        handing_on.give(work, ref, stranger.user_id)
    with pytest.raises(Invalid), db(ground.sam) as work:
        handing_on.give(work, ref, stranger.user_id)
    with pytest.raises(Forbidden), db(ana) as work:
        sharing.state_absence(work, ben.user_id, date(2026, 3, 2), date(2026, 3, 3))
    with pytest.raises(Forbidden), db(ana) as work:
        sharing.save_rule(work, way=Way.TURN, keeps=True, areas={})
    with pytest.raises(Invalid), db(ground.alice) as work:
        sharing.save_rule(work, way=Way.AREA, keeps=True, areas={})
    with pytest.raises(Invalid), db(ground.alice) as work:
        sharing.save_rule(work, way=Way.AREA, keeps=True, areas={ana.user_id: "LS1"})
    with pytest.raises(Invalid), db(ana) as work:
        sharing.state_absence(work, ana.user_id, date(2026, 3, 5), date(2026, 3, 3))
    with db(ground.alice) as work:
        sharing.state_absence(work, ben.user_id, date(2026, 3, 2), date(2026, 3, 3))
        (away,) = sharing.absences(work)
    with pytest.raises(NotFound), db(stranger) as work:
        sharing.end_absence(work, away.id)
    with db(ben) as work:
        sharing.end_absence(work, away.id)
        assert sharing.absences(work) == []
