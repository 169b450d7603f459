"""What invoices must be and show: fields, party, days, tax from abroad, the sum they must equal, each once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from tcma.mdf.programme.cases import Cost, Invoice
from tcma.mdf.programme.conditions import NOTHING, same, slug
from tcma.mdf.programme.limits import money, total_of
from tcma.mdf.programme.plan_rules import typed
from tcma.mdf.programme.sections import INVOICE_FIELDS
from tcma.mdf.programme.terms import Term
from tcma.mdf.programme.timing import Anchors, anchors, last_day
from tcma.mdf.programme.verdict import Fault, Record
from tcma.mdf.reasons import Reason
from tcma.mdf.words import spoken, spoken_day
from tcma.money import Money
from tcma.words import joined, say, say_as

SUMS = {"approved": say_as("sum", "approved"), "claimed": say_as("sum", "claimed")}
COMPARED = {"net": say_as("of invoices", "net"), "total": say_as("of invoices", "total")}


def invoices(record: Record) -> None:
    """Judge the paper of a claim: each invoice, then all of them against the sum."""
    rules, case = record.programme.invoice, record.case
    if not case.invoices:
        if rules.needed:
            fault = Fault(
                code=Reason.COST_PROOF_MISSING,
                words=say("The invoice is missing."),
                remedy=say("Add the invoice."),
            )
            record.fail("invoice.needed", fault)
        else:
            record.skip("invoice.needed", say("No invoice is asked for."))
        return
    for invoice in case.invoices:
        _shows(record, invoice)
        _order(record, invoice)
        _sound(record, invoice)
        _abroad(record, invoice)
        _parties(record, invoice)
        _days(record, invoice)
    if rules.equals:
        _equals(record)


def net_of(invoice: Invoice) -> Money:
    """Return the sum before tax: as stated, else the total without the tax."""
    if invoice.net is not None:
        return invoice.net
    assert invoice.total is not None
    return invoice.total - invoice.tax if invoice.tax else invoice.total


def total_sum(invoice: Invoice) -> Money:
    """Return the sum with tax."""
    if invoice.total is not None:
        return invoice.total
    assert invoice.net is not None
    return invoice.net + invoice.tax if invoice.tax else invoice.net


def in_currency(record: Record, invoice: Invoice, amount: Money) -> Money:
    """Return a sum in the case's currency, by the rate the invoice states; half up."""
    if invoice.currency == record.case.currency:
        return amount
    if invoice.rate is None:
        return Money.zero(record.case.currency)
    return amount.converted(invoice.rate, record.case.currency)


def counted(record: Record) -> list[Cost]:
    """Return the costs the invoices show, in the case's currency; a twin says where it was paid."""
    found: list[Cost] = []
    seen: set[tuple[str, str]] = set()
    whole = record.programme.invoice.counts == "total"
    for invoice in record.case.invoices:
        twin = _repeated(invoice, seen) if record.programme.invoice.once else ""
        amount = total_sum(invoice) if whole else net_of(invoice)
        rows = invoice.costs if total_of_lines(invoice) == amount else ()
        kind = str(invoice.facts.get("kind") or "")
        one = Cost(kind=slug(kind) if kind else "", amount=amount, label=invoice.named)
        found += [
            replace(
                each,
                amount=in_currency(record, invoice, each.amount),
                activity=invoice.activity,
                twin=twin,
            )
            for each in rows or (one,)
        ]
    return found


def total_of_lines(invoice: Invoice) -> Money:
    """Return the sum of an invoice's lines, in its own currency."""
    total = Money.zero(invoice.currency)
    for each in invoice.costs:
        total += each.amount
    return total


def _repeated(invoice: Invoice, seen: set[tuple[str, str]]) -> str:
    key = (slug(invoice.issuer), slug(invoice.number))
    known = bool(invoice.number) and key in seen
    seen.add(key)
    if invoice.twin:
        return say(
            "{invoice} is already in {claim}. One invoice can be paid once.",
            invoice=invoice.titled,
            claim=invoice.twin,
        )
    if not known:
        return ""
    return say(
        "{invoice} is in this claim twice. One invoice can be paid once.", invoice=invoice.titled
    )


def _say(record: Record, rule: str, invoice: Invoice, fault: Fault | None, words: str) -> None:
    inputs = {"invoice": invoice.number}
    if fault:
        record.fail(rule, fault, line=_line(record, invoice), **inputs)
    else:
        record.good(rule, words, line=_line(record, invoice), **inputs)


def _line(record: Record, invoice: Invoice) -> int | None:
    return invoice.activity if len(record.case.activities) > 1 else None


