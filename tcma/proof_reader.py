"""The port to a service outside that reads proofs, too: what it is told, what it may answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

RESULTS = ("passed", "doubtful", "missing")
MOST_FINDINGS = 20
LONGEST_WORDS = 300


@dataclass(frozen=True, slots=True)
class ProofToRead:
    """One proof with what it was looked at for. `id` is the reading's: the same when asked again.

    `sought` and `facts` are those of the rules, `findings` what they said.
    """

    id: str
    title: str
    file_name: str
    media_type: str
    content: bytes = field(repr=False)
    sought: Mapping[str, Any]
    facts: Mapping[str, Any]
    findings: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class SaidOfProof:
    """One thing a service says of a proof; `result` is one of `RESULTS`, the words are its own."""

    code: str
    result: str
    words: str
    remedy: str = ""


class ProofReader(Protocol):
    """Reads a proof and says what it finds. It says; people decide."""

    @property
    def name(self) -> str:
        """How its findings are marked: the host that was asked."""

    def read(self, proof: ProofToRead) -> tuple[SaidOfProof, ...]:
        """Return its findings, at most `MOST_FINDINGS`; Unavailable without a good answer."""
