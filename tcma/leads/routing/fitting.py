"""Whether a lead meets a rule's conditions, and what a partner lacks; each no in words."""

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
        (need.certificate, facts.certificates, "has no certificate"),
        (need.vertical, facts.verticals, "has no vertical"),
        (need.product, facts.products, "has no product"),
    ):
        if wanted and not set(has) & set(wanted):
            return f"{words.format(*has)} {' or '.join(wanted)}"
    return ""


def same_company(one: str, other: str) -> bool:
    """Say whether two domains are one company: the same, or one below the other."""
    one, other = one.casefold().strip("."), other.casefold().strip(".")
    if not one or not other:
        return False
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")
