"""A launch approved by its mailed link, without sign-in: look at it, say yes, or send it back."""

from dataclasses import replace

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.delivery.small_cells import at_most, hides_from, is_few
from tcma.errors import Invalid
from tcma.launches import approval_links as links
from tcma.launches import approvals, approving, queries
from tcma.launches.approval_links import MailedApproval, Standing
from tcma.launches.approval_rules import Approver, changes
from tcma.launches.approving import Seen
from tcma.launches.showing import shown_mail
from tcma.web.attempt import attempt
from tcma.web.auth import open_to_all
from tcma.web.guards import FORM_LIMIT, csrf, limiter
from tcma.web.pictures import logo_of
from tcma.web.public import public
from tcma.web.public.system import sandboxed
from tcma.web.unit_of_work import work
from tcma.words import say

BECAUSE = "signed link to one person about one launch as it was asked about"


def opened(token: str) -> MailedApproval:
    """Return what a link is about, and act as its person from here on."""
    made = links.behind(work().session, work().site.signer, token, now=work().now)
    work().principal = made.person
    g.zone, g.locale = made.side.zone, made.side.locale
    return made


def page_of(
    token: str,
    made: MailedApproval,
    *,
    problem: str = "",
    status: int = 200,
    fresh: bool = False,
) -> ResponseReturnValue:
    """Render the page as things stand now."""
    session = work().session
    launch = queries.launch_detail(session, made.person, made.launch.ref, now=work().now)
    waits = made.standing is not Standing.USED
    now = approving.subject_now(work(), made.launch) if waits else made.asked
    asked, now = (
        replace(each, people=at_most(each.people, made.person)) for each in (made.asked, now)
    )
    is_vendor = made.person.vendor_id is not None
    page = render_template(
        "public/launch_approval.html",
        token=token,
        it=made,
        launch=launch,
        now=now,
        seen=f"{now.mark}:{now.people}",
        is_few=hides_from(made.person) and is_few(now.people),
        changed=changes(asked, now) if waits else [],
        question=approvals.question_of(session, launch.line.id),
        problem=problem,
        fresh=fresh,
        sent=request.form,
        page_url=url_for(
            "desk.launch_show" if is_vendor else "console.launch_show", ref=launch.line.ref
        ),
        organisation=made.side.name,
        logo_url=logo_of(session, Approver.VENDOR if is_vendor else "partner", made.side.id),
        organisation_line=say("For you, {name}", name=made.person.name),
    )
    return page, status


@public.get("/l/launch/<token>")
@open_to_all(f"{BECAUSE}; GET only shows")
def launch_approval_show(token: str) -> ResponseReturnValue:
    """Show the mails, to whom they go, when, from whom, and what has changed since it was asked."""
    return page_of(token, opened(token))


@public.get("/l/launch/<token>/mail/<int:no>")
@open_to_all(f"{BECAUSE}; the mail as its customers would see it, sandboxed")
def launch_approval_mail(token: str, no: int) -> ResponseReturnValue:
    """Return one mail of the series as a document of its own."""
    made = opened(token)
    return sandboxed(shown_mail(work(), made.launch, no))


def decided(token: str, *, returning: bool) -> ResponseReturnValue:
    """Do what was pressed while the link is good for it, then show how it stands."""
    made = opened(token)
    if made.standing is not Standing.OPEN:
        question = approvals.question_of(work().session, made.launch.id)
        own = question is not None and question.decided_by == made.person.name
        if made.standing is Standing.USED and own:
            return redirect(url_for("public.launch_approval_show", token=token), 303)
        return page_of(token, made, status=409)
    with attempt() as tried:
        if returning:
            words = request.form.get("words", "")
            approving.send_back(work(), made.launch.ref, words=words)
        else:
            approving.approve(work(), made.launch.ref, seen=seen())
    if tried.done:
        return redirect(url_for("public.launch_approval_show", token=token), 303)
    return page_of(token, opened(token), problem=tried.words, status=tried.status)


def seen() -> Seen:
    """Return what the page that was sent had shown; Invalid when it is no page of ours."""
    mark, _, people = request.form.get("seen", "").partition(":")
    if not mark or not people.isdecimal():
        raise Invalid(say("Look at it before you answer."), code="launch.seen")
    return Seen(mark=mark, people=int(people))


@public.post("/l/launch/<token>/approval")
@csrf.exempt
@limiter.limit(FORM_LIMIT)
@open_to_all(f"{BECAUSE}; the verb lets it be approved once, as it was shown")
def launch_approval_grant(token: str) -> ResponseReturnValue:
    """Say yes; pressing twice is saying it once."""
    return decided(token, returning=False)


@public.post("/l/launch/<token>/return")
@csrf.exempt
@limiter.limit(FORM_LIMIT)
@open_to_all(f"{BECAUSE}; the verb lets it be sent back once")
def launch_approval_return(token: str) -> ResponseReturnValue:
    """Send it back with what to change."""
    return decided(token, returning=True)


@public.post("/l/launch/<token>/fresh")
@csrf.exempt
@limiter.limit(FORM_LIMIT)
@open_to_all(f"{BECAUSE}; a fresh link goes to that person's own address")
def launch_approval_fresh(token: str) -> ResponseReturnValue:
    """Mail the person a link that has not ended."""
    made = opened(token)
    if made.standing is not Standing.LATE:
        return page_of(token, made)
    approving.ask_afresh(work(), made.launch, found(made.person.user_id))
    return page_of(token, made, fresh=True)
