"""Pages for vendor marketer."""

from flask import Blueprint

studio = Blueprint("studio", __name__, url_prefix="/studio")

from tcma.web.studio import (  # noqa: E402 - the views name the blueprint
    audiences,  # noqa: F401
    blocks,  # noqa: F401
    campaigns,  # noqa: F401
    differences,  # noqa: F401
    draft_files,  # noqa: F401
    drafts,  # noqa: F401
    editor,  # noqa: F401
    journey_canvas,  # noqa: F401
    journey_drafts,  # noqa: F401
    journey_publishing,  # noqa: F401
    journey_walks,  # noqa: F401
    journeys,  # noqa: F401
    packages,  # noqa: F401
    picture_api,  # noqa: F401
    previews,  # noqa: F401
    results,  # noqa: F401
    versions,  # noqa: F401
    walls,  # noqa: F401
)
