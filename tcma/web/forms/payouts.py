"""Forms of held payments and of the least sum that is paid."""

from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from tcma.web.forms.base import Form, KeyedForm


class HoldForm(Form):
    """Which partner gets no payments for now, and why."""

    partner = SelectField("Partner", [InputRequired("Choose a partner.")])
    reason = StringField("Why", [InputRequired("Say why."), Length(max=200)])
    overdue = BooleanField(
        "They have overdue bills", description="Funds whose rules say so take no plan and no claim."
    )


class MinimumForm(Form):
    """The least sum that is paid to a partner at once."""

    minimum = StringField("Least sum", [Optional()], description="Empty: every sum is paid.")
    currency = SelectField("Currency", [InputRequired()])


class RepaymentForm(KeyedForm):
    """What a partner paid back, as the bank says."""

    amount = StringField("Amount", [InputRequired("Write the amount.")])
    bank_reference = StringField(
        "Reference of the bank", [InputRequired("Copy the bank’s reference."), Length(max=120)]
    )


class GiveForm(Form):
    """What stands on each paper of a batch that no bank pays."""

    note = StringField("What stands on it", [Optional(), Length(max=300)])


class CancelForm(Form):
    """Why a batch that left is not paid by the bank."""

    reason = StringField("Why the bank does not pay it", [Optional(), Length(max=120)])
