"""A playbook beside a campaign's mails: what is read, what is refused with its place, what is shown."""

import pytest

from tcma.rendering.findings import TemplateRefused
from tcma.rendering.playbook import Doer, StepKind, as_html
from tcma.rendering.source import load_files

from .campaigns import SHIPPED, changed, shipped, shipped_files

SCRIPTED = "[playbook.call-first]\n"


def test_steps_come_in_order_with_their_words_in_every_language():
    book = shipped().playbook
    assert [(step.day, step.kind) for step in book][:3] == [(-5, "do"), (-3, "do"), (0, "launch")]
    call = book[4]
    assert (call.key, call.who, call.kind) == ("call-first", Doer.SALES, StepKind.CALL)
    assert call.title["de"] == "Die ersten zehn anrufen, die geklickt haben"
    assert set(call.script) == {"en", "de", "fr", "ar"}
    assert [(part.kind, part.name) for part in call.assets] == [
        ("print", "datasheet"),
        ("page", ""),
    ]


def test_a_campaign_needs_none():
    files = shipped_files()
    del files["playbook.toml"]
    assert load_files(files).playbook == ()


def test_half_of_the_shipped_campaigns_have_one_that_ends_with_the_claim():
    books = [book for slug in SHIPPED if (book := shipped(slug).playbook)]
    assert len(books) >= 4
    for book in books:
        kinds = [step.kind for step in book]
        assert kinds.count(StepKind.LAUNCH) == 1
        assert kinds[-1] is StepKind.CLAIM
        assert {step.who for step in book} == set(Doer)
        assert sum(step.kind is StepKind.CALL for step in book) >= 2


@pytest.mark.parametrize(
    ("path", "old", "new", "line", "said", "remedy"),
    [
        ("playbook.toml", "mail:invite", "mail:invit", 10, "no mail “invit”", "“invite”"),
        ("playbook.toml", "image:banner_1200x628", "image:b", 33, "no image “b”", "use one of"),
        ("playbook.toml", '"page"]', '"side"]', 41, "“side” is no asset", "begin with image"),
        ("playbook.toml", 'kind = "call"', 'kind = "cal"', 39, "cannot be “cal”", "“call”"),
        ("playbook.toml", 'who = "sales"', 'who = "seller"', 15, "cannot be “seller”", "sales"),
        ("playbook.toml", "day = -3", "day = -8", 14, "behind day -5", "in the order"),
        ("playbook.toml", "day = -5", "day = -99", 6, "too far", "-60 to 180"),
        ("playbook.toml", "day = 0", "day = 1", 21, "is on day 0", "write day = 0"),
        ("playbook.toml", 'who = "sales"', 'who = "sales"\ntiers = ["golden"]', 17,
         "“golden” is no tier", "“gold”"),
        ("playbook.toml", 'key = "claim"', 'key = "launch"', 66, "Two steps", "anew"),
        ("playbook.toml", 'key = "claim"', 'key = "clam"', 0, "no words for the step “clam”",
         "[playbook.clam]"),
        ("words/fr.toml", SCRIPTED, "[playbook.call-last-week]\n", 0, "no words for the step",
         "[playbook.call-first]"),
        ("words/de.toml", "da?** {seller}, {partner}. Zwei", "da?** {seler}, {partner}. Zwei",
         0, "“{seler}” in “script” of “call-first” is no name", "“seller”"),
        ("words/en.toml", 'title = "Ring the first ten who clicked"', 'title = ""', 0,
         "“title” is empty", "write its text"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place(path, old, new, line, said, remedy):
    with pytest.raises(TemplateRefused) as refused:
        load_files(changed(path, old, new))
    finding = refused.value.findings[0]
    assert said in finding.message
    assert remedy in finding.remedy
    assert finding.file == (path if line else finding.file)
    if line:
        assert abs(finding.line - line) <= 2, finding.line


def test_a_call_without_a_script_is_refused():
    text = shipped_files()["words/en.toml"].decode()
    start = text.index("script", text.index(SCRIPTED))
    end = text.index('"""\n', text.index('"""', start) + 3) + 4
    files = shipped_files() | {"words/en.toml": (text[:start] + text[end:]).encode()}
    with pytest.raises(TemplateRefused, match="“script” is missing"):
        load_files(files)


def test_a_script_is_markdown_and_names_are_only_text():
    html = as_html(
        "Hello {customer} of {company}\n\n- **one**\n\n<script>x</script> [a](javascript:x)",
        {"customer": "<b>*Ann*</b>"},
    )
    assert "Hello &lt;b&gt;*Ann*&lt;/b&gt; of …" in html
    assert "<li><strong>one</strong></li>" in html
    assert "<script>" not in html
    assert "<a" not in html
