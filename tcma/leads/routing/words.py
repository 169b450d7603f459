"""Routing rules in plain sentences, in the order in which they are asked."""

from dataclasses import replace

from tcma.leads.hours import CLOSES, OPENS
from tcma.leads.routing.masking import Fact
from tcma.leads.routing.rules import (
    Accepts,
    Conditions,
    Deals,
    Measure,
    PartnerFacts,
    Performance,
    Recycle,
    Rule,
    Rules,
    Source,
    Wanted,
)
from tcma.leads.rules import MOST_EPOCHS
from tcma.words import say

ACCEPTS_WORDS = {
    Accepts.RULE: say("the rule that chose you says so"),
    Accepts.ACCOUNT: say("the company is your account, and its leads are yours at once"),
    Accepts.PARTNER: say("your vendor gives you leads without asking"),
    Accepts.OWN: say("your company accepts every lead that it alone is asked about"),
}
"""Why a lead was accepted by itself, as its partner reads it."""
_FACTS = {
    Fact.COMPANY: "the company",
    Fact.COUNTRY: "the country",
    Fact.AREA: "the district of the postcode",
    Fact.CAMPAIGN: "the campaign",
    Fact.ANSWERS: "what was picked in the form",
    Fact.WORDS: "what they wrote, without names and numbers",
}

_SOURCE = {
    Source.ALWAYS: "The partner whose page brought a lead always gets it.",
    Source.WHERE_IT_WORKS: (
        "The partner whose page brought a lead gets it, if the place is in its territory or in "
        "nobody's."
    ),
    Source.NEVER: "Whose page brought a lead makes no difference.",
}

_TURNS = (
    "A lead that a partner declines or lets pass was its turn in the round, but counts toward no share "
    "of leads. One that the vendor takes back was no turn."
)


_RESTS = (
    "A partner states its own working hours, its days off and pauses, each with a reason. While it is "
    "paused it is offered nothing and loses no turn."
)
_SKIPS = " Who is closed for the day is not asked: the next one is."
_MEASURES = {
    Measure.ACCEPTS: "how many of its leads a partner accepts",
    Measure.SPEED: "how fast it accepts them",
    Measure.WINS: "how many of those that closed it won",
}


def sentences(rules: Rules) -> list[tuple[str, str]]:
    """Return (title, sentence) for every step, first asked first."""
    steps = [("Whose page", _SOURCE[rules.source])]
    if rules.account:
        words = "A partner that already works with the company gets the next lead from it."
        steps.append(("Whose company", words))
    for account in rules.accounts:
        words = f"Everybody at {account.domain} and below it goes to {account.partner}."
        words += _AT_ONCE if account.accept else ""
        steps.append(("Named account", words))
    steps += [(rule.name, rule_sentence(rule)) for rule in rules.rules]
    steps += [(name, _partner(facts)) for name, facts in rules.partners.items()]
    last = "A lead that no rule gives to anybody waits in the manual queue."
    last_words = ("Nobody left", last)
    known = ("Before it accepts", mask(rules))
    return [*steps, *_settings(rules), known, last_words]


def _settings(rules: Rules) -> list[tuple[str, str]]:
    """Return what holds whichever rule decides."""
    weights = [("Performance", _performance(rules.performance))] if rules.performs else []
    return [
        *weights,
        ("Time to answer", _time(rules)),
        ("Turns", _TURNS),
        ("Idle leads", _idle(rules)),
        ("Back to nurture", _recycle(rules.recycle)),
        *([("Registered deals", _deals(rules.deals))] if rules.deals != Deals() else []),
        *([_SAME] if rules.joins else []),
    ]


def engagement(rules: Rules) -> list[tuple[str, str]]:
    """Return the same for everybody to read: nobody's accounts, capacity or name stands in it."""
    steps = [("Whose page", _SOURCE[rules.source])]
    if rules.account:
        words = (
            "A partner that already works with a company, or one below or above it, comes first."
        )
        steps.append(("Whose company", words))
    if rules.accounts:
        words = "Some companies are looked after by one named partner, who gets their requests."
        steps.append(("Named account", words))
    for number, rule in enumerate(rules.asked, 1):
        pool = ("partners chosen for it",) if rule.partners else ()
        company = ("companies chosen for it",) if rule.when.company else ()
        said = replace(rule, when=replace(rule.when, company=company), partners=pool, weights=())
        steps.append((f"Rule {number}", rule_sentence(said)))
    resting = replace(rules, recycle=replace(rules.recycle, campaign=""))
    return [
        *steps,
        *_settings(resting),
        ("Days off", _RESTS),
        ("Who you are", mask(rules)),
        ("Nobody left", f"After {MOST_EPOCHS} partners, a person at the vendor decides."),
    ]


_AT_ONCE = " It is accepted by itself."
_SAME = (
    "The same person",
    "Who asks one partner about a second campaign while the first request is open is one lead.",
)


def mask(rules: Rules) -> str:
    """Return what a partner sees of a lead before and after it accepts."""
    shown = tuple(_FACTS[fact] for fact in rules.shown)
    before = (
        f"Before that it sees {_listed(shown, 'and')}." if shown else "Before that it sees nothing."
    )
    return f"A partner sees name, address and phone only when it has accepted. {before}"


def working_hours(hours: int) -> str:
    """Return a number of working hours in words."""
    return "1 working hour" if hours == 1 else f"{hours} working hours"


def _time(rules: Rules) -> str:
    hours = working_hours(rules.answer_hours)
    return (
        f"A partner has {hours} to accept, counted on its own clock and without its holidays. "
        f"Then the next one is asked.{_SKIPS if rules.skips_closed else ''}"
    )


