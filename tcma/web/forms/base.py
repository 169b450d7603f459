"""What all forms share: texts arrive stripped, and a verb's refusal lands at its field."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask_wtf import FlaskForm
from wtforms import Field, HiddenField
from wtforms.fields.choices import SelectChoice
from wtforms.i18n import get_translations
from wtforms.validators import Length

from tcma.errors import Invalid, TcmaError
from tcma.ids import new_id
from tcma.web.reading import language
from tcma.words import say


def stripped(value: Any) -> Any:
    """Take the blanks off both ends of a text."""
    return value.strip() if isinstance(value, str) else value


class Form(FlaskForm):
    """A form that turns strings into plain values; it never touches rows."""

    class Meta(FlaskForm.Meta):
        """Every field is stripped."""

        def bind_field(self, form: Any, unbound_field: Any, options: Any) -> Field:
            """Add the filter."""
            filters = [*unbound_field.kwargs.get("filters", []), stripped]
            return unbound_field.bind(
                form=form, filters=filters if _takes_text(unbound_field) else [], **options
            )

        def get_translations(self, form: Any) -> Any:
            """Return the library's own sentences in the reader's language."""
            del form
            return get_translations([language().partition("-")[0]])

    def take(self, error: Invalid) -> None:
        """Show a refusal at the fields it names; what no field carries goes on top."""
        rest = dict(error.fields)
        for name in list(rest):
            if name in self._fields:
                self._fields[name].errors = [*self._fields[name].errors, rest.pop(name)]
        for message in rest.values() or ([] if error.fields else [error.message]):
            self.form_errors.append(message)

    def refuse(self, error: TcmaError) -> None:
        """Show any refusal: at its fields, else on top with what to do about it."""
        if isinstance(error, Invalid):
            self.take(error)
        else:
            self.form_errors.append(error.advice)

    @property
    def problems(self) -> dict[str, str]:
        """Field name → first message, for the summary on top; "" carries the form's own."""
        found = {name: _told(f) for name, f in self._fields.items() if f.errors}
        if self.form_errors:
            found[""] = self.form_errors[0]
        return found


class KeyedForm(Form):
    """A form with an id of its own: pressed twice it is one act, whatever the browser does."""

    key = HiddenField()

    def once(self) -> UUID:
        """Return the form's id; one that came without, or with nonsense, gets a new one."""
        try:
            found = UUID(self.key.data or "")
        except ValueError:
            found = new_id()
        self.key.data = str(found)
        return found


def _told(field: Field) -> str:
    """Return what is wrong with a field, far from it: the library's own words for a length name no field."""
    for check in field.validators:
        if (
            isinstance(check, Length)
            and not check.message
            and len(field.data or "") > check.max > 0
        ):
            label = field.label.text
            return say("“{field}” is longer than {most} characters.", field=label, most=check.max)
    first: str = field.errors[0]
    return first


def _takes_text(unbound: Any) -> bool:
    return unbound.field_class.__name__ in {
        "StringField",
        "TextAreaField",
        "EmailField",
        "TelField",
    }


def offer(field: Any, options: Sequence[tuple[str, ...]]) -> None:
    """Set a field's choices; `field.options` keeps (value, label, second line) for the macros."""
    field.choices = [SelectChoice(o[0], o[1]) for o in options]
    field.options = list(options)
