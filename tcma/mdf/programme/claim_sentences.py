"""What a programme says of claims and invoices, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterable

from tcma.mdf.programme.document import Extension, Programme
from tcma.mdf.programme.phrases import (
    amount_words,
    facts_words,
    known,
    needed_words,
    role_words,
    shown_words,
    sides_words,
    when_words,
)
from tcma.mdf.words import spoken_count
from tcma.words import Words, read_back, say

EQUALS_WORDS = {
    ("net", "approved"): say("Its net equals the sum approved."),
    ("net", "claimed"): say("Its net equals the sum claimed."),
    ("total", "approved"): say("Its total equals the sum approved."),
    ("total", "claimed"): say("Its total equals the sum claimed."),
}


def claim(programme: Programme) -> Iterable[str]:
    """Yield what a claim is held to."""
    rules = programme.claim
    if rules.approved_before:
        yield say(
            "The plan is approved {when}; afterwards nothing is paid.",
            when=when_words(rules.approved_before),
        )
    if rules.unchanged:
        facts = facts_words(rules.unchanged, style="or")
        yield say("A change of {facts} needs a new approval.", facts=facts)
    if rules.opens:
        yield say("Claims are taken from: {when}.", when=when_words(rules.opens))
    if rules.deadline:
        yield say("A claim is filed at the latest {when}.", when=when_words(rules.deadline))
    for each in programme.activities.values():
        if each.claim_deadline:
            when = when_words(each.claim_deadline)
            yield say("{activity}: at the latest {when}.", activity=read_back(each.name), when=when)
    if rules.extension:
        yield _extended(rules.extension)
    yield say("What came back is mended within {span}.", span=rules.fix_within.words)
    yield from _terms(programme)


def _extended(extension: Extension) -> Words:
    who = role_words(extension.by) if extension.by else ""
    span = extension.most.words if extension.most else ""
    if who and span:
        return say("The last day can be extended by {who}, by {span} at most.", who=who, span=span)
    if who:
        return say("The last day can be extended by {who}.", who=who)
    if span:
        return say("The last day can be extended, by {span} at most.", span=span)
    return say("The last day can be extended.")


def _terms(programme: Programme) -> Iterable[str]:
    rules = programme.claim
    if rules.results:
        yield say("Results are handed in at the latest {when}.", when=when_words(rules.results))
    if rules.minimum:
        yield say("Nothing below {amount} is paid.", amount=amount_words(programme, rules.minimum))
    if rules.most_claims:
        yield say("A plan has at most {claims}.", claims=spoken_count(rules.most_claims, "claim"))
    if rules.needs:
        yield say("Before money leaves: {names}.", names=needed_words(rules.needs))
    if rules.paid_within:
        yield say("Money comes within {span} of the decision.", span=rules.paid_within.words)
    if rules.papers_kept:
        yield say(
            "Papers are kept for {span} after a claim is over, then removed.",
            span=rules.papers_kept.words,
        )


def invoice(programme: Programme) -> Iterable[str]:
    """Yield what an invoice must be and show."""
    rules = programme.invoice
    if not rules.needed:
        yield say("No invoice is asked for.")
    if rules.shows:
        yield say("It shows {names}.", names=shown_words(rules.shows))
    if rules.order_number:
        yield say("It shows the order number of the approval.")
    if rules.equals:
        yield EQUALS_WORDS[rules.compares, rules.equals]
        if rules.unless:
            yield say("That does not count where {condition}.", condition=rules.unless.source)
    if rules.not_before:
        yield say("It is not older than the {when}.", when=when_words(rules.not_before))
    if rules.not_after:
        yield say("It is written at the latest {when}.", when=when_words(rules.not_after))
    yield from _sides(programme)
    if rules.once:
        yield say("One invoice is paid once.")


def _sides(programme: Programme) -> Iterable[str]:
    rules = programme.invoice
    if rules.untaxed_from_abroad:
        yield say("From outside {countries} it comes without tax.", countries=known(rules.home))
    if rules.made_out_to:
        yield say("It is made out to the {who}.", who=sides_words(rules.made_out_to))
    if rules.issued_by:
        yield say("It is written by the {who}.", who=sides_words(rules.issued_by))
