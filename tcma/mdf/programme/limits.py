"""Ceilings and floors of a sum: what is above is cut, returned or refused; what is below is not paid."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from babel.numbers import get_currency_precision

from tcma.mdf.programme.document import CUT, RETURN
from tcma.mdf.programme.verdict import Fault, Outcome, Record
from tcma.mdf.reasons import Reason
from tcma.mdf.words import spoken
from tcma.money import Money
from tcma.words import say

THEN = {RETURN: Outcome.RETURN, "refuse": Outcome.REFUSE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One ceiling on a sum: `at` and the words for whoever is above it."""

    rule: str
    at: Money
    code: Reason
    words: str
    then: str = CUT
    line: int | None = None


def money(record: Record, amount: Decimal) -> Money:
    """Return a sum of the programme as money of the case."""
    digits = get_currency_precision(record.case.currency)
    minor = amount.scaleb(digits).quantize(Decimal(1), ROUND_HALF_UP)
    return Money(int(minor), record.case.currency)


def total_of(record: Record, amounts: Iterable[Money]) -> Money:
    """Return the sum."""
    total = Money.zero(record.case.currency)
    for each in amounts:
        total += each
    return total


def not_below_zero(amount: Money) -> Money:
    """Return a sum, nothing where it is less."""
    return amount if amount.minor > 0 else Money.zero(amount.currency)


def limited(record: Record, amount: Money, limit: Limit, **inputs: Any) -> Money:
    """Return what of `amount` is within the limit; above it is cut, returned or refused."""
    if amount <= limit.at:
        words = say("{amount} is within {most}.", amount=spoken(amount), most=spoken(limit.at))
        return record.sum(limit.rule, amount, amount, words, line=limit.line, **inputs)
    if limit.then == CUT:
        return record.sum(
            limit.rule, amount, limit.at, limit.words, code=limit.code, line=limit.line, **inputs
        )
    fault = Fault(
        code=limit.code,
        words=limit.words,
        remedy=say("Ask for {most} or less.", most=spoken(limit.at)),
        then=THEN[limit.then],
    )
    record.fail(limit.rule, fault, line=limit.line, **inputs)
    return limit.at


def asked(record: Record, value: Money, wanted: Money, line: int | None = None) -> Money:
    """Return the less of what is owed and what was asked for."""
    told = {"asked": spoken(wanted), "amount": spoken(value)}
    if wanted <= value:
        words = say("{asked} was asked for; {amount} would be paid.", **told)
        return record.sum("asked", value, wanted, words, line=line)
    words = say("{asked} was asked for; {amount} follows from the costs.", **told)
    return record.sum("asked", wanted, value, words, code=Reason.AMOUNT_MISMATCH, line=line)


def at_least(
    record: Record, value: Money, least: Decimal, rule: str, line: int | None = None
) -> None:
    """Write down whether a sum is large enough to be paid at all."""
    low = money(record, least)
    if value >= low:
        words = say("{amount} is at least {least}.", amount=spoken(value), least=spoken(low))
        record.good(rule, words, line=line)
        return
    words = say(
        "{amount} is below {least}, the smallest sum that is paid.",
        amount=spoken(value),
        least=spoken(low),
    )
    fault = Fault(code=Reason.UNDER_MINIMUM, words=words, remedy=say("Put several together."))
    record.fail(rule, fault, line=line, amount=str(value.major), minimum=str(low.major))
