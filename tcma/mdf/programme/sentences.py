"""A programme in plain sentences, for people who will not read TOML; every rule stands in one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from babel.dates import get_month_names

from tcma.mdf.programme.claim_sentences import claim, invoice
from tcma.mdf.programme.document import (
    CUT,
    KINDS,
    REFUSE,
    RETURN,
    WHEN_REPAID,
    Accrual,
    Activity,
    Cap,
    Level,
    Programme,
)
from tcma.mdf.programme.phrases import (
    amount_words,
    facts_words,
    known,
    limit_words,
    proof_words,
    role_words,
    scope_words,
    share_words,
    when_words,
)
from tcma.mdf.programme.settled import CASH, SPOKEN
from tcma.mdf.programme.sums import PER_WORDS
from tcma.mdf.words import spoken_day, spoken_share
from tcma.words import Words, joined, listed, read_back, recognised, say, say_as, written

THEN_WORDS = {
    CUT: say("what is above is left out"),
    RETURN: say("a plan above comes back"),
    REFUSE: say("a plan above is refused"),
}
MADE_ABOUT = say("The rules of {name}.")
OF_WORDS = {"purchases": say_as("builds up", "purchases"), "sales": say_as("builds up", "sales")}


@dataclass(frozen=True, slots=True)
class Part:
    """Sentences under one heading."""

    heading: str
    sentences: tuple[str, ...]


Section = tuple[str, Callable[[Programme], Iterable[str]]]


def of(programme: Programme) -> tuple[Part, ...]:
    """Return the whole programme; a heading without rules is left out."""
    return _parts(programme, (*BEFORE, DECIDING, *AFTER))


def for_partners(programme: Programme) -> tuple[Part, ...]:
    """Return the programme as those read it who ask for its money: without who decides, and what by itself."""
    return _parts(programme, (*BEFORE, *AFTER))


def _parts(programme: Programme, sections: Iterable[Section]) -> tuple[Part, ...]:
    parts = (Part(heading, tuple(sentences(programme))) for heading, sentences in sections)
    return tuple(part for part in parts if part.sentences)


def _deciding(programme: Programme) -> Iterable[str]:
    rules = programme.approval
    if rules.levels != (Level(),) or rules.automatic_up_to is not None:
        yield from _plan_levels(programme, rules.levels)
    if programme.claim_approval.levels != (Level(),):
        yield from _claim_levels(programme, programme.claim_approval.levels)
    if rules.automatic_up_to is not None:
        yield say(
            "A plan of up to {most} that keeps every rule is approved at once;"
            " {share} of them, drawn by lot, go to a person all the same.",
            most=amount_words(programme, rules.automatic_up_to),
            share=spoken_share(int(rules.sampled * 100)),
        )


def _plan_levels(programme: Programme, levels: Iterable[Level]) -> Iterable[str]:
    for number, level in enumerate(levels):
        who = _who_decides(level)
        if level.up_to is not None:
            told = {"most": amount_words(programme, level.up_to), "who": who}
            yield (
                say("Plans up to {most} need a further yes, of {who}: another person.", **told)
                if number
                else say("Plans up to {most} need one yes, of {who}.", **told)
            )
        elif number:
            yield say("Plans above that need a further yes, of {who}: another person.", who=who)
        else:
            yield say("Plans need one yes, of {who}.", who=who)


def _claim_levels(programme: Programme, levels: Iterable[Level]) -> Iterable[str]:
    for number, level in enumerate(levels):
        who = _who_decides(level)
        if level.up_to is not None:
            told = {"most": amount_words(programme, level.up_to), "who": who}
            yield (
                say("Claims up to {most} need a further yes, of {who}: another person.", **told)
                if number
                else say("Claims up to {most} need one yes, of {who}.", **told)
            )
        elif number:
            yield say("Claims above that need a further yes, of {who}: another person.", who=who)
        else:
            yield say("Claims need one yes, of {who}.", who=who)


def _who_decides(level: Level) -> Words:
    return role_words(level.by) if level.by else say("anyone who may decide")


def _what(programme: Programme) -> Iterable[str]:
    yield KINDS[programme.kind]
    if programme.kind == "points":
        worth = f"{programme.currency} {programme.point:f}".strip()
        yield say("One point is worth {worth}.", worth=worth)
    if programme.about:
        yield _about(programme.about)
    if programme.since:
        yield say("These rules count from {day} on.", day=spoken_day(programme.since))
    yield _clock(programme)
    fund = programme.fund
    if fund.starts_on and fund.ends_on:
        yield say(
            "It pays for activities from {first} to {last}.",
            first=spoken_day(fund.starts_on),
            last=spoken_day(fund.ends_on),
        )
    if programme.year_starts != 1:
        yield say("Its year begins in {month}.", month=_month(programme.year_starts))
    if programme.accrual:
        yield _accrual(programme, programme.accrual)
    if fund.per_partner:
        each = amount_words(programme, fund.per_partner)
        yield say("Each partner has {amount} per {per}.", amount=each, per=PER_WORDS[fund.per])


def _about(text: str) -> str:
    """Return what a programme is about; its author's words stay, those we wrote for a fund are told."""
    made = recognised(text, (MADE_ABOUT,))
    return made if isinstance(made, Words) else read_back(text)


