"""Forms of a partner's own side: its brand profile, its sending domains."""

from typing import Any

from wtforms import (
    BooleanField,
    FileField,
    IntegerField,
    StringField,
    TelField,
    TextAreaField,
    URLField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from tcma.partners.rules import LONGEST_FIELD, OPTIONAL_FIELDS, PROFILE_FIELDS
from tcma.senders.pace import MOST_PER_HOUR
from tcma.web.forms.base import Form
from tcma.words import say, say_as

MISSING = say("This is missing.")
SHORT = Length(max=LONGEST_FIELD)
MORE_FIELDS = (
    "phone",
    "site",
    "short_name",
    "registration",
    "privacy_url",
    "imprint_url",
    "accent",
)
"""The optional fields the page offers; the others keep what they hold."""


class BrandForm(Form):
    """Six fields and a logo; the rest is optional."""

    name = StringField(say("Display name"), [InputRequired(MISSING), SHORT],
                       description=say("As your customers know you."))  # fmt: skip
    legal_name = StringField(say("Legal name"), [InputRequired(MISSING), SHORT])
    address = TextAreaField(say("Postal address"), [InputRequired(MISSING), SHORT],
                          description=say("In the foot of every mail; the law asks for it."))  # fmt: skip
    person = StringField(say("Who signs"), [InputRequired(MISSING), SHORT])
    role = StringField(say("Their role"), [InputRequired(MISSING), SHORT])
    primary = StringField(say("Main colour"), [InputRequired(MISSING)])
    logo = FileField(say("Logo"))
    logo_white = FileField(say("Logo in white, for dark grounds"))
    phone = TelField(say("Phone number"))
    site = URLField(say("Website"))
    short_name = StringField(
        say("Short name"), description=say("For narrow places, such as pictures.")
    )
    registration = StringField(
        say_as("company", "Registration"), description=say("As the law wants it in your mails.")
    )
    privacy_url = URLField(say("Address of your privacy page"))
    imprint_url = URLField(say("Address of your imprint"))
    accent = StringField(say("Second colour"))

    def values(self, kept: dict[str, str]) -> dict[str, str]:
        """Return every profile field: what was posted, and what the page does not ask for."""
        asked = {name: self[name].data or "" for name in (*PROFILE_FIELDS, *MORE_FIELDS)}
        rest = {name: kept.get(name, "") for name in OPTIONAL_FIELDS if name not in asked}
        return rest | asked

    def uploaded(self, name: str) -> bytes | None:
        """Return the bytes of a chosen file, None when none was chosen."""
        file: Any = self[name].data
        return (file.read() or None) if file and hasattr(file, "read") else None


class DomainForm(Form):
    """A domain of one's own to send from."""

    domain = StringField(say("Domain"), [InputRequired(MISSING), SHORT])


class HostForm(Form):
    """A host name of one's own for pages."""

    host = StringField(say("Name"), [InputRequired(MISSING), SHORT])


class PaceForm(Form):
    """How much may leave from a domain."""

    per_hour = IntegerField(
        say("Mails an hour, at most"), [Optional(), NumberRange(1, MOST_PER_HOUR)]
    )
    is_warm = BooleanField(say("Receivers know this domain: it has sent as much before"))


class AddressForm(Form):
    """An address on a domain of one's own."""

    from_name = StringField(say("Name in the inbox"), [InputRequired(MISSING), SHORT])
    local = StringField(say("Address"), [InputRequired(MISSING), SHORT])
