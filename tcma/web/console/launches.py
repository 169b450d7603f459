"""Launches of a partner: the list, one of them live, and the people of it."""

from codecs import BOM_UTF8
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from tempfile import TemporaryFile
from zoneinfo import ZoneInfo

from flask import render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from jinja2_fragments.flask import render_block

from tcma.delivery.rules import MessageState
from tcma.delivery.second_try import Again, again_count
from tcma.guidance import playbooks
from tcma.launches import approvals, queries, seeding
from tcma.launches.manifests import manifests_of
from tcma.launches.newcomers import relatives
from tcma.launches.queries import LaunchDetail, mailings_of
from tcma.launches.recipients import everybody
from tcma.launches.rules import RUNNING, TRIED_AGAIN, LaunchState
from tcma.leads import queries as leads
from tcma.permissions import Permission
from tcma.spreadsheet import text_row
from tcma.web.auth import allows
from tcma.web.console import console
from tcma.web.console import launch_words as words
from tcma.web.console.launch_proofs import proof_items
from tcma.web.filters import local_moment
from tcma.web.playbook_words import when_of
from tcma.web.reading import reader
from tcma.web.states import STATES
from tcma.web.unit_of_work import work
from tcma.web.wording import told_all
from tcma.words import say

FACETS: Mapping[str, tuple[LaunchState, ...]] = {
    "running": (LaunchState.AWAITING, *RUNNING),
    "finished": (LaunchState.FINISHED,),
    "stopped": (LaunchState.CANCELLED, LaunchState.FAILED),
}
MOVING = (LaunchState.SCHEDULED, LaunchState.EXPANDING, LaunchState.SENDING)
TERMS: Mapping[str, tuple[MessageState, ...]] = {
    "sent": (MessageState.SENT,),
    "failed": (MessageState.FAILED,),
    "skipped": (MessageState.SKIPPED,),
    "uncertain": (MessageState.UNCERTAIN,),
    "cancelled": (MessageState.CANCELLED,),
    "waiting": (MessageState.READY, MessageState.LEASED, MessageState.SENDING),
}


@console.get("/launches")
@allows(Permission.LAUNCH_READ)
def launch_index() -> ResponseReturnValue:
    """List the launches, newest first."""
    facet = request.args.get("state", "")
    page = queries.launches(
        work().session,
        work().principal,
        states=FACETS.get(facet, ()),
        search=request.args.get("q", ""),
        after=request.args.get("after"),
    )
    return render_template(
        "console/launches/index.html", page=page, facet=facet, wanted=request.args.get("q", "")
    )


@console.get("/launches/<ref>")
@allows(Permission.LAUNCH_READ)
def launch_show(ref: str) -> ResponseReturnValue:
    """Show a launch live; the moving part asks again every two seconds until it is over."""
    detail = detail_of(ref)
    terms = {term: url_for("console.launch_people", ref=ref, state=term) for term in TERMS}
    leads_n = leads.count_of_launch(work().session, work().principal, detail.line.id)
    proofs = proof_items(detail)
    signed = manifests_of(work().session, detail.line.id)
    context = {
        "signed_n": len(signed),
        "signed_at": signed[0].signed_at if signed else None,
        "launch": detail,
        "seeds": seeding.accepted(work().session, detail.line.id),
        "question": approvals.question_of(work().session, detail.line.id),
        "may_approve": work().principal.may(Permission.LAUNCH_APPROVE),
        "moving": detail.line.state in MOVING,
        "terms": terms,
        "worth": words.worth_knowing(detail, terms, again=again_addresses(detail)),
        "family": relatives(work().session, detail.line.id),
        "may_plan": work().principal.may(Permission.LAUNCH_PLAN),
        "may_steer": work().principal.may(Permission.LAUNCH_STEER),
        "test": words.test_of(detail, lambda at: local_moment(at, reader=reader())),
        "waves": words.waves(detail, _moment_in),
        "next_steps": words.next_steps(detail, lambda at: local_moment(at, reader=reader())),
        "answers": words.answers(
            detail,
            leads_n,
            url_for("console.lead_index", launch=ref),
            lambda state: url_for(
                "console.report_rows", what="people", launch=ref, state=state, period="all"
            ),
        ),
        "checklist": proofs,
        "book": playbooks.playbook_of(work().session, work().principal, ref, now=work().now),
        "when_of": when_of,
        "proof_words": say(
            "{sum} of {n}", sum=sum(p["state"] == "done" for p in proofs), n=len(proofs)
        ),
        "swapped": "HX-Request" in request.headers,
    }
    if request.headers.get("HX-Request"):
        return render_block("console/launches/show.html", "live", **context)
    return render_template("console/launches/show.html", **context)


def again_addresses(detail: LaunchDetail) -> dict[str, str]:
    """Return where a second try for some of a launch's people begins; empty when none can."""
    may = work().principal.may(Permission.LAUNCH_STEER)
    if not may or detail.line.state not in TRIED_AGAIN:
        return {}
    some = {Again.DOUBT: detail.equation.uncertain, Again.FAILED: detail.equation.failed}
    session = work().session
    return {
        each: url_for("console.launch_again", ref=detail.line.ref, what=each)
        for each in Again
        if some[each] and again_count(session, mailings_of(session, detail.line.id), each)
    }


def _moment_in(at: datetime, zone: str) -> str:
    """Write an instant for the reader, by the clock of a zone when there is one."""
    mine = reader()
    return local_moment(at, reader=replace(mine, zone=ZoneInfo(zone)) if zone else mine)


@console.get("/launches/<ref>/people")
@allows(Permission.LAUNCH_READ)
def launch_people(ref: str) -> ResponseReturnValue:
    """List who got it, who did not, and why."""
    term = request.args.get("state", "")
    number = request.args.get("mail", type=int)
    page = queries.launch_people(
        work().session,
        work().principal,
        ref,
        states=TERMS.get(term, ()),
        mail_no=number,
        search=request.args.get("q", ""),
        after=request.args.get("after"),
    )
    return render_template(
        "console/launches/people.html",
        launch=detail_of(ref),
        page=page,
        term=term,
        number=number,
        wanted=request.args.get("q", ""),
        may_export=work().principal.may(Permission.CONTACTS_MANAGE),
        terms={term: STATES["message"][term].word for term in TERMS},
        page_of=page_of_contact,
    )


@console.get("/launches/<ref>/people.csv")
@allows(Permission.CONTACTS_MANAGE)
def launch_people_file(ref: str) -> ResponseReturnValue:
    """Give everybody of a launch as CSV; written to disk, so memory stays bounded."""
    rows = everybody(work().session, work().principal, detail_of(ref).line.ref)
    file = TemporaryFile()  # noqa: SIM115 - the answer closes it
    file.write(BOM_UTF8)
    for row in rows:
        file.write(text_row(told_all(row)))
    file.seek(0)
    work().audit("exported people of", "launch", ref, partner_id=work().principal.partner_id)
    answer = send_file(file, mimetype="text/csv", as_attachment=True, download_name=f"{ref}.csv")
    answer.call_on_close(file.close)
    return answer


def page_of_contact(number: int) -> str:
    """Return the page of a person, empty for who may not look."""
    if not work().principal.may(Permission.CONTACTS_MANAGE):
        return ""
    name = work().site.signer.public_number("contact", number)
    return url_for("console.contact_show", name=name)


def detail_of(ref: str) -> LaunchDetail:
    """Return a launch of this partner; NotFound for a foreign one."""
    return queries.launch_detail(work().session, work().principal, ref, now=work().now)
