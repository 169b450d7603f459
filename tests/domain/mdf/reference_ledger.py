"""What money may do, on two pages: who may act, on what, and which pot moves into which."""

from collections import Counter

PARTNER, DECIDERS, PAYERS = {"alice", "bob"}, {"mira", "finn", "cora"}, {"finn", "cora"}
IN_PAYMENT = {"payment_pending": "approved", "paid": "approved"}


class Reference:
    """Pots by name; plans and claims as dicts with a state. Each verb says whether it was done."""

    def __init__(self, total):
        self.pots = Counter(source=-total, unallocated=total)
        self.plans, self.claims, self.payments, self.sales = [], [], [], []
        self.disputes, self.rate, self.extended = [], 85, False

    def moved(self, amount, source, to):
        if source != "source" and self.pots[source] < amount:
            return False
        self.pots.update({source: -amount, to: amount})
        return True

    def left(self, plan, besides=None):
        filed = (c["asked"] for c in self.claims if c["plan"] is plan and c is not besides
                 and c["state"] in ("submitted", "info"))  # fmt: skip
        held = (d["held"] for d in self.disputes if d["open"] and d["claim"]["plan"] is plan)
        return self.pots[f"reserved {plan['no']}"] - sum(filed) - sum(held)

    def disputed(self, claim):
        return next((d for d in self.disputes if d["claim"] is claim), None)

    def waits(self, claim):
        dispute = self.disputed(claim)
        return dispute is not None and dispute["open"]

    def quote(self, who, percent):
        self.rate = percent if who in PAYERS else self.rate
        return who in PAYERS or who == "stranger"  # who keeps rates of its own

    def add(self, who, amount):
        return who in DECIDERS and self.moved(amount, "source", "unallocated")

    def allocate(self, who, amount):
        return who in DECIDERS and self.moved(amount, "unallocated", "fund")

    def accrue(self, who, amount):
        if who not in DECIDERS or not self.moved(amount, "source", "fund"):
            return False
        return not self.sales.append({"amount": amount, "stands": True})

    def undo(self, who, sale):
        if who in DECIDERS and sale["stands"]:
            sale["stands"] = not self.moved(sale["amount"], "fund", "source")
        return who in DECIDERS and not sale["stands"]

    def expire(self, who, amount):
        return self.extended or self.moved(self.pots["fund"], "fund", "forfeited")

    def extend(self, who, amount):
        self.extended = self.extended or who in DECIDERS
        return who in DECIDERS and self.moved(self.pots["forfeited"], "forfeited", "fund")

    def carry_over(self, who, amount):
        lost = min(self.pots["forfeited"], amount)
        if who not in DECIDERS or amount - lost > self.pots["fund"]:
            return False
        return self.moved(lost, "forfeited", "source") and self.moved(
            amount - lost, "fund", "source"
        )

    def ask(self, who, amount):
        return who in PARTNER and amount <= self.pots["fund"] and not self.plans.append(
            {"no": len(self.plans), "state": "submitted", "by": who, "asked": amount, "decided": ("", 0)})  # fmt: skip

    def send_again(self, who, plan):
        if plan["state"] == "info" and who in PARTNER and plan["asked"] <= self.pots["fund"]:
            plan.update(state="submitted", by=who)
        return who in PARTNER and plan["state"] == "submitted"

    def withdraw(self, who, plan):
        if who in PARTNER and plan["state"] in ("submitted", "info"):
            plan["state"] = "withdrawn"
        return who in PARTNER and plan["state"] == "withdrawn"

    def approve(self, who, plan, amount):
        if who not in DECIDERS or amount > plan["asked"]:
            return False
        if plan["state"] == "approved" and plan["decided"] == (who, amount):
            return True
        fits = plan["state"] == "submitted" and self.moved(amount, "fund", f"reserved {plan['no']}")
        return fits and not plan.update(state="approved", decided=(who, amount))

    def answer(self, who, plan, to):
        fits = who in DECIDERS and plan["state"] == "submitted"
        return fits and not plan.update(state=to)

    def close(self, who, plan):
        filed = any(c["plan"] is plan and c["state"] in ("submitted", "info") for c in self.claims)
        if who not in DECIDERS | PARTNER or plan["state"] != "approved" or filed:
            return False
        plan["state"] = "closed"
        return self.freed(plan, self.left(plan))

    def freed(self, plan, amount):
        return self.moved(amount, f"reserved {plan['no']}", "fund")

    def file(self, who, plan, net, foreign):
        net = (net * self.rate + 50) // 100 if foreign else net
        counted = [
            c
            for c in self.claims
            if c["plan"] is plan and c["state"] not in ("rejected", "reversed")
        ]
        if (
            who not in PARTNER
            or plan["state"] != "approved"
            or len(counted) > 1
            or not self.left(plan)
        ):
            return False  # fmt: skip
        claim = {"no": len(self.claims), "plan": plan, "net": net, "state": "submitted", "by": who,
                 "asked": min(net, self.left(plan)), "decided": ("", 0)}  # fmt: skip
        return not self.claims.append(claim)

    def file_again(self, who, claim):
        if claim["state"] == "info" and who in PARTNER:
            asked = min(claim["net"], self.left(claim["plan"], besides=claim))
            claim.update(state="submitted", by=who, asked=asked)
        return who in PARTNER and claim["state"] == "submitted"

    def apart(self, who, claim):
        plan = claim["plan"]
        return who in DECIDERS and who not in (plan["by"], plan["decided"][0], claim["by"])

    def grant(self, who, claim, amount):
        if not self.apart(who, claim) or amount > claim["asked"]:
            return False
        if claim["state"] in {"approved", *IN_PAYMENT} and claim["decided"] == (who, amount):
            return True
        ends = f"reserved {claim['plan']['no']}", f"accrued {claim['no']}"
        fits = claim["state"] == "submitted" and self.moved(amount, *ends)
        return fits and not claim.update(state="approved", decided=(who, amount))

    def give_back(self, who, claim):
        fits = self.apart(who, claim) and claim["state"] == "submitted"
        return fits and not claim.update(state="info")

    def refuse(self, who, claim):
        fits = self.apart(who, claim) and claim["state"] in ("submitted", "info")
        return fits and not claim.update(state="rejected")

    def take_back(self, who, claim):
        if not self.apart(who, claim) or claim["state"] != "approved" or self.waits(claim):
            return False
        claim["state"] = "rejected"
        plan = claim["plan"]
        self.moved(claim["decided"][1], f"accrued {claim['no']}", f"reserved {plan['no']}")
        return plan["state"] != "closed" or self.freed(plan, claim["decided"][1])

    def dispute(self, who, claim, amount):
        cut = claim["asked"] - claim["decided"][1] + claim.get("back", 0)
        decided = claim["state"] in {"approved", "reversed", *IN_PAYMENT}
        if who not in PARTNER or not decided or self.disputed(claim) or amount > cut:
            return False
        held = min(max(amount - self.left(claim["plan"]), 0), self.pots["fund"])
        self.moved(held, "fund", f"reserved {claim['plan']['no']}")
        row = {"claim": claim, "by": who, "asked": amount, "held": held, "open": True}
        return not self.disputes.append(row)

    def drop(self, who, claim):
        fits = who in PARTNER and self.waits(claim)
        return fits and self.answered(claim)

    def turn_down(self, who, claim):
        fits = self.apart(who, claim) and who != claim["decided"][0] and self.waits(claim)
        return fits and self.answered(claim)

    def answered(self, claim):
        dispute = self.disputed(claim)
        dispute["open"] = False
        return self.freed(claim["plan"], dispute["held"])

    def uphold(self, who, claim, amount):
        if not self.apart(who, claim) or who == claim["decided"][0] or not self.waits(claim):
            return False
        dispute, plan = self.disputed(claim), claim["plan"]
        short = max(amount - dispute["held"] - self.left(plan), 0)
        if amount > dispute["asked"] or short > self.pots["fund"]:
            return False
        dispute["open"] = False
        self.moved(short, "fund", f"reserved {plan['no']}")
        more = {"no": len(self.claims), "plan": plan, "net": amount, "state": "approved",
                "by": dispute["by"], "asked": amount, "decided": (who, amount)}  # fmt: skip
        self.claims.append(more)
        self.moved(amount, f"reserved {plan['no']}", f"accrued {more['no']}")
        return self.freed(plan, max(dispute["held"] - amount, 0))

    def pay(self, who, claim):
        if who not in PAYERS - {claim["decided"][0], claim["by"]} or claim["state"] != "approved":
            return False
        claim["state"] = "payment_pending"
        return not self.payments.append(
            {"claim": claim, "by": who, "batch": "draft", "state": "open"}
        )

    def export(self, who, payment):
        if who in PAYERS and payment["batch"] == "draft":
            payment["batch"] = "exported"
        return who in PAYERS and payment["batch"] in ("exported", "settled")

    def exchanged(self, more):
        self.pots.update({"source": -more, "exchange": more})

    def settle(self, who, payment, more):
        claim = payment["claim"]
        if who in PAYERS and payment["batch"] == "exported":
            if payment["state"] == "open" and abs(more) * 10 > claim["decided"][1]:
                return False
            payment["batch"] = "settled"
            if payment["state"] == "open":
                claim["state"], payment["state"] = "paid", "settled"
                self.moved(claim["decided"][1], f"accrued {claim['no']}", "paid")
                payment["more"] = more
                self.exchanged(more)
        return who in PAYERS and payment["batch"] == "settled"

    def fail(self, who, payment):
        claim = payment["claim"]
        if claim["state"] == "reversed":
            return False
        if who in PAYERS and payment["state"] != "failed":
            if payment["state"] == "settled":
                self.moved(claim["decided"][1], "paid", f"accrued {claim['no']}")
                self.exchanged(-payment["more"])
            claim["state"], payment["state"] = "approved", "failed"
            payment["batch"] = "settled" if payment["batch"] == "settled" else "cancelled"
        return who in PAYERS

    def claw_back(self, who, payment, amount):
        claim = payment["claim"]
        if not self.apart(who, claim) or who == payment["by"] or claim["state"] != "paid":
            return False
        if self.waits(claim):
            return False
        if payment["state"] != "settled" or amount > claim["decided"][1]:
            return False
        claim.update(state="reversed", back=amount)
        return self.moved(amount, "paid", "unallocated")

    def cancel(self, who, payment):
        if who in PAYERS and payment["batch"] in ("draft", "exported"):
            self.fail(who, payment)
        return who in PAYERS and payment["batch"] == "cancelled"
