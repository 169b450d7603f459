"""What holds whichever routing rule decides, read: time to answer, masks, idle leads, performance."""

from typing import Any

from tcma.leads.hours import ANSWER_HOURS, MOST_HOURS
from tcma.leads.routing.masking import STANDARD as SHOWN
from tcma.leads.routing.masking import Fact
from tcma.leads.routing.rules import Deals, Idle, Measure, Performance, Recycle
from tcma.toml_document import Walk

MOST_IDLE_DAYS = 365
MOST_DEALS = 1000


class Settings(Walk):
    """The parts that hold for all rules, each read or its faults written down."""

    def skips_closed(self, raw: Any) -> bool:
        """Read whether who has its day off is passed over."""
        self.at = self.header("[answer]")
        closed = raw.get("closed", "wait") if isinstance(raw, dict) else "wait"
        if closed not in {"wait", "skip"}:
            self.say(
                "closed", 'closed is "wait" (the time to answer waits) or "skip" (the next one).'
            )
        return bool(closed == "skip")

    def performance(self, raw: dict[str, Any]) -> Performance:
        """Read how performance becomes weight."""
        self.at = self.header("[performance]")
        self.only(raw, ("days", "by", "least", "most"), "[performance]")
        usual = Performance()
        days = self.whole(raw, "days", usual.days, (7, 365), "days are those before today")
        least = self.whole(
            raw, "least", usual.least, (0, 100), "least is of a fair share's hundred"
        )
        most = self.whole(raw, "most", usual.most, (100, 1000), "most is of a fair share's hundred")
        by = self.words(raw, "by") if "by" in raw else tuple(usual.by)
        wrong = [word for word in by if word not in tuple(Measure)]
        if wrong or not by:
            self.say("by", f"by is one or more of: {', '.join(Measure)}.")
            by = tuple(usual.by)
        return Performance(days, tuple(m for m in Measure if m in by), least, most)

    def recycle(self, raw: dict[str, Any]) -> Recycle:
        """Read what becomes of leads that are given back to nurture."""
        self.at = self.header("[recycle]")
        self.only(raw, ("campaign", "days"), "[recycle]")
        usual = Recycle()
        days = self.whole(
            raw, "days", usual.days, (1, 730), "days are how long who gave it back rests"
        )
        return Recycle(str(raw.get("campaign", "")), days)

    def deals(self, raw: dict[str, Any]) -> Deals:
        """Read how many registered deals a partner may hold, and when one lapses."""
        self.at = self.header("[deals]")
        self.only(raw, ("most_open", "days", "warn_days"), "[deals]")
        usual = Deals()
        most = (
            self.whole(raw, "most_open", 0, (1, MOST_DEALS), "most_open are deals")
            if "most_open" in raw
            else 0
        )
        days = (
            self.whole(raw, "days", 0, (2, 730), "days are those without progress")
            if "days" in raw
            else 0
        )
        warn = self.whole(
            raw,
            "warn_days",
            min(usual.warn_days, days - 1) if days else usual.warn_days,
            (1, 365),
            "warn_days come before",
        )
        if days and warn >= days:
            self.say("warn_days", "warn_days are fewer than days: days = 90, warn_days = 14.")
        return Deals(most or None, days or None, warn)

    def whole(
        self, raw: dict[str, Any], key: str, usual: int, bounds: tuple[int, int], words: str
    ) -> int:
        """Read a whole number between two, the usual one where there is none."""
        value = raw.get(key, usual)
        if type(value) is int and bounds[0] <= value <= bounds[1]:
            return value
        self.say(key, f"{words}, a whole number from {bounds[0]} to {bounds[1]}.")
        return usual

    def answer_hours(self, raw: Any) -> int:
        self.at = self.header("[answer]")
        self.only(raw, ("hours", "closed"), "[answer]")
        hours = raw.get("hours", ANSWER_HOURS) if isinstance(raw, dict) else None
        if type(hours) is int and 1 <= hours <= MOST_HOURS:
            return hours
        self.say("hours", f"hours are working hours, from 1 to {MOST_HOURS}.")
        return ANSWER_HOURS

    def shown(self, raw: Any) -> tuple[Fact, ...]:
        """Read what a partner may know of a lead before it accepts."""
        self.at = self.header("[mask]")
        self.only(raw, ("shows",), "[mask]")
        if not isinstance(raw, dict) or "shows" not in raw:
            return SHOWN
        said = self.words(raw, "shows")
        for word in said:
            if word not in tuple(Fact):
                self.say("shows", f"“{word}” is no fact that can be shown: {', '.join(Fact)}.")
        return tuple(fact for fact in Fact if fact in said)

    def idle(self, raw: Any) -> Idle | None:
        """Read when a lead that nobody touches goes on; without the part it never does."""
        self.at = self.header("[idle]")
        if raw is None:
            return None
        self.only(raw, ("warn_days", "take_back_days"), "[idle]")
        days = [
            raw.get(n) if isinstance(raw, dict) else None for n in ("warn_days", "take_back_days")
        ]
        warn, take = (d if type(d) is int and 1 <= d <= MOST_IDLE_DAYS else None for d in days)
        if warn is None or take is None or warn >= take:
            self.say(
                "warn_days",
                f"warn_days and take_back_days are days from 1 to {MOST_IDLE_DAYS}, the warning first, "
                "such as warn_days = 5 and take_back_days = 8.",
            )
            return None
        return Idle(warn, take)

    def joins(self, raw: Any) -> bool:
        """Read whether a person's requests about several campaigns are one lead."""
        self.at = self.header("[person]")
        self.only(raw, ("joins",), "[person]")
        said = raw.get("joins", False) if isinstance(raw, dict) else None
        if not isinstance(said, bool):
            self.say("joins", "joins is true or false.")
        return said is True
