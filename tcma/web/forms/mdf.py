"""Forms of funds: invoices, proofs, decisions, budgets, batches."""

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
from tcma.mdf.rules import COLLECTED, PROOF_WORDS, ProofKind
from tcma.web.forms.base import Form, KeyedForm, offer, stripped
from tcma.web.forms.costs import FactForm
from tcma.words import say

PARTS = 3
"""Rows for kinds of cost on one invoice besides its own."""
AMOUNT = [InputRequired(say("Write the amount."))]


class PartForm(PlainForm):
    """What of an invoice is another kind of cost."""

    kind = SelectField(say("Kind of cost"), [Optional()])
    amount = StringField(say("Net"), filters=[stripped])


class OutcomeForm(Form):
    """How an activity was done, and its results, where the rules ask."""

    answers = FieldList(FormField(FactForm))
    results = TextAreaField(say("Results"), [Length(max=4_000)])


class InvoiceForm(Form):
    """An invoice, copied from the paper, with the paper."""

    issuer = StringField(say("Who wrote it"), [InputRequired(say("Copy this from the invoice."))])
    number = StringField(say("Number"), [InputRequired(say("Copy this from the invoice."))])
    issued_on = DateField(say("Date"), [InputRequired(say("Copy this from the invoice."))])
    made_out_to = StringField(
        say("Made out to"), [InputRequired(say("Copy this from the invoice."))]
    )
    currency = SelectField(say("Currency"), [Optional()])
    net = StringField(say("Net"), AMOUNT)
    tax = StringField(say("Tax"), [Optional()])
    kind = SelectField(say("What it is for"), [Optional()])
    parts = FieldList(FormField(PartForm), min_entries=PARTS, max_entries=PARTS)
    order_number = StringField(say("Order number"), [Length(max=80)])
    shown = SelectMultipleField(say("What else it shows"))
    paper = HiddenField()
    file = FileField(say("Invoice"))

    def take(self, error: Invalid) -> None:
        """Show refusals of parts at their rows, the others as ever."""
        rest = {}
        for name, said in error.fields.items():
            part = name.split("-")
            if part[0] == "parts" and len(part) == 3:
                field = self.parts[int(part[1])].form[part[2]]
                field.errors = [*field.errors, said]
            elif name == "parts":
                self.form_errors.append(said)
                continue
            else:
                rest[name] = said
                continue
            self.form_errors.append(said)
        if rest or not error.fields:
            super().take(Invalid(error.message, code=error.code, fields=rest))

    @property
    def problems(self) -> dict[str, str]:
        """Field name → first message, the fields of each part by their own names."""
        inner = [field for row in self.parts for field in row.form]
        found = {name: str(f.errors[0]) for name, f in self._fields.items()
                 if f.errors and name != "parts"}  # fmt: skip
        found |= {field.name: str(field.errors[0]) for field in inner if field.errors}
        if self.form_errors and not found:
            found[""] = str(self.form_errors[0])
        return found

    def validate_file(self, field: FileField) -> None:
        """Ask for the file unless a paper that was handed in is named."""
        if not self.paper.data and not field.data:
            raise ValidationError(say("Choose the file of the invoice."))


class PaperForm(Form):
    """A paper that is to be read."""

    file = FileField(say("Invoice"), [FileRequired(say("Choose the file of the invoice."))])


class ProofForm(Form):
    """A file that shows what was done: the proof of that `title`, or one more of a kind."""

    title = HiddenField()
    kind = SelectField(
        say("What it shows"),
        [Optional()],
        choices=[SelectChoice(k.value, PROOF_WORDS[k]) for k in (ProofKind.OTHER, *COLLECTED)],
    )
    file = FileField(say("File"), [FileRequired(say("Choose the file."))])


class OwnShareForm(Form):
    """A payment of the partner itself, with the file that shows it."""

    paid_to = StringField(
        say("Paid to"), [InputRequired(say("Say who was paid.")), Length(max=160)]
    )
    paid = StringField(say("Amount"), AMOUNT)
    paid_on = DateField(say("Paid on"), [InputRequired(say("Choose the day."))])
    file = FileField(say("File"), [FileRequired(say("Choose the file."))])


class SpendingForm(Form):
    """How much a colleague may ask for with one plan; empty takes the limit away."""

    person = SelectField(say("Person"), [InputRequired(say("Choose a person."))])
    limit = StringField(say("At most, for one plan"), [Optional()])


class LessForm(Form):
    """Ask for less than the invoices allow; empty asks for all of it."""

    amount = StringField(say("Ask for"), [Optional()])


class DecisionForm(Form):
    """Approve a sum, with the words the partner reads."""

    amount = StringField(say("Amount"), AMOUNT)
    words = TextAreaField(say("Words"), [Length(max=2000)])
    close = BooleanField(say("Close the plan"), default=True)


class AnswerForm(PlainForm):
    """What becomes of one of several activities: a sum, and why it is less than asked."""

    amount = StringField(say("To reserve"), AMOUNT, filters=[stripped])
    reason = SelectField(say("If less, because"), [Optional()])


