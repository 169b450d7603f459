"""The text part: a letter of 72 columns."""

import pytest

from tcma.rendering.plain_text import letter


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>one</p><p>two</p>", "one\n\ntwo\n"),
        ("<h1>Head</h1><p>x</p>", "Head\n====\n\nx\n"),
        ('<table><tr><td class="h2">Part</td></tr><tr><td>x</td></tr></table>', "Part\n----\n\nx\n"),
        ("<p>a<br>b</p>", "a\nb\n"),
        ('<p>See <a href="https://x.example">the page</a>.</p>', "See\nthe page:\nhttps://x.example\n.\n"),
        ('<a href="mailto:a@b.example">a@b.example</a>', "a@b.example\n"),
        ('<a href="https://x.example"><img src="l.png" alt="Logo"></a>', ""),
        ("<ul><li>one</li><li>two</li></ul>", "* one\n\n* two\n"),
        ('<table><tr><td class="n">1</td></tr></table><p>First</p>', "1. First\n"),
        ('<table><tr><td class="key">Move</td><td>what</td></tr></table>', "Move: what\n"),
        ('<p>Yours,</p><p class="tight">Maren</p>', "Yours,\nMaren\n"),
        ('<p>x</p><div class="foot"><p>Legal</p></div>', "x\n\n-- \nLegal\n"),
        ('<div style="display:none">preview</div><p>x</p>', "x\n"),
        ("<style>p{}</style><script>x</script><!-- c --><p>y</p>", "y\n"),
        ("<p>a &lt;b&gt; &amp; c</p>", "a <b> & c\n"),
        ("<p>Rechen\u00adzentrum</p>", "Rechenzentrum\n"),
    ],
)  # fmt: skip
def test_html_becomes_a_letter(html, text):
    assert letter(f"<html><body>{html}</body></html>").strip() == text.strip()


def test_lines_are_wrapped_and_addresses_are_not():
    url = "https://x.example/" + "a" * 120
    text = letter(f'<p>{"word " * 60}</p><a href="{url}">Go</a>')
    assert url in text.splitlines()
    assert all(len(line) <= 72 for line in text.splitlines() if line != url)


def test_a_token_counts_as_its_fallback_and_is_never_broken():
    token = "[[owner_name|your contact at the partner with a rather long name]]"
    text = letter(f"<p>{'x ' * 20}{token} {'y ' * 20}</p>")
    assert token in text.replace("\n", "\x00")
