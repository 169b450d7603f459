"""A copy's printed pieces: as PDF to keep or to send to a printer, as pictures to look at."""

import io
from dataclasses import dataclass

from PIL import Image

from tcma.db.scope import found
from tcma.db.work import Work
from tcma.errors import NotFound
from tcma.library.compiling import page_url_of
from tcma.library.ingredients import Ingredients, gather
from tcma.library.models import PartnerCopy
from tcma.library.sources import source_of
from tcma.permissions import Permission
from tcma.rendering.print_recipe import PrintSource
from tcma.rendering.printing import MEDIA_TYPE, Brands, PrintPreview, preview_print, render_print
from tcma.rendering.studio import Draws, here

VIA_PRINT = "print"
LOOKED_AT = "image/jpeg"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedFile:
    """A finished file; `key` names it in the file store."""

    data: bytes
    media_type: str
    key: str


def printed(work: Work, copy: PartnerCopy, name: str, *, marks: bool = False) -> PrintedFile:
    """Return one piece of a copy as PDF, set or from the store; `marks` for the printer.

    Raises NotFound for an unknown name, Invalid (fields by slot) for a text that does not fit.
    """
    work.require(Permission.CAMPAIGN_READ)
    made_of, piece = _piece(work, copy, name)
    return printed_once(work, made_of, piece, marks=marks)


def printed_once(
    work: Work,
    made_of: Ingredients,
    piece: PrintSource,
    *,
    marks: bool = False,
    draw: Draws = here,
) -> PrintedFile:
    """Return one piece of these ingredients as PDF, set or from the store; raises as `printed`."""
    key = f"prints/{made_of.mark('print', piece.name, str(marks))}.pdf"
    try:
        data = work.files.get(key)
    except NotFound:
        data = draw(
            render_print,
            made_of.source,
            piece,
            brands=brands_of(made_of),
            language=made_of.language,
            slots=made_of.slots,
            page_url=made_of.page_url,
            qr_url=f"{made_of.page_url}?via={VIA_PRINT}",
            marks=marks,
        ).data
        work.files.put(key, data, MEDIA_TYPE)
    return PrintedFile(data=data, media_type=MEDIA_TYPE, key=key)


def print_page(work: Work, copy: PartnerCopy, name: str, number: int) -> PrintedFile:
    """Return a page of a piece as a picture, counted from 1. Raises as `printed`."""
    work.require(Permission.CAMPAIGN_READ)
    made_of, piece = _piece(work, copy, name)
    if not 1 <= number <= piece.pages:
        raise NotFound
    mark = made_of.mark("print pages", name)
    keys = [f"prints/{mark}-{page}.jpg" for page in range(1, piece.pages + 1)]
    try:
        data = work.files.get(keys[number - 1])
    except NotFound:
        shown = [smaller(page) for page in pages_of(made_of, piece).pages]
        for key, each in zip(keys, shown, strict=True):
            work.files.put(key, each, LOOKED_AT)
        data = shown[number - 1]
    return PrintedFile(data=data, media_type=LOOKED_AT, key=keys[number - 1])


def _piece(work: Work, copy: PartnerCopy, name: str) -> tuple[Ingredients, PrintSource]:
    made_of = gather(work, copy, page_url=page_url_of(work, copy))
    return made_of, found(next((p for p in made_of.source.prints if p.name == name), None))


def names_of(work: Work, copy: PartnerCopy) -> list[str]:
    """Return the names of a copy's printed pieces."""
    return [piece.name for piece in source_of(work, copy.version_id).prints]


def pages_of(made_of: Ingredients, piece: PrintSource) -> PrintPreview:
    """Set a piece to look at it; Invalid (fields by slot) for a text that does not fit."""
    return preview_print(
        made_of.source,
        piece,
        brands=brands_of(made_of),
        language=made_of.language,
        slots=made_of.slots,
        page_url=made_of.page_url,
        qr_url=f"{made_of.page_url}?via={VIA_PRINT}",
    )


def brands_of(made_of: Ingredients) -> Brands:
    """Return both brands as a printed piece shows them."""
    return Brands(
        partner=made_of.partner,
        vendor=made_of.vendor,
        partner_logos=made_of.partner_logos,
        vendor_logos=made_of.vendor_logos,
    )


def smaller(png: bytes) -> bytes:
    """Return a page as JPEG: a tenth of the PNG."""
    out = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").save(out, "JPEG", quality=86)
    return out.getvalue()