def _clock(programme: Programme) -> Words:
    calendar = programme.calendar
    ends = say("A last day ends on the clocks of {zone}, with its last second.", zone=calendar.zone)
    if calendar.day_ends:
        hour = f"{calendar.day_ends:%H:%M}"
        ends = say(
            "A last day ends on the clocks of {zone}, at {hour}.", zone=calendar.zone, hour=hour
        )
    region = calendar.region
    return joined(ends, say("Working days are those of {region}.", region=region) if region else "")


def _month(number: int) -> Words:
    return written(lambda locale: get_month_names(context="stand-alone", locale=locale)[number])


def _accrual(programme: Programme, rules: Accrual) -> Words:
    of = OF_WORDS[rules.of]
    tiers = [
        say("{percent:,} % for {tier}", percent=rate, tier=tier)
        for tier, rate in rules.by_tier.items()
    ]
    told = {"of": of, "percent": rules.percent, "tiers": joined(*tiers, by=", ")}
    if rules.least is not None:
        both = {"least": rules.least, "most": rules.most}
        said = say("{least:,} to {most:,} % of {of} builds up, as agreed.", of=of, **both)
    elif not rules.percent:
        said = say("A part of {of} builds up: {tiers}.", **told)
    elif tiers:
        said = say("{percent:,} % of {of} builds up: {tiers}.", **told)
    else:
        said = say("{percent:,} % of {of} builds up.", **told)
    low = amount_words(programme, rules.minimum) if rules.minimum else ""
    high = amount_words(programme, rules.maximum) if rules.maximum else ""
    return joined(
        said,
        say("Nothing below {amount}.", amount=low) if low else "",
        say("At most {amount}.", amount=high) if high else "",
    )


def _who(programme: Programme) -> Iterable[str]:
    rules = programme.eligibility
    if rules.statuses:
        yield say("Partners whose status is {names}.", names=known(rules.statuses, style="or"))
    if rules.tiers:
        yield say("Partners whose tier is {names}.", names=known(rules.tiers, style="or"))
    if rules.countries:
        yield say("Partners whose country is {names}.", names=known(rules.countries, style="or"))
    if rules.frozen_when_overdue:
        yield say("Nobody with overdue bills.")
    if rules.when:
        yield say("Only where {condition}.", condition=rules.when.source)


def _plan(programme: Programme) -> Iterable[str]:
    rules = programme.request
    if rules.deadline:
        yield say("A plan is sent at the latest {when}.", when=when_words(rules.deadline))
    for each in programme.activities.values():
        if each.deadline:
            when = when_words(each.deadline)
            yield say("{activity}: at the latest {when}.", activity=read_back(each.name), when=when)
    if rules.minimum:
        yield say("It asks for {amount} or more.", amount=amount_words(programme, rules.minimum))
    if rules.maximum:
        yield say("It asks for {amount} at most.", amount=amount_words(programme, rules.maximum))
    if rules.states:
        yield say("It says {facts}.", facts=facts_words(rules.states))
    if rules.naming:
        yield say("Its name looks like {pattern}.", pattern=rules.naming)
    if programme.eligibility.listed_only and programme.activities:
        names = listed(read_back(each.name) for each in programme.activities.values())
        yield say("Paid for are only: {names}.", names=names)


