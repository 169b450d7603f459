"""Of a fixed fund each partner has the same sum, however often and from how many sides it is given."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tcma.errors import LimitReached
from tcma.mdf import queries
from tcma.mdf.funds import opening

from .conftest import gbp
from .test_fund_kinds import asked_by, opened, purse, whole


def test_of_a_fixed_fund_each_partner_has_the_same_sum_and_no_more(house):
    opened(house, "fixed", per_partner=gbp(400))
    with house.db(house.finn) as work:
        budget = queries.fund_by_ref(work.session, house.finn, house.fund_ref)
        with pytest.raises(LimitReached) as refused:
            opening.allocate(work, budget, house.partner, gbp(401))
        assert refused.value.message == "Each partner has £400.00 of this fund."
        opening.allocate(work, budget, house.partner, gbp(300))
        with pytest.raises(LimitReached) as refused:
            opening.allocate(work, budget, house.partner, gbp(101))
        assert refused.value.remedy == "Allocate £100.00 or less."
        opening.allocate(work, budget, house.partner, gbp(100))
    assert purse(house, house.alice).allocated == gbp(400)
    assert asked_by(house, house.alice, 400)
    assert whole(house)


def test_of_ten_who_give_a_part_at_once_the_partner_has_no_more_than_each(house):
    opened(house, "fixed", per_partner=gbp(400))
    gate = threading.Barrier(10)

    def one(_):
        with house.db(house.finn) as work:
            budget = queries.fund_by_ref(work.session, house.finn, house.fund_ref)
            gate.wait()
            try:
                opening.allocate(work, budget, house.partner, gbp(100))
            except LimitReached:
                return False
            return True

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(one, range(10))) == 4
    assert purse(house, house.alice).allocated == gbp(400)
    assert whole(house)
