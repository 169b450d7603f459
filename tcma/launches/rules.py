"""Launch states and moves, which mail of a series goes to whom, and what must be right before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from tcma.partners.rules import PROFILE_WORDS
from tcma.senders.rules import DomainState, free_mail
from tcma.words import inside, joined, say, say_n


class LaunchState(StrEnum):
    """A partner's run of a campaign. Between two mails of a series it is `scheduled` again."""

    DRAFT = "draft"
    AWAITING = "awaiting_approval"
    SCHEDULED = "scheduled"
    EXPANDING = "expanding"
    SENDING = "sending"
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    FAILED = "failed"


S = LaunchState
MOVES: dict[LaunchState, frozenset[LaunchState]] = {
    S.DRAFT: frozenset({S.AWAITING, S.SCHEDULED, S.CANCELLED}),
    S.AWAITING: frozenset({S.DRAFT, S.SCHEDULED, S.CANCELLED}),
    S.SCHEDULED: frozenset({S.EXPANDING, S.SENDING, S.PAUSED, S.CANCELLED}),
    S.EXPANDING: frozenset({S.AWAITING, S.SENDING, S.SCHEDULED, S.PAUSED, S.FAILED, S.CANCELLED}),
    S.SENDING: frozenset({S.PAUSED, S.SCHEDULED, S.FINISHED, S.CANCELLED, S.FAILED}),
    S.PAUSED: frozenset({S.SENDING, S.SCHEDULED, S.CANCELLED, S.FAILED}),
    S.FAILED: frozenset({S.SCHEDULED, S.SENDING, S.CANCELLED}),
    S.FINISHED: frozenset({S.SENDING}),
    S.CANCELLED: frozenset(),
}

RUNNING = (S.SCHEDULED, S.EXPANDING, S.SENDING, S.PAUSED)
OVER = (S.FINISHED, S.CANCELLED)
TRIED_AGAIN = (S.SCHEDULED, S.SENDING, S.PAUSED, S.FINISHED)
"""Where a second try for some of its people can begin."""


class Audience(StrEnum):
    """To whom of the frozen first mail a later mail of the series goes."""

    ALL = "all"
    CUSTOMERS = "customers"
    NOT_CLICKED = "not_clicked"
    NO_FORM = "no_form"
    CLICKED = "clicked"


AUDIENCE_WORDS: dict[Audience, str] = {
    Audience.ALL: say("everybody"),
    Audience.CUSTOMERS: say("everybody"),
    Audience.NOT_CLICKED: say("those who did not click"),
    Audience.NO_FORM: say("those who have not answered"),
    Audience.CLICKED: say("those who clicked"),
}


def may_move(state: LaunchState, to: LaunchState) -> bool:
    """Say whether a launch may go from `state` to `to`."""
    return to in MOVES[state]


class Severity(StrEnum):
    """How heavy a finding weighs: a stop keeps the launch from starting."""

    STOP = "stop"
    LOOK = "look"
    GOOD = "good"


class Area(StrEnum):
    """What a finding is about; the preflight shows one line each, in this order."""

    LAW = "law"
    AUDIENCE = "audience"
    SENDER = "sender"
    BRAND = "brand"
    CONTENT = "content"
    CALENDAR = "calendar"
    FUNDS = "funds"
    PAGE = "page"


class Fix(StrEnum):
    """Which page mends a finding; the edge turns it into an address."""

    NONE = ""
    LIST = "list"
    SENDER = "sender"
    PROFILE = "profile"
    COPY = "copy"
    DATE = "date"
    LIBRARY = "library"
    TERMS = "terms"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the preflight has to say: what, why, what to do."""

    area: Area
    severity: Severity
    message: str
    fix: Fix = Fix.NONE
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the preflight judges. `held` maps what some people have in common to their count;
    `hidden_by` are the rules of visibility that the partner no longer meets, in words.
    """

    now: datetime
    send_at: datetime
    lists_n: int
    people_n: int
    sendable_n: int
    held: Mapping[str, int] = field(default_factory=dict)
    sender: str | None = None
    sender_is_fallback: bool = False
    sender_state: DomainState | None = None
    sender_is_held: bool = False
    came_back: str = ""
    vendor_name: str = ""
    profile_missing: Sequence[str] = ()
    has_logo: bool = True
    copy_problems: Sequence[str] = ()
    campaign_live: bool = True
    hidden_by: Sequence[str] = ()
    stopped_why: str = ""
    barred_why: str = ""
    ends_on: date | None = None
    mails_after_end: int = 0
    page_ready: bool = True
    mails_n: int = 1
    follows: bool = False


LATE_BY_S = 300


