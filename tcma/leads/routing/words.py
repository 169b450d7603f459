"""Routing rules in plain sentences, in the order in which they are asked."""

from tcma.leads.routing.rules import Conditions, PartnerFacts, Rule, Rules, Source, Wanted

_SOURCE = {
    Source.ALWAYS: "The partner whose page brought a lead always gets it.",
    Source.WHERE_IT_WORKS: (
        "The partner whose page brought a lead gets it, if the place is in its territory or in "
        "nobody's."
    ),
    Source.NEVER: "Whose page brought a lead makes no difference.",
}


def sentences(rules: Rules) -> list[tuple[str, str]]:
    """Return (title, sentence) for every step, first asked first."""
    steps = [("Whose page", _SOURCE[rules.source])]
    if rules.account:
        words = "A partner that already works with the company gets the next lead from it."
        steps.append(("Whose company", words))
    for domain, partner in rules.accounts:
        words = f"Everybody at {domain} and below it goes to {partner}."
        steps.append(("Named account", words))
    steps += [(rule.name, _rule(rule)) for rule in rules.rules]
    steps += [(name, _partner(facts)) for name, facts in rules.partners.items()]
    last = "A lead that no rule gives to anybody waits in the manual queue."
    return [*steps, ("Nobody left", last)]


def _rule(rule: Rule) -> str:
    parts = [_when(rule.when), "goes in turn to"]
    parts.append(_listed(rule.partners) if rule.partners else "the partners")
    needs = _wanted(rule.need)
    if needs:
        parts.append(f"that {needs}")
    said = " ".join(parts) + "."
    for wish in rule.prefer:
        said += f" Those that {_wanted(wish)} come first, when there are any."
    if rule.weights:
        said += " Weights: " + ", ".join(f"{name} {weight}" for name, weight in rule.weights) + "."
    if rule.most_percent is not None:
        said += f" Nobody gets more than {rule.most_percent} % of it in 30 days."
    if rule.manual:
        said += " If nobody fits, it waits in the manual queue."
    return said


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
    said = "; ".join(parts)
    return f"{said[:1].upper()}{said[1:]}." if said else "Nothing special."


def _listed(values: tuple[str, ...]) -> str:
    return values[0] if len(values) == 1 else f"{', '.join(values[:-1])} or {values[-1]}"
