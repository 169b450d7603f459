"""Claims settled without the bank: a number and a paper each, booked once, taken back and asked back alike."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from tcma.adapters.payouts_pain import PayoutsPain
from tcma.db.documents import Document
from tcma.delivery.models import MessageBody
from tcma.errors import Conflict, Forbidden, Invalid, NotFound
from tcma.mdf import queries
from tcma.mdf.claims import decisions as claim_decisions
from tcma.mdf.funds import proof as ledger_proof
from tcma.mdf.ledger import trial
from tcma.mdf.ledger.chart import CREDITED, DEFAULT, DISCOUNTED, OWED_BACK, PROVIDED
from tcma.mdf.models.funding import FundActivity
from tcma.mdf.models.payments import Payment
from tcma.mdf.payments import batches, giving, reconciling, repaying
from tcma.mdf.payments import views as payment_views
from tcma.mdf.payments.bank_answers import Answer, Fate, Reply, read_reply
from tcma.mdf.payments.remittance import remittance, remittances
from tcma.mdf.programme import sentences
from tcma.mdf.programme.reading import read
from tcma.mdf.reasons import Reason
from tcma.mdf.requests import planning
from tcma.mdf.requests.terms import terms_of
from tcma.mdf.rules import AccountKind, ClaimState, PaymentState
from tcma.mdf.ways import Way
from tests.domain.mdf.conftest import gbp
from tests.domain.mdf.test_bank_accounts import status_report
from tests.domain.mdf.test_fund_changes import ruled
from tests.domain.mdf.test_repaying import decided

BANK = DEFAULT[AccountKind.PAID].code
PLACES = {"credit": CREDITED, "discount": DISCOUNTED, "access": PROVIDED}


@pytest.fixture
def credited(house):
    ruled(house, 'settled_by = ["credit", "cash", "discount", "access"]')
    return house


def way_of(house, ref, way):
    """A plan of this claim's way, as its partner chose it."""
    with house.db() as work:
        claim = queries.claim_by_ref(work.session, house.mira, ref)
        work.session.get_one(FundActivity, claim.activity_id).way = way
    return ref


def batched(house, *refs, keep=False):
    with house.db(house.finn) as work:
        claims = [queries.claim_by_ref(work.session, house.finn, ref) for ref in refs]
        return batches.make_batch(work, claims, keep_owed=keep).ref


def given(house, ref, note="Until the end of June.", who=None):
    with house.db(who or house.finn) as work:
        batch = queries.batch_by_ref(work.session, who or house.finn, ref)
        return [payment.memo for payment in giving.give(work, batch, note=note)]


