"""Pages for anybody: sign-in, signed links, landing pages, tracking, the mail catcher."""

from flask import Blueprint

public = Blueprint("public", __name__)

from tcma.web.public import (  # noqa: E402 - the views name the blueprint
    ahead,  # noqa: F401
    approve,  # noqa: F401
    case_files,  # noqa: F401
    consent,  # noqa: F401
    documents,  # noqa: F401
    embed,  # noqa: F401
    engagement,  # noqa: F401
    favicon,  # noqa: F401
    gallery,  # noqa: F401
    help_pages,  # noqa: F401
    landing,  # noqa: F401
    launch_approval,  # noqa: F401
    lead_ads,  # noqa: F401
    lead_offer,  # noqa: F401
    mail_choices,  # noqa: F401
    notices,  # noqa: F401
    page_hosts,  # noqa: F401
    preferences,  # noqa: F401
    provider_notices,  # noqa: F401
    search,  # noqa: F401
    signed_images,  # noqa: F401
    signin,  # noqa: F401
    system,  # noqa: F401
    tracking,  # noqa: F401
    unsubscribe,  # noqa: F401
)
