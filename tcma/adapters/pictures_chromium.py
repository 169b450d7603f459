"""Pictures of pages by a headless Chromium: no script runs, and only the page's own host answers."""

import io
import subprocess
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from PIL import Image, ImageChops

from tcma.errors import Unavailable
from tcma.words import say

WIDTH, TALLEST = 1_280, 6_000
PATIENCE = 60  # seconds
HEAD = (
    '<!doctype html><meta http-equiv="Content-Security-Policy" content="script-src \'none\';'
    " frame-src 'none'; form-action 'none'\"><base href=\"{}\">"
)
"""Comes before the page. (Scripts as a whole cannot be off: Chromium's own shot is one.)"""
FOOT = 24
"""Empty lines that stay under a page's last mark."""


class ChromiumPictures:
    """PagePictures by the Chromium that `find` names; it is looked for when first needed."""

    def __init__(self, find: Callable[[], str | None], arguments: Sequence[str]) -> None:
        """Keep how to find it and what it always needs on its command line."""
        self._find = find
        self._arguments = tuple(arguments)
        self._path: str | None = None

    def take(self, html: bytes, address: str) -> bytes:
        """Return the page as PNG, 1280 wide, as tall as what is on it."""
        self._path = self._path or self._find()
        if self._path is None:
            raise Unavailable(
                say("no browser on this machine"), remedy="install the package chromium"
            )
        with TemporaryDirectory(prefix="tcma-page-") as folder:
            page, shot = Path(folder) / "page.html", Path(folder) / "page.png"
            page.write_bytes(HEAD.format(escape(address, quote=True)).encode() + html)
            command = [
                self._path,
                *self._arguments,
                "--headless=new",
                "--hide-scrollbars",
                f"--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE {urlsplit(address).hostname}",
                f"--window-size={WIDTH},{TALLEST}",
                f"--user-data-dir={folder}/profile",
                f"--screenshot={shot}",
                page.as_uri(),
            ]
            try:
                subprocess.run(command, capture_output=True, check=True, timeout=PATIENCE)
                return trimmed(shot.read_bytes())
            except (subprocess.SubprocessError, OSError) as error:
                raise Unavailable(
                    "the browser drew no picture", remedy="run `tcma doctor`"
                ) from error


def trimmed(png: bytes) -> bytes:
    """Cut off what lies under the page's last mark: lines of one colour."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    ground = Image.new("RGB", picture.size, picture.getpixel((0, picture.height - 1)))
    box = ImageChops.difference(picture, ground).getbbox()
    bottom = min(box[3] + FOOT, picture.height) if box else FOOT
    out = io.BytesIO()
    picture.crop((0, 0, picture.width, bottom)).save(out, "PNG", optimize=True)
    return out.getvalue()
