"""Rules of points in plain sentences, for whoever keeps them."""

from tcma.leads.scoring.document import Behaviour, Deed, Fit, Has, Points, Traits

_HAS = {
    Has.COMPANY: "the company",
    Has.PHONE: "a phone number",
    Has.POSTCODE: "a postcode",
    Has.COMPANY_ADDRESS: "an address of its own company",
}
_DOES = {
    Deed.CLICK: "each click in a mail",
    Deed.REPLY: "each reply to a mail",
    Deed.ASK: "each further form",
    Deed.VISIT: "each day on a page",
    Deed.DOWNLOAD: "each file taken from a page",
}


def sentences(points: Points) -> list[tuple[str, str]]:
    """Return (title, sentence) for every rule, then the limits."""
    rules = [(rule.name, _fit(rule)) for rule in points.fit]
    rules += [(rule.name, _behaviour(rule)) for rule in points.behaviour]
    limits = (
        f"What a lead is counts up to {_points(points.most_fit)}, all together up to {points.most}."
    )
    return [*rules, ("Limits", limits)]


def _fit(rule: Fit) -> str:
    parts = _traits(rule.when)
    return f"{_points(rule.points)} {' and '.join(parts) if parts else 'for every lead'}."


def _behaviour(rule: Behaviour) -> str:
    said = f"{_points(rule.points)} for {_DOES[rule.does]}"
    if rule.half_life:
        days = "every day" if rule.half_life == 1 else f"every {rule.half_life} days"
        said += f", half as many {days}"
    return said + (f", {rule.most} at most." if rule.most else ".")


def _traits(when: Traits) -> list[str]:
    parts = []
    for key, told in (("has", when.has), ("lacks", when.lacks)):
        if told:
            verb = "that tells" if key == "has" else "that does not tell"
            parts.append(f"{verb} {_listed(tuple(_HAS[Has(name)] for name in told), key)}")
    for words, values in (
        ("from", when.country),
        ("with a postcode that begins with", when.postcode),
        ("of the campaign", when.campaign),
        ("with an address at", when.domain),
        ("that answers", tuple(f"“{each}”" for each in when.says)),
    ):
        if values:
            parts.append(f"{words} {_listed(values)}")
    parts += [f"that answers “{q}” with {_listed(a)}" for q, a in when.answers]
    return [f"for a lead {parts[0]}", *parts[1:]] if parts else []


def _points(number: int) -> str:
    written = f"{number}" if number >= 0 else f"−{-number}"
    return f"{written} point" if abs(number) == 1 else f"{written} points"


def _listed(values: tuple[str, ...], how: str = "") -> str:
    last = "and" if how == "has" else "or"
    return values[0] if len(values) == 1 else f"{', '.join(values[:-1])} {last} {values[-1]}"
