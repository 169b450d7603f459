"""Which proofs a programme asks of an activity, as the case file knows them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.mdf.models.funding import FundActivity, FundCostLine
from tcma.mdf.programme.conditions import Facts, slug
from tcma.mdf.programme.document import Programme
from tcma.mdf.rules import COLLECTED, PROOF_WORDS, ProofKind
from tcma.words import read_back


@dataclass(frozen=True, slots=True)
class Asked:
    """One proof: its kind decides whether a launch writes it, `title` is what people read."""

    kind: ProofKind
    title: str

    @property
    def ours(self) -> bool:
        """True when a launch writes it by itself."""
        return self.kind in COLLECTED


def proofs_asked(
    rules: Programme, activity: str, facts: dict[str, Any] | None = None
) -> tuple[Asked, ...]:
    """Return what an activity must show, in the programme's order; each kind of ours once."""
    known = Facts(({"type": activity, **(facts or {})},))
    of_activity = rules.activity(activity)
    found: dict[str, Asked] = {}
    for proof in (*rules.proofs, *(of_activity.proofs if of_activity else ())):
        if proof.when and not proof.when(known):
            continue
        kind = kind_of((proof.name, *proof.alternatives))
        ours = kind is not ProofKind.OTHER or slug(proof.name) == ProofKind.OTHER
        title = PROOF_WORDS[kind] if ours else read_back(f"{proof.name[0].upper()}{proof.name[1:]}")
        found.setdefault(title, Asked(kind, title))
    return tuple(found.values())


def plan_facts(session: Session, activity: FundActivity) -> dict[str, Any]:
    """Return what conditions of proofs may ask of an activity: what its plan says, its kinds of costs."""
    some = select(FundCostLine.kind, FundCostLine.label).where(
        FundCostLine.activity_id == activity.id
    )
    costs = [slug(row.kind or row.label) for row in session.execute(some)]
    return {**activity.facts, "costs": list(dict.fromkeys(costs))}


def kind_of(names: tuple[str, ...]) -> ProofKind:
    """Return the kind of our case file that one of these names means; anything else is uploaded."""
    kinds = {each.value: each for each in ProofKind}
    return next((kinds[slug(name)] for name in names if slug(name) in kinds), ProofKind.OTHER)
