"""M4: a sum that is none is refused by each verb that takes one, at its field, and books nothing."""

import pytest
from sqlalchemy import func, select

from tcma.errors import Invalid
from tcma.mdf.models.ledger import LedgerTransfer
from tcma.money import Money
from tests.domain.mdf.verbs import tour
from tests.domain.mdf.verbs.machine import in_turn

BAD = (Money(0, "GBP"), Money(-1, "GBP"), Money(10**18, "GBP"), Money(400, "EUR"))
OF_INVOICES = BAD[:3]
"""An invoice may be in another currency: it counts by a rate."""
BY_PROGRAMME = {"accrue"}
"""What sales earn is read from a file, row by row: test_sales_days, test_fund_kinds."""


def spoiled(verb, how):
    """Yield how a verb would be done with each of its sums in turn replaced by one that is none."""
    for name, value in how.items():
        if name in {"amount", "asked", "net", "more"} and value:
            for bad in OF_INVOICES if name == "net" else BAD:
                yield bad, {**how, name: bad}
        elif name == "sums":
            for bad in BAD:
                yield bad, {**how, name: [*value[:-1], (bad, value[-1][1])]}
        elif name == "answers" and isinstance(value[-1], int):
            for bad in BAD:
                yield bad, {**how, name: [*value[:-1], bad]}


def test_m4_no_verb_takes_a_sum_that_is_none_and_each_says_at_which_field(turns, site, files):
    tools = {"turns": turns, "site": site, "files": files}
    asked = set()
    with in_turn(tools, "accrued", waits=True) as both:
        for verb, who, about, how in tour.TOUR:
            before = booked(both)
            for bad, wrong in spoiled(verb, how) if verb not in BY_PROGRAMME else ():
                with pytest.raises(Invalid) as refused, both.by(who) as work:
                    both.do(work, verb, about, wrong)
                assert refused.value.fields, (verb, bad)
                asked.add(verb)
            assert booked(both) == before
            both.step(verb, who, about, **how)
    assert asked >= {
        "add", "allocate", "draft", "revise", "decide", "amend", "begin", "invoice", "ask_less",
        "grant", "dispute", "uphold", "claw_back", "repay", "minimum", "settle", "change",
    }  # fmt: skip


def booked(both):
    with both.by("system") as work:
        return work.session.scalar(select(func.count()).select_from(LedgerTransfer))
