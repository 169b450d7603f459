"""What a partner may hand in, judged by its bytes."""

import io
import zipfile

import pytest
from PIL import Image

from tcma.errors import Invalid
from tcma.invoices import reading
from tcma.mdf.papers import uploads
from tcma.mdf.rules import LARGEST_PROOF
from tests.invoices.test_fatturapa import fattura, in_parts

from .conftest import a_pdf


def a_picture(form, size=(40, 30), mode="RGB"):
    out = io.BytesIO()
    Image.new(mode, size).save(out, form)
    return out.getvalue()


def a_zip():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "kept", "media_type"),
    [
        ("invoice.pdf", a_pdf(), "invoice.pdf", "application/pdf"),
        ("photo.HEIC", a_picture("JPEG"), "photo.jpg", "image/jpeg"),
        ("x.png", a_picture("PNG"), "x.png", "image/png"),
        ("../../etc/passwd", a_pdf(), "passwd.pdf", "application/pdf"),
        ("..\\..\\boot.ini", a_pdf(), "boot.pdf", "application/pdf"),
        ("<script>alert(1)</script>.pdf", a_pdf(), "script.pdf", "application/pdf"),
        ("=cmd|' /C calc'!A0.pdf", a_pdf(), "C calc-A0.pdf", "application/pdf"),
        ("....", a_pdf(), "file.pdf", "application/pdf"),
        ("Rechnung März (2).pdf", a_pdf(), "Rechnung März (2).pdf", "application/pdf"),
    ],
)
def test_pdf_jpeg_and_png_are_kept_under_a_harmless_name(name, content, kept, media_type):
    upload = uploads.accept(name, content)
    assert (upload.file_name, upload.media_type, upload.content) == (kept, media_type, content)


def test_a_signed_e_invoice_is_an_invoice_and_no_other_proof():
    sent = in_parts(fattura())
    upload = uploads.accept_invoice("IT00000000000_7.xml.p7m", sent)
    assert (upload.file_name, upload.media_type, upload.content) == (
        "IT00000000000_7.xml.p7m",
        "application/pkcs7-mime",
        sent,
    )
    with pytest.raises(Invalid):
        uploads.accept("IT00000000000_7.xml.p7m", sent)


SCAN = b"%PDF-1.7\n1 0 obj\n<< /Length 60 >>\nstream\n\x9c\x03/JS \xf1 /Launch\x00\nendstream\nendobj\n"


@pytest.mark.parametrize("take", [uploads.accept, uploads.accept_invoice])
def test_octets_of_a_packed_picture_that_spell_a_script_by_chance_are_none(take):
    assert take("scan.pdf", SCAN + b"%%EOF").content.startswith(SCAN)


def test_a_script_after_a_packed_part_is_found_and_an_endless_one_hides_none():
    script = b"2 0 obj\n<< /S /JavaScript >>\nendobj\n%%EOF"
    for content in (SCAN + script, b"%PDF-1.7\n<< >>\nstream\n" + script):
        with pytest.raises(Invalid, match="scripts"):
            uploads.accept("proof.pdf", content)


def test_a_phones_photo_with_a_second_picture_in_it_is_a_jpeg():
    out = io.BytesIO()
    second = Image.new("RGB", (20, 15), "red")
    Image.effect_mandelbrot((400, 260), (-2, -1.2, 0.8, 1.2), 40).convert("RGB").save(
        out, "MPO", save_all=True, append_images=[second]
    )
    for take in (uploads.accept, uploads.accept_invoice):
        upload = take("IMG_0001.JPG", out.getvalue())
        assert (upload.file_name, upload.media_type) == ("IMG_0001.jpg", "image/jpeg")
        assert reading.read_proof(upload.content, []).picture_mark


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"<html><script>1</script>", "cannot use this file"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "cannot use this file"),
        (a_zip(), "cannot use this file"),
        (a_picture("GIF"), "cannot use this file"),
        (a_picture("PNG")[:40], "cannot use this file"),
        (b"%PDF-1.7\n1 0 obj << /OpenAction << /S /JavaScript >> >>\n%%EOF", "scripts"),
        (b"%PDF-1.7\n/EmbeddedFile\n%%EOF", "scripts"),
        (b"%PDF-1.7\n" + b"x" * 4096, "cut off"),
        (b"GIF89a%PDF-1.4\n%%EOF", "cannot use this file"),
        (lambda: a_pdf() + b"0" * LARGEST_PROOF, "10 MB"),
        (lambda: a_picture("PNG", (8_000, 8_000), "1"), "too many pixels"),
    ],
)
def test_m9_everything_else_is_refused_with_the_reason(content, words):
    with pytest.raises(Invalid, match=words) as refused:
        uploads.accept("invoice.pdf", content() if callable(content) else content)
    assert refused.value.remedy
    assert refused.value.fields["file"]
