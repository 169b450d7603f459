"""What needs a person at a partner today: leads, launches, money, due steps, each with its button."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from tcma.guidance.playbooks import Playbook
from tcma.guidance.queries import FirstSteps
from tcma.guidance.words import WORDS
from tcma.launches import approvals
from tcma.launches import queries as launches
from tcma.launches.queries import LaunchLine
from tcma.launches.rules import LaunchState
from tcma.leads import queries as leads
from tcma.mdf import claim_rows
from tcma.mdf.queries import request_by_ref
from tcma.mdf.requests import views as request_views
from tcma.mdf.requests.views import requests_of_launch
from tcma.mdf.rules import ClaimState, RequestState
from tcma.nurture.starters import asked_anew
from tcma.on_behalf import queries as arranged
from tcma.on_behalf.queries import ArrangedView
from tcma.on_behalf.rules import ArrangedState
from tcma.partners import terms
from tcma.partners.terms_rules import Standing
from tcma.permissions import Permission
from tcma.web.console.plays import asked_steps
from tcma.web.filters import duration
from tcma.web.playbook_words import when_of
from tcma.web.step_words import due_of
from tcma.web.unit_of_work import work
from tcma.words import Words, joined, say, say_n

THINGS = (
    say("Nothing needs you"),
    say("One thing needs you"),
    say("Two things need you"),
    say("Three things need you"),
    say("Four things need you"),
    say("Five things need you"),
    say("Six things need you"),
    say("Seven things need you"),
    say("Eight things need you"),
    say("Nine things need you"),
)
SHOWN = 3
NEED = (ArrangedState.ASKING, ArrangedState.HELD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Todo:
    """One thing to do: a sentence, why, how long it takes, and the button's word.

    `due` is the instant it must be answered by, `by` a day in words.
    """

    title: str
    text: str
    href: str
    verb: str
    minutes: int
    due: datetime | None = None
    by: str = ""
    why: str = ""


def things_to_do() -> list[Todo]:
    """Return what needs this person, the most urgent first."""
    session, principal = work().session, work().principal
    found: list[Todo] = []
    urgent = leads.most_urgent(session, principal)
    if urgent:
        found.append(
            Todo(
                title=say(
                    "{company} asks for “{campaign}”",
                    company=urgent.company,
                    campaign=urgent.campaign,
                ),
                text=say_n(
                    "From {place}, {n} point. Name and phone show when you accept.",
                    "From {place}, {n} points. Name and phone show when you accept.",
                    urgent.score,
                    place=urgent.place,
                ),
                href=url_for("console.lead_show", ref=urgent.ref),
                verb=say("Answer this lead"),
                minutes=1,
                due=urgent.answer_by,
                why=urgent.reason,
            )
        )
    return [
        *found,
        *terms_that_wait(),
        *starts_that_changed(),
        *launches_that_wait(),
        *money_that_came_back(),
    ]


def terms_that_wait() -> list[Todo]:
    """Return the vendors whose terms this person has to accept for the firm."""
    session, principal = work().session, work().principal
    if not principal.may(Permission.TERMS_ACCEPT):
        return []
    return [
        Todo(
            title=say("Accept the terms of {vendor}", vendor=pair.vendor),
            text=say("Until then nobody of yours can launch its campaigns or ask for funds."),
            href=url_for("console.terms_show", vendor=pair.vendor_slug),
            verb=say("Read the terms"),
            minutes=5,
        )
        for pair in terms.pairs(session, principal)
        if pair.standing is Standing.WAITS
    ]


def starts_that_changed() -> list[Todo]:
    """Return the campaigns that begin by something else than this partner agreed to."""
    if not work().principal.may(Permission.LAUNCH_PLAN):
        return []
    return [
        Todo(
            title=say("Decide anew whether “{campaign}” begins by itself", campaign=it.campaign),
            text=say(
                "{vendor} has changed when it begins. Until you decide, it begins for nobody.",
                vendor=it.vendor,
            ),
            href=url_for("console.copy_show", vendor=it.vendor_slug, slug=it.slug),
            verb=say("Look and decide"),
            minutes=2,
        )
        for it in asked_anew(work())
    ]


def money_that_came_back() -> list[Todo]:
    """Return plans and claims with a question of the vendor, then claims that wait for an invoice."""
    session, principal, now = work().session, work().principal, work().now
    if not principal.may(Permission.CLAIM_FILE):
        return []
    plans = request_views.requests(session, principal, now=now, state=RequestState.INFO_REQUESTED)
    back = claim_rows.claims(session, principal, now=now, state=ClaimState.INFO_REQUESTED)
    begun = claim_rows.claims(session, principal, now=now, state=ClaimState.DRAFT)
    return [
        *(
            Todo(
                title=say(
                    "Answer {vendor} about “{title}”", vendor=plan.vendor_name, title=plan.title
                ),
                text=say("They ask for one change before they can approve."),
                href=url_for("console.request_show", ref=plan.ref),
                verb=say("Answer"),
                minutes=3,
            )
            for plan in plans.rows
        ),
        *(
            Todo(
                title=say("Fix the claim for “{title}”", title=claim.title),
                text=say("{vendor} returned it with one question.", vendor=claim.vendor_name),
                href=url_for("console.claim_show", ref=claim.ref),
                verb=say("Fix"),
                minutes=2,
            )
            for claim in back.rows
        ),
        *(
            Todo(
                title=say("Add the invoice for “{title}”", title=claim.title),
                text=say("The launch collected its own proof. The invoice is yours to add."),
                href=url_for("console.claim_show", ref=claim.ref),
                verb=say("Add the invoice"),
                minutes=2,
            )
            for claim in begun.rows
        ),
    ]


def next_step(steps: FirstSteps) -> list[Todo]:
    """Return the first step whose day is first; the card beside shows the others."""
    one = steps.progress.next
    if one is None:
        return []
    words = WORDS[one.step]
    return [
        Todo(
            title=words.ask,
            text=words.why,
            href=words.path,
            verb=words.verb,
            minutes=words.minutes,
            by=due_of(one),
        )
    ]


def playbook_steps(books: Sequence[Playbook]) -> list[Todo]:
    """Return the steps of playbooks that are due for this person."""
    return [
        Todo(
            title=stand.step.title,
            text=say(
                "Step {no} of {all} of the playbook of “{campaign}”.",
                no=book.needed.index(stand) + 1,
                all=len(book.needed),
                campaign=book.name,
            ),
            href=url_for("console.launch_playbook", ref=book.ref, _anchor=f"step-{stand.step.key}"),
            verb=say("Open the script") if stand.step.has_script else say("Open the playbook"),
            minutes=stand.step.minutes,
            by=when_of(stand),
            why=stand.step.why,
        )
        for book, stand in asked_steps(books)[:SHOWN]
    ]


def launches_that_wait() -> list[Todo]:
    """Return launches that stopped by themselves or were paused, then plans that never started."""
    session, principal = work().session, work().principal
    if not principal.may(Permission.LAUNCH_STEER):
        return []
    held = launches.launches(session, principal, states=(LaunchState.PAUSED, LaunchState.FAILED))
    coming = arranged.ahead(session, principal, now=work().now)
    by_itself = {row.draft_ref for row in coming}
    drafts = launches.launches(session, principal, states=(LaunchState.DRAFT,)).rows
    begun = [line for line in drafts if line.ref not in by_itself]
    asked = approvals.waiting_count(session, principal)
    own = (
        launches.launches(session, principal, states=(LaunchState.AWAITING,)).rows if asked else []
    )
    return [
        *(arranged_todo(row) for row in coming if row.state in NEED),
        *(
            Todo(
                title=say("May “{name}” leave?", name=line.name),
                text=say("Your people ask. Nobody is mailed without your yes."),
                href=url_for("console.launch_show", ref=line.ref),
                verb=say("Look and decide"),
                minutes=2,
            )
            for line in own[:SHOWN]
            if principal.may(Permission.LAUNCH_APPROVE)
        ),
        *(
            Todo(
                title=say("Look at “{name}”", name=line.name),
                text=say("It does not send. Its page says why; go on, or cancel the rest."),
                href=url_for("console.launch_show", ref=line.ref),
                verb=say("Look at the launch"),
                minutes=2,
            )
            for line in held.rows[:SHOWN]
        ),
        *(
            Todo(
                title=say("Finish the launch of “{name}”", name=line.name),
                text=say("List, date and sender are chosen. It has not started."),
                href=url_for("console.launch_check", ref=line.ref),
                verb=say("Finish it"),
                minutes=1,
            )
            for line in begun[:SHOWN]
        ),
    ]


def arranged_todo(row: ArrangedView) -> Todo:
    """Return what a launch that comes by itself still needs from this partner."""
    if row.state is ArrangedState.ASKING:
        return Todo(
            title=say("Say yes or no to “{campaign}”", campaign=row.campaign),
            text=say(
                "{vendor} would launch it for you. Without your yes nothing happens.",
                vendor=row.vendor,
            ),
            href=url_for("console.ahead_index"),
            verb=say("Answer"),
            minutes=1,
            due=row.send_at,
        )
    return Todo(
        title=say("“{campaign}” could not go out", campaign=row.campaign),
        text=joined(*(joined(stop.message, stop.remedy) for stop in row.stops)),
        href=url_for("console.ahead_index"),
        verb=say("See what to do"),
        minutes=2,
    )


def what_needs_you(todos: Sequence[Todo]) -> Words:
    """Return how many things there are to do, and how long they take together."""
    if not todos:
        return say("Nothing needs you today. What is worth doing is below.")
    minutes = sum(t.minutes for t in todos)
    return say(
        "{things}, {about} in all.",
        things=THINGS[len(todos)]
        if len(todos) < len(THINGS)
        else say_n("{n} thing needs you", "{n} things need you", len(todos)),
        about=duration(60 * minutes),
    )


def money_to_claim(over: Sequence[LaunchLine]) -> list[Todo]:
    """Return the approved plans whose launch is over and for which nothing was claimed yet."""
    session, principal, now = work().session, work().principal, work().now
    if not principal.may(Permission.CLAIM_FILE):
        return []
    plans = {
        plan.ref: plan
        for line in over
        for plan in requests_of_launch(session, principal, line.id, now=now)
        if plan.state == RequestState.APPROVED and not is_claimed(plan.ref)
    }
    return [
        Todo(
            title=say("Claim the money for “{title}”", title=plan.title),
            text=say(
                "{vendor} approved it. The launch wrote its proof; the invoice is yours to add.",
                vendor=plan.vendor_name,
            ),
            href=url_for("console.claim_new", plan=plan.ref),
            verb=say("Claim money back"),
            minutes=2,
        )
        for plan in plans.values()
    ]


def is_claimed(plan_ref: str) -> bool:
    """Say whether a claim for this plan was begun."""
    session, principal, now = work().session, work().principal, work().now
    plan = request_by_ref(session, principal, plan_ref)
    return bool(claim_rows.claim_rows(session, principal, now=now, request_id=plan.id))
