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
from tcma.words import Joined, Words, joined, listed, say, say_as, say_n

ACCEPTS_WORDS = {
    Accepts.RULE: say("the rule that chose you says so"),
    Accepts.ACCOUNT: say("the company is your account, and its leads are yours at once"),
    Accepts.PARTNER: say("your vendor gives you leads without asking"),
    Accepts.OWN: say("your company accepts every lead that it alone is asked about"),
}
"""Why a lead was accepted by itself, as its partner reads it."""
_FACTS = {
    Fact.COMPANY: say_as("sees", "the company"),
    Fact.COUNTRY: say("the country"),
    Fact.AREA: say("the district of the postcode"),
    Fact.CAMPAIGN: say("the campaign"),
    Fact.ANSWERS: say("what was picked in the form"),
    Fact.WORDS: say("what they wrote, without names and numbers"),
}

_SOURCE = {
    Source.ALWAYS: say("The partner whose page brought a lead always gets it."),
    Source.WHERE_IT_WORKS: say(
        "The partner whose page brought a lead gets it, if the place is in its territory or in nobody's."
    ),
    Source.NEVER: say("Whose page brought a lead makes no difference."),
}

_TURNS = say(
    "A lead that a partner declines or lets pass was its turn in the round, but counts toward no share of leads. One that the vendor takes back was no turn."
)


_RESTS = say(
    "A partner states its own working hours, its days off and pauses, each with a reason. While it is paused it is offered nothing and loses no turn."
)
_SKIPS = say("Who is closed for the day is not asked: the next one is.")
_MEASURES = {
    Measure.ACCEPTS: say("how many of its leads a partner accepts"),
    Measure.SPEED: say("how fast it accepts them"),
    Measure.WINS: say("how many of those that closed it won"),
}


def sentences(rules: Rules) -> list[tuple[str, str]]:
    """Return (title, sentence) for every step, first asked first."""
    steps: list[tuple[str, str]] = [(say("Whose page"), _SOURCE[rules.source])]
    if rules.account:
        words = say("A partner that already works with the company gets the next lead from it.")
        steps.append((say("Whose company"), words))
    for account in rules.accounts:
        goes = say(
            "Everybody at {domain} and below it goes to {partner}.",
            domain=account.domain,
            partner=account.partner,
        )
        steps.append((say("Named account"), joined(goes, _AT_ONCE if account.accept else "")))
    steps += [(rule.name, rule_sentence(rule)) for rule in rules.rules]
    steps += [(name, _partner(facts)) for name, facts in rules.partners.items()]
    last = say("A lead that no rule gives to anybody waits in the manual queue.")
    last_words = (say("Nobody left"), last)
    known = (say("Before it accepts"), mask(rules))
    return [*steps, *_settings(rules), known, last_words]


def _settings(rules: Rules) -> list[tuple[str, str]]:
    """Return what holds whichever rule decides."""
    weights = [(say("Performance"), _performance(rules.performance))] if rules.performs else []
    return [
        *weights,
        (say("Time to answer"), _time(rules)),
        (say("Turns"), _TURNS),
        (say("Idle leads"), _idle(rules)),
        (say("Back to nurture"), _recycle(rules.recycle)),
        *([(say("Registered deals"), _deals(rules.deals))] if rules.deals != Deals() else []),
        *([_SAME] if rules.joins else []),
    ]


