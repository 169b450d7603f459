"""Forms of bank accounts: stating one, saying how it was checked, what the bank answered."""

from babel import Locale
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from tcma.mdf.payments.bank_rules import CLEARING, LONGEST_NAME, Account
from tcma.web.forms.base import Form
from tcma.words import Words, joined, say, written

_NAMES = Locale("en").territories
CODES = joined(
    *(
        say("{code} ({country})", code=CLEARING[country][2], country=country)
        for country in ("GB", "US", "AU", "JP")
    ),
    by=", ",
)


def _country(code: str) -> Words:
    return written(lambda locale: str(locale.territories[code]))


class AccountForm(Form):
    """An account: IBAN where the country has them, else number and the bank's code."""

    holder = StringField(
        say("Name on the account"),
        [InputRequired(say("Write the name on the account.")), Length(max=LONGEST_NAME)],
    )
    iban = StringField("IBAN", description=say("From a statement. Blanks do not matter."))
    country = SelectField(
        say("Country of the bank"),
        [Optional()],
        choices=[
            SelectChoice("", "–"),
            *(
                SelectChoice(code, joined(_country(code), name, by=": "))
                for code, (_, _, name) in sorted(CLEARING.items(), key=lambda c: _NAMES[c[0]])
            ),
        ],
    )
    bank_code = StringField(
        say("Code of the bank"), description=say("{codes} and so on.", codes=CODES)
    )
    number = StringField(say("Account number"))
    bic = StringField("BIC", description=say("Only for payments from abroad."))
    tax_id = StringField(
        say("Tax number"),
        [Length(max=40)],
        description=say("VAT number, EIN or ABN, where you have one."),
    )

    def account(self) -> Account:
        """Return what was typed."""
        return Account(
            holder=self.holder.data or "",
            country=self.country.data or "",
            iban=self.iban.data or "",
            number=self.number.data or "",
            bank_code=self.bank_code.data or "",
            bic=self.bic.data or "",
            tax_id=self.tax_id.data or "",
        )


class CheckForm(Form):
    """How an account was compared with its owner."""

    how = StringField(
        say("How did you check it?"),
        [InputRequired(say("Say how you checked it.")), Length(max=200)],
        description=say("Such as “called the number on the contract, spoke to Dana Ridley”."),
    )


class AnswerForm(Form):
    """The bank's file: a status report or a statement."""

    file = FileField(say("The bank’s file"), [FileRequired(say("Choose the bank’s file."))])
