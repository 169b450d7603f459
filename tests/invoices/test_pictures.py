"""Pictures of papers: a second photo of one paper is known, another paper is not; the OCR port."""

import io
import os

import pytest
from PIL import Image, ImageEnhance

from tcma.invoices import ocr, pictures
from tcma.invoices.pdf import open_pdf, picture_of
from tests.invoices.papers import PAPERS, as_columns, as_letter


def photo(draw, name, longest=1000):
    return picture_of(open_pdf(draw(PAPERS[name])), longest=longest)


def again(picture, quality=40, scale=0.6):
    """The same paper through a phone: smaller, darker, as JPEG."""
    out = io.BytesIO()
    small = picture.resize((int(picture.width * scale), int(picture.height * scale)))
    ImageEnhance.Brightness(small).enhance(0.85).save(out, "JPEG", quality=quality)
    return pictures.opened(out.getvalue())


def test_a_second_photo_of_a_paper_is_known():
    first = photo(as_columns, "french")
    mark = pictures.mark_of(first)
    assert pictures.apart(mark, pictures.mark_of(again(first))) <= pictures.SAME_WITHIN


def test_another_paper_is_another_picture():
    marks = [
        pictures.mark_of(photo(draw, name))
        for draw, name in ((as_columns, "french"), (as_letter, "dutch"))
    ]
    assert pictures.apart(*marks) > pictures.SAME_WITHIN


def test_an_empty_page_has_no_mark():
    assert pictures.mark_of(Image.new("RGB", (300, 400), "white")) == ""


def test_a_preview_is_small_and_holds_nothing_but_pixels():
    out = io.BytesIO()
    Image.new("RGB", (4000, 3000), "white").save(
        out, "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0", comment=b"where"
    )
    made = Image.open(io.BytesIO(pictures.preview(pictures.opened(out.getvalue()))))
    assert (made.format, max(made.size), made.info) == ("PNG", pictures.PREVIEW, {})


def test_a_clear_picture_is_seen_on_white():
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(out, "PNG")
    assert pictures.opened(out.getvalue()).getpixel((5, 5)) == (255, 255, 255)


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine whose only program is what the test puts there."""
    monkeypatch.setenv("PATH", str(tmp_path))

    def put(script):
        program = tmp_path / "tesseract"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)

    return put


def test_without_a_reader_of_pictures_nothing_is_read(machine):
    assert ocr.pages_of_picture(Image.new("L", (10, 10)), seconds=2) == []


def test_what_the_reader_of_pictures_says_is_set_into_lines(machine):
    machine('if [ "$1" = --list-langs ]; then echo eng; else echo "Total      12.00"; fi')
    (page,) = ocr.pages_of_picture(Image.new("L", (10, 10)), seconds=5)
    assert [piece.text for piece in page.pieces()] == ["Total", "12.00"]


def test_a_reader_of_pictures_that_hangs_or_breaks_is_left(machine):
    machine("exit 3")
    assert ocr.pages_of_picture(Image.new("L", (10, 10)), seconds=2) == []
    machine("while :; do :; done")
    assert ocr.pages_of_picture(Image.new("L", (10, 10)), seconds=0.3) == []
    assert os.environ["PATH"]
