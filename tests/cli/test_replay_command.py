"""`tcma mdf replay REF` decides again by the kept case and rules, and names what somebody changed."""

import json

import pytest
from sqlalchemy import text

from tests.domain.mdf.conftest import house  # noqa: F401 - the fixture


@pytest.fixture
def replay(house, here):  # noqa: F811 - the fixture
    def of(ref, *how):
        return here("mdf", "replay", ref, *how, TCMA_DATABASE_URL=house.db.url)

    return of


def edited(house, change):  # noqa: F811 - the value of the fixture
    with house.db.engine.begin() as connection:
        connection.execute(text("set local session_replication_role = replica"))
        assert connection.execute(text(change)).rowcount


def test_what_was_decided_comes_out_the_same(house, replay):  # noqa: F811 - the fixture
    ref = house.claimed(house.proven(house.approved()), ("1", 500))
    house.decided(ref)
    code, out, _ = replay(ref, "--json")
    said = json.loads(out)
    assert (code, said["ref"], said["same"]) == (0, ref, True)
    assert [(each["event"], each["amount"], each["differs"]) for each in said["decisions"]] == [
        ("filed", "500.00", []),
        ("approved", "500.00", []),
    ]
    code, out, _ = replay(ref)
    assert (code, out.count("the same again")) == (0, 2)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ("update judgement set answer = jsonb_set(answer, '{amount}', '\"9.00\"')", "amount"),
        ("update judgement set case_text = replace(case_text, '800.00', '700.00')", "amount"),
        ("update judgement set case_text = 'x'", ""),
    ],
)
def test_what_somebody_changed_is_named(house, replay, change, where):  # noqa: F811
    ref = house.sent()
    edited(house, change)
    code, out, _ = replay(ref, "--json")
    said = json.loads(out)
    assert (code, said["same"], said["decisions"][0]["same"]) == (1, False, False)
    assert where in [each["at"] for each in said["decisions"][0]["differs"]]


def test_a_reference_of_which_nothing_was_decided_says_so(house, replay):  # noqa: F811
    code, _, complaint = replay(house.drafted())
    assert code == 1
    assert "Nothing was decided of" in complaint
