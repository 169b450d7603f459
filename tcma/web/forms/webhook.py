"""The forms of a webhook: its name, where it is, what it hears of."""

from wtforms import SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length

from tcma.web.forms.base import Form


class WebhookPlaceForm(Form):
    """Where a webhook is and what it hears of."""

    url = StringField("Address", [InputRequired("Write its address."), Length(max=2_000)])
    events = SelectMultipleField("What it is told")


class WebhookForm(WebhookPlaceForm):
    """A new webhook; journeys call it by its name."""

    name = StringField("Name", [InputRequired("Give it a name."), Length(max=60)])
