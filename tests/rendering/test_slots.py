"""What a partner may change, and what is refused."""

import pytest

from tcma.rendering import slots as rules
from tcma.rendering.colour import contrast, label_on

from .campaigns import SHIPPED, shipped

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
