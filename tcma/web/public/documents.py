"""Files of the case: invoices, proofs and bank files, for those who may read the money."""

from datetime import timedelta
from uuid import UUID

from flask import make_response, redirect, url_for
from flask.typing import ResponseReturnValue

from tcma.db.documents import Document
from tcma.db.scope import found
from tcma.errors import Conflict, NotFound
from tcma.mdf.queries import document_by_id
from tcma.mdf.words import spoken_day
from tcma.permissions import Permission
from tcma.web.auth import allows, open_to_all
from tcma.web.public import public
from tcma.web.reading import reader
from tcma.web.saved_files import inert, only_saved
from tcma.web.unit_of_work import services, work
from tcma.words import say

PURPOSE = "file"
VALID = timedelta(minutes=5)
"""How long an address of a file works: to save it, not to pass it on."""
BANK_FILE = "payment_batch"
PREVIEW = "preview"


@public.get("/documents/<uuid:document>")
@allows(Permission.FUND_READ)
def document(document: UUID) -> ResponseReturnValue:
    """Lead whoever may read a file to its address for the next minutes."""
    kept = readable(document)
    until = work().now + VALID
    token = work().site.signer.sign(PURPOSE, str(kept.id), expires_at=until)
    response = redirect(url_for("public.document_file", token=token), 302)
    response.headers["Cache-Control"] = "no-store"
    return response


@public.get("/l/file/<token>")
@open_to_all("the address was made for somebody who may read the file, minutes ago")
def document_file(token: str) -> ResponseReturnValue:
    """Return a file as it was handed in, only ever to be saved; no cookie is asked for.

    NotFound for a forged or late address, Conflict for a file that was removed since.
    """
    kept = _there(found(work().session.get(Document, UUID(_named(token)))))
    content = services().files.get(kept.key)
    return only_saved(content, name=kept.file_name, media_type=kept.media_type)


def _named(token: str) -> str:
    return work().site.signer.read(PURPOSE, token, work().now)


@public.get("/documents/<uuid:document>/picture")
@allows(Permission.FUND_READ)
def document_picture(document: UUID) -> ResponseReturnValue:
    """Return a small copy that was drawn when the file was read; NotFound for the file itself.

    Nothing that somebody handed in is opened or shown here.
    """
    kept = readable(document)
    if kept.kind != PREVIEW:
        raise NotFound
    response = make_response(services().files.get(kept.key))
    response.mimetype = "image/png"
    response.headers["Cache-Control"] = "private, max-age=3600"
    return inert(response)


def readable(document_id: UUID) -> Document:
    """Return a document of this principal; the bank's files are for those who pay."""
    principal = work().principal
    kept = document_by_id(work().session, principal, document_id)
    if kept.kind == BANK_FILE and not principal.may(Permission.PAYMENT_MAKE):
        raise NotFound
    return _there(kept)


def _there(kept: Document) -> Document:
    if kept.removed_at:
        day = spoken_day(kept.removed_at.astimezone(reader().zone).date())
        words = say("This file was removed on {day}, as the rules of its fund say.", day=day)
        raise Conflict(words, code="document.removed")
    return kept