def books(house):
    """What moved on each account of the general ledger, debit minus credit, in pounds."""
    with house.db(house.finn) as work:
        span = trial.Span(since=date(2026, 1, 1), until=date(2026, 12, 31))
        (balance,) = trial.trial_balance(work.session, house.finn, span)
        assert balance.whole
        assert ledger_proof.prove(work) == []
    return {line.account.code: line.closing.minor // 100 for line in balance.lines}


def state(house, ref):
    with house.db() as work:
        return queries.claim_by_ref(work.session, house.mira, ref).state


def test_a_fund_names_its_ways_the_first_is_usual_and_a_partner_chooses(credited):
    house = credited
    with house.db(house.alice) as work:
        offers = terms_of(work.session, house.alice, house.fund_ref, now=work.now)
        assert {each.ways for each in offers.kinds} == {
            (Way.CREDIT, Way.CASH, Way.DISCOUNT, Way.ACCESS)
        }
        part = queries.allocation_by_fund(work.session, house.alice, house.fund_ref)
        usual = planning.draft(work, part, house.plan(800, starts=date(2026, 4, 30)))
        own = [house.activity(800, starts=date(2026, 4, 30))]
        chosen = planning.draft(work, part, planning.RequestPlan([replace(own[0], way="discount")]))
        ways = [queries.activities_of(work.session, each.id)[0].way for each in (usual, chosen)]
        assert ways == ["credit", "discount"]


def test_a_way_that_is_not_offered_is_refused_at_its_field(house):
    strange = planning.RequestPlan([replace(house.activity(), way="credit")])
    with house.db(house.alice) as work:
        part = queries.allocation_by_fund(work.session, house.alice, house.fund_ref)
        with pytest.raises(Invalid) as refused:
            planning.draft(work, part, strange)
    assert list(refused.value.fields) == ["activities-0-way"]


def newest(source):
    """The programme of a source, as it stands at last."""
    return read(source).at(date(2026, 3, 2))


def test_an_activity_may_narrow_the_ways_and_an_unknown_one_is_named():
    source = 'name = "P"\n[fund]\nsettled_by = ["cash", "credit"]\n'
    one = source + '[activity.event]\nsettled_by = "access"\n'
    programme = newest(one)
    assert programme.activity("event").settled_by == ("access",)
    assert programme.fund.settled_by == ("cash", "credit")
    told = " ".join(line for part in sentences.of(programme) for line in part.sentences)
    assert "Claims are settled by money or a credit." in told
    with pytest.raises(Invalid, match="settles no claim"):
        newest(source.replace("credit", "barter"))


@pytest.mark.parametrize("way", ["credit", "discount", "access"])
def test_it_is_given_without_any_account_numbered_written_and_booked_on_its_place(house, way):
    ref = way_of(house, decided(house, "1", 800), way)
    batch = batched(house, ref)
    (memo,) = given(house, batch)
    prefix = {"credit": "CRN", "discount": "DSC", "access": "SRV"}[way]
    assert memo == f"{prefix}-2026-0001"
    assert state(house, ref) == ClaimState.PAID
    moved = books(house)
    assert BANK not in moved
    assert moved[DEFAULT[PLACES[way]].code] == -800
    with house.db(house.alice) as work:
        advice = remittance(work.session, house.alice, batch)
        (line,) = advice.lines
        assert (advice.way, advice.note, line.memo) == (way, "Until the end of June.", memo)
        (row,) = remittances(work.session, house.alice).rows
        assert (row.way, row.total) == (way, gbp(800))
        paper = work.session.get_one(Document, line.document_id)
        assert paper.partner_id == house.partner
        assert work.files.get(paper.key).startswith(b"%PDF-")
        assert paper.file_name == f"{memo}.pdf"


def test_it_is_given_once_however_often_it_is_pressed(house):
    batch = batched(house, way_of(house, decided(house, "1", 800), "credit"))
    assert given(house, batch) == ["CRN-2026-0001"]
    assert given(house, batch) == []
    with house.db() as work:
        assert len(work.session.scalars(select(Payment)).all()) == 1


def test_what_needs_a_word_takes_one_and_a_credit_needs_none(house):
    code = batched(house, way_of(house, decided(house, "1", 800), "discount"))
    with pytest.raises(Invalid, match="how the code is used"):
        given(house, code, note=" ")
    memo = batched(house, way_of(house, decided(house, "2", 500), "credit"))
    assert given(house, memo, note="") == ["CRN-2026-0001"]


def test_who_approved_gives_nothing_and_ways_are_not_mixed(house):
    first, second = decided(house, "1", 800), way_of(house, decided(house, "2", 500), "credit")
    with pytest.raises(Invalid, match="one way"):
        batched(house, first, second)
    batch = batched(house, second)
    with pytest.raises(NotFound):
        given(house, batch, who=house.alice)
    with pytest.raises(Forbidden):
        given(house, batch, who=house.mira)
    with house.db(house.finn) as work:
        row = queries.batch_by_ref(work.session, house.finn, batch)
        with pytest.raises(Conflict, match="goes to the bank"):
            batches.export_batch(work, row, payouts=PayoutsPain())
    cash = batched(house, first)
    with pytest.raises(Conflict, match="paid by the bank"):
        given(house, cash)


def test_what_is_ready_names_its_way_and_a_credit_waits_for_no_account(house):
    refs = decided(house, "1", 800), way_of(house, decided(house, "2", 500), "credit")
    with house.db(house.finn) as work:
        ready = payment_views.ready_to_pay(work.session, house.finn)
    assert [(row.claim_ref, row.way, row.blocked) for row in ready] == [
        (refs[0], "cash", ""),
        (refs[1], "credit", ""),
    ]


def test_one_taken_back_is_ready_again_and_its_number_is_never_used_again(house):
    ref = way_of(house, decided(house, "1", 800), "credit")
    given(house, batched(house, ref))
    with house.db(house.finn) as work:
        payment = work.session.scalars(select(Payment)).one()
        batches.fail(work, payment, reason="Wrong account.")
    assert state(house, ref) == ClaimState.APPROVED
    assert books(house)[DEFAULT[CREDITED].code] == 0
    assert given(house, batched(house, ref)) == ["CRN-2026-0002"]
    assert books(house)[DEFAULT[CREDITED].code] == -800


def test_a_credit_is_asked_back_comes_by_the_bank_and_the_books_clear(house):
    ref = way_of(house, decided(house, "1", 800), "credit")
    given(house, batched(house, ref))
    with house.db(house.mira) as work:
        claim = queries.claim_by_ref(work.session, house.mira, ref)
        claim_decisions.claw_back(
            work, claim, reason=Reason.DUPLICATE, words="Paid before.", amount=gbp(300)
        )
    assert books(house)[DEFAULT[OWED_BACK].code] == 300
    with house.db(house.finn) as work:
        claim = queries.claim_by_ref(work.session, house.finn, ref)
        repaying.repay(work, claim, gbp(300), bank_reference="IN 7", key=uuid4())
    moved = books(house)
    assert (moved[DEFAULT[OWED_BACK].code], moved[BANK]) == (0, 300)


def test_what_is_owed_back_is_kept_from_a_credit_on_the_credits_own_account(house):
    owing = way_of(house, decided(house, "1", 800), "credit")
    given(house, batched(house, owing))
    with house.db(house.mira) as work:
        claim = queries.claim_by_ref(work.session, house.mira, owing)
        claim_decisions.claw_back(
            work, claim, reason=Reason.DUPLICATE, words="Paid before.", amount=gbp(300)
        )
    next_one = way_of(house, decided(house, "2", 500), "credit")
    batch = batched(house, next_one, keep=True)
    given(house, batch)
    with house.db(house.alice) as work:
        (line,) = remittance(work.session, house.alice, batch).lines
        assert (line.paid, line.kept, line.kept_for) == (gbp(200), gbp(300), (owing,))
    moved = books(house)
    assert BANK not in moved
    assert (moved[DEFAULT[CREDITED].code], moved[DEFAULT[OWED_BACK].code]) == (-1000, 0)


def test_a_banks_file_that_names_it_books_nothing(house):
    ref = way_of(house, decided(house, "1", 800), "credit")
    batch = batched(house, ref)
    given(house, batch)
    refused = status_report(batch, (ref, "RJCT", "AC04"))
    house.db.clock.at += timedelta(7)
    with house.db(house.finn) as work:
        with pytest.raises(Invalid, match="no batch of yours"):
            reconciling.reconcile(work, read_reply(refused))
        answer = Answer(reference=ref, fate=Fate.REFUSED, bank_reference="B-1", reason="closed")
        matches = reconciling.reconcile(work, Reply(batch_ref="", answers=(answer,)))
    assert [match.became for match in matches] == [""]
    with house.db() as work:
        assert work.session.scalars(select(Payment.state)).one() == PaymentState.SETTLED


def test_the_journal_shows_the_account_of_what_was_given(house):
    ref = way_of(house, decided(house, "1", 800), "credit")
    given(house, batched(house, ref))
    with house.db(house.finn) as work:
        span = trial.Span(
            since=date(2026, 1, 1), until=date(2026, 12, 31), code=DEFAULT[CREDITED].code
        )
        (line,) = trial.journal(work.session, house.finn, span).rows
    assert (line.credit.name, line.ref, line.amount) == (
        "Credits to partners’ accounts",
        ref,
        gbp(800),
    )


def test_a_partner_is_told_under_which_number_and_of_no_bank(house):
    given(house, batched(house, way_of(house, decided(house, "1", 800), "credit")))
    with house.db() as work:
        told = work.session.scalars(select(MessageBody.subject).order_by(MessageBody.message_id))
        assert told.all()[-1] == "£800.00 is yours: CRN-2026-0001"
