"""A vendor is told nothing of mails to fewer than five people: not in a line, and in no sum (H4)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from tcma.delivery import actions as delivery
from tcma.delivery.small_cells import FEW_WORDS, FEWEST, hidden_of
from tcma.jobs import Job
from tcma.launches import actions as launching
from tcma.launches.queries import launch_detail, launches
from tcma.permissions import Role
from tcma.reporting.exports import csv_rows
from tcma.reporting.figures import Figure, Line, Report
from tcma.reporting.launch_report import campaigns_report, launch_report, launches_report
from tcma.reporting.lift import lifts_of
from tcma.reporting.partner_report import partners_report
from tcma.reporting.untold import FEW_SENTENCE, told_to
from tests import builders
from tests.domain.mdf.conftest import house  # noqa: F401 - a fixture
from tests.faults.posting import people, posting

MAILS = ("sent", "delivered", "opened", "clicked")
TABLES = (campaigns_report, partners_report, launches_report)


@pytest.fixture
def launched(house, tmp_path, smtp_sink):  # noqa: F811 - the fixture of that name
    """`launched(6)`: a launch to six people, all of whom opened it and clicked."""
    db = house.db
    db.clock.move(timedelta(days=29))
    with db() as work:
        campaign = builders.a_campaign(work, house.vendor)
        copy_id = builders.a_copy(work, house.partner, campaign).id
        sender_id = delivery.ensure_sender(
            work, partner_id=house.partner, from_name="Alice", from_address="alice@partner.example"
        )

    def launch(size):
        with db() as work:
            list_id = people(work, house.partner, size, basis="consent", domain=f"of{size}.example")
        plan = launching.LaunchPlan(
            copy_id=copy_id, list_ids=(list_id,), sender_id=sender_id, send_at=db.clock.now(),
            mails="first",
        )  # fmt: skip
        with db(house.alice) as work:
            ref = launching.plan_launch(work, plan, idempotency_key=f"to {size}").ref
            launching.start_launch(work, ref)
        with posting(db, tmp_path, smtp_sink.url) as ring:
            ring(Job.LAUNCH_START)
            ring()
            ring(Job.LAUNCH_SETTLE)
        with db() as work:
            work.session.execute(
                text(
                    "insert into message_reaction (message_id, mailing_id, opened_at,"
                    " human_opened_at, clicked_at, human_clicked_at)"
                    " select m.id, m.mailing_id, :at, :at, :at, :at from message m"
                    " join launch_mail l on l.mailing_id = m.mailing_id"
                    " join launch on launch.id = l.launch_id where launch.ref = :ref"
                ),
                {"at": work.now, "ref": ref},
            )
        return ref

    return launch


def numbers(house, who):  # noqa: F811 - the value of the fixture
    """Every number of mails that somebody reads in a report or in the list of launches."""
    with house.db(who) as work:
        told = {
            (made.__name__, line.key, key): line.figure(key).value
            for made in TABLES
            for report in (made(work.session, who),)
            for line in (*report.lines, *([report.total] if report.total else []))
            for key in MAILS
        }
        for line in launches(work.session, who).rows:
            told["list", line.ref, "sums"] = line.equation
            told["list", line.ref, "reactions"] = line.reactions
        return told


def test_a_small_launch_changes_no_number_that_a_vendor_reads(house, launched):  # noqa: F811
    large = launched(6)
    mira, alice = house.mira, house.alice
    before, partners_own = numbers(house, mira), numbers(house, alice)
    assert before["campaigns_report", "", "sent"] == 6
    assert before["launches_report", large, "clicked"] == 6
    small = launched(FEWEST - 1)
    after = numbers(house, mira)
    assert {key: after[key] for key in before} == before
    own = numbers(house, alice)
    assert own["launches_report", small, "clicked"] == FEWEST - 1
    total = ("campaigns_report", "", "sent")
    assert own[total] == partners_own[total] + FEWEST - 1
    exact = launched(FEWEST)
    told = numbers(house, mira)
    assert told["launches_report", exact, "sent"] == FEWEST
    assert told[total] == before[total] + FEWEST


def test_a_small_launch_says_so_wherever_it_stands(house, launched):  # noqa: F811 - a fixture
    ref = launched(FEWEST - 1)
    mira = house.mira
    with house.db(mira) as work:
        session = work.session
        for report in (launches_report(session, mira), campaigns_report(session, mira),
                       partners_report(session, mira)):  # fmt: skip
            line = report.lines[0]
            assert {line.figure(key).value for key in MAILS} == {FEW_WORDS}
            assert all(line.figure(key).rate_bps is None for key in MAILS)
            cells = b"".join(csv_rows(report)).decode().splitlines()[1].split(",")
            assert cells.count(FEW_WORDS) >= len(MAILS)
        one = launch_report(session, mira, ref)
        assert (one.sentence, one.by_day) == (FEW_SENTENCE, ())
        assert {f.value for line in one.by_mail for f in line.figures} == {FEW_WORDS}
        assert "4" not in b"".join(csv_rows(one.report)).decode().splitlines()[1].split(",")
        detail = launch_detail(session, mira, ref, now=work.now)
        assert detail.line.is_few
        assert (detail.equation.expected, detail.reasons, detail.per_minute) == (0, (), 0)
        assert set(detail.reactions.values()) == {0}
        assert [(m.is_few, m.equation.sent, m.reactions["clicked"]) for m in detail.mails] == [
            (True, 0, 0)
        ]
        assert lifts_of(session, mira, ref) == []
    with house.db(house.alice) as work:
        one = launch_report(work.session, house.alice, ref)
        assert one.funnel.figure("clicked").value == FEWEST - 1
        assert len(one.by_day) == 1


@pytest.mark.parametrize(
    ("column", "hidden", "sum_too"),
    [
        ([7, 9], set(), False),
        ([0, 9], set(), False),
        ([3, 9, 7], {0, 2}, False),  # 19 - 9 - 7 would be the 3
        ([2, 2, 9], {0, 1, 2}, False),  # together they are four
        ([4, 4, 9], {0, 1}, False),
        ([3], {0}, True),
        ([3, 0], {0}, True),
        ([2, 2], {0, 1}, True),
        ([1, 1, 5, 9, 8], {0, 1, 2}, False),
    ],
)
def test_what_a_sum_would_give_away_is_hidden_with_it(column, hidden, sum_too):
    assert hidden_of(column) == (frozenset(hidden), sum_too)


def a_report(*leads, total=True):
    def line(key, n):
        return Line(
            key, key, (Figure("leads", "Leads", n, None, 1_000), Figure("worth", "Worth", ()))
        )

    lines = tuple(line(str(no), n) for no, n in enumerate(leads))
    return Report("x", "X", "They brought leads.", lines, line("", sum(leads)) if total else None)


def test_leads_are_counted_for_whom_may_open_them_and_hidden_from_others(house):  # noqa: F811
    vera = replace(house.mira, role=Role.VENDOR_MARKETER)
    report = a_report(3, 9, 7)
    for who in (house.mira, house.finn, house.alice):
        assert told_to(who, report) == report
    told = told_to(vera, report)
    assert [line.figure("leads").value for line in told.lines] == [FEW_WORDS, 9, FEW_WORDS]
    assert told.total.figure("leads").value == 19
    assert told.sentence == FEW_SENTENCE
    assert [line.figure("leads").rate_bps for line in told.lines] == [None, 1_000, None]
    assert told_to(vera, a_report(3, 0)).total.figure("leads").value == FEW_WORDS
    assert told_to(vera, a_report(6, 9)) == a_report(6, 9)
