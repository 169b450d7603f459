"""Forms of consent: what a list rests on, and what one person told the partner."""

from wtforms import DateField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from tcma.contacts.consent import Controller, Told
from tcma.contacts.rules import LawfulBasis
from tcma.web.forms.base import Form, offer
from tcma.web.forms.contact import BASIS_WORDS
from tcma.words import say

TOLD_WORDS = {
    Told.AGREED: (say("They agreed"), say("On a form, by phone, at a fair.")),
    Told.BOUGHT: (say("They bought from us"), say("In Canada it counts for 24 months.")),
    Told.ENQUIRED: (say("They asked us something"), say("In Canada it counts for 6 months.")),
    Told.REFUSED: (say("They want no mails"), say("Nothing is sent to them any more.")),
}


class DeclarationForm(Form):
    """What a list rests on, since when, and who decides about it."""

    basis = RadioField(say("How do you know they agree?"), [InputRequired(say("Choose one."))],
                       choices=[SelectChoice(b.value, w[0]) for b, w in BASIS_WORDS.items()])  # fmt: skip
    evidence = StringField(say("Where can one see it?"), [Length(max=200)])
    since = DateField(say("Since"), [Optional()])
    vendor = RadioField(say("Who decides about this list?"), [InputRequired(say("Choose one."))])

    @classmethod
    def with_vendors(cls, vendors: list[tuple[str, str]]) -> "DeclarationForm":
        """Build the form: this partner alone, or together with one of its vendors."""
        form = cls()
        offer(form.basis, [(b.value, *w) for b, w in BASIS_WORDS.items()])
        together = [
            (vendor_id, say("We and {name}", name=name), say("Only for campaigns of this vendor."))
            for vendor_id, name in vendors
        ]
        alone = (
            Controller.PARTNER.value,
            say("We alone"),
            say("Our own customers, for any campaign."),
        )
        offer(form.vendor, [alone, *together])
        return form

    @property
    def told_basis(self) -> LawfulBasis:
        """What the list rests on."""
        return LawfulBasis(self.basis.data)


class ToldForm(Form):
    """What one person told the partner, and where one can see it."""

    told = RadioField(say("What did they say?"), [InputRequired(say("Choose one."))],
                      choices=[SelectChoice(t.value, w[0]) for t, w in TOLD_WORDS.items()])  # fmt: skip
    evidence = StringField(say("Where can one see it?"), [InputRequired(say("Say where one can see it.")),
                           Length(max=200)],
                           description=say("Such as “Call, 4 March, note in the CRM”."))  # fmt: skip
