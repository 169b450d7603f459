"""A launch before it leaves: three decisions, the preflight, a test to oneself, the start."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.contacts import list_queries as contacts
from tcma.contacts.segments import segments
from tcma.delivery import sender_queries
from tcma.delivery.actions import ensure_fallback
from tcma.delivery.sender_queries import SenderChoice
from tcma.errors import Conflict, Invalid
from tcma.ids import random_token
from tcma.launches import actions, approvals, trial_senders
from tcma.launches.actions import LaunchPlan
from tcma.launches.expansion import send_test
from tcma.launches.newcomers import plan_for_newcomers, relatives
from tcma.launches.queries import LaunchDetail
from tcma.launches.rules import Fix, LaunchState
from tcma.launches.trials import variants_of
from tcma.library import copies
from tcma.library import queries as library
from tcma.library.copy_queries import copy_by_id
from tcma.mdf.queries import request_by_ref
from tcma.mdf.requests import carrying_out, paying
from tcma.mdf.requests.views import requests_for_campaign
from tcma.on_behalf import arranging
from tcma.on_behalf.queries import arranged_launch_of
from tcma.permissions import Permission
from tcma.web.attempt import attempt
from tcma.web.auth import allows, signed
from tcma.web.console import chosen_audience, console
from tcma.web.console.launches import detail_of
from tcma.web.forms.launch import LaunchForm
from tcma.web.guards import FORM_LIMIT, limiter
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say


@console.route("/launches/new", methods=["GET", "POST"])
@allows(Permission.LAUNCH_PLAN)
def launch_new() -> ResponseReturnValue:
    """Ask the three questions: to whom, when, from whom."""
    session, principal = work().session, work().principal
    if not request.args.get("campaign"):
        return redirect(url_for("console.library_index"))
    vendor_slug, _, slug = request.args.get("campaign", "").partition("/")
    campaign = library.campaign_card(
        session, principal, vendor_slug=vendor_slug, slug=slug, today=work().now.date()
    )
    copy = copies.copy_of(work(), campaign.campaign_id)
    lists = contacts.offered_lists(session, principal, now=work().now)
    zone = ZoneInfo(signed().zone)
    plans = requests_for_campaign(session, principal, campaign.campaign_id, now=work().now)
    ensure_fallback(
        work(),
        partner_id=copy.partner_id,
        vendor_id=campaign.vendor_id,
        from_name=signed().current.organisation.name,
    )
    senders = sender_queries.senders(
        session, principal, partner_id=copy.partner_id, vendor_id=copy.vendor_id
    )
    form = LaunchForm.for_partner(
        lists=lists,
        segments=segments(session, principal),
        senders=senders,
        plans=plans,
        mails_n=campaign.mails_n,
        variants=variants_of(work(), copy.version_id, language=copy.language),
        second_senders=second_senders(copy, senders),
        now=work().now,
        zone=zone,
    )
    if form.validate_on_submit():
        with attempt(form) as tried:
            plan = plan_of(form, copy.id, zone)
            launched = actions.plan_launch(work(), plan, idempotency_key=form.key.data)
            if form.plan.data:
                plan_row = request_by_ref(session, principal, form.plan.data)
                carrying_out.tie(work(), plan_row, launched.id)
        if tried.done:
            chosen_audience.planned()
            return redirect(url_for("console.launch_check", ref=launched.ref), 303)
    if not form.is_submitted():
        offered = [choice.value for choice in form.lists.choices]
        form.lists.data = chosen_audience.chosen(offered) or form.lists.data
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


@console.post("/launches/<ref>/newcomers")
@allows(Permission.LAUNCH_PLAN)
def launch_follow(ref: str) -> ResponseReturnValue:
    """Draft the same for those who joined since; its check says how many, and asks."""
    with attempt() as tried:
        follower = plan_for_newcomers(work(), ref)
    if not tried.done:
        flash(tried.words, "need")
        return redirect(url_for("console.launch_show", ref=ref), 303)
    return redirect(url_for("console.launch_check", ref=follower), 303)


@console.route("/launches/<ref>/plan", methods=["GET", "POST"])
@allows(Permission.LAUNCH_PLAN)
def launch_edit(ref: str) -> ResponseReturnValue:
    """Change list, date or sender of a launch that has not started."""
    detail = detail_of(ref)
    session, principal = work().session, work().principal
    if detail.line.follows_id is not None:
        flash(say("It goes as the first one went, to those who joined since."), "need")
        return redirect(url_for("console.launch_check", ref=ref), 303)
    zone = ZoneInfo(signed().zone)
    copy = copy_by_id(session, principal, detail.copy_id)
    lists = contacts.offered_lists(session, principal, now=work().now)
    senders = sender_queries.senders(
        session, principal, partner_id=copy.partner_id, vendor_id=copy.vendor_id
    )
    form = LaunchForm.for_partner(
        lists=lists,
        segments=segments(session, principal),
        senders=senders,
        plans=[],
        mails_n=len(detail.mails),
        variants=variants_of(work(), copy.version_id, language=copy.language),
        second_senders=second_senders(copy, senders),
        now=work().now,
        zone=zone,
    )
    if request.method == "GET":
        local = detail.line.due_at.astimezone(zone)
        form.day.data, form.at.data = local.date(), local.time()
        form.lists.data = [str(i) for i in detail.list_ids]
        form.sender.data = str(detail.sender_id)
        form.show_choices(detail.choices)
    if form.validate_on_submit():
        with attempt(form) as tried:
            actions.change_plan(work(), ref, plan_of(form, copy.id, zone))
            arranging.follow_draft(work(), ref)
        if tried.done:
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


@console.get("/launches/<ref>/check")
@allows(Permission.LAUNCH_PLAN)
def launch_check(ref: str) -> ResponseReturnValue:
    """Show what is missing, each with its fix, or that it is ready."""
    detail = detail_of(ref)
    if detail.line.state is not LaunchState.DRAFT:
        return redirect(url_for("console.launch_show", ref=ref))
    verdict = paying.preflight(work(), ref)
    return render_template(
        "console/launches/check.html",
        launch=detail,
        verdict=verdict,
        late=verdict.send_at <= work().now,
        question=approvals.question_of(work().session, detail.line.id),
        family=relatives(work().session, detail.line.id) if verdict.follows else [],
        arranged=arranged_launch_of(work().session, work().principal, detail.line.id),
        fixes={f: fix_address(f, detail) for f in Fix},
    )


@console.get("/launches/<ref>/check.json")
@allows(Permission.LAUNCH_PLAN)
def launch_check_facts(ref: str) -> ResponseReturnValue:
    """Give the same for machines, each finding with the address of the page that mends it."""
    detail = detail_of(ref)
    said = paying.preflight(work(), ref).as_json()
    for finding in said["findings"]:
        address = fix_address(Fix(finding["fix"]), detail)
        finding["fix_url"] = f"{work().site.public_url}{address}" if address else ""
    return jsonify(said)


def fix_address(fix: Fix, detail: LaunchDetail) -> str:
    """Return the page that mends a finding and comes back here."""
    line = detail.line
    address = copy_by_id(work().session, work().principal, detail.copy_id)
    return {
        Fix.NONE: "",
        Fix.LIST: url_for("console.launch_edit", ref=line.ref),
        Fix.SENDER: url_for("console.sender_index", back=line.ref),
        Fix.PROFILE: url_for("console.brand", back=line.ref),
        Fix.COPY: url_for(
            "console.copy_show", vendor=address.vendor_slug, slug=line.campaign_slug, back=line.ref
        ),
        Fix.DATE: url_for("console.launch_edit", ref=line.ref),
        Fix.LIBRARY: url_for("console.library_index"),
        Fix.TERMS: url_for("console.terms_show", vendor=line.vendor_slug),
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


@console.route("/launches/<ref>/deletion", methods=["GET", "POST"])
@allows(Permission.LAUNCH_PLAN)
def launch_delete(ref: str) -> ResponseReturnValue:
    """Take a draft away; asked first, because its answers do not come back."""
    if request.method == "GET":
        detail = detail_of(ref)
        if detail.line.state is not LaunchState.DRAFT:
            return redirect(url_for("console.launch_show", ref=ref))
        return render_template("console/launches/delete.html", launch=detail)
    try:
        name = actions.delete_draft(work(), ref)
    except Conflict as error:
        flash(error.advice, "need")
        return redirect(url_for("console.launch_show", ref=ref), 303)
    flash(say("The draft of “{name}” is deleted. Nobody was mailed.", name=name), "good")
    return redirect(url_for("console.launch_index"), 303)


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
    flash(say("A test is on its way to {email}.", email=person.email), "good")
    return redirect(url_for("console.launch_check", ref=ref), 303)


def second_senders(copy: Any, senders: list[SenderChoice]) -> list[tuple[str, str]]:
    """Return who else a mail of a copy may come from, to test it: names, then addresses."""
    names = trial_senders.names_of(work().session, copy.partner_id, language=copy.language)
    return trial_senders.offers(names, senders)


def plan_of(form: LaunchForm, copy_id: UUID, zone: ZoneInfo) -> LaunchPlan:
    """Return the plan a form describes."""
    return LaunchPlan(
        copy_id=copy_id,
        list_ids=tuple(UUID(i) for i in form.lists.data),
        sender_id=UUID(form.sender.data),
        send_at=form.send_at(zone),
        mails=form.mails.data,
        choices=form.choices,
    )
