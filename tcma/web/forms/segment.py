"""Forms of segments: lines of a condition as posted, a name; and the fields a partner makes."""

from collections.abc import Sequence

from werkzeug.datastructures import MultiDict
from wtforms import RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from tcma.contacts.conditions import CUSTOM_KINDS, MOST_ROWS, OPS, Condition, Field, Kind, Op, Row
from tcma.web.forms.base import Form, offer
from tcma.words import say

KIND_WORDS = {
    Kind.TEXT: (say("Words"), say("Such as a customer number.")),
    Kind.NUMBER: (say("A number"), say("Such as seats or turnover.")),
    Kind.DATE: (say("A date"), say("Such as the end of a contract.")),
    Kind.BOOLEAN: (say("Yes or no"), say("Such as has a service contract.")),
    Kind.CHOICE: (say("One of some"), say("Such as small, middle, large.")),
}


def posted(form: MultiDict[str, str], fields: Sequence[Field]) -> Condition:
    """The condition as it stands in a form, with a line added or taken away by its button."""
    known = {field.key: field for field in fields}
    first = fields[0]
    rows = []
    for field_key, op, value in zip(
        form.getlist("field"), form.getlist("op"), form.getlist("value"), strict=False
    ):
        field = known.get(field_key, first)
        fits = [each.value for each in OPS[field.kind]]
        rows.append(Row(field.key, Op(op if op in fits else fits[0]), value[:200]))
    gone = form.get("remove", "")
    if gone.isdigit() and int(gone) < len(rows):
        del rows[int(gone)]
    if "add" in form and len(rows) < MOST_ROWS:
        rows.append(Row(first.key, OPS[first.kind][0]))
    return Condition(
        tuple(rows[:MOST_ROWS]) or (Row(first.key, OPS[first.kind][0]),),
        every=form.get("every", "all") != "any",
    )


class FieldForm(Form):
    """A field of the partner's own."""

    label = StringField(say("Name"), [InputRequired(say("Give it a name.")), Length(max=60)])
    kind = RadioField(say("What stands in it?"), [InputRequired(say("Choose one."))],
                      choices=[SelectChoice(k.value, KIND_WORDS[k][0]) for k in CUSTOM_KINDS])  # fmt: skip
    choices = TextAreaField(say("Choices"), description=say("Only for “One of some”: one a line."))

    @classmethod
    def open(cls) -> "FieldForm":
        """Build the form with its kinds in words."""
        form = cls()
        offer(form.kind, [(k.value, *KIND_WORDS[k]) for k in CUSTOM_KINDS])
        return form