def engagement(rules: Rules) -> list[tuple[str, str]]:
    """Return the same for everybody to read: nobody's accounts, capacity or name stands in it."""
    steps: list[tuple[str, str]] = [(say("Whose page"), _SOURCE[rules.source])]
    if rules.account:
        words = say(
            "A partner that already works with a company, or one below or above it, comes first."
        )
        steps.append((say("Whose company"), words))
    if rules.accounts:
        words = say(
            "Some companies are looked after by one named partner, who gets their requests."
        )
        steps.append((say("Named account"), words))
    for number, rule in enumerate(rules.asked, 1):
        pool = (say("partners chosen for it"),) if rule.partners else ()
        company = (say("companies chosen for it"),) if rule.when.company else ()
        said = replace(rule, when=replace(rule.when, company=company), partners=pool, weights=())
        steps.append((say("Rule {n}", n=number), rule_sentence(said)))
    resting = replace(rules, recycle=replace(rules.recycle, campaign=""))
    return [
        *steps,
        *_settings(resting),
        (say("Days off"), _RESTS),
        (say("Who you are"), mask(rules)),
        (
            say("Nobody left"),
            say("After {n} partners, a person at the vendor decides.", n=MOST_EPOCHS),
        ),
    ]


_AT_ONCE = say("It is accepted by itself.")
_SAME = (
    say("The same person"),
    say(
        "Who asks one partner about a second campaign while the first request is open is one lead."
    ),
)


def mask(rules: Rules) -> str:
    """Return what a partner sees of a lead before and after it accepts."""
    first = say("A partner sees name, address and phone only when it has accepted.")
    if not rules.shown:
        return joined(first, say("Before that it sees nothing."))
    shown = listed(_FACTS[fact] for fact in rules.shown)
    return joined(first, say("Before that it sees {facts}.", facts=shown))


def working_hours(hours: int) -> Words:
    """Return a number of working hours in words."""
    return say_n("{n} working hour", "{n} working hours", hours)


def _days(days: int) -> Words:
    return say("a day") if days == 1 else say_n("{n} day", "{n} days", days)


def _time(rules: Rules) -> str:
    said = say(
        "A partner has {hours} to accept, counted on its own clock and without its holidays. Then the next one is asked.",
        hours=working_hours(rules.answer_hours),
    )
    return joined(said, _SKIPS if rules.skips_closed else "")


def _deals(deals: Deals) -> str:
    """Say how many deals a partner may hold, and when one lapses."""
    said = []
    if deals.most_open:
        one = say("one deal")
        many = one if deals.most_open == 1 else say_n("{n} deal", "{n} deals", deals.most_open)
        said.append(
            say("A partner holds {deals} at most that it registered and that are open.", deals=many)
        )
    if deals.days:
        said.append(
            say(
                "A registration lapses when nothing moves for {n} days; its people are warned {warned} before.",
                n=deals.days,
                warned=_days(deals.warn_days),
            )
        )
    return joined(*said) or say("Registered deals stay until they are won or lost.")


def _idle(rules: Rules) -> str:
    if rules.idle is None:
        return say("A lead that a partner has accepted stays with it, touched or not.")
    return say(
        "When nothing is noted of an accepted lead for {warned}, its people are warned. When nothing is noted for {n} days, it goes to the next partner.",
        warned=_days(rules.idle.warn_days),
        n=rules.idle.take_back_days,
    )


def _performance(by: Performance) -> str:
    return say(
        "Where weights follow performance, it counts {counts}, in the {days} days before today. Few leads count little. Nobody gets less than {least} % or more than {most} % of an even share.",
        counts=listed(_MEASURES[measure] for measure in by.by),
        days=by.days,
        least=by.least,
        most=by.most,
    )


def _recycle(recycle: Recycle) -> str:
    days = _days(recycle.days)
    if recycle.campaign:
        return say(
            "A lead that a partner gives back to nurture enters the journey of {campaign}, and goes to partners again when it is ready. That partner is not asked about the same person for {days}.",
            campaign=recycle.campaign,
            days=days,
        )
    return say(
        "A lead that a partner gives back to nurture is not lost, and goes to partners again when it is ready. That partner is not asked about the same person for {days}.",
        days=days,
    )


def rule_sentence(rule: Rule) -> str:
    """Return what a rule does, in a sentence or a few."""
    off = say("Switched off, nobody is asked by it.") if rule.off else ""
    if rule.queue:
        waits = say(
            "{lead} waits in the manual queue, for a person to decide.", lead=_when(rule.when)
        )
        return joined(off, waits)
    return joined(off, *_rule(rule))


