import io
import json
import struct
import time
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from tcma.errors import Invalid
from tcma.rendering.logos import check, prepare

CORPUS = Path(__file__).parents[3] / "shared" / "data" / "images"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
BOX = '<rect width="90" height="30" fill="#123B7A"/>'


def drawn(mode="RGBA", size=(240, 80), ground=(0, 0, 0, 0), ink=(18, 59, 122, 255)):
    image = Image.new("RGBA", size, ground)
    ImageDraw.Draw(image).ellipse((size[0] // 6, 5, size[0] // 2, size[1] - 5), fill=ink)
    return image.convert(mode)


def saved(image, kind="PNG", **more):
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def svg(inside, head='viewBox="0 0 90 30"'):
    return f"{SVG}{head}>{inside}</svg>".encode()


def png_claiming(width, height):
    def chunk(name, body):
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    packed = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + packed + chunk(b"IEND", b"")


def gif_with_huge_second_frame():
    small = saved(drawn("P"), "GIF")
    return small[:-1] + struct.pack("<BHHHHB", 0x2C, 0, 0, 60_000, 60_000, 0) + b"\x02\x01\x00\x00;"


def exif_turned(value):
    exif = Image.Exif()
    exif[0x0112] = value
    return exif.tobytes()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (saved(drawn()), "logo.png"),
        (saved(drawn("P")), "logo.png"),
        (saved(drawn("LA")), "logo.png"),
        (saved(drawn("RGB", ground=(255, 255, 255, 255)), "JPEG"), "logo.jpeg"),
        (saved(drawn(), "WEBP", lossless=True), "logo.webp"),
        (saved(drawn("P"), "GIF"), "logo.gif"),
        (svg(BOX), "logo.svg"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><!-- made by hand -->\n" + svg(BOX), "logo.svg"),
        (svg(BOX, 'width="90mm" height="30mm"'), ""),
        (svg(f"<defs><g id='a'>{BOX}</g></defs><use xlink:href='#a'/>"), "logo.svg"),
    ],
)
def test_an_ordinary_logo_is_accepted_as_it_is(data, name):
    verdict = check(data, name=name)
    assert (verdict.verdict, verdict.changes) == ("accept", ())


@pytest.mark.parametrize(
    ("data", "name", "told"),
    [
        (saved(drawn("RGB").convert("CMYK"), "JPEG"), "a.jpg", "CMYK"),
        (saved(drawn("RGB", (2600, 900)), "PNG"), "a.png", "2600"),
        (saved(drawn("RGB"), "JPEG", exif=exif_turned(6)), "a.jpg", "upright"),
        (saved(drawn("P"), "GIF", save_all=True, append_images=[drawn("P", ink="red")]), "a.gif", "first"),
        (saved(Image.new("I;16", (60, 40), 30000)), "a.png", "16-bit"),
        (saved(drawn()), "a.jpg", "named .jpg"),
        (saved(drawn()) + b"PK\x03\x04 zip", "a.png", "after the end"),
        (saved(drawn("RGB"), "JPEG") + b"<script>alert(1)</script>", "a.jpg", "after the end"),
        (saved(drawn("P"), "GIF", comment=b"<script>alert(1)</script>"), "a.gif", "program text"),
        (svg(BOX, ""), "a.svg", "no size"),
        (svg(f"<a href='https://x.example'>{BOX}</a>"), "a.svg", "link"),
        (svg(BOX + "<animate attributeName='x' dur='1s'/>"), "a.svg", "animation"),
    ],
)  # fmt: skip
def test_a_usable_logo_is_mended_and_the_change_is_told(data, name, told):
    verdict = check(data, name=name)
    assert verdict.verdict == "accept_normalise"
    assert told in verdict.reason
    prepare(data)


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"", "a.png", "empty"),
        (b"PK\x03\x04" + b"word/document.xml", "a.png", "Word document"),
        (b"%PDF-1.7\n1 0 obj", "a.png", "PDF"),
        (saved(drawn("RGB"), "BMP"), "a.bmp", "BMP"),
        (b"<!doctype html><html><body>hi", "a.png", "web page"),
        (saved(drawn())[:-300], "a.png", "cut off"),
        (saved(drawn("RGB", (900, 900)), "JPEG")[:6000], "a.jpg", "cut off"),
        (png_claiming(60_000, 60_000), "a.png", "40 million"),
        (png_claiming(300, 200), "a.png", "damaged"),
        (gif_with_huge_second_frame(), "a.gif", "40 million"),
        (saved(Image.new("RGBA", (40, 40))), "a.png", "transparent"),
        (saved(drawn("RGB", (4000, 20))), "a.png", "hundred times"),
        (svg(BOX), "a.png", "named .png"),
        (svg(BOX + "<script>alert(1)</script>"), "a.svg", "<script>"),
        (svg(BOX.replace("<rect", "<rect onclick='a()'")), "a.svg", "event handler"),
        (svg("<foreignObject><p>hi</p></foreignObject>"), "a.svg", "<foreignobject>"),
        (svg("<image href='https://x.example/a.png'/>"), "a.svg", "outside"),
        (svg("<image href='data:image/svg+xml;base64,AAAA'/>"), "a.svg", "outside"),
        (svg("<image href='data:image/png;base64,AAAA'/>"), "a.svg", "inside this SVG"),
        (svg("<use href='other.svg#a'/>"), "a.svg", "outside"),
        (svg("<rect style='fill:url(//x.example/a)'/>"), "a.svg", "outside"),
        (svg("<style>@import 'https://x.example/a.css';</style>" + BOX), "a.svg", "style sheet"),
        (svg("<a xlink:href=' java\nscript:alert(1)'>x</a>"), "a.svg", "script address"),
        (svg("<a><set attributeName='xlink:href' to='javascript:a()'/></a>"), "a.svg", "address"),
        (b"<?xml-stylesheet href='https://x.example/a.css'?>" + svg(BOX), "a.svg", "style sheet"),
        (b"<!DOCTYPE svg [<!ENTITY a 'b'>]>" + svg("&a;"), "a.svg", "entities"),
        (svg("<use id='u' href='#u'/>"), "a.svg", "circle"),
        (svg("<mask id='m'><rect mask='url(#m)'/></mask>" + BOX), "a.svg", "circle"),
        (svg("<g><rect></g>"), "a.svg", "well formed"),
        (svg("<!-- nothing -->"), "a.svg", "draws nothing"),
        (b"<svg viewBox='0 0 9 9'><rect width='9' height='9'/></svg>", "a.svg", "xmlns"),
    ],
)  # fmt: skip
def test_a_hostile_or_broken_file_is_refused_with_the_reason(data, name, reason):
    verdict = check(data, name=name)
    assert verdict.verdict == "reject"
    assert reason in verdict.reason


