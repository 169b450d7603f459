"""Every shipped campaign: no errors, and whole for every sample partner in every language."""

import tomllib
from email import message_from_bytes, policy
from functools import cache
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from tcma.rendering import mime
from tcma.rendering.email import compile_mail
from tcma.rendering.findings import Severity
from tcma.rendering.kits import Picture, Pictures, VendorKit, is_rtl, partner_from_toml
from tcma.rendering.landing import render_landing
from tcma.rendering.lint import lint
from tcma.rendering.source import CampaignSource, load_files, read_folder

ROOT = Path(__file__).resolve().parents[2]
CAMPAIGNS = sorted(p.parent.name for p in (ROOT / "campaign_templates").glob("*/campaign.toml"))
KITS = sorted(p.parent.name for p in (ROOT / "brand_assets" / "samples").glob("*/kit.toml"))
LOGO = Picture("https://files.example/logo.png", 150, 40)
PICTURES = Pictures({"hero": Picture("https://files.example/hero.jpg", 640, 330)})


@cache
def campaign(slug: str) -> CampaignSource:
    return load_files(read_folder(ROOT / "campaign_templates" / slug))


def test_eight_campaigns_and_eight_partners_are_there():
    assert len(CAMPAIGNS) == 8
    assert len(KITS) == 8
    spoken = {slug: set(campaign(slug).languages) for slug in CAMPAIGNS}
    assert sum(len(languages) >= 3 for languages in spoken.values()) >= 2
    assert any(is_rtl(language) for languages in spoken.values() for language in languages)


@pytest.mark.parametrize("slug", CAMPAIGNS)
def test_no_shipped_campaign_has_an_error(slug):
    found = lint(read_folder(ROOT / "campaign_templates" / slug))
    assert [str(f) for f in found if f.severity is Severity.ERROR] == []


@pytest.mark.parametrize("slug", CAMPAIGNS)
def test_a_campaign_is_complete(slug):
    source = campaign(slug)
    assert "en" in source.languages
    assert sum(mail.kind == "campaign" for mail in source.mails) >= 3
    assert len(source.nurture.steps) >= 4
    assert len([image for image in source.images if image.suffix == "jpg"]) == 5
    assert len(source.play.objections) >= 3
    assert {"reply", "accepted", "opportunity", "unsubscribe"} <= source.nurture.exits
    sent = {step.mail for step in source.nurture.steps if step.kind == "send"}
    assert sent == {mail.key for mail in source.mails if mail.kind == "nurture"}


def test_a_shipped_campaign_has_a_picture_that_moves():
    assert [i.name for i in campaign("second-life").images if i.suffix == "gif"] == [
        "animated_300x250"
    ]


@pytest.mark.parametrize("slug", CAMPAIGNS)
def test_every_language_says_the_same_things(slug):
    source = campaign(slug)
    first = _shape(source.words[source.languages[0]])
    for language in source.languages[1:]:
        assert _shape(source.words[language]) == first, language


def _shape(value: object) -> object:
    if isinstance(value, dict):
        return {key: _shape(part) for key, part in value.items()}
    return len(value) if isinstance(value, list) else type(value).__name__


@pytest.mark.parametrize("kit_name", KITS)
@pytest.mark.parametrize("slug", CAMPAIGNS)
def test_every_partner_can_send_every_mail(slug, kit_name):
    source = campaign(slug)
    kit = partner_from_toml((ROOT / "brand_assets" / "samples" / kit_name / "kit.toml").read_text())
    if kit_name != "pellworth":
        kit = kit.with_logos(LOGO, LOGO)
    language = source.language_for(kit.language)
    for mail in source.mails:
        made = compile_mail(
            source,
            mail.key,
            partner=kit,
            vendor=VendorKit(logo=LOGO, logo_on_dark=LOGO),
            language=language,
            page_url="https://go.partner.example/x",
            pictures=PICTURES,
        )
        artefact = made.artefact()
        values = {name: f"https://t.example/{name}" for name in artefact.names}
        raw = b"Subject: x\r\n" + artefact.fill(values)
        parts = message_from_bytes(raw, policy=policy.default)
        assert not parts.defects
        text = parts.get_body(("plain",)).get_content()
        flat = " ".join(text.split())
        assert " ".join(kit.legal_name.replace("\u00ad", "").split()) in flat
        assert " ".join(kit.address.split()) in flat
        assert ", \n" not in text
        assert " · ·" not in text
        assert "{" not in made.text.replace("{{", ""), f"{mail.key}: a name was not filled"
        assert "{" not in made.subject
        assert made.rtl == is_rtl(language)
        if not kit.phone:
            assert '<span dir="ltr"' not in made.html
        pictures = LexborHTMLParser(made.html).css("img")
        assert all("alt" in image.attributes for image in pictures)


@pytest.mark.parametrize("slug", CAMPAIGNS)
def test_every_language_has_its_page(slug):
    source = campaign(slug)
    sample = partner_from_toml(source.files["sample.toml"].decode())
    for language in source.languages:
        page = render_landing(source, partner=sample, vendor=VendorKit(), language=language)
        shown = page.form.show(action="/x", stamp="1")
        assert "{partner}" not in shown
        assert "{" not in page.title
        assert "{" not in page.consent_text
        assert len(shown.encode()) < 24 * 1024
        assert len(page.fields) >= 7


@pytest.mark.parametrize("slug", CAMPAIGNS)
def test_subjects_and_previews_are_short_enough_to_be_read(slug):
    for mail in campaign(slug).mails:
        for language, subject in mail.subject.items():
            assert len(subject) <= 50, (mail.key, language)
            assert 25 <= len(mail.preview[language]) <= 90, (mail.key, language)
            assert "!" not in subject.replace(" !", "")
            assert subject != mail.headline[language] or mail.kind == "nurture"


def test_a_whole_message_is_small_enough_for_every_mail_program():
    for slug in CAMPAIGNS:
        source = campaign(slug)
        kit = partner_from_toml(source.files["sample.toml"].decode())
        for mail in source.mails:
            made = compile_mail(
                source, mail.key, partner=kit, vendor=VendorKit(), language=source.languages[-1],
                page_url="https://x.example",
            )  # fmt: skip
            assert isinstance(made.artefact(), mime.Artefact)
            assert len(made.html.encode()) < 60 * 1024


def test_the_sample_files_parse():
    for slug in CAMPAIGNS:
        assert tomllib.loads(campaign(slug).files["sample.toml"].decode())["contact"]["email"]