def _rule(rule: Rule) -> list[str]:
    said: list[str] = [_goes(rule)]
    said += [
        say("Those that {needs} come first, when there are any.", needs=_wanted(wish))
        for wish in rule.prefer
    ]
    if rule.weights:
        weights = ", ".join(f"{name} {weight}" for name, weight in rule.weights)
        said.append(say("Weights: {weights}.", weights=weights))
    if rule.performs:
        said.append(say("Weights follow performance."))
    if rule.most_percent is not None:
        said.append(say("Nobody gets more than {most} % of it in 30 days.", most=rule.most_percent))
    if rule.first and rule.hours is None:
        said.append(
            say(
                "The first to take it has it, within the time to answer; then the next rule is asked."
            )
        )
    elif rule.first:
        said.append(
            say(
                "The first to take it has it, within {hours}; then the next rule is asked.",
                hours=working_hours(rule.hours or 0),
            )
        )
    if rule.accept:
        said.append(_AT_ONCE)
    if rule.manual:
        said.append(say("If nobody fits, it waits in the manual queue."))
    return said


def _goes(rule: Rule) -> Words:
    """Return to whom a rule gives which leads."""
    whom = listed(rule.partners, style="or") if rule.partners else say("the partners")
    told = {
        "lead": _when(rule.when),
        "partners": whom,
        "n": rule.first,
        "needs": _wanted(rule.need),
    }
    if rule.first and told["needs"]:
        return say("{lead} goes to up to {n} at once of {partners} that {needs}.", **told)
    if rule.first:
        return say("{lead} goes to up to {n} at once of {partners}.", **told)
    if told["needs"]:
        return say("{lead} goes in turn to {partners} that {needs}.", **told)
    return say("{lead} goes in turn to {partners}.", **told)


def _when(when: Conditions) -> Words:
    parts = []
    if when.country:
        parts.append(say_as("a lead", "from {countries}", countries=_either(when.country)))
    if when.postcode:
        begins = _either(when.postcode)
        parts.append(say_as("a lead", "with a postcode that begins with {begins}", begins=begins))
    if when.campaign:
        parts.append(say_as("a lead", "of the campaign {names}", names=_either(when.campaign)))
    if when.company:
        parts.append(say_as("a lead", "of {companies}", companies=_either(when.company)))
    if when.score:
        parts.append(say_as("a lead", "of {n} points or more", n=when.score))
    if when.chance:
        parts.append(say_as("a lead", "with a chance of {n} of 100 or more", n=when.chance))
    parts += [
        say_as(
            "a lead", "that answered “{question}” with {answers}", question=q, answers=_either(a)
        )
        for q, a in when.answers
    ]
    return say("A lead {which}", which=joined(*parts)) if parts else say("Every lead")


def _wanted(need: Wanted) -> Words | str:
    parts = []
    if need.territory:
        parts.append(say_as("partners that", "work in the territory"))
    if need.tier:
        parts.append(say_as("partners that", "are {tiers}", tiers=_either(need.tier)))
    if need.kind:
        parts.append(say_as("partners that", "are of the kind {kinds}", kinds=_either(need.kind)))
    for words, values in (
        (say_as("partners that", "work in the language {names}"), need.language),
        (say_as("partners that", "have the certificate {names}"), need.certificate),
        (say_as("partners that", "serve the vertical {names}"), need.vertical),
        (say_as("partners that", "sell the product {names}"), need.product),
    ):
        if values:
            parts.append(words.filled(names=_either(values)))
    if need.open_leads is not None:
        parts.append(say_as("partners that", "have fewer than {n} leads open", n=need.open_leads))
    english = " and ".join(parts)
    return Joined.made(english, "", {"parts": parts}, "standard") if parts else ""


def _either(values: tuple[str, ...]) -> Words:
    return listed(values, style="or")


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
