"""What a partner's first page suggests: its next plays in sentences, and whose first steps still run."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import url_for

from tcma.guidance import playbooks, queries
from tcma.guidance.play_facts import facts_of
from tcma.guidance.playbook import NEEDS, StepStand
from tcma.guidance.playbooks import Playbook
from tcma.guidance.plays import NearStep, Offered, Play, PlayKind, next_plays
from tcma.guidance.queries import FirstSteps
from tcma.permissions import Permission
from tcma.rendering.playbook import StepKind
from tcma.web.filters import local_date, money
from tcma.web.reading import reader
from tcma.web.unit_of_work import work
from tcma.words import joined, say, say_n


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A play as the page shows it: a title, a sentence why, one button."""

    title: str
    why: str
    href: str
    verb: str
    minutes: int


def own_books() -> list[Playbook]:
    """Return the playbooks of this partner's launches."""
    return playbooks.playbooks(work().session, work().principal, now=work().now)


def suggestions(books: Sequence[Playbook]) -> list[Suggestion]:
    """Return at most three plays for whoever reads."""
    today = work().now.astimezone(reader().zone).date()
    facts = facts_of(work().session, work().principal, now=work().now, today=today, books=books)
    return [in_words(play) for play in next_plays(facts)]


def in_words(play: Play) -> Suggestion:
    """Return a play in sentences."""
    if play.lead:
        return _call(play)
    if play.fund:
        return _use_fund(play)
    if play.step:
        return _prepare(play.step, play.days)
    campaign = play.campaign
    assert campaign is not None
    again = play.kind is PlayKind.AGAIN
    return Suggestion(
        title=say("Launch “{name}” again", name=campaign.name)
        if again
        else say("Launch “{name}”", name=campaign.name),
        why=_why(play, campaign),
        href=url_for("console.campaign_show", vendor=campaign.vendor_slug, slug=campaign.slug),
        verb=say("Look at it"),
        minutes=campaign.minutes,
    )


def _why(play: Play, campaign: Offered) -> str:
    days = say_n("{n} day", "{n} days", play.days)
    leads = say_n("{n} lead", "{n} leads", play.number)
    match play.kind:
        case PlayKind.ENDING:
            date = _day(campaign.ends_on)
            soon = say("in {days}, on {date}", days=days, date=date) if play.days else say("today")
            return say("It ends {when}, and you have not launched it.", when=soon)
        case PlayKind.PEERS:
            return say(
                "{n} partners of your tier ran it. Half of them got {leads} or more.",
                n=campaign.peers,
                leads=leads,
            )
        case PlayKind.QUIET:
            return say(
                "Your last launch was {days} ago, and nothing is planned. This one is new to you.",
                days=days,
            )
        case PlayKind.AGAIN:
            return say(
                "It brought you {leads}, more than any other. Your last launch was {days} ago.",
                leads=leads,
                days=days,
            )
        case PlayKind.FIRST:
            return say(
                "You have not launched anything yet. This one takes about {minutes}: list, date, sender.",
                minutes=say_n("{n} minute", "{n} minutes", campaign.minutes),
            )
        case _:
            return say("You have not launched it yet. It is filled in from your brand profile.")


def _call(play: Play) -> Suggestion:
    assert play.lead is not None
    days = say_n("{n} day", "{n} days", play.days)
    return Suggestion(
        title=say("Call {company}", company=play.lead.company),
        why=say("You accepted this lead {days} ago, and no call or mail is noted.", days=days)
        if play.number == 1
        else say(
            "{n} leads that you accepted wait for a first call. This one waits longest: {days}.",
            n=play.number,
            days=days,
        ),
        href=url_for("console.lead_show", ref=play.lead.ref),
        verb=say("Open the lead"),
        minutes=5,
    )


def _prepare(step: NearStep, days: int) -> Suggestion:
    return Suggestion(
        title=step.title,
        why=say_n(
            "It is due in {n} day: step {no} of {all} of the playbook of “{campaign}”.",
            "It is due in {n} days: step {no} of {all} of the playbook of “{campaign}”.",
            days,
            no=step.no,
            all=step.of,
            campaign=step.campaign,
        ),
        href=url_for("console.launch_playbook", ref=step.ref, _anchor=f"step-{step.key}"),
        verb=say("Look at it"),
        minutes=step.minutes,
    )


def _use_fund(play: Play) -> Suggestion:
    assert play.fund is not None
    part, campaign = play.fund, play.campaign
    amount = money(part.available, locale=reader().locale)
    return Suggestion(
        title=say("Use {amount} of {fund}", amount=amount, fund=part.name),
        why=joined(
            say(
                "The last day to plan with it is {date}, and no plan asks for it.",
                date=_day(part.usable_until),
            ),
            say("It can pay for “{name}”.", name=campaign.name) if campaign else "",
        ),
        href=url_for(
            "console.request_new",
            campaign=f"{campaign.vendor_slug}/{campaign.slug}" if campaign else None,
        ),
        verb=say("Plan an activity"),
        minutes=3,
    )


def asked_steps(books: Sequence[Playbook]) -> list[tuple[Playbook, StepStand]]:
    """Return the steps of playbooks that are due and are this person's to do, oldest first.

    What the page asks for anyway, a launch to finish and money to claim, is left out.
    """
    principal = work().principal
    asked = [
        (book, stand)
        for book in books
        for stand in book.asked
        if principal.may(NEEDS[stand.step.who])
        and stand.step.kind not in (StepKind.LAUNCH, StepKind.CLAIM)
    ]
    return sorted(asked, key=lambda pair: pair[1].due_on)


def open_steps() -> FirstSteps | None:
    """Return the first steps that still run with a vendor, those that began first."""
    if not work().principal.may(Permission.BRAND_EDIT):
        return None
    pairs = queries.first_steps(work().session, work().principal, now=work().now)
    return next((each for each in pairs if each.progress.runs), None)


def _day(on: date | None) -> str:
    return local_date(on, reader=reader()) if on else ""
