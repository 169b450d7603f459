"""What the rules of a claim ask its partner, and what was answered, as both sides see it."""

from dataclasses import dataclass

from tcma.mdf.programme.questions import CostKinds


@dataclass(frozen=True, slots=True)
class Questions:
    """What a claim's rules ask: `done` is how it was done, prefilled as approved, and further facts.

    `shows` is what every invoice must show that nobody copies, `order_number` what they must name,
    empty where none is asked for. `profiles` are missing at the vendor before money can leave.
    `unsaid` names what still stands in the way of filing.
    """

    costs: CostKinds
    shows: tuple[tuple[str, str], ...]
    order_number: str
    done: tuple[tuple[str, str], ...]
    results: bool
    results_due: str
    results_words: str
    profiles: tuple[str, ...]
    unsaid: tuple[str, ...]

    @property
    def asked(self) -> bool:
        """True when the partner has to say how it went."""
        return bool(self.done) or self.results
