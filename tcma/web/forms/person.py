"""Forms of one person: what is known put right, and two rows of one person made one."""

from collections.abc import Sequence
from typing import Any

from flask import request
from wtforms import EmailField, StringField
from wtforms.validators import InputRequired, Length

from tcma.contacts.conditions import Field, Kind
from tcma.contacts.editing import LONGEST, Edited
from tcma.contacts.likeness import STANDARD
from tcma.contacts.queries import ContactView
from tcma.web.forms.base import Form
from tcma.words import say

SHORT = [Length(max=LONGEST)]
OWN_HINTS = {
    Kind.NUMBER: say("A number."),
    Kind.DATE: say("A day such as 2026-03-04."),
    Kind.BOOLEAN: say("Yes or no."),
}


class PersonForm(Form):
    """Everything known of a contact; own fields come beside it, by key."""

    email = EmailField(say("E-mail address"), [InputRequired(say("Write the address."))])
    first_name = StringField(say("First name"), SHORT)
    last_name = StringField(say("Last name"), SHORT)
    company = StringField(say("Company"), SHORT)
    phone = StringField(say("Phone"), SHORT)
    country = StringField(say("Country"), SHORT, description=say("Two letters, such as GB."))
    language = StringField(say("Language"), SHORT, description=say("Two letters, such as en."))
    tags = StringField(say("Tags"), description=say("Between commas."))

    def fill(self, person: ContactView) -> None:
        """Show what is known."""
        row = person.row
        self.email.data, self.tags.data = row.address, ", ".join(person.tags)
        known = {"phone": person.phone, "language": person.language}
        for name in STANDARD:
            self._fields[name].data = known.get(name) or getattr(row, name, "")

    def edited(self, own: Sequence[Field]) -> Edited:
        """Return what was typed."""
        return Edited(
            address=self.email.data or "",
            standard={name: self._fields[name].data or "" for name in STANDARD},
            own={each.key: request.form.get(each.key, "").strip() for each in own},
            tags=self.tags.data or "",
        )


def own_fields(
    own: Sequence[Field], values: dict[str, str], problems: dict[str, str]
) -> list[dict[str, Any]]:
    """Return the partner's own fields as the page shows them, with what was typed."""
    posted = request.form if request.method == "POST" else values
    return [
        {
            "key": each.key,
            "label": each.label,
            "value": posted.get(each.key, ""),
            "hint": OWN_HINTS.get(each.kind, ""),
            "options": [("", "–"), *each.choices] if each.choices else [],
            "error": problems.get(each.key, ""),
        }
        for each in own
    ]
