"""The reference ledger: pots of money, and from which pot into which each verb moves it. No more.

Written from ENGINE f2 and DOMAIN 1, never from the product. `free` is what plans take from: the
partner's part, or the shared pot. `back` is where money that was asked back waits or is free.
"""

from collections import Counter

WAYS = {
    "add": ("source", "unallocated"),
    "allocate": ("unallocated", "fund"),
    "accrue": ("source", "fund"),
    "undo": ("fund", "source"),
    "reserve": ("{free}", "reserved {line}"),
    "release": ("reserved {line}", "{free}"),
    "grant": ("reserved {line}", "accrued {claim}"),
    "take back": ("accrued {claim}", "reserved {line}"),
    "pay": ("accrued {claim}", "paid"),
    "bounce": ("paid", "accrued {claim}"),
    "claw back": ("paid", "{back}"),
    "repay": ("{back}", "unallocated"),
    "owe again": ("unallocated", "{back}"),
    "owe from outside": ("source", "{back}"),
    "exchange": ("source", "exchange"),
    "expire": ("fund", "forfeited"),
    "expire whole": ("unallocated", "forfeited whole"),
    "extend": ("forfeited", "fund"),
    "revive": ("forfeited whole", "unallocated"),
    "return": ("fund", "unallocated"),
    "reduce": ("unallocated", "source"),
    "carry": ("fund", "source"),
    "carry lost": ("forfeited", "source"),
    "arrive": ("next source", "next fund"),
    "found next": ("next source", "next unallocated"),
    "more worth": ("source", "{pot}"),
}
BELOW_ZERO = {"source", "next source", "exchange"}


class Ledger:
    """Pots by name. Entries are booked together or not at all; no pot goes below zero."""

    def __init__(self, **names):
        self.names, self.pots = names, Counter()

    def __getitem__(self, pot):
        return self.pots[pot.format(**self.names)]

    def book(self, *entries):
        """Book each (verb, amount, what it is about); say whether all of it could be."""
        after = Counter(self.pots)
        for verb, amount, about in entries:
            source, to = (end.format(**self.names, **about) for end in WAYS[verb])
            after.update({source: -amount, to: amount})
            if after[source] < 0 and source not in BELOW_ZERO:
                return False
        self.pots = after
        return True
