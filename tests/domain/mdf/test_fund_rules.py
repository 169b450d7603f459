"""What a new fund begins with: the standard and a form's numbers, a shipped programme, or one that stands."""

from dataclasses import replace
from datetime import date

import pytest

from tcma.errors import Invalid, NotFound
from tcma.mdf.funds import opening, views
from tcma.mdf.judging import versions
from tcma.mdf.judging.shipped import shipped
from tcma.money import Money
from tests.builders import a_vendor, finn

PLAN = opening.FundPlan(
    name='Spring "27"', total=Money(500_000, "GBP"),
    starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31),
)  # fmt: skip


def opened(house, **other):
    with house.db(house.finn) as work:
        return opening.create_fund(work, replace(PLAN, **other)).ref


def ruled_by(house, ref):
    with house.db(house.finn) as work:
        programme = versions.programme_by_ref(work.session, house.finn, ref)
        return programme, versions.rules_of(versions.versions_of(work.session, programme)[0])


@pytest.mark.parametrize("key", [each.key for each in shipped()])
def test_each_shipped_programme_can_begin_a_fund_with_its_name_money_and_clock(house, key):
    programme, rules = ruled_by(house, opened(house, rules=key, share_bps=1))
    assert (programme.name, rules.name) == ('Spring "27"', 'Spring "27"')
    assert (rules.currency, str(rules.calendar.zone)) == ("GBP", "Europe/London")


def test_a_shipped_programme_brings_its_kind_so_an_accrued_fund_may_begin_empty(house):
    ref = opened(house, rules="co-op", total=Money(0, "GBP"))
    _, rules = ruled_by(house, ref)
    assert rules.kind == "accrued"
    with pytest.raises(Invalid):
        opened(house, rules="strict-papers", total=Money(0, "GBP"))


def test_one_programme_rules_two_funds_and_a_change_reaches_both(house):
    first, _ = ruled_by(house, house.fund_ref)
    second, _ = ruled_by(house, opened(house, rules=first.ref))
    assert second.id == first.id
    with house.db(house.finn) as work:
        assert len(views.funds(work.session, house.finn, now=work.now)) == 2


def test_rules_about_other_money_and_of_another_vendor_are_refused(house):
    first, _ = ruled_by(house, house.fund_ref)
    with pytest.raises(Invalid) as refused:
        opened(house, rules=first.ref, total=Money(100, "EUR"))
    assert "currency" in refused.value.fields
    with house.db() as work:
        stranger = finn(work, a_vendor(work, name="Other"))
    with house.db(stranger) as work, pytest.raises(NotFound):
        opening.create_fund(work, replace(PLAN, rules=first.ref))
