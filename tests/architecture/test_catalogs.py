"""The catalogs of translators: in step with the sources, each translation with its message's placeholders and tags."""

import re
from datetime import date

import pytest

from tcma.mdf.words import spoken, spoken_day
from tcma.money import Money
from tcma.web import catalogs
from tcma.words import Words, in_language, inside, joined, listed, say, say_n, translations
from tests.architecture.sources import ROOT

TEMPLATES = ROOT / "tcma/web/templates"
UNTOLD = ("desk", "studio", "gallery.html", "public/help", "public/mail_")
"""English for now: the vendor's side, the help texts, and the catcher of `make run`."""
NOT_TEXT = re.compile(
    r"\{#.*?#\}|\{%-? trans\b.*?\{% endtrans %\}|\{%.*?%\}|\{\{.*?\}\}|<!doctype[^>]*>"
    r"|<(script|style|code|kbd|pre)\b.*?</\1>|&\w+;|\bPDF\b|aria-[a-z]+=",
    re.DOTALL,
)
IN_TAG = re.compile(r'"[^"]*"')
SAID = re.compile(r"""\b(?:aria-label|title|placeholder|alt)="([^"]*[A-Za-z]{2}[^"]*)\"""")
STEP = "run `python -m tcma.web.catalogs`"


@pytest.fixture(scope="module")
def sources():
    return catalogs.template()


@pytest.mark.parametrize("language", catalogs.TRANSLATED)
def test_it_is_in_step_with_the_sources(language, sources):
    assert catalogs.out_of_step(language, sources) == [], STEP


@pytest.mark.parametrize("language", catalogs.TRANSLATED)
def test_a_shipped_language_lacks_nothing_and_keeps_placeholders_and_tags(language):
    assert list(map(str, catalogs.faults(language))) == []


def unmarked(source):
    """Texts of a template that carry no mark."""
    rest = NOT_TEXT.sub(" ", source)
    texts = SAID.findall(rest) + re.split(r"<[^<>]*>", rest)
    return [
        " ".join(text.split()) for text in texts if re.search(r"[A-Za-z]{2}", IN_TAG.sub("", text))
    ]


def test_templates_of_partners_carry_no_unmarked_text():
    pages = {path.relative_to(TEMPLATES).as_posix(): path for path in TEMPLATES.rglob("*.html")}
    found = {
        name: texts
        for name, path in pages.items()
        if not name.startswith(UNTOLD) and (texts := unmarked(path.read_text()))
    }
    assert found == {}


@pytest.mark.parametrize(
    "source",
    ["<p>Saved</p>", '<a title="Go back" href="#">{{ _("Back") }}</a>', "<p>{{ n }} left</p>"],
)
def test_an_unmarked_text_is_found(source):
    assert unmarked(source)


def test_the_variable_of_marks_is_nobodys():
    found = [
        path.name
        for path in (ROOT / "tcma/web/templates").rglob("*.html")
        if "set _ =" in path.read_text()
    ]
    assert found == [], "write {% do rows.append(…) %}"


def test_marks_are_found_in_python_and_in_templates():
    python = """from tcma.words import say, say_n
say("Hello {name}", name=say("you"))
say_n("{n} mail", "{n} mails", 3)
say_as("state", "Open")
"""
    page = "{{ _('Save') }}{{ _n('{n} row', '{n} rows', 2) }}{% trans n %}{{ n }} <b>left</b>{% endtrans %}"
    assert [found[1:] for found in catalogs.in_python(python, "a.py")] == [
        ("Hello {name}", ""),
        ("you", ""),
        (("{n} mail", "{n} mails"), ""),
        ("Open", "state"),
    ]
    assert [found[1] for found in catalogs.in_template(page, "a.html")] == [
        "Save",
        ("{n} row", "{n} rows"),
        "%(n)s <b>left</b>",
    ]


