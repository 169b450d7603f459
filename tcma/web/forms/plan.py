"""The form of a plan: one activity as it opens, more when asked for, each with its cost lines."""

from wtforms import (
    DateField,
    FieldList,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms import Form as PlainForm
from wtforms.validators import InputRequired, Length, Optional

from tcma.errors import Invalid
from tcma.mdf.requests.planning import MOST_ACTIVITIES, PlanLine
from tcma.web.forms.base import Form, KeyedForm, stripped
from tcma.web.forms.costs import FactForm
from tcma.web.money_words import money_of
from tcma.words import say

ROWS = 6


class LineForm(PlainForm):
    """One planned cost, of a kind that the programme names or of another."""

    kind = SelectField(say("Kind of cost"), [Optional()])
    label = StringField(say("What for"), [Length(max=120)], filters=[stripped])
    amount = StringField(say("Net"), filters=[stripped])


def plan_lines(rows: FieldList, currency: str) -> list[PlanLine]:
    """Return the rows that hold anything; Invalid at the amount that is none."""
    lines = []
    for row in rows:
        label, amount = row.form.label.data or "", row.form.amount.data or ""
        if not label and not amount:
            continue
        kind = row.form.kind.data or ""
        lines.append(PlanLine(label, money_of(row.form.amount, currency), kind))
    return lines


class ActivityForm(PlainForm):
    """What is done, when, and what it costs."""

    campaign = HiddenField()
    kind = SelectField(say("What you do"), [InputRequired(say("Choose what you do."))])
    starts_on = DateField(say("First day"), [InputRequired(say("Choose the first day."))])
    ends_on = DateField(say("Last day"), [InputRequired(say("Choose the last day."))])
    lines = FieldList(FormField(LineForm), min_entries=ROWS, max_entries=ROWS)
    facts = FieldList(FormField(FactForm))
    way = SelectField(say("How it is settled"), validate_choice=False)


class ChangeForm(Form):
    """How an approved activity is to change, and why."""

    starts_on = DateField(say("First day"), [InputRequired(say("Choose the first day."))])
    ends_on = DateField(say("Last day"), [InputRequired(say("Choose the last day."))])
    lines = FieldList(FormField(LineForm), min_entries=ROWS, max_entries=ROWS)
    words = TextAreaField(
        say("What changes and why"),
        [InputRequired(say("Say what changes and why.")), Length(max=1000)],
    )

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


class ExtensionForm(Form):
    """Until when more time is needed to claim, and why."""

    wanted = DateField(say("Until"), [InputRequired(say("Choose the last day."))])
    words = TextAreaField(
        say("Why you need more time"),
        [InputRequired(say("Say why you need more time.")), Length(max=1000)],
    )


class PlanForm(KeyedForm):
    """A plan with a sum: from which fund, and what is done; `revision` is the one that was read."""

    fund = RadioField(say("Paid from"))
    title = StringField(say("Name of the plan"), [Length(max=160)])
    activities = FieldList(FormField(ActivityForm), min_entries=1, max_entries=MOST_ACTIVITIES)
    revision = HiddenField()

    @property
    def full(self) -> bool:
        """True when no activity more fits."""
        return len(self.activities.entries) >= MOST_ACTIVITIES

    def more(self) -> ActivityForm:
        """Add an empty activity and return its form."""
        added: ActivityForm = self.activities.append_entry().form
        return added

    def drop(self, at: int) -> None:
        """Take the activity at position `at` out, but never the last one; the others move up."""
        if 0 <= at < len(self.activities.entries) > 1:
            rest = [e.data for n, e in enumerate(self.activities.entries) if n != at]
            self.activities.process(None, rest)

    def take(self, error: Invalid) -> None:
        """Show refusals of activities and cost lines at their rows, the others as ever."""
        rest = {}
        for name, said in error.fields.items():
            part = name.split("-")
            at = int(part[1]) if part[0] == "activities" and len(part) > 1 else -1
            if 0 <= at < len(self.activities.entries):
                inner = self.activities[at].form
                if part[2] == "lines" and len(part) == 5:
                    field = inner.lines[int(part[3])].form[part[4]]
                    field.errors = [*field.errors, said]
                self.form_errors.append(said)
            elif name == "activities":
                self.form_errors.append(said)
            else:
                rest[name] = said
        if rest or not error.fields:
            super().take(Invalid(error.message, code=error.code, fields=rest))

    @property
    def problems(self) -> dict[str, str]:
        """Field name → first message, the fields of each activity by their own names."""
        found = {name: str(f.errors[0]) for name, f in self._fields.items()
                 if f.errors and name != "activities"}  # fmt: skip
        for each in self.activities:
            inner = each.form
            fields = [f for f in inner if f.name not in {inner.lines.name, inner.facts.name}]
            fields += [row.form.value for row in inner.facts]
            fields += [f for row in inner.lines for f in row.form]
            found |= {f.name: str(f.errors[0]) for f in fields if f.errors}
        if self.form_errors and not found:
            found[""] = str(self.form_errors[0])
        return found
