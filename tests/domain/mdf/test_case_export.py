"""The signed case file of a plan: complete, checkable, the same when nothing changed, no address."""

import io
import json
import zipfile

from sqlalchemy import text

from tcma.jobs import Job
from tcma.mdf import queries
from tcma.mdf.case_files import export as case_export
from tcma.sealed.keys import signing_key
from tcma.sealed.verify import check
from tests.faults.posting import posting

from .test_proofs import collected, launched  # noqa: F401 - the fixture


def exported(house, ref, who=None):
    who = who or house.mira
    with house.db(who) as work:
        return case_export.export(work, queries.request_by_ref(work.session, who, ref)).content


def parts(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_case_holds_proof_invoices_decisions_and_money_and_is_valid(house):
    plan = house.proven(house.approved(900))
    claim = house.decided(house.claimed(plan, ("PS-1", 500)))
    case = exported(house, plan)
    with house.db() as work:
        key = signing_key(work.site.secret).public_key()
    found = check(case, key=key)
    assert (found.valid, found.own_key) == (True, False)
    held = parts(case)
    assert {"activity-1/01-fair.pdf", f"{claim}/01-PS-1.pdf", "finish.json"} <= held.keys()
    assert [entry["kind"] for entry in json.loads(held["ledger.json"])] == [
        "reserve",
        "claim",
        "release",
    ]
    (told,) = json.loads(held["claims.json"])
    assert told["invoices"][0]["entered"]["number"] == "PS-1"
    history = json.loads(held["history.json"])
    assert {"approved", "filed"} <= {event["did"] for event in history}


def test_asked_twice_or_by_the_other_side_it_is_the_same_file_until_something_happens(house):
    plan = house.proven(house.approved(900))
    first = exported(house, plan)
    house.db.clock.at = house.db.clock.at.replace(hour=15)
    assert exported(house, plan, house.alice) == first
    house.claimed(plan, ("PS-1", 500))
    later = exported(house, plan)
    assert later != first
    assert check(later).signed_at > check(first).signed_at


def test_a_draft_of_the_partner_is_not_in_it(house):
    plan = house.proven(house.approved(900))
    ref = house.claimed(plan, ("SECRET-1", 500), submit=False)
    assert ref.encode() not in b"".join(parts(exported(house, plan)).values())


def test_what_a_launch_proved_is_in_it_with_its_sum_and_nobodys_address(
    house,
    launched,  # noqa: F811
    tmp_path,
    smtp_sink,
):
    request, launch_id = launched
    with posting(house.db, tmp_path, smtp_sink.url) as ring:
        for job in (Job.LAUNCH_START, Job.MAILING_SEND, Job.LAUNCH_SETTLE):
            ring(job)
    collected(house, launch_id)
    held = parts(exported(house, request))
    (mail,) = json.loads(held["finish.json"])
    assert (mail["holds"], mail["expected"]) == (True, 3)
    assert any(name.endswith("-mail.eml") for name in held)
    everything = b"".join(held.values())
    with house.db() as work:
        addresses = work.session.scalars(text("SELECT address FROM contact")).all()
    assert len(addresses) == 3
    assert [each for each in addresses if each.encode() in everything] == []
