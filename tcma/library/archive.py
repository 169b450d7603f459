"""A campaign's folder as one zip, for another installation: packed alike everywhere, unpacked within limits."""

import io
import lzma
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from tcma.rendering.findings import refusal
from tcma.rendering.source import MOST_BYTES, MOST_FILES, SHARED

TOP = "campaign.toml"
BROKEN = (
    zipfile.BadZipFile,
    RuntimeError,
    EOFError,
    ValueError,
    OSError,
    zlib.error,
    lzma.LZMAError,
)
"""What reading a damaged, locked or strangely packed archive raises."""
TIMES = 200
"""A file that grows by more than this when it is unpacked is not a picture or a text."""


def files_of_zip(data: bytes, *, shared: Path | None = None) -> dict[str, bytes]:
    """Return path → bytes as the importer takes them.

    The campaign's folder may lie at the top or inside one folder; `_shared` may lie in it or beside
    it, else the files of `shared` are taken. Raises TemplateRefused with the reason.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            packed = _read(archive)
    except BROKEN as broken:
        raise _refused("archive.zip", "broken_zip", "This is not a zip file.") from broken
    tops = sorted((path for path in packed if path.split("/")[-1] == TOP), key=len)
    if not tops:
        raise _refused(TOP, "missing_file", "The zip holds no campaign.toml.")
    base = tops[0].removesuffix(TOP)
    beside = base.rstrip("/").rpartition("/")[0]
    others = f"{beside}/{SHARED}" if beside else SHARED
    files = {
        path.removeprefix(base): content
        for path, content in packed.items()
        if path.startswith(base) and not path.endswith(".md")
    }
    if not any(path.startswith(SHARED) for path in files):
        files |= {
            SHARED + path.removeprefix(others): content
            for path, content in packed.items()
            if path.startswith(others) and not path.endswith(".md")
        }
    if shared and not any(path.startswith(SHARED) for path in files):
        files |= _folder(shared)
    return files


def zip_of_files(files: Mapping[str, bytes], *, slug: str) -> bytes:
    """Return a version as one zip: its folder by its slug, `_shared` beside it.

    The same files give the same bytes, wherever and whenever they are packed.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path in sorted(files):
            name = path if path.startswith(SHARED) else f"{slug}/{path}"
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, (stat.S_IFREG | 0o644) << 16
            is_picture = path.endswith((".jpg", ".png", ".webp"))
            entry.compress_type = zipfile.ZIP_STORED if is_picture else zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[path], compresslevel=9)
    return out.getvalue()


def _read(archive: zipfile.ZipFile) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    seen: set[str] = set()
    size = 0
    for entry in archive.infolist():
        path = _named(entry)
        if entry.is_dir() or any(p.startswith((".", "__MACOSX")) for p in path.split("/")):
            continue
        if path.casefold() in seen:
            raise _refused(path, "twice", "Two files of the zip have this name.")
        seen.add(path.casefold())
        size += entry.file_size
        grows = entry.file_size > TIMES * max(entry.compress_size, 1)
        if size > MOST_BYTES or len(files) >= MOST_FILES or grows:
            raise _refused(
                path, "too_large", f"More than {MOST_FILES} files or {MOST_BYTES >> 20} MB."
            )
        files[path] = archive.read(entry)
    return files


def _named(entry: zipfile.ZipInfo) -> str:
    """Return the normal form of a name; refuse what leads out of the folder and what is no file."""
    path = unicodedata.normalize("NFC", entry.filename.replace("\\", "/"))
    parts = path.split("/")
    if path.startswith("/") or ".." in parts or ":" in parts[0]:
        raise _refused(path, "outside", "This path leads out of the folder.")
    if any(unicodedata.category(each) == "Cc" for each in path):
        raise _refused(repr(path), "name", "This name holds a control character.")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind and kind not in (stat.S_IFREG, stat.S_IFDIR):
        raise _refused(path, "link", "This is a link, not a file.")
    return path


def _folder(folder: Path) -> dict[str, bytes]:
    return {
        SHARED + path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".md" and not path.name.startswith(".")
    }


def _refused(path: str, code: str, message: str) -> Exception:
    return refusal(path, code, message, remedy="zip the folder that holds campaign.toml")
