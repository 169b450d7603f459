"""Launches of partner after partner while faults fall, then every recipient compared with the relay's book."""

import random
import time
from collections import Counter
from dataclasses import dataclass, field

from tcma.delivery.rules import ATTEMPTS, Reason
from tests.faults.posting import until
from tests.soak.faults import DOUBT, WEIGHTS
from tests.soak.house import house
from workers.lines import LINES

AT_ONCE = 3
"""Launches under way at a time."""
REST_S = 600
SUMS = """
    SELECT l.ref, l.state, count(*) AS expected,
      count(*) FILTER (WHERE g.state = 3) AS sent, count(*) FILTER (WHERE g.state = 5) AS skipped,
      count(*) FILTER (WHERE g.state = 4) AS failed, count(*) FILTER (WHERE g.state = 6) AS uncertain,
      count(*) FILTER (WHERE g.state = 7) AS cancelled,
      count(*) FILTER (WHERE g.state IN (0, 1, 2)) AS waiting
    FROM launch l LEFT JOIN launch_mail m ON m.launch_id = l.id
      LEFT JOIN message g ON g.mailing_id = m.mailing_id
    WHERE l.ref = ANY(:refs) GROUP BY l.id ORDER BY l.id"""
STORED = """
    SELECT l.ref, b.expected_n, b.sent_n, b.skipped_n, b.failed_n, b.uncertain_n, b.cancelled_n
    FROM launch l JOIN launch_mail m ON m.launch_id = l.id JOIN mailing b ON b.id = m.mailing_id
    WHERE l.ref = ANY(:refs) AND b.state = 'finished'"""
WAITS = """
    SELECT (SELECT count(*) FROM message WHERE state IN (0, 1, 2))
      + (SELECT count(*) FROM launch WHERE state IN ('scheduled', 'expanding', 'sending', 'paused'))"""
