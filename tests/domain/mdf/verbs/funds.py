"""What becomes of a fund by the reference: filled, given in parts, earned, ended, carried over, over."""

from datetime import timedelta
from fractions import Fraction

from tests.domain.mdf.verbs import tables as t


class Funds:
    """Verbs of the fund as a whole; each says whether it was done and changes nothing otherwise."""

    def add(self, who, _, amount):
        return not self.closed and self.ledger.book(("add", amount, {}))

    def allocate(self, who, _, amount):
        whole = {"unallocated", "next", "source", "exchange", "owed"}
        given = sum(n for pot, n in self.ledger.pots.items() if pot.split()[0] not in whole)
        given -= self.ledger["forfeited whole"]
        full = self.kind == "fixed" and given + amount > t.PER_PARTNER
        fits = not self.closed and self.kind != "pooled" and not full
        return fits and self.ledger.book(("allocate", amount, {}))

    def accrue(self, who, _, amount):
        if self.closed or self.kind != "accrued":
            return False
        self.ledger.book(("accrue", amount, {}))
        return not self.sales.append({"no": len(self.sales), "amount": amount, "stands": True})

    def undo(self, who, sale):
        if sale["stands"]:
            sale["stands"] = not self.ledger.book(("undo", sale["amount"], {}))
        return not sale["stands"]

    def change(self, who, _, act, amount, days):
        """Ask for a change; what takes no second person is done at once."""
        change = {"no": len(self.changes), "act": act, "amount": amount, "by": who,
                  "until": self.today + timedelta(days), "state": "waits"}  # fmt: skip
        two = act in t.TWO_PEOPLE and not (act == "days" and change["until"] == self.ends)
        if not (self.could(change) if two else self.did(change)):
            return False
        change["state"] = "waits" if two else "done"
        return not self.changes.append(change)

    def could(self, change):
        ledger = self.ledger.pots
        held = {"return": ledger["fund"], "reduce": ledger["unallocated"],
                "carry": ledger["fund"] + ledger["forfeited"]}  # fmt: skip
        act = change["act"]
        past = change["until"] < self.today and change["until"] != self.ends
        wrong = act in {"more", "days"} and past
        shut = self.closed and act not in {"return", "carry"}
        return not (wrong or shut or change["amount"] > held.get(act, change["amount"]))

    def did(self, change):
        if not self.could(change):
            return False
        act, amount, pots = change["act"], change["amount"], self.ledger.pots
        if act == "carry":
            lost = min(amount, pots["forfeited"])
            rest = ("carry", amount - lost, {})
            return self.ledger.book(("carry lost", lost, {}), rest, ("arrive", amount, {}))
        if act in {"return", "reduce"}:
            return self.ledger.book((act, amount, {}))
        if act == "more":
            self.until = change["until"]
            return self.ledger.book(("extend", pots["forfeited"], {}))
        if act == "days":
            later, self.ends = change["until"] > self.ends, change["until"]
            return self.ledger.book(("revive", later * pots["forfeited whole"], {}))
        self.closed, self.ends = True, min(self.ends, self.today)
        whole = pots["fund"] + pots["unallocated"]
        return self.ledger.book(("return", pots["fund"], {}), ("reduce", whole, {}))

    def confirm(self, who, change):
        may = who != change["by"] and (change["act"] != "carry" or who in t.CARRIERS)
        if change["state"] == "waits" and may and self.did(change):
            change["state"] = "done"
        return change["state"] == "done"

    def let_be(self, who, change):
        if change["state"] == "waits":
            change["state"] = "refused"
        return change["state"] == "refused"

    def last_day(self):
        return max(self.ends, self.until or self.ends) if not self.closed else self.ends

    def away(self, who, _, deputy, days):
        """Name somebody who decides instead, from today on."""
        if deputy == who or deputy not in t.DECIDES:
            return False
        return not self.absences.append((who, deputy, self.today, self.today + timedelta(days)))

    def home(self, who, _):
        """Come back: the newest absence of one's own is none."""
        newest = next((each for each in reversed(self.absences) if each[0] == who), None)
        return newest is not None and not self.absences.remove(newest)

    def among(self, who, group):
        """Say whether a person is of a group, or stands in for one of it who is away."""
        stands_in = (
            absent in group
            for absent, deputy, first, last in self.absences
            if deputy == who and first <= self.today <= last
        )
        return who in group or any(stands_in)

    def revalue(self, who, _, point):
        """From tomorrow a point is worth something else; it is tomorrow at once."""
        if self.kind != "points":
            return False
        self.next_point = point
        self.wait("system", None, days=1)
        return True

    def wait(self, who, _, days):
        """Let days pass, then do what the night does: in this order."""
        self.now += timedelta(days)
        self.settle_deadlines()
        if self.next_point != self.point:
            for pot in ("unallocated", "fund"):
                was = Fraction(self.ledger[pot])
                worth = was * Fraction(self.next_point) / Fraction(self.point)
                now = int(worth + Fraction(1, 2))
                self.ledger.book(("more worth", now - int(was), {"pot": pot}))
            self.point = self.next_point
        if self.today > self.last_day():
            self.ledger.book(("expire", self.ledger["fund"], {}))
        if self.today > self.ends:
            self.ledger.book(("expire whole", self.ledger["unallocated"], {}))
        return self.release("system", None)

    def settle_deadlines(self):
        for plan in self.plans:
            for line in plan["lines"]:
                if line["state"] == "approved" and self.today > line["claim_by"]:
                    self.ended(line)
            if plan["state"] == "info" and self.today > plan["fix_by"]:
                plan["state"] = "expired"

    def ended(self, line):
        """The last day to claim has passed: what came back and was not fixed is refused, the rest is free."""
        of_line = [claim for claim in self.claims if claim["line"] is line]
        for claim in of_line:
            if claim["state"] == "info" and self.today > claim["fix_by"]:
                claim["state"] = "rejected"
        if not line["more"] and not self.unanswered(line):
            self.finish(line)
