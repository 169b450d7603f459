"""What an author is told, and where."""

import pytest

from tcma.rendering.findings import Severity
from tcma.rendering.lint import lint, masked

from .campaigns import changed, shipped_files

LETTER = "words/en.toml"


@pytest.mark.parametrize(
    ("path", "old", "new", "code", "line"),
    [
        ("invite.mjml", "{{ parts.rows(c.rows) }}", "<mj-txt>x</mj-txt>", "unknown_tag", 7),
        ("invite.mjml", "{{ parts.rows(c.rows) }}", "<mj-section><mj-text>x</mj-text></mj-section>", "wrong_nesting", 7),
        ("invite.mjml", "{{ parts.rows(c.rows) }}", "<mj-section><mj-column>", "mjml", 7),
        ("invite.mjml", "{{ parts.rows(c.rows) }}", "[[frist_name|x]]", "token.unknown", 7),
        ("invite.mjml", "{{ parts.rows(c.rows) }}", "[[first_name]]", "token.no_fallback", 7),
        ("_shared/hero.mjml", ' alt="{{ c.hero_alt }}"', "", "missing_alt", 17),
        (LETTER, 'subject = "Which of', 'subject = "[[company|Hi]] which of', "subject_token", 0),
        (LETTER, "Hello", "Hello", "", 0),
        ("_shared/footer.mjml", "[[unsubscribe_url]]", "https://x.example", "no_unsubscribe", 0),
        ("_shared/footer.mjml", "{{ partner.address }}", "", "no_address", 0),
        ("_shared/form.html", 'name="consent"', 'name="agree"', "no_form", 0),
        ("nurture.toml", "list-in-ten-minutes.sheet", "list-in-ten-minutes.shet", "unknown_link", 0),
        ("banner_1200x628.toml", 'art = "wide"', 'art = "wild"', "missing_file", 0),
        ("campaign.toml", '"banner_728x90", ', "", "", 0),
        (LETTER, 'price_note = "At no charge."', 'price_note = "' + "Very long. " * 40 + '"', "slot.too_long", 0),
        ("sample.toml", 'address = "', 'adress = "', "kit.incomplete", 0),
    ],
)  # fmt: skip
def test_each_mistake_has_its_finding(path, old, new, code, line):
    files = shipped_files() if old == new else changed(path, old, new)
    errors = [f for f in lint(files) if f.severity is Severity.ERROR]
    if not code:
        assert errors == []
        return
    assert code in {f.code for f in errors}
    first = next(f for f in errors if f.code == code)
    assert first.remedy
    if line:
        assert (first.file, first.line) == (path, line)


def test_a_finding_points_at_the_column_and_the_nearest_tag():
    files = changed("invite.mjml", "{{ parts.rows(c.rows) }}", "  <mj-secton></mj-secton>")
    first = lint(files)[0]
    assert (first.line, first.column) == (7, 3)
    assert str(first).endswith("did you mean “mj-section”?")


def test_a_mail_that_would_be_cut_is_an_error():
    files = changed("invite.mjml", "{{ parts.rows(c.rows) }}", "{% for a in c.rows %}{% for b in c.rows %}{{ parts.rows(c.rows) }}{% endfor %}{% endfor %}")  # fmt: skip
    assert any(f.code == "too_heavy" for f in lint(files))


def test_samples_are_warned_of_and_do_not_stop():
    found = lint(shipped_files())
    assert {f.code for f in found} == {"sample_claim"}
    assert {f.severity for f in found} == {Severity.WARNING}


def test_template_code_is_blanked_without_moving_a_line():
    source = "a {% if x %}\n{{ y }}<mj-text>{# c\nd #}"
    blank = masked(source)
    assert len(blank) == len(source)
    assert blank.count("\n") == source.count("\n")
    assert "{" not in blank
    assert blank.index("<mj-text>") == source.index("<mj-text>")
