"""The form that stops a campaign for all partners."""

from wtforms import BooleanField, TextAreaField
from wtforms.validators import InputRequired, Length

from tcma.launches.stopping import MOST_WORDS
from tcma.web.forms.base import Form


class StopForm(Form):
    """Why, and whether the pages go too."""

    reason = TextAreaField(
        "Why",
        [InputRequired("Say why: every partner reads it."), Length(max=MOST_WORDS)],
        description="Every partner reads it, on the launch and by mail.",
    )
    recall = BooleanField("Take the partners’ pages off the web too")
