"""What a partner says of an activity afterwards: how it was done, its results, whatever rules ask by name."""

from collections.abc import Mapping
from typing import Any

DONE, FACTS, RESULTS = "done", "facts", "results"
"""As it was done, of what was approved; further facts; the results, with when they were handed in."""


def told(outcome: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return everything that was said, by name."""
    rows = [*outcome.get(DONE, {}).items(), *outcome.get(FACTS, {}).items()]
    results = outcome.get(RESULTS)
    return (*rows, *((("results", results["words"]),) if results else ()))


def results_at(outcome: Mapping[str, Any]) -> str | None:
    """Return when the results were handed in, as ISO 8601."""
    results = outcome.get(RESULTS)
    return results["at"] if results else None
