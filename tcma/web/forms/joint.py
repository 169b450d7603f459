"""Forms of joint business plans: the frame, and a line."""

from datetime import date

from wtforms import DateField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from tcma.web.forms.base import Form
from tcma.words import say


class OutlineForm(Form):
    """A plan's name, goal and period, and the fund that pays."""

    fund = SelectField(say("Paid from"), [InputRequired(say("Choose a fund."))])
    title = StringField(say("Name"), [InputRequired(say("Give the plan a name.")), Length(max=120)])
    goal = TextAreaField(
        say("What both want to reach"),
        [Optional(), Length(max=600)],
        description=say("A sentence or two."),
    )
    starts_on = DateField(say("First day"), [InputRequired(say("Choose the first day."))])
    ends_on = DateField(say("Last day"), [InputRequired(say("Choose the last day."))])


class LineForm(Form):
    """One campaign in one month, its cost and the leads it is to bring."""

    campaign = SelectField(say("Campaign"), [InputRequired(say("Choose a campaign."))])
    kind = SelectField(say("What is done"), [InputRequired(say("Choose what is done."))])
    month = SelectField(say("Month"), [InputRequired(say("Choose the month."))])
    cost = StringField(say("Cost, net"), [InputRequired(say("Write the amount."))])
    goal_leads = IntegerField(
        say("Leads it is to bring"),
        [InputRequired(say("Write a number.")), NumberRange(0, 100_000)],
    )

    def first_of_month(self) -> date:
        """Return the first day of the chosen month."""
        return date.fromisoformat(f"{self.month.data}-01")