UNDER_WAY = "SELECT count(*) FROM launch WHERE state IN ('scheduled', 'expanding', 'sending')"
POISON = "SELECT count(*) FROM message WHERE state = 4 AND reason = :poison"
DEAD = "SELECT n_live_tup, n_dead_tup FROM pg_stat_user_tables WHERE relname = 'message'"
GROWN = 1.25
"""A worker may hold so much more at the end than after the first tenth."""
FLAT, MOST_MB = 1.05, 150
"""A worker that nothing befalls holds no more than that over the second half, and never so much."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is sent and how often it is hurt."""

    messages: int
    launch: int
    workers: int
    every_s: float
    seed: int
    faults: bool = True


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
    pressed: int = 0
    before: int = 0
    """How many mails the relay had before."""

    def table(self):
        """The faults and the sums, as text."""
        names = ("expected", "sent", "skipped", "failed", "uncertain", "cancelled", "waiting")
        lines = [f"{count:6,}  {words}" for words, count in self.faults.most_common()]
        lines += ["", f"{'launch':20}" + "".join(f"{name:>11}" for name in names)]
        for row in self.rows:
            lines.append(f"{row[0]:20}" + "".join(f"{value:11,}" for value in row[2:]))
        totals = [sum(values) for values in list(zip(*self.rows, strict=True))[2:]]
        lines.append(f"{'all':20}" + "".join(f"{value:11,}" for value in totals))
        early, late = self.memory[0], self.memory[-1]
        lines += [
            "", f"at the relay: {self.kept:,} different mails in {self.seconds:,.0f} s",
            f"memory of the workers: {early} MB early, {late} MB at the end",
            f"the largest after each tenth: {[max(each) for each in self.memory if each]} MB",
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
    found = Found(before=standing.sink.count())
    begun = time.monotonic()
    already = len(standing.partners.launches)
    doubt = _sent_under_fire(standing, plan, dice, found)
    until(lambda: _rests(standing), REST_S, every=0.5, what="rest")
    found.pressed = len(standing.partners.launches) - already
    found.seconds = time.monotonic() - begun
    found.memory.append(standing.memory_mb())
    _compared(standing, found, plan, doubt)
    return found


def _sent_under_fire(standing, plan, dice, found):
    """Press launches while earlier ones are sent, and let faults fall; return the doubt allowed."""
    left, doubt, begun = plan.messages, 0, len(standing.partners.launches)
    tenth = found.before + plan.messages // 10
    poisoned = begun + dice.randrange(max(1, plan.messages // plan.launch)) if plan.faults else None
    next_fault = time.monotonic() + plan.every_s
    while left or _waiting(standing):
        standing.replace_the_dead()
        while left and standing.ask(UNDER_WAY)[0][0] < AT_ONCE:
            count = min(plan.launch, left)
            standing.partners.press(count, poisoned=len(standing.partners.launches) == poisoned)
            left -= count
        if standing.sink.count() >= tenth:
            found.memory.append(standing.memory_mb())
            tenth += plan.messages // 10
        if (
            left == 0
            and (found.faults or not plan.faults)
            and _waiting(standing) < plan.launch // 4
        ):
            break  # the last ones rest in peace, or the end would never come
        if plan.faults and time.monotonic() >= next_fault:
            fault = dice.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
            try:
                found.faults[fault(standing, dice)] += 1
            except ProcessLookupError:
                found.faults["a worker had died of poison meanwhile"] += 1
            doubt += DOUBT.get(fault, 0)
            next_fault = time.monotonic() + dice.uniform(0.5, 1.5) * plan.every_s
        time.sleep(0.2)
    return doubt


def _waiting(standing):
    return standing.ask(WAITS)[0][0]


def _rests(standing):
    standing.replace_the_dead()
    return not _waiting(standing)


def _compared(standing, found, plan, doubt):
    refs = [ref for _, ref in standing.partners.launches[-found.pressed :]]
    kept = standing.sink.kept(standing.partners.domains(found.pressed))
    found.rows = [tuple(row) for row in standing.ask(SUMS, refs=refs)]
    found.kept = len(kept)
    standing.ask("SELECT pg_stat_force_next_flush()")
    found.dead = tuple(standing.ask(DEAD)[0])
    stored = {row[0]: tuple(row[1:]) for row in standing.ask(STORED, refs=refs)}
    for row in found.rows:
        found.wrong += _wrong_of_launch(row, stored.get(row[0]), row[0] in standing.cancelled)
    found.wrong += _wrong_of_all(standing, found, plan, kept)
    most = doubt + standing.deaths * LINES
    if (uncertain := sum(row[6] for row in found.rows)) > most:
        found.wrong.append(f"{uncertain} are in doubt, {most} may be after these faults")
    found.wrong += _wrong_of_memory([max(each) for each in found.memory if each], plan.faults)


def _wrong_of_memory(most, is_hurt):
    """`most`: what the largest worker held after each tenth, in MB."""
    if most and most[-1] > GROWN * most[0]:
        yield f"workers grew from {most[0]} to {most[-1]} MB"
    if most and not is_hurt:
        half = most[len(most) // 2]
        if most[-1] > FLAT * half:
            yield f"workers went on growing, from {half} to {most[-1]} MB"
        if max(most) > MOST_MB:
            yield f"a worker held {max(most)} MB"


def _wrong_of_launch(row, stored, is_cancelled):
    ref, state, expected, *parts = row
    if state != ("cancelled" if is_cancelled else "finished"):
        yield f"launch {ref} has ended as {state}"
    if sum(parts) != expected or parts[-1]:
        yield f"the sum of launch {ref} does not hold"
    if not is_cancelled and stored != (expected, *parts[:-1]):
        yield f"the sum that launch {ref} keeps is {stored}"
    if parts[1] or (parts[4] and not is_cancelled):
        yield f"launch {ref} skipped or cancelled somebody, which no fault here may do"


def _wrong_of_all(standing, found, plan, kept):
    if twice := sum(count > 1 for count in kept.values()):
        yield f"{twice} mails were taken twice"
    expected, sent, failed, uncertain = (
        sum(row[place] for row in found.rows) for place in (2, 3, 5, 6)
    )
    if not sent <= len(kept) <= sent + uncertain:
        yield f"{sent} sent and {uncertain} in doubt, but the relay has {len(kept)}"
    poison = standing.ask(POISON, poison=Reason.POISON)[0][0]
    if failed > min(poison, 1):
        yield f"{failed} have failed, which only one, of poison, may do"
    if standing.deaths > 2 * ATTEMPTS:
        yield f"{standing.deaths} workers died of one mail"
    unborn = sum(row[2] == 0 and row[0] in standing.cancelled for row in found.rows) * plan.launch
    if not plan.messages - unborn <= expected <= plan.messages:
        yield f"{expected} of {plan.messages} were written down"
