"""The paper a partner looks at: its form, filled with what was read and how far to believe it."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from flask import request

from tcma.db.scope import found
from tcma.errors import Invalid
from tcma.invoices.record import Belief
from tcma.mdf.asked_line import Questions
from tcma.mdf.paper_line import PaperLine
from tcma.mdf.papers import views as paper_views
from tcma.mdf.programme.questions import OTHER
from tcma.mdf.queries import claim_by_ref
from tcma.money import Money
from tcma.web.forms.base import offer
from tcma.web.forms.costs import offer_costs
from tcma.web.forms.desk import CURRENCIES
from tcma.web.forms.mdf import InvoiceForm
from tcma.web.money_words import typed
from tcma.web.unit_of_work import work
from tcma.words import opening, say

HINTS = {
    Belief.SURE: say("From the e-invoice."),
    Belief.LIKELY: say("Read. Compare it."),
    Belief.DOUBTFUL: say("Not sure. Compare it."),
}
NOT_READ = say("Not read. Copy it.")


@dataclass(frozen=True, slots=True)
class Open:
    """The paper that is looked at now, and how many wait behind it."""

    paper: PaperLine | None = None
    more: int = 0


def open_paper(ref: str) -> Open:
    """Return the first paper of a claim that is no invoice yet."""
    claim = claim_by_ref(work().session, work().principal, ref)
    waiting = paper_views.open_papers(work().session, claim, now=work().now)
    return Open(waiting[0], len(waiting) - 1) if waiting else Open()


def invoice_form(currency: str, asks: Questions, *, empty: bool = False) -> InvoiceForm:
    """Return the form of an invoice; in another currency than the fund's it is converted.

    Kinds of cost, an order number and what it must show are asked for where the rules look at them.
    """
    form = InvoiceForm(formdata=None) if empty else InvoiceForm()
    blank = say("Choose what it is for") if asks.costs.told else ""
    offer_costs(form.kind, asks.costs, blank=blank)
    for row in form.parts:
        offer_costs(row.form.kind, asks.costs, blank=say("Choose what it is for"))
    offer(form.shown, [(name, opening(words)) for name, words in asks.shows])
    if not form.kind.data and asks.costs and not asks.costs.told:
        form.kind.data = OTHER
    offer(form.currency, [(c, c) for c in dict.fromkeys((currency, *CURRENCIES))])
    form.currency.data = form.currency.data or currency
    return form


def prefilled(form: InvoiceForm, paper: PaperLine) -> InvoiceForm:
    """Fill a form with what was read, and say at each field how far to believe it."""
    read = paper.fields
    form.paper.data = str(paper.id)
    form.issuer.data, form.number.data = read.issuer or "", read.number or ""
    form.issued_on.data = read.date
    if read.made_out_to:
        form.made_out_to.data = read.made_out_to
    if read.currency and read.currency not in {choice.value for choice in form.currency.choices}:
        offer(form.currency, [*form.currency.options, (read.currency, read.currency)])
    currency = form.currency.data = read.currency or form.currency.data
    form.net.data = as_typed(read.net, currency)
    form.tax.data = as_typed(read.tax, currency)
    for name in ("issuer", "number", "made_out_to", "net", "tax"):
        form[name].description = hint(paper, name)
    form.issued_on.description = hint(paper, "date")
    return form


def hint(paper: PaperLine, name: str) -> str:
    """Return how far one field may be believed."""
    belief = paper.fields.belief.get(name)
    return HINTS[belief] if belief else NOT_READ


def as_typed(amount: Decimal | None, currency: str) -> str:
    """Return a read amount as a person would type it; nothing for one that cannot be entered."""
    if amount is None:
        return ""
    try:
        return typed(Money.parse(f"{amount:f}", currency))
    except Invalid:
        return ""


def asked_paper() -> UUID:
    """Return the paper a form names; NotFound for none."""
    try:
        return UUID(request.form.get("paper", ""))
    except ValueError:
        return found(None)
