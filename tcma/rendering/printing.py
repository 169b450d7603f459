"""Printed pieces of a campaign as PDF and as pictures: typeset by Typst, one layout of the house each.

The art is cut and veiled, the logos chosen, the contrast measured here; every text is measured where
it is set, and what does not fit is refused by name. Same input, same bytes.
"""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from tcma.errors import Invalid
from tcma.rendering.fits import BUILT_FONTS
from tcma.rendering.image_colour import contrast, is_dark, rgb, worst_contrast
from tcma.rendering.image_text import refuse_undrawn
from tcma.rendering.kits import PartnerKit, Pictures, VendorKit, is_rtl
from tcma.rendering.lockup import LogoSet, Room, piece
from tcma.rendering.print_recipe import PrintSource
from tcma.rendering.print_words import words_on
from tcma.rendering.qr import QrCode, print_problems, qr_code
from tcma.rendering.remittance import LETTER
from tcma.rendering.scene import scene
from tcma.rendering.source import CampaignSource
from tcma.rendering.typesetter import Typesetter
from tcma.words import say

LAYOUT = (Path(__file__).parent / "print_house.typ").read_bytes()
MEDIA_TYPE = "application/pdf"
MADE_AT = datetime(2026, 1, 1, tzinfo=UTC)
"""Of the file's own metadata: a date of making would change the bytes of every copy."""
SCALES = ("1.2", "1.12", "1.05", "0.98", "0.92", "0.86")
BLEED, OFFSET = 3, 12
PREVIEW_DPI = 96
OVER, BELOW = 12, 3
"""Millimetres: how far words may run onto the art, and the space below them."""
READABLE = 4.5
QR_MM = {"datasheet": 26.0, "flyer": 24.0}
LOGO_DPI = 400
PT_PER_MM = 72 / 25.4
_TIGHT = frozenset({"ar", "he", "fa", "ur", "hi", "th", "ja", "zh", "ko"})
_FIRST = {"ar": "Readex Pro", "he": "Noto Sans Hebrew", "hi": "Noto Sans Devanagari",
          "th": "Noto Sans Thai", "ja": "Noto Sans JP", "zh": "Noto Sans SC",
          "ko": "Noto Sans KR"}  # fmt: skip
_OTHERS = ("Readex Pro", "Noto Sans Hebrew", "Noto Sans Devanagari", "Noto Sans Thai",
           "Noto Sans JP", "Noto Sans SC", "Noto Sans KR")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """A trimmed page in mm; its art is cut at `shown`."""

    width: float
    height: float
    margin: float
    shown: float
    lockup: float


