"""Forms of what changes about a fund or a partner's part of it: days, sums, and sales."""

from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from tcma.mdf.funds.reducing import Facts
from tcma.web.forms.base import Form, KeyedForm
from tcma.web.forms.mdf import AMOUNT


class ReasonForm(KeyedForm):
    """Why something about a fund changes."""

    reason = StringField("Why", [InputRequired("Say why."), Length(max=300)])


class ExtensionForm(ReasonForm):
    """A later last day."""

    until = DateField("New last day", [InputRequired("Choose the day.")])


class CarryOverForm(ReasonForm):
    """How much goes into which fund."""

    amount = StringField("Amount", AMOUNT)
    into = SelectField("Into", [InputRequired("Choose the fund.")])


class BackForm(ReasonForm):
    """How much comes back: out of a part, or out of the fund."""

    amount = StringField("Amount", AMOUNT)


class FactsForm(ReasonForm):
    """What a fund is called, and its days."""

    name = StringField("Name", [InputRequired("Give the fund a name."), Length(max=120)])
    starts_on = DateField("First day", [InputRequired("Choose the first day.")])
    ends_on = DateField("Last day", [InputRequired("Choose the last day.")])

    def facts(self) -> Facts:
        """Return what was typed."""
        return Facts(
            name=self.name.data or "", starts_on=self.starts_on.data, ends_on=self.ends_on.data
        )


class SalesForm(Form):
    """A file of sales."""

    file = FileField(
        "Sales (CSV)",
        [FileRequired("Choose the file.")],
        description="Columns: partner, date, amount, reference. A reference counts once.",
    )


class BulkForm(Form):
    """A file of partners, or of parts of a fund."""

    file = FileField("File (CSV or workbook)", [FileRequired("Choose the file.")])
