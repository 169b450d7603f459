"""Authors' templates cannot leave the sandbox; people's values are never evaluated."""

import json

import pytest
from selectolax.lexbor import LexborHTMLParser

from tcma.rendering.email import compile_mail
from tcma.rendering.findings import TemplateRefused
from tcma.rendering.kits import PartnerKit
from tcma.rendering.landing import render_landing
from tcma.rendering.sandbox import environment, render

from .campaigns import OUTSIDE, PAGE, VENDOR, shipped

OWN = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ self.__init__.__globals__ }}",
    "{{ x | attr('__class__') }}",
    "{% for c in [].__class__.__base__.__subclasses__() %}{{ c }}{% endfor %}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum.__globals__ }}",
    "{{ 'x' * 1000000000 }}",
    "{{ '%1000000000s' % 1 }}",
    "{{ [1] * 100000000 }}",
    "{{ 9 ** 99999999 }}",
    "{{ x.format(x) }}",
    "{{ range(1000000000) | list }}",
    "{% include 'a' %}",
    "{{ config }}",
]


def _payloads() -> list[str]:
    path = OUTSIDE / "attacks" / "ssti.json"
    return OWN + (json.loads(path.read_text())["payloads"] if path.exists() else [])


@pytest.mark.parametrize("payload", _payloads())
def test_x1_a_template_reaches_nothing_but_what_it_is_given(payload):
    refusal = ""
    try:
        text = render(environment({"a": payload.encode()}), "a", {"x": "value"})
    except TemplateRefused as refused:
        text, refusal = "", str(refused)
    assert not refusal or refusal.startswith("a:"), "a refusal names the file and the line"
    for leak in ("<class", "root:", "uid=", "<built-in", "subprocess", "SECRET", "<function"):
        assert leak not in text.replace(payload, "")


def test_an_error_names_the_file_and_line_of_the_included_part():
    files = {"a": b"one\n{% include 'b' %}", "b": b"\n\n{{ nothing_here }}"}
    with pytest.raises(TemplateRefused) as refused:
        render(environment(files), "a", {})
    assert (refused.value.findings[0].file, refused.value.findings[0].line) == ("b", 3)


def test_s24_a_template_that_grows_is_stopped():
    loop = b"{% for a in x %}{% for b in x %}{{ y }}{% endfor %}{% endfor %}"
    with pytest.raises(TemplateRefused) as refused:
        render(environment({"a": loop}), "a", {"x": [1] * 900, "y": "long " * 20})
    assert refused.value.findings[0].code == "too_large"


@pytest.mark.parametrize("payload", [p for p in _payloads() if "\n" not in p])
def test_x1_a_partners_value_is_shown_as_it_is_typed(payload):
    source = shipped()
    partner = PartnerKit(
        name=payload,
        legal_name=payload,
        address=payload,
        country="GB",
        person=payload,
        role="[[unsubscribe_url]]",
    )
    mail = compile_mail(
        source, "thanks", partner=partner, vendor=VENDOR, language="en", page_url=PAGE
    )
    page = render_landing(source, partner=partner, vendor=VENDOR, language="en").form.show()
    shown = mail.shown({"greeting": "Hello"})
    typed = LexborHTMLParser(shown).text(deep=True)
    assert " ".join(payload.split()) in " ".join(typed.split())
    assert "49" not in mail.subject
    assert "<script>" not in mail.html
    assert "<script" not in page
    assert mail.text.count("[[unsubscribe_url]]") == 1, "the footer's, not the one typed as a role"
    assert "[[unsubscribe_url]], " in typed


def test_x1_a_slot_value_cannot_smuggle_markup_or_tokens():
    source = shipped()
    slots = {
        "opening": '<script>x</script><b onclick="y">bold</b> <a href="javascript:z">l</a> [[evil]]',
        "local_proof": "[[unsubscribe_url]] for [[company|your company]]",
    }
    mail = compile_mail(
        source,
        "invite",
        partner=PartnerKit(name="P", legal_name="P", address="A", country="GB"),
        vendor=VENDOR,
        language="en",
        page_url=PAGE,
        slots=slots,
    )
    assert "<script" not in mail.html
    assert "onclick" not in mail.html
    assert "javascript:" not in mail.html
    assert "<b>bold</b>" in mail.html
    assert "[[evil]]" in mail.shown({})
    assert mail.tokens == {"first_name", "company"}
    assert "for Pellmoor" in mail.shown({"company": "Pellmoor"})
