"""Whether a lead meets a rule's conditions, and what a partner lacks; each no in words."""

from collections.abc import Iterable

from tcma.leads.routing.facts import Area, Candidate, Request
from tcma.leads.routing.rules import Conditions, PartnerFacts, Wanted


def misses(when: Conditions, request: Request) -> str:
    """Return the first condition a lead does not meet, else empty."""
    flat = "".join(request.postcode.split()).upper()
    company = any(same_company(request.company, d) for d in when.company)
    told = (
        (when.country, request.country in when.country, "country", request.country),
        (when.postcode, flat.startswith(when.postcode), "postcode", request.postcode),
        (when.campaign, request.campaign in when.campaign, "campaign", request.campaign),
        (when.company, company, "company", request.company),
    )
    for asked, met, word, value in told:
        if asked and not met:
            return f"the {word} is {value or 'not told'}"
    if request.score < when.score:
        return f"it has {request.score} points, the rule asks for {when.score}"
    if when.chance and request.chance is None:
        return "no trained score has judged it"
    if when.chance and (request.chance or 0) < when.chance:
        return f"its chance is {request.chance} of 100, the rule asks for {when.chance}"
    said = {q.casefold(): a.casefold() for q, a in request.answers.items()}
    for question, answers in when.answers:
        given = said.get(question.casefold(), "")
        if given not in {a.casefold() for a in answers}:
            return (
                f"“{question}” was answered “{given}”" if given else f"“{question}” has no answer"
            )
    return ""


def lacks(need: Wanted, one: Candidate, facts: PartnerFacts, area: Area | None) -> str:
    """Return the first thing a partner lacks of what is wanted, else empty."""
    if need.territory and area is None:
        return "the place is in no territory"
    if need.territory and area is not None and area.code not in one.areas:
        return f"does not work in {area.name}"
    if need.is_picky and (why := _lacks_quality(need, one, facts)):
        return why
    if need.open_leads is not None and one.open_leads >= need.open_leads:
        return f"has {one.open_leads} leads open, {need.open_leads} at most"
    return ""


def _lacks_quality(need: Wanted, one: Candidate, facts: PartnerFacts) -> str:
    for wanted, has, words in (
        (need.tier, (one.tier,), "is {}, not"),
        (need.kind, (one.kind,), "is {}, not"),
        (need.language, (*facts.languages, one.language), "does not work in the language"),
        (need.vertical, facts.verticals, "has no vertical"),
        (need.product, facts.products, "has no product"),
    ):
        if wanted and not set(has) & set(wanted):
            return f"{words.format(*has)} {' or '.join(wanted)}"
    if need.certificate and not proof_of(need, one, facts):
        return _no_certificate(need, one)
    return ""


def proof_of(need: Wanted, one: Candidate, facts: PartnerFacts) -> str:
    """Return the first wanted certificate that a partner has, and who says so; empty without one.

    Both the rules and the partner's page may name it; the page's counts until its last day.
    """
    by_rules, by_page = _plain(facts.certificates), _plain(one.certified)
    for wanted in need.certificate:
        if (name := by_page.get(wanted.casefold())) is not None:
            until = one.certified[name]
            return f"{name} by its page{f' until {until}' if until else ''}"
        if (name := by_rules.get(wanted.casefold())) is not None:
            return f"{name} by the rules"
    return ""


def _no_certificate(need: Wanted, one: Candidate) -> str:
    missing = f"has no certificate {' or '.join(need.certificate)}"
    ended = _plain(one.lapsed)
    late = [ended[w] for w in map(str.casefold, need.certificate) if w in ended]
    told = ", ".join(f"{name} ended on {one.lapsed[name]}" for name in late)
    return f"{missing}: {told}" if told else missing


def _plain(names: Iterable[str]) -> dict[str, str]:
    return {name.casefold(): name for name in names}


def same_company(one: str, other: str) -> bool:
    """Say whether two domains are one company: the same, or one below the other."""
    one, other = one.casefold().strip("."), other.casefold().strip(".")
    if not one or not other:
        return False
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")
