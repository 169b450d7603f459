"""Health, public pictures by content hash, and the built-in mail catcher."""

import email.policy
import re
from email.message import EmailMessage
from email.parser import BytesParser

from flask import Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from tcma.embedded import catcher
from tcma.embedded.mailbox import Mailbox
from tcma.errors import NotFound
from tcma.web.auth import open_to_all
from tcma.web.public import public
from tcma.web.unit_of_work import services, work

MEDIA = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp", "woff2": "font/woff2"}
NAME = re.compile(r"[0-9a-f]{64}\.(jpg|png|webp|woff2)")
MAIL_CSP = (
    "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src 'self' data: http: https:; font-src 'self' http: https:"
)
PER_PAGE = 50


@public.get("/healthz")
@open_to_all("says only whether the database answers")
def healthz() -> ResponseReturnValue:
    """Answer 200 when this process can serve."""
    work().session.execute(text("SELECT 1"))
    return {"ok": True}


@public.get("/m/<name>")
@open_to_all("content-addressed: who knows the hash may have the bytes")
def public_file(name: str) -> ResponseReturnValue:
    """Return a picture or font of mails and pages; its address never changes content."""
    if not NAME.fullmatch(name):
        raise NotFound
    response = make_response(services().files.get(f"public/{name}"))
    response.mimetype = MEDIA[name.rpartition(".")[2]]
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@public.get("/mail")
@open_to_all("only there when mail is caught here, on a developer's machine")
def caught_index() -> ResponseReturnValue:
    """List what the built-in catcher took, newest first."""
    wanted = request.args.get("q", "")
    mails = mailbox().newest(
        limit=PER_PAGE + 1, before=request.args.get("before"), containing=wanted
    )
    return render_template(
        "public/mail_index.html", mails=mails[:PER_PAGE], more=len(mails) > PER_PAGE, wanted=wanted
    )


@public.get("/mail/<key>")
@open_to_all("only there when mail is caught here, on a developer's machine")
def caught_show(key: str) -> ResponseReturnValue:
    """Show one caught mail: headers, the rendered body, its plain text."""
    message = parse(key)
    plain = message.get_body(("plain",))
    return render_template(
        "public/mail_show.html",
        key=key,
        headers=[(k, str(v)) for k, v in message.items()],
        subject=str(message["subject"] or "(no subject)"),
        plain=plain.get_content() if plain else "",
        has_html=message.get_body(("html",)) is not None,
    )


@public.get("/mail/<key>/body")
@open_to_all("only there when mail is caught here; sandboxed")
def caught_body(key: str) -> ResponseReturnValue:
    """Return the HTML part, sandboxed into an origin of its own."""
    part = parse(key).get_body(("html",))
    if part is None:
        raise NotFound
    return sandboxed(part.get_content())


@public.get("/mail/<key>/source")
@open_to_all("only there when mail is caught here, on a developer's machine")
def caught_source(key: str) -> ResponseReturnValue:
    """Return the mail as it came over the wire."""
    response = make_response(mailbox().read(key))
    response.mimetype = "text/plain"
    return response


def sandboxed(html: str) -> Response:
    """Return foreign HTML so that it can draw and open links, and nothing else."""
    response = make_response(html)
    response.headers["Content-Security-Policy"] = MAIL_CSP
    return response


def parse(key: str) -> EmailMessage:
    """Read a caught mail; NotFound when there is none."""
    raw = mailbox().read(key)
    return BytesParser(EmailMessage, policy=email.policy.default).parsebytes(raw)


def mailbox() -> Mailbox:
    """Return the catcher's box; NotFound where mail really leaves the house."""
    settings = services().settings
    if settings.smtp_url is not None:
        raise NotFound
    return Mailbox(catcher.folder_of(settings.data))
