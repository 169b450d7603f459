"""Exchange rates: read from files, stored by day, kept by what rests on them; what a bank took more."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, text

from tcma.adapters.payouts_pain import PayoutsPain
from tcma.errors import Invalid
from tcma.mdf import queries
from tcma.mdf.claims import filing
from tcma.mdf.claims import views as claim_views
from tcma.mdf.exchange import rates
from tcma.mdf.exchange.reading import Quote, checked, read_rates
from tcma.mdf.funds import views as fund_views
from tcma.mdf.ledger import booking, trial
from tcma.mdf.models.funding import Invoice
from tcma.mdf.models.payments import Payment
from tcma.mdf.models.programmes import Judgement
from tcma.mdf.payments import batches
from tcma.money import Money

from .conftest import a_pdf, gbp

DAY = date(2026, 2, 27)
ECB = "Date, USD, JPY, BGN, \n27 February 2026, 1.0842, 162.31, N/A, \n"


def stored(house, *quotes, source="ECB"):
    with house.db(house.finn) as work:
        return rates.state(work, [checked(*each) for each in quotes], source=source)


def claimed_in_euros(house, net, *, issued_on=date(2026, 3, 2)):
    ref = house.claimed(house.proven(house.approved()), submit=False)
    with house.db(house.alice) as work:
        claim = queries.claim_by_ref(work.session, house.alice, ref)
        sums = {"net": Money(net, "EUR"), "tax": Money.zero("EUR")}
        entry = replace(house.invoice("E-1", 1), issued_on=issued_on, **sums)
        filing.add_invoice(work, claim, entry, file_name="e.pdf", content=a_pdf("e"))
        filing.submit(work, claim)
    return ref


def detail(house, ref):
    with house.db(house.alice) as work:
        return claim_views.claim_detail(work.session, house.alice, ref, now=work.now)


def test_a_file_of_the_central_bank_and_one_of_lines_are_read():
    assert read_rates(ECB.encode()) == [
        Quote("EUR", "USD", DAY, Decimal("1.0842")),
        Quote("EUR", "JPY", DAY, Decimal("162.31")),
    ]
    lines = "day;from;to;rate\n2026-02-27;gbp;eur;1,1412\n"
    assert read_rates(lines.encode()) == [Quote("GBP", "EUR", DAY, Decimal("1.1412"))]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"day,from,to,rate\n2026-02-27,GBP,EUR,0\n", "Line 2: Write a number above zero"),
        (b"day,from,to,rate\n2026-02-27,GBP,EUR,nan\n", "Line 2: Write a number above zero"),
        (b"day,from,to,rate\n27.2.,GBP,EUR,1.1\n", "Line 2: “27.2.” is no day"),
        (b"day,from,to,rate\n2026-02-27,GBP,XQQ,1.1\n", "Line 2: Write the three letters"),
        (b"day,from,to,rate\n2026-02-27,GBP,GBP,1\n", "Line 2: Choose another currency"),
        (b"day,from,to,rate\n2026-02-27,GBP,EUR,1.12345678901\n", "Line 2: At most 10 digits"),
        (b"name,sum\n", "The first row names neither"),
        (b"Date,USD\n27 February 2026,N/A\n", "There is no rate in it"),
        (b"\xff\xfe", "not UTF-8"),
        (b"", "The first row names neither"),
    ],
)
def test_a_file_that_is_wrong_is_refused_by_its_first_line_that_is(content, said):
    with pytest.raises(Invalid) as refused:
        read_rates(content)
    assert said in refused.value.fields["file"]


def test_an_invoice_in_another_currency_counts_at_the_stored_rate_and_the_decision_keeps_it(house):
    assert stored(house, ("EUR", "GBP", DAY, "0.8600"), ("EUR", "GBP", DAY, "0.8600")) == 1
    assert stored(house, ("EUR", "GBP", DAY, "0.86")) == 0
    ref = claimed_in_euros(house, 50_000)
    found = detail(house, ref)
    assert found.row.amount == gbp(430)
    (line,) = found.invoices
    assert (line.net, line.counts) == (Money(50_000, "EUR"), gbp(430))
    assert line.rate == "1 EUR = 0.86 GBP, ECB, Fri 27 Feb 2026"
    assert stored(house, ("EUR", "GBP", DAY, "0.9")) == 1
    assert detail(house, ref).row.amount == gbp(430)
    house.decided(ref)
    with house.db() as work:
        kept = work.session.scalars(select(Judgement).order_by(Judgement.id.desc())).first()
        assert '"rate": "0.86"' in kept.case_text
        assert "1 EUR = 0.86 GBP" in str(kept.answer)
        assert work.session.scalars(select(Invoice)).one().rate_id is not None
        assert booking.verify(work.session) == []


def test_a_rate_somebody_edits_by_hand_is_found_by_the_proof_of_the_books(house):
    stored(house, ("EUR", "GBP", DAY, "0.86"))
    house.decided(claimed_in_euros(house, 50_000))
    with house.db() as work:
        work.session.execute(text("SET LOCAL session_replication_role = replica"))
        work.session.execute(text("UPDATE exchange_rate SET rate = 0.87"))
    with house.db() as work:
        (fault,) = booking.verify(work.session)
    assert fault.fund == house.fund_ref
    assert fault.fault.startswith("the rate of invoice E-1 in CLM-")


@pytest.mark.parametrize(
    ("pair", "day", "counts"),
    [
        (("EUR", "GBP"), date(2026, 3, 2), 100),
        (("GBP", "EUR"), date(2026, 3, 2), 100),
        (("EUR", "GBP"), date(2026, 2, 25), 100),
        (("EUR", "GBP"), date(2026, 2, 24), None),
        (("EUR", "GBP"), date(2026, 3, 3), None),
        (("EUR", "USD"), date(2026, 3, 2), None),
    ],
)
def test_a_rate_serves_both_ways_on_its_day_and_five_days_on(house, pair, day, counts):
    house.db.clock.at += timedelta(days=2)
    stored(house, (*pair, day, "1"))
    with house.db() as work:
        found = rates.rate_on(
            work.session, house.vendor, base="EUR", quote="GBP", day=date(2026, 3, 2)
        )
    assert (found and int(found.factor * 100)) == counts


def test_a_missing_rate_names_the_day_the_pair_and_what_to_do(house):
    with pytest.raises(Invalid) as refused:
        claimed_in_euros(house, 50_000)
    said = refused.value.fields["currency"]
    assert "no rate from EUR to GBP for Mon 2 Mar 2026" in said
    assert "Ask Quillon’s finance to enter it under Finance, Rates" in said


def paid(house, taken):
    ref = house.decided(house.claimed(house.proven(house.approved(900)), ("1", 900)))
    with house.db(house.finn) as work:
        batch = batches.make_batch(work, [queries.claim_by_ref(work.session, house.finn, ref)])
        batches.export_batch(work, batch, payouts=PayoutsPain())
        batches.settle(work, batch, bank_reference="BACS 1", taken=taken)
        return ref


@pytest.mark.parametrize(("taken", "bank", "difference"), [(912, -912, 12), (890, -890, -10)])
def test_what_the_bank_took_more_or_less_is_booked_and_taken_back_with_the_payment(
    house, taken, bank, difference
):
    paid(house, gbp(taken))
    with house.db(house.finn) as work:
        span = trial.Span(since=date(2026, 1, 1), until=date(2026, 12, 31))
        (balance,) = trial.trial_balance(work.session, house.finn, span)
        closing = {line.account.code: int(line.closing.major) for line in balance.lines}
        assert balance.whole
        assert (closing["1200"], closing["6880"], closing["6300"]) == (bank, difference, 40_000)
        part = fund_views.wallet_fund(work.session, house.alice, house.fund_ref, now=work.now)
        assert (part.paid, part.available) == (gbp(900), gbp(9_100))
        assert booking.verify(work.session) == []
        batches.fail(work, work.session.scalars(select(Payment)).one(), reason="account closed")
    with house.db(house.finn) as work:
        fund = fund_views.fund_summary(work.session, house.finn, house.fund_ref, now=work.now)
        assert (fund.exchange, fund.total) == (gbp(0), gbp(40_000))
        assert booking.verify(work.session) == []
        work.session.execute(text("UPDATE payment SET taken_minor = 91000, state = 'settled'"))
        (fault,) = booking.verify(work.session)
    assert "is not what the bank took" in fault.fault


def test_each_unit_the_bank_took_less_is_booked_also_where_it_took_nothing_of_a_payment(house):
    one = Money(1, "GBP")
    with house.db(house.finn) as work:
        fund_before = fund_views.fund_summary(
            work.session, house.finn, house.fund_ref, now=work.now
        )
    refs = [
        house.decided(house.claimed(house.proven(house.approved(2)), (str(n), 1)), amount=one)
        for n in range(10)
    ]
    with house.db(house.finn) as work:
        claims = [queries.claim_by_ref(work.session, house.finn, ref) for ref in refs]
        batch = batches.make_batch(work, claims)
        batches.export_batch(work, batch, payouts=PayoutsPain())
        batches.settle(work, batch, bank_reference="BACS 1", taken=Money(9, "GBP"))
        fund = fund_views.fund_summary(work.session, house.finn, house.fund_ref, now=work.now)
        assert (fund.exchange, fund.total) == (-one, fund_before.total - one)
        payments = work.session.scalars(select(Payment)).all()
        assert [each.taken_minor for each in payments if each.taken_minor is not None] == [0]
        assert booking.verify(work.session) == []
        nothing_of = next(each for each in payments if each.taken_minor == 0)
        batches.fail(work, nothing_of, reason="account closed")
    with house.db(house.finn) as work:
        fund = fund_views.fund_summary(work.session, house.finn, house.fund_ref, now=work.now)
        assert (fund.exchange, fund.total) == (gbp(0), fund_before.total)
        assert booking.verify(work.session) == []


def test_a_sum_that_cannot_be_an_exchange_difference_is_refused(house):
    with pytest.raises(Invalid, match="tenth") as refused:
        paid(house, gbp(1_912))
    assert refused.value.code == "mdf.batch.taken"
