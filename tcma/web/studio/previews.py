"""A version as somebody would send it: sandboxed mails and page, finished pictures."""

from flask import Response, make_response, request
from flask.typing import ResponseReturnValue
from markupsafe import escape

from tcma.db.scope import found
from tcma.library import queries as library
from tcma.library.ingredients import Ingredients
from tcma.library.pictures import MEDIA_TYPES
from tcma.library.queries import VersionView
from tcma.library.samples import partner_named
from tcma.library.specimens import Specimen, specimen_of
from tcma.library.trying import Drawn, Set, mail_shown, page_of, picture_drawn, print_set
from tcma.permissions import Permission
from tcma.web.auth import allows
from tcma.web.console.copy_parts import part_named, parts_of
from tcma.web.console.previews import framed, looked
from tcma.web.studio import studio
from tcma.web.studio.campaigns import version_of
from tcma.web.unit_of_work import work


@studio.get("/campaigns/<slug>/versions/<int:no>/preview/<part>")
@allows(Permission.CAMPAIGN_AUTHOR)
def preview_document(slug: str, no: int, part: str) -> ResponseReturnValue:
    """Return one mail or the page as a document of its own, sandboxed."""
    return document_of(specimen_of(work(), version_at(slug, no).id), part)


def document_of(
    specimen: Specimen, part: str, tokens: dict[str, str] | None = None
) -> ResponseReturnValue:
    """Return a part of a specimen as the address asks: for whom, in which language, how it looks."""
    look = request.args.get("look", "light")
    made_of = asked_of(specimen)
    chosen = part_named(parts_of(specimen.source), part)
    if chosen.kind != "mail":
        page = found(page_of(made_of).named(chosen.page))
        return framed(looked(page.show(action="#", stamp="-"), look))
    mail = mail_shown(made_of, chosen.mail, tokens)
    if look == "plain":
        return framed(
            f'<!doctype html><meta charset="utf-8"><title>{escape(mail.subject)}</title>'
            "<style>body{margin:24px;font:15px/1.5 ui-monospace,monospace;"
            f"white-space:pre-wrap;overflow-wrap:anywhere}}</style>{escape(mail.text)}"
        )
    return framed(looked(mail.html, look))


def asked_of(specimen: Specimen) -> Ingredients:
    """Return a specimen in the clothes of the partner that the address names."""
    sample = partner_named(work(), request.args.get("as", ""))
    return specimen.sent_by(work(), sample, request.args.get("lang", ""))


@studio.get("/campaigns/<slug>/versions/<int:no>/images/<name>.jpg")
@allows(Permission.CAMPAIGN_AUTHOR)
def version_image(slug: str, no: int, name: str) -> ResponseReturnValue:
    """Return one finished picture, or a printed piece's first page, with a partner's logo;
    `?tile=1` for the small one.
    """
    return image_of(specimen_of(work(), version_at(slug, no).id), name)


def image_of(specimen: Specimen, name: str) -> Response:
    """Return a picture or a printed piece of a specimen as the address asks."""
    sample = partner_named(work(), request.args.get("as", ""))
    made_of = specimen.sent_by(work(), sample, request.args.get("lang", ""))
    piece = next((p for p in specimen.source.prints if p.name == name), None)
    if piece is not None:
        shown: Set | Drawn = print_set(work(), sample, made_of, piece)
    else:
        image = found(next((i for i in specimen.source.images if i.name == name), None))
        shown = picture_drawn(work(), sample, made_of, image)
    return picture_at(shown.tile if request.args.get("tile") else shown.key)


def picture_at(key: str) -> Response:
    """Return a picture of the store; its key names its content."""
    response = make_response(work().files.get(key))
    response.mimetype = MEDIA_TYPES[key.rpartition(".")[2]]
    response.headers["Cache-Control"] = "private, max-age=600"
    return response


def version_at(slug: str, no: int) -> VersionView:
    """Return one version of this vendor's campaign; NotFound otherwise."""
    listed = library.versions(work().session, work().principal, slug=slug)
    return version_of(listed, str(no))
