"""From budget to bank: the money of one plan, step by step, by the right people."""

from datetime import date

import pytest
from sqlalchemy import select, text
from structlog.testing import capture_logs

from tcma.adapters.payouts_pain import PayoutsPain
from tcma.errors import Conflict, Forbidden, NotFound
from tcma.mdf import claim_rows, queries, queue
from tcma.mdf.claims import decisions as claim_decisions
from tcma.mdf.claims import views as claim_views
from tcma.mdf.funds import views as fund_views
from tcma.mdf.funds.entries import ledger_lines
from tcma.mdf.judging import versions
from tcma.mdf.ledger import booking, trial
from tcma.mdf.models.funding import FundRequest
from tcma.mdf.payments import batches
from tcma.mdf.payments import views as payment_views
from tcma.mdf.records import About
from tcma.mdf.requests import decisions as request_decisions
from tcma.mdf.requests import views as request_views
from tcma.mdf.rules import ClaimState, ProofState, RequestState
from tests import builders

from .conftest import gbp


def wallet(house):
    with house.db(house.alice) as work:
        return fund_views.wallet_fund(work.session, house.alice, house.fund_ref, now=work.now)


def sums(house):
    fund = wallet(house)
    return tuple(m.minor // 100 for m in (fund.available, fund.reserved, fund.in_claim, fund.paid))


def test_the_whole_way_moves_the_money_and_the_books_stay_whole(house):
    assert sums(house) == (10_000, 0, 0, 0)
    request = house.approved(1_000)
    assert sums(house) == (9_000, 1_000, 0, 0)
    house.proven(request)
    claim = house.claimed(request, ("PS-2291", 900))
    assert sums(house) == (9_000, 100, 900, 0)
    house.decided(claim)
    assert sums(house) == (9_100, 0, 900, 0)
    with house.db(house.finn) as work:
        (payable,) = payment_views.ready_to_pay(work.session, house.finn)
        assert (payable.claim_ref, payable.amount, payable.blocked) == (claim, gbp(900), "")
        found = queries.claim_by_ref(work.session, house.finn, claim)
        batch = batches.make_batch(work, [found])
        file = batches.export_batch(work, batch, payouts=PayoutsPain())
        batches.settle(work, batch, bank_reference="BACS 77")
    assert sums(house) == (9_100, 0, 0, 900)
    content = house.db.files.get(file.key).decode()
    assert f"{claim} {batch.ref}" in content
    assert "Brightwater IT Ltd" in content
    assert "900.00" in content
    with house.db() as work:
        assert booking.verify(work.session) == []
    with house.db(house.alice) as work:
        detail = claim_views.claim_detail(work.session, house.alice, claim, now=work.now)
    assert detail.row.state is ClaimState.PAID
    assert [event.verb for event in detail.timeline] == [
        "drafted", "invoice added", "filed", "approved", "in payment", "paid",
    ]  # fmt: skip


def test_a_plan_shows_its_rules_its_days_and_what_is_left(house):
    ref = house.approved(800, amount=gbp(700))
    with house.db(house.alice) as work:
        detail = request_views.request_detail(work.session, house.alice, ref, now=work.now)
    assert detail.row.state is RequestState.APPROVED
    assert detail.row.claim_by == date(2026, 5, 24)
    assert detail.remaining == gbp(700)
    assert [check.code for check in detail.checks] == [
        "partner.status", "dates", "period", "notice", "available",
    ]  # fmt: skip
    assert [item.state for item in detail.case_file] == [ProofState.MISSING, ProofState.MISSING]
    assert detail.decided_by == "Finn"


def test_m7_whoever_asked_or_checked_before_does_not_decide(house):
    ref = house.sent()
    with house.db(house.alice) as work:
        request = queries.request_by_ref(work.session, house.alice, ref)
        with pytest.raises(Forbidden):
            request_decisions.approve(work, request)
    with house.db(house.finn) as work:
        request_decisions.approve(work, queries.request_by_ref(work.session, house.finn, ref))
    claim = house.claimed(house.proven(ref), ("1", 500))
    with house.db(house.finn) as work, pytest.raises(Conflict, match="You approved the plan"):
        claim_decisions.approve(work, queries.claim_by_ref(work.session, house.finn, claim))
    house.decided(claim)
    with house.db() as work:
        second = builders.finn(work, house.vendor)
    with house.db(second) as work:
        batches.make_batch(work, [queries.claim_by_ref(work.session, second, claim)])


def test_m7_somebody_of_the_partner_does_not_decide_for_the_vendor(house):
    ref = house.sent()
    with house.db() as work:
        both = builders.a_user(work, house.mira.role, name="Bo", vendor_id=house.vendor)
        from tcma.accounts.models import Membership
        from tcma.accounts.rules import MembershipState
        from tcma.ids import new_id

        work.session.add(
            Membership(
                id=new_id(),
                user_id=both.user_id,
                partner_id=house.partner,
                role="seller",
                state=MembershipState.ACTIVE,
                created_at=work.now,
            )
        )
    with house.db(both) as work, pytest.raises(Conflict, match="belong to this partner"):
        request_decisions.approve(work, queries.request_by_ref(work.session, both, ref))


def test_m7_whoever_may_not_decide_is_refused_and_that_is_logged(house):
    ref = house.sent()
    with house.db() as work:
        elsewhere = builders.finn(work, builders.a_vendor(work, name="Larkspur"))
        author = builders.vera(work, house.vendor)
    for who, refusal in ((elsewhere, NotFound), (author, Forbidden), (house.alice, Forbidden)):
        one = select(FundRequest).where(FundRequest.ref == ref)
        with capture_logs() as logs, house.db(who) as work, pytest.raises(refusal):
            request_decisions.approve(work, work.session.scalars(one).one())
        (line,) = [each for each in logs if each["event"] == "decision refused"]
        assert (line["user_id"], line["permission"]) == (str(who.user_id), "mdf:request:decide")
        assert line["reason"]
    with house.db(house.finn) as work:
        request_decisions.approve(work, queries.request_by_ref(work.session, house.finn, ref))
    claim = house.claimed(house.proven(ref), ("1", 500))
    with capture_logs() as logs, house.db(house.finn) as work, pytest.raises(Conflict):
        claim_decisions.approve(work, queries.claim_by_ref(work.session, house.finn, claim))
    assert ["You approved the plan" in each["reason"] for each in logs] == [True]


def test_m8_another_vendor_and_another_partner_find_nothing(house):
    ref = house.approved()
    claim = house.claimed(house.proven(ref), ("1", 500))
    with house.db() as work:
        stranger = builders.finn(work, builders.a_vendor(work, name="Larkspur"))
        charlie = builders.charlie(work, house.vendor)
    looks = (
        (queries.request_by_ref, ref, {}),
        (queries.claim_by_ref, claim, {}),
        (queries.fund_by_ref, house.fund_ref, {}),
        (ledger_lines, house.fund_ref, {}),
        (fund_views.wallet_fund, house.fund_ref, {"now": house.db.clock.now()}),
        (claim_views.claim_detail, claim, {"now": house.db.clock.now()}),
        (request_views.request_detail, ref, {"now": house.db.clock.now()}),
    )
    for other in (stranger, charlie):
        with house.db(other) as work:
            for look, name, how in looks:
                with pytest.raises(NotFound):
                    look(work.session, other, name, **how)
            assert queue.queue(work.session, other, now=work.now) == []
            assert request_views.requests(work.session, other, now=work.now).rows == []
    with house.db(stranger) as work:
        loaded = queries.request_by_ref(work.session, house.finn, ref)
        with pytest.raises(NotFound):
            request_decisions.close(work, loaded)


def test_a_draft_stays_with_the_partner(house):
    ref = house.drafted()
    with house.db(house.mira) as work:
        assert request_views.requests(work.session, house.mira, now=work.now).rows == []
        with pytest.raises(NotFound):
            queries.request_by_ref(work.session, house.mira, ref)


def test_the_ledger_page_reads_newest_first_with_a_running_balance(house):
    request = house.approved(1_000)
    house.decided(house.claimed(house.proven(request), ("1", 900)))
    with house.db(house.finn) as work:
        page = ledger_lines(work.session, house.finn, house.fund_ref, size=4)
        rest = ledger_lines(work.session, house.finn, house.fund_ref, size=4, after=page.next)
        part = ledger_lines(work.session, house.alice, house.fund_ref)
    seen = [(line.kind.value, line.balance.minor // 100) for line in [*page.rows, *rest.rows]]
    assert seen == [
        ("release", 39_100),
        ("claim", 39_000),
        ("reserve", 39_000),
        ("allocate", 40_000),
        ("fund", 40_000),
    ]
    assert rest.next is None
    assert [line.balance.minor // 100 for line in part.rows] == [9_100, 9_000, 9_000, 10_000]
    assert page.rows[1].debit == "reserved"
    assert page.rows[1].campaign == "Ten-day security check"


def test_the_desk_sees_its_queue_due_first(house):
    request = house.approved()
    claim = house.claimed(house.proven(request), ("1", 500))
    other = house.sent(300)
    with house.db(house.mira) as work:
        rows = queue.queue(work.session, house.mira, now=work.now)
    assert {(row.kind, row.ref) for row in rows} == {("claim", claim), ("request", other)}
    assert all(row.checks_all > 0 for row in rows)


@pytest.mark.parametrize(
    ("about", "found"),
    [
        ({}, True),
        ({"campaign": "ten-day-check"}, True),
        ({"partner": "brightwater-it"}, True),
        ({"campaign": "other"}, False),
        ({"partner": "other"}, False),
        ({"fund": "FND-2026-9999"}, False),
        ({"launch": "LCH-2026-9999"}, False),
    ],
)
def test_lists_are_narrowed_by_what_a_figure_of_a_report_names(house, about, found):
    request = house.approved()
    claim = house.claimed(house.proven(request), ("1", 500))
    about = About(**about)
    with house.db(house.mira) as work:
        requests = request_views.requests(work.session, house.mira, now=work.now, about=about)
        claims = claim_rows.claims(work.session, house.mira, now=work.now, about=about)
        mine = About(fund=house.fund_ref)
        of_fund = request_views.requests(work.session, house.mira, now=work.now, about=mine)
    assert [row.ref for row in requests.rows] == ([request] if found else [])
    assert [row.ref for row in claims.rows] == ([claim] if found else [])
    assert [row.ref for row in of_fund.rows] == [request]


def test_every_transfer_names_its_activity_who_booked_it_and_the_rules_it_was_judged_by(house):
    plan = house.approved(1_000)
    house.decided(house.claimed(house.proven(plan), ("1", 600)))
    with house.db(house.finn) as work:
        lines = ledger_lines(work.session, house.finn, house.fund_ref).rows
        programme = versions.programme_by_ref(work.session, house.finn, house.fund_ref)
        (version,) = versions.versions_of(work.session, programme)
        rules = f"{programme.ref} {version.starts_on}"
        assert {line.rules for line in lines} == {rules}
        span = trial.Span(since=date(2026, 1, 1), until=date(2026, 12, 31))
        postings = trial.journal(work.session, house.finn, span).rows
    said = [(str(line.kind), line.activity, line.actor) for line in lines]
    assert said[0] == ("release", f"{plan}/1", "Mira")
    assert said[1] == ("claim", f"{plan}/1", "Mira")
    assert said[2] == ("reserve", f"{plan}/1", "Finn")
    assert said[3] == ("allocate", "", "Finn")
    assert {(each.actor, each.rules) for each in postings} == {("Mira", rules), ("Finn", rules)}


def test_transfers_of_the_first_form_still_prove(house):
    """What was booked before the rules were hashed is chained to what is booked after."""
    with house.db.engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("UPDATE ledger_transfer SET form = 1, rules_id = NULL"))
        for seq in (1, 2):
            connection.execute(
                text(
                    "UPDATE ledger_transfer t SET prev_hash = coalesce((SELECT hash FROM"
                    " ledger_transfer p WHERE p.chain_id = t.chain_id AND p.seq = t.seq - 1),"
                    " t.prev_hash) WHERE seq = :seq"
                ),
                {"seq": seq},
            )
            connection.execute(
                text("UPDATE ledger_transfer t SET hash = ledger_hash(t) WHERE seq = :seq"),
                {"seq": seq},
            )
        connection.execute(
            text("UPDATE ledger_chain SET head_hash = (SELECT hash FROM ledger_transfer"
                 " WHERE seq = 2)")
        )  # fmt: skip
    house.approved(1_000)
    with house.db() as work:
        assert booking.verify(work.session) == []
        rows = work.session.execute(text("SELECT form FROM ledger_transfer ORDER BY seq")).all()
        assert [row.form for row in rows] == [1, 1, 2]
        work.session.execute(text("SET LOCAL session_replication_role = replica"))
        work.session.execute(text("UPDATE ledger_transfer SET rules_id = NULL WHERE seq = 3"))
        assert [fault.seq for fault in booking.verify(work.session)] == [3]
