"""Forms about a partner's part of a fund: a later last day, money into the next fund, sales."""

from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from tcma.mdf.funds.ending import Leave
from tcma.web.forms.base import Form
from tcma.web.forms.mdf import AMOUNT


class LeaveForm(Form):
    """Why the rules are bent, and who approved it."""

    reason = StringField("Why", [InputRequired("Say why."), Length(max=300)])
    approver = StringField(
        "Approved by",
        [InputRequired("Say who approved it."), Length(max=160)],
        description="Name and role.",
    )

    def leave(self) -> Leave:
        """Return what was typed."""
        return Leave(reason=self.reason.data or "", approver=self.approver.data or "")


class ExtensionForm(LeaveForm):
    """A later last day."""

    until = DateField("New last day", [InputRequired("Choose the day.")])


class CarryOverForm(LeaveForm):
    """How much goes into which fund."""

    amount = StringField("Amount", AMOUNT)
    into = SelectField("Into", [InputRequired("Choose the fund.")])


class SalesForm(Form):
    """A file of sales."""

    file = FileField(
        "Sales (CSV)",
        [FileRequired("Choose the file.")],
        description="Columns: partner, date, amount, reference. A reference counts once.",
    )
