"""The proof wall: every asset for many partners at once, judged, the worst cases first."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass

from tcma.db.work import Work
from tcma.errors import Invalid, NotFound
from tcma.library.heads import ground_of, head_mark
from tcma.library.ingredients import Ingredients
from tcma.library.samples import SamplePartner
from tcma.library.specimens import Specimen
from tcma.library.trying import mail_of, page_of, picture_drawn, print_set
from tcma.rendering.email import WEIGHT_LIMIT, Compiled
from tcma.rendering.fits import Box, lines_needed
from tcma.rendering.image_colour import rgb
from tcma.rendering.images import READABLE
from tcma.rendering.legibility import ENOUGH
from tcma.rendering.lockup import variant
from tcma.rendering.print_recipe import PrintSource
from tcma.rendering.source import ImageSource

LOGO_LEAST = 14
"""CSS pixels a logo must have in height (CONTENT 14)."""
NAME = Box("display-600", 20, 187, 3)
"""The name in type at the head of a mail, on a phone of 375 px."""
NEEDS_IMPRINT = frozenset({"DE", "AT", "CH"})
PRINT_DPI = 150
"""Dots an inch that art must have on paper to look sharp at arm's length."""
STOP, NEED = 100.0, 10.0


@dataclass(frozen=True, slots=True)
class Remark:
    """Something measured that does not hold; `stops` when nobody may send it like this."""

    words: str
    stops: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One asset of one partner. `kind` is mail, page, image or print; `tile` the key of a small
    picture.

    `strain` says how near it comes to a limit, 0 to 1.
    """

    kind: str
    name: str
    remarks: tuple[Remark, ...] = ()
    strain: float = 0.0
    tile: str = ""
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """All assets of one partner; `general` holds what concerns every one of them."""

    sample: SamplePartner
    language: str
    general: tuple[Remark, ...]
    tiles: tuple[Tile, ...]

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """Everything said about this partner, once."""
        every = [*self.general, *(r for tile in self.tiles for r in tile.remarks)]
        return tuple(dict.fromkeys(every))

    @property
    def stops(self) -> bool:
        """Is there anything that nobody may send?"""
        return any(remark.stops for remark in self.remarks)

    @property
    def weight(self) -> float:
        """How bad it is: what stops, then what needs a look, then how near the limits."""
        said = sum(STOP if remark.stops else NEED for remark in self.remarks)
        return said + sum(tile.strain for tile in self.tiles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """What is judged so far, worst first; `waiting` partners were left for the next look."""

    rows: tuple[Row, ...]
    waiting: int = 0


def wall(
    work: Work,
    specimen: Specimen,
    samples: Sequence[SamplePartner],
    *,
    language: str = "",
    is_late: Callable[[], bool] = lambda: False,
) -> Wall:
    """Judge a specimen for many partners. What was judged before is not judged again.

    `is_late` is asked before each new judgement, so that a first look at many can stop early.
    """
    rows: list[Row] = []
    fresh = 0
    for sample in samples:
        try:
            made_of = specimen.sent_by(work, sample, language)
        except Invalid as refused:
            rows.append(_refused(sample, refused))
            continue
        key = f"walls/{made_of.mark('wall', sample.slug)}.json"
        try:
            said = json.loads(work.files.get(key))
        except NotFound:
            if fresh and is_late():
                continue  # one at least is judged each time, so that it comes to an end
            fresh += 1
            said = _judged(work, sample, made_of)
            work.files.put(key, json.dumps(said).encode(), "application/json")
        rows.append(_row(sample, made_of.language, said))
    rows.sort(key=lambda row: -row.weight)
    return Wall(rows=tuple(rows), waiting=len(samples) - len(rows))


def _refused(sample: SamplePartner, refused: Invalid) -> Row:
    words = refused.advice
    language = sample.kit.language
    return Row(sample=sample, language=language, general=(Remark(words, stops=True),), tiles=())


def _row(sample: SamplePartner, language: str, said: dict[str, list[dict[str, object]]]) -> Row:
    def remarks(rows: object) -> tuple[Remark, ...]:
        return tuple(Remark(**each) for each in rows)  # type: ignore[attr-defined]

    return Row(
        sample=sample,
        language=language,
        general=remarks(said["general"]),
        tiles=tuple(
            Tile(**each | {"remarks": remarks(each["remarks"])})  # type: ignore[arg-type]
            for each in said["tiles"]
        ),
    )


def _judged(
    work: Work, sample: SamplePartner, made_of: Ingredients
) -> dict[str, list[dict[str, object]]]:
    tiles = [_mail(made_of, mail.key) for mail in made_of.source.mails]
    tiles.append(_page(made_of))
    tiles += [_image(work, sample, made_of, each) for each in made_of.source.images]
    tiles += [_print(work, sample, made_of, each) for each in made_of.source.prints]
    return {
        "general": [asdict(each) for each in _general(sample, made_of)],
        "tiles": [asdict(each) for each in tiles],
    }


def _general(sample: SamplePartner, made_of: Ingredients) -> Iterator[Remark]:
    kit = made_of.partner
    if made_of.source.language_for(kit.language) != kit.language.split("-")[0]:
        spoken = made_of.language.upper()
        yield Remark(
            f"Speaks {kit.language.upper()}, which this campaign does not: sent in {spoken}."
        )
    if not kit.phone:
        yield Remark("No phone number: a reader cannot call.")
    if not kit.privacy_url:
        yield Remark("No privacy page: the form cannot link one.", stops=True)
    if kit.country in NEEDS_IMPRINT and not kit.imprint_url:
        yield Remark("No imprint, which the law asks for there.", stops=True)
    yield from _logo(sample, made_of)


def _logo(sample: SamplePartner, made_of: Ingredients) -> Iterator[Remark]:
    ground = ground_of(made_of.source)
    choice = variant(sample.logos, rgb(ground))
    if choice.png is None:
        used = lines_needed(made_of.partner.name, NAME)
        if used > NAME.lines:
            yield Remark(
                f"The name takes {used} lines at the head of a mail, {NAME.lines} have room."
            )
        return
    height = head_mark(sample.logos, ground).height
    if height < LOGO_LEAST:
        yield Remark(f"The logo is {height} px high in a mail, {LOGO_LEAST} is the least.")
    if choice.is_pale:
        yield Remark(
            f"Parts of the logo are pale: {choice.contrast:.1f} : 1 on its ground, {ENOUGH:.0f} : 1 reads well."
        )


def _mail(made_of: Ingredients, key: str) -> Tile:
    try:
        compiled = mail_of(made_of, key)
    except Invalid as refused:
        return Tile(kind="mail", name=key, remarks=(Remark(refused.message, stops=True),), strain=1)
    weight = len(compiled.html.encode())
    return Tile(
        kind="mail",
        name=key,
        remarks=tuple(_of_mail(made_of, compiled, weight)),
        strain=min(1.0, weight / WEIGHT_LIMIT),
    )


def _of_mail(made_of: Ingredients, compiled: Compiled, weight: int) -> Iterator[Remark]:
    if weight > WEIGHT_LIMIT:
        yield Remark(
            f"{weight >> 10} kB: mail programs cut it at {WEIGHT_LIMIT >> 10} kB.", stops=True
        )
    if "[[unsubscribe_url" not in compiled.html:
        yield Remark("No unsubscribe link.", stops=True)
    if not made_of.partner.address:
        yield Remark("No postal address in the footer.", stops=True)
    if len(compiled.subject) > 60:
        yield Remark(f"Its subject has {len(compiled.subject)} letters, 50 are read.")


def _page(made_of: Ingredients) -> Tile:
    try:
        page_of(made_of)
    except Invalid as refused:
        said = (Remark(refused.message, stops=True),)
        return Tile(kind="page", name="page", remarks=said, strain=1)
    return Tile(kind="page", name="page")


def _image(work: Work, sample: SamplePartner, made_of: Ingredients, image: ImageSource) -> Tile:
    shape = {"kind": "image", "name": image.name, "width": image.width, "height": image.height}
    try:
        drawn = picture_drawn(work, sample, made_of, image)
    except Invalid as refused:
        said = Remark(refused.advice, stops=True)
        return Tile(**shape, remarks=(said,), strain=1)  # type: ignore[arg-type]
    remarks = [
        Remark(f"“{slot.slot}” reaches {slot.contrast:.1f} : 1, {READABLE} : 1 is the least.")
        for slot in drawn.report.slots
        if 0 < slot.contrast < READABLE
    ]
    high = drawn.report.partner_logo_height
    if high < LOGO_LEAST / 2:
        remarks.append(Remark(f"The logo is {high:.0f} px high in it."))
    full = max((slot.lines / max(1, slot.allowed) for slot in drawn.report.slots), default=0.0)
    return Tile(**shape, remarks=tuple(remarks), strain=min(1.0, full) / 2, tile=drawn.tile)  # type: ignore[arg-type]


def _print(work: Work, sample: SamplePartner, made_of: Ingredients, piece: PrintSource) -> Tile:
    try:
        made = print_set(work, sample, made_of, piece)
    except Invalid as refused:
        said = Remark(refused.advice, stops=True)
        return Tile(kind="print", name=piece.name, remarks=(said,), strain=1)
    remarks = []
    if made.report.art_dpi < PRINT_DPI:
        remarks.append(
            Remark(f"Its art has {made.report.art_dpi} dpi on paper, {PRINT_DPI} is the least.")
        )
    strain = min(1.0, 1 / made.report.scale) / 2
    return Tile(
        kind="print", name=piece.name, remarks=tuple(remarks), strain=strain, tile=made.tile
    )
