"""At most so many mails in so many days for one person, whichever partners of a vendor send them."""

import time
from datetime import timedelta

import pytest
from sqlalchemy import text

from tcma.delivery import claims, frequency
from tcma.delivery.freezing import freeze
from tcma.delivery.frequency import Often
from tcma.delivery.rules import MessageState
from tcma.errors import Forbidden, Invalid
from tcma.jobs import Job
from tcma.launches.audience import of_lists
from tcma.launches.preflight import preflight, reach_of
from tests.builders import mira, vera
from tests.counted import statements
from tests.faults.posting import a_mailing, people, posting
from tests.faults.stage import Stage

MANY, MOST_S = 6_000, 20


def ruled(stage, mails, days):
    with stage.db() as work:
        manager = mira(work, stage.vendor_id)
    with stage.db(manager) as work:
        frequency.set_rule(work, Often(mails, days))


def sent(stage, tmp_path, sink, *, of=None, **facts):
    """Launch one mail to everybody of a stage; return its finish equation and reasons."""
    whose = of or stage
    ref = whose.started(mails="first", **facts)
    with posting(stage.db, tmp_path, sink.url) as ring:
        ring(Job.LAUNCH_START)
        ring()
        ring(Job.LAUNCH_SETTLE)
    done = whose.detail(ref)
    return done.equation, [each.words for each in done.reasons]


def test_a_person_who_had_enough_of_one_partner_gets_none_of_another(
    stage, tmp_path, smtp_sink, clock
):
    beside = Stage(stage.db, beside=stage, count=6)  # the same addresses, and two more
    ruled(stage, 1, 7)
    first, _ = sent(stage, tmp_path, smtp_sink)
    assert first.sent == 4
    clock.move(timedelta(days=6))
    ref = beside.planned(key="look")
    with stage.db(beside.alice) as work:
        verdict = preflight(work, ref)
    assert (verdict.reach.sendable, verdict.reach.held) == (2, {"had enough mail lately": 4})
    second, reasons = sent(stage, tmp_path, smtp_sink, of=beside)
    assert (second.sent, second.skipped) == (2, 4)
    assert reasons == ["had enough mail lately"]
    clock.move(timedelta(days=2))
    third, _ = sent(stage, tmp_path, smtp_sink, key="third")
    assert third.sent == 4


def test_without_a_rule_and_for_other_vendors_nobody_is_held_back(stage, tmp_path, smtp_sink):
    sent(stage, tmp_path, smtp_sink)
    again, _ = sent(stage, tmp_path, smtp_sink, key="again")
    assert again.sent == 4
    elsewhere = Stage(stage.db)
    ruled(elsewhere, 1, 30)
    other, _ = sent(stage, tmp_path, smtp_sink, of=elsewhere)
    assert other.sent == 4


def test_a_mail_in_doubt_counts_for_the_days_of_the_rule_and_no_longer(
    stage, tmp_path, smtp_sink, clock
):
    ruled(stage, 1, 7)
    sent(stage, tmp_path, smtp_sink)
    with stage.db() as work:
        work.session.execute(text("set local session_replication_role = replica"))
        work.session.execute(
            text("update message set state = :doubt where state = :sent"),
            {"doubt": int(MessageState.UNCERTAIN), "sent": int(MessageState.SENT)},
        )
    clock.move(timedelta(days=6))
    with pytest.raises(Invalid, match="4 had enough mail lately"):
        sent(stage, tmp_path, smtp_sink, key="soon")
    clock.move(timedelta(days=2))
    later, _ = sent(stage, tmp_path, smtp_sink, key="later")
    assert later.sent == 4


