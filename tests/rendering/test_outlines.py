"""The partner's own words in a preview carry a named frame, and nothing else of the mail changes."""

import re

import pytest

from tcma.rendering import outlines
from tcma.rendering.email import compile_mail
from tcma.rendering.landing import render_landing

from .campaigns import PAGE, PARTNER, VENDOR, shipped

OPENING = 'Hello [[first_name|there]], we look after <b>140</b> firms.<br>Call "us".'
GIVEN = {"partner": PARTNER, "vendor": VENDOR, "language": "en", "page_url": PAGE}
FRAME = re.compile(r"<span data-slot[^>]*>|</span>")


def both(**slots):
    source = shipped()
    plain = compile_mail(source, "invite", slots=slots, **GIVEN)
    framed = compile_mail(source, "invite", slots=slots, outline=True, **GIVEN)
    named = {slot.key: slot for slot in source.slots}
    return plain, framed, outlines.drawn(framed.html, named)


def test_own_texts_are_framed_and_named():
    _, _, shown = both(opening=OPENING)
    assert re.search(r'<span data-slot="opening" data-label="[^"]+" data-block>Hello', shown)
    assert 'data-slot="cta_label"' in shown
    assert re.search(r'data-slot="sender_person"[^>]*>Maren Holloway</span>', shown)


def test_frames_are_all_that_differs():
    plain, framed, shown = both(opening=OPENING)
    assert FRAME.sub("", shown.replace(outlines.STYLE, "")) == FRAME.sub("", plain.html)
    assert outlines.bare(framed.text) == plain.text
    assert (framed.subject, framed.preview) == (plain.subject, plain.preview)


def test_a_mark_never_stays_in_what_is_shown_or_sent():
    plain, _, shown = both(opening=OPENING, subject_prefix="{partner}: ")
    for text in (plain.html, plain.text, plain.subject, shown):
        assert not set(text) & {outlines.OPEN, outlines.NAMED, outlines.CLOSE}


@pytest.mark.parametrize(
    "inside",
    [
        '<a title="{0}">x</a>',
        "<!--[if mso]><p>{0}</p><![endif]-->",
        "<title>{0}</title>",
        "<style>/* {0} */</style>",
    ],
)
def test_no_frame_is_drawn_where_no_element_may_stand(inside):
    slots = {slot.key: slot for slot in shipped().slots}
    text = inside.format(outlines.marked(slots["opening"], "Hello"))
    assert outlines.drawn(text, slots).removeprefix(outlines.STYLE) == inside.format("Hello")


def test_questions_of_ones_own_are_framed_on_the_page():
    source = shipped()
    slots = {"faq_extra": [["Is it safe?", "Yes."]]}
    page = render_landing(source, slots=slots, outline=True, **GIVEN)
    shown = outlines.drawn(page.form.show(action="#", stamp="-"), {s.key: s for s in source.slots})
    assert re.search(r'data-slot="faq_extra"[^>]*>Is it safe\?</span>', shown)
