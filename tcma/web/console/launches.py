"""Launches of a partner: list, three decisions, preflight, live page, people, report."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from jinja2_fragments.flask import render_block

from tcma.contacts import queries as contacts
from tcma.delivery import queries as delivery
from tcma.delivery.actions import ensure_fallback
from tcma.delivery.rules import MessageState
from tcma.errors import Invalid
from tcma.ids import random_token
from tcma.launches import actions, preflight, queries
from tcma.launches.actions import LaunchPlan
from tcma.launches.expansion import send_test
from tcma.launches.queries import LaunchDetail
from tcma.launches.rules import RUNNING, Fix, LaunchState
from tcma.leads import queries as leads
from tcma.library import copies
from tcma.library import queries as library
from tcma.library.copy_queries import copy_by_id
from tcma.mdf import case_file, fund_requests
from tcma.mdf.claim_rows import claim_rows
from tcma.mdf.queries import claim_by_ref, request_by_ref
from tcma.mdf.request_views import requests_for_campaign, requests_of_launch
from tcma.permissions import Permission
from tcma.web.auth import allows, signed
from tcma.web.console import console
from tcma.web.console import launch_words as words
from tcma.web.filters import local_moment
from tcma.web.forms.launch import LaunchForm
from tcma.web.guards import FORM_LIMIT, limiter
from tcma.web.reading import reader
from tcma.web.unit_of_work import work

FACETS: Mapping[str, tuple[LaunchState, ...]] = {
    "running": RUNNING,
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


@console.route("/launches/new", methods=["GET", "POST"])
@allows(Permission.LAUNCH_PLAN)
def launch_new() -> ResponseReturnValue:
    """Ask the three questions: to whom, when, from whom."""
    session, principal = work().session, work().principal
    if not request.args.get("campaign"):
        return redirect(url_for("console.library_index"))
    vendor_slug, _, slug = request.args.get("campaign", "").partition("/")
    campaign = library.campaign_card(session, principal, vendor_slug=vendor_slug, slug=slug)
    copy = copies.copy_of(work(), campaign.campaign_id)
    lists = contacts.lists(session, principal, now=work().now)
    zone = ZoneInfo(signed().zone)
    plans = requests_for_campaign(session, principal, campaign.campaign_id, now=work().now)
    ensure_fallback(
        work(),
        partner_id=copy.partner_id,
        vendor_id=campaign.vendor_id,
        from_name=signed().current.organisation.name,
    )
    form = LaunchForm.for_partner(
        lists=lists,
        senders=delivery.senders(
            session, principal, partner_id=copy.partner_id, vendor_id=campaign.vendor_id
        ),
        plans=plans,
        mails_n=campaign.mails_n,
        now=work().now,
        zone=zone,
    )
    if form.validate_on_submit():
        plan = plan_of(form, copy.id, zone)
        try:
            launched = actions.plan_launch(work(), plan, idempotency_key=form.key.data)
        except Invalid as error:
            form.take(error)
        else:
            if form.plan.data:
                plan_row = request_by_ref(session, principal, form.plan.data)
                fund_requests.tie_launch(work(), plan_row, launched.id)
            return redirect(url_for("console.launch_check", ref=launched.ref), 303)
    if not form.key.data:
        form.key.data = random_token(12)
    page = render_template(
        "console/launches/new.html",
        form=form,
        campaign=campaign,
        lists=lists,
        plans=plans,
        zone_words=zone.key.replace("_", " "),
    )
    return make_response(page, 422 if form.problems else 200)


@console.get("/launches/<ref>/check")
@allows(Permission.LAUNCH_PLAN)
def launch_check(ref: str) -> ResponseReturnValue:
    """Show what is missing, each with its fix, or that it is ready."""
    detail = detail_of(ref)
    if detail.line.state is not LaunchState.DRAFT:
        return redirect(url_for("console.launch_show", ref=ref))
    verdict = preflight.preflight(work(), ref)
    return render_template(
        "console/launches/check.html",
        launch=detail,
        verdict=verdict,
        fixes={f: fix_address(f, detail) for f in Fix},
    )


def fix_address(fix: Fix, detail: LaunchDetail) -> str:
    """Return the page that mends a finding."""
    line = detail.line
    address = copy_by_id(work().session, work().principal, detail.copy_id)
    return {
        Fix.NONE: "",
        Fix.LIST: url_for("console.import_new"),
        Fix.SENDER: url_for("console.sender_index"),
        Fix.PROFILE: url_for("console.brand"),
        Fix.COPY: url_for("console.copy_show", vendor=address.vendor_slug, slug=line.campaign_slug),
        Fix.DATE: url_for("console.launch_edit", ref=line.ref),
        Fix.LIBRARY: url_for("console.library_index"),
    }[fix]


@console.post("/launches/<ref>/start")
@allows(Permission.LAUNCH_PLAN)
def launch_start(ref: str) -> ResponseReturnValue:
    """Launch: what the preflight stops is shown again; pressing twice is launching once."""
    try:
        actions.start_launch(work(), ref)
    except Invalid as error:
        flash(error.message, "stop")
        return redirect(url_for("console.launch_check", ref=ref), 303)
    return redirect(url_for("console.launch_show", ref=ref), 303)


@console.get("/launches/<ref>")
@allows(Permission.LAUNCH_READ)
def launch_show(ref: str) -> ResponseReturnValue:
    """Show a launch live; the moving part asks again every two seconds until it is over."""
    detail = detail_of(ref)
    total = detail.equation
    terms = {term: url_for("console.launch_people", ref=ref, state=term) for term in TERMS}
    leads_n = leads.count_of_launch(work().session, work().principal, detail.line.id)
    proofs = proof_items(detail)
    context = {
        "launch": detail,
        "moving": detail.line.state in MOVING,
        "terms": terms,
        "worth": words.worth_knowing(detail, terms),
        "next_steps": words.next_steps(detail, lambda at: local_moment(at, reader=reader())),
        "answers": words.answers(
            detail,
            leads_n,
            {
                "leads": url_for("console.lead_index", launch=ref),
                "clicked": url_for(
                    "console.report_rows", what="people", launch=ref, state="clicked", period="all"
                ),
            },
        ),
        "checklist": proofs,
        "proof_words": f"{sum(p['state'] == 'done' for p in proofs)} of {len(proofs)}",
        "status_words": f"{total.settled} of {total.expected} settled",
    }
    if request.headers.get("HX-Request"):
        return render_block("console/launches/show.html", "live", **context)
    return render_template("console/launches/show.html", **context)


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
        terms=list(TERMS),
    )


@console.post("/launches/<ref>/pause")
@allows(Permission.LAUNCH_STEER)
def launch_pause(ref: str) -> ResponseReturnValue:
    """Stop within two seconds; nothing is lost."""
    actions.pause_launch(work(), ref, reason=f"{signed().name} paused it")
    return redirect(url_for("console.launch_show", ref=ref), 303)


@console.post("/launches/<ref>/resumption")
@allows(Permission.LAUNCH_STEER)
def launch_resume(ref: str) -> ResponseReturnValue:
    """Go on where it stopped."""
    actions.resume_launch(work(), ref)
    return redirect(url_for("console.launch_show", ref=ref), 303)


@console.route("/launches/<ref>/cancellation", methods=["GET", "POST"])
@allows(Permission.LAUNCH_STEER)
def launch_cancel(ref: str) -> ResponseReturnValue:
    """Ask with the number first; then cancel what has not left."""
    if request.method == "GET":
        return render_template("console/launches/cancel.html", launch=detail_of(ref))
    number = actions.cancel_launch(work(), ref)
    flash(
        f"Cancelled. {number:,} mails stay unsent." if number else "Cancelled. Nobody got a mail.",
        "good",
    )
    return redirect(url_for("console.launch_show", ref=ref), 303)


@console.post("/launches/<ref>/second-try")
@allows(Permission.LAUNCH_STEER)
def launch_retry(ref: str) -> ResponseReturnValue:
    """Send those in doubt again, with the same Message-ID."""
    number = actions.retry_uncertain(work(), ref)
    flash(f"{number} mails go again, with the same message number.", "good")
    return redirect(url_for("console.launch_show", ref=ref), 303)


@console.post("/launches/<ref>/test")
@limiter.limit(FORM_LIMIT)
@allows(Permission.LAUNCH_PLAN)
def launch_test(ref: str) -> ResponseReturnValue:
    """Send the first mail to oneself."""
    detail = detail_of(ref)
    person = signed()
    send_test(
        work(), detail.copy_id, detail.mails[0].mail, to=person.email, sender_id=detail.sender_id
    )
    flash(f"A test is on its way to {person.email}.", "good")
    return redirect(url_for("console.launch_check", ref=ref), 303)


def proof_items(detail: LaunchDetail) -> list[dict[str, str]]:
    """Return the case file's lines of the plan this launch belongs to, for a checklist."""
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
        ]
    return items


