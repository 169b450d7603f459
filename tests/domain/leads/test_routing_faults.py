"""What goes wrong around routing, as it goes wrong: many routers, partners that leave, two answers
at once, one person many times, and a day decided again.
"""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, text

from tcma.errors import Conflict
from tcma.leads import actions, due, offers, queries
from tcma.leads.deciding import rules_of
from tcma.leads.models import Lead, LeadCapture, LeadOffer, RoutingMember
from tcma.leads.routing.rules import STANDARD
from tcma.leads.routing.trying import replayed
from tcma.leads.rules import LeadState, OfferState
from tcma.library.compiling import publish_page
from tcma.library.copy_queries import page_by_path
from tcma.partners import actions as partners
from tcma.partners.rules import EnrolmentState
from tests.builders import a_copy, a_partner, waiting_leads
from tests.domain.leads.conftest import captured
from tests.domain.leads.traces import decision_of

ROUTERS = 8


@pytest.fixture
def pool(db, ground):
    """Make partners of the weights given, the only ones that may take leads: ids by weight."""

    def made(weights):
        with db() as work:
            work.session.execute(text("UPDATE enrolment SET state = 'suspended'"))
            ids = []
            for weight in weights:
                one = a_partner(work, ground.vendor_id, territories=("GB-N",))
                partners.change_enrolment(work, partner_id=one, weight=weight)
                ids.append(one)
            return ids

    return made


def waiting(db, ground, count, **facts):
    with db() as work:
        campaign = work.session.scalar(text("SELECT id FROM campaign"))
        return waiting_leads(work, ground.vendor_id, campaign, count, **facts)


def at_once(*calls):
    """Run calls in threads that begin together; what each returned or raised."""
    start = threading.Barrier(len(calls))

    def begun(call):
        start.wait()
        try:
            return call()
        except Conflict as error:
            return error

    with ThreadPoolExecutor(len(calls)) as crew:
        return list(crew.map(begun, calls))


def route_all(db, ground, most):
    done = 1
    while done:
        with db() as work:
            done = offers.route_waiting(work, ground.vendor_id, most=most)


@pytest.mark.parametrize("weights", [(1, 1, 1, 1, 1, 1, 1), (5, 1, 1, 3)])
def test_r1_eight_routers_share_a_pool_by_its_weights_with_one_open_offer_a_lead(
    db, ground, pool, weights
):
    ids = pool(weights)
    count = 20 * ROUTERS
    waiting(db, ground, count)
    at_once(*[lambda: route_all(db, ground, 7)] * ROUTERS)
    with db() as work:
        got = Counter(work.session.scalars(select(LeadOffer.partner_id)).all())
        open_offers = work.session.scalar(
            select(func.count(LeadOffer.lead_id.distinct())).where(
                LeadOffer.state == OfferState.OFFERED
            )
        )
        credit = work.session.scalar(select(func.sum(RoutingMember.credit)))
    assert sum(got.values()) == open_offers == count
    assert credit == 0
    for one, weight in zip(ids, weights, strict=True):
        assert abs(got[one] - count * weight / sum(weights)) <= 2
    if len(set(weights)) == 1:
        assert max(got.values()) - min(got.values()) <= 1


def test_r2_a_partner_cannot_be_suspended_between_the_choice_and_its_commit(db, ground, ask):
    lead_id = ask().lead_id
    chosen, gone = threading.Event(), threading.Event()

    def suspend():
        chosen.wait()
        with db() as work:
            partners.change_enrolment(work, partner_id=ground.first, state=EnrolmentState.SUSPENDED)
        gone.set()

    leaving = threading.Thread(target=suspend)
    leaving.start()
    with db() as work:
        assert offers.route(work, lead_id) == ground.first
        chosen.set()
        assert not gone.wait(0.3)
    leaving.join()
    with db() as work:
        [stranded] = due.stranded_offer_ids(work.session)
        assert actions.take_back(work, stranded)
    with db() as work:
        assert offers.route(work, lead_id) == ground.second
        turns = queries.turns(work.session, lead_id)
    assert [t.state for t in turns] == [OfferState.RECALLED, OfferState.OFFERED]
    why = {c["partner"]: c["why"] for c in turns[1].trace["candidates"]}
    assert why["Fenwright"] == "is suspended"


