"""A reading of a proof as pages show it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One thing that was looked for; `result` is passed, doubtful or missing."""

    result: str
    words: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class ReadingLine:
    """What one reader says of a proof. `reader` is empty of the rules, else the service that was asked;
    `why` says why it gave no answer.
    """

    reader: str
    lines: tuple[FindingLine, ...]
    why: str = ""

    @property
    def found(self) -> int:
        """How many things were found."""
        return sum(1 for line in self.lines if line.result == "passed")

    @property
    def to_look_at(self) -> int:
        """How many things were not, or not surely."""
        return len(self.lines) - self.found
