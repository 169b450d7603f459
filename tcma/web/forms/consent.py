"""Forms of consent: what a list rests on, and what one person told the partner."""

from wtforms import DateField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from tcma.contacts.consent import Controller, Told
from tcma.contacts.rules import LawfulBasis
from tcma.web.forms.base import Form, offer
from tcma.web.forms.contact import BASIS_WORDS

TOLD_WORDS = {
    Told.AGREED: ("They agreed", "On a form, by phone, at a fair."),
    Told.BOUGHT: ("They bought from us", "In Canada it counts for 24 months."),
    Told.ENQUIRED: ("They asked us something", "In Canada it counts for 6 months."),
    Told.REFUSED: ("They want no mails", "Nothing is sent to them any more."),
}


class DeclarationForm(Form):
    """What a list rests on, since when, and who decides about it."""

    basis = RadioField("How do you know they agree?", [InputRequired("Choose one.")],
                       choices=[SelectChoice(b.value, w[0]) for b, w in BASIS_WORDS.items()])  # fmt: skip
    evidence = StringField("Where can one see it?", [Length(max=200)])
    since = DateField("Since", [Optional()])
    vendor = RadioField("Who decides about this list?", [InputRequired("Choose one.")])

    @classmethod
    def with_vendors(cls, vendors: list[tuple[str, str]]) -> "DeclarationForm":
        """Build the form: this partner alone, or together with one of its vendors."""
        form = cls()
        offer(form.basis, [(b.value, *w) for b, w in BASIS_WORDS.items()])
        together = [
            (vendor_id, f"We and {name}", "Only for campaigns of this vendor.")
            for vendor_id, name in vendors
        ]
        alone = (Controller.PARTNER.value, "We alone", "Our own customers, for any campaign.")
        offer(form.vendor, [alone, *together])
        return form

    @property
    def told_basis(self) -> LawfulBasis:
        """What the list rests on."""
        return LawfulBasis(self.basis.data)


class ToldForm(Form):
    """What one person told the partner, and where one can see it."""

    told = RadioField("What did they say?", [InputRequired("Choose one.")],
                      choices=[SelectChoice(t.value, w[0]) for t, w in TOLD_WORDS.items()])  # fmt: skip
    evidence = StringField("Where can one see it?", [InputRequired("Say where one can see it."),
                           Length(max=200)],
                           description="Such as “Call, 4 March, note in the CRM”.")  # fmt: skip