def _page(layout: str, country: str) -> _Page:
    letter = country.upper() in LETTER
    if layout == "flyer":
        width, height = (139.7, 215.9) if letter else (148.0, 210.0)
        return _Page(width=width, height=height, margin=12, shown=height, lockup=9)
    width, height = (215.9, 279.4) if letter else (210.0, 297.0)
    shown = 162 if letter else 178
    return _Page(width=width, height=height, margin=18, shown=shown, lockup=10.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintReport:
    """What was measured: pages, scale of the text, resolution of the art, contrast on it, the code."""

    pages: int
    scale: float
    art_dpi: int
    contrast: float
    qr_module_mm: float
    partner_logo_mm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A piece as PDF/A-2a and PDF/UA-1, tagged; with marks its TrimBox and BleedBox are set."""

    data: bytes
    report: PrintReport


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintPreview:
    """A piece to look at: its pages as PNG."""

    pages: list[bytes]
    report: PrintReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Brands:
    """Whose piece it is: kits for words, logos for pixels."""

    partner: PartnerKit
    vendor: VendorKit
    partner_logos: LogoSet
    vendor_logos: LogoSet


def render_print(  # noqa: PLR0913 - each part is named by the caller
    source: CampaignSource,
    piece_: PrintSource,
    *,
    brands: Brands,
    language: str,
    slots: Mapping[str, Any] | None = None,
    page_url: str,
    qr_url: str = "",
    marks: bool = False,
) -> Printed:
    """Typeset one piece. `marks`: 3 mm of bleed, crop marks, for the printer.

    Raises Invalid: `rendering.does_not_fit` (fields by slot), `rendering.contrast` (words on the
    art), `rendering.no_glyphs` (characters no typeface of ours draws), `qr.print`.
    """
    with _set(
        source, piece_, brands, language, slots or {}, (page_url, qr_url), marks=marks
    ) as sheet:
        data = sheet.file()
        return Printed(data=_boxed(data, sheet.page) if marks else data, report=sheet.report())


def preview_print(  # noqa: PLR0913 - each part is named by the caller
    source: CampaignSource,
    piece_: PrintSource,
    *,
    brands: Brands,
    language: str,
    slots: Mapping[str, Any] | None = None,
    page_url: str,
    qr_url: str = "",
    dpi: int = PREVIEW_DPI,
) -> PrintPreview:
    """The pages of a piece as PNG, trimmed. Raises as `render_print`."""
    with _set(
        source, piece_, brands, language, slots or {}, (page_url, qr_url), marks=False
    ) as sheet:
        return PrintPreview(pages=sheet.pictures(dpi), report=sheet.report())


def check_prints(
    source: CampaignSource, *, brands: Brands, page_url: str
) -> Iterator[tuple[PrintSource, str, Invalid]]:
    """Measure every piece in every language with its default words, without making files; give
    what `render_print` would raise, with the piece and the language.
    """
    if not source.prints:
        return
    with Typesetter(BUILT_FONTS) as typesetter:
        for language in source.languages:
            for piece_ in source.prints:
                try:
                    sheet = _Sheet(
                        source, piece_, brands, language, {}, (page_url, ""), marks=False
                    )
                    with sheet.laid_out():
                        sheet.measure(typesetter)
                except Invalid as problem:
                    yield piece_, language, problem


@contextmanager
def _set(*made_of: Any, marks: bool) -> Iterator[_Sheet]:
    """A piece measured, in a scratch folder that is gone afterwards."""
    sheet = _Sheet(*made_of, marks=marks)
    with sheet.laid_out(), Typesetter(BUILT_FONTS) as typesetter:
        sheet.measure(typesetter)
        yield sheet


class _Sheet:
    """One piece on its way through the typesetter."""

    def __init__(  # noqa: PLR0913, PLR0917 - what a piece is made of
        self,
        source: CampaignSource,
        piece_: PrintSource,
        brands: Brands,
        language: str,
        slots: Mapping[str, Any],
        urls: tuple[str, str],
        *,
        marks: bool,
    ) -> None:
        self.piece, self.brands, self.marks = piece_, brands, marks
        self.bleed = BLEED if marks else 0
        self.language = source.language_for(language)
        self.rtl = is_rtl(self.language)
        self.page = _page(piece_.layout, brands.partner.country)
        self.page_url, qr_url = urls[0], urls[1] or urls[0]
        self.code: QrCode = qr_code(qr_url)
        problems = print_problems(self.code, width_mm=QR_MM[piece_.layout])
        if problems:
            raise Invalid(problems[0], code="qr.print")
        self.context = scene(
            source, partner=brands.partner, vendor=brands.vendor, language=self.language, slots=slots,
            pictures=Pictures(), page_url=self.page_url, basis="enquiry", about=(),
        )  # fmt: skip
        self.words = words_on(
            source, piece_, partner=brands.partner, language=self.language, slots=slots,
            names=self.context["names"], page_url=self.page_url,
        )  # fmt: skip
        refuse_undrawn(json.dumps(self.words, ensure_ascii=False), BUILT_FONTS)
        self.source = source

    @contextmanager
    def laid_out(self) -> Iterator[None]:
        """Lay out its pictures in a scratch folder that is gone afterwards."""
        with tempfile.TemporaryDirectory(prefix="tcma-print-") as folder:
            self.root = Path(folder)
            self.layout = self.root / "piece.typ"
            self.layout.write_bytes(LAYOUT)
            (self.root / "qr.svg").write_text(self.code.svg(dark="#10282D"))
            self.data = self._data()
            yield

    def measure(self, typesetter: Typesetter) -> None:
        """Find the scale at which all of it fits."""
        self.typesetter = typesetter
        self.scale = self._fitting_scale()

    def _inputs(self, scale: str) -> dict[str, str]:
        return {"data": json.dumps(self.data, ensure_ascii=False), "scale": scale}

    def file(self) -> bytes:
        """The piece as PDF."""
        return self.typesetter.pdf(self.layout, self._inputs(self.scale), at=MADE_AT)

    def pictures(self, dpi: float) -> list[bytes]:
        """Its pages as PNG."""
        inputs = self._inputs(self.scale)
        return self.typesetter.pictures(self.layout, inputs, at=MADE_AT, dpi=dpi)

    def _fitting_scale(self) -> str:
        """The largest scale at which all of it fits its pages; else Invalid says what does not."""
        misfits: list[str] = []
        for scale in SCALES:
            told = self.typesetter.told(self.layout, self._inputs(scale))
            misfits = [*told["misfits"]]
            if told["pages"] > self.piece.pages:
                misfits.append("pages")
            if not misfits:
                self.data["art"] = round(told["ended"] + BELOW - self.clear, 2)
                return scale
        raise _misfit(self.piece, misfits, self.words)

    def _data(self) -> dict[str, Any]:
        page, look = self.page, self.context["look"]
        lead = _FIRST.get(self.language)
        others = [name for name in _OTHERS if name != lead]
        self._art()
        logos = self._lockup()
        return {
            "layout": self.piece.layout, "pages": self.piece.pages,
            "offset": OFFSET if self.marks else 0, "bleed": self.bleed,
            "width": page.width, "height": page.height, "margin": page.margin,
            "art": 0, "art_ratio": self.art_ratio, "shown": page.shown,
            "lockup": page.lockup,
            "lang": self.language, "rtl": self.rtl, "tight": self.language not in _TIGHT,
            "fonts": [*([lead] if lead else []), "Commissioner", *others],
            "display": [*([lead] if lead else []), "Geologica", *others],
            "colours": {
                "top": look["top"], "floor": look["floor"],
                "ink": look["ink"], "lead": look["lead"], "eyebrow": look["eyebrow"],
                "foot": "#FFFFFF" if is_dark(rgb(look["floor"])) else "#2B4347",
                "accent": "#AD3614",
            },
            **logos,
            **self.words,
        }  # fmt: skip

    def _art(self) -> None:
        """Write the art, mirrored for right-to-left, and measure the words that run onto it."""
        page, files = self.page, self.source.files
        data = files[f"art/{self.piece.art}.jpg"]
        turned = files.get(f"art/{self.piece.art}_rtl.jpg") if self.rtl else None
        image = Image.open(io.BytesIO(turned or data)).convert("RGB")
        if self.rtl and not turned:
            image = ImageOps.mirror(image)
        image.save(self.root / "art.jpg", "JPEG", quality=94)
        self.art_ratio = image.height / image.width
        dots = image.width / (page.width + 2 * self.bleed)
        self.art_dpi = round(dots * 25.4)
        look = self.context["look"]
        self.clear = _clear_rows(image, rgb(look["lead"]), dots=dots, rtl=self.rtl)
        self.contrast = min(
            contrast(rgb(look[ink]), rgb(look["top"])) for ink in ("ink", "lead", "eyebrow")
        )
        if self.contrast < READABLE:
            raise Invalid(
                say(
                    "The words above the art reach a contrast of {contrast:.1f} : 1 on paper, "
                    "{readable:g} : 1 is needed.",
                    contrast=self.contrast,
                    readable=READABLE,
                ),
                code="rendering.contrast",
                remedy=say("Mend the colours under [look] in campaign.toml."),
            )

    def _lockup(self) -> dict[str, Any]:
        """Write both logos as they stand on the ground above the art."""
        ground = rgb(self.context["look"]["top"])
        dots, tall = LOGO_DPI / 25.4, self.page.lockup
        rooms = {
            "partner": Room(tall * 5.2 * dots, tall * 1.35 * dots, tall**2 * 4 * dots**2),
            "vendor": Room(tall * 3.6 * dots, tall * 0.7 * dots, tall**2 * 2.2 * dots**2),
        }
        found: dict[str, Any] = {}
        for side, room in rooms.items():
            logos = self.brands.partner_logos if side == "partner" else self.brands.vendor_logos
            image = piece(logos, ground, room, BUILT_FONTS)
            image.save(self.root / f"{side}.png", "PNG")
            found[side] = {"width": image.width / dots, "alt": logos.name}
        self.logo_mm = found["partner"]["width"]
        return found

    def report(self) -> PrintReport:
        """What was measured on the way."""
        return PrintReport(
            pages=self.piece.pages,
            scale=float(self.scale),
            art_dpi=self.art_dpi,
            contrast=self.contrast,
            qr_module_mm=self.code.module_mm(QR_MM[self.piece.layout]),
            partner_logo_mm=self.logo_mm,
        )


def _clear_rows(image: Image.Image, ink: tuple[int, int, int], *, dots: float, rtl: bool) -> int:
    """How far down in mm, `OVER` at the utmost, words on the start side of a picture stay readable."""
    reach = round(image.width * 0.72)
    left = image.width - reach if rtl else 0
    for row in range(OVER):
        box = (left, round(row * dots), left + reach, round((row + 1) * dots))
        if worst_contrast(image, box, ink) < READABLE:
            return row
    return OVER


def _misfit(piece_: PrintSource, misfits: list[str], words: Mapping[str, Any]) -> Invalid:
    own = {name for name in misfits if name in {"cta_label", "price_note", "sender_person"}}
    if "pages" in misfits:
        own |= set(words["own"])
    what = "page" if piece_.pages == 1 else f"{piece_.pages} pages"
    first = "the text" if "pages" in misfits else f"“{misfits[0]}”"
    return Invalid(
        f"On the {piece_.layout}, {first} does not fit its {what if 'pages' in misfits else 'place'},"
        " even in the smallest type.",
        code="rendering.does_not_fit",
        remedy="Shorten it.",
        fields=dict.fromkeys(sorted(own), "Shorten it: there is no room for it in print."),
    )


def _boxed(data: bytes, page: _Page) -> bytes:
    """The file with the boxes a printer's programs read: where to cut, and how far colour runs."""
    import pikepdf  # heavy: only for the printer

    with pikepdf.open(io.BytesIO(data)) as pdf:
        for each in pdf.pages:
            left = bottom = OFFSET * PT_PER_MM
            right, top = left + page.width * PT_PER_MM, bottom + page.height * PT_PER_MM
            bleed = BLEED * PT_PER_MM
            each.trimbox = pikepdf.Array([left, bottom, right, top])
            each.bleedbox = pikepdf.Array(
                [left - bleed, bottom - bleed, right + bleed, top + bleed]
            )
        out = io.BytesIO()
        pdf.save(out, deterministic_id=True)
        return out.getvalue()