def _shows(record: Record, invoice: Invoice) -> None:
    rules = record.programme.invoice
    if not rules.shows:
        return
    extra = invoice.facts.get("shows")
    told = {slug(each) for each in extra} if isinstance(extra, list) else set()
    missing = [
        name
        for name in rules.shows
        if invoice.facts.get(name) in (*NOTHING, False) and name not in told
    ]
    names = joined(*(INVOICE_FIELDS.get(each, each.replace("_", " ")) for each in missing), by=", ")
    fault = Fault(
        code=Reason.COST_PROOF_MISSING,
        words=say("{invoice} does not show {names}.", invoice=invoice.titled, names=names),
        remedy=say("Ask for a complete invoice."),
    )
    _say(
        record,
        "invoice.shows",
        invoice,
        fault if missing else None,
        say("Everything asked is shown."),
    )


def _order(record: Record, invoice: Invoice) -> None:
    if not record.programme.invoice.order_number:
        return
    plan = record.case.plan
    wanted = str((plan.facts.get("order_number") if plan else None) or "")
    right = bool(invoice.order_number) and (not wanted or same(invoice.order_number, wanted))
    told = {"invoice": invoice.titled, "wanted": wanted, "shown": invoice.order_number}
    if invoice.order_number:
        said = say("{invoice} shows order {shown}; it is {wanted}.", **told)
    elif wanted:
        said = say("{invoice} shows no order number; it is {wanted}.", **told)
    else:
        said = say("{invoice} shows no order number.", **told)
    fault = Fault(
        code=Reason.COST_PROOF_MISSING,
        words=said,
        remedy=say("Ask for an invoice with the order number of the approval."),
    )
    words = say("Order number {shown}.", shown=invoice.order_number)
    _say(record, "invoice.order_number", invoice, None if right else fault, words)


def _sound(record: Record, invoice: Invoice) -> None:
    case = record.case
    if invoice.currency != case.currency:
        fault = Fault(
            code=Reason.AMOUNT_MISMATCH,
            words=say(
                "{invoice} is in {currency}, the fund in {other}, and no rate is stated.",
                invoice=invoice.titled,
                currency=invoice.currency,
                other=case.currency,
            ),
            remedy=say("State the rate of the day and where it is from."),
        )
        stored = invoice.facts.get("rate_from")
        words = say("Converted at {rate}.", rate=invoice.rate)
        if stored:
            words = say("Converted at {rate}: {source}.", rate=invoice.rate, source=stored)
        _say(record, "invoice.currency", invoice, None if invoice.rate else fault, words)
    if not record.programme.invoice.arithmetic:
        return
    if invoice.net is None or invoice.total is None:
        return
    due = invoice.net + invoice.tax if invoice.tax else invoice.net
    wrong = due != invoice.total and invoice.tax is not None
    fault = Fault(
        code=Reason.AMOUNT_MISMATCH,
        words=say(
            "Net and tax make {due}, the total says {total}.",
            due=spoken(due),
            total=spoken(invoice.total),
        ),
        remedy=say("Ask for a corrected invoice."),
    )
    _say(
        record, "invoice.arithmetic", invoice, fault if wrong else None, say("Net and tax add up.")
    )


def _abroad(record: Record, invoice: Invoice) -> None:
    rules = record.programme.invoice
    if not rules.untaxed_from_abroad:
        return
    country = invoice.country or str(record.case.partner.get("country") or "").upper()
    if not country:
        record.skip("invoice.tax", say("The case does not say where the invoice is from."))
        return
    tax = invoice.tax
    if tax is None and invoice.total is not None and invoice.net is not None:
        tax = invoice.total - invoice.net
    abroad = country not in {each.upper() for each in rules.home}
    fault = Fault(
        code=Reason.AMOUNT_MISMATCH,
        words=say(
            "{invoice} is from {country} and shows {amount} of tax; from abroad it comes without.",
            invoice=invoice.titled,
            country=country,
            amount=spoken(tax) if tax else "tax",
        ),
        remedy=say("Ask for an invoice without tax."),
    )
    words = say("From {country}, without tax.", country=country)
    if not abroad:
        words = say("From {country}, at home.", country=country)
    _say(record, "invoice.tax", invoice, fault if abroad and tax else None, words)


def _parties(record: Record, invoice: Invoice) -> None:
    rules = record.programme.invoice
    for rule, wanted, name in (
        ("invoice.made_out_to", rules.made_out_to, invoice.made_out_to),
        ("invoice.issued_by", rules.issued_by, invoice.issuer),
    ):
        if not wanted:
            continue
        names = [each for one in wanted for each in _names(record, one)]
        fits = any(same(name, each) for each in names)
        told = {"invoice": invoice.titled, "name": name or say("nobody"), "wanted": names[0]}
        said = say("{invoice} is made out to {name}, not {wanted}.", **told)
        right = say("It is made out to {name}.", name=name)
        if rule == "invoice.issued_by":
            said = say("{invoice} was written by {name}, not {wanted}.", **told)
            right = say("It was written by {name}.", name=name)
        fault = Fault(
            code=Reason.INVOICE_PARTY_MISMATCH,
            words=said,
            remedy=say("Ask for a corrected invoice."),
        )
        _say(record, rule, invoice, None if fits else fault, right)