def test_a_million_copies_by_use_are_refused_before_drawing():
    levels = "".join(
        f"<g id='l{i}'>" + f"<use href='#l{i - 1}'/>" * 10 + "</g>" for i in range(1, 8)
    )
    start = time.perf_counter()
    verdict = check(svg(f"<g id='l0'>{BOX}</g>{levels}"))
    assert (verdict.verdict, time.perf_counter() - start < 15) == ("reject", True)


def test_an_svg_that_takes_for_ever_is_stopped():
    noise = "<feTurbulence baseFrequency='0.5' numOctaves='100000'/>"
    start = time.perf_counter()
    verdict = check(
        svg(f"<filter id='f'>{noise}</filter><rect filter='url(#f)' width='90' height='30'/>")
    )
    assert (verdict.verdict, "longer than 4 seconds" in verdict.reason) == ("reject", True)
    assert time.perf_counter() - start < 60


def test_what_is_prepared_is_a_clean_png_of_the_same_shape():
    exif = exif_turned(6)
    prepared = prepare(saved(drawn("RGB", (240, 80)), "JPEG", exif=exif) + b"<script>")
    image = Image.open(io.BytesIO(prepared.png))
    assert (image.format, image.mode, image.size) == ("PNG", "RGBA", (80, 240))
    assert (prepared.has_alpha, prepared.is_white) == (False, False)
    assert not image.info
    assert prepared.png.endswith(b"IEND\xaeB\x60\x82")
    assert b"script" not in prepared.png


def test_a_large_picture_is_scaled_to_two_thousand_pixels_and_keeps_its_shape():
    prepared = prepare(saved(drawn("P", (6000, 1500))))
    assert max(prepared.width, prepared.height) == 2000
    assert prepared.aspect == pytest.approx(4, abs=0.01)


def test_cmyk_keeps_its_colours():
    prepared = prepare(saved(Image.new("RGB", (60, 60), (200, 30, 30)).convert("CMYK"), "JPEG"))
    red, green, blue, _ = Image.open(io.BytesIO(prepared.png)).getpixel((30, 30))
    assert red > 150
    assert green < 90
    assert blue < 90


@pytest.mark.parametrize(
    ("ink", "white"), [((255, 255, 255, 255), True), ((18, 59, 122, 255), False)]
)
def test_a_white_logo_is_recognised(ink, white):
    assert prepare(saved(drawn(ink=ink))).is_white is white


def test_a_refused_logo_cannot_be_prepared():
    with pytest.raises(Invalid, match="Word document"):
        prepare(b"PK\x03\x04word/")


def test_a_small_logo_is_accepted_with_a_warning():
    verdict = check(saved(drawn(size=(32, 32))))
    assert verdict.verdict == "accept"
    assert "low resolution" in verdict.reason


if CORPUS.is_dir():  # real files of the kind; not part of the repository

    def test_the_gate_agrees_with_the_collected_verdicts():
        rows = [json.loads(line) for line in (CORPUS / "expected.jsonl").read_text().splitlines()]
        wrong = []
        for row in rows:
            verdict = check((CORPUS / row["file"]).read_bytes(), name=row["file"])
            if verdict.verdict not in row["verdict"].split("-or-"):
                wrong.append((row["file"], row["verdict"], verdict))
        assert len(wrong) <= 0.03 * len(rows), wrong
