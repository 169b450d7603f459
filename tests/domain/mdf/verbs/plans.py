"""What becomes of a plan by the reference: asked, decided line by line, held, changed, extended, over."""

from datetime import timedelta

from tests.domain.mdf.verbs import tables as t


class Plans:
    """Verbs of plans; each says whether it was done and changes nothing otherwise."""

    def part(self, cost):
        """Return the vendor's share of a cost; half up."""
        return (cost * t.MATCHED_SHARE + 50) // 100 if self.kind == "matched" else cost

    def lines_of(self, plan, sums):
        return [
            {"no": f"{plan['no']}.{n}", "plan": plan, "asked": self.part(asked), "state": "planned",
             "granted": None, "ends": self.today + timedelta(days), "claim_by": None,
             "change": None, "more": None, "first": None, "until": None}
            for n, (asked, days) in enumerate(sums, 1)
        ]  # fmt: skip

    def draft(self, who, _, sums):
        plan = {"no": len(self.plans), "state": "draft", "by": None, "yes": [], "all_yes": set(),
                "decided_by": None, "decided_at": None, "appealed": False, "fix_by": None}  # fmt: skip
        plan["lines"] = self.lines_of(plan, sums)
        return all(line["asked"] for line in plan["lines"]) and not self.plans.append(plan)

    def revise(self, who, plan, sums):
        lines = self.lines_of(plan, sums)
        return all(line["asked"] for line in lines) and not plan.update(lines=lines)

    def asked(self, plan):
        return sum(line["asked"] for line in plan["lines"])

    def submit(self, who, plan):
        asked = self.asked(plan)
        if asked > self.free or any(line["ends"] > self.ends for line in plan["lines"]):
            return False
        plan.update(state="submitted", by=who, yes=[])
        if asked <= min(t.AT_ONCE, self.ruled(plan)) and not self.to_a_person:
            return self.set_aside(plan, [line["asked"] for line in plan["lines"]], None)
        return True

    def ruled(self, plan):
        """Return what the rules still give the partner beside other plans; above it a person looks."""
        if self.kind != "fixed":
            return t.PER_PARTNER
        waits = {"held", *t.WAITS}
        others = [line for each in self.plans if each is not plan for line in each["lines"]]
        asked = (
            s["asked"] for s in others if s["state"] == "planned" and s["plan"]["state"] in waits
        )
        return t.PER_PARTNER - sum(asked) - sum(line["granted"] or 0 for line in others)

    def appeal(self, who, plan):
        if plan["appealed"] or self.now > plan["decided_at"] + t.TO_APPEAL:
            return False
        plan.update(appealed=True, yes=[])
        return True

    def withdraw(self, who, plan):
        return True

    def may_answer(self, who, plan):
        """Say whether a person may answer a plan now, and whether that is the last yes."""
        if plan["state"] not in t.WAITS:
            return True, True
        group, last = t.level(t.PLAN_LEVELS, self.asked(plan), plan["yes"])
        refused = plan["state"] == "appealed" and who == plan["decided_by"]
        return self.among(who, group) and who not in plan["yes"] and not refused, last

    def grants(self, plan, answers):
        """Return what each line is granted, None where it is not paid; False for what cannot be."""
        grants = [
            line["asked"] if answer == "all" else None if answer == "no" else answer
            for line, answer in zip(plan["lines"], answers, strict=False)
        ]
        pairs = zip(plan["lines"], grants, strict=True)
        return all(g is None or 0 < g <= line["asked"] for line, g in pairs) and grants

    def decided_so(self, who, plan, grants):
        stood = [line["granted"] for line in plan["lines"]]
        return plan["state"] == "approved" and plan["decided_by"] == who and stood == grants

    def approve(self, who, plan):
        return self.decide(who, plan, ["all"] * len(plan["lines"]))

    def decide(self, who, plan, answers):
        grants, (may, last) = self.grants(plan, answers), self.may_answer(who, plan)
        if not grants or not may:
            return False
        total = sum(grant or 0 for grant in grants)
        if not total:
            plan["state"] = "rejected"
            return self.refuse(who, plan)
        if last and total > self.free:
            return False
        plan["yes"].append(who)
        plan["all_yes"].add(who)
        return not last or self.set_aside(plan, grants, who)

    def set_aside(self, plan, grants, who):
        pairs = list(zip(plan["lines"], grants, strict=True))
        entries = [("reserve", grant, {"line": line["no"]}) for line, grant in pairs if grant]
        if not self.ledger.book(*entries):
            return False
        for line, grant in pairs:
            by = line["ends"] + timedelta(t.TO_CLAIM) if grant else None
            line.update(granted=grant, state="approved" if grant else "refused", claim_by=by)
        plan.update(state="approved", decided_by=who, decided_at=self.now)
        return True

    def hold(self, who, plan, answers):
        grants, (may, last) = self.grants(plan, answers), self.may_answer(who, plan)
        total = sum(grant or 0 for grant in grants or [])
        if not grants or not may or not last or total <= self.free:
            return False
        plan["all_yes"].add(who)
        plan.update(state="held", held=grants, decided_by=who, decided_at=self.now)
        return not self.queue.append(plan)

    def release(self, who, _):
        """Held plans in their turn, those that are over first; nobody is overtaken."""
        self.queue = [plan for plan in self.queue if plan["state"] == "held"]
        runs = not self.closed and self.today <= self.last_day()
        for plan in self.queue:
            for n, line in enumerate(plan["lines"]):
                plan["held"][n] = plan["held"][n] if self.today <= line["ends"] else None
            if not runs or not any(plan["held"]):
                plan["state"] = "expired"
                for line in plan["lines"]:
                    line["state"] = "refused"
        for plan in self.queue:
            if plan["state"] == "held":
                if sum(filter(None, plan["held"])) > self.free:
                    break
                self.set_aside(plan, plan["held"], plan["decided_by"])
        return True

    def give_back(self, who, plan):
        plan["fix_by"] = self.today + timedelta(t.TO_FIX)
        return self.may_answer(who, plan)[0]

    def refuse(self, who, plan):
        if not self.may_answer(who, plan)[0]:
            return False
        for line in plan["lines"]:
            line["state"] = "refused"
        plan.update(decided_by=who, decided_at=self.now)
        return True

    def close(self, who, plan):
        if any(self.unanswered(line) for line in plan["lines"]):
            return False
        for line in plan["lines"]:
            self.finish(line)
        return True

    def unanswered(self, line):
        """Say whether a claim of a line waits, also for what its appeal or its dispute wins."""
        return any(
            c["state"] in t.HANDED_IN | {"appealed"} or self.disputed(c)
            for c in self.claims
            if c["line"] is line
        )

    def finish(self, line):
        """End one line: what is left of it is free again, and with the last one the plan is over."""
        if line["state"] == "approved":
            self.ledger.book(("release", self.left(line), {"line": line["no"]}))
            line["state"] = "closed"
        plan = line["plan"]
        if not any(each["state"] == "approved" for each in plan["lines"]):
            plan["state"] = "closed"

    def left(self, line, besides=None):
        """Return what of a line is neither owed, nor filed, nor set aside for a dispute."""
        if line["state"] != "approved":
            return 0
        of_line = [c for c in self.claims if c["line"] is line and c is not besides]
        filed = sum(c["asked"] for c in of_line if c["state"] in t.HANDED_IN)
        disputed = (c["dispute"] for c in self.claims if c["line"] is line and c["dispute"])
        held = sum(each["held"] for each in disputed if each["open"])
        return self.ledger[f"reserved {line['no']}"] - filed - held

    def amend(self, who, plan, n, asked, later):
        line, asked = plan["lines"][n], self.part(asked)
        ends = line["ends"] + timedelta(later)
        more = asked - (line["granted"] or 0)
        if self.today > ends != line["ends"]:
            return False
        late = ends > self.ends or more > self.free
        if line["state"] != "approved" or line["change"] or late or not asked:
            return False
        line["change"] = {"by": who, "asked": asked, "ends": ends, "yes": []}
        return True

    def answers_change(self, who, line):
        """Say whether a person may answer a line's change, and whether that is the last yes."""
        change = line["change"]
        if line["state"] != "approved" or not change:
            return False, False
        others = sum(each["granted"] or 0 for each in line["plan"]["lines"] if each is not line)
        group, last = t.level(t.PLAN_LEVELS, others + change["asked"], change["yes"])
        return self.among(who, group) and who not in change["yes"], last

    def amend_yes(self, who, plan, n):
        line = plan["lines"][n]
        change, (may, last) = line["change"], self.answers_change(who, line)
        if not may:
            return False
        more, taken = change["asked"] - line["granted"], line["granted"] - self.left(line)
        if change["asked"] < taken or more > self.free:
            return False
        change["yes"].append(who)
        if last:
            verb = "reserve" if more > 0 else "release"
            self.ledger.book((verb, abs(more), {"line": line["no"]}))
            by_rules = change["ends"] + timedelta(t.TO_CLAIM)
            claim_by = max(by_rules, line["until"] or by_rules)
            line.update(asked=change["asked"], granted=change["asked"], change=None,
                        ends=change["ends"], claim_by=claim_by)  # fmt: skip
            plan["all_yes"] |= set(change["yes"])
        return True

    def amend_no(self, who, plan, n):
        line = plan["lines"][n]
        may, _ = self.answers_change(who, line)
        return may and not line.update(change=None)

    def unamend(self, who, plan, n):
        line = plan["lines"][n]
        return line["change"] is not None and not line.update(change=None)

    def more_time(self, who, plan, n, days):
        line = plan["lines"][n]
        if line["state"] != "approved" or line["more"] or not self.within(line, days):
            return False
        line["more"] = {"days": days, "before": line["claim_by"]}
        return True

    def within(self, line, days):
        first = line["first"] or line["claim_by"]
        day = line["claim_by"] + timedelta(days)
        return line["claim_by"] < day <= first + timedelta(t.AT_MOST)

    def more_yes(self, who, plan, n, days):
        line = plan["lines"][n]
        if line["state"] != "approved" or not line["more"] or not self.within(line, days):
            return False
        line["first"] = line["first"] or line["more"]["before"]
        until = line["claim_by"] + timedelta(days)
        line.update(claim_by=until, until=until, more=None)
        return True

    def more_no(self, who, plan, n):
        line = plan["lines"][n]
        return line["state"] == "approved" and line["more"] and not line.update(more=None)
