"""Why a partner was chosen, kept with an offer as an English sentence, and told in the reader's language."""

import re
from typing import Final

from tcma.words import Words, say

REASONS: Final = (
    say("it came from your page, and {place} is yours"),
    say("it came from your page"),
    say("you work with this company already"),
    say("{company} is your account"),
    say("{place} is yours, and it is your turn"),
    say("it is your turn"),
    say("{place} is yours, and the first to take it has it"),
    say("the first to take it has it"),
    say("{name} chose you"),
)
"""All that routing and people say; of two that fit the upper is meant."""
_HOLE = re.compile(r"\\\{(\w+)\\\}")
_MADE: Final = tuple(
    (each, re.compile(_HOLE.sub(r"(?P<\1>.+)", re.escape(each.message)))) for each in REASONS
)


def told_anew(kept: str) -> Words | str:
    """Return a kept reason as words; what nobody says any more stays as it stands."""
    for words, pattern in _MADE:
        if found := pattern.fullmatch(kept):
            return words.filled(**found.groupdict())
    return kept
