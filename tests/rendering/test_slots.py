"""What a partner may change, and what is refused."""

import pytest

from tcma.library.copies import problems_of
from tcma.rendering import slots as rules
from tcma.rendering.colour import contrast, label_on
from tcma.rendering.kits import Picture, Pictures
from tcma.rendering.lint import lint
from tcma.rendering.scene import scene
from tcma.rendering.source import load_files
from tcma.words import in_language

from .campaigns import PAGE, PARTNER, SHIPPED, VENDOR, changed, shipped

LONG = "A sentence that a partner keeps on writing because nobody stopped it. " * 12


def codes(values, *, slug: str = "cloud-migration", language: str = "en") -> dict[str, str]:
    source = shipped(slug)
    return {p.slot: p.code for p in rules.check(source.slots, values, language=language)}


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"opening": "Short and **bold**, dear [[company|company]]."}, None),
        ({"opening": LONG}, "slot.too_long"),
        ({"opening": ""}, "slot.missing"),
        ({"opening": "Hi [[frist_name|x]]"}, "slot.token"),
        ({"opening": 7}, "slot.type"),
        ({"price_note": "one\ntwo"}, "slot.line"),
        ({"reply_days": 3}, None),
        ({"reply_days": 4}, "slot.range"),
        ({"reply_days": "3"}, "slot.type"),
        ({"reply_days": True}, "slot.type"),
        ({"cta_label": "Draw my Move Map"}, None),
        ({"cta_label": "Buy now"}, "slot.choice"),
        ({"accent": "#123B7A"}, None),
        ({"accent": "#808080"}, "slot.contrast"),
        ({"accent": "red"}, "slot.type"),
        ({"meeting_url": "https://meet.fenwright.example/maren"}, None),
        ({"meeting_url": "http://meet.example"}, "slot.url"),
        ({"meeting_url": "javascript:alert(1)"}, "slot.url"),
        ({"meeting_url": "https://user@meet.example"}, "slot.url"),
        ({"meeting_url": "https://[[company|x]].example"}, "slot.url"),
        ({"page_choice": ["a", "b"]}, "slot.range"),
        ({"page_choice": ["a", "b", ""]}, "slot.type"),
        ({"faq_extra": [["Question?", "Answer."]]}, None),
        ({"faq_extra": [["Question?"]]}, "slot.type"),
        ({"headline": "Mine"}, "slot.unknown"),
    ],
)
def test_a_value_is_judged_by_its_slot(values, code):
    assert codes(values).get(next(iter(values))) == code


def test_a_locked_slot_keeps_the_vendors_value():
    assert codes({"hold_months": 24}, slug="renewal-upsell") == {"hold_months": "slot.locked"}
    assert codes({"hold_months": 12}, slug="renewal-upsell") == {}
    used = rules.effective(shipped("renewal-upsell").slots, {"hold_months": 24}, language="en")
    assert used["hold_months"] == 12


def test_a_length_is_what_the_type_takes_not_what_the_letters_count():
    narrow, wide = "i" * 100, "W" * 100
    source = shipped()
    found = rules.check(source.slots, {"sender_person": narrow}, language="en")
    assert [p for p in found if p.slot == "sender_person"] == []
    found = rules.check(source.slots, {"sender_person": wide}, language="en")
    assert found[0].code == "slot.too_long"
    assert "needs 6 lines" in found[0].message or "lines on a phone" in found[0].message


def test_every_default_fits_in_every_language():
    for slug in SHIPPED:
        source = shipped(slug)
        own = {slot.key for slot in source.slots if slot.change_required}
        for language in source.languages:
            given = {slot.key: slot.default(language) for slot in source.slots if slot.key in own}
            assert rules.check(source.slots, given, language=language) == []
            assert {p.slot for p in rules.check(source.slots, {}, language=language)} == own


def test_what_a_partner_must_say_itself_is_asked_for():
    asked = rules.check(shipped("briefing-series").slots, {}, language="en")
    assert {p.code for p in asked} == {"slot.unchanged"}
    assert {p.slot for p in asked} == {"event_date", "speaker"}


def test_rich_text_keeps_bold_and_links_only():
    dirty = '<b>b</b><img src=x onerror=y><a href="javascript:z" onclick=q>l</a><script>s</script>'
    assert rules.clean_rich(dirty) == "<b>b</b><a>l</a>"


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#FFFFFF", "#10282D", 15.40), ("#FFFFFF", "#AD3614", 6.34), ("#10282D", "#F2613F", 4.81)],
)
def test_contrast_is_that_of_the_brand_table(one, other, ratio):
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)


