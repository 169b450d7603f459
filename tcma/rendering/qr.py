"""QR codes that a phone reads off paper: drawn, and measured before anybody prints them."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image

from tcma.errors import Invalid
from tcma.rendering.image_colour import contrast, rgb
from tcma.words import say

QUIET = 4
"""Modules of empty margin on each side, as ISO/IEC 18004 asks."""
SMALLEST_MODULE = 0.40
"""Millimetres: what phone cameras and office printers still resolve at arm's length."""
LEAST_CONTRAST = 4.0
LONGEST = 300
PNG_SIDE = 1200


@dataclass(frozen=True, slots=True)
class QrCode:
    """A code: rows of modules (True is dark), without its margin."""

    rows: tuple[tuple[bool, ...], ...]

    @property
    def modules(self) -> int:
        """Modules on a side, margin included."""
        return len(self.rows) + 2 * QUIET

    def module_mm(self, width: float) -> float:
        """How wide a module is, in mm, when the code with its margin is `width` mm wide."""
        return width / self.modules

    @property
    def smallest_mm(self) -> float:
        """The least width in mm, margin included, at which it prints safely."""
        return round(self.modules * SMALLEST_MODULE + 0.05, 1)

    def svg(self, *, dark: str = "#000000", light: str = "#FFFFFF") -> str:
        """The code as SVG, one unit a module, on its own light ground."""
        runs = "".join(
            f"M{QUIET + start} {QUIET + row + 0.5}h{length}"
            for row, cells in enumerate(self.rows)
            for start, length in _runs(cells)
        )
        side = self.modules
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" '
            f'shape-rendering="crispEdges"><path fill="{light}" d="M0 0h{side}v{side}H0z"/>'
            f'<path stroke="{dark}" d="{runs}"/></svg>'
        )

    def png(self, *, side: int = PNG_SIDE, dark: str = "#000000", light: str = "#FFFFFF") -> bytes:
        """The code as PNG of about `side` px, whole pixels a module."""
        image = Image.new("RGB", (self.modules, self.modules), rgb(light))
        for y, cells in enumerate(self.rows):
            for x, cell in enumerate(cells):
                if cell:
                    image.putpixel((x + QUIET, y + QUIET), rgb(dark))
        size = self.modules * max(1, side // self.modules)
        out = io.BytesIO()
        image.resize((size, size), Image.Resampling.NEAREST).save(out, "PNG", optimize=True)
        return out.getvalue()


@lru_cache(maxsize=256)
def qr_code(address: str) -> QrCode:
    """The code of an address, with error correction M (15 % may be covered or torn).

    Raises Invalid for an address that is too long to print small.
    """
    if len(address) > LONGEST:
        raise Invalid(
            say("An address of {n} characters makes a code too fine to print.", n=len(address)),
            code="qr.too_long",
            remedy=say("Use a shorter address, {longest} characters at most.", longest=LONGEST),
        )
    import segno  # heavy: only who draws a code

    made = segno.make(address, error="m", micro=False, boost_error=False)
    return QrCode(tuple(tuple(bool(cell) for cell in row) for row in made.matrix))


def print_problems(
    code: QrCode, *, width_mm: float, dark: str = "#000000", light: str = "#FFFFFF"
) -> list[str]:
    """What would keep phones from reading it at this width (mm, margin included), in sentences."""
    found = []
    if code.module_mm(width_mm) < SMALLEST_MODULE:
        found.append(
            f"At {width_mm:g} mm a module is {code.module_mm(width_mm):.2f} mm wide; below "
            f"{SMALLEST_MODULE:.2f} mm phones fail. Print it {code.smallest_mm:g} mm wide or more."
        )
    ratio = contrast(rgb(dark), rgb(light))
    if ratio < LEAST_CONTRAST:
        found.append(
            f"The code has a contrast of {ratio:.1f} : 1, {LEAST_CONTRAST:g} : 1 is needed. "
            "Use a darker colour on white."
        )
    if _luminance(dark) > _luminance(light):
        found.append(
            "Light on dark is not read by every phone. Use dark modules on a light ground."
        )
    return found


def _luminance(colour: str) -> float:
    return contrast(rgb(colour), (0, 0, 0))


def _runs(cells: tuple[bool, ...]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for place, cell in enumerate(cells):
        if cell and found and sum(found[-1]) == place:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        elif cell:
            found.append((place, 1))
    return found
