"""The form of a version of terms, and the yes to one."""

from wtforms import BooleanField, HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from tcma.partners.terms import LONGEST_TITLE, LONGEST_WORDS, NewTerms
from tcma.web.forms.base import Form
from tcma.words import say


class TermsForm(Form):
    """What a vendor's partners are to accept."""

    title = StringField("Name", [InputRequired("Give them a name."), Length(max=LONGEST_TITLE)])
    words = TextAreaField("Text", [InputRequired("Write the text."), Length(max=LONGEST_WORDS)])
    asks_again = BooleanField("Ask partners that accepted an earlier version again", default=True)

    @property
    def terms(self) -> NewTerms:
        """Return what was written."""
        return NewTerms(
            title=self.title.data or "",
            words=self.words.data or "",
            asks_again=bool(self.asks_again.data),
        )


class AcceptForm(Form):
    """The version that was shown, and the tick beneath it."""

    no = IntegerField(validators=[InputRequired()])
    sha256 = HiddenField(validators=[InputRequired()])
    read = BooleanField(
        say("I have read them and may accept them for my company"),
        [InputRequired(say("Tick it to accept them."))],
    )
