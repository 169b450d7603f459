"""What keeps an approved claim from the bank: a hold on its partner, a sum that is too small."""

import pytest

from tcma.errors import Conflict, Forbidden, Invalid, NotFound
from tcma.mdf import queries
from tcma.mdf.payments import batches, holds
from tcma.mdf.payments import views as payment_views
from tests import builders
from tests.domain.mdf.conftest import gbp


def ready(house):
    with house.db(house.finn) as work:
        return [row.blocked for row in payment_views.ready_to_pay(work.session, house.finn)]


def paying(house, *refs):
    with house.db(house.finn) as work:
        claims = [queries.claim_by_ref(work.session, house.finn, ref) for ref in refs]
        return batches.make_batch(work, claims).ref


def test_payments_are_held_by_one_person_and_let_go_by_another(house):
    ref = house.decided(house.claimed(house.proven(house.approved(900)), ("1", 900)))
    with house.db() as work:
        second = builders.finn(work, house.vendor)
        stranger = builders.finn(work, builders.a_vendor(work, name="Larkspur"))
    with house.db(house.finn) as work:
        with pytest.raises(Invalid):
            holds.place(work, house.partner, reason=" ")
        holds.place(work, house.partner, reason="The tax form is missing.")
        holds.place(work, house.partner, reason="Again.")
    assert ready(house) == ["Payments to this partner are held: The tax form is missing."]
    with pytest.raises(Conflict, match="tax form"):
        paying(house, ref)
    for who, error in ((house.finn, Conflict), (house.alice, Forbidden)):
        with house.db(who) as work, pytest.raises(error):
            holds.lift(work, house.partner)
    with house.db(stranger) as work, pytest.raises(NotFound):
        holds.place(work, house.partner, reason="Not mine.")
    with house.db(second) as work:
        holds.lift(work, house.partner)
        holds.lift(work, house.partner)
    assert ready(house) == [""]
    assert paying(house, ref)


def test_small_sums_wait_until_they_reach_the_least_together(house):
    first = house.decided(house.claimed(house.proven(house.approved(300)), ("1", 300)))
    with house.db(house.finn) as work:
        holds.set_minimum(work, gbp(500), "GBP")
    assert ready(house) == ["You pay from £500.00 on. It waits for more claims of this partner."]
    second = house.decided(house.claimed(house.proven(house.approved(200)), ("2", 200)))
    assert ready(house) == ["", ""]
    with pytest.raises(Conflict, match="too little"):
        paying(house, first)
    assert paying(house, first, second)
    with house.db(house.finn) as work:
        holds.set_minimum(work, None, "GBP")
        assert holds.minimums(work.session, house.vendor) == []