def _paid(programme: Programme) -> Iterable[str]:
    yield say("The vendor pays {share}.", share=share_words(programme.share))
    for each in programme.activities.values():
        for said in _of_activity(programme, each):
            yield say("{activity}: {rule}.", activity=read_back(each.name), rule=said)
    if programme.eligible:
        yield say("Paid for are {names}.", names=known(programme.eligible))
    if programme.ineligible:
        yield say("Never paid for: {names}.", names=known(programme.ineligible))
    for cap in programme.caps:
        yield _cap(programme, cap)


def _of_activity(programme: Programme, each: Activity) -> Iterable[Words]:
    if each.share:
        yield share_words(each.share)
    if each.fixed:
        yield say(
            "a fixed {amount}, never above the cost", amount=amount_words(programme, each.fixed)
        )
    if each.minimum:
        yield say("{amount} or more", amount=amount_words(programme, each.minimum))
    if each.maximum:
        yield say("{amount} at most", amount=amount_words(programme, each.maximum))
    if each.eligible:
        yield known(each.eligible)
    if each.ineligible:
        yield say("never {names}", names=known(each.ineligible, style="or"))


def _cap(programme: Programme, cap: Cap) -> Words:
    scope = scope_words(programme, cap)
    told = {
        "limit": limit_words(programme, cap),
        "per": PER_WORDS[cap.per],
        "then": THEN_WORDS[cap.then],
    }
    if scope:
        return say("At most {limit} per {per}, {scope}; {then}.", scope=scope, **told)
    return say("At most {limit} per {per}; {then}.", **told)


def _proofs(programme: Programme) -> Iterable[str]:
    for proof in programme.proofs:
        yield say("Always: {proof}.", proof=proof_words(proof))
    for each in programme.activities.values():
        if each.proofs:
            said = joined(*map(proof_words, each.proofs), by="; ")
            yield say("{activity}: {rule}.", activity=read_back(each.name), rule=said)
    if programme.proof_formats:
        formats = listed((each.upper() for each in programme.proof_formats), style="or")
        yield say("Files are {formats}.", formats=formats)
    if programme.proof_names_claim:
        yield say("Every file names the claim.")


def _rest(programme: Programme) -> Iterable[str]:
    fund = programme.fund
    if fund.expires:
        yield say("What is not used expires {when}.", when=when_words(fund.expires))
    if fund.carry_over and fund.carry_over_by:
        who = role_words(fund.carry_over_by)
        share = fund.carry_over
        yield say("{share:,} % of it is carried over, when {who} says so.", share=share, who=who)
    elif fund.carry_over:
        yield say("{share:,} % of it is carried over.", share=fund.carry_over)
    if fund.extension and fund.extension.by:
        yield say("The time can be extended by {who}.", who=role_words(fund.extension.by))
    elif fund.extension:
        yield say("The time can be extended.")
    if fund.asked_back == WHEN_REPAID:
        yield say("Money that is asked back is planned with once it is there.")
    if fund.settled_by != (CASH,):
        ways = listed((SPOKEN[way] for way in fund.settled_by), style="or")
        yield say("Claims are settled by {ways}.", ways=ways)


def _own(programme: Programme) -> Iterable[str]:
    for rule in programme.own:
        said = read_back(rule.words or rule.require.source)
        yield (
            say("Where {condition}: {rule}", condition=rule.when.source, rule=said)
            if rule.when
            else said
        )


BEFORE: tuple[Section, ...] = (
    (say("What it is"), _what),
    (say("Who may ask"), _who),
    (say("The plan"), _plan),
)
DECIDING: Section = (say("Who decides"), _deciding)
AFTER: tuple[Section, ...] = (
    (say("What is paid"), _paid),
    (say("The claim"), claim),
    (say("The invoice"), invoice),
    (say("Proof"), _proofs),
    (say("The rest of the money"), _rest),
    (say("Own rules"), _own),
)
