"""The time stamp of a case file: asked for once, the same file ever after, checked by others offline."""

import json
import shutil
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from tcma.adapters.egress import Egress
from tcma.adapters.time_authority import HttpAuthority
from tcma.cli.main import main
from tcma.mdf import queries
from tcma.mdf.case_files import export as case_export
from tcma.sealed.seal import packed
from tcma.sealed.stamps import ROOTS, STAMP
from tcma.sealed.verify import check
from tests.time_authority import SEEN, Authority, listening

from .test_case_export import parts


@pytest.fixture
def saved(house, authority):
    """Saves the case file of a plan, with the authority listening."""
    with listening(authority) as url:
        asks = HttpAuthority(Egress((urlsplit(url).netloc,)), url, authority.pem)

        def save(ref, *, by=house.mira, asking=asks):
            with house.db(by) as work:
                plan = queries.request_by_ref(work.session, by, ref)
                return case_export.export(work, plan, asking).content

        save.url = url
        yield save


def test_a_case_file_carries_the_authoritys_time_and_asks_once(house, saved, authority):
    plan = house.proven(house.approved(900))
    first = saved(plan)
    found = check(first, roots=authority.pem)
    assert (found.valid, found.stamped_at, found.authority, found.own_authority) == (
        True,
        SEEN.isoformat(),
        "CN=Time of Test",
        False,
    )
    assert f"Time-stamped {SEEN.isoformat()} by CN=Time of Test, named by you." in found.reason
    house.db.clock.move(timedelta(hours=5))
    assert saved(plan, by=house.alice) == first
    assert len(authority.asked) == 1
    house.claimed(plan, ("PS-1", 500))
    assert check(saved(plan), roots=authority.pem).valid
    assert len(authority.asked) == 2


def test_without_an_authority_the_file_says_whose_time_it_is_and_is_stamped_later(
    house, saved, authority
):
    plan = house.proven(house.approved(900))
    bare = saved(plan, asking=None)
    found = check(bare)
    assert (found.valid, found.stamped_at, found.authority) == (True, None, None)
    assert "The time is as the installation states it" in found.reason
    assert "as this installation states it" in parts(bare)["README.txt"].decode()
    refused = check(bare, roots=authority.pem)
    assert (refused.valid, refused.file) == (False, STAMP)

    authority.answer = lambda _asked, _said: None
    house.db.clock.move(timedelta(hours=1))
    assert saved(plan) == bare
    authority.answer = None
    house.db.clock.move(timedelta(days=1))
    later = saved(plan)
    assert {**parts(bare), STAMP: parts(later)[STAMP], ROOTS: authority.pem} == parts(later)
    assert check(later).signed_at == found.signed_at
    assert saved(plan, asking=None) == later


def test_a_stamp_that_was_exchanged_or_taken_out_is_found(house, saved, authority):
    case = saved(house.proven(house.approved(900)))
    other = saved(house.proven(house.approved(700)))
    swapped = check(packed(list({**parts(case), STAMP: parts(other)[STAMP]}.items())))
    assert (swapped.valid, swapped.file) == (False, STAMP)
    alone = check(packed([(k, v) for k, v in parts(case).items() if k != ROOTS]))
    assert (alone.valid, alone.file) == (False, ROOTS)
    forger = Authority(authority.name, at=SEEN - timedelta(days=20))
    with listening(forger) as url:
        asks = HttpAuthority(Egress((urlsplit(url).netloc,)), url, forger.pem)
        forged = asks.stamp(parts(case)["signature.json"])
    held = {**parts(case), STAMP: forged.token, ROOTS: forged.roots}
    backdated = packed(list(held.items()))
    assert check(backdated).own_authority
    found = check(backdated, roots=authority.pem)
    assert (found.valid, found.file) == (False, STAMP)


def test_the_commands_check_and_stamp_a_file_without_a_database(
    house, saved, authority, tmp_path, monkeypatch, capsys
):
    file, roots = tmp_path / "case.zip", tmp_path / "roots.pem"
    roots.write_bytes(authority.pem)
    file.write_bytes(saved(house.proven(house.approved(900)), asking=None))
    before = shutil.copy(file, tmp_path / "before.zip")
    named = [str(file), "--authority", str(roots), "--json"]
    assert main(["case", "verify", *named]) == 1
    assert json.loads(capsys.readouterr().out)["file"] == STAMP
    monkeypatch.setenv("TCMA_DATA", str(tmp_path))
    assert main(["case", "stamp", str(file)]) == 2
    assert "No time authority is named." in capsys.readouterr().err

    monkeypatch.setenv("TCMA_TSA_URL", saved.url)
    monkeypatch.setenv("TCMA_TSA_ROOTS", str(roots))
    monkeypatch.setenv("TCMA_INSIDE_HOSTS", urlsplit(saved.url).netloc)
    assert main(["case", "stamp", str(file)]) == 0
    assert "Time-stamped" in capsys.readouterr().out
    assert main(["case", "verify", *named]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["stamped_at"], told["own_authority"]) == (SEEN.isoformat(), False)

    authority.at = SEEN + timedelta(days=300)
    try:
        assert main(["case", "stamp", str(file)]) == 0
    finally:
        authority.at = SEEN
    assert check(file.read_bytes()).stamped_at == (SEEN + timedelta(days=300)).isoformat()
    assert (
        parts(file.read_bytes())["signature.json"] == parts(before.read_bytes())["signature.json"]
    )
