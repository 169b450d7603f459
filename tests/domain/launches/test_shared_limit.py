"""The host's limit: so many mails for one person from all vendors together, and nobody learns whose they were."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tcma.cli.main import main
from tcma.delivery import claims, shared_limit
from tcma.delivery.counting import Often
from tcma.delivery.freezing import freeze
from tcma.delivery.rules import REASON_WORDS, MailingKind, MessageState, Reason
from tcma.errors import Forbidden, Invalid, NotFound
from tcma.launches.audience import of_lists
from tcma.launches.preflight import preflight, reach_of
from tests.builders import mira
from tests.counted import statements
from tests.domain.launches.test_frequency import sent
from tests.faults.posting import a_mailing
from tests.faults.stage import Stage

WORDS = REASON_WORDS[Reason.SHARED_CAP]


def limited(stage, mails=1, days=7, *, everybody=False):
    with stage.db() as work:
        shared_limit.set_limit(work, Often(mails, days) if mails else None, everybody=everybody)


def takes(stage, *, part=True):
    with stage.db() as work:
        manager = mira(work, stage.vendor_id)
    with stage.db(manager) as work:
        shared_limit.take_part(work, takes=part)


def test_off_it_holds_nobody_back(stage, tmp_path, smtp_sink):
    sent(stage, tmp_path, smtp_sink)
    other, reasons = sent(stage, tmp_path, smtp_sink, of=Stage(stage.db))
    assert (other.sent, reasons) == (4, [])


def test_who_reached_it_by_one_vendor_is_held_at_another_and_told_no_name(
    stage, tmp_path, smtp_sink, clock
):
    limited(stage, everybody=True)
    sent(stage, tmp_path, smtp_sink)
    elsewhere = Stage(stage.db, count=6)  # the same addresses, and two more
    ref = elsewhere.planned(key="look")
    with stage.db(elsewhere.alice) as work:
        verdict = preflight(work, ref)
    assert (verdict.reach.sendable, verdict.reach.held) == (2, {WORDS: 4})
    other, reasons = sent(stage, tmp_path, smtp_sink, of=elsewhere)
    assert (other.sent, other.skipped, reasons) == (2, 4, [WORDS])
    clock.move(timedelta(days=8))
    later, _ = sent(stage, tmp_path, smtp_sink, of=elsewhere, key="later")
    assert later.sent == 6


def test_a_vendor_that_takes_no_part_neither_counts_nor_waits(stage, tmp_path, smtp_sink):
    limited(stage)
    quiet, one, two = Stage(stage.db), Stage(stage.db), Stage(stage.db)
    takes(one)
    takes(two)
    for of, expected in ((quiet, 4), (one, 4), (two, 0), (quiet, 4)):
        if expected:
            equation, _ = sent(
                stage, tmp_path, smtp_sink, of=of, key=f"{of.vendor_id}{expected}{id(of)}"
            )
            assert equation.sent == expected
        else:
            with pytest.raises(Invalid, match="reached the platform’s limit"):
                sent(stage, tmp_path, smtp_sink, of=of)
        if of is quiet:
            quiet = Stage(stage.db, beside=quiet)
    takes(two, part=False)
    equation, _ = sent(stage, tmp_path, smtp_sink, of=two, key="out")
    assert equation.sent == 4


def test_only_the_house_sets_it_and_only_a_vendor_takes_part(stage):
    with stage.db(stage.alice) as work, pytest.raises(Forbidden):
        shared_limit.set_limit(work, Often(1, 7))
    with stage.db(stage.alice) as work, pytest.raises(NotFound):
        shared_limit.take_part(work, takes=True)
    with stage.db() as work, pytest.raises(Invalid):
        shared_limit.set_limit(work, Often(0, 7))
    limited(stage, 2, 30)
    limited(stage, 3, 14, everybody=True)
    with stage.db() as work:
        assert shared_limit.limit_for(work.session, stage.vendor_id) == Often(3, 14)
    limited(stage, 0)
    with stage.db() as work:
        assert shared_limit.limit_for(work.session, stage.vendor_id) is None


def test_whose_data_are_erased_is_counted_no_more(stage, tmp_path, smtp_sink):
    limited(stage, everybody=True)
    sent(stage, tmp_path, smtp_sink)
    with stage.db() as work:
        digests = list(work.session.scalars(text("SELECT address_hash FROM contact")))
        pairs = {(stage.vendor_id, bytes(each)) for each in digests}
        assert len(pairs) == 4
        assert shared_limit.room(work.session, pairs, now=work.now) == dict.fromkeys(pairs, 0)
        work.session.execute(text("DELETE FROM contact"))
        assert shared_limit.room(work.session, pairs, now=work.now) == dict.fromkeys(pairs, 1)


def frozen_at_both(stage):
    """A launch of each of two vendors to the same four people, with the lease it is sent under."""
    elsewhere = Stage(stage.db)
    with stage.db() as work:
        lease = claims.register_worker(work, host="here", pid=1, journal="j") << 32
        held = []
        for number, of in ((1, stage), (2, elsewhere)):
            mailing = a_mailing(work, 1, start=False)
            values = {"v": of.vendor_id, "p": of.partner_id, "m": mailing}
            work.session.execute(
                text("update mailing set vendor_id = :v, partner_id = :p where id = :m"), values
            )
            work.session.execute(text("delete from message where mailing_id = :m"), values)
            freeze(work, mailing, of_lists([of.list_id], vendor_id=of.vendor_id, now=work.now))
            work.session.execute(text("update mailing set state = 'running' where id = :m"), values)
            held.append((mailing, lease | number))
    return held


def intended(stage, mailing, number):
    """How many of a mailing are about to leave, and the statements of asking it."""
    with stage.db() as work:
        ids = [row.id for row in claims.claim(work, mailing, lease=number, most=10)]
    with stage.db() as work, statements(stage.db.engine) as said:
        return len(claims.intend(work, ids, lease=number)), len(said)


def reasons_of(stage, mailing):
    with stage.db() as work:
        rows = text("select distinct state, reason from message where mailing_id = :m")
        return work.session.execute(rows, {"m": mailing}).all()


def test_the_intent_asks_again_across_vendors(stage):
    first, second = frozen_at_both(stage)
    limited(stage, everybody=True)
    assert intended(stage, *first)[0] == 4
    assert intended(stage, *second)[0] == 0
    assert reasons_of(stage, second[0]) == [(MessageState.SKIPPED, Reason.SHARED_CAP)]


def test_a_journeys_mail_that_waits_to_leave_counts_at_the_intent_of_another_vendor(stage):
    journey, launch = frozen_at_both(stage)
    limited(stage, everybody=True)
    with stage.db() as work:
        of = {"m": journey[0], "kind": int(MailingKind.NURTURE)}
        work.session.execute(text("update mailing set kind = :kind where id = :m"), of)
    assert intended(stage, *launch)[0] == 0
    assert reasons_of(stage, launch[0]) == [(MessageState.SKIPPED, Reason.SHARED_CAP)]


@pytest.mark.parametrize(("is_set", "count"), [(False, 1), (True, 3)])
def test_the_intent_costs_one_statement_when_it_is_off(stage, is_set, count):
    mailing, _ = frozen_at_both(stage)
    if is_set:
        limited(stage, everybody=True)
    assert intended(stage, *mailing) == (4, count)


@pytest.mark.parametrize("is_set", [False, True])
def test_the_set_of_who_reached_it_is_kept_in_memory_as_one_looks_ahead(stage, is_set):
    if is_set:
        limited(stage, everybody=True)
    with stage.db() as work:
        of = {"vendor_id": stage.vendor_id, "now": work.now}
        audience = of_lists([stage.list_id], **of)
        with statements(stage.db.engine) as said:
            reach = reach_of(work.session, audience, partner_id=stage.partner_id, **of)
    assert reach.sendable == 4
    assert any("hash_mem_multiplier" in each for each in said) is is_set


SCANS = text(
    "select coalesce(sum(coalesce(seq_scan, 0) + coalesce(idx_scan, 0)), 0) from pg_stat_user_tables"
    " where relname in ('shared_limit', 'shared_limit_vendor')"
)


def scans(db):
    """How often the tables of the limit were looked at, once the statistics of this session are out."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as told:
        return told.scalar(SCANS)