def test_r2_a_partner_that_is_taken_off_between_choice_and_commit_loses_the_lead(db, ground, ask):
    lead_id = ask().lead_id
    chosen, gone = threading.Event(), threading.Event()

    def end():
        chosen.wait()
        with db() as work:
            work.session.execute(
                text("DELETE FROM enrolment_territory WHERE partner_id = :p"), {"p": ground.first}
            )
            partners.change_enrolment(work, partner_id=ground.first, state=EnrolmentState.ENDED)
        gone.set()

    leaving = threading.Thread(target=end)
    leaving.start()
    with db() as work:
        assert offers.route(work, lead_id) == ground.first
        chosen.set()
        assert not gone.wait(0.3)
    leaving.join()
    with db() as work:
        [stranded] = due.stranded_offer_ids(work.session)
        assert actions.take_back(work, stranded)
    with db() as work:
        assert offers.route(work, lead_id) == ground.second
        why = {
            c["partner"]: c["why"]
            for c in queries.turns(work.session, lead_id)[1].trace["candidates"]
        }
    assert why["Fenwright"] == "is ended"


def test_r2_a_partner_that_was_never_asked_can_be_deleted_while_leads_are_routed(db, ground, pool):
    ids = pool((1, 1, 1))
    waiting(db, ground, 12)
    with db() as work:
        assert offers.route_waiting(work, ground.vendor_id, most=2) == 2
        asked = set(work.session.scalars(select(LeadOffer.partner_id)).all())
    [spare] = [each for each in ids if each not in asked]

    def delete():
        with db() as work:
            held = text("SELECT 1 FROM enrolment WHERE partner_id = :p FOR UPDATE")
            work.session.execute(held, {"p": spare})  # first what a router holds first
            for table in ("enrolment_territory", "routing_member", "enrolment"):
                work.session.execute(
                    text(f"DELETE FROM {table} WHERE partner_id = :p"), {"p": spare}
                )

    at_once(delete, lambda: route_all(db, ground, 5))
    with db() as work:
        got = Counter(work.session.scalars(select(LeadOffer.partner_id)).all())
        open_offers = work.session.scalar(select(func.count(LeadOffer.lead_id.distinct())))
    assert sum(got.values()) == open_offers == 12


def test_r2_a_batch_stops_at_what_a_partner_can_take_and_the_trace_says_so(db, ground, ask):
    rules = (
        '[sticky]\nsource = "never"\n[[rule]]\nname = "Ours"\n[partner.fenwright]\nmost_open = 2\n'
    )
    with db() as work:
        work.session.execute(
            text(
                "INSERT INTO routing_version VALUES (gen_random_uuid(), :v, 1, :s, :at, '', '', :at)"
            ),
            {"v": ground.vendor_id, "s": rules, "at": work.now},
        )
    ids = waiting(db, ground, 6)
    with db() as work:
        assert offers.route_waiting(work, ground.vendor_id) == 6
        got = Counter(work.session.scalars(select(LeadOffer.partner_id)).all())
        last = queries.turns(work.session, ids[-1])[0].trace
    assert got == {ground.first: 2, ground.second: 4}
    why = {c["partner"]: c["why"] for c in last["candidates"]}
    assert why["Fenwright"] == "has 2 leads open, 2 at most"


def test_r1_a_lead_whose_turns_are_over_moves_nobodys_credit(db, ground, pool):
    pool((1, 1))
    [over] = waiting(db, ground, 1, epoch=3)
    with db() as work:
        assert offers.route(work, over) is None
        assert work.session.get_one(Lead, over).state == LeadState.UNASSIGNED
        assert work.session.scalar(select(func.count()).select_from(RoutingMember)) == 0


