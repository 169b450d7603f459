"""A statement that books a batch as the one sum that its file asked the bank to book."""

import pytest

from tcma.errors import Invalid
from tcma.mdf.payments import reconciling
from tcma.mdf.rules import BatchState, PaymentState
from tests.domain.mdf.test_bank_accounts import (
    answered,
    approved,
    batch_of,
    exported,
    state_of,
    statement,
    status_report,
)
from tests.domain.mdf.test_reconciling import at_the_bank, ready, reconciled

OTHERS = "<TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId><PmtInfId>{}</PmtInfId></Refs></TxDtls>"
BANKS = {
    "batch": "<Btch><PmtInfId>{}</PmtInfId><NbOfTxs>2</NbOfTxs></Btch>",
    "one transaction for all": OTHERS,
    "both": "<Btch><PmtInfId>{}</PmtInfId></Btch>" + OTHERS,
}


def entry(details, amount, *, way="DBIT", currency="GBP"):
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{way}</CdtDbtInd><Sts><Cd>BOOK</Cd>'
        f"</Sts><BookgDt><Dt>2026-03-02</Dt></BookgDt><AcctSvcrRef>B-77</AcctSvcrRef>{details}</Ntry>"
    )


def booked(*entries):
    told = "".join(entries)
    return f"<Document><BkToCstmrStmt><Stmt>{told}</Stmt></BkToCstmrStmt></Document>".encode()


def whole(batch, amount, form="batch", **entry_is):
    details = f"<NtryDtls>{BANKS[form].format(*[batch] * 2)}</NtryDtls>"
    return booked(entry(details, amount, **entry_is))


def two_at_the_bank(house):
    ready(house)
    refs = approved(house, "1", 900), approved(house, "2", 600)
    batch = batch_of(house, *refs)
    exported(house, batch)
    return batch, refs


@pytest.fixture
def sent(house_after):
    return house_after(two_at_the_bank)


def states(house, batch):
    return {line.claim_ref: line.state for line in state_of(house, batch).payments}


@pytest.mark.parametrize("form", BANKS)
def test_the_sum_of_a_batch_pays_every_payment_of_it_once(sent, form):
    house, (batch, (first, second)) = sent
    content = whole(batch, "1500.00", form)
    assert reconciled(house, content) == [(first, batch, "paid", ""), (second, batch, "paid", "")]
    row = state_of(house, batch).row
    assert (row.state, row.bank_reference) == (BatchState.SETTLED, "B-77")
    assert [line[2:] for line in reconciled(house, content)] == [("", "Booked as paid before.")] * 2


def test_a_batch_s_own_page_books_its_sum_and_leaves_other_batches_alone(sent):
    house, (batch, _) = sent
    other = whole("SALARY-11", "9000.00")
    assert answered(house, batch, other).strange == ("SALARY-11",)
    found = answered(house, batch, whole(batch, "1500.00"))
    assert (found.paid, found.strange) == (2, ())


@pytest.mark.parametrize(("amount", "currency"), [("1499.99", "GBP"), ("1500.00", "EUR")])
def test_another_sum_books_nothing_and_the_report_says_which(sent, amount, currency):
    house, (batch, refs) = sent
    content = whole(batch, amount, currency=currency)
    ((named, of, became, why),) = reconciled(house, content)
    assert (named, of, became) == (batch, batch, "")
    assert f"the bank says {amount} {currency}, ordered were 1500.00 GBP in 2 payments" in why
    with pytest.raises(Invalid, match="Nothing was booked"):
        answered(house, batch, content)
    assert states(house, batch) == dict.fromkeys(refs, PaymentState.SENT)


def test_what_was_refused_before_is_not_in_the_sum(sent):
    house, (batch, (first, second)) = sent
    answered(house, batch, status_report(batch, (second, "RJCT", "AC04")))
    assert reconciled(house, whole(batch, "900.00")) == [(first, batch, "paid", "")]


def test_a_sum_with_what_stands_here_as_refused_asks_for_a_person(sent):
    house, (batch, (first, second)) = sent
    answered(house, batch, status_report(batch, (second, "RJCT", "AC04")))
    assert reconciled(house, whole(batch, "1500.00")) == [
        (first, batch, "paid", ""),
        (second, batch, "", reconciling.AFTER_ALL),
    ]


def test_payments_named_beside_their_batch_count_by_themselves(sent):
    house, (batch, (first, _)) = sent
    line = (
        f'<TxDtls><Refs><EndToEndId>{first}</EndToEndId></Refs><Amt Ccy="GBP">900.00</Amt></TxDtls>'
    )
    named = f"<NtryDtls>{BANKS['batch'].format(batch)}{line}</NtryDtls>"
    assert reconciled(house, booked(entry(named, "1500.00"))) == [(first, batch, "paid", "")]


def test_two_batches_in_one_entry_are_told_apart_by_their_own_sums(house):
    ready(house)
    (first, one), (second, two) = at_the_bank(house, "1", 900), at_the_bank(house, "2", 600)
    part = '<NtryDtls><Btch><PmtInfId>{}</PmtInfId><TtlAmt Ccy="GBP">{}</TtlAmt></Btch></NtryDtls>'
    both = part.format(one, "900.00") + part.format(two, "600.00")
    assert reconciled(house, booked(entry(both, "1500.00"))) == [
        (first, one, "paid", ""),
        (second, two, "paid", ""),
    ]
    unsaid = part.format(one, "900.00").replace("TtlAmt", "Other") + part.format("RENT", "1.00")
    lines = reconciled(house, booked(entry(unsaid, "901.00")))
    assert "the bank says no sum" in lines[0][3]
    assert lines[1] == ("RENT", "", "", reconciling.NO_BATCH)


def test_a_credit_that_names_a_batch_pays_nothing_and_one_that_came_back_fails_it(sent):
    house, (batch, (first, second)) = sent
    assert reconciled(house, whole(batch, "1500.00", way="CRDT")) == []
    content = whole(batch, "1500.00", "one transaction for all", way="CRDT").replace(
        b"</Refs>", b"</Refs><RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>"
    )
    assert [line[2] for line in reconciled(house, content)] == ["refused", "refused"]
    assert states(house, batch) == dict.fromkeys((first, second), PaymentState.FAILED)


def test_a_statement_of_payments_one_by_one_is_read_as_before(sent):
    house, (_, (first, second)) = sent
    lines = statement((first, "900.00"), (second, "600.00"))
    assert [line[2] for line in reconciled(house, lines)] == ["paid", "paid"]
