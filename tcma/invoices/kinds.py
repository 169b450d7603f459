"""What a file is, by its content and never by its name; what it is not; how large it may be."""

import io
import re
import warnings
import zipfile
import zlib
from enum import StrEnum

from PIL import Image

from tcma.invoices.envelope import is_signed
from tcma.invoices.record import Refused

LARGEST = 10 * 1024 * 1024
"""Bytes of one file."""
MOST_PIXELS = 60_000_000
TOO_MANY_PIXELS = "The picture has too many pixels. Make it smaller."
MOST_UNPACKED = 60 * 1024 * 1024
MOST_MEMBERS = 2_000
MOST_RATIO = 200
"""What a packed document may grow to, in bytes, parts, and times its size."""
LARGEST_XML = 5 * 1024 * 1024


class Kind(StrEnum):
    """The files that can be proof of cost, with their media types."""

    PDF = "application/pdf"
    JPEG = "image/jpeg"
    PNG = "image/png"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    XML = "application/xml"
    P7M = "application/pkcs7-mime"


ENDINGS: dict[Kind, str] = {
    Kind.PDF: ".pdf",
    Kind.JPEG: ".jpg",
    Kind.PNG: ".png",
    Kind.DOCX: ".docx",
    Kind.XLSX: ".xlsx",
    Kind.XML: ".xml",
    Kind.P7M: ".p7m",
}
ACCEPTED = "PDF, JPEG, PNG, DOCX, XLSX or an e-invoice (XML)"
_BOM = b"\xef\xbb\xbf"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ACTIVE = re.compile(r"vbaProject|\.bin$|/activeX/|/embeddings/|\.exe$|\.js$|\.vbs$", re.IGNORECASE)

_TIE = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")
_FETCHED = re.compile(rb"/(?:attachedTemplate|oleObject|frame|subDocument|afChunk)[\"']")
_DDE = re.compile(rb"instrText[^>]*>\s*DDE|instr=[\"']\s*DDE", re.IGNORECASE)


def kind_of(content: bytes) -> Kind:
    """Return what a file is; raises Refused for anything that cannot be proof of cost."""
    if not content:
        raise Refused("The file is empty.")
    if len(content) > LARGEST:
        raise Refused(f"The file has more than {LARGEST // 1024 // 1024} MB.")
    head = content.removeprefix(_BOM).lstrip()[:1024]
    if head.startswith(b"%PDF-"):
        return Kind.PDF
    if content.startswith(b"PK\x03\x04"):
        return _packed(content)
    if content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return _picture(content)
    if content.startswith(_OLE):
        raise Refused("An old or protected Office file. Save it as PDF and upload that.")
    if head.startswith(b"<") or content.startswith((b"\xff\xfe<", b"\xfe\xff\x00<")):
        return _markup(content, head.lower())
    if is_signed(content):
        return Kind.P7M
    raise Refused(f"We cannot use this file: it is {_named(content)}. Upload a {ACCEPTED}.")


def _markup(content: bytes, head: bytes) -> Kind:
    if re.match(rb"<(!doctype html|html|script|svg)", head) or b"<svg" in head:
        raise Refused(f"This is a web page or a drawing, not a paper. Upload a {ACCEPTED}.")
    if len(content) > LARGEST_XML:
        raise Refused(f"An e-invoice has at most {LARGEST_XML // 1024 // 1024} MB.")
    return Kind.XML


def _picture(content: bytes) -> Kind:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a wrong EXIF entry is no wrong picture
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise Refused(TOO_MANY_PIXELS)
                kind = Kind.PNG if picture.format == "PNG" else Kind.JPEG
                picture.verify()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused(TOO_MANY_PIXELS) from None
    except (OSError, SyntaxError, ValueError):
        raise Refused("The picture is broken or cut off. Save it again.") from None
    return kind


def _packed(content: bytes) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            names = {part.filename for part in parts}
            _measured(parts, len(content))
            types = package.read("[Content_Types].xml") if "[Content_Types].xml" in names else b""
            reaching = _reaches_out(package, names)
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError, EOFError):
        raise Refused("The file is damaged or was cut off. Save it again.") from None
    if b"macroEnabled" in types or any(_ACTIVE.search(name) for name in names):
        raise Refused("The file carries macros or other files. Save it as PDF.")
    if reaching:
        raise Refused("The file loads or starts something from elsewhere. Save it as PDF.")
    if "word/document.xml" in names:
        return Kind.DOCX
    if "xl/workbook.xml" in names:
        return Kind.XLSX
    raise Refused(f"This is an archive, not a paper. Upload a {ACCEPTED}.")


def _reaches_out(package: zipfile.ZipFile, names: set[str]) -> bool:
    """Whether opening it in Office fetches a template or object, or talks to another program (DDE)."""
    for name in sorted(names):
        if name.endswith(".rels"):
            ties = _TIE.findall(package.read(name))
            acts = any(b"External" in tie and _FETCHED.search(tie) for tie in ties)
        elif name.startswith("xl/externalLinks/"):
            acts = b"ddeLink" in package.read(name)
        else:
            words = name.startswith("word/") and name.endswith(".xml")
            acts = words and _DDE.search(package.read(name)) is not None
        if acts:
            return True
    return False


def _measured(parts: list[zipfile.ZipInfo], size: int) -> None:
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MOST_MEMBERS or unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * size:
        raise Refused("The file grows too large when opened. Save it as PDF.")
    if any(part.flag_bits & 1 for part in parts):
        raise Refused("The file is protected by a password. Save it without one.")


def _named(content: bytes) -> str:
    import puremagic  # heavy: only for what is refused

    try:
        found = puremagic.magic_string(content)
    except (puremagic.PureError, ValueError):
        found = []
    return found[0].name if found and found[0].name else "of a kind we do not know"
