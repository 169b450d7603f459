"""Each fault of the table has a test whose name carries it: `test_s6_…` injects S6.

`python -m tests.faults.test_index` prints where each is.
"""

import ast
import re

import pytest

from tests.services import ROOT

FAULTS = {"s": 30, "n": 9, "t": 9, "r": 5, "m": 10, "x": 5}
"""Sending, nurture, tracking, routing, funds, security: how many faults each has, numbered from 1."""
ALL = [f"{letter}{n}" for letter, most in FAULTS.items() for n in range(1, most + 1)]
NAMED = re.compile(r"test((?:_(?:[sntrmx])\d{1,2})+)_[a-z]")


def index():
    """Where each fault is injected: tests by its name, `tests/faults/test_kills.py:57`."""
    found = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.parse(path.read_text()).body:
            named = isinstance(node, ast.FunctionDef) and NAMED.match(node.name)
            for fault in named[1].strip("_").split("_") if named else ():
                place = f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
                found.setdefault(fault, []).append(place)
    return found


@pytest.fixture(scope="module")
def found():
    return index()


@pytest.mark.parametrize("fault", ALL)
def test_it_is_injected_somewhere(found, fault):
    assert found.get(fault), f"no test is called test_{fault}_…"


def test_no_name_carries_a_fault_that_is_in_no_table(found):
    assert {name: places for name, places in found.items() if name not in ALL} == {}


if __name__ == "__main__":
    for fault, places in sorted(index().items(), key=lambda each: ALL.index(each[0])):
        print(fault.upper(), *places, sep="\n  ")
