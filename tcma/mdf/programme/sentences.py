"""A programme in plain sentences, for people who will not read TOML; every rule stands in one of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from babel.dates import get_month_names

from tcma.mdf.programme.document import (
    CUT,
    KINDS,
    RETURN,
    WHEN_REPAID,
    Activity,
    Cap,
    Level,
    Programme,
    Proof,
    Share,
)
from tcma.mdf.programme.sections import INVOICE_FIELDS
from tcma.mdf.programme.settled import CASH, SPOKEN
from tcma.mdf.programme.terms import Term
from tcma.mdf.words import spoken, spoken_day, spoken_share
from tcma.money import Money

THEN_WORDS = {CUT: "what is above is left out", RETURN: "a plan above comes back"}


@dataclass(frozen=True, slots=True)
class Part:
    """Sentences under one heading."""

    heading: str
    sentences: tuple[str, ...]


def of(programme: Programme) -> tuple[Part, ...]:
    """Return the whole programme; a heading without rules is left out."""
    parts = (
        Part("What it is", tuple(_what(programme))),
        Part("Who may ask", tuple(_who(programme))),
        Part("The plan", tuple(_plan(programme))),
        Part("Who decides", tuple(_deciding(programme))),
        Part("What is paid", tuple(_paid(programme))),
        Part("The claim", tuple(_claim(programme))),
        Part("The invoice", tuple(_invoice(programme))),
        Part("Proof", tuple(_proofs(programme))),
        Part("The rest of the money", tuple(_rest(programme))),
        Part("Own rules", tuple(_own(programme))),
    )
    return tuple(part for part in parts if part.sentences)


def _deciding(programme: Programme) -> Iterable[str]:
    rules = programme.approval
    if rules.levels != (Level(),) or rules.automatic_up_to is not None:
        yield from _levels(programme, "Plans", rules.levels)
    if programme.claim_approval.levels != (Level(),):
        yield from _levels(programme, "Claims", programme.claim_approval.levels)
    if rules.automatic_up_to is not None:
        most = amount_words(programme, rules.automatic_up_to)
        share = spoken_share(int(rules.sampled * 100))
        yield (
            f"A plan of up to {most} that keeps every rule is approved at once;"
            f" {share} of them, drawn by lot, go to a person all the same."
        )


def _levels(programme: Programme, what: str, levels: Iterable[Level]) -> Iterable[str]:
    for number, level in enumerate(levels, 1):
        who = _and((role.replace("_", " ") for role in level.by), "or") or "anyone who may decide"
        far = f" up to {amount_words(programme, level.up_to)}" if level.up_to is not None else ""
        yield (
            f"{what}{far} need one yes, of {who}."
            if number == 1
            else (f"{what}{far or ' above that'} need a further yes, of {who}: another person.")
        )


def amount_words(programme: Programme, amount: Decimal) -> str:
    """Return a sum of the programme as people read it."""
    if not programme.currency:
        return str(amount)
    zero = Money.zero(programme.currency)
    return spoken(Money.parse(str(amount), zero.currency))


def _and(words: Iterable[str], last: str = "and") -> str:
    some = list(words)
    return some[0] if len(some) == 1 else f"{', '.join(some[:-1])} {last} {some[-1]}"


def _terms(terms: tuple[Term, ...]) -> str:
    said = _and(term.words for term in terms)
    return f"{said}, whichever comes first" if len(terms) > 1 else said


def _what(programme: Programme) -> Iterable[str]:
    yield KINDS[programme.kind]
    if programme.kind == "points":
        yield f"One point is worth {programme.currency} {programme.point:f}.".replace("  ", " ")
    if programme.about:
        yield programme.about
    if programme.since:
        yield f"These rules count from {spoken_day(programme.since)} on."
    calendar = programme.calendar
    region = f" Working days are those of {calendar.region}." if calendar.region else ""
    until = f", at {calendar.day_ends:%H:%M}" if calendar.day_ends else ", with its last second"
    yield f"A last day ends on the clocks of {calendar.zone}{until}.{region}"
    fund = programme.fund
    if fund.starts_on and fund.ends_on:
        first, last = spoken_day(fund.starts_on), spoken_day(fund.ends_on)
        yield f"It pays for activities from {first} to {last}."
    if programme.year_starts != 1:
        yield f"Its year begins in {get_month_names(locale='en_GB')[programme.year_starts]}."
    if programme.accrual:
        yield _accrual(programme)
    if fund.per_partner:
        yield f"Each partner has {amount_words(programme, fund.per_partner)} per {fund.per}."


def _accrual(programme: Programme) -> str:
    rules = programme.accrual
    assert rules is not None
    if rules.least is not None:
        said = f"{rules.least} to {rules.most} % of {rules.of} builds up, as agreed"
    else:
        tiers = [f"{rate} % for {tier}" for tier, rate in rules.by_tier.items()]
        said = f"{_and([f'{rules.percent} %'] if rules.percent else [])} of {rules.of} builds up" if (
            rules.percent
        ) else f"A part of {rules.of} builds up"  # fmt: skip
        said = f"{said}: {', '.join(tiers)}" if tiers else said
    low = f" Nothing below {amount_words(programme, rules.minimum)}." if rules.minimum else ""
    high = f" At most {amount_words(programme, rules.maximum)}." if rules.maximum else ""
    return f"{said}.{low}{high}"


def _who(programme: Programme) -> Iterable[str]:
    rules = programme.eligibility
    for name, allowed in (
        ("status", rules.statuses),
        ("tier", rules.tiers),
        ("country", rules.countries),
    ):
        if allowed:
            yield f"Partners whose {name} is {_and(allowed, 'or')}."
    if rules.frozen_when_overdue:
        yield "Nobody with overdue bills."
    if rules.when:
        yield f"Only where {rules.when.source}."


def _plan(programme: Programme) -> Iterable[str]:
    rules = programme.request
    if rules.deadline:
        yield f"A plan is sent at the latest {_terms(rules.deadline)}."
    for each in programme.activities.values():
        if each.deadline:
            yield f"{each.name}: at the latest {_terms(each.deadline)}."
    if rules.minimum:
        yield f"It asks for {amount_words(programme, rules.minimum)} or more."
    if rules.maximum:
        yield f"It asks for {amount_words(programme, rules.maximum)} at most."
    if rules.states:
        yield f"It says {_and(name.replace('_', ' ') for name in rules.states)}."
    if rules.naming:
        yield f"Its name looks like {rules.naming}."
    if programme.eligibility.listed_only and programme.activities:
        names = _and(each.name for each in programme.activities.values())
        yield f"Paid for are only: {names}."


def share_words(share: Share) -> str:
    """Return the vendor's part in words."""
    if share.least is not None:
        return f"{share.least} to {share.most} % of the cost, as agreed"
    said = f"{spoken_share(int(share.percent * 100))} of the cost"
    tiers = [f"{spoken_share(int(rate * 100))} for {tier}" for tier, rate in share.by_tier.items()]
    return f"{said}; {', '.join(tiers)}" if tiers else said


