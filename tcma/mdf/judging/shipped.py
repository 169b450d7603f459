"""The programmes that come with the product: what a fund can begin with besides the standard."""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from tcma.mdf.judging.versions import STANDARD, quoted, read_one
from tcma.mdf.programme.days import known_regions

_OURS = re.compile(r"^(?:currency|zone|region|from) = .*\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Shipped:
    """A shipped programme: the name of its file, what it is called, what it is about."""

    key: str
    name: str
    about: str


@cache
def shipped() -> tuple[Shipped, ...]:
    """Return them by name; the standard is not among them."""
    found = []
    for file in (files("tcma.mdf") / "programmes").iterdir():
        if file.name.endswith(".toml") and file.name != STANDARD:
            rules = read_one(file.read_text(encoding="utf-8"))
            found.append(Shipped(file.name.removesuffix(".toml"), rules.name, rules.about))
    return tuple(sorted(found, key=lambda each: each.name))


def shipped_source(key: str, name: str, *, currency: str, zone: str, country: str) -> str:
    """Return a shipped programme as the first version of a vendor's own: its name, money and clock."""
    text = (files("tcma.mdf") / "programmes" / f"{key}.toml").read_text(encoding="utf-8")
    head, bracket, rest = text.partition("\n[")
    head = _OURS.sub("", f"{head}\n").rstrip("\n")
    head = re.sub(r'^name = ".*"$', lambda _: f'name = "{quoted(name)}"', head, flags=re.MULTILINE)
    place = f'\ncurrency = "{currency}"\nzone = "{zone}"'
    place += f'\nregion = "{country}"' if country in known_regions() else ""
    return f"{head}{place}\n{bracket}{rest}"
