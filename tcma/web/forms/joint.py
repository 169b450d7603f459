"""Forms of joint business plans: the frame, and a line."""

from datetime import date

from wtforms import DateField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from tcma.web.forms.base import Form
from tcma.web.forms.plan import KIND_WORDS


class OutlineForm(Form):
    """A plan's name, goal and period, and the fund that pays."""

    fund = SelectField("Paid from", [InputRequired("Choose a fund.")])
    title = StringField("Name", [InputRequired("Give the plan a name."), Length(max=120)])
    goal = TextAreaField(
        "What both want to reach", [Optional(), Length(max=600)], description="A sentence or two."
    )
    starts_on = DateField("First day", [InputRequired("Choose the first day.")])
    ends_on = DateField("Last day", [InputRequired("Choose the last day.")])


class LineForm(Form):
    """One campaign in one month, its cost and the leads it is to bring."""

    campaign = SelectField("Campaign", [InputRequired("Choose a campaign.")])
    kind = SelectField(
        "What is done",
        [InputRequired()],
        choices=[SelectChoice(kind.value, words) for kind, words in KIND_WORDS.items()],
    )
    month = SelectField("Month", [InputRequired("Choose the month.")])
    cost = StringField("Cost, net", [InputRequired("Write the amount.")])
    goal_leads = IntegerField(
        "Leads it is to bring", [InputRequired("Write a number."), NumberRange(0, 100_000)]
    )

    def first_of_month(self) -> date:
        """Return the first day of the chosen month."""
        return date.fromisoformat(f"{self.month.data}-01")
