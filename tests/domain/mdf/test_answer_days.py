"""Until when the vendor answers: working days of the region the fund's rules name, and no other."""

from datetime import UTC, date, datetime

import pytest

from tcma.mdf import queries, queue
from tcma.mdf.answer_days import clock
from tcma.mdf.claims import decisions as claim_decisions
from tcma.mdf.claims import filing
from tcma.mdf.models.funding import Claim, FundRequest
from tcma.mdf.programme.days import WorkCalendar
from tcma.mdf.reasons import Reason
from tcma.mdf.requests import decisions, planning
from tcma.mdf.requests import views as request_views

from .test_programmes import publish, source

BRITISH = WorkCalendar(region="GB-ENG")
NOWHERE = WorkCalendar()


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def in_region(house, region):
    """The fund's rules with another region, or with none, and without any notice of a start."""
    gone = ("region = ", 'deadline = "10 working days before')
    lines = [line for line in source(house).splitlines() if not line.startswith(gone)]
    place = next(n for n, line in enumerate(lines) if line.startswith("zone = "))
    if region:
        lines.insert(place + 1, f'region = "{region}"')
    return "\n".join(lines) + "\n"


def answered_by(house, ref, table=FundRequest):
    with house.db(house.mira) as work:
        find = queries.request_by_ref if table is FundRequest else queries.claim_by_ref
        return find(work.session, house.mira, ref).answer_by


def shown(house, ref):
    with house.db(house.alice) as work:
        request = queries.request_by_ref(work.session, house.alice, ref)
        row = request_views.row_of(work.session, request, now=work.now)
        return row.clock.n, row.clock.late


@pytest.mark.parametrize(
    ("region", "sent", "by"),
    [
        ("", "2026-03-03 00:00", date(2026, 3, 10)),
        ("", "2026-03-06 23:59:59", date(2026, 3, 13)),
        ("", "2026-03-07 00:00", date(2026, 3, 13)),
        ("", "2026-12-21 09:00", date(2026, 12, 28)),
        # Christmas Day; Boxing Day falls on a Saturday and is made up for on the Monday.
        ("GB-ENG", "2026-12-21 09:00", date(2026, 12, 30)),
        ("GB-ENG", "2026-04-01 09:00", date(2026, 4, 10)),
        # The Monday after Easter is worked in Scotland.
        ("GB-SCT", "2026-04-01 09:00", date(2026, 4, 9)),
        ("US", "2026-11-23 09:00", date(2026, 12, 1)),
        # Friday and Saturday are the weekend.
        ("EG", "2026-06-04 09:00", date(2026, 6, 11)),
    ],
)
def test_a_plan_is_answered_within_working_days_of_the_programmes_region(house, region, sent, by):
    publish(house, in_region(house, region), date(2026, 3, 3))
    house.db.clock.at = at(sent)
    ref = house.sent(400, starts=date(2026, 12, 28), days=1)
    assert answered_by(house, ref) == by


@pytest.mark.parametrize(
    ("calendar", "today", "n", "late"),
    [
        (NOWHERE, date(2026, 12, 21), 0, False),
        (NOWHERE, date(2026, 12, 28), 5, False),
        (NOWHERE, date(2026, 12, 29), 6, True),
        (BRITISH, date(2026, 12, 24), 3, False),
        (BRITISH, date(2026, 12, 25), 3, False),
        (BRITISH, date(2026, 12, 28), 3, False),
        (BRITISH, date(2026, 12, 29), 4, False),
        (BRITISH, date(2026, 12, 30), 5, False),
        (BRITISH, date(2026, 12, 31), 6, True),
        # New Year's Day is Friday: nobody was later for it.
        (BRITISH, date(2027, 1, 1), 6, True),
        (BRITISH, date(2027, 1, 4), 7, True),
    ],
)
def test_the_clock_stands_still_on_days_that_nobody_works(calendar, today, n, late):
    by = calendar.shift(date(2026, 12, 21), 5)
    shows = clock(by, today, calendar)
    assert (shows.n, shows.m, shows.late) == (n, 5, late)


def test_a_day_that_was_promised_stays_when_the_region_of_the_rules_changes(house):
    publish(house, in_region(house, "GB-ENG"), date(2026, 3, 30))
    house.db.clock.at = at("2026-03-31 09:00")
    before = house.sent(300, starts=date(2026, 6, 1))
    publish(house, in_region(house, ""), date(2026, 4, 1))
    house.db.clock.at = at("2026-04-01 00:00")
    after = house.sent(300, starts=date(2026, 6, 1))
    assert (answered_by(house, before), answered_by(house, after)) == (
        date(2026, 4, 9),
        date(2026, 4, 8),
    )
    house.db.clock.at = at("2026-04-09 22:59:59")
    assert shown(house, before) == (5, False)
    assert shown(house, after) == (6, True)
    house.db.clock.at = at("2026-04-09 23:00")
    assert shown(house, before) == (6, True)


def test_an_appeal_and_what_is_filed_over_easter_have_the_regions_days(house):
    publish(house, in_region(house, "GB-ENG"), date(2026, 3, 3))
    house.db.clock.at = at("2026-03-10 09:00")
    plan = house.proven(house.approved(800, starts=date(2026, 3, 27)))
    refused = house.sent(200, starts=date(2026, 6, 1))
    house.db.clock.at = at("2026-04-01 09:00")
    claim = house.claimed(plan, ("PS-1", 300))
    with house.db(house.mira) as work:
        request = queries.request_by_ref(work.session, house.mira, refused)
        decisions.refuse(work, request, reason=Reason.BRAND_RULE, words="Not now.")
    with house.db(house.alice) as work:
        request = queries.request_by_ref(work.session, house.alice, refused)
        planning.appeal(work, request, words="The rule allows it.")
    by = date(2026, 4, 10)
    assert (answered_by(house, claim, Claim), answered_by(house, refused)) == (by, by)
    assert shown(house, refused) == (0, False)
    with house.db(house.finn) as work:
        rows = queue.queue(work.session, house.finn, now=work.now)
        assert {(row.ref, row.clock.n) for row in rows} == {(claim, 0), (refused, 0)}
    with house.db(house.mira) as work:
        filed = queries.claim_by_ref(work.session, house.mira, claim)
        claim_decisions.refuse(work, filed, reason=Reason.BRAND_RULE, words="No.")
    house.db.clock.at = at("2026-04-02 09:00")
    with house.db(house.alice) as work:
        filing.appeal(
            work, queries.claim_by_ref(work.session, house.alice, claim), words="It does."
        )
    assert answered_by(house, claim, Claim) == date(2026, 4, 13)
