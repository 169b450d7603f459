"""Which launch carries out a plan, named when it is planned or after it ran."""

from datetime import timedelta

import pytest
from sqlalchemy import delete

from tcma.errors import Conflict
from tcma.jobs import Job
from tcma.launches.queries import launch_id_of
from tcma.mdf import queries
from tcma.mdf.case_files.reading import BY_PARTNER
from tcma.mdf.models.funding import ActivityLaunch
from tcma.mdf.requests import carrying_out
from tcma.mdf.requests import views as request_views
from tcma.mdf.rules import ActivityKind, ProofKind, ProofState
from tests.domain.mdf.test_proofs import collected, launched  # noqa: F401 - the fixture
from tests.faults.posting import posting


def test_a_launch_that_ran_is_named_afterwards_on_its_days_and_for_one_activity(
    house,
    launched,  # noqa: F811 - the fixture
    tmp_path,
    smtp_sink,
):
    first, launch_id = launched
    with posting(house.db, tmp_path, smtp_sink.url) as ring:
        ring(Job.LAUNCH_START)
        ring()
        ring(Job.LAUNCH_SETTLE)
    today = house.db.clock.now().date()
    kind = {"kind": ActivityKind.MULTI_TOUCH}
    later = house.approved(300, starts=today + timedelta(days=40), **kind)
    with house.db(house.alice) as work:
        rows = {
            ref: queries.request_by_ref(work.session, house.alice, ref) for ref in (first, later)
        }
        parts = {ref: queries.activities_of(work.session, row.id)[0] for ref, row in rows.items()}
        assert carrying_out.fitting(work.session, parts[first]) == []
        with pytest.raises(Conflict, match="another activity already"):
            carrying_out.tie(work, rows[later], launch_id)
        work.session.execute(delete(ActivityLaunch))  # as if it had been planned without
        assert carrying_out.fitting(work.session, parts[later]) == []
        with pytest.raises(Conflict, match="days of the activity"):
            carrying_out.tie(work, rows[later], launch_id)
        [found] = carrying_out.fitting(work.session, parts[first])
        assert launch_id_of(work.session, house.alice, found.ref) == launch_id
        carrying_out.tie(work, rows[first], launch_id)
        carrying_out.tie(work, rows[first], launch_id)
    assert ProofKind.LEADS in collected(house, launch_id)
    with house.db(house.alice) as work:
        detail = request_views.request_detail(work.session, house.alice, later, now=work.now)
        assert {item.state for item in detail.case_file} >= {ProofState.TO_COME}
    house.db.clock.move(timedelta(days=90))
    with house.db(house.alice) as work:
        detail = request_views.request_detail(work.session, house.alice, later, now=work.now)
    assert {(item.state, item.by) for item in detail.case_file} == {
        (ProofState.MISSING, BY_PARTNER)
    }
