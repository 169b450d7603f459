"""Numbers of mails in reports are those of the rows they open, however many launches there are,
whoever is forgotten, whatever comes late (ENGINE T8).
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from tcma import retention
from tcma.delivery import reaction_sums
from tcma.delivery.reactions import note, prove_sent
from tcma.forgetting import forget
from tcma.launches.queries import launches
from tcma.reporting.gather import MOST_LAUNCHES, launch_facts
from tcma.reporting.launch_report import campaigns_report, launch_report, launches_report
from tcma.reporting.partner_report import partners_report
from tcma.reporting.rows import rows_behind
from tests.domain.mdf.conftest import house  # noqa: F401 - a fixture
from tests.domain.reporting.test_mdf_report import run  # noqa: F401 - a fixture

LAUNCHED = "(select mailing_id from launch_mail)"
MAILS = ("sent", "delivered", "opened", "clicked")


def numbers(house, ref):  # noqa: F811 - the value of the fixture
    """Sent to clicked, wherever they stand; each pair of them agrees, and with the people it opens."""
    with house.db(house.alice) as work:
        session, who = work.session, house.alice
        one = launch_report(session, who, ref)
        tables = (
            campaigns_report(session, who).total,
            partners_report(session, who).total,
            launches_report(session, who).lines[0],
            one.by_mail[0],
            one.funnel,
        )
        told = [{key: line.figure(key).value for key in MAILS} for line in tables]
        opened = {
            key: len(rows_behind(session, who, "people", {"launch": ref, "state": key}).rows)
            for key in MAILS
        }
        (line,) = launches(session, who).rows
        listed = {"sent": line.equation.sent, "opened": line.reactions["human_opened"]}
    assert told == [opened] * len(told)
    assert listed == {key: opened[key] for key in listed}
    return opened


def test_forgetting_and_letting_go_take_people_and_leave_every_number(house, run):  # noqa: F811
    before = numbers(house, run)
    assert before == {"sent": 6, "delivered": 5, "opened": 1, "clicked": 1}
    with house.db(house.alice) as work:
        for number in work.session.scalars(text("select id from contact")).all():
            forget(work, number)
    assert numbers(house, run) == before
    house.db.clock.move(timedelta(days=1_200))
    with house.db() as work:
        retention.let_go(work)
        assert work.session.scalar(text("select count(*) from message where address <> ''")) == 0
    assert numbers(house, run) == before
    with house.db() as work:
        assert reaction_sums.audit(work) == 0


def test_what_comes_back_after_the_end_is_in_every_number_at_once(house, run):  # noqa: F811
    with house.db() as work:
        row = work.session.execute(
            text(
                "select m.id, m.mailing_id from message m left join message_reaction r"
                " on r.message_id = m.id where r.human_opened_at is null and r.bounced_at is null"
                f" and m.mailing_id in {LAUNCHED} limit 1"
            )
        ).one()
        work.session.execute(
            text("update mailing set sent_n = sent_n - 1, uncertain_n = uncertain_n + 1"
                 " where id = :m"), {"m": row.mailing_id},
        )  # fmt: skip
        work.session.execute(text("set local session_replication_role = replica"))
        work.session.execute(text("update message set state = 6 where id = :id"), {"id": row.id})
        work.session.execute(text("set local session_replication_role = origin"))
    assert numbers(house, run)["sent"] == 5
    with house.db() as work:
        assert prove_sent(work, row.id)
        note(work, row.id, row.mailing_id, "opened", "human_opened")
    assert numbers(house, run) == {"sent": 6, "delivered": 5, "opened": 2, "clicked": 1}
    with house.db() as work:
        reaction_sums.roll(work)
    assert numbers(house, run) == {"sent": 6, "delivered": 5, "opened": 2, "clicked": 1}


MORE = """
insert into launch select (jsonb_populate_record(l, jsonb_build_object('id', gen_random_uuid(),
  'ref', 'L-' || n, 'idempotency_key', 'k-' || n))).* from launch l, generate_series(1, :more) n
"""


def test_a_sum_over_more_launches_than_a_page_lists_holds_all_of_them(house, run):  # noqa: F811
    with house.db() as work:
        work.session.execute(text(MORE), {"more": MOST_LAUNCHES})
    with house.db(house.mira) as work:
        partners = partners_report(work.session, house.mira)
        each = launches_report(work.session, house.mira)
        oldest = launch_facts(work.session, house.mira, ref=run)
    assert partners.total.figure("launches").value == MOST_LAUNCHES + 1
    assert partners.total.figure("sent").value == 6
    assert len(each.lines) == MOST_LAUNCHES
    assert "Only the newest 2,000 are listed." in each.sentence
    assert [facts.counts.sent for facts in oldest] == [6]


def test_days_of_a_launch_are_the_vendors_days(house, run):  # noqa: F811
    """Half past eight in the evening of 31 March in UTC is half past five on 1 April in Tokyo."""
    at = datetime(2026, 3, 31, 20, 30, tzinfo=UTC)
    with house.db() as work:
        work.session.execute(text("delete from message_reaction"))
        work.session.execute(text("update vendor set zone = 'Asia/Tokyo'"))
        work.session.execute(
            text(
                "insert into message_reaction (message_id, mailing_id, human_opened_at)"
                f" select id, mailing_id, :at from message where mailing_id in {LAUNCHED} limit 2"
            ),
            {"at": at},
        )
        work.session.execute(text("update lead set created_at = :at"), {"at": at})
    with house.db(house.alice) as work:
        (found,) = launch_report(work.session, house.alice, run).by_day
    assert (str(found.on), found.opened, found.leads) == ("2026-04-01", 2, 2)