def _deals(deals: Deals) -> str:
    """Say how many deals a partner may hold, and when one lapses."""
    said = []
    if deals.most_open:
        many = "one deal" if deals.most_open == 1 else f"{deals.most_open} deals"
        said.append(f"A partner holds {many} at most that it registered and that are open.")
    if deals.days:
        warn = "a day" if deals.warn_days == 1 else f"{deals.warn_days} days"
        said.append(
            f"A registration lapses when nothing moves for {deals.days} days; its people are warned {warn} before."
        )
    return " ".join(said) or "Registered deals stay until they are won or lost."


def _idle(rules: Rules) -> str:
    if rules.idle is None:
        return "A lead that a partner has accepted stays with it, touched or not."
    warn = "a day" if rules.idle.warn_days == 1 else f"{rules.idle.warn_days} days"
    return (
        f"When nothing is noted of an accepted lead for {warn}, its people are warned. When nothing is "
        f"noted for {rules.idle.take_back_days} days, it goes to the next partner."
    )


def _performance(by: Performance) -> str:
    counts = _listed(tuple(_MEASURES[measure] for measure in by.by), "and")
    return (
        f"Where weights follow performance, it counts {counts}, in the {by.days} days before today. "
        f"Few leads count little. Nobody gets less than {by.least} % or more than {by.most} % of an "
        "even share."
    )


def _recycle(recycle: Recycle) -> str:
    days = "a day" if recycle.days == 1 else f"{recycle.days} days"
    journey = f" enters the journey of {recycle.campaign}" if recycle.campaign else " is not lost"
    return (
        f"A lead that a partner gives back to nurture{journey}, and goes to partners again when it is "
        f"ready. That partner is not asked about the same person for {days}."
    )


def rule_sentence(rule: Rule) -> str:
    """Return what a rule does, in a sentence or a few."""
    said = "Switched off, nobody is asked by it. " if rule.off else ""
    if rule.queue:
        return f"{said}{_when(rule.when)} waits in the manual queue, for a person to decide."
    return said + _rule(rule)


def _rule(rule: Rule) -> str:
    how = f"goes to up to {rule.first} at once of" if rule.first else "goes in turn to"
    parts = [_when(rule.when), how]
    parts.append(_listed(rule.partners) if rule.partners else "the partners")
    needs = _wanted(rule.need)
    if needs:
        parts.append(f"that {needs}")
    said = " ".join(parts) + "."
    for wish in rule.prefer:
        said += f" Those that {_wanted(wish)} come first, when there are any."
    if rule.weights:
        said += " Weights: " + ", ".join(f"{name} {weight}" for name, weight in rule.weights) + "."
    if rule.performs:
        said += " Weights follow performance."
    if rule.most_percent is not None:
        said += f" Nobody gets more than {rule.most_percent} % of it in 30 days."
    if rule.first:
        said += f" The first to take it has it{_hours_of(rule)}; then the next rule is asked."
    if rule.accept:
        said += _AT_ONCE
    if rule.manual:
        said += " If nobody fits, it waits in the manual queue."
    return said


def _hours_of(rule: Rule) -> str:
    if rule.hours is None:
        return ", within the time to answer"
    return f", within {working_hours(rule.hours)}"


def _when(when: Conditions) -> str:
    parts = []
    if when.country:
        parts.append(f"from {_listed(when.country)}")
    if when.postcode:
        parts.append(f"with a postcode that begins with {_listed(when.postcode)}")
    if when.campaign:
        parts.append(f"of the campaign {_listed(when.campaign)}")
    if when.company:
        parts.append(f"of {_listed(when.company)}")
    if when.score:
        parts.append(f"of {when.score} points or more")
    if when.chance:
        parts.append(f"with a chance of {when.chance} of 100 or more")
    parts += [f"that answered “{q}” with {_listed(a)}" for q, a in when.answers]
    return " ".join(["A lead", *parts]) if parts else "Every lead"


def _wanted(need: Wanted) -> str:
    parts = []
    if need.territory:
        parts.append("work in the territory")
    if need.tier:
        parts.append(f"are {_listed(need.tier)}")
    if need.kind:
        parts.append(f"are of the kind {_listed(need.kind)}")
    for words, values in (
        ("work in the language", need.language),
        ("have the certificate", need.certificate),
        ("serve the vertical", need.vertical),
        ("sell the product", need.product),
    ):
        if values:
            parts.append(f"{words} {_listed(values)}")
    if need.open_leads is not None:
        parts.append(f"have fewer than {need.open_leads} leads open")
    return " and ".join(parts)


def _partner(facts: PartnerFacts) -> str:
    parts = []
    for words, values in (
        ("certificates", facts.certificates),
        ("verticals", facts.verticals),
        ("products", facts.products),
        ("languages", facts.languages),
    ):
        if values:
            parts.append(f"{words} {_listed(values)}")
    if facts.most_open is not None:
        parts.append(f"at most {facts.most_open} leads open")
    if facts.most_a_day is not None:
        parts.append(f"at most {facts.most_a_day} leads a day")
    if (facts.opens, facts.closes) != (OPENS, CLOSES):
        parts.append(f"works from {facts.opens:%H:%M} to {facts.closes:%H:%M}")
    if facts.accept:
        parts.append("accepts by itself what it alone is asked about")
    if facts.closed:
        parts.append(f"closed on {_listed(tuple(day.isoformat() for day in facts.closed))}")
    said = "; ".join(parts)
    return f"{said[:1].upper()}{said[1:]}." if said else "Nothing special."


def _listed(values: tuple[str, ...], last: str = "or") -> str:
    return values[0] if len(values) == 1 else f"{', '.join(values[:-1])} {last} {values[-1]}"
