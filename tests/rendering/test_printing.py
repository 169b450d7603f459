"""Datasheet and flyer: set, measured, tagged, the same bytes each time; misfits refused by name."""

import io
import re
from functools import cache

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from tcma.errors import Invalid
from tcma.rendering.findings import TemplateRefused
from tcma.rendering.kits import partner_from_toml
from tcma.rendering.lockup import LogoSet
from tcma.rendering.printing import BLEED, OFFSET, Brands, preview_print, render_print
from tcma.rendering.source import load_files

from .campaigns import PAGE, ROOT, SHIPPED, VENDOR, changed, shipped

SAMPLES = ROOT / "brand_assets" / "samples"
PARTNERS = tuple(sorted(path.parent.name for path in SAMPLES.glob("*/kit.toml")))
MM = 72 / 25.4
LOGOS = ROOT / "brand_assets" / "logos"
VENDOR_LOGOS = LogoSet(
    name="Corbelane",
    colour=(LOGOS / "corbelane.png").read_bytes(),
    white=(LOGOS / "corbelane-white.png").read_bytes(),
)


@cache
def source(slug="cloud-migration"):
    return shipped(slug)


@cache
def brands(slug="fenwright"):
    folder = SAMPLES / slug
    kit = partner_from_toml((folder / "kit.toml").read_text())
    found = {
        name: (folder / f"logo-{file}.png").read_bytes()
        for name, file in (("colour", "dark"), ("white", "white"))
        if (folder / f"logo-{file}.png").exists()
    }
    logos = LogoSet(
        name=kit.name, short_name=kit.short_name, primary=kit.colours["primary"],
        language=kit.language, **found,
    )  # fmt: skip
    return Brands(partner=kit, vendor=VENDOR, partner_logos=logos, vendor_logos=VENDOR_LOGOS)


def piece(name="datasheet", slug="cloud-migration"):
    return next(each for each in source(slug).prints if each.name == name)


def made(name="datasheet", *, partner="fenwright", slug="cloud-migration", **more):
    whose = brands(partner)
    return render_print(
        source(slug), piece(name, slug), brands=whose, page_url=PAGE,
        **{"language": whose.partner.language} | more,
    )  # fmt: skip


def text_of(data):
    return " ".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(data))


@pytest.mark.parametrize("partner", PARTNERS)
def test_every_sample_partner_gets_its_datasheet(partner):
    drawn = made(partner=partner)
    kit = brands(partner).partner
    words = text_of(drawn.data)
    with pikepdf.open(io.BytesIO(drawn.data)) as pdf:
        assert len(pdf.pages) == drawn.report.pages == 2
        height = float(pdf.pages[0].mediabox[3]) / MM
        assert height == pytest.approx(279.4 if kit.country == "US" else 297, abs=0.1)
    assert drawn.report.contrast >= 4.5
    assert drawn.report.qr_module_mm >= 0.4
    if kit.phone:
        # Right to left the sign comes out on the other side of the digits.
        assert re.sub(r"\D", "", kit.phone)[:7] in re.sub(r"\D", "", words)
    if kit.language in {"en", "de", "fr"}:
        assert " ".join(kit.legal_name.split()[:2]) in " ".join(words.split())


@pytest.mark.parametrize("slug", SHIPPED)
def test_every_campaign_has_a_flyer_for_the_printer(slug):
    drawn = made("flyer", slug=slug, marks=True)
    with pikepdf.open(io.BytesIO(drawn.data)) as pdf:
        (page,) = pdf.pages
        trim = [float(each) / MM for each in page.trimbox]
        bleed = [float(each) / MM for each in page.bleedbox]
        media = [float(each) / MM for each in page.mediabox]
    assert trim == pytest.approx([OFFSET, OFFSET, OFFSET + 148, OFFSET + 210], abs=0.01)
    assert bleed[0] == pytest.approx(trim[0] - BLEED)
    assert media[2] == pytest.approx(148 + 2 * OFFSET, abs=0.1)


