"""Text from strangers in profiles and slots: shown, never run."""

import json
from dataclasses import fields, replace

import pytest
from selectolax.lexbor import LexborHTMLParser

from tcma.rendering.email import compile_mail
from tcma.rendering.kits import PartnerKit
from tcma.rendering.landing import render_landing
from tcma.rendering.slots import clean_rich

from .campaigns import OUTSIDE, PAGE, PARTNER, VENDOR, shipped

FORBIDDEN = {"script", "iframe", "object", "embed", "base", "frame", "applet", "svg", "math"}
OWN = [
    "\ue010hidden::\ue011",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>x</script>",
    "</style><script>x</script>",
    "' onmouseover='x",
    "-->",
    "</title><script>x</script>",
    "<mj-raw><script>x</script></mj-raw>",
    "</mj-text><mj-raw><script>x</script></mj-raw>",
    '<a href="vbscript:x">y</a>',
    '<a href="java  script   :al  ert(1)">y</a>',
    '<b style="background:url(javascript:x)">z</b>',
]


def _attacks() -> list[str]:
    path = OUTSIDE / "attacks" / "xss.json"
    return OWN + (json.loads(path.read_text())["payloads"][::9] if path.exists() else [])


def dangers(html: str) -> list[str]:
    """Whatever in the parsed page could run."""
    found = []
    for node in LexborHTMLParser(html).css("*"):
        tag = node.tag or ""
        if tag in FORBIDDEN:
            found.append(tag)
        for name, value in node.attributes.items():
            text = "".join((value or "").split()).lower()
            if name.startswith("on"):
                found.append(f"{tag} {name}")
            if name in {"href", "src", "action", "formaction"} and text.startswith(
                ("javascript:", "vbscript:", "data:text")
            ):
                found.append(f"{tag} {name}={text[:30]}")
    return found


def hostile(attack: str) -> PartnerKit:
    texts = {f.name: attack for f in fields(PARTNER) if isinstance(getattr(PARTNER, f.name), str)}
    return replace(PARTNER, **(texts | {"country": "US", "language": "en", "from_local": "hello"}))


@pytest.mark.parametrize("attack", _attacks())
def test_x1_a_hostile_profile_and_slot_make_nothing_that_runs(attack):
    source = shipped()
    slots = {
        "opening": attack,
        "local_proof": attack,
        "price_note": attack,
        "sender_person": attack,
    }
    mail = compile_mail(
        source,
        "invite",
        partner=hostile(attack),
        vendor=VENDOR,
        language="en",
        page_url=PAGE,
        slots=slots | {"meeting_url": attack},
    )
    values = dict.fromkeys(("first_name", "company", "greeting"), attack)
    assert dangers(mail.shown(values)) == []
    page = render_landing(
        source,
        partner=hostile(attack),
        vendor=VENDOR,
        language="en",
        slots={"faq_extra": [[attack, attack]], "page_choice": [attack, "b", "c"]},
    )
    assert dangers(page.form.show(action="/p", values={"email": attack})) == []
    assert dangers(page.thanks.show(facts={"message": attack})) == []


@pytest.mark.parametrize("attack", _attacks())
def test_x1_rich_text_keeps_nothing_that_runs(attack):
    assert dangers(clean_rich(attack)) == []


def test_rich_text_keeps_the_links_it_may_have():
    for target in (
        "https://example.com/a:b?c=d",
        "mailto:a@example.com",
        "#part",
        "/a",
        "[[page]]",
    ):
        assert f'href="{target}"' in clean_rich(f'<a href="{target}">y</a>')
