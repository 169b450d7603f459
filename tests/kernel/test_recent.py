"""What a process keeps is bounded by number and by what it weighs."""

import threading
from dataclasses import dataclass
from hashlib import sha256

import pytest
from PIL import Image

from tcma.recent import MB, Recent, recalled, weight


@dataclass(frozen=True, slots=True)
class Logo:
    name: str
    png: bytes


def test_the_longest_unused_makes_room_when_there_are_too_many():
    kept = Recent[str](most=2, octets=MB)
    kept.keep("a", "A")
    kept.keep("b", "B")
    assert kept.get("a") == "A"
    kept.keep("c", "C")
    assert [kept.get(mark) for mark in "abc"] == ["A", None, "C"]


def test_many_large_results_weigh_no_more_than_they_may_together():
    kept = Recent[bytes](most=500, octets=MB)
    for n in range(500):
        kept.keep(n, bytes(100_000))
        assert kept.octets <= MB
    assert [n for n in range(500) if kept.get(n)] == list(range(490, 500))


def test_what_is_too_heavy_alone_is_given_back_and_drives_nothing_else_out():
    kept = Recent[bytes](most=5, octets=MB)
    kept.keep("small", b"s")
    assert len(kept.keep("large", bytes(2 * MB))) == 2 * MB
    assert (kept.get("small"), kept.get("large")) == (b"s", None)


def test_what_is_kept_anew_counts_once():
    kept = Recent[bytes](most=5, octets=MB)
    for size in (600_000, 700_000, 10):
        kept.keep("same", bytes(size))
    assert kept.octets == weight(("same", bytes(10)))


def test_the_mark_weighs_too():
    kept = Recent[int](most=5, octets=MB)
    for n in range(5):
        kept.keep(Logo(str(n), bytes(400_000)), n)
    assert kept.octets <= MB
    assert kept.get(Logo("4", bytes(400_000))) == 4
    assert kept.get(Logo("0", bytes(400_000))) is None


@pytest.mark.parametrize(
    ("thing", "least"),
    [
        (bytes(1000), 1000),
        ("ä" * 1000, 1000),
        ("字" * 1000, 2000),
        ([bytes(1000), {"k": bytes(1000)}], 2000),
        (Logo("n", bytes(1000)), 1000),
        (Image.new("RGBA", (50, 20)), 4000),
        (Image.new("RGB", (50, 20)), 4000),
        (Image.new("L", (50, 20)), 1000),
    ],
)
def test_things_weigh_what_they_hold(thing, least):
    assert least <= weight(thing) < least + 1000


def test_what_stands_in_a_thing_twice_weighs_once_and_a_ring_ends():
    one = bytes(1000)
    ring = [one, one]
    ring.append(ring)
    assert weight(ring) < 1500


def test_a_function_recalls_what_it_returned_and_makes_it_anew_when_it_was_forgotten():
    made = []

    @recalled(most=10, octets=MB)
    def page(name, *, size):
        made.append(name)
        return bytes(size)

    assert page("a", size=400_000) is page("a", size=400_000)
    page("b", size=400_000)
    page("c", size=400_000)
    page("a", size=400_000)
    assert made == ["a", "b", "c", "a"]


def test_a_call_is_known_by_less_than_it_was_given_where_a_digest_does():
    @recalled(most=10, octets=MB, by=lambda png: sha256(png).digest())
    def size(png):
        return len(png)

    assert [size(bytes([n]) * (2 * MB)) for n in (1, 1, 2)] == [2 * MB] * 3
    assert size.kept.octets < 1000
    assert size.kept.get(sha256(bytes([1]) * (2 * MB)).digest()) == 2 * MB


def test_what_is_false_is_recalled_too():
    asked = []

    @recalled(most=10, octets=MB)
    def is_even(n):
        asked.append(n)
        return n % 2 == 0

    assert [is_even(3), is_even(3), is_even(4), is_even(4)] == [False, False, True, True]
    assert asked == [3, 4]


def test_threads_that_keep_at_once_leave_the_sum_right():
    kept = Recent[bytes](most=50, octets=MB)

    def keeps(first):
        for n in range(first, first + 2_000):
            kept.keep(n % 70, bytes(n % 40_000))

    threads = [threading.Thread(target=keeps, args=[n * 1000]) for n in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert kept.octets == sum(
        weight((n, kept.get(n))) for n in range(70) if kept.get(n) is not None
    )
    kept.clear()
    assert kept.octets == 0