def looks(stage, count):
    """How often the tables of the limit are looked at for so many mails that are about to leave."""
    with stage.db() as work:
        lease = claims.register_worker(work, host="here", pid=count, journal="j") << 32
        mailing = a_mailing(work, count)
        values = {"v": stage.vendor_id, "m": mailing}
        work.session.execute(text("update mailing set vendor_id = :v where id = :m"), values)
    with stage.db() as work:
        ids = [row.id for row in claims.claim(work, mailing, lease=lease, most=count)]
        work.session.execute(text("select pg_stat_force_next_flush()"))
    before = scans(stage.db)
    with stage.db() as work:
        assert len(claims.intend(work, ids, lease=lease)) == count
        work.session.execute(text("select pg_stat_force_next_flush()"))
    return scans(stage.db) - before


def test_off_it_is_asked_once_a_statement_and_not_once_a_row(stage):
    assert looks(stage, 500) == looks(stage, 1) == 2  # whom to hold, and what is held against them


def test_the_house_says_it_by_command(db, monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("TCMA_DATABASE_URL", db.url)
    monkeypatch.setenv("TCMA_DATA", str(tmp_path))
    assert main(["limit"]) == 0
    assert "No limit" in capsys.readouterr().out
    assert main(["limit", "6/30", "--everybody"]) == 0
    assert "6 mails in 30 days for one person, of every vendor." in capsys.readouterr().out
    assert main(["limit", "soon"]) != 0
    capsys.readouterr()
    assert main(["limit", "off", "--json"]) == 0
    assert '"mails": null' in capsys.readouterr().out
