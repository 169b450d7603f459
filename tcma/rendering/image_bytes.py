"""What a file is by its first bytes, and where its picture ends."""

import re
from collections.abc import Iterator

import puremagic

_MARKS = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
)
_NAMES = {
    ".doc": "a Word document", ".docx": "a Word document", ".pdf": "a PDF document",
    ".zip": "a ZIP archive", ".bmp": "a BMP picture", ".tif": "a TIFF picture",
    ".tiff": "a TIFF picture", ".ico": "an icon file", ".psd": "a Photoshop document",
    ".ai": "an Illustrator document", ".eps": "a PostScript document", ".html": "a web page",
    ".heic": "a HEIC picture", ".avif": "an AVIF picture", ".gz": "a compressed file",
}  # fmt: skip
_SCRIPT = re.compile(rb"<script|<\?php|javascript:|<svg[\s>]", re.IGNORECASE)


class RefusedBytesError(Exception):
    """The sentence for the person who uploaded it."""


def sniff(data: bytes) -> str:
    """PNG, JPEG, GIF or WEBP; raises RefusedBytesError saying what it is instead."""
    for mark, kind in _MARKS:
        if data.startswith(mark):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    raise RefusedBytesError(
        f"We cannot use this file: it is {_other(data)}. Send PNG, JPEG, WebP, GIF or SVG."
    )


def _other(data: bytes) -> str:
    try:
        found = [m.extension.lower() for m in puremagic.magic_string(data[:4096])]
    except (puremagic.PureError, ValueError):
        found = []
    if data[:4] == b"PK\x03\x04" and b"word/" in data:
        found.insert(0, ".docx")
    if re.match(rb"\s*(<!doctype html|<html)", data[:200], re.IGNORECASE):
        found.insert(0, ".html")
    return next((_NAMES[f] for f in found if f in _NAMES), "no picture we know")


def carries_script(data: bytes) -> bool:
    """Script or page text anywhere in the file: harmless once the pixels are drawn anew."""
    return _SCRIPT.search(data) is not None


def trailing_bytes(data: bytes, kind: str) -> int:
    """How many bytes stand after the end of the picture; 0 when the end cannot be found."""
    end = {"PNG": _png_end, "JPEG": _jpeg_end, "GIF": _gif_end, "WEBP": _webp_end}[kind](data)
    return max(0, len(data) - end) if end else 0


def is_deep_png(data: bytes) -> bool:
    """Whether a PNG states 16 bits a channel (byte 24 is the depth of IHDR)."""
    return data.startswith(b"\x89PNG") and len(data) > 24 and data[24] == 16


def _png_end(data: bytes) -> int:
    at = 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4])
        if data[at + 4 : at + 8] == b"IEND":
            return at + 12 + length
        at += 12 + length
    return 0


def _webp_end(data: bytes) -> int:
    size = int.from_bytes(data[4:8], "little")
    return 8 + size + size % 2


def _jpeg_end(data: bytes) -> int:
    """Walks the marker segments; inside a scan, the next marker that is no stuffing or restart."""
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            return 0
        code = data[at + 1]
        if code == 0xFF:
            at += 1
        elif code == 0xD9:
            return at + 2
        elif code == 0x01 or 0xD0 <= code <= 0xD8:
            at += 2
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4])
            if code == 0xDA:
                at = _scan_end(data, at)
    return at + 2 if data[at : at + 2] == b"\xff\xd9" else 0


def _scan_end(data: bytes, at: int) -> int:
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            return len(data)
        if data[at + 1] == 0x00 or 0xD0 <= data[at + 1] <= 0xD7:
            at += 2
            continue
        return at


def largest_gif_frame(data: bytes) -> int:
    """Pixels the largest frame of a GIF claims, whatever its header says."""
    areas = [0]
    for at in _gif_frames(data):
        x, y, w, h = (int.from_bytes(data[at + i : at + i + 2], "little") for i in (1, 3, 5, 7))
        areas.append((x + w) * (y + h))
    return max(areas)


def _gif_end(data: bytes) -> int:
    at = 13 + _table(data[10]) if len(data) > 13 else len(data)
    for frame in _gif_frames(data):
        at = _blocks(data, frame + 11 + _table(data[frame + 9]))
    while at + 1 < len(data) and data[at] == 0x21:
        at = _blocks(data, at + 2)
    return at + 1 if data[at : at + 1] == b"\x3b" else 0


def _gif_frames(data: bytes) -> Iterator[int]:
    """Where each image descriptor stands."""
    at = 13 + _table(data[10]) if len(data) > 13 else len(data)
    while at + 10 < len(data):
        if data[at] == 0x21:
            at = _blocks(data, at + 2)
        elif data[at] == 0x2C:
            yield at
            at = _blocks(data, at + 11 + _table(data[at + 9]))
        else:
            return


def _table(flags: int) -> int:
    return int(3 * 2 ** ((flags & 7) + 1)) if flags & 0x80 else 0


def _blocks(data: bytes, at: int) -> int:
    while at < len(data) and data[at]:
        at += 1 + data[at]
    return at + 1