class AnswersForm(Form):
    """Several activities decided line by line, with the words the partner reads."""

    lines = FieldList(FormField(AnswerForm))
    words = TextAreaField(say("Words"), [Length(max=2000)])

    def take(self, error: Invalid) -> None:
        """Show refusals at their activity."""
        rest = {}
        for name, said in error.fields.items():
            part = name.split("-")
            if len(part) == 3 and part[0] == "lines":
                field = self.lines[int(part[1])].form[part[2]]
                field.errors = [*field.errors, said]
            else:
                rest[name] = said
        if rest or not error.fields:
            super().take(Invalid(error.message, code=error.code, fields=rest))

    @property
    def problems(self) -> dict[str, str]:
        """Field name → first message, the fields of each activity by their own names."""
        inner = (field for row in self.lines for field in row.form)
        found = {field.name: str(field.errors[0]) for field in inner if field.errors}
        if self.form_errors:
            found[""] = str(self.form_errors[0])
        return found


class AppealForm(Form):
    """What was overlooked when it was refused."""

    words = TextAreaField(
        say("What was overlooked"),
        [InputRequired(say("Say what was overlooked.")), Length(max=2000)],
    )


class WithdrawalForm(Form):
    """Why a filed claim is taken back; a draft is discarded without a word."""

    words = TextAreaField(say("Why you take it back"), [Optional(), Length(max=1000)])


class DisputeForm(Form):
    """How much more is owed, and why."""

    amount = StringField(say("How much more"), AMOUNT, filters=[stripped])
    words = TextAreaField(
        say("Why it is owed"), [InputRequired(say("Say why it is owed.")), Length(max=2000)]
    )


class DisputeAnswerForm(Form):
    """What is granted of a dispute, with the words the partner reads."""

    amount = StringField(say("To grant"), [Optional()], filters=[stripped])
    words = TextAreaField(say("Words"), [Length(max=2000)])


class AbsenceForm(Form):
    """Who decides plans while I am away."""

    deputy = SelectField(say("Who decides instead"), [InputRequired(say("Choose a colleague."))])
    starts_on = DateField(say("First day away"), [InputRequired(say("Choose the first day."))])
    ends_on = DateField(say("Last day away"), [InputRequired(say("Choose the last day."))])


class ReasonForm(Form):
    """Return or refuse: the reason, and what the partner reads."""

    reason = SelectField(say("Reason"), [InputRequired(say("Choose the reason."))])
    words = TextAreaField(
        say("What they will read"), [InputRequired(say("Say what is wrong.")), Length(max=2000)]
    )


class ClawBackForm(ReasonForm):
    """Ask money back: all that was paid, or a part of it."""

    amount = StringField("Asked back", [Optional()])


class FundForm(Form):
    """A fund and its rules."""

    name = StringField(say("Name"), [InputRequired(say("Give the fund a name.")), Length(max=120)])
    rules = SelectField(say("Rules"), [InputRequired()])
    kind = SelectField(
        say("How the money comes to partners"),
        [InputRequired()],
        choices=[SelectChoice(kind, words.rstrip(".")) for kind, words in KINDS.items()],
    )
    total = StringField(say("Money in it"), AMOUNT)
    accrual = StringField(
        say("Accrues of sales"),
        [Optional()],
        description=say("Only where sales build up the fund."),
    )
    currency = SelectField(say("Currency"), [InputRequired()])
    starts_on = DateField(say("First day"), [InputRequired(say("Choose the first day."))])
    ends_on = DateField(say("Last day"), [InputRequired(say("Choose the last day."))])
    share = StringField(say("You pay"), [InputRequired(say("Write the share."))], default="50")
    notice_days = IntegerField(say("Notice"), [NumberRange(0, 90)], default=10)
    claim_days = IntegerField(say("Days to claim"), [NumberRange(1, 366)], default=45)
    cap = StringField(say("Most for one plan"), [Optional()])
    point = StringField(
        say("One point is worth"),
        [Optional()],
        description=say("Only where the fund is in points."),
    )
    per_partner = StringField(say("Each partner has"), [Optional()])
    pot_shown = BooleanField(say("Partners see what is left of a shared pot"), default=True)

    def worth_of_point(self) -> Decimal | None:
        """Return what one point is worth, None when nothing is said; Invalid when it is no number."""
        if not self.point.data:
            return None
        try:
            worth = Decimal(self.point.data.strip().replace(",", "."))
        except InvalidOperation:
            worth = Decimal("NaN")
        if worth.is_finite():
            return worth
        words = say("Write a number, as in 0.10.")
        raise Invalid(words, code="mdf.fund.point", fields={"point": words})

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
        words = say("Write a percentage, at most two digits after the point.")
        raise Invalid(words, code=f"mdf.fund.{name}", fields={name: words})


class AllocationForm(KeyedForm):
    """Give a partner its part."""

    partner = SelectField(say("Partner"), [InputRequired(say("Choose a partner."))])
    amount = StringField(say("Amount"), AMOUNT)


class AdditionForm(KeyedForm):
    """More money for a fund."""

    amount = StringField(say("Amount"), AMOUNT)
    reason = StringField(
        say("Where it comes from"), [InputRequired(say("Say where it comes from."))]
    )


class BatchForm(Form):
    """Which approved claims leave together."""

    claims = SelectMultipleField(say("Claims"))
    keep_owed = BooleanField("Keep what a partner owes back from its payment", default=True)

    @classmethod
    def of(cls, refs: Sequence[str]) -> "BatchForm":
        """Offer these claims."""
        form = cls()
        offer(form.claims, [(ref, ref) for ref in refs])
        return form


class SettlementForm(Form):
    """What the bank said when it paid."""

    bank_reference = StringField(say("Reference of the bank"), [Length(max=120)])
    taken = StringField(say("Taken from your account"), [Optional()])


class FailureForm(Form):
    """Why a payment came back."""

    reason = StringField(say("What the bank said"), [Length(max=200)])
