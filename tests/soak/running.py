"""Mailings one after another while faults fall, then every recipient compared with the relay's book."""

import random
import time
from collections import Counter
from dataclasses import dataclass, field

from tests.faults.posting import a_mailing, until
from tests.soak.faults import DOUBT, WEIGHTS
from tests.soak.house import house

AT_ONCE = 3
"""Mailings under way at a time."""
REST_S = 600
SUMS = """
    SELECT m.mailing_id, count(*) AS expected,
      count(*) FILTER (WHERE state = 3) AS sent, count(*) FILTER (WHERE state = 5) AS skipped,
      count(*) FILTER (WHERE state = 4) AS failed, count(*) FILTER (WHERE state = 6) AS uncertain,
      count(*) FILTER (WHERE state = 7) AS cancelled,
      count(*) FILTER (WHERE state IN (0, 1, 2)) AS waiting
    FROM message m GROUP BY 1 ORDER BY 1"""
DEAD = "SELECT n_live_tup, n_dead_tup FROM pg_stat_user_tables WHERE relname = 'message'"
GROWN = 1.25
"""A worker may hold so much more at the end than after the first tenth."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is sent and how often it is hurt."""

    messages: int
    launch: int
    workers: int
    every_s: float
    seed: int


@dataclass
class Found:
    """What came of it; `wrong` is empty when everybody is accounted for."""

    seconds: float = 0
    faults: Counter = field(default_factory=Counter)
    rows: list = field(default_factory=list)
    kept: int = 0
    memory: list = field(default_factory=list)
    dead: tuple = (0, 0)
    wrong: list[str] = field(default_factory=list)
    before: int = 0
    """Messages that the house had sent already."""

    def table(self):
        """The faults and the sums, as text."""
        names = ("expected", "sent", "skipped", "failed", "uncertain", "cancelled", "waiting")
        lines = [f"{count:6,}  {words}" for words, count in self.faults.most_common()]
        lines += ["", "mailing  " + "".join(f"{name:>11}" for name in names)]
        for row in self.rows:
            lines.append(f"{row[0]:7}  " + "".join(f"{value:11,}" for value in row[1:]))
        totals = [sum(values) for values in list(zip(*self.rows, strict=True))[1:]]
        lines.append("    all  " + "".join(f"{value:11,}" for value in totals))
        first, last = self.memory[0], self.memory[-1]
        lines += [
            "", f"at the relay: {self.kept:,} different mails in {self.seconds:,.0f} s",
            f"memory of the workers: {first} MB early, {last} MB at the end",
            f"dead rows at the end: {self.dead[1]:,} beside {self.dead[0]:,}",
        ]  # fmt: skip
        return "\n".join(lines)


def soak(plan, folder):
    """Run the plan in a house of its own; what is wrong is listed, not raised."""
    with house(folder, workers=plan.workers) as standing:
        return soaked(standing, plan)


def soaked(standing, plan):
    """Run the plan in a house at rest."""
    dice = random.Random(plan.seed)
    found = Found(before=standing.ask("SELECT count(*) FROM message")[0][0])
    begun = time.monotonic()
    doubt = _sent_under_fire(standing, plan, dice, found)
    until(lambda: not _waiting(standing), REST_S, every=0.5, what="rest")
    found.seconds = time.monotonic() - begun
    found.memory.append(standing.memory_mb())
    _compared(standing, found, plan, doubt)
    return found


def _sent_under_fire(standing, plan, dice, found):
    """Open mailings while earlier ones are sent, and let faults fall; return the doubt allowed."""
    left, doubt, tenth = plan.messages, 0, found.before + plan.messages // 10
    next_fault = time.monotonic() + plan.every_s
    while left or _waiting(standing):
        while left and _under_way(standing) < AT_ONCE:
            count = min(plan.launch, left)
            with standing.db() as work:
                a_mailing(work, count, size=8)
            left -= count
        if not found.memory and standing.sink.count() >= tenth:
            found.memory.append(standing.memory_mb())
        if left == 0 and found.faults and _waiting(standing) < plan.launch // 4:
            break  # the last ones rest in peace, or the end would never come
        if time.monotonic() >= next_fault:
            fault = dice.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
            found.faults[fault(standing, dice)] += 1
            doubt += DOUBT.get(fault, 0)
            next_fault = time.monotonic() + dice.uniform(0.5, 1.5) * plan.every_s
        time.sleep(0.2)
    return doubt


def _waiting(standing):
    sql = "SELECT count(*) FROM message WHERE state IN (0, 1, 2)"
    return standing.ask(sql)[0][0]


def _under_way(standing):
    sql = "SELECT count(DISTINCT mailing_id) FROM message WHERE state IN (0, 1, 2)"
    return standing.ask(sql)[0][0]


def _compared(standing, found, plan, doubt):
    kept = standing.sink.kept()
    found.rows = [tuple(row) for row in standing.ask(SUMS)]
    found.kept = len(kept)
    standing.ask("SELECT pg_stat_force_next_flush()")
    found.dead = tuple(standing.ask(DEAD)[0])
    twice = sum(count > 1 for count in kept.values())
    sent, uncertain = (sum(row[place] for row in found.rows) for place in (2, 5))
    if twice:
        found.wrong.append(f"{twice} mails were taken twice")
    for number, expected, *parts in found.rows:
        if sum(parts) != expected or parts[-1]:
            found.wrong.append(f"the sum of mailing {number} does not hold")
    lost = sum(row[place] for row in found.rows for place in (3, 4, 6))
    if lost:
        found.wrong.append(f"{lost} were skipped, failed or cancelled, which no fault here may do")
    if sum(row[1] for row in found.rows) != found.before + plan.messages:
        found.wrong.append("somebody was never written down")
    if not sent <= len(kept) <= sent + uncertain:
        found.wrong.append(f"{sent} sent and {uncertain} in doubt, but the relay has {len(kept)}")
    if uncertain > doubt:
        found.wrong.append(f"{uncertain} are in doubt, {doubt} may be after these faults")
    if found.memory and max(found.memory[-1]) > GROWN * max(found.memory[0]):
        found.wrong.append(f"workers grew from {found.memory[0]} to {found.memory[-1]} MB")