def test_what_left_between_freeze_and_intent_counts(stage):
    """Two launches are frozen before either sends: the second finds at the intent that it is late."""
    ruled(stage, 1, 7)
    ids, rows = [], []
    with stage.db() as work:
        lease = claims.register_worker(work, host="here", pid=1, journal="j") << 32
        for number in (1, 2):
            mailing = a_mailing(work, 1, start=False)
            work.session.execute(
                text("update mailing set vendor_id = :v, partner_id = :p where id = :m"),
                {"v": stage.vendor_id, "p": stage.partner_id, "m": mailing},
            )
            work.session.execute(text("delete from message where mailing_id = :m"), {"m": mailing})
            freeze(
                work, mailing, of_lists([stage.list_id], vendor_id=stage.vendor_id, now=work.now)
            )
            work.session.execute(
                text("update mailing set state = 'running' where id = :m"), {"m": mailing}
            )
            ids.append((mailing, lease | number))
    for mailing, held in ids:
        with stage.db() as work:
            rows = claims.claim(work, mailing, lease=held, most=10)
            assert len(rows) == 4
        with stage.db() as work:
            left = claims.intend(work, [row.id for row in rows], lease=held)
        assert len(left) == (4 if mailing == ids[0][0] else 0)
    with stage.db() as work:
        reasons = text("select distinct state, reason from message where mailing_id = :m")
        assert work.session.execute(reasons, {"m": ids[1][0]}).all() == [(5, 6)]


@pytest.mark.parametrize(("has_rule", "count"), [(False, 1), (True, 3)])
def test_who_has_no_rule_pays_nothing_for_it_at_the_intent(stage, has_rule, count):
    with stage.db() as work:
        lease = claims.register_worker(work, host="here", pid=1, journal="j") << 32
        mailing = a_mailing(work, 4)
        work.session.execute(
            text("update mailing set vendor_id = :v where id = :m"),
            {"v": stage.vendor_id, "m": mailing},
        )
    if has_rule:
        ruled(stage, 1, 7)
    with stage.db() as work:
        ids = [row.id for row in claims.claim(work, mailing, lease=lease, most=10)]
    with stage.db() as work, statements(stage.db.engine) as said:
        assert claims.intend(work, ids, lease=lease) == ids
    assert len(said) == count, said


def test_many_people_are_judged_by_one_set_whatever_is_known_of_the_tables(db):
    """A vendor with a rule and much mail lately freezes a new list as fast as one without."""
    with db() as work:
        mailing_id = a_mailing(work, 1, start=False)
        vendor_id, partner_id = work.session.execute(
            text("select vendor_id, partner_id from mailing where id = :m"), {"m": mailing_id}
        ).one()
        early = people(work, partner_id, MANY, domain="crowd.example")
        manager = mira(work, vendor_id)
        work.session.execute(text("analyze contact, contact_list, list_member, message"))
    with db(manager) as work:
        frequency.set_rule(work, Often(1, 7))
    audience = of_lists([early], vendor_id=vendor_id, now=db.clock.now())
    with db() as work:
        assert freeze(work, mailing_id, audience) == MANY
        work.session.execute(text("set local session_replication_role = replica"))  # no triggers
        work.session.execute(
            text(
                "update message set state = 3, sent_at = :at where mailing_id = :m and id % 3 = 0"
            ),
            {"at": work.now, "m": mailing_id},
        )
        late = a_mailing(work, 1, start=False)
        work.session.execute(
            text("update mailing set vendor_id = :v, partner_id = :p where id = :m"),
            {"v": vendor_id, "p": partner_id, "m": late},
        )
        full = work.session.scalar(
            text("select count(*) from message where mailing_id = :m and state = 3 and"
                 " contact_id in (select contact_id from list_member where list_id = :l)"),
            {"m": mailing_id, "l": early},
        )  # fmt: skip
    begun = time.monotonic()
    with db() as work:
        reach = reach_of(
            work.session, audience, vendor_id=vendor_id, partner_id=partner_id, now=work.now
        )
        assert (reach.people, sum(reach.held.values())) == (MANY, full)
    with db() as work:
        assert freeze(work, late, audience) == MANY
    assert time.monotonic() - begun < MOST_S


def test_only_a_manager_states_the_rule_and_can_take_it_away(stage):
    with stage.db() as work:
        manager, author = mira(work, stage.vendor_id), vera(work, stage.vendor_id)
    with stage.db(author) as work, pytest.raises(Forbidden):
        frequency.set_rule(work, Often(1, 1))
    with stage.db(manager) as work:
        with pytest.raises(Invalid, match="both numbers"):
            frequency.set_rule(work, Often(0, 7))
        frequency.set_rule(work, Often(2, 7))
        assert frequency.rule_of(work.session, stage.vendor_id) == Often(2, 7)
        frequency.set_rule(work, None)
        assert frequency.rule_of(work.session, stage.vendor_id) is None
