"""Single values of a journey's document, each read or its fault written down with the remedy."""

import re
from collections.abc import Sequence
from datetime import time
from typing import Any

from tcma.journeys.document import AT_ONCE, DAYS, Delay
from tcma.journeys.phrases import parse_delay
from tcma.toml_document import Walk

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\Z")
_DELAYS = 'write "0", "3 working days", "7 days" or "2 hours"'
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,79}\Z")
LONGEST_TEXT = 200
LONGEST_LIST = 80


class Values(Walk):
    """Days, times, delays, texts, names, numbers."""

    def week_time(self, text: str) -> tuple[tuple[int, ...], time]:
        """«tuesday 09:00», «tuesday or thursday 09:00»."""
        words, _, clock = text.strip().rpartition(" ")
        if not words:
            self.say("wait_until", f"“{text}” is no time of the week.", 'write "tuesday 09:00"')
            return (0,), time(9)
        days = [self.day(d.strip(), "wait_until") for d in words.split(" or ")]
        return tuple(days), self.clock(clock, "wait_until")

    def day(self, word: str, key: str) -> int:
        full = next((n for n, d in enumerate(DAYS) if word and d.startswith(word.casefold())), None)
        if full is None or len(word) < 3:
            self.say(key, f"“{word}” is no day.", f"use {', '.join(DAYS)}")
            return 0
        return full

    def clock(self, word: Any, key: str) -> time:
        match = _CLOCK.match(str(word))
        if not match:
            self.say(key, f"“{word}” is no time of day.", 'write "09:00"')
            return time(9)
        return time(int(match[1]), int(match[2]))

    def delay(self, raw: dict[str, Any], key: str) -> Delay:
        value = raw.get(key, "0")
        found = parse_delay(value) if isinstance(value, str) else None
        if found is None:
            self.say(key, f"The delay “{value}” cannot be read.", _DELAYS)
        return found or AT_ONCE

    def text(self, value: Any, key: str) -> str:
        if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_TEXT:
            self.say(
                key, f"{key} is a sentence of up to {LONGEST_TEXT} letters.", f'write {key} = "…"'
            )
            return ""
        return value.strip()

    def name(self, value: Any, key: str) -> str:
        named = " ".join(value.split()) if isinstance(value, str) else ""
        if not named or len(named) > LONGEST_LIST:
            words = f"{key} is the name of a list, of up to {LONGEST_LIST} letters."
            self.say(key, words, f'write {key} = "Warm leads"')
        return named

    def slug(self, value: Any, key: str) -> str:
        if not isinstance(value, str) or not _SLUG.match(value):
            words = f"{key} is the short name of a campaign."
            self.say(key, words, f'write {key} = "cloud-migration"')
            return ""
        return value

    def number(self, raw: dict[str, Any], key: str, default: int, allowed: range) -> int:
        value = raw.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or value not in allowed:
            most = allowed[-1]
            self.say(key, f"{key} is a whole number from 0 to {most}.", f"write {key} = {default}")
            return default
        return value

    def choice(self, raw: dict[str, Any], key: str, allowed: Sequence[str], default: str) -> str:
        value = raw.get(key, default)
        if value not in allowed:
            self.say(key, f"“{key}” cannot be “{value}”.", f"use {' or '.join(allowed)}")
            return default
        return str(value)
