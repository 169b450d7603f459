"""What partners are told of a payment, and the numbers that are checked before one leaves."""

import pytest

from tcma.adapters.payouts_pain import PayoutsPain
from tcma.errors import Conflict, Invalid, NotFound
from tcma.mdf import queries
from tcma.mdf.payments import bank_accounts, batches
from tcma.mdf.payments.bank_rules import Account, checked
from tcma.mdf.payments.remittance import batch_of_claim, remittance, remittances
from tcma.mdf.payments.tax_rules import tax_fault
from tests import builders

from .conftest import gbp


@pytest.mark.parametrize(
    ("typed", "country", "said"),
    [
        ("DE 136 695 976", "DE", ""),
        ("DE136695977", "DE", "check digits"),
        ("GB980780684", "DE", ""),
        ("980780684", "GB", ""),
        ("980780684", "DE", "put its letters first"),
        ("12-3456789", "US", ""),
        ("53 004 085 616", "AU", ""),
        ("EL094259216", "GR", ""),
        ("CHE-107.787.577 MWST", "CH", ""),
        ("FR1", "FR", "no tax number of FR"),
        ("anything", "AQ", ""),
        ("", "DE", ""),
    ],
)
def test_a_tax_number_holds_by_its_countrys_form_and_check_digits(typed, country, said):
    fault = tax_fault(typed, country)
    assert said in fault
    assert bool(said) == bool(fault)


def test_an_account_with_a_wrong_tax_number_is_refused_at_its_field():
    with pytest.raises(Invalid) as refused:
        checked(Account(holder="A", country="", iban="DE89370400440532013000", tax_id="DE1"))
    assert "no tax number of DE" in refused.value.fields["tax_id"]


def batch_for(house, *sums):
    refs = [
        house.decided(house.claimed(house.proven(house.approved(net)), (str(net), net)))
        for net in sums
    ]
    with house.db(house.finn) as work:
        claims = [queries.claim_by_ref(work.session, house.finn, ref) for ref in refs]
        batch = batches.make_batch(work, claims)
        return batch.ref, claims[0].id


def test_a_partner_sees_what_it_is_paid_from_the_bank_file_on_and_nobody_else_does(house):
    ref, claim_id = batch_for(house, 900, 500)
    with house.db(house.alice) as work, pytest.raises(NotFound):
        remittance(work.session, house.alice, ref)
    with house.db(house.finn) as work:
        batch = queries.batch_by_ref(work.session, house.finn, ref)
        batches.export_batch(work, batch, payouts=PayoutsPain())
    with house.db(house.alice) as work:
        sent = remittance(work.session, house.alice, ref)
        assert (sent.total, sent.paid_at, len(sent.lines)) == (gbp(1_400), None, 2)
        assert batch_of_claim(work.session, claim_id) == ref
    with house.db(house.finn) as work:
        batch = queries.batch_by_ref(work.session, house.finn, ref)
        batches.settle(work, batch, bank_reference="BACS 1")
    with house.db(house.alice) as work:
        paid = remittance(work.session, house.alice, ref)
        assert (paid.bank_reference, paid.paid_at) == ("BACS 1", work.now)
        (row,) = remittances(work.session, house.alice).rows
        assert (row.total, row.claims) == (gbp(1_400), 2)
        charlie = builders.charlie(work, house.vendor)
        assert remittances(work.session, charlie).rows == []
        with pytest.raises(NotFound):
            remittance(work.session, charlie, ref)


def an_account(**other):
    return Account(**{"holder": "A", "country": "GB", "iban": "GB29NWBK60161331926819"} | other)


def test_a_tax_number_that_cannot_be_true_stops_the_bank_file_with_the_remedy(house):
    for who, partner in ((house.finn, None), (house.alice, house.partner)):
        with house.db(who) as work:
            bank_accounts.state_account(
                work, an_account(), vendor_id=house.vendor, partner_id=partner
            )
    ref, _ = _checked_batch(house)
    with house.db(house.finn) as work:
        row = bank_accounts.in_force(work.session, vendor_id=house.vendor, partner_id=house.partner)
        row.tax_id = "GB1"
    with house.db(house.finn) as work:
        batch = queries.batch_by_ref(work.session, house.finn, ref)
        with pytest.raises(Conflict) as refused:
            batches.export_batch(work, batch, payouts=PayoutsPain())
    assert "tax number GB1 cannot be true. Its owner corrects it under Funds" in str(refused.value)


def _checked_batch(house):
    with house.db(house.finn) as work:
        row = bank_accounts.in_force(work.session, vendor_id=house.vendor, partner_id=house.partner)
        bank_accounts.check_account(work, row, how="called them")
    return batch_for(house, 700)
