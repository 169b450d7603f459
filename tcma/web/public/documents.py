"""Files of the case: invoices, proofs and bank files, for those who may read the money."""

import io
from uuid import UUID

from flask import make_response
from flask.typing import ResponseReturnValue
from PIL import Image

from tcma.db.documents import Document
from tcma.errors import NotFound
from tcma.mdf.queries import document_by_id
from tcma.permissions import Permission
from tcma.web.auth import allows
from tcma.web.public import public
from tcma.web.saved_files import inert, only_saved
from tcma.web.unit_of_work import services, work

BANK_FILE = "payment_batch"
SHOWN = {"image/png": "PNG", "image/jpeg": "JPEG"}
WIDEST, HIGHEST = 460, 600


@public.get("/documents/<uuid:document>")
@allows(Permission.FUND_READ)
def document(document: UUID) -> ResponseReturnValue:
    """Return a file as it was handed in, only ever to be saved."""
    kept = readable(document)
    content = services().files.get(kept.key)
    return only_saved(content, name=kept.file_name, media_type=kept.media_type)


@public.get("/documents/<uuid:document>/picture")
@allows(Permission.FUND_READ)
def document_picture(document: UUID) -> ResponseReturnValue:
    """Return a small copy of a picture, drawn anew so that nothing foreign is in it."""
    kept = readable(document)
    if kept.media_type not in SHOWN:
        raise NotFound
    content = services().files.get(kept.key)
    out = io.BytesIO()
    with Image.open(io.BytesIO(content), formats=(SHOWN[kept.media_type],)) as picture:
        picture.thumbnail((WIDEST, HIGHEST))
        picture.convert("RGB").save(out, "PNG", optimize=True)
    response = make_response(out.getvalue())
    response.mimetype = "image/png"
    response.headers["Cache-Control"] = "private, max-age=3600"
    return inert(response)


def readable(document_id: UUID) -> Document:
    """Return a document of this principal; the bank's files are for those who pay."""
    principal = work().principal
    kept = document_by_id(work().session, principal, document_id)
    if kept.kind == BANK_FILE and not principal.may(Permission.PAYMENT_MAKE):
        raise NotFound
    return kept
