import io
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tcma.errors import Invalid
from tcma.rendering.image_colour import contrast, rgb
from tcma.rendering.legibility import legibility
from tcma.rendering.lockup import INK, LogoSet, Room, logo_set, mail_logo, piece, variant

FONTS = Path(__file__).parents[2] / "tcma" / "built" / "fonts"
SAMPLES = Path(__file__).parents[2] / "brand_assets" / "samples"
LIGHT, DARK = rgb("#FBF6EE"), rgb("#10282D")


def png(colour, size=(200, 50), *, opaque=False):
    image = Image.new("RGBA", size, (255, 255, 255, 255 if opaque else 0))
    image.paste(Image.new("RGBA", (size[0] // 2, size[1]), colour), (10, 0))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


BLUE, WHITE_LOGO, YELLOW = png("#123B7A"), png("#FFFFFF"), png("#F6D34A")
BOTH = LogoSet(name="A", colour=BLUE, white=WHITE_LOGO, primary="#7A2E6B")
ONLY_WHITE = LogoSet(name="B", white=WHITE_LOGO, primary="#7A2E6B")
ONLY_BLUE = LogoSet(name="C", colour=BLUE, primary="#123B7A")


@pytest.mark.parametrize(
    ("logos", "ground", "kind", "plate"),
    [
        (BOTH, LIGHT, "colour", None),
        (BOTH, DARK, "white", None),
        (ONLY_WHITE, LIGHT, "plate", rgb("#7A2E6B")),
        (ONLY_WHITE, DARK, "white", None),
        (LogoSet(name="D", white=WHITE_LOGO, primary="#F4C9A8"), LIGHT, "plate", INK),
        (ONLY_BLUE, LIGHT, "colour", None),
        (ONLY_BLUE, DARK, "plate", rgb("#FBF6EE")),
        (LogoSet(name="E", colour=YELLOW), LIGHT, "plate", INK),
        (LogoSet(name="F", colour=png("#123B7A", opaque=True)), DARK, "own_ground", None),
        (LogoSet(name="G"), LIGHT, "text", None),
    ],
)
def test_each_set_of_logos_stands_visibly_on_each_ground(logos, ground, kind, plate):
    choice = variant(logos, ground)
    assert (choice.kind, choice.plate) == (kind, plate)
    assert choice.contrast >= 3


@pytest.mark.parametrize("ground", [LIGHT, DARK])
@pytest.mark.parametrize(
    ("logos", "shape"),
    [
        (BOTH, (100, 50)),
        (LogoSet(name="H", colour=png("#0B5D4B", (1200, 50)), white=png("#FFFFFF", (1200, 50))), (600, 50)),
        (LogoSet(name="I", colour=png("#1D3557", (120, 180)), white=png("#FFFFFF", (120, 180))), (60, 180)),
    ],
)  # fmt: skip
def test_a_logo_is_scaled_into_its_room_and_never_stretched(logos, shape, ground):
    image = piece(logos, ground, Room(190, 48, 48 * 48 * 1.6), FONTS)
    assert image.width <= 191
    assert image.height <= 49
    assert abs(image.width - image.height * shape[0] / shape[1]) <= image.width / image.height + 1


def test_a_tiny_logo_is_enlarged_at_most_twice():
    small = LogoSet(name="J", colour=png("#123B7A", (32, 16)))
    assert piece(small, LIGHT, Room(900, 300, 90_000), FONTS).height == 32


def test_a_name_without_logo_is_set_in_at_most_two_lines_in_a_colour_that_reads():
    logos = LogoSet(name="Pellworth & Daughters Computing")
    for ground in (LIGHT, DARK):
        image = piece(logos, ground, Room(172, 48, 3000), FONTS)
        assert image.width <= 176
        assert image.height <= 48
        assert legibility(image, ground).contrast >= 7


def test_a_name_no_typeface_draws_is_refused_with_the_characters():
    with pytest.raises(Invalid, match="𓀀") as refused:
        piece(LogoSet(name="𓀀 & Sons"), LIGHT, Room(172, 48, 3000), FONTS)
    assert refused.value.code == "rendering.no_glyphs"


def test_a_mail_logo_is_drawn_at_twice_its_stated_size():
    logo = mail_logo(BOTH, ground="#FBF6EE", fonts=FONTS)
    image = Image.open(io.BytesIO(logo.data))
    assert image.size == (logo.width * 2, logo.height * 2)
    assert (logo.kind, logo.alt, logo.media_type) == ("colour", "A", "image/png")
    assert logo.width <= 172
    assert 14 <= logo.height <= 48


@pytest.mark.parametrize(
    "slug", sorted(p.name for p in SAMPLES.iterdir() if (p / "kit.toml").exists())
)
@pytest.mark.parametrize("ground", ["#F8EADB", "#10282D", "#EAF1E4"])
def test_every_sample_partner_has_a_visible_mail_logo(slug, ground):
    files = [f.read_bytes() for f in sorted((SAMPLES / slug).glob("logo-*.png"))]
    logos = logo_set("Pellworth & Daughters", files, primary="#7A2E6B")
    logo = mail_logo(logos, ground=ground, fonts=FONTS)
    assert variant(logos, rgb(ground)).contrast >= 3
    assert logo.height >= 14
    assert (logo.kind == "text") == (not files)


def test_the_brand_file_keeps_the_contrast_it_promises():
    import tomllib

    brand = tomllib.loads((SAMPLES.parent / "brand.toml").read_text())
    colours = brand["colours"]
    for pair in brand["contrast"]:
        reached = contrast(rgb(colours[pair["text"]]), rgb(colours[pair["ground"]]))
        assert reached >= pair["least"], pair


MANY = """
import io
from pathlib import Path
from PIL import Image
from tcma.rendering.fits import BUILT_FONTS
from tcma.rendering.lockup import LogoSet, mail_logo

def held():
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) // 1024

for n in range(110):
    image = Image.new("RGBA", (1200, 400))
    image.paste((n, 40, 90, 255), (n, 20, 1100, 380))
    out = io.BytesIO()
    image.save(out, "PNG")
    mail_logo(LogoSet(name="A", colour=out.getvalue()), ground="#FFFFFF", fonts=BUILT_FONTS)
    if n == 30:
        begun = held()
print(held() - begun)
"""


def test_a_worker_that_starts_launches_of_many_partners_does_not_keep_their_logos():
    grown = subprocess.run(
        [sys.executable, "-c", MANY], capture_output=True, text=True, check=True
    ).stdout
    assert int(grown) < 20  # megabytes
