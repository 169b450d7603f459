"""Claims: what blocks, what is cut, by when, and what happens to the rest."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tcma.adapters.payouts_pain import PayoutsPain
from tcma.errors import Conflict, Invalid, LimitReached
from tcma.mdf import overdue, queries
from tcma.mdf.claims import decisions as claim_decisions
from tcma.mdf.claims import filing
from tcma.mdf.claims import views as claim_views
from tcma.mdf.funds.entries import ledger_lines
from tcma.mdf.ledger import booking
from tcma.mdf.payments import batches
from tcma.mdf.reasons import Reason
from tcma.mdf.requests import decisions as request_decisions
from tcma.mdf.rules import AccountKind, ClaimState, RequestState

from .conftest import a_pdf, gbp


def held(house):
    """(available, reserved, accrued, paid) in whole pounds."""
    kinds = (AccountKind.FUND, AccountKind.RESERVED, AccountKind.ACCRUED, AccountKind.PAID)
    with house.db() as work:
        assert booking.verify(work.session) == []
        return tuple(
            queries.balance(work.session, kind, currency="GBP").minor // 100 for kind in kinds
        )


def on(house, act, ref, who=None, **how):
    """Do `act` to a claim as one person in one transaction; the claim as it then stands."""
    who = who or house.mira
    with house.db(who) as work:
        claim = queries.claim_by_ref(work.session, who, ref)
        act(work, claim, **how)
        return claim


def detail(house, ref, who=None):
    who = who or house.alice
    with house.db(who) as work:
        return claim_views.claim_detail(work.session, who, ref, now=work.now)


def test_a_claim_without_invoice_is_blocked_with_the_remedy(house):
    ref = house.claimed(house.proven(house.approved()), submit=False)
    with pytest.raises(Conflict, match="One thing is missing: the invoice") as refused:
        on(house, filing.submit, ref, house.alice)
    assert refused.value.remedy == "Add it and file."


def test_a_claim_without_proof_is_blocked_on_the_server(house):
    ref = house.claimed(house.approved(), ("1", 500), submit=False)
    with pytest.raises(Conflict, match="copy of the final piece"):
        on(house, filing.submit, ref, house.alice)
    assert detail(house, ref).missing == ("Copy of the final piece",)


def test_filing_twice_is_filing_once(house):
    ref = house.claimed(house.proven(house.approved()), ("1", 500))
    again = on(house, filing.submit, ref, house.alice)
    assert again.state == ClaimState.SUBMITTED
    assert [event.verb for event in detail(house, ref).timeline].count("filed") == 1


@pytest.mark.parametrize(
    ("at", "in_time"),
    [
        (datetime(2026, 5, 24, 22, 59, 59, tzinfo=UTC), True),
        (datetime(2026, 5, 24, 23, 0, 0, tzinfo=UTC), False),
    ],
)
def test_m5_the_last_second_in_the_vendors_zone_is_in_time(house, at, in_time):
    ref = house.claimed(house.proven(house.approved()), ("1", 500), submit=False)
    house.db.clock.at = at
    if in_time:
        assert on(house, filing.submit, ref, house.alice).state == ClaimState.SUBMITTED
    else:
        with pytest.raises(LimitReached, match="The last day to claim was Sun 24 May 2026"):
            on(house, filing.submit, ref, house.alice)


def test_m5_a_claim_above_the_plan_is_cut_to_what_is_left_and_says_so(house):
    ref = house.claimed(house.proven(house.approved(800)), ("1", 1_000))
    seen = detail(house, ref)
    assert seen.row.amount == gbp(800)
    assert [(cut.code, cut.amount) for cut in seen.cuts] == [(Reason.OVER_BUDGET, gbp(200))]
    with pytest.raises(Invalid, match=r"The claim is for £800\.00"):
        on(house, claim_decisions.approve, ref, amount=gbp(801))


def test_m5_partial_claims_share_the_plan_and_a_third_is_refused(house):
    request = house.proven(house.approved(1_000))
    house.decided(house.claimed(request, ("1", 600)), close=False)
    second = house.claimed(request, ("2", 300))
    assert detail(house, second).row.amount == gbp(300)
    house.decided(second, close=False)
    assert held(house) == (9_000, 100, 900, 0)
    with pytest.raises(LimitReached, match="at most 2 claims"):
        house.claimed(request, ("3", 50))


def test_what_another_claim_has_filed_is_not_left_for_this_one(house):
    request = house.proven(house.approved(1_000))
    house.claimed(request, ("1", 900))
    second = house.claimed(request, ("2", 300))
    assert detail(house, second).row.amount == gbp(100)
    with pytest.raises(LimitReached):
        house.claimed(request, ("3", 300))


def test_an_invoice_is_paid_once_and_a_refused_claim_frees_it(house):
    first = house.claimed(house.proven(house.approved(500)), ("PS-2291", 500))
    other = house.proven(house.approved(700))
    second = house.claimed(other, ("ps 2291", 500), submit=False)
    seen = detail(house, second)
    assert seen.owed == gbp(0)
    assert f"already in {first}" in seen.cuts[0].words
    with pytest.raises(Conflict, match="One invoice can be paid once"):
        on(house, filing.submit, second, house.alice)
    on(house, claim_decisions.refuse, first, reason=Reason.BRAND_RULE, words="The old logo.")
    on(house, filing.submit, second, house.alice)
    assert detail(house, second).row.amount == gbp(500)


def test_the_vendor_sees_a_file_used_twice_and_the_partner_does_not_learn_whose(house):
    house.claimed(house.proven(house.approved(500)), ("A-1", 500))
    second = house.claimed(house.proven(house.approved(700)), submit=False)
    with house.db(house.alice) as work:
        claim = queries.claim_by_ref(work.session, house.alice, second)
        entry = house.invoice("B-2", 300)
        filing.add_invoice(work, claim, entry, file_name="b.pdf", content=a_pdf("A-1"))
        filing.submit(work, claim)
    told = detail(house, second, house.mira)
    assert "same file" in told.invoices[0].doubt
    assert [check.code for check in told.checks if not check.ok] == ["file_once"]
    assert detail(house, second).invoices[0].doubt == ""


def test_a_returned_claim_is_fixed_even_after_the_last_day(house):
    ref = house.claimed(house.proven(house.approved()), ("1", 500))
    house.db.clock.at = datetime(2026, 5, 24, 12, tzinfo=UTC)
    on(
        house,
        claim_decisions.return_to_fix,
        ref,
        reason=Reason.INVOICE_PARTY_MISMATCH,
        words="Upload a corrected one.",
    )
    seen = detail(house, ref)
    assert seen.fix_by == date(2026, 6, 7)
    assert "Quillon asks for one change: the invoice is made out to another company" in seen.note
    house.db.clock.at = datetime(2026, 6, 7, 12, tzinfo=UTC)
    with house.db(house.alice) as work:
        claim = queries.claim_by_ref(work.session, house.alice, ref)
        filing.remove_invoice(work, claim, seen.invoices[0].id)
        filing.add_invoice(
            work, claim, house.invoice("1b", 400), file_name="x.pdf", content=a_pdf("1b")
        )
        filing.submit(work, claim)
    assert detail(house, ref).row.amount == gbp(400)


def test_only_what_can_be_fixed_is_returned(house):
    ref = house.claimed(house.proven(house.approved()), ("1", 500))
    with pytest.raises(Invalid, match="cannot repair"):
        on(house, claim_decisions.return_to_fix, ref, reason=Reason.LATE_CLAIM, words="")


def test_m6_a_part_approved_gives_the_rest_back_and_says_so(house):
    request = house.proven(house.approved(1_500))
    ref = house.claimed(request, ("1", 1_470))
    house.decided(ref, amount=gbp(1_350))
    assert held(house) == (8_650, 0, 1_350, 0)
    assert "£1,350.00 of £1,470.00 is approved." in detail(house, ref).timeline[-1].words
    with house.db(house.alice) as work:
        closed = queries.request_by_ref(work.session, house.alice, request)
        assert closed.state == RequestState.CLOSED


def test_a_closed_plan_does_not_make_its_decided_claim_look_wrong(house):
    request = house.proven(house.approved(1_500))
    ref = house.claimed(request, ("1", 1_470))
    before = detail(house, ref)
    house.decided(ref, amount=gbp(1_350))
    after = detail(house, ref)
    assert (after.owed, after.cuts) == (before.owed, before.cuts) == (gbp(1_470), ())
    assert after.checks == before.checks


def test_m6_refusing_after_a_part_was_approved_leaves_that_part_owed(house):
    request = house.proven(house.approved(1_000))
    house.decided(house.claimed(request, ("1", 600)), amount=gbp(500), close=False)
    second = house.claimed(request, ("2", 300))
    on(house, claim_decisions.refuse, second, reason=Reason.BRAND_RULE, words="No logo.")
    assert held(house) == (9_000, 500, 500, 0)
    with house.db(house.mira) as work:
        rest = request_decisions.close(
            work, queries.request_by_ref(work.session, house.mira, request)
        )
    assert rest == gbp(500)
    assert held(house) == (9_500, 0, 500, 0)


def test_m6_an_approval_taken_back_is_reversed_into_the_fund(house):
    ref = house.claimed(house.proven(house.approved(1_000)), ("1", 900))
    house.decided(ref)
    taken = on(house, claim_decisions.take_back, ref, reason=Reason.DUPLICATE, words="Paid before.")
    assert taken.state == ClaimState.REJECTED
    assert held(house) == (10_000, 0, 0, 0)
    with house.db(house.finn) as work:
        lines = ledger_lines(work.session, house.finn, house.fund_ref).rows
    assert [line.kind.value for line in lines[:3]] == ["release", "reverse", "release"]
    assert "Paid before." in lines[1].reason


def paid(house, ref):
    with house.db(house.finn) as work:
        batch = batches.make_batch(work, [queries.claim_by_ref(work.session, house.finn, ref)])
        batches.export_batch(work, batch, payouts=PayoutsPain())
        (payment,) = batches.settle(work, batch, bank_reference="BACS 1")
        return batch.ref, payment.id


def test_m6_a_payment_that_came_back_is_reversed_and_paid_again(house):
    ref = house.claimed(house.proven(house.approved(900)), ("1", 900))
    house.decided(ref)
    _, payment_id = paid(house, ref)
    assert held(house) == (9_100, 0, 0, 900)
    with house.db(house.finn) as work:
        payment = queries.payment_by_id(work.session, house.finn, payment_id)
        batches.fail(work, payment, reason="account closed")
        batches.fail(work, payment, reason="account closed")
    assert held(house) == (9_100, 0, 900, 0)
    paid(house, ref)
    assert held(house) == (9_100, 0, 0, 900)


def test_a_batch_settles_once_and_the_filer_gets_one_remittance(house):
    ref = house.claimed(house.proven(house.approved(900)), ("1", 900))
    house.decided(ref)
    batch_ref, _ = paid(house, ref)
    with house.db(house.finn) as work:
        batch = queries.batch_by_ref(work.session, house.finn, batch_ref)
        assert batches.settle(work, batch, bank_reference="BACS 1") == []
        with pytest.raises(Conflict):
            batches.settle(work, batch, bank_reference="BACS 2")
        with pytest.raises(Conflict):
            batches.make_batch(work, [queries.claim_by_ref(work.session, house.finn, ref)])
    assert held(house) == (9_100, 0, 0, 900)


def test_a_cancelled_batch_makes_its_claims_ready_again(house):
    ref = house.claimed(house.proven(house.approved(900)), ("1", 900))
    house.decided(ref)
    with house.db(house.finn) as work:
        batch = batches.make_batch(work, [queries.claim_by_ref(work.session, house.finn, ref)])
        batches.cancel_batch(work, batch)
        again = batches.make_batch(work, [queries.claim_by_ref(work.session, house.finn, ref)])
    assert again.ref != batch.ref


def test_unclaimed_money_is_reminded_of_and_goes_back_after_its_day(house):
    request = house.approved(800)
    told = []
    for day in (date(2026, 5, 9), date(2026, 5, 10), date(2026, 5, 22), date(2026, 5, 25)):
        house.db.clock.at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        for _ in range(2):
            with house.db() as work:
                told.append(overdue.settle(work))
    assert told == [0, 0, 1, 0, 1, 0, 1, 0]
    assert held(house) == (10_000, 0, 0, 0)
    with house.db(house.alice) as work:
        row = queries.request_by_ref(work.session, house.alice, request)
        assert row.state == RequestState.CLOSED


def test_a_filed_claim_keeps_its_money_past_the_day_and_a_stale_fix_loses_it(house):
    request = house.proven(house.approved(800))
    ref = house.claimed(request, ("1", 800))
    house.db.clock.move(timedelta(days=100))
    with house.db() as work:
        assert overdue.settle(work) == 0
    on(house, claim_decisions.return_to_fix, ref, reason=Reason.POP_MISSING, words="")
    house.db.clock.move(timedelta(days=14))
    with house.db() as work:
        assert overdue.settle(work) == 0
    house.db.clock.move(timedelta(days=1))
    with house.db() as work:
        assert overdue.settle(work) == 1
    assert detail(house, ref).row.state is ClaimState.REJECTED
    assert held(house) == (10_000, 0, 0, 0)
