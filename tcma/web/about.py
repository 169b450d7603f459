"""What a list of plans or claims is narrowed to, read from the address and kept in its links."""

from flask import request

from tcma.mdf.records import About

PARTS = ("fund", "campaign", "partner", "launch")


def asked_about() -> About:
    """Return what the address asks for: `?fund=&campaign=&partner=&launch=`."""
    return About(**narrowed())


def narrowed() -> dict[str, str]:
    """Return the parts that are set, for the links of the same list."""
    return {name: request.args[name] for name in PARTS if request.args.get(name)}


def about_words() -> str:
    """Return what a narrowed list is about, for its head; empty for the whole list."""
    return ", ".join(f"{name} {value}" for name, value in narrowed().items())
