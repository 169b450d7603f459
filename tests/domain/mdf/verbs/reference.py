"""The reference as a whole: its ledger, and whether a verb may be done by somebody to something."""

from tests.domain.mdf.verbs import tables as t
from tests.domain.mdf.verbs.claims import Claims
from tests.domain.mdf.verbs.funds import Funds
from tests.domain.mdf.verbs.ledger import Ledger
from tests.domain.mdf.verbs.payments import Payments
from tests.domain.mdf.verbs.plans import Plans


class Reference(Plans, Claims, Payments, Funds):
    """Everything as dicts with a state. `do` says whether a verb is done; if not, nothing changed."""

    def __init__(self, kind, now, *, waits):
        free = "unallocated" if kind == "pooled" else "fund"
        self.kind, self.now, self.waits = kind, now, waits
        self.ledger = Ledger(free=free, back="owed" if waits else "unallocated")
        self.plans, self.claims, self.batches, self.sales, self.changes = [], [], [], [], []
        self.queue, self.absences, self.rates, self.repaid = [], [], [], []
        self.ends, self.until, self.closed = t.LAST, None, False
        self.stopped_by, self.least = None, 0
        self.point = self.next_point = "1"
        self.to_a_person = False  # the lot of a small plan, which nobody can foretell

    @property
    def today(self):
        return self.now.date()

    @property
    def free(self):
        return self.ledger["{free}"]

    def of(self, kind):
        """Return everything of a kind, in the order it was made."""
        return self.batches if kind == "batch" else getattr(self, f"{kind}s")

    def do(self, verb, who, about, **how):
        if who not in t.WHO[verb]:
            return False
        before, after = t.GRAPH.get(verb, (None, None))
        if before and about["state"] not in before:
            again = verb in t.AGAIN and about["state"] == after
            same = verb in {"approve", "decide"} and about["state"] == "approved"
            return again or (same and self.decided_again(verb, who, about, **how)) or (
                verb == "grant" and self.grant(who, about, **how))  # fmt: skip
        was = about and about["state"] if before else None
        if not getattr(self, verb)(who, about, **how):
            return False
        if after and about["state"] == was:
            about["state"] = after
        return True

    def decided_again(self, verb, who, plan, answers=None):
        return self.decided_so(
            who, plan, self.grants(plan, answers or ["all"] * len(plan["lines"]))
        )

    def sums(self):
        """Return what each pot holds, a plan's lines together; empty ones are left out."""
        sums = {}
        for pot, held in self.ledger.pots.items():
            name = pot.split(".")[0]
            sums[name] = sums.get(name, 0) + held
        return {name: held for name, held in sums.items() if held}

    def states(self):
        """Return where everything stands, as the product calls it."""
        plans = [t.IN_PRODUCT.get(p["state"], p["state"]) for p in self.plans]
        plans = [t.PRE_APPROVED if state == "approved" else state for state in plans]
        rows = (self.claims, self.batches, self.changes)
        return plans, *([t.IN_PRODUCT.get(r["state"], r["state"]) for r in some] for some in rows)
