"""What invoices must be and show: fields, party, days, tax from abroad, the sum they must equal, each once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from tcma.mdf.programme.cases import Cost, Invoice
from tcma.mdf.programme.conditions import NOTHING, same, slug
from tcma.mdf.programme.plan_rules import typed
from tcma.mdf.programme.sections import INVOICE_FIELDS
from tcma.mdf.programme.sums import money, total_of
from tcma.mdf.programme.terms import Term
from tcma.mdf.programme.timing import Anchors, anchors, last_day
from tcma.mdf.programme.verdict import Fault, Record
from tcma.mdf.reasons import Reason
from tcma.mdf.words import spoken, spoken_day
from tcma.money import Money


def invoices(record: Record) -> None:
    """Judge the paper of a claim: each invoice, then all of them against the sum."""
    rules, case = record.programme.invoice, record.case
    if not case.invoices:
        if rules.needed:
            fault = Fault(
                code=Reason.COST_PROOF_MISSING,
                words="The invoice is missing.",
                remedy="Add the invoice.",
            )
            record.fail("invoice.needed", fault)
        else:
            record.skip("invoice.needed", "No invoice is asked for.")
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
                twin=twin and f"{invoice.titled} is {twin}. One invoice can be paid once.",
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
        return f"already in {invoice.twin}"
    return "in this claim twice" if known else ""


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
    names = ", ".join(INVOICE_FIELDS.get(each, each.replace("_", " ")) for each in missing)
    fault = Fault(
        code=Reason.COST_PROOF_MISSING,
        words=f"{invoice.titled} does not show {names}.",
        remedy="Ask for a complete invoice.",
    )
    _say(record, "invoice.shows", invoice, fault if missing else None, "Everything asked is shown.")


def _order(record: Record, invoice: Invoice) -> None:
    if not record.programme.invoice.order_number:
        return
    plan = record.case.plan
    wanted = str((plan.facts.get("order_number") if plan else None) or "")
    right = bool(invoice.order_number) and (not wanted or same(invoice.order_number, wanted))
    said = (
        f"shows order {invoice.order_number}" if invoice.order_number else "shows no order number"
    )
    fault = Fault(
        code=Reason.COST_PROOF_MISSING,
        words=f"{invoice.titled} {said}{f'; it is {wanted}' if wanted else ''}.",
        remedy="Ask for an invoice with the order number of the approval.",
    )
    words = f"Order number {invoice.order_number}."
    _say(record, "invoice.order_number", invoice, None if right else fault, words)


def _sound(record: Record, invoice: Invoice) -> None:
    case = record.case
    if invoice.currency != case.currency:
        fault = Fault(
            code=Reason.AMOUNT_MISMATCH,
            words=f"{invoice.titled} is in {invoice.currency}, the fund in "
            f"{case.currency}, and no rate is stated.",
            remedy="State the rate of the day and where it is from.",
        )
        stored = invoice.facts.get("rate_from")
        words = f"Converted at {invoice.rate}{f': {stored}' if stored else ''}."
        _say(record, "invoice.currency", invoice, None if invoice.rate else fault, words)
    if not record.programme.invoice.arithmetic:
        return
    if invoice.net is None or invoice.total is None:
        return
    due = invoice.net + invoice.tax if invoice.tax else invoice.net
    wrong = due != invoice.total and invoice.tax is not None
    fault = Fault(
        code=Reason.AMOUNT_MISMATCH,
        words=f"Net and tax make {spoken(due)}, the total says {spoken(invoice.total)}.",
        remedy="Ask for a corrected invoice.",
    )
    _say(record, "invoice.arithmetic", invoice, fault if wrong else None, "Net and tax add up.")


def _abroad(record: Record, invoice: Invoice) -> None:
    rules = record.programme.invoice
    if not rules.untaxed_from_abroad:
        return
    country = invoice.country or str(record.case.partner.get("country") or "").upper()
    if not country:
        record.skip("invoice.tax", "The case does not say where the invoice is from.")
        return
    tax = invoice.tax
    if tax is None and invoice.total is not None and invoice.net is not None:
        tax = invoice.total - invoice.net
    abroad = country not in {each.upper() for each in rules.home}
    fault = Fault(
        code=Reason.AMOUNT_MISMATCH,
        words=f"{invoice.titled} is from {country} and shows "
        f"{spoken(tax) if tax else 'tax'} of tax; from abroad it comes without.",
        remedy="Ask for an invoice without tax.",
    )
    words = f"From {country}, without tax." if abroad else f"From {country}, at home."
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
        verb = "is made out to" if rule.endswith("to") else "was written by"
        fault = Fault(
            code=Reason.INVOICE_PARTY_MISMATCH,
            words=f"{invoice.titled} {verb} {name or 'nobody'}, not {names[0]}.",
            remedy="Ask for a corrected invoice.",
        )
        _say(record, rule, invoice, None if fits else fault, f"It {verb} {name}.")


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
        said = f"is of {spoken_day(day)}" if day else "shows no date"
        fault = Fault(
            code=Reason.NO_PREAPPROVAL if day else Reason.COST_PROOF_MISSING,
            words=f"{invoice.titled} {said}; the first day that counts is "
            f"{spoken_day(first)}: {rules.not_before[0].words}.",
        )
        _say(record, "invoice.not_before", invoice, fault, "")
    elif first and day:
        words = f"Of {spoken_day(day)}, not before {spoken_day(first)}."
        _say(record, "invoice.not_before", invoice, None, words)
    if last and (day is None or day > last):
        said = f"is of {spoken_day(day)}" if day else "shows no date"
        fault = Fault(
            code=Reason.LATE_CLAIM if day else Reason.COST_PROOF_MISSING,
            words=f"{invoice.titled} {said}; the last day that counts was "
            f"{spoken_day(last)}: {rules.not_after[0].words}.",
        )
        _say(record, "invoice.not_after", invoice, fault, "")
    elif last and day:
        words = f"Of {spoken_day(day)}, not after {spoken_day(last)}."
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
        words = f"The sums may differ: {rules.unless.source}."
        record.skip("invoice.equals", words, **facts.read)
        return
    wanted = plan.approved if rules.equals == "approved" and plan else case.asked
    if wanted is None:
        record.skip("invoice.equals", f"The case does not state what was {rules.equals}.")
        return
    each_sum = total_sum if rules.compares == "total" else net_of
    whole = total_of(record, (in_currency(record, one, each_sum(one)) for one in case.invoices))
    off = abs(whole.minor - wanted.minor)
    inputs: dict[str, Any] = {"invoices": str(whole.major), rules.equals: str(wanted.major),
              "tolerance": str(rules.tolerance), "compares": rules.compares}  # fmt: skip
    if off <= money(record, rules.tolerance).minor:
        record.good("invoice.equals", f"The invoices’ {rules.compares} is {spoken(whole)}, as "
                    f"{rules.equals}.", **inputs)  # fmt: skip
        return
    fault = Fault(
        code=Reason.AMOUNT_MISMATCH,
        words=f"The invoices’ {rules.compares} is {spoken(whole)}; {spoken(wanted)} was "
        f"{rules.equals}.",
        remedy=f"Ask for an invoice of {spoken(wanted)}.",
    )
    record.fail("invoice.equals", fault, **inputs)
