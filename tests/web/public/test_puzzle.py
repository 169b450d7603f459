"""The puzzle of a form: nothing for a person, time for a machine, and nobody is dropped without it."""

import hashlib
import itertools

import pytest

from tcma.web import puzzle
from tcma.web.guards import limiter
from tests.web.public.test_landing import READING, browser, clock, filled, leads_of, path

__all__ = ["browser", "clock", "path"]


@pytest.fixture
def counted():
    """Forms are counted, as they are outside of tests."""
    limiter.enabled = True
    puzzle._came.storage.reset()
    yield
    puzzle._came.storage.reset()
    limiter.enabled = False


def solved(field):
    return next(f"{field}.{n}" for n in itertools.count() if is_zero(f"{field}.{n}"))


def is_zero(answer):
    bits, text = answer.split(".", 1)
    digest = hashlib.sha256(text.encode()).digest()
    return int.from_bytes(digest[:4], "big") >> (32 - int(bits)) == 0


def held(sent, address):
    query = "SELECT reason FROM held_submission WHERE payload->>'address' = :address"
    return sent.count(query, address=address)


@pytest.mark.parametrize(
    ("forms", "bits"), [(0, 12), (9, 12), (10, 13), (20, 14), (39, 14), (40, 15), (5_000, 20)]
)
def test_it_gets_harder_with_each_doubling_up_to_a_limit(forms, bits):
    assert puzzle.bits_for(forms) == bits


def test_only_a_number_for_this_stamp_and_this_many_zeros_solves_it():
    field = puzzle.unsolved("stamp", 12)
    right = solved(field)
    assert puzzle.is_solved("stamp", 12, right)
    assert not puzzle.is_solved("other", 12, right)
    assert not puzzle.is_solved("stamp", 20, right)
    for wrong in ("", field, f"{field}.", f"{field}.x", f"{field}.-1", f"{right}.1", "12.5"):
        assert not puzzle.is_solved("stamp", 12, wrong)


def test_while_it_is_calm_a_form_without_script_is_a_lead_unless_it_holds_a_link(
    sent, browser, path, clock
):
    plain = filled(browser.get(path), email="calm@puzzle.example")
    with_link = filled(browser.get(path), email="link@puzzle.example")
    clock.move(READING)
    assert browser.post(path, data=plain).status_code == 200
    assert leads_of(sent, "calm@puzzle.example") == 1
    assert browser.post(path, data=with_link | {"company": "www.x.example"}).status_code == 200
    assert leads_of(sent, "link@puzzle.example") == 0


def test_while_many_come_a_form_without_a_number_is_held_and_one_with_it_is_a_lead(
    sent, browser, path, clock, counted
):
    for number in range(10):
        one = filled(browser.get(path), email=f"crowd{number}@puzzle.example")
        clock.move(READING)
        browser.post(path, data=one)
    machine = filled(browser.get(path), email="machine@puzzle.example")
    person = filled(browser.get(path), email="person@puzzle.example")
    assert person["proof"].startswith("13.")
    clock.move(READING)
    assert browser.post(path, data=machine).status_code == 200
    assert browser.post(path, data=person | {"proof": solved(person["proof"])}).status_code == 200
    assert leads_of(sent, "machine@puzzle.example") == 0
    assert held(sent, "machine@puzzle.example").startswith("it came without the small puzzle")
    assert leads_of(sent, "person@puzzle.example") == 1