def test_a_label_is_chosen_for_contrast():
    assert label_on("#AD3614") == "#FFFFFF"
    assert label_on("#F2613F") == "#10282D"
    assert label_on("#808080") is None


KINDS = """
[slots.held_on]
type = "date"
label = "Date"
flags = ["editable"]

[slots.venue]
type = "address"
label = "Place"
flags = ["editable"]

[slots.hero_art]
type = "image"
label = "Picture"
flags = ["editable"]
from = ["hero", "wide"]

[slots.note]
type = "text"
label = "Note"
flags = ["editable"]
locked = ["style"]
fits = "mail.note"
default = "Short"
looks.style = ["plain", "boxed"]
looks.size = ["normal", "large"]

[slots.note.in.de]
lines = 1

[slots.motto]
type = "text"
label = "Motto"
flags = ["editable"]
locked = ["content"]
default = "Ours"
"""
TWO_LINES = "A note on the price that takes two lines on the screen of a phone."


def with_kinds():
    return load_files(changed("campaign.toml", "[[mails]]", KINDS + "\n[[mails]]"))


@pytest.mark.parametrize(
    ("key", "value", "language", "code"),
    [
        ("held_on", "2027-03-31", "en", None),
        ("held_on", "31.03.2027", "en", "slot.date"),
        ("held_on", "20270331", "en", "slot.date"),
        ("held_on", "2027-02-30", "en", "slot.date"),
        ("venue", "Unit 4, Osier Wharf\nNether Fenwick", "en", None),
        ("venue", "Osier Wharf\n\nFenwick", "en", "slot.address"),
        ("venue", "<b>Wharf</b>", "en", "slot.address"),
        ("venue", "[[company|x]] Wharf", "en", "slot.address"),
        ("venue", "\n".join("abcdefg"), "en", "slot.range"),
        ("hero_art", "wide", "en", None),
        ("hero_art", "strip", "en", "slot.image"),
        ("hero_art", "https://elsewhere.example/a.jpg", "en", "slot.image"),
        ("note", TWO_LINES, "en", None),
        ("note", TWO_LINES, "de", "slot.too_long"),
        ("note__size", "large", "en", None),
        ("note__size", "huge", "en", "slot.choice"),
        ("note__style", "boxed", "en", "slot.locked"),
        ("note__position", "first", "en", "slot.unknown"),
        ("motto", "Mine", "en", "slot.locked"),
    ],
)
def test_a_value_is_judged_by_its_type_its_language_and_its_locks(key, value, language, code):
    found = rules.check(with_kinds().slots, {key: value}, language=language)
    assert {p.slot: p.code for p in found}.get(key) == code


def test_a_locked_property_keeps_the_vendors_value_whatever_is_stored():
    kept = {"note__style": "boxed", "note__size": "large", "motto": "Mine"}
    used = rules.effective(with_kinds().slots, kept, language="en")
    assert (used["note__style"], used["note__size"], used["motto"]) == ("plain", "large", "Ours")


def test_dates_addresses_and_looks_reach_the_page_in_its_language():
    source = with_kinds()
    values = {"held_on": "2027-03-31", "venue": "Wharf & Co\nFenwick", "note__size": "large"}
    shown = scene(
        source, partner=PARTNER, vendor=VENDOR, language="de", slots=values,
        pictures=Pictures({"hero": Picture("h", 1, 1), "wide": Picture("w", 2, 2)}), page_url=PAGE,
        basis="customer", about=("page",),
    )  # fmt: skip
    assert str(shown["slots"]["held_on"]) == "31. März 2027"
    assert str(shown["slots"]["venue"]) == "Wharf &amp; Co<br>Fenwick"
    assert shown["looks"]["note"] == {"style": "plain", "size": "large"}
    assert shown["slots"]["hero_art"]["url"] == "h"


def test_an_approved_picture_that_is_not_there_is_found():
    files = changed("campaign.toml", "[[mails]]", KINDS.replace('"wide"', '"gone"') + "\n[[mails]]")
    assert "picture" in {each.code for each in lint(files)}


def test_what_is_wrong_with_a_value_is_told_in_the_language_of_who_wrote_it():
    source = shipped("cloud-migration")
    told = problems_of(source, {"accent": "red", "reply_days": "3"}, "en")
    in_german = {slot: in_language(words, "de") for slot, words in told.items()}
    assert in_german["accent"].endswith(
        " muss eine Farbe wie #AD3614 sein. Schreiben Sie # und sechs Zeichen."
    )
    assert " muss eine ganze Zahl sein. Schreiben Sie " in in_german["reply_days"]
