"""Single phrases of a journey's document: delays and signals, as an author writes them."""

import re

from tcma.journeys.document import AT_ONCE, OF_A_MAIL, Asked, Delay, Signal, Unit

_DELAY = re.compile(r"(\d{1,3})\s*(working days?|days?|hours?|minutes?)\Z")


def parse_delay(text: str) -> Delay | None:
    """«0», «3 working days», «7 days», «2 hours»; None when it is none of these."""
    clean = " ".join(text.split())
    if clean == "0":
        return AT_ONCE
    match = _DELAY.match(clean)
    if not match:
        return None
    unit = match[2].rstrip("s") + "s"
    return Delay(int(match[1]), Unit(unit.replace(" ", "_")))


def parse_asked(text: str) -> Asked | None:
    """«clicked:mail.link», «replied»; None when it names no signal."""
    name, _, about = text.strip().partition(":")
    if name not in tuple(Signal):
        return None
    mail, _, link = about.partition(".")
    if mail and Signal(name) not in OF_A_MAIL:
        return None
    return Asked(Signal(name), mail, link)