def test_r3_an_answer_and_the_clock_at_once_leave_one_winner(db, ground, ask):
    for number in range(4):
        lead_id = ask(number, address=f"r3-{number}@brackwater.example").lead_id
        with db() as work:
            offers.route(work, lead_id)
        with db() as work:
            offer_id = work.session.scalar(select(LeadOffer.id).where(LeadOffer.lead_id == lead_id))

        def accept(offer_id=offer_id):
            with db() as work:
                actions.accept(work, offer_id, by="Sam")
            return "accepted"

        def expire(offer_id=offer_id):
            with db() as work:
                return "timed out" if actions.expire(work, offer_id) else None

        won = [r for r in at_once(accept, expire) if isinstance(r, str)]
        with db() as work:
            lead = work.session.get_one(Lead, lead_id)
            states = [t.state.value for t in queries.turns(work.session, lead_id)]
        assert len(won) == 1
        assert (lead.state, states) in [
            (LeadState.ACCEPTED, ["accepted"]),
            (LeadState.NEW, ["timed_out"]),
        ]


def test_r4_one_person_five_times_at_once_is_one_lead_with_five_submissions(db, ground, ask):
    found = at_once(*[lambda n=n: ask(n).lead_id for n in range(5)])
    assert len(set(found)) == 1, found
    with db() as work:
        assert work.session.scalar(select(func.count()).select_from(LeadCapture)) == 5


def test_r4_pages_of_two_partners_bring_one_lead_and_who_came_first_keeps_it(db, ground, ask):
    with db() as work:
        campaign = work.session.execute(text("SELECT id AS campaign_id FROM campaign")).one()
        path = publish_page(work, a_copy(work, ground.second, campaign)).path
    first = ask(1)
    with db() as work:
        page = page_by_path(work.session, path)
        again = captured(work, page, 2, "IDA@brackwater.example", {"source": "other page"})
    assert (again.lead_id, again.is_new) == (first.lead_id, False)
    with db() as work:
        assert offers.route(work, first.lead_id) == ground.first
        kept = work.session.scalars(select(LeadCapture.source).order_by(LeadCapture.id)).all()
    assert kept == ["page", "other page"]


def test_r4_pages_of_two_partners_post_one_person_at_once(db, ground, ask):
    with db() as work:
        campaign = work.session.execute(text("SELECT id AS campaign_id FROM campaign")).one()
        path = publish_page(work, a_copy(work, ground.second, campaign)).path

    for n in range(3):
        address = f"ida{n}@brackwater.example"

        def there(n=n, address=address):
            with db() as work:
                page = page_by_path(work.session, path)
                return captured(work, page, f"e{n}", address, {"source": "other page"})

        found = at_once(lambda n=n, a=address: ask(n, address=a), there)
        assert len({one.lead_id for one in found}) == 1
        assert sorted(one.is_new for one in found) == [False, True]
        with db() as work:
            lead = work.session.get_one(Lead, found[0].lead_id)
            kept = work.session.scalars(
                select(LeadCapture.source).where(LeadCapture.lead_id == lead.id)
            ).all()
            brought = lead.source_partner_id
            assert offers.route(work, lead.id) == brought
        assert sorted(kept) == ["other page", "page"]
        first = found[0].is_new
        assert brought == (ground.first if first else ground.second)


def test_r5_a_day_decided_again_gives_the_same_answers_and_traces(db, ground, pool):
    pool((3, 1, 2))
    waiting(db, ground, 40)
    route_all(db, ground, 9)
    with db() as work:
        day = work.session.scalars(select(LeadOffer).order_by(LeadOffer.id)).all()
    for offer in day:
        again = replayed(offer.trace, rules_of(STANDARD))
        assert (again.partner_id, again.trace) == (offer.partner_id, decision_of(offer.trace))
    moved = [row for offer in day for row in offer.trace["candidates"]]
    assert {row["before"] for row in moved if row["in"]} != {0}