def newest_claim(request_id: UUID) -> Any:
    """Return the last claim of a plan, whose invoice the checklist shows."""
    session, principal = work().session, work().principal
    rows = claim_rows(session, principal, now=work().now, request_id=request_id)
    return claim_by_ref(session, principal, rows[-1].ref) if rows else None


@console.route("/launches/<ref>/plan", methods=["GET", "POST"])
@allows(Permission.LAUNCH_PLAN)
def launch_edit(ref: str) -> ResponseReturnValue:
    """Change list, date or sender of a launch that has not started."""
    detail = detail_of(ref)
    session, principal = work().session, work().principal
    zone = ZoneInfo(signed().zone)
    copy = copy_by_id(session, principal, detail.copy_id)
    lists = contacts.lists(session, principal, now=work().now)
    form = LaunchForm.for_partner(
        lists=lists,
        senders=delivery.senders(
            session, principal, partner_id=copy.partner_id, vendor_id=copy.vendor_id
        ),
        plans=[],
        mails_n=len(detail.mails),
        now=work().now,
        zone=zone,
    )
    if request.method == "GET":
        local = detail.line.due_at.astimezone(zone)
        form.day.data, form.at.data = local.date(), local.time()
        form.lists.data = [str(i) for i in detail.list_ids]
        form.sender.data = str(detail.sender_id)
    if form.validate_on_submit():
        try:
            actions.change_plan(work(), ref, plan_of(form, copy.id, zone))
        except Invalid as error:
            form.take(error)
        else:
            return redirect(url_for("console.launch_check", ref=ref), 303)
    page = render_template(
        "console/launches/new.html",
        form=form,
        campaign=library.campaign_card(
            session, principal, vendor_slug=copy.vendor_slug, slug=copy.campaign_slug
        ),
        lists=lists,
        plans=[],
        zone_words=zone.key.replace("_", " "),
    )
    return make_response(page, 422 if form.problems else 200)


def plan_of(form: LaunchForm, copy_id: UUID, zone: ZoneInfo) -> LaunchPlan:
    """Return the plan a form describes."""
    return LaunchPlan(
        copy_id=copy_id,
        list_ids=tuple(UUID(i) for i in form.lists.data),
        sender_id=UUID(form.sender.data),
        send_at=form.send_at(zone),
        mails=form.mails.data,
    )


def detail_of(ref: str) -> LaunchDetail:
    """Return a launch of this partner; NotFound for a foreign one."""
    return queries.launch_detail(work().session, work().principal, ref, now=work().now)
