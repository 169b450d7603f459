"""A version as one zip, for another installation."""

from flask import make_response
from flask.typing import ResponseReturnValue

from tcma.library.archive import zip_of_files
from tcma.library.sources import source_of
from tcma.permissions import Permission
from tcma.web.auth import allows
from tcma.web.studio import studio
from tcma.web.studio.previews import version_at
from tcma.web.unit_of_work import work


@studio.get("/campaigns/<slug>/versions/<int:no>/package.zip")
@allows(Permission.CAMPAIGN_AUTHOR)
def version_package(slug: str, no: int) -> ResponseReturnValue:
    """Give the version's files; importing them elsewhere makes the very same content."""
    version = version_at(slug, no)
    response = make_response(zip_of_files(source_of(work(), version.id).files, slug=slug))
    response.mimetype = "application/zip"
    name = f"{slug}-version-{no}-{version.content_hash[:12]}.zip"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
