"""Forms of leads."""

from wtforms import DateField, StringField
from wtforms.validators import InputRequired, Length, Optional

from tcma.web.forms.base import Form


class OpportunityForm(Form):
    """What an accepted lead may be worth, and when."""

    name = StringField("What it is", [Length(max=200)])
    amount = StringField("Worth", [InputRequired("Write what it may be worth.")])
    closes_on = DateField("Expected by", [Optional()])
