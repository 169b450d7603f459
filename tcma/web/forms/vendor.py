"""Forms of a vendor's own facts, and of what it does for partners without a proved domain."""

from typing import Any

from flask_wtf.file import FileField
from wtforms import EmailField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Regexp

from tcma.senders.rules import POLICY_WORDS, Policy
from tcma.web.forms.account import ZONES
from tcma.web.forms.base import Form, offer

SHORT = Length(max=200)
LETTERS = "PNG, JPEG, SVG, WebP or GIF."


class VendorForm(Form):
    """Names, address, zone, sender, colour and logos; everything is filled in."""

    name = StringField("Name", [InputRequired("Write the name."), Length(max=120)])
    legal_name = StringField("Legal name", [InputRequired("Write the legal name."), SHORT])
    address = StringField("Postal address", [InputRequired("Write the postal address."), SHORT])
    zone = SelectField("Time zone")
    from_name = StringField("Name in the inbox", [InputRequired("Write the name."), SHORT])
    from_address = EmailField("Address", [InputRequired("Write the address."), SHORT])
    primary = StringField(
        "Main colour",
        [
            InputRequired("Write the colour."),
            Regexp(r"#[0-9A-Fa-f]{6}\Z", message="Write it as # and six digits, like #10282D."),
        ],
    )
    logo = FileField("Logo", description=LETTERS)
    logo_white = FileField("Logo in white, for dark grounds", description=LETTERS)

    def offer_zone(self, own: str) -> None:
        """Offer the zones, the vendor's own among them."""
        names = sorted({*ZONES, own})
        self.zone.choices = [SelectChoice(z, z.replace("_", " ")) for z in names]
        self.zone.validate_choice = self.zone.data is not None

    def uploaded(self, name: str) -> bytes | None:
        """Return the bytes of a chosen file, None when none was chosen."""
        file: Any = self[name].data
        return (file.read() or None) if file and hasattr(file, "read") else None


class PolicyForm(Form):
    """What happens to mail of a partner whose domain is not verified."""

    policy = RadioField("Until a partner’s domain is verified", [InputRequired("Choose one.")])

    def __init__(self, *given: Any, **facts: Any) -> None:
        super().__init__(*given, **facts)
        offer(self.policy, [(each.value, *words) for each, words in POLICY_WORDS.items()])

    @property
    def chosen(self) -> Policy:
        """Return the choice."""
        return Policy(self.policy.data)
