"""Forms of leads."""

from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    HiddenField,
    RadioField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from tcma.web.forms.base import Form


class OpportunityForm(Form):
    """What an accepted lead may be worth, and when."""

    name = StringField("What it is", [Length(max=200)])
    amount = StringField("Worth", [InputRequired("Write what it may be worth.")])
    closes_on = DateField("Expected by", [Optional()])


class CardForm(Form):
    """A person's card or badge, typed or read by a scanner; which of our pages they ask about."""

    page = RadioField("What they ask for", [InputRequired("Choose what they ask for.")])
    scanned = TextAreaField("What the scanner read", [Optional(), Length(max=4_000)])
    first_name = StringField("First name", [Optional(), Length(max=120)])
    last_name = StringField("Last name", [Optional(), Length(max=120)])
    email = EmailField("E-mail address", [Length(max=320)])
    company = StringField("Company", [Optional(), Length(max=200)])
    phone = TelField("Phone", [Optional(), Length(max=40)])
    postcode = StringField("Postcode", [Optional(), Length(max=16)])
    note = TextAreaField("Note", [Optional(), Length(max=2_000)])
    consent = BooleanField("They said yes to the words above")
    key = HiddenField()

    def validate_email(self, field: EmailField) -> None:
        """A badge may have told it; somebody must."""
        if not field.data:
            raise ValidationError("Write an address we may answer to.")
