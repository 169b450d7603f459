"""What a figure is held to: words for the table, and whether the figure keeps to them."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bound:
    """`kept(value, peer_value)` says it of a figure; `needs_peer` ones say nothing without a peer."""

    words: str
    kept: Callable[[float, float | None], bool]
    needs_peer: bool = False

    def __str__(self) -> str:
        return self.words

    def is_kept(self, value: float, peer_value: float | None) -> bool | None:
        """Whether it is kept; None where the peer it speaks of could not be had."""
        if self.needs_peer and not peer_value:
            return None
        return self.kept(value, peer_value)


def at_least(least, unit=""):
    """A rate: so much or more."""
    return Bound(f"at least {least:,} {unit}".rstrip(), lambda value, _: value >= least)


def at_most(most, unit=""):
    """A time or a size: so much or less."""
    return Bound(f"at most {most:,} {unit}".rstrip(), lambda value, _: value <= most)


def of_peer(share, words=""):
    """A rate: that share of the peer's or more."""
    words = words or f"at least {share:.0%} of it"
    return Bound(words, lambda value, peer: value >= share * peer, needs_peer=True)


def times_peer(times, words=""):
    """A time or a size: so many times the peer's or less."""
    words = words or f"at most {times:g} times it"
    return Bound(words, lambda value, peer: value <= times * peer, needs_peer=True)


def less_than_peer_by(most):
    """A measure of quality: not further below the peer's."""
    words = f"at most {most:g} less than it"
    return Bound(words, lambda value, peer: value >= peer - most, needs_peer=True)


def more_than_peer_by(most):
    """A measure of error: not further above the peer's."""
    words = f"at most {most:g} more than it"
    return Bound(words, lambda value, peer: value <= peer + most, needs_peer=True)