def test_colour_runs_into_the_bleed_and_the_marks_stand_outside_it():
    data = made("flyer", marks=True).data
    image = pypdfium2.PdfDocument(data)[0].render(scale=4).to_pil().convert("RGB")
    dot = 4 * MM
    inside = image.getpixel((round((OFFSET - 2) * dot), round((OFFSET + 40) * dot)))
    outside = image.getpixel((round((OFFSET - 4.5) * dot), round((OFFSET + 40) * dot)))
    assert inside != (255, 255, 255)
    assert outside == (255, 255, 255)
    strip = image.crop(
        (0, round(OFFSET * dot) - 2, round((OFFSET - BLEED) * dot) - 2, round(OFFSET * dot) + 3)
    )
    assert min(low for low, _ in strip.getextrema()) < 128


def test_the_same_input_makes_the_same_bytes():
    assert made(marks=True).data == made(marks=True).data
    assert made().data != made(partner="helianthe").data


def test_a_file_is_tagged_titled_and_tells_its_language():
    with pikepdf.open(io.BytesIO(made(partner="sindyan").data)) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "ar"
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        xmp = bytes(pdf.Root.Metadata.read_bytes()).decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp
    assert "سنديان" in xmp


def test_own_values_stand_in_it_and_locked_ones_stay():
    own = {
        "local_proof": "We moved **Osier Foods** in nine days. Source: their own report.",
        "faq_extra": [["Do you come to us?", "Yes, the first time always."]],
        "sender_person": "Ada Quill",
        "headline": "Something else entirely",
    }
    words = " ".join(text_of(made(slots=own).data).split())
    for told in ("Osier Foods", "Do you come to us?", "Ada Quill", "Know what moves"):
        assert told in words
    assert "Something else" not in words
    assert "**" not in words


def test_what_does_not_fit_is_refused_by_slot():
    with pytest.raises(Invalid) as refused:
        made("flyer", slots={"price_note": "For firms of every size in this valley. " * 20})
    assert refused.value.code == "rendering.does_not_fit"
    assert set(refused.value.fields) == {"price_note"}


def test_what_makes_it_longer_than_its_pages_is_named():
    questions = [["A question", "An answer that goes on and on. " * 60] for _ in range(2)]
    with pytest.raises(Invalid, match="2 pages") as refused:
        made(slots={"faq_extra": questions})
    assert set(refused.value.fields) == {"faq_extra"}


def test_text_grows_smaller_before_it_is_refused():
    longer = [["Question", "An answer of some length. " * 14], ["Another", "Longer still. " * 20]]
    assert made(slots={"faq_extra": longer}).report.scale < made().report.scale


def test_characters_nobody_draws_are_named():
    with pytest.raises(Invalid, match="“𓀀”") as refused:
        made(slots={"sender_person": "𓀀"})
    assert refused.value.code == "rendering.no_glyphs"


def test_a_preview_shows_the_trimmed_pages():
    pages = preview_print(
        source(), piece(), brands=brands(), language="en", page_url=PAGE, dpi=50
    ).pages
    sizes = [Image.open(io.BytesIO(page)).size for page in pages]
    assert {(round(w / 10), round(h / 10)) for w, h in sizes} == {(41, 58)}
    assert len(sizes) == 2


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('layout = "datasheet"', 'layout = "poster"', "cannot be “poster”"),
        ('art = "hero"', 'art = "nowhere"', "art/nowhere.jpg"),
        ('lead = "page.lead"', 'lead = "page.missing"', "nothing at “page.missing”"),
        ('kind = "quote"', 'kind = "shout"', "cannot be “shout”"),
        ('entries = "page.faq"', 'entries = "page.choices"', "no list of pairs"),
    ],
)
def test_a_wrong_recipe_is_refused_at_its_line(old, new, said):
    with pytest.raises(TemplateRefused, match=said) as refused:
        load_files(changed("print/datasheet.toml", old, new))
    assert refused.value.findings[0].file == "print/datasheet.toml"
    assert refused.value.findings[0].line > 0
