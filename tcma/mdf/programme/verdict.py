"""A decision and how it came about: every rule that was tried, its inputs, what came out, which version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from tcma.mdf.programme.cases import Case
from tcma.mdf.programme.conditions import Facts, plain
from tcma.mdf.programme.document import Programme
from tcma.mdf.reasons import CURABLE, Reason
from tcma.money import Money

SHARE = "SHARE"
"""Code of the cut that is the partner's own part."""


class Outcome(StrEnum):
    """What one rule said."""

    GOOD = "good"
    CUT = "cut"
    RETURN = "return"
    REFUSE = "refuse"
    SKIPPED = "skipped"


class Answer(StrEnum):
    """What a case comes to."""

    APPROVE = "approve"
    PARTIAL = "partial"
    RETURN = "return"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is said when a rule does not hold; `then` overrides what the code leads to."""

    code: Reason
    words: str
    remedy: str = ""
    then: Outcome | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One rule that was tried. `line` is the activity it is about, `before` and `after` sums."""

    rule: str
    outcome: Outcome
    words: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    code: str = ""
    remedy: str = ""
    line: int | None = None
    before: Money | None = None
    after: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A reason the partner reads: curable until `by`, or final."""

    code: str
    curable: bool
    by: date | None
    words: str
    remedy: str
    rule: str
    line: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What became of one activity of the case."""

    activity: str
    decision: Answer
    amount: Money
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer to a case. `would_be` is what would be paid once everything is cured."""

    decision: Answer
    amount: Money
    asked: Money
    would_be: Money
    reasons: tuple[Given, ...]
    lines: tuple[Line, ...]
    trace: tuple[Step, ...]
    programme: str
    version: str
    facts: Mapping[str, Any]

    @property
    def codes(self) -> tuple[str, ...]:
        """Every reason's code, once."""
        return tuple(dict.fromkeys(each.code for each in self.reasons))

    def as_json(self) -> dict[str, Any]:
        """Return the decision as plain values."""
        return {
            "decision": self.decision.value,
            "codes": list(self.codes),
            "amount": str(self.amount.major),
            "currency": self.amount.currency,
            "asked": str(self.asked.major),
            "would_be": str(self.would_be.major),
            "reasons": [
                {
                    "code": each.code,
                    "curable": each.curable,
                    "by": each.by.isoformat() if each.by else None,
                    "words": each.words,
                    "remedy": each.remedy,
                    "rule": each.rule,
                    "line": each.line,
                }
                for each in self.reasons
            ],
            "lines": [
                {
                    "activity": each.activity,
                    "decision": each.decision.value,
                    "amount": str(each.amount.major),
                    "codes": list(each.codes),
                }
                for each in self.lines
            ],
            **plain(self.facts),
            "programme": self.programme,
            "version": self.version,
            "trace": [_step(each, self.version) for each in self.trace],
        }


def _step(step: Step, version: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "rule": step.rule,
        "version": version,
        "outcome": step.outcome.value,
        "words": step.words,
        "inputs": plain(step.inputs),
    }
    if step.code:
        found["code"] = step.code
    if step.remedy:
        found["remedy"] = step.remedy
    if step.line is not None:
        found["line"] = step.line
    for name, money in (("before", step.before), ("after", step.after)):
        if money is not None:
            found[name] = str(money.major)
    return found


@dataclass(slots=True)
class Record:
    """The case on the table: rules write down here what they found."""

    programme: Programme
    case: Case
    steps: list[Step] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)

    def curable(self, code: Reason) -> bool:
        """Say whether this programme lets a partner repair it."""
        return self.programme.curable.get(code, code in CURABLE)

    def fund_days(self) -> tuple[date | None, date | None]:
        """Return the days of the fund: the programme's, else those the case states."""
        fund, case = self.programme.fund, self.case
        return fund.starts_on or case.fund_starts_on, fund.ends_on or case.fund_ends_on

    def good(self, rule: str, words: str, *, line: int | None = None, **inputs: Any) -> None:
        """Write down a rule that holds."""
        step = Step(rule=rule, outcome=Outcome.GOOD, words=words, inputs=inputs, line=line)
        self.steps.append(step)

    def skip(self, rule: str, words: str, *, line: int | None = None, **inputs: Any) -> None:
        """Write down a rule that does not speak about this case."""
        step = Step(rule=rule, outcome=Outcome.SKIPPED, words=words, inputs=inputs, line=line)
        self.steps.append(step)

    def fail(self, rule: str, fault: Fault, *, line: int | None = None, **inputs: Any) -> None:
        """Write down a rule that does not hold."""
        out = fault.then or (Outcome.RETURN if self.curable(fault.code) else Outcome.REFUSE)
        self.steps.append(
            Step(
                rule=rule,
                outcome=out,
                words=fault.words,
                inputs=inputs,
                code=fault.code,
                remedy=fault.remedy,
                line=line,
            )
        )

    def sum(  # noqa: PLR0913 - a step of the sum has this many parts
        self, rule: str, before: Money, after: Money, words: str, *, code: str = "",
        line: int | None = None, **inputs: Any,
    ) -> Money:  # fmt: skip
        """Write down a step of the sum and return what is left."""
        less = bool(code) and after < before
        cut = less and code != SHARE
        self.steps.append(
            Step(
                rule=rule,
                outcome=Outcome.CUT if cut else Outcome.GOOD,
                words=words,
                inputs=inputs,
                code=code if less else "",
                line=line,
                before=before,
                after=after,
            )
        )
        return after

    def facts(self, *first: Mapping[str, Any]) -> Facts:
        """Return what conditions may ask here, the innermost tables first."""
        case = self.case
        named = {
            "partner": case.partner,
            "request": case.plan.facts if case.plan else {},
            "case": case.facts,
            "kind": case.kind,
            "tier": case.partner.get("tier"),
            "costs": [cost.kind for cost in case.costs],
            "submitted_on": self.programme.calendar.day_of(case.at).isoformat(),
        }
        free = case.facts.get("facts")
        return Facts((*first, named, free if isinstance(free, Mapping) else {}, case.facts))
