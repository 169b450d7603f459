"""A file of somebody's, as the answer to a request: only ever saved, never shown or run."""

from flask import Response, make_response
from werkzeug.http import dump_options_header

INERT = "default-src 'none'; sandbox"


def only_saved(content: bytes, *, name: str, media_type: str) -> Response:
    """Return bytes as a download under a name, that nothing on the way keeps or tells of."""
    response = make_response(content)
    response.mimetype = media_type
    response.headers["Content-Disposition"] = dump_options_header("attachment", {"filename": name})
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return inert(response)


def inert(response: Response) -> Response:
    """Keep a browser from running what a file might hold."""
    response.headers["Content-Security-Policy"] = INERT
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
