"""Forms of people and lists: a file to import, typed addresses, how they agreed, the stop list."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from wtforms import EmailField, FileField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from tcma.contacts.actions import LONGEST_NAME
from tcma.contacts.list_queries import ListView
from tcma.contacts.rules import LawfulBasis
from tcma.web.forms.base import Form
from tcma.words import say

BASIS_WORDS = {
    LawfulBasis.CONTRACT: (
        say("They are customers of ours"),
        say("They bought from us or have a contract."),
    ),
    LawfulBasis.CONSENT: (
        say("They signed up"),
        say("On a form, at a fair, by a card; say which."),
    ),
    LawfulBasis.LEGITIMATE_INTEREST: (
        say("We have another ground"),
        say("We deal with them at work and they can expect it; say why."),
    ),
    LawfulBasis.UNKNOWN: (say("Not known"), say("Nobody of this list is mailed.")),
}
CHOICES = [
    SelectChoice(basis.value, words, {"data-small": small})
    for basis, (words, small) in BASIS_WORDS.items()
    if basis is not LawfulBasis.UNKNOWN
]


class FileForm(Form):
    """A file with people in it, and the list they go into: a new one when none is chosen."""

    file = FileField(say("Your file"))
    into = SelectField(
        say("Into"), choices=[SelectChoice("", say("A new list"))], validate_choice=False
    )

    def offer(self, lists: Iterable[ListView], *, chosen: str = "") -> "FileForm":
        """Name the lists that people may be added to; return itself."""
        self.into.choices = [
            SelectChoice("", say("A new list")),
            *(SelectChoice(str(one.id), one.name) for one in lists),
        ]
        self.into.data = self.into.data or chosen
        return self

    def list_id(self) -> UUID | None:
        """Return the chosen list, None for a new one."""
        try:
            return UUID(self.into.data or "")
        except ValueError:
            return None

    def uploaded(self) -> tuple[str, bytes] | None:
        """Return name and bytes, None when nothing was chosen."""
        file: Any = self.file.data
        content = file.read() if file and hasattr(file, "read") else b""
        return (file.filename or "list.csv", content) if content else None


class BasisForm(Form):
    """How one knows that they agree, and where it stands."""

    basis = RadioField(say("How do you know they agree?"),
                       [InputRequired(say("Say how you know that these people agree."))],
                       choices=CHOICES)  # fmt: skip
    evidence = StringField(say("Where can one see it?"), [Length(max=200)],
                           description=say("Such as “Order book 2026” or “Fair, 4 March, signed cards”."),
                           )  # fmt: skip
    list_name = StringField(say("Name of the list"), [Length(max=LONGEST_NAME)])


class TypedForm(BasisForm):
    """Some addresses typed in."""

    addresses = TextAreaField(
        say("Addresses"),
        [InputRequired(say("Type one address."))],
        description=say(
            "One a line, at most fifty. “Sam Reed <sam@priory.example>” brings the name."
        ),
    )


class StopForm(Form):
    """An address that must not be mailed."""

    email = EmailField(say("E-mail address"), [InputRequired(say("Write the address."))])
