"""What a copy sends, asset by asset: the bytes, whose each part of them is, what they were made of."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from tcma.db.work import Work
from tcma.errors import Invalid
from tcma.library.compiling import compiled_once, outlined_landing, outlined_mail, page_url_of
from tcma.library.heads import ground_of
from tcma.library.ingredients import Ingredients, gather
from tcma.library.landings import read_landing
from tcma.library.models import CampaignVersion, PartnerCopy
from tcma.library.pictures import Drawn, drawn_once
from tcma.library.prints import PrintedFile, printed_once
from tcma.rendering import slots as slot_rules
from tcma.rendering.image_colour import rgb
from tcma.rendering.landing import Landing
from tcma.rendering.lockup import variant
from tcma.rendering.outlines import regions
from tcma.rendering.print_recipe import PrintSource
from tcma.rendering.source import ImageSource, content_hash
from tcma.rendering.studio import Draws, here
from tcma.sealed.render_manifest import VENDOR, Asset, Region


def assets_of(  # noqa: PLR0913 - what a launch sends
    work: Work,
    copy: PartnerCopy,
    *,
    brand_id: UUID,
    page_key: str | None,
    mails: dict[str, str],
    draw: Draws = here,
) -> Iterator[Asset]:
    """Return every asset of a launch. `mails` is mail → SHA-256 of the artefact that was frozen.

    A picture or printed piece that cannot be made was not sent and is left out.
    """
    page_url = page_url_of(work, copy)
    made_of = gather(work, copy, brand_id=brand_id, page_url=page_url, draw=draw)
    about = _about(work, copy, made_of, draw)
    for key, frozen in mails.items():
        mail = compiled_once(work, made_of, key)
        same = mail.artefact.sha256 == frozen
        yield Asset(
            path=f"mails/{key}.html",
            content=mail.html.encode(),
            regions=_regions(outlined_mail(made_of, key, draw), mail.html),
            made_of=about
            | {
                "kind": "mail",
                "name": key,
                "subject": mail.subject,
                "artefact_sha256": frozen,
                "checks": about["checks"]
                | {
                    "the mail that left is this one": same,
                    "unsubscribe link": "[[unsubscribe_url" in mail.html,
                },
            },
        )
    if page_key:
        outlined = outlined_landing(made_of, draw)
        yield from _pages(read_landing(work.files, page_key), outlined, made_of, about)
    unplaced = replace(made_of, page_url="")  # as pictures are: they name no page
    for image in made_of.source.images:
        try:
            drawn = drawn_once(work, unplaced, image.name, draw)
        except Invalid:
            continue
        yield _picture(image, drawn, about)
    for piece in made_of.source.prints:
        try:
            paper = printed_once(work, made_of, piece, draw=draw)
        except Invalid:
            continue
        yield _paper(piece, paper, about)


def _pages(
    landing: Landing, outlined: Landing, made_of: Ingredients, about: dict[str, Any]
) -> Iterator[Asset]:
    """The page with the form and the further pages of its site, as they stand on the web."""
    shown = landing.form.show(action="#")
    yield Asset(
        path="page.html",
        content=shown.encode(),
        regions=_regions(outlined.form.show(action="#"), shown),
        made_of=about
        | {"kind": "page", "name": "page", "consent_version": landing.consent_version},
    )
    for name in sorted(landing.more.keys() & made_of.source.page.more.keys()):
        further = landing.more[name].show()
        yield Asset(
            path=f"page-{name}.html",
            content=further.encode(),
            regions=_regions(outlined.more[name].show(), further),
            made_of=about | {"kind": "page", "name": name},
        )


def _picture(image: ImageSource, drawn: Drawn, about: dict[str, Any]) -> Asset:
    return Asset(
        path=f"images/{drawn.file_name}",
        content=drawn.data,
        regions=(),
        made_of=about | {"kind": "image", "name": image.name, "size": [image.width, image.height]},
    )


def _paper(piece: PrintSource, paper: PrintedFile, about: dict[str, Any]) -> Asset:
    return Asset(
        path=f"print/{piece.name}.pdf",
        content=paper.data,
        regions=(),
        made_of=about | {"kind": "print", "name": piece.name, "pages": piece.pages},
    )


def _about(work: Work, copy: PartnerCopy, made_of: Ingredients, draw: Draws) -> dict[str, Any]:
    version = work.session.get_one(CampaignVersion, copy.version_id)
    source, language = made_of.source, made_of.language
    wrong = draw(slot_rules.check, source.slots, made_of.slots, language=language)
    logo = draw(variant, made_of.partner_logos, rgb(ground_of(source)))
    partner = {k: v for k, v in asdict(made_of.partner).items() if isinstance(v, str) and v}
    return {
        "campaign": source.slug,
        "template": {"version": version.no, "content_hash": version.content_hash},
        "brand": {"version": made_of.profile.no, "texts": partner},
        "language": language,
        "own": dict(made_of.slots),
        "kept": {slot.key: slot.default(language) for slot in source.slots if not slot.editable},
        "checks": {
            "template files are the published version's": content_hash(source.files)
            == version.content_hash,
            "nothing the vendor keeps was changed, every text fits": not wrong,
            "postal address": bool(made_of.partner.address),
            f"logo: {logo.kind}, {logo.contrast:.1f} : 1": not logo.is_pale,
        },
    }


def _regions(outlined: str, shown: str) -> list[Region]:
    """Whose each part is; where the outlined form says something else, the whole is the vendor's."""
    parts = [Region(slot or VENDOR, text) for slot, text in regions(outlined)]
    if "".join(part.text for part in parts) != shown:
        return [Region(VENDOR, shown)]
    return parts
