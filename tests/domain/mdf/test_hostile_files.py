"""M9: files made to harm are refused at their field, or kept inert; nothing is drawn or run of them."""

import io
import re
import time

import pytest
from PIL import Image

from tcma.errors import Invalid
from tcma.invoices import reading
from tcma.invoices.record import REJECT
from tcma.mdf.papers import uploads
from tests.domain.mdf.conftest import a_pdf
from tests.invoices.test_hostile import archive, content_bomb, many_pages, pixel_bomb

INERT = {"application/pdf", "image/jpeg", "image/png"}
"""What a proof may be kept as: none of it runs, and all of it is sent as a download."""
CORPUS = {
    "web page called PDF": lambda: b"<!DOCTYPE html><script>alert(1)</script>",
    "drawing with a script": lambda: b"<?xml version='1.0'?><svg onload='alert(1)'/>",
    "drawing without a head": lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
    "PDF and web page at once": lambda: b"%PDF-1.7\n<html><script>alert(1)</script>\n%%EOF",
    "picture and PDF at once": lambda: b"GIF89a%PDF-1.4\n%%EOF",
    "PDF and archive at once": lambda: b"%PDF-1.7\n" + archive(a_dot_txt=b"x" * 99) + b"\n%%EOF",
    "archive that unpacks to 70 MB": lambda: archive(word__document_dot_xml=b"0" * 70_000_000),
    "page that unpacks to a gigabyte": content_bomb,
    "10,000 pages": lambda: many_pages(10_000),
    "picture of 2.5 billion pixels": pixel_bomb,
}


@pytest.fixture(scope="module")
def files():
    return {name: make() for name, make in CORPUS.items()}


def offered(take, name, content):
    """What is kept of a file; None when it is refused at its field."""
    kept, said = None, {}
    try:
        kept = take(name, content)
    except Invalid as refused:
        said = refused.fields
    assert kept or said["file"]
    return kept


@pytest.mark.parametrize("name", CORPUS)
def test_m9_as_a_proof_it_is_refused_at_its_field_or_kept_as_it_came(files, name):
    kept = offered(uploads.accept, f"../../{name}.pdf", files[name])
    if kept:
        assert kept.media_type in INERT
        assert kept.content == files[name]
        assert re.fullmatch(r"[\w, -]+\.(pdf|jpg|png)", kept.file_name)


@pytest.mark.parametrize("name", CORPUS)
def test_m9_as_an_invoice_nothing_is_read_of_it_within_the_readers_time(files, name):
    begun = time.monotonic()
    if offered(uploads.accept_invoice, f"{name}.pdf", files[name]):
        found = reading.read(files[name]).read
        assert (found.verdict, found.fields.known()) == (REJECT, ())
    assert time.monotonic() - begun < reading.SECONDS + 10


@pytest.mark.parametrize("name", CORPUS)
def test_m9_nothing_is_drawn_of_it_and_it_says_why_within_the_readers_time(files, name):
    begun = time.monotonic()
    if offered(uploads.accept, f"{name}.pdf", files[name]):
        seen = reading.read_proof(files[name], [])
        assert (seen.picture, seen.picture_mark) == (b"", "")
        assert seen.why
    assert time.monotonic() - begun < reading.SECONDS + 10


def test_m9_a_photo_that_is_turned_by_its_camera_data_is_known_again():
    upright = Image.effect_mandelbrot((400, 260), (-2, -1.2, 0.8, 1.2), 40).convert("RGB")
    turned = upright.transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown a quarter to the right, as it was before
    one, other = io.BytesIO(), io.BytesIO()
    upright.save(one, "JPEG", quality=95)
    turned.save(other, "JPEG", quality=95, exif=exif.tobytes())
    marks = {reading.read_proof(each.getvalue(), []).picture_mark for each in (one, other)}
    assert len(marks) == 1
    assert marks != {""}


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "..\\..\\boot.ini", "a\r\nSet-Cookie: x", "a\0.php", "/", ""]
)
def test_m9_no_name_leads_out_of_its_place(name):
    for take in (uploads.accept, uploads.accept_invoice):
        kept = take(name, a_pdf()).file_name
        assert re.fullmatch(r"\w[\w .,-]*\.pdf", kept), kept
