"""What a paper says against what was entered and claimed; every difference is a sentence."""

from dataclasses import dataclass
from datetime import date

from tcma.invoices.parties import plain_name
from tcma.invoices.record import Belief, Fields
from tcma.mdf.words import spoken_day
from tcma.money import Money
from tcma.words import amount_words, say


@dataclass(frozen=True, slots=True)
class Entered:
    """An invoice as a person entered it."""

    issuer: str
    number: str
    issued_on: date
    made_out_to: str
    net: Money
    tax: Money


def differences(read: Fields, entered: Entered) -> tuple[str, ...]:
    """Return where the paper and the entered invoice differ; what was not read differs nowhere."""
    said: list[str] = []
    if read.credit_note:
        said.append(say("The paper is a credit note: it gives money back."))
    if read.currency and read.currency != entered.net.currency:
        said.append(
            say(
                "The paper is in {read}, the entry in {entered}.",
                read=read.currency,
                entered=entered.net.currency,
            )
        )
    else:
        said.extend(_sums(read, entered))
    if read.number and _squeezed(read.number) != _squeezed(entered.number):
        said.append(say("The paper has the number {number}.", number=read.number))
    if read.date and read.date != entered.issued_on:
        said.append(say("The paper is of {day}.", day=spoken_day(read.date)))
    sure = read.belief.get("issuer", Belief.DOUBTFUL) is not Belief.DOUBTFUL
    if read.issuer and sure and not _same_name(read.issuer, entered.issuer):
        said.append(say("The paper is from {name}.", name=read.issuer))
    if read.made_out_to and not _same_name(read.made_out_to, entered.made_out_to):
        said.append(say("The paper is made out to {name}.", name=read.made_out_to))
    return tuple(said)


def _sums(read: Fields, entered: Entered) -> list[str]:
    said: list[str] = []
    for words, amount, have in (
        (say("The paper says {amount} net."), read.net, entered.net),
        (say("The paper says {amount} tax."), read.tax, entered.tax),
        (say("The paper says {amount} in total."), read.total if read.net is None else None,
         entered.net + entered.tax),
    ):  # fmt: skip
        if amount is not None and amount != have.major:
            said.append(words.filled(amount=amount_words(amount, have.currency)))
    return said


def doubts_at_sight(
    read: Fields, *, currency: str, names: tuple[str, ...], since: date, today: date
) -> tuple[str, ...]:
    """Return what a partner should know of a read paper before it enters it."""
    said = []
    if read.credit_note:
        said.append(say("This is a credit note: it gives money back and cannot be claimed."))
    if read.currency and read.currency != currency:
        said.append(
            say(
                "It is in {read}, your fund in {currency}: it counts at the rate of its day.",
                read=read.currency,
                currency=currency,
            )
        )
    if read.made_out_to and not any(_same_name(read.made_out_to, name) for name in names):
        said.append(say("It is made out to {name}, not to you.", name=read.made_out_to))
    if read.date and read.date < since:
        said.append(say("It is older than the approval of {day}.", day=spoken_day(since)))
    if read.date and read.date > today:
        said.append(say("Its date, {day}, has not come yet.", day=spoken_day(read.date)))
    return tuple(said)


def _squeezed(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _same_name(one: str, other: str) -> bool:
    left, right = plain_name(one), plain_name(other)
    return left == right or (
        len(min(left, right, key=len)) > 4 and (left in right or right in left)
    )
