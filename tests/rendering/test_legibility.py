import io

import pytest
from PIL import Image, ImageDraw

from tcma.errors import Invalid
from tcma.rendering.image_colour import rgb
from tcma.rendering.legibility import legibility
from tcma.rendering.lockup import CHALK, INK, LogoSet, logo_set, variant

WHITE, PAPER = (255, 255, 255), rgb("#F8EADB")


def drawn(*shapes, size=(600, 120)):
    """Shapes as ("box" | "ring" | "letters", place, colour); letters are bars of a wordmark."""
    image = Image.new("RGBA", size)
    pen = ImageDraw.Draw(image)
    for kind, x, colour in shapes:
        if kind == "box":
            pen.rectangle((x, 10, x + 100, 110), fill=colour)
        elif kind == "ring":
            pen.ellipse((x, 5, x + 110, 115), outline=colour, width=6)
        else:
            for letter in range(8):
                pen.rectangle((x + letter * 44, 35, x + letter * 44 + 14, 85), fill=colour)
                pen.rectangle((x + letter * 44, 35, x + letter * 44 + 30, 45), fill=colour)
    return image


def png(image):
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


DARK_WORD = drawn(("box", 0, "#F2A65A"), ("letters", 130, "#222222"))
WHITE_WORD = drawn(("box", 0, "#F2613F"), ("letters", 130, "#FFFFFF"))
LETTERS_IN_A_SIGN = drawn(("box", 0, "#123B7A"))
ImageDraw.Draw(LETTERS_IN_A_SIGN).rectangle((20, 30, 80, 90), fill="#FFFFFF")
YELLOW_SIGN = drawn(("box", 0, "#FFD400"), ("letters", 130, "#111111"))
GREY_TAGLINE = drawn(("box", 0, "#123B7A"), ("letters", 130, "#DDDDDD"))


@pytest.mark.parametrize(
    ("logo", "ground", "stands"),
    [
        (DARK_WORD, INK, False),
        (DARK_WORD, WHITE, True),
        (WHITE_WORD, WHITE, False),
        (WHITE_WORD, INK, True),
        (LETTERS_IN_A_SIGN, WHITE, True),
        (LETTERS_IN_A_SIGN, rgb("#14397A"), True),
        (YELLOW_SIGN, WHITE, True),
        (YELLOW_SIGN, INK, False),
        (GREY_TAGLINE, WHITE, False),
        (drawn(("ring", 0, "#123B7A")), CHALK, True),
        (drawn(("ring", 0, "#1A2B30")), INK, False),
        (drawn(("letters", 0, (255, 255, 255, 128))), INK, True),
        (drawn(("letters", 0, (16, 40, 45, 128))), CHALK, True),
        (drawn(("letters", 0, (255, 255, 255, 120))), rgb("#9AA5A7"), False),
        (Image.new("RGBA", (40, 40)), WHITE, False),
    ],
)  # fmt: skip
def test_nothing_of_a_logo_may_vanish_however_bright_its_rest(logo, ground, stands):
    found = legibility(logo, ground)
    assert found.stands is stands
    assert (found.contrast >= 3) or not stands


def test_what_other_ink_encloses_needs_no_ground_and_what_stands_alone_does():
    assert legibility(LETTERS_IN_A_SIGN, WHITE).clear == 1
    lost = legibility(WHITE_WORD, WHITE)
    assert 0.3 < lost.lost < 0.7
    assert lost.weakest == WHITE


@pytest.mark.parametrize(
    ("logos", "ground", "kind", "plate"),
    [
        ([DARK_WORD], INK, "plate", CHALK),
        ([DARK_WORD], PAPER, "colour", None),
        ([DARK_WORD, drawn(("box", 0, "#FFFFFF"), ("letters", 130, "#FFFFFF"))], INK, "white", None),
        ([WHITE_WORD], PAPER, "plate", INK),
        ([YELLOW_SIGN], INK, "plate", CHALK),
    ],
)  # fmt: skip
def test_the_variant_is_chosen_by_what_vanishes_then_a_plate(logos, ground, kind, plate):
    choice = variant(logo_set("A", [png(each) for each in logos]), ground)
    assert (choice.kind, choice.plate, choice.is_pale) == (kind, plate, False)


def test_a_plate_carries_a_logo_over_a_ground_that_is_light_here_and_dark_there():
    logos = LogoSet(name="A", colour=png(drawn(("letters", 0, "#123B7A"))))
    assert variant(logos, PAPER).kind == "colour"
    assert variant(logos, PAPER, rgb("#0E2126")).kind == "plate"


def test_a_logo_that_vanishes_everywhere_is_refused_with_both_colours():
    logo = drawn(("letters", 0, "#111111"), ("box", 400, "#F4F4F4"))
    with pytest.raises(Invalid, match="#F4F4F4 on a light ground, #101010 on a dark") as refused:
        variant(LogoSet(name="A", colour=png(logo)), PAPER)
    assert refused.value.code == "rendering.logo_lost"
    assert "white version" in refused.value.remedy
