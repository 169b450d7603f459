"""QR codes are read back from their own pixels, and refused where a phone would fail."""

import io

import pytest
from PIL import Image

from tcma.errors import Invalid
from tcma.rendering.qr import QUIET, SMALLEST_MODULE, print_problems, qr_code

ADDRESS = "https://go.fenwright.example/go/fenwright/cloud-migration?via=qr"


def test_svg_and_png_show_the_same_modules():
    code = qr_code(ADDRESS)
    image = Image.open(io.BytesIO(code.png(side=400))).convert("L")
    each = image.width // code.modules
    drawn = [
        [
            image.getpixel((x * each + each // 2, y * each + each // 2)) == 0
            for x in range(code.modules)
        ]
        for y in range(code.modules)
    ]
    inner = tuple(tuple(row[QUIET:-QUIET]) for row in drawn[QUIET:-QUIET])
    assert inner == code.rows
    assert not any(any(row) for row in drawn[:QUIET])
    dark = sum(sum(row) for row in code.rows)
    runs = code.svg().split('d="')[-1].split('"')[0].split("M")[1:]
    assert sum(int(run.split("h")[1]) for run in runs) == dark


def test_a_safe_size_has_modules_a_phone_resolves():
    code = qr_code(ADDRESS)
    assert print_problems(code, width_mm=code.smallest_mm) == []
    assert code.module_mm(code.smallest_mm) >= SMALLEST_MODULE


@pytest.mark.parametrize(
    ("width", "dark", "light", "said"),
    [
        (10, "#000000", "#FFFFFF", "below 0.40 mm"),
        (40, "#C9B8A0", "#FFFFFF", "contrast of"),
        (40, "#FFFFFF", "#10282D", "Light on dark"),
    ],
)
def test_what_a_phone_would_not_read_is_said(width, dark, light, said):
    (found,) = print_problems(qr_code(ADDRESS), width_mm=width, dark=dark, light=light)
    assert said in found


def test_an_address_too_long_to_print_is_refused():
    with pytest.raises(Invalid, match="too fine to print"):
        qr_code("https://example.com/" + "a" * 300)
