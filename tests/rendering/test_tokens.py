"""Recipient tokens: found, checked, escaped where they land, never run."""

import pytest

from tcma.errors import Invalid
from tcma.rendering import tokens
from tcma.rendering.tokens import Context


@pytest.mark.parametrize(
    ("value", "context", "shown"),
    [
        ("Zoë", Context.HTML, "Zoë"),
        ("<script>", Context.HTML, "&lt;script&gt;"),
        ("Tom & Ann", Context.HTML, "Tom &amp; Ann"),
        ('" onload="x', Context.ATTRIBUTE, "&quot; onload=&quot;x"),
        ("it's", Context.ATTRIBUTE, "it&#x27;s"),
        ("a\r\nBcc: b", Context.PLAIN, "a Bcc: b"),
        ("<b>", Context.PLAIN, "<b>"),
        ("{{7*7}}", Context.HTML, "{{7*7}}"),
    ],
)
def test_a_value_is_escaped_for_its_place(value, context, shown):
    assert tokens.escape(value, context, rtl=False) == shown


@pytest.mark.parametrize(
    ("value", "rtl", "wrapped"),
    [("ليلى", False, True), ("Zoë", False, False), ("Astrid", True, True), ("ليلى", True, False)],
)
def test_a_value_that_runs_against_the_text_is_isolated(value, rtl, wrapped):
    shown = tokens.escape(value, Context.HTML, rtl=rtl)
    assert shown == (f"\u2068{value}\u2069" if wrapped else value)


def test_an_unknown_token_is_refused_with_the_nearest_name():
    with pytest.raises(Invalid) as refused:
        tokens.check("Hello [[frist_name|there]]", where="the subject")
    assert refused.value.code == "token.unknown"
    assert refused.value.remedy == "did you mean “first_name”?"


def test_a_token_that_may_be_empty_needs_a_fallback():
    with pytest.raises(Invalid) as refused:
        tokens.check("Hello [[first_name]]", where="the subject")
    assert refused.value.code == "token.no_fallback"
    assert tokens.check("Hello [[first_name|]]", where="x") == {"first_name"}
    assert tokens.check("[[unsubscribe_url]]", where="x") == {"unsubscribe_url"}


def test_a_slot_knows_whether_it_stands_in_a_tag():
    parts = tokens.pieces('<a href="[[view_url]]">[[first_name|x]]</a>', Context.HTML)
    slots = [part for part in parts if not isinstance(part, str)]
    assert [slot.context for slot in slots] == [Context.ATTRIBUTE, Context.HTML]


def test_what_people_typed_never_becomes_a_token():
    text = tokens.inert("[[unsubscribe_url]]")
    assert list(tokens.found(text)) == []
    assert tokens.pieces(text, Context.PLAIN) == ["[[unsubscribe_url]]"]


def test_a_value_that_looks_like_a_token_is_not_filled_again():
    filled = tokens.fill_text("Hi [[first_name|x]]", {"first_name": "[[last_name|y]]"})
    assert filled == "Hi [[last_name|y]]"


def test_a_subject_falls_back_when_the_value_is_empty():
    assert tokens.fill_text("For [[company|your company]]", {"company": ""}) == "For your company"


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({"first_name": "Tom"}, "Guten Tag Tom,"),
        ({"first_name": ""}, "Guten Tag,"),
        ({}, "Guten Tag,"),
        ({"first_name": "Tom", "greeting": "Sehr geehrter Herr Ash"}, "Sehr geehrter Herr Ash,"),
        ({"first_name": "<b>"}, "Guten Tag &lt;b&gt;,"),
    ],
)
def test_a_greeting_carries_the_first_name_where_it_is_known(values, shown):
    assert tokens.fill_html("[[greeting|Guten Tag]],", values) == shown
