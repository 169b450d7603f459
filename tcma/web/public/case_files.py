"""The signed case file of a plan, for both sides; and the key that checks it, for everybody."""

from flask import make_response
from flask.typing import ResponseReturnValue

from tcma.mdf.case_files.export import export
from tcma.mdf.queries import request_by_ref
from tcma.permissions import Permission
from tcma.sealed.keys import public_pem, signing_key
from tcma.web.auth import allows, open_to_all
from tcma.web.public import public
from tcma.web.saved_files import inert
from tcma.web.unit_of_work import services, work


@public.get("/case-files/<ref>.zip")
@allows(Permission.FUND_READ)
def request_case_file(ref: str) -> ResponseReturnValue:
    """Return a plan's proof, invoices, decisions and money as one zip that anybody can check."""
    plan = request_by_ref(work().session, work().principal, ref)
    made = export(work(), plan, services().stamps)
    response = make_response(made.content)
    response.mimetype = "application/zip"
    response.headers["Content-Disposition"] = f'attachment; filename="{made.file_name}"'
    return inert(response)


@public.get("/.well-known/tcma-case-key.pem")
@open_to_all("a public key is for everybody")
def case_key() -> ResponseReturnValue:
    """Return the public key that this installation signs case files with."""
    response = make_response(public_pem(signing_key(work().site.secret).public_key()))
    response.mimetype = "application/x-pem-file"
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response