def _names(record: Record, who: str) -> list[str]:
    partner, vendor = record.case.partner, record.case.facts.get("vendor")
    if slug(who) == "partner":
        return [str(partner[key]) for key in ("name", "legal_name") if partner.get(key)] or ["?"]
    return [str(vendor)] if slug(who) == "vendor" and vendor else [who]


def _days(record: Record, invoice: Invoice) -> None:
    rules = record.programme.invoice
    what = record.case.activities[invoice.activity]
    known = anchors(record, what)
    first = _latest(record, rules.not_before, known)
    last = last_day(record, rules.not_after, known)
    day = invoice.issued_on
    if first and (day is None or day < first):
        told = {"invoice": invoice.titled, "first": spoken_day(first),
                "term": rules.not_before[0].words}  # fmt: skip
        words = say(
            "{invoice} shows no date; the first day that counts is {first}: {term}.", **told
        )
        if day:
            words = say(
                "{invoice} is of {day}; the first day that counts is {first}: {term}.",
                day=spoken_day(day),
                **told,
            )
        fault = Fault(code=Reason.NO_PREAPPROVAL if day else Reason.COST_PROOF_MISSING, words=words)
        _say(record, "invoice.not_before", invoice, fault, "")
    elif first and day:
        words = say("Of {day}, not before {first}.", day=spoken_day(day), first=spoken_day(first))
        _say(record, "invoice.not_before", invoice, None, words)
    if last and (day is None or day > last):
        told = {"invoice": invoice.titled, "last": spoken_day(last),
                "term": rules.not_after[0].words}  # fmt: skip
        words = say("{invoice} shows no date; the last day that counts was {last}: {term}.", **told)
        if day:
            words = say(
                "{invoice} is of {day}; the last day that counts was {last}: {term}.",
                day=spoken_day(day),
                **told,
            )
        fault = Fault(code=Reason.LATE_CLAIM if day else Reason.COST_PROOF_MISSING, words=words)
        _say(record, "invoice.not_after", invoice, fault, "")
    elif last and day:
        words = say("Of {day}, not after {last}.", day=spoken_day(day), last=spoken_day(last))
        _say(record, "invoice.not_after", invoice, None, words)


def _latest(record: Record, terms: tuple[Term, ...], known: Anchors) -> date | None:
    programme = record.programme
    days = (term.day(known, programme.calendar, programme.year_starts) for term in terms)
    return max((day for day in days if day), default=None)


def _equals(record: Record) -> None:
    rules, case, plan = record.programme.invoice, record.case, record.case.plan
    table = typed(case.activities[0])
    table["share"] = str(record.programme.share.percent)
    facts = record.facts(table)
    if rules.unless and rules.unless(facts):
        words = say("The sums may differ: {condition}.", condition=rules.unless.source)
        record.skip("invoice.equals", words, **facts.read)
        return
    wanted = plan.approved if rules.equals == "approved" and plan else case.asked
    if wanted is None:
        record.skip(
            "invoice.equals", say("The case does not state what was {sum}.", sum=SUMS[rules.equals])
        )
        return
    each_sum = total_sum if rules.compares == "total" else net_of
    whole = total_of(record, (in_currency(record, one, each_sum(one)) for one in case.invoices))
    off = abs(whole.minor - wanted.minor)
    inputs: dict[str, Any] = {"invoices": str(whole.major), rules.equals: str(wanted.major),
              "tolerance": str(rules.tolerance), "compares": rules.compares}  # fmt: skip
    told = {"compared": COMPARED[rules.compares], "amount": spoken(whole),
            "sum": SUMS[rules.equals]}  # fmt: skip
    if off <= money(record, rules.tolerance).minor:
        words = say("The invoices’ {compared} is {amount}, as {sum}.", **told)
        record.good("invoice.equals", words, **inputs)
        return
    fault = Fault(
        code=Reason.AMOUNT_MISMATCH,
        words=say(
            "The invoices’ {compared} is {amount}; {wanted} was {sum}.",
            **told,
            wanted=spoken(wanted),
        ),
        remedy=say("Ask for an invoice of {amount}.", amount=spoken(wanted)),
    )
    record.fail("invoice.equals", fault, **inputs)