def test_a_text_that_is_no_literal_cannot_be_marked():
    with pytest.raises(ValueError, match="literals"):
        list(catalogs.in_python('from tcma.words import say\nsay(f"{x} left")', "a.py"))


def test_a_changed_message_keeps_its_translation_as_fuzzy():
    old = catalogs.Catalog(locale="de")
    old.add("Write your name.", "Bitte den Namen nennen.")
    old.add("Gone for good.", "Weg.")
    sources = catalogs.Catalog()
    sources.add("Write your whole name.")
    new = catalogs.updated(old, sources, "de")
    kept = new.get("Write your whole name.")
    assert (kept.string, kept.fuzzy, new.get("Gone for good.")) == (
        "Bitte den Namen nennen.",
        True,
        None,
    )


@pytest.mark.parametrize(
    ("message", "translation", "right"),
    [
        ("Only {n:,} of {all}", "Nur {n:,} von {all}", True),
        ("Only {n:,} of {all}", "Nur {n} von {alle}", False),
        ("%(name)s is <b>late</b>", "%(name)s ist zu spät", False),
        (("{n} mail", "{n} mails"), ("{n} Mail", "{n} Mails"), True),
        (("{n} mail", "{n} mails"), ("{n} Mail", ""), False),
    ],
)
def test_a_lost_placeholder_tag_or_form_is_named(message, translation, right):
    catalog = catalogs.Catalog(locale="de")
    catalog.add(message, translation)
    entry = next(each for each in catalog if each.id)
    forms = (translation,) if isinstance(translation, str) else translation
    assert (list(catalogs.wrong(entry, forms, 2)) == []) is right


def test_words_are_english_until_they_are_told():
    text = joined(
        say("Only {n:,} of {what}", n=1240, what=say("mails")), say_n("{n} day", "{n} days", 2)
    )
    assert text == "Only 1,240 of mails 2 days"
    assert isinstance(text, Words)
    assert in_language(text, "en") == text
    assert in_language(text, "en-XA") == "⟦Only 1,240 of ⟦mails⟧⟧ ⟦2 days⟧"
    assert in_language(listed(["a", "b", say("c")]), "en-XA") == "a, b and ⟦c⟧"
    assert translations("nb") is None


def test_sums_and_days_inside_a_sentence_are_written_as_its_language_writes_them():
    text = say(
        "{sum} by {day}", sum=spoken(Money(123_450, "EUR")), day=spoken_day(date(2026, 12, 8))
    )
    assert text == "€1,234.50 by Tue 8 Dec 2026"
    told = in_language(text, "en-XA")
    assert told == "⟦€1,234.50 by Tue 8 Dec 2026⟧"
    german = [in_language(text.values[name], "de") for name in ("sum", "day")]
    assert [each.replace("\xa0", " ") for each in german] == ["1.234,50 €", "Di., 8. Dez. 2026"]


def test_a_sentence_that_ends_with_an_abbreviation_has_one_full_stop():
    assert in_language(say("Approved on {day}.", day="30. Nov."), "de") == "Bewilligt am 30. Nov."
    assert in_language(say("Approved on {day}.", day="../x..y…"), "de") == "Bewilligt am ../x..y…."


def test_parts_stand_together_with_the_signs_of_each_language():
    parts = [say("Plan"), say("Claim")]
    assert joined(*parts, by="; ") == "Plan; Claim"
    assert in_language(joined(*parts, by=", "), "ja") == "計画、請求"
    assert in_language(joined(*parts, by="; "), "fr") == "Plan\u202f; Remboursement"
    both = joined(say("Add a line first."), say("Add the invoice."))
    assert " " not in in_language(both, "ja")


def test_a_label_inside_a_sentence_keeps_its_acronym():
    assert inside(say("SMS")) == "sms"
    assert in_language(inside(say("Social posts")), "ja") == "SNS投稿"
    assert in_language(inside(say("Claim")), "fr") == "remboursement"
