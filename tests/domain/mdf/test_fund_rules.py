"""What a new fund begins with: the standard and a form's numbers, a shipped programme, or one that stands."""

import re
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import event

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


@contextmanager
def asked(house):
    """What is asked of the database meanwhile: words, and what stands beside them."""
    said = []

    def note(_connection, _cursor, words, beside, *_):
        said.append((words, beside))

    event.listen(house.db.engine, "before_cursor_execute", note)
    yield said
    event.remove(house.db.engine, "before_cursor_execute", note)


def test_a_wallet_is_asked_with_nothing_beside_but_who_asks_and_rules_once_known_are_not_read(
    house,
):
    def wallet(work):
        return views.wallet(work.session, house.alice, now=work.now)

    with house.db(house.alice) as work:
        first = wallet(work)
        with asked(house) as said:
            assert wallet(work) == first
    (of_parts, who), (of_rules, _) = said
    assert who == {"asker_partner_id": house.partner}
    assert "FROM fund_allocation" in of_parts
    assert ("programme_version" in of_rules, "source" in of_rules) == (True, False)


def test_rules_of_another_day_are_asked_for_each_time(house):
    programme, rules = ruled_by(house, house.fund_ref)
    today, later = date(2026, 3, 2), date(2026, 3, 9)
    with house.db(house.finn) as work:
        text = versions.versions_of(work.session, programme)[0].source
        changed = re.sub(r"^percent = .*$", "percent = 40", text, flags=re.MULTILINE)
        versions.publish(work, programme, changed, later)

        def percent(day):
            known = versions.rules_by_programme(work.session, [programme.id], day)
            return known[programme.id].share.percent

        for _ in range(2):
            assert (percent(today), percent(later)) == (rules.share.percent, 40)
        newest = versions.versions_of(work.session, programme)[0]
        versions.take_back(work, programme, newest)
        assert percent(later) == rules.share.percent
