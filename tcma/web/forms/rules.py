"""Forms of rules: a programme's text or file, and the day from which it counts."""

from flask_wtf.file import FileField
from wtforms import DateField, TextAreaField
from wtforms.validators import InputRequired

from tcma.web.forms.base import Form


class RulesForm(Form):
    """The next version of a fund's rules."""

    source = TextAreaField("Rules", [InputRequired("Write the rules, or choose a file.")])
    file = FileField("From a file")
    starts_on = DateField("Count from", [InputRequired("Choose the first day.")])
