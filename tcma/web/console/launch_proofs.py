"""What a launch has proved so far: the checklist beside its sum, and what it sent, signed."""

from typing import Any
from uuid import UUID

from flask import make_response, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.launches.manifests import archive_of
from tcma.launches.queries import LaunchDetail, launch_id_of
from tcma.mdf.case_files import reading as case_file
from tcma.mdf.claim_rows import claim_rows
from tcma.mdf.queries import claim_by_ref, request_by_ref
from tcma.mdf.requests.views import requests_of_launch
from tcma.permissions import Permission
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.unit_of_work import work


@console.get("/launches/<ref>/locks.zip")
@allows(Permission.LAUNCH_READ)
def launch_locks(ref: str) -> ResponseReturnValue:
    """Return every asset that left with its signed manifest, as one zip anybody can check."""
    launch_id = launch_id_of(work().session, work().principal, ref)
    response = make_response(found(archive_of(work(), launch_id)))
    response.mimetype = "application/zip"
    response.headers["Content-Disposition"] = f'attachment; filename="{ref}-locks.zip"'
    return response


def proof_items(detail: LaunchDetail) -> list[dict[str, str]]:
    """Return what the case file of its plan holds of this launch and still asks for."""
    session, principal, now = work().session, work().principal, work().now
    tone = {"collected": "done", "uploaded": "done", "to_come": "work", "missing": "need"}
    items: list[dict[str, str]] = []
    for row in requests_of_launch(session, principal, detail.line.id, now=now):
        plan = request_by_ref(session, principal, row.ref)
        claim = newest_claim(plan.id)
        missing = (
            url_for("console.claim_show", ref=claim.ref)
            if claim
            else url_for("console.request_show", ref=row.ref)
        )
        items += [
            {
                "text": item.title,
                "state": tone.get(item.state.value, "need"),
                "href": url_for("public.document", document=item.document_id)
                if item.document_id
                else (missing if item.state == "missing" else ""),
            }
            for item in case_file.checklist(session, plan, now=now, claim=claim)
            if item.launch in ("", detail.line.ref)
        ]
    return items


def newest_claim(request_id: UUID) -> Any:
    """Return the last claim of a plan, whose invoice the checklist shows."""
    session, principal = work().session, work().principal
    rows = claim_rows(session, principal, now=work().now, request_id=request_id)
    return claim_by_ref(session, principal, rows[-1].ref) if rows else None
