"""The form of the addresses that get a copy of each launch."""

from wtforms import TextAreaField
from wtforms.validators import Length, Optional

from tcma.web.forms.base import Form
from tcma.words import say


class SeedsForm(Form):
    """One address a line; none is fine."""

    seeds = TextAreaField(say("Seed addresses"), [Optional(), Length(max=5_000)])
