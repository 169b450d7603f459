"""Domain error → page or problem JSON, with its status."""

from collections.abc import Mapping

import structlog
from flask import Flask, Response, g, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from tcma.errors import (
    Conflict,
    Forbidden,
    Invalid,
    LimitReached,
    NotFound,
    TcmaError,
    Unavailable,
)
from tcma.web.host_guard import plain
from tcma.web.wording import told_all
from tcma.words import say

log = structlog.get_logger(__name__)

STATUS: dict[type[TcmaError], int] = {
    NotFound: 404,
    Forbidden: 403,
    Conflict: 409,
    Invalid: 422,
    LimitReached: 429,
    Unavailable: 503,
}

HEADINGS = {
    400: say("This request is broken"),
    403: say("Your role cannot do this"),
    404: say("We cannot find this page"),
    405: say("This address does not take that"),
    409: say("Something changed meanwhile"),
    413: say("This file is too large"),
    422: say("Something in it is not right"),
    429: say("Too many tries"),
    500: say("Something broke on our side"),
    503: say("We are back shortly"),
}

TEXTS = {
    404: say("It may be gone, or it may not be yours to see."),
    500: say("It is written down and we look at it. Your mails keep going."),
    503: say("Your mails keep going."),
}


def status_of(error: TcmaError) -> int:
    """Return the HTTP status of a refusal."""
    return next(status for kind, status in STATUS.items() if isinstance(error, kind))


def answer(
    status: int,
    message: str,
    *,
    code: str,
    remedy: str | None = None,
    fields: Mapping[str, str] | None = None,
) -> Response:
    """Return an error page, or a problem (RFC 9457) for programs and those who ask for JSON."""
    asked = request.accept_mimetypes.best_match(["text/html", "application/json"])
    if asked == "application/json" or request.blueprint == "api":
        body = _problem(status, message, code, remedy, fields)
        response = make_response(body if request.blueprint == "api" else told_all(body), status)
        response.mimetype = "application/problem+json"
        return response
    if g.get("host_partner"):
        return plain(status, message)
    page = render_template(
        "public/error.html",
        status=status,
        heading=HEADINGS.get(status, HEADINGS[500]),
        message=message,
        remedy=remedy,
        code=code,
    )
    return make_response(page, status)


def problem_of(error: TcmaError) -> dict[str, object]:
    """Return a refusal as programs read it (RFC 9457)."""
    fields = error.fields if isinstance(error, Invalid) else None
    return _problem(status_of(error), error.message, error.code, error.remedy, fields)


def _problem(
    status: int, message: str, code: str, remedy: str | None, fields: Mapping[str, str] | None
) -> dict[str, object]:
    body: dict[str, object] = {"type": code, "title": message, "status": status}
    if fields:
        body["fields"] = dict(fields)
    if remedy:
        body["detail"] = remedy
    return body


def install(app: Flask) -> None:
    """Answer every refusal and every fault with its page."""

    @app.errorhandler(TcmaError)
    def refused(error: TcmaError) -> Response:
        status = status_of(error)
        message = TEXTS[404] if status == 404 else error.message
        fields = error.fields if isinstance(error, Invalid) else None
        return answer(status, message, code=error.code, remedy=error.remedy, fields=fields)

    @app.errorhandler(CSRFError)
    def stale(error: CSRFError) -> Response:
        del error
        return answer(
            400,
            say("The form was too old, or it came from another site."),
            code="csrf",
            remedy=say("Go back, reload the page and send it again."),
        )

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        status = error.code or 500
        text = TEXTS.get(status, error.description or "")
        if status == RequestEntityTooLarge.code:
            most = (request.max_content_length or 0) >> 20
            text = say(
                "Files up to {most} MB are taken here. Make it smaller and try again.", most=most
            )
        return answer(status, text, code=f"http.{status}")

    @app.errorhandler(DataError)
    def impossible(error: DataError) -> Response:
        """No row can hold it: a number too large, a NUL, a cursor somebody wrote."""
        log.warning("request refused by the database", path=request.path, exc_info=error)
        return answer(
            400,
            say("This page address is broken."),
            code="http.400",
            remedy=say("Open the list again."),
        )

    @app.errorhandler(Exception)
    def fault(error: Exception) -> Response:
        log.error("request failed", path=request.path, error=repr(error), exc_info=error)
        return answer(500, TEXTS[500], code="fault")
