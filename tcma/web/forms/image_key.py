"""The form of a key for pictures: who uses it, for which campaign, picture and partner."""

from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from tcma.web.forms.base import Form


class ImageKeyForm(Form):
    """A new key."""

    name = StringField("Who uses it", [InputRequired("Say who will use it."), Length(max=120)])
    scope = SelectField("What it draws", [InputRequired("Choose what it draws.")])
    partner = SelectField("For which partner")
    only_reads = BooleanField("It only reads")