def _paid(programme: Programme) -> Iterable[str]:
    yield f"The vendor pays {share_words(programme.share)}."
    for each in programme.activities.values():
        yield from _of_activity(programme, each)
    if programme.eligible:
        yield f"Paid for are {_and(programme.eligible)}."
    if programme.ineligible:
        yield f"Never paid for: {_and(programme.ineligible)}."
    for cap in programme.caps:
        yield _cap(programme, cap)


def _of_activity(programme: Programme, each: Activity) -> Iterable[str]:
    if each.share:
        yield f"{each.name}: {share_words(each.share)}."
    if each.fixed:
        yield f"{each.name}: a fixed {amount_words(programme, each.fixed)}, never above the cost."
    if each.minimum:
        yield f"{each.name}: {amount_words(programme, each.minimum)} or more."
    if each.maximum:
        yield f"{each.name}: {amount_words(programme, each.maximum)} at most."
    if each.eligible:
        yield f"{each.name}: {_and(each.eligible)}."
    if each.ineligible:
        yield f"{each.name}: never {_and(each.ineligible, 'or')}."


def _cap(programme: Programme, cap: Cap) -> str:
    limits = [amount_words(programme, cap.amount)] if cap.amount else []
    limits += [f"{cap.percent} % of the partner’s fund"] if cap.percent else []
    size = "the larger of " if cap.larger_of_both else ""
    what = f" for {_and((*cap.activities, *cap.costs))}" if cap.activities or cap.costs else ""
    who = f" for {_and(cap.tiers)} partners" if cap.tiers else ""
    when = f", where {cap.when.source}" if cap.when else ""
    then = THEN_WORDS.get(cap.then, "a plan above is refused")
    return f"At most {size}{_and(limits)} per {cap.per}{what}{who}{when}; {then}."


