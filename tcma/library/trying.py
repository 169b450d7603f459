"""A specimen as somebody would send it: mails, page, pictures, print; kept once they are made."""

import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from PIL import Image

from tcma.db.work import Work
from tcma.errors import NotFound
from tcma.library.compiling import Preview
from tcma.library.ingredients import Ingredients
from tcma.library.pictures import drawn_of
from tcma.library.prints import pages_of, smaller
from tcma.library.samples import SamplePartner
from tcma.recent import MB, Recent
from tcma.rendering.email import Compiled, compile_mail
from tcma.rendering.images import ImageReport, SlotFit
from tcma.rendering.landing import Landing, render_landing
from tcma.rendering.print_recipe import PrintSource
from tcma.rendering.printing import PrintReport
from tcma.rendering.source import ImageSource

TILE = (480, 420)
"""The largest a picture is shown on the proof wall, in pixels of a fine screen."""
_mails = Recent[Compiled](most=512, octets=32 * MB)
_pages = Recent[Landing](most=128, octets=16 * MB)


def mail_of(made_of: Ingredients, key: str) -> Compiled:
    """Return one mail compiled; NotFound for an unknown one, TemplateRefused for a broken one."""
    if key not in {mail.key for mail in made_of.source.mails}:
        raise NotFound
    mark = made_of.mark("tried", key)
    return _mails.get(mark) or _mails.keep(
        mark,
        compile_mail(
            made_of.source,
            key,
            partner=made_of.partner,
            vendor=made_of.vendor,
            language=made_of.language,
            page_url=made_of.page_url,
            pictures=made_of.pictures,
        ),
    )


def page_of(made_of: Ingredients) -> Landing:
    """Return the landing page; TemplateRefused for a broken one."""
    mark = made_of.mark("tried page")
    return _pages.get(mark) or _pages.keep(
        mark,
        render_landing(
            made_of.source,
            partner=made_of.partner,
            vendor=made_of.vendor,
            language=made_of.language,
            pictures=made_of.pictures,
            page_url=made_of.page_url,
        ),
    )


def mail_shown(made_of: Ingredients, key: str, tokens: Mapping[str, str] | None = None) -> Preview:
    """Return one mail as a reader sees it: the campaign's sample contact, or who `tokens` says."""
    compiled = mail_of(made_of, key)
    contact = made_of.source.sample.get("contact", {})
    sample = {key: str(value) for key, value in contact.items() if key != "email"}
    person = sample if tokens is None else dict(tokens)
    shown = person | {"view_url": "#", "unsubscribe_url": "#", "preferences_url": "#"}
    return Preview(
        subject=compiled.artefact().subject(person),
        preview=compiled.preview,
        html=compiled.shown(shown),
        text=compiled.text,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A picture and what was measured on it; `tile` is the small one for walls of many."""

    key: str
    tile: str
    report: ImageReport


def picture_drawn(
    work: Work, sample: SamplePartner, made_of: Ingredients, image: ImageSource
) -> Drawn:
    """Draw one picture of a specimen, or find it drawn; the keys name it in the file store.

    Raises Invalid for a text or a name that does not fit.
    """
    mark = made_of.mark("tried", sample.slug, image.name)
    base = f"images/{mark}"
    drawn = Drawn(key=f"{base}.{image.suffix}", tile=f"{base}-tile.jpg", report=_NOTHING)
    try:
        return _with(drawn, json.loads(work.files.get(f"{base}.json")))
    except NotFound:
        made = drawn_of(made_of, image)
    work.files.put(drawn.key, made.data, made.media_type)
    work.files.put(drawn.tile, _small(made.data), "image/jpeg")
    report = json.dumps(asdict(made.report)).encode()
    work.files.put(f"{base}.json", report, "application/json")
    return _with(drawn, asdict(made.report))


_NOTHING = ImageReport((), "", 0.0, 0)


def _with(drawn: Drawn, report: dict[str, object]) -> Drawn:
    slots = tuple(SlotFit(**each) for each in report.pop("slots"))  # type: ignore[attr-defined]
    return Drawn(key=drawn.key, tile=drawn.tile, report=ImageReport(slots, **report))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, kw_only=True)
class Set:
    """The first page of a printed piece as a picture, and what was measured on the piece."""

    key: str
    tile: str
    report: PrintReport


def print_set(work: Work, sample: SamplePartner, made_of: Ingredients, piece: PrintSource) -> Set:
    """Set one printed piece of a specimen, or find it set. Raises as `picture_drawn`."""
    base = f"prints/{made_of.mark('tried print', sample.slug, piece.name)}"
    key, tile = f"{base}.jpg", f"{base}-tile.jpg"
    try:
        report = PrintReport(**json.loads(work.files.get(f"{base}.json")))
    except NotFound:
        made = pages_of(made_of, piece)
        report, first = made.report, smaller(made.pages[0])
        work.files.put(key, first, "image/jpeg")
        work.files.put(tile, _small(first), "image/jpeg")
        work.files.put(f"{base}.json", json.dumps(asdict(report)).encode(), "application/json")
    return Set(key=key, tile=tile, report=report)


def _small(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as picture:
        small = picture.convert("RGB")  # of a moving one its first frame
        small.thumbnail(TILE, Image.Resampling.LANCZOS)
        out = io.BytesIO()
        small.save(out, "JPEG", quality=82)
    return out.getvalue()
