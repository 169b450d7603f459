"""A version as a sample partner would send it: sandboxed mails and page, finished pictures."""

from flask import make_response, request
from flask.typing import ResponseReturnValue
from markupsafe import escape

from tcma.library import queries as library
from tcma.library import samples
from tcma.library.queries import VersionView
from tcma.library.sources import source_of
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
    version = version_at(slug, no)
    sample = samples.sample_named(request.args.get("as", ""))
    language, look = request.args.get("lang", ""), request.args.get("look", "light")
    chosen = part_named(parts_of(source_of(work(), version.id)), part)
    if chosen.kind != "mail":
        page = samples.sample_page(work(), version.id, sample, language=language).form
        return framed(looked(page.show(action="#", stamp="-"), look))
    mail = samples.sample_mail(work(), version.id, sample, chosen.mail, language=language)
    if look == "plain":
        return framed(
            f'<!doctype html><meta charset="utf-8"><title>{escape(mail.subject)}</title>'
            "<style>body{margin:24px;font:15px/1.5 ui-monospace,monospace;"
            f"white-space:pre-wrap;overflow-wrap:anywhere}}</style>{escape(mail.text)}"
        )
    return framed(looked(mail.html, look))


@studio.get("/campaigns/<slug>/versions/<int:no>/images/<name>.jpg")
@allows(Permission.CAMPAIGN_AUTHOR)
def version_image(slug: str, no: int, name: str) -> ResponseReturnValue:
    """Return one finished picture with a sample partner's logo."""
    version = version_at(slug, no)
    sample = samples.sample_named(request.args.get("as", ""))
    data = samples.sample_picture(
        work(), version.id, sample, name, language=request.args.get("lang", "")
    )
    response = make_response(data)
    response.mimetype = "image/jpeg"
    response.headers["Cache-Control"] = "private, max-age=600"
    return response


def version_at(slug: str, no: int) -> VersionView:
    """Return one version of this vendor's campaign; NotFound otherwise."""
    listed = library.versions(work().session, work().principal, slug=slug)
    return version_of(listed, str(no))
