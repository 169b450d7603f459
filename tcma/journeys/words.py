"""A journey in plain sentences: what each step does, when it goes on, what ends it."""

from tcma.journeys.document import (
    DAYS,
    END,
    Again,
    Asked,
    Conditions,
    Drawn,
    Journey,
    Kind,
    Signal,
    Step,
    Window,
    ZonePolicy,
)
from tcma.journeys.start_reading import start_words

DOES = {
    Kind.SEND: "Send a mail",
    Kind.WAIT: "Wait a while",
    Kind.UNTIL: "Wait for a time of the week",
    Kind.EVENT: "Wait for something to happen, not for ever",
    Kind.BRANCH: "Ask what somebody did",
    Kind.CHECK: "Ask who somebody is",
    Kind.SPLIT: "Split by chance",
    Kind.NOTIFY: "Mail the partner’s people",
    Kind.TASK: "Give the partner a task",
    Kind.WEBHOOK: "Tell another program",
    Kind.ENLIST: "Put into a list of the partner",
    Kind.UNLIST: "Take out of a list of the partner",
    Kind.STOP: "Never mail them again",
    Kind.MOVE: "Go on to another campaign’s journey",
    Kind.GOAL: "Goal reached",
    Kind.EXIT: "Leave",
}
_ZONES = {
    ZonePolicy.CONTACT: "where the reader is",
    ZonePolicy.PARTNER: "where the partner is",
    ZonePolicy.VENDOR: "where the vendor is",
}
EXIT_WORDS = {
    "reply": "they reply", "accepted": "the lead is accepted", "opportunity": "it becomes an opportunity",
    "meeting": "they meet", "unsubscribe": "they unsubscribe", "bounce": "the address is dead",
    "complaint": "a mail is marked as spam", "expired": "the campaign ends", "renewed": "the lead is won",
    "stopped": "the campaign stays stopped for a week",
}  # fmt: skip
_SIGNALS = {
    Signal.CLICKED: "clicked", Signal.BOUNCED: "came back", Signal.REPLIED: "they replied",
    Signal.FORM: "they filled in a form",
    Signal.VISITED: "they visited a page", Signal.DOWNLOADED: "they downloaded a file",
    Signal.MEETING: "they met", Signal.ACCEPTED: "the lead was accepted",
    Signal.OPPORTUNITY: "it became an opportunity",
}  # fmt: skip


def asked_words(asked: Asked) -> str:
    """Return a signal as it is said: «“sheet” in list-in-ten-minutes clicked»."""
    if asked.signal is Signal.CLICKED:
        link = f"“{asked.link}” in " if asked.link else "a link in "
        return f"{link}{asked.mail or 'any mail'} clicked"
    if asked.signal is Signal.BOUNCED:
        return f"{asked.mail or 'a mail'} came back"
    return _SIGNALS[asked.signal]


_BETWEEN = {"postcode": "begins with", "lead": "is with"}


def condition_words(when: Conditions) -> str:
    """Return conditions as a phrase: «country is GB or IE, 60 points or more»."""
    parts = [
        f"{word} {_BETWEEN.get(word, 'is')} {' or '.join(values)}"
        for word, values in (
            ("country", when.country), ("postcode", when.postcode), ("company", when.company),
            ("language", when.language), ("partner", when.partner), ("tier", when.tier),
            ("tag", when.tag), ("segment", when.segment), ("lead", when.holder), ("owner", when.owner),
        )
        if values
    ]  # fmt: skip
    if when.score:
        parts.append(f"{when.score} points or more")
    parts += [f"“{q}” is {' or '.join(a)}" for q, a in when.answers]
    return ", ".join(parts) or "everybody"


_SAID = {
    Kind.NOTIFY: "Tell the partner: {}", Kind.TASK: "Task for the partner: {}",
    Kind.WEBHOOK: "Tell “{}”", Kind.ENLIST: "Into the list “{}”",
    Kind.UNLIST: "Out of the list “{}”", Kind.STOP: "Never mail again: {}",
    Kind.MOVE: "On to the journey of {}", Kind.GOAL: "Goal: {}",
}  # fmt: skip
"""What a step that is one text does."""


