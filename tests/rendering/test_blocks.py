"""A mail as blocks and back: no letter is lost, parts move, one value of a TOML file changes."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcma.rendering.blocks import added, fresh_keys, moved, removed, structure, taken_apart
from tcma.rendering.toml_edit import with_value
from tests.rendering.campaigns import SHIPPED, shipped_files

MAILS = [
    pytest.param(text.decode(), id=f"{slug}/{path}")
    for slug in SHIPPED
    for path, text in shipped_files(slug).items()
    if path.endswith(".mjml") and not path.startswith("_shared/")
]
WORDS = [
    pytest.param(text.decode(), id=f"{slug}/{path}")
    for slug in SHIPPED
    for path, text in shipped_files(slug).items()
    if path.startswith("words/")
]
MAIL = """{% extends "_shared/mail.mjml" %}
{% import "_shared/parts.mjml" as parts with context %}
{% block structure %}
{{ parts.heading(c.rows_title) }}
{% if slots.opening %}
<mj-section><mj-column><mj-text>{{ slots.opening }}</mj-text></mj-column></mj-section>
{% endif %}
{{ parts.rows(c.rows) }}
{% endblock %}
"""


def kinds(made):
    return [block.kind or "own" for block in made.blocks]


@pytest.mark.parametrize("text", MAILS)
def test_every_shipped_mail_comes_back_letter_by_letter(text):
    made = structure(text)
    assert made is not None
    if "block structure" in text:
        assert made.text() == text


@given(st.text(alphabet="ab<>/{}%# \n-\"'", max_size=80) | st.sampled_from([MAIL, MAIL[:150]]))
def test_whatever_stands_there_is_kept(inner):
    blocks, blanks = taken_apart(inner)
    assert "".join(block.lead + block.source for block in blocks) + blanks == inner


def test_a_condition_is_one_block_of_its_own():
    assert kinds(structure(MAIL)) == ["heading", "own", "rows"]


def test_a_part_moves_up_and_down_again():
    made = structure(MAIL)
    other = moved(made, 2, 0)
    assert kinds(other) == ["rows", "heading", "own"]
    assert sorted(other.text()) == sorted(MAIL)
    assert moved(other, 0, 2).text() == MAIL
    assert moved(made, 0, -1).text() == MAIL


def test_a_removed_part_takes_nothing_else_along():
    assert removed(structure(MAIL), 0).text() == MAIL.replace(
        "{{ parts.heading(c.rows_title) }}\n", ""
    )


def test_a_new_part_stands_at_the_end_with_words_of_its_own():
    made = structure(MAIL)
    keys = fresh_keys("rows", {"rows"})
    assert keys == ("rows_2",)
    assert "{{ parts.rows(c.rows_2) }}\n{% endblock %}" in added(made, "rows", keys).text()


def test_a_mail_without_parts_learns_to_have_one():
    made = added(structure('{% extends "_shared/mail.mjml" %}\n'), "heading", ("heading",))
    assert made.text() == (
        '{% extends "_shared/mail.mjml" %}\n'
        '{% import "_shared/parts.mjml" as parts with context %}\n'
        "{% block structure %}\n{{ parts.heading(c.heading) }}\n{% endblock %}\n"
    )


def test_a_mail_of_another_frame_is_left_alone():
    assert structure("<mjml><mj-body></mj-body></mjml>") is None


@pytest.mark.parametrize("text", WORDS)
def test_one_value_changes_and_the_rest_of_the_file_stays(text):
    before = tomllib.loads(text)
    key = next(iter(before["mail"]))
    after = with_value(text, f"mail.{key}", "h1", 'Say “no”, "twice" \\ and [stay]')
    expected = before | {
        "mail": before["mail"]
        | {key: before["mail"][key] | {"h1": 'Say “no”, "twice" \\ and [stay]'}}
    }
    assert tomllib.loads(after) == expected
    lines = [(a, b) for a, b in zip(text.split("\n"), after.split("\n"), strict=True) if a != b]
    assert len(lines) == 1


def test_a_list_of_several_lines_is_replaced_whole_and_taken_out_whole():
    text = '[a]\nrows = [\n  ["[b]", "x"],\n]\n# stays\n[b]\nk = "v"\n'
    assert with_value(text, "a", "rows", [["m", "n"]]).startswith(
        '[a]\nrows = [\n  ["m", "n"],\n]\n# stays'
    )
    assert with_value(text, "a", "rows", None) == '[a]\n# stays\n[b]\nk = "v"\n'
    assert with_value(text, "a", "new", "z") == text.replace("]\n# stays", ']\nnew = "z"\n# stays')
