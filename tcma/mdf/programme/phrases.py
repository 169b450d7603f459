"""What stands inside the sentences of a programme: sums, last days, roles, facts, activities, shares, proofs."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from tcma.mdf.programme.claim_rules import PROFILE_WORDS
from tcma.mdf.programme.conditions import slug
from tcma.mdf.programme.document import Cap, Programme, Proof, Share
from tcma.mdf.programme.fact_words import fact_words
from tcma.mdf.programme.sections import INVOICE_FIELDS
from tcma.mdf.programme.shipped_words import named, proof_named
from tcma.mdf.programme.terms import Term
from tcma.mdf.words import spoken, spoken_share
from tcma.money import Money
from tcma.permissions import ROLE_WORDS
from tcma.words import Inside, Words, inside, joined, listed, read_back, say, say_as

SIDE_WORDS = {
    "partner": say_as("side of an invoice", "partner"),
    "vendor": say_as("side of an invoice", "vendor"),
}


def amount_words(programme: Programme, amount: Decimal) -> str:
    """Return a sum of the programme as people read it."""
    if not programme.currency:
        return say("{amount:,}", amount=amount)
    zero = Money.zero(programme.currency)
    return spoken(Money.parse(str(amount), zero.currency))


def when_words(terms: tuple[Term, ...]) -> Words:
    """Return the day that several terms name together: the first of them."""
    said = listed(term.words for term in terms)
    return say("{terms}, whichever comes first", terms=said) if len(terms) > 1 else said


def known(names: Iterable[str], *, style: str = "standard") -> Words:
    """Return names as their author wrote them, in other languages those that the catalogs know."""
    return listed(map(named, names), style=style)


def role_words(names: Iterable[str]) -> Words:
    """Return who may do something: roles by the names of the pages, others as they are written."""
    ours = {role.value: label for role, label in ROLE_WORDS.items()}
    plain = ((slug(name), name) for name in names)
    return listed(
        (inside(ours[role]) if role in ours else named(name) for role, name in plain),
        style="or",
    )


def facts_words(names: Iterable[str], *, style: str = "standard") -> Words:
    """Return facts of an activity inside a sentence; in English as the programme names them."""
    return listed(
        (Inside.made(name.replace("_", " "), "", {"text": fact_words(name)}) for name in names),
        style=style,
    )


def needed_words(names: Iterable[str]) -> Words:
    """Return what must be there before money leaves."""
    return listed(PROFILE_WORDS.get(name) or facts_words([name]) for name in names)


def shown_words(names: Iterable[str]) -> Words:
    """Return what an invoice must show."""
    return listed(INVOICE_FIELDS.get(name, name.replace("_", " ")) for name in names)


def sides_words(names: Iterable[str]) -> Words:
    """Return whom an invoice is made out to, or who writes it."""
    return listed((SIDE_WORDS.get(slug(name), name) for name in names), style="or")


def activity_words(programme: Programme, kind: str) -> Words:
    """Return a kind of activity as the programme calls it."""
    own = programme.activity(slug(kind))
    return read_back(own.name if own else kind)


def share_words(share: Share) -> Words:
    """Return the vendor's part in words."""
    if share.least is not None and share.most is not None:
        return say(
            "{least:,} to {most:,} % of the cost, as agreed", least=share.least, most=share.most
        )
    part = spoken_share(int(share.percent * 100))
    if not share.by_tier:
        return say("{part} of the cost", part=part)
    tiers = [
        say("{part} for {tier}", part=spoken_share(int(rate * 100)), tier=tier)
        for tier, rate in share.by_tier.items()
    ]
    return say("{part} of the cost; {tiers}", part=part, tiers=joined(*tiers, by=", "))


def limit_words(programme: Programme, cap: Cap) -> str:
    """Return how far a limit reaches: a sum, a part of the partner's fund, or both."""
    amount = amount_words(programme, cap.amount) if cap.amount else ""
    if not cap.percent:
        return amount
    part = say("{percent:,} % of the partner’s fund", percent=cap.percent)
    if not amount:
        return part
    if cap.larger_of_both:
        return say("the larger of {amount} and {part}", amount=amount, part=part)
    return say("{amount} and {part}", amount=amount, part=part)


def scope_words(programme: Programme, cap: Cap) -> Words:
    """Return what a limit counts for, empty when for everything."""
    kinds = [activity_words(programme, kind) for kind in cap.activities]
    what = listed([*kinds, *map(named, cap.costs)]) if kinds or cap.costs else ""
    return joined(
        say_as("limit", "for {what}", what=what) if what else "",
        say("for {tiers} partners", tiers=known(cap.tiers)) if cap.tiers else "",
        say("where {condition}", condition=cap.when.source) if cap.when else "",
        by=", ",
    )


def proof_words(proof: Proof) -> str:
    """Return one proof in words."""
    said = proof_named(proof.name)
    others = _others(said, proof.alternatives)
    beside = _others(said, proof.together_with)
    if proof.count != 1:
        said = say("{n} × {proof}", n=proof.count, proof=said)
    if proof.for_each:
        said = say("{proof} for each of {fact}", proof=said, fact=named(proof.for_each))
    if others:
        said = say("{proof} (or {others})", proof=said, others=others)
    if beside:
        said = say("{proof} with {others}", proof=said, others=beside)
    if proof.check:
        said = say("{proof}, where {condition}", proof=said, condition=proof.check.source)
    if proof.when:
        return say("{proof}, when {condition}", proof=said, condition=proof.when.source)
    return said


def _others(proof: str, names: Iterable[str]) -> Words:
    """Return what will do, too; a second name of the proof itself is left out."""
    told = dict.fromkeys(map(proof_named, names))
    return listed((each for each in told if each != proof), style="or")
