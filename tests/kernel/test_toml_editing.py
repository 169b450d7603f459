"""A document is changed table by table; what is not meant to change stays letter by letter."""

import tomllib
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcma.errors import Invalid
from tcma.toml_editing import moved, put, removed, span, tables, written

TEXT = """\
# Who gets a lead.

[sticky]
source = "never"   # nobody's page counts

# Large ones first.
[[rule]]
name = "Large"
if = { score = 60 }   # points
# Only the best.
need = { tier = [
  "gold",        # or better
  "platinum",
] }

[[rule]]
name = "Rest"

[rule.need]
territory = true   # where it works

[partner.short-name]
most_open = 12

[[test]]
name = "t"
"""


def test_only_the_keys_that_change_are_written_and_the_comment_behind_stays():
    had = tables(TEXT)["rule"][0]
    text = put(TEXT, ("rule",), 0, had | {"if": {"score": 70}, "accept": True}, many=True)
    assert "if = { score = 70 }   # points\n" in text
    changed = text.replace("if = { score = 70 }", "if = { score = 60 }")
    assert changed.replace("accept = true\n", "") == TEXT
    assert text.index("accept = true") < text.index('[[rule]]\nname = "Rest"')


def test_a_table_below_stays_while_it_says_the_same_and_is_written_inline_when_not():
    had = tables(TEXT)["rule"][1]
    kept = put(TEXT, ("rule",), 1, had | {"accept": True}, many=True)
    assert "[rule.need]\nterritory = true   # where it works" in kept
    new = put(TEXT, ("rule",), 1, had | {"need": {"tier": ["gold"]}}, many=True)
    assert 'need = { tier = ["gold"] }' in new
    assert "[rule.need]" not in new


def test_what_is_new_stands_behind_its_like_and_before_the_tests():
    text = put(TEXT, ("rule",), None, {"name": "New"}, many=True)
    assert [rule["name"] for rule in tables(text)["rule"]] == ["Large", "Rest", "New"]
    text = put(text, ("idle",), None, {"warn_days": 5, "take_back_days": 8}, many=False)
    assert text.index("[idle]") < text.index("[[test]]")
    text = put(text, ("partner", "other"), None, {"most_open": 3}, many=False)
    assert tables(text)["partner"] == {"short-name": {"most_open": 12}, "other": {"most_open": 3}}
    assert 'source = "never"   # nobody\'s page counts' in text


def test_a_rule_moves_with_its_comments():
    text = moved(TEXT, ("rule",), 1, 0)
    assert [rule["name"] for rule in tables(text)["rule"]] == ["Rest", "Large"]
    assert '# Large ones first.\n[[rule]]\nname = "Large"' in text
    assert moved(text, ("rule",), 0, 1) == TEXT
    with pytest.raises(Invalid, match="nothing it could change places with"):
        moved(TEXT, ("rule",), 1, 2)


def test_a_rule_is_taken_out_and_an_empty_table_goes():
    text = removed(TEXT, ("rule",), 0)
    assert "Large" not in text
    assert "partner" not in tables(put(TEXT, ("partner", "short-name"), None, {}, many=False))
    with pytest.raises(Invalid, match="gone"):
        removed(TEXT, ("rule",), 7)


@pytest.mark.parametrize(
    ("text", "path", "many"),
    [
        ("rule = [{ name = 'a' }]\n", ("rule",), True),
        ("[partner]\nosier = { most_open = 1 }\n", ("partner", "osier"), False),
        ("partner.osier.most_open = 1\n", ("partner", "osier"), False),
    ],
)
def test_what_no_form_can_change_is_refused_and_not_mangled(text, path, many):
    with pytest.raises(Invalid, match="Change it in the text"):
        put(text, path, 0, {"name": "b"}, many=many)


@pytest.mark.parametrize(
    "value", ['"""\n[see mail]\n"""', '"""\n[a.b]\n"""', "'''\n[[rule]]\n'''", "[\n  [ 1 ]\n]"]
)
def test_a_line_in_a_text_or_a_list_that_looks_like_a_header_is_none(value):
    text = f'[[rule]]\nname = "a"\nnote = {value}\n\n[rule.need]\nwhy = {value}\n\n[[rule]]\nname = "z"\n'
    one, other = tables(text)["rule"]
    new = put(text, ("rule",), 0, one | {"name": "b"}, many=True)
    assert new == text.replace('"a"', '"b"')
    less = put(text, ("rule",), 0, {"name": "a", "note": 1, "need": one["need"]}, many=True)
    assert less == text.replace(f"note = {value}", "note = 1")
    assert tables(moved(text, ("rule",), 0, 1))["rule"] == [other, one]
    assert removed(text, ("rule",), 0) == '[[rule]]\nname = "z"\n'
    assert tables(put(text, ("rule",), 1, other | {"name": "y"}, many=True))["rule"][0] == one


def test_a_text_that_is_no_toml_is_refused():
    with pytest.raises(Invalid, match="Mend the text first"):
        put("[[rule", ("rule",), None, {"name": "b"}, many=True)


def test_the_lines_of_a_table_are_known():
    first, last = span(TEXT, ("rule",), 1)
    assert TEXT.split("\n")[first - 1 : last][:2] == ["[[rule]]", 'name = "Rest"']
    assert span(TEXT, ("rule",), 9) == (0, 0)


SCALARS = st.one_of(
    st.booleans(),
    st.integers(-(10**9), 10**9),
    st.text(max_size=12),
    st.dates(date(2000, 1, 1), date(2099, 1, 1)),
    st.times().map(lambda t: t.replace(microsecond=0, fold=0)),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(VALUES)
def test_what_is_written_reads_as_it_was(value):
    assert tomllib.loads(f"k = {written(value)}")["k"] == value


ROWS = st.lists(st.dictionaries(st.sampled_from("abc"), SCALARS, max_size=3), max_size=3)


@given(ROWS, st.data())
def test_any_tables_may_be_put_moved_and_taken_out(rows, data):
    text = TEXT
    for row in rows:
        text = put(text, ("rule",), None, row, many=True)
    count = len(tables(text)["rule"])
    nth, to = (data.draw(st.integers(0, count - 1)) for _ in range(2))
    before = tables(text)["rule"]
    after = tables(moved(text, ("rule",), nth, to))["rule"]
    before.insert(to, before.pop(nth))
    assert after == before
    assert tables(text)["sticky"] == {"source": "never"}


def test_times_and_days_are_written_as_toml_has_them():
    assert written([date(2026, 12, 24), time(8, 30)]) == "[2026-12-24, 08:30:00]"