def title(step: Step) -> str:  # noqa: PLR0911 - one answer a kind
    """Return what a step does in a few words."""
    match step.kind:
        case Kind.SEND:
            return f"Send the next of {step.pool}" if step.pool else f"Send {step.mail}"
        case Kind.WAIT:
            return f"Wait {step.after}"
        case Kind.UNTIL:
            days = " or ".join(DAYS[d].capitalize() for d in step.until_days)
            return f"Wait until {days} {step.until_time:%H:%M}"
        case Kind.EVENT if step.asks:
            return f"{_upper(asked_words(step.asks))} within {step.at_most}?"
        case Kind.BRANCH if step.asks:
            return f"{_upper(asked_words(step.asks))}?"
        case Kind.EVENT | Kind.BRANCH:
            return "Ask what?"
        case Kind.CHECK:
            return f"{_upper(condition_words(step.when))}?"
        case Kind.SPLIT:
            return "Split " + " : ".join(str(weight) for _, weight in step.parts)
    return _SAID.get(step.kind, "Leave: {}").format(step.text)


def before(step: Step) -> str:
    """Return what is waited before a step; empty when nothing is."""
    if step.kind is Kind.WAIT or not step.after.amount:
        return ""
    return f"after {step.after}"


def ways(step: Step) -> tuple[tuple[str, str], ...]:
    """Return where a step leads, each way with its word."""
    to = step.follows()
    if len(to) == 2 and step.kind is not Kind.SPLIT:
        late = step.kind is Kind.EVENT
        return (("yes", to[0]), (f"not in {step.at_most}" if late else "no", to[1]))
    if step.kind is Kind.SPLIT:
        of = sum(weight for _, weight in step.parts)
        return tuple(
            (f"{weight}%" if of == 100 else f"{weight} of {of}", name)
            for name, weight in step.parts
        )
    return tuple(("", name) for name in to)


def sentence(step: Step) -> str:
    """Return a whole step as one sentence."""
    said = ", ".join(part for part in (title(step), before(step)) if part)
    leads = ", ".join(f"{word} → {_place(to)}".strip() for word, to in ways(step))
    return f"{said} {leads}".strip()


def _place(to: str) -> str:
    return "the end" if to == END else to


def settings(journey: Journey) -> list[tuple[str, str]]:
    """Return what holds for the whole journey: title and sentence."""
    caps = f"{journey.partner_cap} from one partner, {journey.vendor_cap} from all of the vendor’s"
    said = [
        ("Mails leave", f"{window_words(journey.window)}, {_ZONES[journey.zone]}"),
        ("At most", f"{caps} partners; an answer to the form is not counted"),
        ("It ends early when", ", ".join(EXIT_WORDS[name] for name in sorted(journey.exits))),
    ]
    if journey.goals:
        goals = " or ".join(asked_words(goal) for goal in journey.goals)
        said.append(("The goal is reached when", goals))
    said.append(("Who enters", condition_words(journey.entry)))
    if journey.start:
        said.append(("Begins by itself", start_words(journey.start)))
    said.append(("How often", again_words(journey)))
    said += [
        (f"Pool {name}", ", then ".join(map(drawn_words, pool))) for name, pool in journey.pools
    ]
    if journey.hold_out:
        said.append(("Held out", f"{journey.hold_out} of 100 get no mail, to be compared with"))
    return said


def drawn_words(each: Drawn) -> str:
    """Return a mail of a pool and who gets it: «bank (country is GB)»."""
    return each.mail if each.when == Conditions() else f"{each.mail} ({condition_words(each.when)})"


def again_words(journey: Journey) -> str:
    """Return whether somebody may enter again: «again, 90 days after they left»."""
    if journey.again is Again.NEVER:
        return "once only"
    if not journey.rest:
        return "again, once they have left"
    return f"again, {journey.rest} {'day' if journey.rest == 1 else 'days'} after they left"


def window_words(window: Window) -> str:
    """Return a send window: «Monday to Friday, 08:00 to 18:00»."""
    days = sorted(window.days)
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        named = f"{DAYS[days[0]].capitalize()} to {DAYS[days[-1]].capitalize()}"
    else:
        named = ", ".join(DAYS[d].capitalize() for d in days)
    night = ", overnight" if window.ends <= window.starts else ""
    return f"{named}, {window.starts:%H:%M} to {window.ends:%H:%M}{night}"


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]