def _claim(programme: Programme) -> Iterable[str]:
    rules = programme.claim
    if rules.approved_before:
        yield f"The plan is approved {_terms(rules.approved_before)}; afterwards nothing is paid."
    if rules.unchanged:
        yield f"A change of {_and(rules.unchanged, 'or').replace('_', ' ')} needs a new approval."
    if rules.opens:
        yield f"Claims are taken from: {_terms(rules.opens)}."
    if rules.deadline:
        yield f"A claim is filed at the latest {_terms(rules.deadline)}."
    for each in programme.activities.values():
        if each.claim_deadline:
            yield f"{each.name}: at the latest {_terms(each.claim_deadline)}."
    if rules.extension:
        by = f" by {_and(rules.extension.by, 'or')}" if rules.extension.by else ""
        most = f", by {rules.extension.most.words} at most" if rules.extension.most else ""
        yield f"The last day can be extended{by}{most}."
    yield f"What came back is mended within {rules.fix_within.words}."
    yield from _claim_terms(programme)


def _claim_terms(programme: Programme) -> Iterable[str]:
    rules = programme.claim
    if rules.results:
        yield f"Results are handed in at the latest {_terms(rules.results)}."
    if rules.minimum:
        yield f"Nothing below {amount_words(programme, rules.minimum)} is paid."
    if rules.most_claims:
        yield f"A plan has at most {rules.most_claims} claims."
    if rules.needs:
        yield f"Before money leaves: {_and(rules.needs).replace('_', ' ')}."
    if rules.paid_within:
        yield f"Money comes within {rules.paid_within.words} of the decision."
    if rules.papers_kept:
        yield f"Papers are kept for {rules.papers_kept.words} after a claim is over, then removed."


def _invoice(programme: Programme) -> Iterable[str]:
    rules = programme.invoice
    if not rules.needed:
        yield "No invoice is asked for."
    if rules.shows:
        yield f"It shows {_and(INVOICE_FIELDS.get(each, each) for each in rules.shows)}."
    if rules.order_number:
        yield "It shows the order number of the approval."
    if rules.equals:
        unless = f", unless {rules.unless.source}" if rules.unless else ""
        yield f"Its {rules.compares} equals the sum {rules.equals}{unless}."
    if rules.not_before:
        yield f"It is not older than the {_terms(rules.not_before)}."
    if rules.not_after:
        yield f"It is written at the latest {_terms(rules.not_after)}."
    yield from _invoice_sides(programme)


def _invoice_sides(programme: Programme) -> Iterable[str]:
    rules = programme.invoice
    if rules.untaxed_from_abroad:
        yield f"From outside {_and(rules.home)} it comes without tax."
    if rules.made_out_to:
        yield f"It is made out to the {_and(rules.made_out_to, 'or')}."
    if rules.issued_by:
        yield f"It is written by the {_and(rules.issued_by, 'or')}."
    if rules.once:
        yield "One invoice is paid once."


def _proofs(programme: Programme) -> Iterable[str]:
    for proof in programme.proofs:
        yield f"Always: {proof_words(proof)}."
    for each in programme.activities.values():
        if each.proofs:
            yield f"{each.name}: {'; '.join(proof_words(proof) for proof in each.proofs)}."
    if programme.proof_formats:
        yield f"Files are {_and((each.upper() for each in programme.proof_formats), 'or')}."
    if programme.proof_names_claim:
        yield "Every file names the claim."


def proof_words(proof: Proof) -> str:
    """Return one proof in words."""
    said = proof.name if proof.count == 1 else f"{proof.count} × {proof.name}"
    if proof.for_each:
        said = f"{said} for each of {proof.for_each}"
    if proof.alternatives:
        said = f"{said} (or {_and(proof.alternatives, 'or')})"
    if proof.together_with:
        said = f"{said} with {_and(proof.together_with, 'or')}"
    if proof.check:
        said = f"{said}, where {proof.check.source}"
    return f"{said}, when {proof.when.source}" if proof.when else said


def _rest(programme: Programme) -> Iterable[str]:
    fund = programme.fund
    if fund.expires:
        yield f"What is not used expires {_terms(fund.expires)}."
    if fund.carry_over:
        by = f", when {_and(fund.carry_over_by, 'or')} says so" if fund.carry_over_by else ""
        yield f"{fund.carry_over} % of it is carried over{by}."
    if fund.extension:
        by = f" by {_and(fund.extension.by, 'or')}" if fund.extension.by else ""
        yield f"The time can be extended{by}."
    if fund.asked_back == WHEN_REPAID:
        yield "Money that is asked back is planned with once it is there."
    if fund.settled_by != (CASH,):
        yield f"Claims are settled by {_and(tuple(SPOKEN[way] for way in fund.settled_by), 'or')}."


def _own(programme: Programme) -> Iterable[str]:
    for rule in programme.own:
        when = f"Where {rule.when.source}: " if rule.when else ""
        yield f"{when}{rule.words or rule.require.source}"
