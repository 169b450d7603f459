"""Forms of funds: plans with cost lines, invoices, proofs, decisions, budgets, batches."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms import Form as PlainForm
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from tcma.errors import Invalid
from tcma.mdf.programme.document import KINDS
from tcma.mdf.requests.planning import PlanLine
from tcma.mdf.rules import COLLECTED, PROOF_WORDS, ActivityKind, ProofKind
from tcma.web.forms.base import Form, offer, stripped
from tcma.web.money_words import money_of

ROWS = 6
KIND_WORDS = {
    ActivityKind.MULTI_TOUCH: "Mails, page and images",
    ActivityKind.EMAIL: "Mails only",
    ActivityKind.ADS: "Online adverts",
    ActivityKind.EVENT: "Event",
    ActivityKind.PRINT: "Print",
}
AMOUNT = [InputRequired("Write the amount.")]


class LineForm(PlainForm):
    """One planned cost."""

    label = StringField("What for", [Length(max=120)], filters=[stripped])
    amount = StringField("Net", filters=[stripped])


class PlanForm(Form):
    """A plan with a sum: from which fund, when, what it costs."""

    campaign = HiddenField()
    fund = RadioField("Paid from")
    title = StringField("Name of the plan", [Length(max=160)])
    kind = SelectField(
        "What you do",
        [InputRequired()],
        choices=[SelectChoice(k.value, w) for k, w in KIND_WORDS.items()],
    )
    starts_on = DateField("First day", [InputRequired("Choose the first day.")])
    ends_on = DateField("Last day", [InputRequired("Choose the last day.")])
    lines = FieldList(FormField(LineForm), min_entries=ROWS, max_entries=ROWS)

    def plan_lines(self, currency: str) -> list[PlanLine]:
        """Return the rows that hold anything; Invalid at the amount that is none."""
        lines = []
        for row in self.lines:
            label, amount = row.form.label.data or "", row.form.amount.data or ""
            if not label and not amount:
                continue
            lines.append(PlanLine(label, money_of(row.form.amount, currency)))
        return lines

    def take(self, error: Invalid) -> None:
        """Show refusals of cost lines at their rows, the others as ever."""
        rest = {}
        for name, said in error.fields.items():
            part = name.split("-")
            if len(part) == 3 and part[0] == "lines":
                field = self.lines[int(part[1])].form[part[2]]
                field.errors = [*field.errors, said]
                self.form_errors.append(said)
            elif name == "lines":
                self.form_errors.append(said)
            else:
                rest[name] = said
        if rest or not error.fields:
            super().take(Invalid(error.message, code=error.code, fields=rest))


class InvoiceForm(Form):
    """An invoice, copied from the paper, with the paper."""

    issuer = StringField("Who wrote it", [InputRequired("Copy this from the invoice.")])
    number = StringField("Number", [InputRequired("Copy this from the invoice.")])
    issued_on = DateField("Date", [InputRequired("Copy this from the invoice.")])
    made_out_to = StringField("Made out to", [InputRequired("Copy this from the invoice.")])
    net = StringField("Net", AMOUNT)
    tax = StringField("Tax", [Optional()])
    paper = HiddenField()
    file = FileField("Invoice")

    def validate_file(self, field: FileField) -> None:
        """Ask for the file unless a paper that was handed in is named."""
        if not self.paper.data and not field.data:
            raise ValidationError("Choose the file of the invoice.")


class PaperForm(Form):
    """A paper that is to be read."""

    file = FileField("Invoice", [FileRequired("Choose the file of the invoice.")])


class ProofForm(Form):
    """A file that shows what was done."""

    kind = SelectField(
        "What it shows",
        [InputRequired()],
        choices=[SelectChoice(k.value, PROOF_WORDS[k]) for k in (ProofKind.OTHER, *COLLECTED)],
    )
    file = FileField("File", [FileRequired("Choose the file.")])


class LessForm(Form):
    """Ask for less than the invoices allow; empty asks for all of it."""

    amount = StringField("Ask for", [Optional()])


class DecisionForm(Form):
    """Approve a sum, with the words the partner reads."""

    amount = StringField("Amount", AMOUNT)
    words = TextAreaField("Words", [Length(max=2000)])
    close = BooleanField("Close the plan", default=True)


class ReasonForm(Form):
    """Return or refuse: the reason, and what the partner reads."""

    reason = SelectField("Reason", [InputRequired("Choose the reason.")])
    words = TextAreaField(
        "What they will read", [InputRequired("Say what is wrong."), Length(max=2000)]
    )


class FundForm(Form):
    """A fund and its rules."""

    name = StringField("Name", [InputRequired("Give the fund a name."), Length(max=120)])
    kind = SelectField(
        "How the money comes to partners",
        [InputRequired()],
        choices=[SelectChoice(kind, words.rstrip(".")) for kind, words in KINDS.items()],
    )
    total = StringField("Money in it", AMOUNT)
    accrual = StringField(
        "Accrues of sales", [Optional()], description="Only where sales build up the fund."
    )
    currency = SelectField("Currency", [InputRequired()])
    starts_on = DateField("First day", [InputRequired("Choose the first day.")])
    ends_on = DateField("Last day", [InputRequired("Choose the last day.")])
    share = StringField("You pay", [InputRequired("Write the share.")], default="50")
    notice_days = IntegerField("Notice", [NumberRange(0, 90)], default=10)
    claim_days = IntegerField("Days to claim", [NumberRange(1, 366)], default=45)
    cap = StringField("Most for one plan", [Optional()])

    def share_bps(self) -> int:
        """Return the share in basis points; Invalid when it is no percentage."""
        return self._bps("share", self.share.data or "")

    def accrual_bps(self) -> int:
        """Return what of sales accrues in basis points, 0 when nothing is said; else Invalid."""
        return self._bps("accrual", self.accrual.data) if self.accrual.data else 0

    def _bps(self, name: str, typed: str) -> int:
        text = typed.rstrip("%").strip().replace(",", ".")
        try:
            share = Decimal(text) * 100
        except InvalidOperation:
            share = Decimal("NaN")
        if share.is_finite() and share == int(share):
            return int(share)
        words = "Write a percentage, at most two digits after the point."
        raise Invalid(words, code=f"mdf.fund.{name}", fields={name: words})


class AllocationForm(Form):
    """Give a partner its part; `key` makes a second press harmless."""

    partner = SelectField("Partner", [InputRequired("Choose a partner.")])
    amount = StringField("Amount", AMOUNT)
    key = HiddenField()


class AdditionForm(Form):
    """More money for a fund."""

    amount = StringField("Amount", AMOUNT)
    reason = StringField("Where it comes from", [InputRequired("Say where it comes from.")])


class BatchForm(Form):
    """Which approved claims leave together."""

    claims = SelectMultipleField("Claims")

    @classmethod
    def of(cls, refs: Sequence[str]) -> "BatchForm":
        """Offer these claims."""
        form = cls()
        offer(form.claims, [(ref, ref) for ref in refs])
        return form


class SettlementForm(Form):
    """What the bank said when it paid."""

    bank_reference = StringField("Reference of the bank", [Length(max=120)])


class FailureForm(Form):
    """Why a payment came back."""

    reason = StringField("What the bank said", [Length(max=200)])
