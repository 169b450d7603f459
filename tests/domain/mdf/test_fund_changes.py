"""The way back of a fund's money, by two people; what may be carried over; when a whole fund ends."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from sqlalchemy import select

from tcma.delivery.models import Message, MessageBody
from tcma.errors import Conflict, Invalid, LimitReached, NotFound
from tcma.mdf import queries, queue
from tcma.mdf.funds import changing, confirming, ending, opening, reducing
from tcma.mdf.funds import views as fund_views
from tcma.mdf.funds.changes import Act, Change
from tcma.mdf.funds.leave import Leave, fits
from tcma.mdf.judging import versions
from tcma.mdf.ledger import booking
from tcma.mdf.waiting import waiting
from tcma.permissions import Role
from tests import builders
from tests.domain.mdf.conftest import gbp

WHY = "The fair is off."
AFTER = datetime(2027, 1, 1, 0, 0, tzinfo=UTC)


def fund(house):
    with house.db(house.finn) as work:
        assert booking.verify(work.session) == []
        return fund_views.fund_summary(work.session, house.finn, house.fund_ref, now=work.now)


def asked(house, who, change, key=None):
    with house.db(who) as work:
        budget = queries.fund_by_ref(work.session, who, house.fund_ref)
        return changing.ask(work, budget, change, key=key or uuid4()).id


def confirmed(house, who, change_id):
    with house.db(who) as work:
        changing.confirm(work, changing.change_of(work.session, who, house.fund_ref, change_id))


def next_fund(house, name="Quillon growth 2027"):
    with house.db(house.finn) as work:
        plan = opening.FundPlan(
            name=name, total=gbp(5_000), starts_on=date(2027, 1, 1), ends_on=date(2027, 12, 31)
        )
        return opening.create_fund(work, plan).ref


def ruled(house, *lines):
    """Publish rules with more lines in their section [fund], and live in the day they begin."""
    with house.db(house.finn) as work:
        programme = versions.programme_by_ref(work.session, house.finn, house.fund_ref)
        source = versions.versions_of(work.session, programme)[0].source
        more = "\n".join(lines)
        if "[fund]" in source:
            source = source.replace("[fund]\n", f"[fund]\n{more}\n")
        else:
            source += f"\n[fund]\n{more}\n"
        versions.publish(work, programme, source, date(2026, 3, 3))
    house.db.clock.at = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)


def test_what_a_partner_did_not_plan_with_goes_back_by_two_people(house):
    house.approved(1_000)
    change = Change(act=Act.TAKE_BACK, reason=WHY, partner_id=house.partner, amount=gbp(4_000))
    key = uuid4()
    assert asked(house, house.finn, change, key) == asked(house, house.finn, change, key)
    assert fund(house).available == gbp(9_000)
    with pytest.raises(Conflict, match="another content"):
        asked(house, house.finn, Change(act=Act.CLOSE, reason=WHY), key)
    with pytest.raises(Conflict, match="another person confirms"):
        confirmed(house, house.finn, key)
    confirmed(house, house.mira, key)
    confirmed(house, house.mira, key)
    held = fund(house)
    assert (held.available, held.unallocated, held.total) == (gbp(5_000), gbp(34_000), gbp(40_000))
    with pytest.raises(LimitReached, match=r"£5,000\.00 of this part"):
        asked(house, house.finn, Change(
            act=Act.TAKE_BACK, reason=WHY, partner_id=house.partner, amount=gbp(5_001)))  # fmt: skip


def test_a_fund_is_reduced_by_what_nobody_has_and_never_below(house):
    with pytest.raises(LimitReached, match="not allocated"):
        asked(house, house.finn, Change(act=Act.REDUCE, reason=WHY, amount=gbp(30_001)))
    with pytest.raises(Invalid):
        asked(house, house.finn, Change(act=Act.REDUCE, reason=" ", amount=gbp(1)))
    with pytest.raises(NotFound):
        asked(house, house.alice, Change(act=Act.REDUCE, reason=WHY, amount=gbp(1)))
    change = asked(house, house.finn, Change(act=Act.REDUCE, reason=WHY, amount=gbp(10_000)))
    confirmed(house, house.mira, change)
    assert (fund(house).total, fund(house).unallocated) == (gbp(30_000), gbp(20_000))


def test_a_closed_fund_gives_its_money_back_and_takes_none_while_plans_go_on(house):
    plan = house.approved(1_000)
    confirmed(house, house.mira, asked(house, house.finn, Change(act=Act.CLOSE, reason=WHY)))
    held = fund(house)
    assert (held.total, held.available, held.reserved) == (gbp(1_000), gbp(0), gbp(1_000))
    assert held.ends_on == date(2026, 3, 2)
    assert held.closed_at is not None
    with house.db(house.finn) as work:
        budget = queries.fund_by_ref(work.session, house.finn, house.fund_ref)
        with pytest.raises(Conflict, match="is closed"):
            opening.add_money(work, budget, gbp(1), reason="More")
    ref = house.decided(house.claimed(house.proven(plan), ("1", 600)))
    assert ref
    house.db.clock.at = datetime(2026, 3, 3, 1, 0, tzinfo=UTC)
    with house.db() as work:
        assert ending.expire_due(work) == 1, "what the plan did not need"
    held = fund(house)
    assert (held.accrued, held.expired, held.available) == (gbp(600), gbp(400), gbp(0))


def test_a_name_changes_at_once_and_days_with_a_second_person(house):
    facts = reducing.Facts(
        name="Quillon spring", starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31)
    )
    asked(house, house.finn, Change(act=Act.EDIT, reason=WHY, facts=facts))
    assert fund(house).name == "Quillon spring"
    later = reducing.Facts(
        name="Quillon spring", starts_on=date(2026, 1, 1), ends_on=date(2027, 1, 31)
    )
    change = asked(house, house.finn, Change(act=Act.EDIT, reason=WHY, facts=later))
    assert fund(house).ends_on == date(2026, 12, 31)
    confirmed(house, house.mira, change)
    assert fund(house).ends_on == date(2027, 1, 31)
    past = reducing.Facts(name=" ", starts_on=date(2026, 1, 1), ends_on=date(2026, 2, 1))
    with pytest.raises(Invalid) as refused:
        asked(house, house.finn, Change(act=Act.EDIT, reason=WHY, facts=past))
    assert set(refused.value.fields) == {"name", "ends_on"}


def test_money_in_nobodys_part_expires_with_the_fund_and_comes_back_with_a_later_day(house):
    house.db.clock.at = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
    with house.db() as work:
        assert ending.expire_whole(work) == 0
    house.db.clock.at = AFTER
    with house.db() as work:
        assert (ending.expire_due(work), ending.expire_whole(work)) == (1, 1)
        assert ending.expire_whole(work) == 0
    held = fund(house)
    assert (held.unallocated, held.expired, held.total) == (gbp(0), gbp(40_000), gbp(40_000))
    later = reducing.Facts(name=held.name, starts_on=date(2026, 1, 1), ends_on=date(2027, 1, 31))
    change = asked(house, house.finn, Change(act=Act.EDIT, reason=WHY, facts=later))
    confirmed(house, house.mira, change)
    assert fund(house).unallocated == gbp(30_000)


def test_a_shared_pot_ends_with_its_fund(house):
    with house.db(house.finn) as work:
        plan = opening.FundPlan(
            name="Pot", total=gbp(900), starts_on=date(2026, 1, 1), ends_on=date(2026, 6, 30),
            kind="pooled",
        )  # fmt: skip
        house.fund_ref = opening.create_fund(work, plan).ref
    house.db.clock.at = datetime(2026, 7, 1, 0, 0, 1, tzinfo=UTC)
    with house.db() as work:
        assert ending.expire_whole(work) == 1
    assert (fund(house).unallocated, fund(house).expired) == (gbp(0), gbp(900))


def test_the_percentage_that_is_carried_over_is_one_of_everything_that_was_left(house):
    ruled(house, "carry_over = 30")
    into = next_fund(house)

    def carry(major, key=None):
        with house.db(house.finn) as work:
            target = queries.fund_by_ref(work.session, house.finn, into).id
        change = Change(
            act=Act.CARRY_OVER, reason=WHY, partner_id=house.partner, amount=gbp(major), into=target
        )
        return asked(house, house.finn, change, key)

    carry(2_000)
    with pytest.raises(LimitReached, match=r"£2,000\.00 was carried over already"):
        carry(1_001)
    key = uuid4()
    carry(1_000, key)
    carry(1_000, key)
    with pytest.raises(LimitReached):
        carry(1)
    assert fund(house).available == gbp(7_000)


def test_where_the_rules_name_who_carries_over_a_person_of_that_role_confirms_it(house):
    ruled(house, "carry_over = 50", 'carry_over_by = ["channel director"]')
    with house.db() as work:
        ada = builders.ada(work, house.vendor)
    ref = next_fund(house)
    with house.db(house.finn) as work:
        into = queries.fund_by_ref(work.session, house.finn, ref).id
        part = queries.part_by_partner(work.session, house.finn, house.fund_ref, "brightwater-it")
        target = queries.fund_by_ref(work.session, house.finn, ref)
        alone = Leave(reason=WHY, asked_by=house.finn.user_id)
        with pytest.raises(Conflict, match="another person confirms"):
            ending.carry_over(work, part, target, gbp(1), leave=alone)
    change = asked(house, house.finn, Change(
        act=Act.CARRY_OVER, reason=WHY, partner_id=house.partner, amount=gbp(500), into=into))  # fmt: skip
    with pytest.raises(Conflict, match="channel director"):
        confirmed(house, house.mira, change)
    assert fund(house).available == gbp(10_000)
    confirmed(house, ada, change)
    assert fund(house).available == gbp(9_500)


def test_a_change_that_nobody_confirms_is_let_be_and_stays_so(house):
    change = asked(house, house.finn, Change(act=Act.CLOSE, reason=WHY))
    with house.db(house.mira) as work:
        row = changing.change_of(work.session, house.mira, house.fund_ref, change)
        budget = queries.fund_by_ref(work.session, house.mira, house.fund_ref)
        assert [each.words for each in confirming.waiting(work, budget)] == ["Close the fund"]
        changing.turn_down(work, row)
        assert confirming.waiting(work, budget) == []
        with pytest.raises(Conflict, match="let be"):
            changing.confirm(work, row)
    assert fund(house).closed_at is None


@pytest.mark.parametrize(
    ("role", "wanted", "may"),
    [
        (Role.FINANCE, (), True),
        (Role.FINANCE, ("finance",), True),
        (Role.CHANNEL_MANAGER, ("Channel manager",), True),
        (Role.CHANNEL_MANAGER, ("finance",), False),
        (Role.ADMINISTRATOR, ("channel director",), True),
        (Role.FINANCE, ("director", "finance"), True),
        (Role.CHANNEL_MANAGER, ("director",), False),
    ],
)
def test_a_title_of_a_programme_is_a_role_of_the_house_or_the_administrators(role, wanted, may):
    assert fits(role, wanted) is may


def edited(house, who, name="Quillon growth 2026", ends_on=date(2026, 12, 31)):
    facts = reducing.Facts(name=name, starts_on=date(2026, 1, 1), ends_on=ends_on)
    return asked(house, who, Change(act=Act.EDIT, reason=WHY, facts=facts))


def test_days_that_are_confirmed_leave_a_name_that_changed_meanwhile(house):
    later = edited(house, house.finn, ends_on=date(2027, 1, 31))
    edited(house, house.mira, name="Quillon spring")
    with house.db(house.mira) as work:
        budget = queries.fund_by_ref(work.session, house.mira, house.fund_ref)
        (line,) = confirming.waiting(work, budget)
        assert line.words == "Let it run from Thu 1 Jan 2026 to Sun 31 Jan 2027"
    confirmed(house, house.mira, later)
    assert (fund(house).name, fund(house).ends_on) == ("Quillon spring", date(2027, 1, 31))


def test_a_name_pressed_twice_is_the_same_change_although_it_is_done(house):
    key = uuid4()
    facts = reducing.Facts(
        name="Quillon spring", starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31)
    )
    change = Change(act=Act.EDIT, reason=WHY, facts=facts)
    assert asked(house, house.finn, change, key) == asked(house, house.finn, change, key)
    assert fund(house).name == "Quillon spring"


def told(house, about):
    """Who had a mail whose subject has these words, by their address."""
    with house.db() as work:
        sent = select(Message.address).join(MessageBody, MessageBody.message_id == Message.id)
        rows = work.session.scalars(sent.where(MessageBody.subject.contains(about)))
        return sorted(address.split(".")[0] for address in rows)


def queued(house, who):
    with house.db(who) as work:
        rows = queue.queue(work.session, who, now=work.now)
        assert waiting(work.session, who).to_decide == len(rows)
        return [(row.kind, row.title, row.step) for row in rows]


def test_whoever_may_confirm_has_a_mail_and_a_line_in_the_queue_and_the_asker_sees_who(house):
    with house.db() as work:
        builders.ada(work, house.vendor)
        builders.a_user(work, Role.FINANCE, name="Nora", vendor_id=house.vendor)
        builders.a_user(work, Role.VENDOR_MARKETER, name="Vera", vendor_id=house.vendor)
    change = asked(house, house.finn, Change(act=Act.REDUCE, reason=WHY, amount=gbp(10)))
    words = "Take £10.00 out of the fund"
    assert told(house, f"waits for you: {words}") == ["ada", "mira", "nora"]
    assert queued(house, house.mira) == [("fund", f"{words}?", "waits for you")]
    assert queued(house, house.finn) == []
    with house.db(house.finn) as work:
        budget = queries.fund_by_ref(work.session, house.finn, house.fund_ref)
        (line,) = confirming.waiting(work, budget)
    assert line.blocked.endswith("another person confirms it. Ada, Mira or Nora can.")
    confirmed(house, house.mira, change)
    assert queued(house, house.mira) == []
    assert told(house, "confirmed by Mira") == ["finn"]


def test_where_the_rules_name_who_only_they_are_asked(house):
    ruled(house, 'extension.by = ["channel director"]')
    with house.db() as work:
        builders.ada(work, house.vendor)
    until = date(2027, 1, 31)
    later = Change(act=Act.EXTEND, reason=WHY, partner_id=house.partner, until=until)
    asked(house, house.finn, later)
    assert told(house, "waits for you") == ["ada"]
    assert queued(house, house.mira)[0][2] == "waits for a second person"
    with house.db(house.mira) as work:
        (line,) = confirming.waiting_for(work.session, house.mira, now=work.now)
    assert line.blocked == "The programme asks for the word of the channel director. Ada can."
