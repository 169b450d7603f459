"""The number of a purchase order: given to an approved plan, named by invoices, carried by payments."""

import pytest

from tcma.errors import Conflict, Forbidden, Invalid
from tcma.mdf.claims import views as claim_views
from tcma.mdf.funds.liabilities import owed_claims
from tcma.mdf.payments.remittance import remittance
from tcma.mdf.requests import ordering

from .test_bank_accounts import batch_of, checked, exported, paying, stated
from .test_stages import plan, ruled

NUMBER = "4500 012-345"
WANTED = {"[invoice]\n": "[invoice]\norder_number = true\n"}


def test_invoices_payments_and_remittance_carry_the_number(house):
    paying(house)
    checked(house, stated(house))
    ref = house.proven(house.approved(800))
    it = plan(house, house.mira, ref, ordering.give, number=f" {NUMBER} ")
    assert it.row.order_number == NUMBER
    assert plan(house, house.alice, ref).row.order_number == NUMBER
    claim = house.decided(house.claimed(ref, ("1", 800)))
    with house.db(house.finn) as work:
        (line,) = owed_claims(work.session, house.finn, now=work.now)
        detail = claim_views.claim_detail(work.session, house.finn, claim, now=work.now)
    assert (line.order_number, detail.request.order_number) == (NUMBER, NUMBER)
    batch = batch_of(house, claim)
    _, file = exported(house, batch)
    assert f"{claim} {batch} {NUMBER}".encode() in file
    with house.db(house.alice) as work:
        (line,) = remittance(work.session, house.alice, batch).lines
    assert line.order_number == NUMBER


def test_where_the_rules_want_an_order_number_it_is_the_one_that_was_given(house):
    ruled(house, "", into=WANTED)
    ref = house.proven(house.approved(800))
    claim = house.claimed(ref, ("1", 800), submit=False)

    def asked():
        with house.db(house.alice) as work:
            it = claim_views.claim_detail(work.session, house.alice, claim, now=work.now)
            return it.asks.order_number

    assert asked() == ref
    plan(house, house.mira, ref, ordering.give, number=NUMBER)
    assert asked() == NUMBER
    plan(house, house.mira, ref, ordering.give, number="")
    assert asked() == ref


def test_it_is_the_desks_to_give_and_short_enough_for_a_bank(house):
    sent, ref = house.sent(100), house.approved(800)
    for number in ("4" * 36, "№ 7", "a\x00b"):
        with pytest.raises(Invalid) as refused:
            plan(house, house.mira, ref, ordering.give, number=number)
        assert set(refused.value.fields) == {"order_number"}
    with pytest.raises(Conflict, match="approved plan"):
        plan(house, house.mira, sent, ordering.give, number=NUMBER)
    with pytest.raises(Forbidden):
        plan(house, house.alice, ref, ordering.give, number=NUMBER)
