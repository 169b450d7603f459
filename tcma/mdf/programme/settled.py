"""How approved claims are settled, as a programme says it: the names, and how they are read."""

from typing import Final

from tcma.mdf.programme.sheet import Sheet
from tcma.words import say_as

CASH: Final = "cash"
CREDIT: Final = "credit"
DISCOUNT: Final = "discount"
ACCESS: Final = "access"
SPOKEN: Final = {
    CASH: say_as("settled by", "money"),
    CREDIT: say_as("settled by", "a credit"),
    DISCOUNT: say_as("settled by", "a discount"),
    ACCESS: say_as("settled by", "a service"),
}
ALL: Final = (CASH, CREDIT, DISCOUNT, ACCESS)


def settled_by(sheet: Sheet) -> tuple[str, ...]:
    """Read the ways of one table, in their order; the first is the usual one. Empty when it says none."""
    found = tuple(dict.fromkeys(sheet.texts("settled_by")))
    for way in found:
        if way not in ALL:
            sheet.wrong("settled_by", f"“{way}” settles no claim.", ", ".join(ALL))
            return ()
    return found
