"""The order of `make test`: every file once, the long first, those that wait one beside others that work."""

import pytest

from tests.architecture.sources import ROOT, name_of
from tests.order import LANES, TABLE, WAITING, as_table, in_order, measured, seconds

FILES = sorted(name_of(path) for path in (ROOT / "tests").rglob("test_*.py"))


def test_every_file_is_run_once():
    assert sorted(in_order(FILES, seconds())) == FILES


def test_the_table_names_files_that_are_there():
    assert sorted(set(seconds()) - set(FILES)) == []


def test_the_longest_begin_first():
    working = [each for each in in_order(FILES, seconds()) if not each.startswith(WAITING)]
    takes = [seconds().get(each, 0) for each in working]
    assert takes == sorted(takes, reverse=True)
    assert takes[0] > 30


def test_one_that_waits_runs_beside_others_that_work():
    waits = [f"tests/faults/test_{n}.py" for n in range(3)]
    works = [f"tests/web/test_{n}.py" for n in range(9)]
    found = in_order([*waits, *works], dict.fromkeys([*waits, *works], 10))
    rounds = [found[at : at + LANES] for at in range(0, len(found), LANES)]
    assert [sum(each in waits for each in one) for one in rounds] == [1, 1, 1, 0]
    assert in_order(waits, {}) == waits, "alone they wait side by side"


def test_what_pytest_tells_becomes_the_table():
    told = (
        "12.34s call     tests/web/test_a.py::test_one[a-b]\n"
        " 5.00s setup    tests/web/test_a.py::test_one[a-b]\n"
        "4.00s teardown tests/web/test_b.py::test_two\n7030 passed in 700.00s\n"
    )
    assert measured(told) == {"tests/web/test_a.py": 17}
    assert as_table({"b": 1, "a": 17}).splitlines()[1:] == ['"a" = 17', '"b" = 1']


@pytest.mark.parametrize("waiting", WAITING)
def test_what_is_said_to_wait_is_there(waiting):
    assert any(each.startswith(waiting) for each in FILES)
    assert TABLE.exists()