def preflight(facts: Facts) -> list[Finding]:
    """Return every finding, the heaviest first; a launch may start when none is a stop."""
    found = [
        *_law(facts),
        *_audience(facts),
        *_sender(facts),
        *_brand(facts),
        *_content(facts),
        *_stopped(facts),
        *_calendar(facts),
    ]
    if not facts.page_ready:
        found.append(
            Finding(Area.PAGE, Severity.LOOK, say("The landing page is published with the launch."))
        )
    return heaviest_first(found)


def heaviest_first(findings: Sequence[Finding]) -> list[Finding]:
    """Return findings in the order in which they are read."""
    weight = list(Severity)
    return sorted(findings, key=lambda each: weight.index(each.severity))


def blocking(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings that keep a launch from starting."""
    return [each for each in findings if each.severity is Severity.STOP]


def _law(facts: Facts) -> list[Finding]:
    if facts.barred_why:
        words = say("{why}, so none of its campaigns can be launched.", why=facts.barred_why)
        remedy = say("Ask {vendor_name}.", vendor_name=facts.vendor_name)
        return [Finding(Area.LAW, Severity.STOP, words, remedy=remedy)]
    return []


def _audience(facts: Facts) -> list[Finding]:
    stop, good = Severity.STOP, Severity.GOOD
    if not facts.lists_n:
        return [
            Finding(Area.AUDIENCE, stop, say("No list is chosen."), Fix.LIST, say("Choose a list."))
        ]
    if not facts.people_n and facts.follows:
        return [
            Finding(Area.AUDIENCE, stop, say("Nobody has joined the lists of this launch since."))
        ]
    if not facts.people_n:
        return [Finding(Area.AUDIENCE, stop, say("There is nobody in the lists and segments you chose."), Fix.LIST,
            say("Choose another list or segment, or add people first."))]  # fmt: skip
    if not facts.sendable_n:
        return [Finding(Area.AUDIENCE, stop,
            say("Nobody in the list can be mailed: {reasons}.", reasons=_reasons(facts.held)), Fix.LIST,
            say("Choose another list, or say where the consent comes from."))]  # fmt: skip
    left_out = facts.people_n - facts.sendable_n
    words = say_n("{n} person will get it.", "{n} people will get it.", facts.sendable_n)
    if left_out:
        words = say_n("{n} person will get it, {left_out:,} will not: {reasons}.", "{n} people will get it, {left_out:,} will not: {reasons}.", facts.sendable_n, left_out=left_out, reasons=_reasons(facts.held))  # fmt: skip
    return [Finding(Area.AUDIENCE, good, words)]


def _reasons(held: Mapping[str, int]) -> str:
    return joined(
        *(say("{n:,} {what}", n=count, what=words) for words, count in held.items()), by=", "
    )


def _sender(facts: Facts) -> list[Finding]:
    if not facts.sender:
        return [Finding(Area.SENDER, Severity.STOP,
            say("There is no address your mails could come from."), Fix.SENDER,
            say("Add one of your own domain, or ask {vendor_name} to lend you theirs.", vendor_name=facts.vendor_name))]  # fmt: skip
    if free_mail(facts.sender):
        return [Finding(Area.SENDER, Severity.STOP,
            say("A {free_mail} address cannot be the sender here; mail programs would refuse it.", free_mail=free_mail(facts.sender)),
            Fix.SENDER, say("Use your own domain or your vendor's."))]  # fmt: skip
    if facts.came_back:
        words = say("{sender} is held: nothing would leave. {came_back}.", sender=facts.sender, came_back=facts.came_back)  # fmt: skip
        return [
            Finding(Area.SENDER, Severity.STOP, words, Fix.SENDER, say("Let it go under Senders."))
        ]
    if facts.sender_is_fallback:
        return [
            Finding(
                Area.SENDER,
                Severity.LOOK,
                say(
                    "Mail goes from {vendor_name}'s address for now.", vendor_name=facts.vendor_name
                ),
                Fix.SENDER,
                say("Add an address of your own when you have one."),
            )
        ]
    return [_own_domain(facts, facts.sender)]


def _own_domain(facts: Facts, sender: str) -> Finding:
    domain = sender.rpartition("@")[2]
    good, look, stop = Severity.GOOD, Severity.LOOK, Severity.STOP
    paste = say("Paste its records into your DNS.")
    match facts.sender_state:
        case DomainState.VERIFIED:
            return Finding(
                Area.SENDER,
                good,
                say("Mail comes from {sender}, signed for {domain}.", sender=sender, domain=domain),
            )
        case DomainState.FAILING:
            words = say("A record of {domain} is gone. We look again within the hour; if it is still gone, mail stops leaving from there.", domain=domain)  # fmt: skip
            return Finding(Area.SENDER, look, words, Fix.SENDER, say("Put the record back."))
        case None:
            words = say(
                "Mail comes from {sender}. It leaves unsigned, for {domain} is not set up here.",
                sender=sender,
                domain=domain,
            )
            return Finding(Area.SENDER, look, words, Fix.SENDER, say("Set the domain up once."))
    why = (say("is not verified yet") if facts.sender_state is DomainState.PENDING else say("is broken"))  # fmt: skip
    if facts.sender_is_held:
        words = say("{domain} {why}, and {vendor_name} lends no address: nothing would leave.", domain=domain, why=why, vendor_name=facts.vendor_name)  # fmt: skip
        return Finding(Area.SENDER, stop, words, Fix.SENDER, paste)
    words = say("{domain} {why}. Until it is verified, mail goes from {vendor_name}'s address with your name.", domain=domain, why=why, vendor_name=facts.vendor_name)  # fmt: skip
    return Finding(Area.SENDER, look, words, Fix.SENDER, paste)


def _brand(facts: Facts) -> list[Finding]:
    if facts.profile_missing:
        names = joined(*(inside(PROFILE_WORDS.get(n, n)) for n in facts.profile_missing), by=", ")
        return [Finding(Area.BRAND, Severity.STOP,
            say("Your profile is not complete: {names} missing.", names=names), Fix.PROFILE,
            say("Fill it in; every mail carries it."))]  # fmt: skip
    if not facts.has_logo:
        return [Finding(Area.BRAND, Severity.LOOK,
            say("There is no logo yet. Your name is set in its place."), Fix.PROFILE,
            say("Add your logo."))]  # fmt: skip
    return [
        Finding(Area.BRAND, Severity.GOOD, say("Your name, address and logo are in every mail."))
    ]


def _content(facts: Facts) -> list[Finding]:
    if facts.copy_problems:
        return [
            Finding(Area.CONTENT, Severity.STOP, problem, Fix.COPY, say("Mend it in the editor."))
            for problem in facts.copy_problems
        ]
    mails = say_n("{n} mail, text and links are complete.", "{n} mails, text and links are complete.", facts.mails_n)  # fmt: skip
    return [Finding(Area.CONTENT, Severity.GOOD, mails)]


def _stopped(facts: Facts) -> list[Finding]:
    if not facts.stopped_why:
        return []
    words = say(
        "{vendor_name} has stopped this campaign for now: {stopped_why}",
        vendor_name=facts.vendor_name,
        stopped_why=facts.stopped_why,
    )
    return [Finding(Area.CALENDAR, Severity.STOP, words, remedy=say("You hear by mail when it goes on."))]  # fmt: skip


def _calendar(facts: Facts) -> list[Finding]:
    found = []
    if not facts.campaign_live:
        found.append(Finding(Area.CALENDAR, Severity.STOP,
            say("The vendor has taken this campaign back."), Fix.LIBRARY, say("Choose another campaign.")))  # fmt: skip
    elif facts.hidden_by:
        asks = joined(*facts.hidden_by, by="; ")
        found.append(Finding(Area.CALENDAR, Severity.STOP,
            say("{vendor_name} no longer offers you this campaign. {asks}.", vendor_name=facts.vendor_name, asks=asks),
            Fix.LIBRARY,
            say("Choose another campaign, or ask {vendor_name}.", vendor_name=facts.vendor_name)))  # fmt: skip
    if facts.ends_on is not None and facts.send_at.date() > facts.ends_on:
        found.append(Finding(Area.CALENDAR, Severity.STOP,
            say("The campaign ends on {ends_on:%d %B %Y}, before your date.", ends_on=facts.ends_on),
            Fix.DATE, say("Choose an earlier date.")))  # fmt: skip
    elif facts.ends_on is not None and facts.mails_after_end:
        late = facts.mails_after_end
        words = say_n("{n} mail", "{n} mails", late)
        found.append(Finding(Area.CALENDAR, Severity.LOOK,
            say("The campaign ends on {ends_on:%d %B %Y}: {words} of the series would come later and will not be sent.", ends_on=facts.ends_on, words=words),
            Fix.DATE, say("Choose an earlier date, or leave it so.")))  # fmt: skip
    if (facts.now - facts.send_at).total_seconds() > LATE_BY_S:
        found.append(Finding(Area.CALENDAR, Severity.LOOK,
            say("The date has passed. The first mail leaves as soon as you launch."), Fix.DATE,
            say("Choose another date if you want to wait.")))  # fmt: skip
    return found or [Finding(Area.CALENDAR, Severity.GOOD, say("The date fits the campaign."))]
