"""What becomes of a claim by the reference: begun, filed, decided by others, disputed, taken back."""

from datetime import timedelta

from tests.domain.mdf.verbs import tables as t


class Claims:
    """Verbs of claims; each says whether it was done and changes nothing otherwise."""

    def claim_of(self, line, **more):
        return {"no": len(self.claims), "line": line, "state": "draft", "nets": [], "less": None, "own": [],
                "asked": 0, "approved": 0, "by": None, "yes": [], "all_yes": set(), "fix_by": None,
                "decided_by": None, "decided_at": None, "last": None, "appealed": False,
                "dispute": None, "back": 0, "taken_back": None} | more  # fmt: skip

    def begin(self, who, plan, n, net, foreign):
        line, worth = plan["lines"][n], self.worth(net, foreign)
        if any(c["line"] is line and c["state"] == "draft" for c in self.claims):
            return True
        if not self.room(line) or worth is None:
            return False
        claim = self.claim_of(line, asked=self.left(line), nets=[worth])
        self.claims.append(claim)
        return self.reckon(claim) is not None

    def room(self, line):
        gone = {"rejected", "appealed", "reversed", "withdrawn"}
        counted = [c for c in self.claims if c["line"] is line and c["state"] not in gone]
        stands = line["plan"]["state"] == "approved" and len(counted) < t.CLAIMS_OF_A_LINE
        return stands and self.left(line) > 0

    def worth(self, net, foreign):
        """Return an invoice's net in pounds by the rate of its day, None without one; half up."""
        if not foreign:
            return net
        known = [(day, p) for day, p in self.rates if (self.today - day).days <= t.RATE_HOLDS]
        newest = max((day for day, _ in known), default=None)
        percents = [percent for day, percent in known if day == newest]
        return (net * percents[-1] + 50) // 100 if percents else None

    def reckon(self, claim):
        """Set what is asked; return what the invoices are worth of what is left."""
        most = self.matching(claim) if self.kind == "matched" else sum(claim["nets"])
        due = min(self.part(sum(claim["nets"])), most, self.left(claim["line"], besides=claim))
        asked = min(due, claim["less"] or due)
        if asked > 0:
            claim["asked"] = asked
        return due

    def invoice(self, who, claim, net, foreign):
        worth = self.worth(net, foreign)
        if worth is None:
            return False
        claim["nets"].append(worth)
        return self.reckon(claim) is not None

    def uninvoice(self, who, claim):
        return claim["nets"] and claim["nets"].pop(0) and self.reckon(claim) is not None

    def matching(self, claim):
        """Return what the vendor adds to what the partner paid itself; half up."""
        ours, theirs = t.MATCHED_SHARE, 100 - t.MATCHED_SHARE
        return (2 * sum(claim["own"]) * ours + theirs) // (2 * theirs)

    def pay_own(self, who, claim, amount):
        if self.kind != "matched":
            return False
        claim["own"].append(amount)
        return self.reckon(claim) is not None

    def take_out_own(self, who, claim):
        return claim["own"] and claim["own"].pop(0) and self.reckon(claim) is not None

    def ask_less(self, who, claim, amount):
        claim["less"] = amount
        return self.reckon(claim) is not None

    def file(self, who, claim):
        last = max(filter(None, (claim["line"]["claim_by"], claim["fix_by"])))
        if self.today > last or self.reckon(claim) <= 0:
            return False
        return not claim.update(by=who, yes=[])

    def appeal_claim(self, who, claim):
        at = claim["decided_at"]
        late = at is None or self.now > at + t.TO_APPEAL
        if claim["appealed"] or late:
            return False
        return not claim.update(appealed=True, yes=[])

    def discard(self, who, claim):
        return True

    def take_up(self, who, claim):
        begun = any(c["line"] is claim["line"] and c["state"] == "draft" for c in self.claims)
        if begun or not self.room(claim["line"]):
            return False
        return self.reckon(claim) is not None

    def apart(self, who, claim):
        plan = claim["line"]["plan"]
        return who not in {*plan["all_yes"], plan["decided_by"], plan["by"], claim["by"]}

    def said_yes(self, who, claim):
        return who in {*claim["all_yes"], claim["decided_by"]}

    def may_decide(self, who, claim):
        """Say whether a person may decide a claim now, and whether that is the last yes."""
        if claim["state"] not in t.WAITS:
            return self.apart(who, claim), True
        refusers = {claim["decided_by"], claim["taken_back"]}
        refused = claim["state"] == "appealed" and who in refusers
        group, last = t.level(t.CLAIM_LEVELS, claim["asked"], claim["yes"])
        said = who in claim["yes"] or refused
        return self.apart(who, claim) and self.among(who, group) and not said, last

    def grant(self, who, claim, amount, close):
        line, (may, last) = claim["line"], self.may_decide(who, claim)
        if not may or not 0 < amount <= claim["asked"]:
            return False
        if claim["state"] not in t.WAITS:
            stands = claim["state"] in {"approved", "pending", "paid"}
            return stands and (claim["approved"], claim["decided_by"]) == (amount, who)
        if claim["state"] == "appealed" and amount > self.untaken(line):
            return False
        about = {"line": line["no"], "claim": claim["no"]}
        anew = [("reserve", amount, about)] if line["state"] == "closed" else []
        if last and not self.ledger.book(*anew, ("grant", amount, about)):
            return False
        claim["yes"].append(who)
        claim["all_yes"].add(who)
        if last:
            self.decided(claim, who, "approved", approved=amount, last=self.now)
            if close and line["state"] == "approved" and not self.unanswered(line):
                self.finish(line)
        return True

    def untaken(self, line):
        """Return what no claim took of what was granted; what a dispute brought takes nothing of it."""
        of_line = [c for c in self.claims if c["line"] is line]
        taken = sum(c["asked"] for c in of_line if c["state"] in t.HANDED_IN)
        taken += sum(c["approved"] for c in of_line if c["state"] in t.DECIDED)
        beyond = sum(c["dispute"].get("beyond", 0) for c in of_line if c["dispute"])
        return line["granted"] - taken + beyond

    def decided(self, claim, who, state, **more):
        return not claim.update(state=state, decided_by=who, decided_at=self.now, **more)

    def give_claim_back(self, who, claim):
        claim_by = self.today + timedelta(t.TO_FIX)
        return self.may_decide(who, claim)[0] and not claim.update(fix_by=claim_by)

    def refuse_claim(self, who, claim):
        return self.may_decide(who, claim)[0] and self.decided(claim, who, "rejected")

    def take_back(self, who, claim):
        line = claim["line"]
        if not self.apart(who, claim) or self.disputed(claim):
            return False
        about = {"line": line["no"], "claim": claim["no"]}
        self.ledger.book(("take back", claim["approved"], about))
        if line["state"] == "closed":
            self.ledger.book(("release", claim["approved"], about))
        claim["taken_back"] = who
        return self.decided(claim, claim["decided_by"], "rejected")

    def claw_back(self, who, claim, amount):
        by = next(b["by"] for b in reversed(self.batches) if b["pays"] and self.pays(b, claim))
        fits = self.apart(who, claim) and who != by and 0 < amount <= claim["approved"]
        if not fits or self.disputed(claim):
            return False
        self.ledger.book(("claw back", amount, {}))
        return not claim.update(back=amount, last=self.now)

    def pays(self, batch, claim):
        return any(p["claim"] is claim and p["state"] == "settled" for p in batch["pays"])

    def disputed(self, claim):
        return claim["dispute"] and claim["dispute"]["open"]

    def dispute(self, who, claim, amount):
        cut = claim["asked"] - claim["approved"] + claim["back"]
        if claim["dispute"] or amount > cut or self.now > claim["last"] + t.TO_APPEAL:
            return False
        held = min(max(amount - self.left(claim["line"]), 0), self.free)
        self.ledger.book(("reserve", held, {"line": claim["line"]["no"]}))
        claim["dispute"] = {"by": who, "asked": amount, "held": held, "open": True}
        return True

    def drop(self, who, claim):
        return self.disputed(claim) and self.answered(claim, claim["dispute"]["held"])

    def turn_down(self, who, claim):
        fits = self.disputed(claim) and self.apart(who, claim) and not self.said_yes(who, claim)
        return fits and self.answered(claim, claim["dispute"]["held"])

    def answered(self, claim, back):
        claim["dispute"]["open"] = False
        return self.ledger.book(("release", back, {"line": claim["line"]["no"]}))

    def uphold(self, who, claim, amount):
        if not self.disputed(claim) or not self.apart(who, claim) or self.said_yes(who, claim):
            return False
        dispute, line = claim["dispute"], claim["line"]
        short = max(amount - dispute["held"] - self.left(line), 0)
        about = {"line": line["no"], "claim": len(self.claims)}
        entries = ("reserve", short, about), ("grant", amount, about)
        if amount > dispute["asked"] or not self.ledger.book(*entries):
            return False
        more = self.claim_of(line, asked=amount, approved=amount, by=dispute["by"], last=self.now)
        self.claims.append(more)
        self.decided(more, who, "approved")
        dispute["beyond"] = min(amount, dispute["held"] + short)
        return self.answered(claim, max(dispute["held"] - amount, 0))
