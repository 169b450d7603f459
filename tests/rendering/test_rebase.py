"""What becomes of a partner's words when the vendor publishes a new version, slot by slot."""

import pytest

from tcma.rendering.rebase import MINE, THEIRS, Merge, rebased, settled
from tcma.rendering.source import load_files

from .campaigns import shipped, shipped_files

OLD = shipped()
NOTE = 'price_note = "At no charge."'


def newer(*changes):
    files = shipped_files()
    for path, old, new in changes:
        text = files[path].decode()
        assert old in text, old
        files[path] = text.replace(old, new, 1).encode()
    return load_files(files)


SAME = newer(("words/en.toml", "Which of your servers", "Which of our servers"))
NEW_NOTE = newer(("words/en.toml", NOTE, 'price_note = "Free of charge."'))
SHORTER = newer(("campaign.toml", "max = 3", "max = 2"))


def locked_note():
    files = shipped_files()
    text = files["_shared/slots.toml"].decode()
    head, tail = text.split("[slots.price_note]", 1)
    tail = tail.replace('locked = ["style", "position"]', 'locked = ["content"]', 1)
    files["_shared/slots.toml"] = f"{head}[slots.price_note]{tail}".encode()
    return load_files(files)


def without_note():
    files = shipped_files()
    text = files["_shared/slots.toml"].decode()
    files["_shared/slots.toml"] = text.replace("[slots.price_note]", "[slots.other_note]").encode()
    return load_files(files)


@pytest.mark.parametrize(
    ("new", "values", "key", "merge", "stays"),
    [
        (SAME, {"price_note": "Mine."}, "price_note", Merge.KEPT, True),
        (SAME, {}, "price_note", None, False),
        (NEW_NOTE, {}, "price_note", Merge.UPDATED, False),
        (NEW_NOTE, {"price_note": "Mine."}, "price_note", Merge.BOTH, True),
        (NEW_NOTE, {"price_note": "Free of charge."}, "price_note", None, False),
        (SHORTER, {"reply_days": 3}, "reply_days", Merge.UNFIT, False),
        (SHORTER, {"reply_days": 2}, "reply_days", Merge.KEPT, True),
        (locked_note(), {"price_note": "Mine."}, "price_note", Merge.LOCKED, False),
        (without_note(), {"price_note": "Mine."}, "price_note", Merge.GONE, False),
    ],
)
def test_each_slot_is_merged_three_ways(new, values, key, merge, stays):
    found = rebased(OLD, new, values, language="en")
    one = next((each for each in found if each.key == key), None)
    assert (one.merge if one else None) == merge
    assert (key in settled(found, {})) is stays


def test_where_both_changed_the_partner_chooses():
    found = rebased(OLD, NEW_NOTE, {"price_note": "Mine.", "reply_days": 2}, language="en")
    (both,) = [each for each in found if each.merge is Merge.BOTH]
    assert (both.before, both.theirs, both.mine) == ("At no charge.", "Free of charge.", "Mine.")
    assert settled(found, {"price_note": MINE}) == {"price_note": "Mine.", "reply_days": 2}
    assert settled(found, {"price_note": THEIRS}) == {"reply_days": 2}


def test_what_does_not_fit_is_said_and_never_kept_by_choosing_it():
    (one,) = rebased(OLD, SHORTER, {"reply_days": 3}, language="en")
    assert "1 to 2" in one.problem
    assert settled((one,), {"reply_days": MINE}) == {}


def test_a_version_in_the_same_words_asks_nothing():
    assert rebased(OLD, OLD, {}, language="en") == ()
