"""What becomes of approved money by the reference: batched, paid, kept back, bounced, repaid."""

KEPT, BANK, REPLY = "kept back", "BACS 1", "BACS 2"


class Payments:
    """Verbs of payments; each says whether it was done and changes nothing otherwise."""

    def pay(self, who, claim, others, keep):
        claims = [claim, *(self.claims[n] for n in others)]
        ready = sum(c["approved"] for c in self.claims if c["state"] == "approved")
        total = sum(each["approved"] for each in claims)
        if self.stopped_by or min(ready, total) < self.least:
            return False
        if any(c["state"] != "approved" or self.paid_by_another(who, c) for c in claims):
            return False
        batch = {"no": len(self.batches), "state": "draft", "bank": None, "file": False, "by": who,
                 "pays": []}  # fmt: skip
        self.batches.append(batch)
        for each in sorted(claims, key=lambda c: c["no"]):
            each["state"] = "pending"
            payment = {"claim": each, "kept": [], "state": "scheduled", "more": 0}
            batch["pays"].append(payment)
            left = each["approved"]
            for owing in (c for c in self.claims if keep and c["state"] == "reversed"):
                part = min(self.owed_back(owing), left)
                left -= part
                payment["kept"] += [[owing, part]] if part else []
        return True

    def paid_by_another(self, who, claim):
        return self.said_yes(who, claim) or who == claim["by"]

    def owed_back(self, claim):
        """Return what was asked back of a claim and neither came nor is kept from a payment."""
        pays = (p for b in self.batches for p in b["pays"] if p["state"] != "failed")
        kept = sum(part for p in pays for owing, part in p["kept"] if owing is claim)
        return claim["back"] - kept - sum(a for c, a in self.repaid if c is claim)

    def net(self, payment):
        return payment["claim"]["approved"] - sum(part for _, part in payment["kept"])

    def export(self, who, batch):
        if batch["state"] == "draft":
            sent = [p for p in batch["pays"] if p["state"] == "scheduled"]
            to_bank = any(self.net(p) for p in sent)
            batch.update(file=to_bank, state="exported" if to_bank else "settled")
            batch["bank"] = None if to_bank else KEPT
            for payment in sent:
                payment["state"] = "sent"
                if not self.net(payment):
                    self.settled(payment, 0)
        return batch["state"] == "settled" or batch["state"] == "exported"

    def settle(self, who, batch, more):
        sent = [p for p in batch["pays"] if p["state"] == "sent"]
        if batch["state"] == "settled":
            return batch["bank"] == BANK
        more = more if len(sent) == 1 else 0
        if batch["state"] != "exported" or abs(more) * 10 > sum(self.net(p) for p in sent):
            return False
        batch.update(state="settled", bank=BANK)
        for payment in sent:
            self.settled(payment, more)
        return True

    def settled(self, payment, more):
        claim = payment["claim"]
        payment.update(state="settled", more=more)
        claim.update(state="paid", last=self.now)
        self.ledger.book(
            ("pay", claim["approved"], {"claim": claim["no"]}),
            *(("repay", part, {}) for _, part in payment["kept"] if self.waits),
            ("exchange", more, {}),
        )

    def fail(self, who, batch, n):
        return self.failed(batch, batch["pays"][n % len(batch["pays"])])

    def failed(self, batch, payment):
        claim = payment["claim"]
        if payment["state"] == "failed":
            return True
        if claim["state"] == "reversed":
            return False
        if payment["state"] == "settled":
            self.ledger.book(
                ("bounce", claim["approved"], {"claim": claim["no"]}),
                ("exchange", -payment["more"], {}),
            )
            for _, part in payment["kept"] if self.waits else ():
                self.ledger.book(("owe again", part, {})) or self.ledger.book(
                    ("owe from outside", part, {})
                )
        claim["state"], payment["state"] = "approved", "failed"
        self.over(batch)
        return True

    def over(self, batch):
        states = {p["state"] for p in batch["pays"]}
        if batch["state"] in {"draft", "exported"} and not states & {"scheduled", "sent"}:
            paid = "settled" in states
            batch["state"] = "settled" if paid else "cancelled"
            batch["bank"] = (batch["bank"] or batch["no"]) if paid else batch["bank"]

    def cancel(self, who, batch):
        if batch["state"] == "cancelled":
            return True
        paid = any(p["state"] == "settled" for p in batch["pays"])
        if paid or batch["state"] == "settled":
            return False
        batch["state"] = "cancelled"
        return all(self.failed(batch, payment) for payment in batch["pays"])

    def reply(self, who, batch, fates):
        """What a bank's file says of each payment: paid, refused, or nothing."""
        if not batch["file"] and batch["state"] not in {"exported", "settled"}:
            return False
        known = list(zip(batch["pays"], fates, strict=False))
        refused = [p for p, fate in known if fate == "refused"]
        if any(p["state"] != "failed" and p["claim"]["state"] == "reversed" for p in refused):
            return False
        named = REPLY if any(fate == "paid" for _, fate in known) else None
        batch["bank"] = batch["bank"] or named
        for payment, fate in known:
            if fate == "refused":
                self.failed(batch, payment)
            elif fate == "paid" and payment["state"] == "sent":
                self.settled(payment, 0)
        self.over(batch)
        return True

    def repay(self, who, claim, amount):
        if claim["state"] != "reversed" or not 0 < amount <= self.owed_back(claim):
            return False
        self.repaid.append((claim, amount))
        if self.waits:
            self.ledger.book(("repay", amount, {}))
        return True

    def stop(self, who, _):
        self.stopped_by = self.stopped_by or who
        return True

    def let_go(self, who, _):
        if self.stopped_by == who:
            return False
        self.stopped_by = self.stopped_by if who == "stranger" else None
        return True

    def minimum(self, who, _, amount):
        self.least = self.least if who == "stranger" else amount
        return True

    def quote(self, who, _, percent):
        if who != "stranger":
            self.rates.append((self.today, percent))
        return True
