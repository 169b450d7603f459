"""A logo is recognised on any ground and at any usual size; a picture without it stays below «sure»."""

import io
import random
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFilter

from tcma.invoices import reading
from tcma.invoices.logo_search import LogoSeen, look_for
from tcma.mdf.prechecks.findings import PERHAPS, SURE

BRANDS = Path("brand_assets")
COLOUR = (BRANDS / "logos/corbelane.png").read_bytes()
WHITE = (BRANDS / "logos/corbelane-white.png").read_bytes()
ROUND = (BRANDS / "logos/mark.png").read_bytes()
OTHER = (BRANDS / "samples/nordhagener/logo-dark.png").read_bytes()


def a_hall(seed, logo=None, *, width=0.3, plate="white", angle=0):
    """A crowded picture of a fair, with a logo on a plate in it, a little out of focus."""
    by = random.Random(seed)
    hall = Image.new("RGB", (1_600, 1_200), "#d8d2c4")
    draw = ImageDraw.Draw(hall)
    for _ in range(60):
        x, y, wide, high = (by.randrange(n) for n in (1_600, 1_200, 300, 300))
        colour = tuple(by.randrange(256) for _ in range(3))
        (draw.rectangle if by.random() < 0.5 else draw.ellipse)(
            (x, y, x + wide, y + high), fill=colour
        )
    for _ in range(30):
        where = by.randrange(1_400), by.randrange(1_150)
        draw.text(where, "Brightwater IT, 12 March", fill="black", font_size=by.randrange(18, 60))
    if logo:
        with Image.open(io.BytesIO(logo)) as opened:
            mark = opened.convert("RGBA")
        mark = mark.resize((round(1_600 * width), round(1_600 * width * mark.height / mark.width)))
        ground = Image.new("RGBA", (mark.width + 40, mark.height + 40), plate)
        ground.alpha_composite(mark, (20, 20))
        ground = ground.rotate(angle, expand=True)
        hall.paste(ground, (310, 420), ground)
    return hall.filter(ImageFilter.GaussianBlur(1.5))


@pytest.mark.parametrize("width", [0.18, 0.3, 0.5])
@pytest.mark.parametrize(
    ("logo", "plate"), [(COLOUR, "white"), (WHITE, "#13292F"), (ROUND, "#ffd400"), (OTHER, "white")]
)
def test_a_logo_is_recognised_on_its_ground_and_measured(logo, plate, width):
    found = look_for(a_hall(5, logo, width=width, plate=plate), [logo])
    assert found.alike >= SURE
    assert abs(found.width - width * 100) <= 7  # the round one has air around it


@pytest.mark.parametrize("logo", [COLOUR, WHITE, ROUND, OTHER])
def test_a_crowded_picture_without_it_is_not_even_perhaps(logo):
    for seed in (1, 2):
        assert look_for(a_hall(seed), [logo]).alike < PERHAPS


def test_another_companys_logo_is_not_it():
    assert look_for(a_hall(3, OTHER), [COLOUR, WHITE]).alike < PERHAPS
    assert look_for(a_hall(3, COLOUR), [OTHER]).alike < PERHAPS


def test_one_of_several_will_do_and_a_light_turn_is_borne():
    assert look_for(a_hall(4, ROUND, angle=3), [COLOUR, ROUND]).alike >= SURE


@pytest.mark.parametrize("size", [(1, 1), (30, 900), (900, 12)])
def test_what_is_too_small_or_plain_has_none(size):
    assert look_for(Image.new("RGB", size, "white"), [COLOUR]) == LogoSeen()
    assert look_for(Image.new("RGB", (500, 400), "white"), [COLOUR]) == LogoSeen()


def test_an_empty_logo_is_never_seen():
    out = io.BytesIO()
    Image.new("RGBA", (300, 90), (0, 0, 0, 0)).save(out, "PNG")
    assert look_for(a_hall(1), [out.getvalue()]) == LogoSeen()


def test_the_limited_process_looks_within_its_seconds():
    out = io.BytesIO()
    a_hall(5, COLOUR).resize((4_000, 3_000)).save(out, "JPEG")
    seen = reading.read_proof(out.getvalue(), [COLOUR, WHITE], patience=60)
    assert (seen.why, seen.width, seen.height) == ("", 4_000, 3_000)
    assert seen.logo >= SURE
    assert seen.picture.startswith(b"\x89PNG")
