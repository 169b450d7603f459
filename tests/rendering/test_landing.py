"""The landing page: a form that keeps answers, and nothing its security policy would block."""

import base64
import hashlib
import json
import re

import pytest
from selectolax.lexbor import LexborHTMLParser

from tcma.rendering.findings import TemplateRefused
from tcma.rendering.landing import HONEYPOT, render_landing
from tcma.rendering.source import load_files

from .campaigns import OUTSIDE, PARTNER, SHIPPED, VENDOR, changed, shipped


def landing(source=None, **changes):
    given = {"partner": PARTNER, "vendor": VENDOR, "language": "en"}
    return render_landing(source or shipped(), **(given | changes))


GOOD = {
    "first_name": "Astrid",
    "last_name": "Pell",
    "email": "astrid@pell.example",
    "company": "Pellmoor",
    "consent": "yes",
    "choice": "20 to 60",
}


def test_good_answers_have_no_errors_and_bad_ones_say_what_to_do():
    page = landing()
    assert page.check(GOOD) == {}
    errors = page.check({"email": "astrid@pell", "choice": "a million"})
    assert set(errors) == {"first_name", "last_name", "email", "company", "choice", "consent"}
    assert errors["email"] == "This address looks incomplete: please check the part after @."
    assert "+44 113 496 0142" in errors["consent"]


def test_a_campaign_may_ask_for_the_country_in_its_reader_s_language():
    words = 'choice = "Wie'
    files = changed("words/de.toml", words, f'countries = ["DE", "AT"]\n{words}')
    page = landing(load_files(files), language="de")
    [country] = [field for field in page.fields if field.name == "country"]
    assert country.choices == ("Deutschland", "Österreich")
    assert page.check(GOOD | {"country": "Peru", "choice": ""}) == {"country": country.error}
    assert 'value="Österreich"' in page.form.show()
    assert "country" not in {field.name for field in landing().fields}


def test_the_consent_is_a_text_with_a_version():
    page = landing()
    assert page.consent_text.startswith(
        "Yes, Fenwright Cloud Services may contact me about my Move"
    )
    assert page.consent_version.startswith("en-")
    assert landing(language="de").consent_version != page.consent_version
    assert page.consent_text in LexborHTMLParser(page.form.show()).text()
    box = LexborHTMLParser(page.form.show()).css_first('input[name="consent"]')
    assert box is not None
    assert "checked" not in box.attributes


def test_answers_and_errors_come_back_into_the_form():
    page = landing()
    values = GOOD | {"first_name": '"><script>x</script>', "consent": ""}
    shown = page.form.show(
        action="/p/x", stamp="s1", values=values, errors=page.check(values), hidden={"m": '"1"'}
    )
    tree = LexborHTMLParser(shown)
    assert tree.css_first('input[name="first_name"]').attributes["value"] == values["first_name"]
    assert tree.css_first("form").attributes["action"] == "/p/x"
    assert tree.css_first('input[name="stamp"]').attributes["value"] == "s1"
    assert tree.css_first('input[name="m"]').attributes["value"] == '"1"'
    assert tree.css_first("option[selected]").text() == "20 to 60"
    assert tree.css_first('input[name="consent"]').attributes["aria-invalid"] == "true"
    assert tree.css_first('a[href="#f-consent"]') is not None
    assert tree.css("script") == []


def test_the_style_hash_is_that_of_the_style_block():
    for slug in SHIPPED:
        for page in (landing(shipped(slug)).form, landing(shipped(slug)).thanks):
            css = re.findall(r"<style>(.*?)</style>", page.show(), re.DOTALL)
            want = [base64.b64encode(hashlib.sha256(c.encode()).digest()).decode() for c in css]
            assert list(page.style_hashes) == [f"'sha256-{w}'" for w in want]


@pytest.mark.parametrize(
    "bad", ["<script>x</script>", '<p style="color:red">x</p>', '<p onclick="x">y</p>', "<iframe>"]
)
def test_what_the_policy_would_block_is_refused(bad):
    files = changed("landing.html", "{% block extra %}", "{% block extra %}" + bad)
    with pytest.raises(TemplateRefused) as refused:
        landing(load_files(files))
    assert refused.value.findings[0].code == "page.script"


def test_the_trap_for_robots_is_hidden_from_people():
    trap = LexborHTMLParser(landing().form.show()).css_first(f'input[name="{HONEYPOT}"]')
    assert trap is not None
    assert trap.attributes["tabindex"] == "-1"
    assert trap.attributes["autocomplete"] == "off"


def test_every_field_has_a_label_and_every_part_an_anchor():
    for slug in SHIPPED:
        tree = LexborHTMLParser(landing(shipped(slug)).form.show())
        for field in tree.css("input:not([type=hidden]), select"):
            assert field.parent is not None
            assert field.parent.tag == "label"
        assert len(tree.css("h1")) == 1
        assert tree.css_first("html").attributes["lang"] == "en"


def test_the_thank_you_page_names_who_replies():
    shown = landing().thanks.show(facts={"message": "Maren Holloway replies by <Monday>."})
    assert "Maren Holloway replies by &lt;Monday&gt;." in shown
    assert "<form" not in shown


def _attacks() -> list[str]:
    own = ["<script>alert(1)</script>", '" onfocus="x', "'-alert(1)-'", "</style><script>", "[[x]]"]
    path = OUTSIDE / "attacks" / "xss.json"
    return own + (json.loads(path.read_text())["payloads"] if path.exists() else [])


def test_no_answer_or_profile_makes_markup():
    page = landing()
    base = LexborHTMLParser(page.form.show(values=GOOD, errors={"email": "x"}))
    tags = sorted(node.tag for node in base.css("*"))
    for attack in _attacks():
        values = dict.fromkeys(GOOD, attack) | {"choice": "20 to 60", "consent": "yes"}
        tree = LexborHTMLParser(page.form.show(values=values, errors={"email": attack}))
        assert sorted(node.tag for node in tree.css("*")) == tags, attack
        handlers = [k for node in tree.css("*") for k in node.attributes if k.startswith("on")]
        assert handlers == [], attack


def test_one_template_makes_a_site_of_several_pages():
    page = landing(shipped("briefing-series"), page_url="https://f.example/go/f/briefings")
    assert list(page.more) == ["agenda", "worksheet"]
    shown = page.more["agenda"].show(carry='?m="')
    assert "https://f.example/go/f/briefings/worksheet?m=&quot;" in shown
    assert "<form" not in shown
    assert '<link rel="canonical" href="https://f.example/go/f/briefings/agenda">' in shown
    assert "FAQPage" in page.form.show()
    assert "FAQPage" not in shown
    assert page.named("agenda") is page.more["agenda"]
    assert page.named("") is page.form
    assert page.named("speakers") is None


@pytest.mark.parametrize("key", ["thanks", "form", "../up", "agenda", "A"])
def test_a_further_page_needs_a_name_of_its_own(key):
    files = changed(
        "campaign.toml", '"agenda", "worksheet"', f'"agenda", "{key}"', "briefing-series"
    )
    with pytest.raises(TemplateRefused, match="cannot be named so"):
        load_files(files)
