"""Who sees a campaign: its rules by tier, type, territory, language, role and certification, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

ASPECTS = ("tier", "kind", "territory", "language", "role", "certification")
"""What a rule may ask for; a campaign without a rule for one shows itself to all."""
ASKS = {
    "tier": "Tier",
    "kind": "Type of partner",
    "territory": "Territory",
    "language": "Language",
    "role": "Role of the person",
    "certification": "Certification",
}
Rules = Mapping[str, list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a partner with one vendor. `role` is "" where no person asks; certifications
    are name → last day, None without one.
    """

    tier: str
    kind: str
    territories: frozenset[str]
    language: str
    role: str = ""
    certifications: Mapping[str, date | None] = field(default_factory=dict)
    today: date

    def has(self, aspect: str) -> frozenset[str]:
        """What counts for a rule today: a lapsed certification does not."""
        valid = (
            n for n, until in self.certifications.items() if until is None or until >= self.today
        )
        return {
            "tier": frozenset({self.tier}),
            "kind": frozenset({self.kind}),
            "territory": self.territories,
            "language": frozenset({self.language}),
            "role": frozenset({self.role}),
            "certification": frozenset(valid),
        }[aspect]


@dataclass(frozen=True, slots=True)
class Line:
    """One rule on one partner: does it hold, and both sides in words."""

    aspect: str
    holds: bool
    asks: str
    has: str


def judged(rules: Rules, facts: Facts, names: Mapping[str, str] | None = None) -> list[Line]:
    """Return every rule of a campaign with yes or no; `names` say codes in words."""
    said = names or {}
    lines = []
    for aspect in ASPECTS:
        wanted = rules.get(aspect)
        if not wanted or (aspect == "role" and not facts.role):
            continue
        has = facts.has(aspect)
        lapsed = [n for n in wanted if n in facts.certifications and n not in has]
        words = _listed(has, said)
        if aspect == "certification" and lapsed:
            ended = ", ".join(
                f"{name} (ended {facts.certifications[name]:%-d %B %Y})" for name in lapsed
            )
            words = f"{words}, {ended}" if has else ended
        lines.append(Line(aspect, bool(has & set(wanted)), _listed(wanted, said, " or "), words))
    return lines


def sees(rules: Rules, facts: Facts) -> bool:
    """Say whether every rule holds."""
    return all(line.holds for line in judged(rules, facts))


def clean(given: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """Return rules as they are kept: known aspects, something in each, in order."""
    kept = {aspect: sorted({v.strip() for v in given.get(aspect, ())} - {""}) for aspect in ASPECTS}
    return {aspect: values for aspect, values in kept.items() if values}


def _listed(values: Iterable[str], names: Mapping[str, str], glue: str = ", ") -> str:
    return glue.join(names.get(v, v) for v in sorted(values)) or "none"
