"""The port to a reader of pictures: Tesseract where the machine has it, else an honest no."""

import io
import shutil
import subprocess

from PIL import Image

from tcma.invoices.layout import Page, page_of_rows

LANGUAGES = ("eng", "deu", "fra", "spa", "nld")


def reader() -> str:
    """Return where Tesseract is, empty when the machine has none."""
    return shutil.which("tesseract") or ""


def pages_of_picture(picture: Image.Image, *, seconds: float) -> list[Page]:
    """Return what Tesseract reads in a picture; no page without it, or when time runs out."""
    program = reader()
    if not program or seconds <= 0:
        return []
    out = io.BytesIO()
    picture.convert("L").save(out, "PNG")
    try:
        done = subprocess.run(
            [program, "stdin", "stdout", "-l", _languages(program), "--psm", "4",
             "-c", "preserve_interword_spaces=1"],
            input=out.getvalue(),
            capture_output=True,
            timeout=seconds,
            check=True,
        )  # fmt: skip
    except (subprocess.SubprocessError, OSError):
        return []
    lines = done.stdout.decode("utf-8", errors="replace").splitlines()
    return [page_of_rows(line.replace("   ", "\t").split("\t") for line in lines)]


def _languages(program: str) -> str:
    try:
        listed = subprocess.run(
            [program, "--list-langs"], capture_output=True, timeout=2, check=True
        )
    except (subprocess.SubprocessError, OSError):
        return "eng"
    there = set(listed.stdout.decode().split())
    return "+".join(name for name in LANGUAGES if name in there) or "eng"
