"""Files that are broken, foreign or meant to harm: refused with a reason, in time, always."""

import io
import time
import zipfile
import zlib

import pikepdf
import pytest
from PIL import Image

from tcma.invoices import kinds, reading
from tcma.invoices.record import ACCEPT, REJECT
from tests.invoices.papers import PAPERS, as_columns
from tests.invoices.test_papers import docx

PAPER = as_columns(PAPERS["english pounds"])


def saved(change=None, **how):
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(PAPER)) as paper:
        if change:
            change(paper)
        paper.save(out, **how)
    return out.getvalue()


def with_script(paper):
    paper.Root.OpenAction = pikepdf.Dictionary(
        S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)")
    )


def with_script_link(paper):
    act = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String("JavaScript:alert(1)"))
    link = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, A=act)
    paper.pages[0].Annots = pikepdf.Array([paper.make_indirect(link)])


def with_launch(paper):
    paper.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("cmd.exe"))


def with_program(paper):
    paper.attachments["invoice.exe"] = b"MZ"


def speaking_of_scripts(paper):
    paper.docinfo.Title = "How (our) /JavaScript and /Launch work"


def picture(kind="PNG", size=(40, 30)):
    out = io.BytesIO()
    Image.new("RGB", size, "white").save(out, kind)
    return out.getvalue()


def many_pages(count):
    out = io.BytesIO()
    with pikepdf.new() as paper:
        for _ in range(count):
            paper.add_blank_page()
        paper.save(out)
    return out.getvalue()


def archive(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return out.getvalue()


def pixel_bomb():
    row = b"\x00" * 100_000
    head = b"\x00\x00\xc3\x50\x00\x00\xc3\x50\x08\x02\x00\x00\x00"

    def part(name, data):
        return (
            len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")
        )

    return (
        b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(row)) + part(b"IEND", b"")
    )  # fmt: skip


def content_bomb():
    """A page whose drawing unpacks to more than anybody may have in memory."""
    packer = zlib.compressobj(1)
    block = b"0 0 m 1 1 l S\n" * 80_000
    packed = b"".join(packer.compress(block) for _ in range(250)) + packer.flush()
    out = io.BytesIO()
    with pikepdf.new() as paper:
        paper.add_blank_page()
        paper.pages[0].Contents = paper.make_stream(packed, {"/Filter": pikepdf.Name.FlateDecode})
        paper.save(out)
    return out.getvalue()


REFUSED = {
    "empty": (b"", "empty"),
    "too large": (lambda: b"%PDF-1.4\n" + b"0" * (10 * 1024 * 1024), "10 MB"),
    "cut off": (lambda: PAPER[: len(PAPER) // 3], "cut off"),
    "no pages": (b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF", "broken"),
    "password": (
        lambda: saved(encryption=pikepdf.Encryption(user="secret", owner="o")),
        "password",
    ),
    "script": (lambda: saved(with_script), "scripts"),
    "script in a link": (lambda: saved(with_script_link), "scripts"),
    "packed script": (
        lambda: saved(with_script, object_stream_mode=pikepdf.ObjectStreamMode.generate),
        "scripts",
    ),
    "disguised script": (
        lambda: saved(with_script).replace(b"/JavaScript", b"/J#61vaScript"),
        "scripts",
    ),
    "launch": (lambda: saved(with_launch), "programs"),
    "carried program": (lambda: saved(with_program), "another kind"),
    "many pages": (lambda: many_pages(201), "200"),
    "web page": (b"<!DOCTYPE html><script>alert(1)</script>", "web page"),
    "drawing": (b"<?xml version='1.0'?><svg onload='alert(1)'/>", "web page"),
    "program": (b"MZ\x90\x00" + b"\0" * 200, "cannot use"),
    "old office": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "Office"),
    "plain zip": (lambda: archive(a_dot_txt=b"hello"), "archive"),
    "zip bomb": (lambda: archive(word__document_dot_xml=b"0" * 70_000_000), "too large"),
    "macros": (
        lambda: archive(word__document_dot_xml=b"<a/>", word__vbaProject_dot_bin=b"x"),
        "macros",
    ),
    "broken word": (lambda: archive(word__document_dot_xml=b"<a"), "broken"),
    "entities in word": (
        lambda: archive(word__document_dot_xml=b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
        "broken",
    ),
    "template from elsewhere": (
        lambda: archive(
            word__document_dot_xml=b"<a/>",
            word___rels__settings_dot_xml_dot_rels=b'<Relationship Id="r" Target="http://evil.example/x.dotm" '
            b'Type="http://x/relationships/attachedTemplate" TargetMode="External"/>',
        ),
        "from elsewhere",
    ),
    "word that starts a program": (
        lambda: archive(word__document_dot_xml=b"<w:instrText> DDEAUTO c:\\x </w:instrText>"),
        "from elsewhere",
    ),
    "sheet that starts a program": (
        lambda: archive(xl__workbook_dot_xml=b"<a/>", xl__externalLinks__e1_dot_xml=b"<ddeLink/>"),
        "from elsewhere",
    ),
    "pixel bomb": (pixel_bomb, "pixels"),
    "half a picture": (lambda: picture("JPEG", (800, 600))[:400], "broken"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_with_the_reason(name):
    content, reason = REFUSED[name]
    found = reading.read(content() if callable(content) else content, patience=10).read
    assert (found.verdict, found.fields.known()) == (REJECT, ())
    assert reason in found.reason


def test_a_page_that_unpacks_without_end_is_stopped():
    bomb = content_bomb()
    begun = time.monotonic()
    found = reading.read(bomb).read
    assert found.verdict == REJECT
    assert time.monotonic() - begun < reading.SECONDS + 1.5


@pytest.mark.parametrize(
    "content",
    [
        PAPER,
        saved(speaking_of_scripts),
        saved(encryption=pikepdf.Encryption(user="", owner="o")),
        many_pages(3),
        b"\n" + PAPER,
        picture(),
        picture("JPEG"),
        docx("A note"),
    ],
)
def test_honest_papers_are_accepted(content):
    assert reading.read(content, patience=10).read.verdict == ACCEPT


def test_the_reader_is_told_nothing_of_the_house(monkeypatch):
    monkeypatch.setenv("TCMA_SECRET", "s" * 40)
    monkeypatch.setenv("LD_PRELOAD", "/nowhere.so")
    assert reading.read(PAPER, patience=10).read.verdict == ACCEPT


@pytest.mark.parametrize("kind", kinds.Kind)
def test_what_begins_like_a_paper_and_is_none_breaks_nothing(kind):
    head = {
        "application/pdf": b"%PDF-1.7\n",
        "image/jpeg": b"\xff\xd8\xff\xe0",
        "image/png": b"\x89PNG\r\n\x1a\n",
    }
    begin = head.get(kind, b"PK\x03\x04" if "office" in kind else b"<Invoice")
    for seed in range(3):
        found = reading.read(
            begin + bytes((i * 73 + seed * 31) % 256 for i in range(3_000)), patience=10
        )
        assert (found.read.verdict, bool(found.read.reason)) == (REJECT, True)
