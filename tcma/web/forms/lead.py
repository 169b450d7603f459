"""Forms of leads."""

from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
    TimeField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from tcma.leads.countries import country_code
from tcma.leads.routing.sellers import Way
from tcma.leads.rules import REST_WORDS, RestKind
from tcma.outbox.rules import Kind
from tcma.web.forms.base import Form, KeyedForm
from tcma.web.lead_words import ROLE_VERBS
from tcma.words import say


class OpportunityForm(Form):
    """What an accepted lead may be worth, and when."""

    name = StringField(say("What it is"), [Length(max=200)])
    amount = StringField(say("Worth"), [InputRequired(say("Write what it may be worth."))])
    closes_on = DateField(say("Expected by"), [Optional()])


class DealForm(OpportunityForm, KeyedForm):
    """A deal that came of no lead of ours: with which vendor, whose, from what."""

    vendor = SelectField(say("Vendor"), [InputRequired(say("Choose a vendor."))])
    company = StringField(
        say("Customer"), [InputRequired(say("Write whose deal it is.")), Length(max=200)]
    )
    site = StringField(say("The customer’s website"), [Optional(), Length(max=200)])
    campaign = SelectField(say("It came of the campaign"), [Optional()])


class ChatForm(Form):
    """A room of a partner's chat, or a program of its own, that hears of offers."""

    kind = RadioField(
        say("What it is"),
        [InputRequired(say("Choose what it is."))],
        choices=[
            SelectChoice(Kind.CHAT.value, say("A room of your chat: Slack, Teams or alike")),
            SelectChoice(Kind.PROGRAM.value, say("A program of your own")),
        ],
    )
    name = StringField(say("Name"), [InputRequired(say("Give it a name.")), Length(max=60)])
    url = StringField(
        say("Address of its incoming webhook"),
        [InputRequired(say("Write its address.")), Length(max=2_000)],
    )


class DealTimeForm(Form):
    """Until when a registered deal is kept; at the desk."""

    until = DateField("Keep it until", [InputRequired("Choose a day.")])


class DealFileForm(Form):
    """A file of an opportunity."""

    file = FileField(say("Add a file"), [FileRequired(say("Choose a file."))])


class DealPartForm(Form):
    """Which partner has which part in an opportunity; at the desk."""

    partner = SelectField("Partner", [InputRequired("Choose a partner.")])
    role = SelectField(
        "What it does",
        [InputRequired("Choose what it does.")],
        choices=[SelectChoice(*each) for each in ROLE_VERBS.items()],
    )


class SharingForm(Form):
    """How a partner's leads come to its people; the areas of each stand beside it."""

    way = RadioField(
        say("How leads are shared"),
        [InputRequired(say("Choose one."))],
        choices=[
            SelectChoice(
                Way.EVERYBODY,
                say("Everybody hears of every lead"),
                {"data-small": say("Whoever accepts first has it.")},
            ),
            SelectChoice(
                Way.PERSON,
                say("One person gets all"),
                {"data-small": say("While they are away, the others in turn.")},
            ),
            SelectChoice(
                Way.TURN,
                say("One after the other"),
                {"data-small": say("In turn, among those who are not away.")},
            ),
            SelectChoice(
                Way.AREA,
                say("By area, then one after the other"),
                {"data-small": say("Each person looks after the places you write below.")},
            ),
        ],
    )
    person_id = SelectField(say("Who gets all of them"), [Optional()])
    keeps = BooleanField(
        say("Who had a company’s last lead gets its next one"),
        description=say("Unless they are away."),
    )
    accepts = BooleanField(
        say("Accept by itself every lead that only we are asked about"),
        description=say("Nobody needs to press Accept. A letter says whose it is, and why."),
    )


class HoursForm(Form):
    """On which days a partner works, from when to when."""

    days = SelectMultipleField(
        say("Days"),
        [InputRequired(say("Choose at least one day."))],
        choices=[
            SelectChoice("1", say("Monday")),
            SelectChoice("2", say("Tuesday")),
            SelectChoice("3", say("Wednesday")),
            SelectChoice("4", say("Thursday")),
            SelectChoice("5", say("Friday")),
            SelectChoice("6", say("Saturday")),
            SelectChoice("7", say("Sunday")),
        ],
    )
    opens = TimeField(say("Opens"), [InputRequired(say("Choose a time."))])
    closes = TimeField(say("Closes"), [InputRequired(say("Choose a time."))])


class RestForm(Form):
    """When a partner is closed or takes no new leads, and why."""

    kind = RadioField(
        say("What happens"),
        [InputRequired(say("Choose one."))],
        choices=[
            SelectChoice(
                RestKind.PAUSED,
                say("Give us no new leads"),
                {
                    "data-small": say(
                        "They go to others, those you have not answered too. You lose no turn."
                    )
                },
            ),
            SelectChoice(
                RestKind.CLOSED,
                say("We are closed"),
                {"data-small": say("The time to answer waits, or the next one is asked.")},
            ),
        ],
    )
    reason = RadioField(
        say("Why"),
        [InputRequired(say("Say why."))],
        choices=[SelectChoice(value, words) for value, words in REST_WORDS.items()],
    )
    note = StringField(
        say("In your words"),
        [Optional(), Length(max=200)],
        description=say("Your vendors read it."),
    )
    starts_on = DateField(say("First day"), [InputRequired(say("Choose the first day."))])
    ends_on = DateField(say("Last day"), [Optional()])


class AwayForm(Form):
    """Who gets no new leads, from when to when."""

    person = SelectField(say("Who"), [InputRequired(say("Choose who."))])
    starts_on = DateField(say("First day away"), [InputRequired(say("Choose the first day."))])
    ends_on = DateField(say("Last day away"), [InputRequired(say("Choose the last day."))])


class CardForm(Form):
    """A person's card or badge, typed or read by a scanner; which of our pages they ask about."""

    page = RadioField(say("What they ask for"), [InputRequired(say("Choose what they ask for."))])
    scanned = TextAreaField(say("What the scanner read"), [Optional(), Length(max=4_000)])
    first_name = StringField(say("First name"), [Optional(), Length(max=120)])
    last_name = StringField(say("Last name"), [Optional(), Length(max=120)])
    email = EmailField(say("E-mail address"), [Length(max=320)])
    company = StringField(say("Company"), [Optional(), Length(max=200)])
    phone = TelField(say("Phone"), [Optional(), Length(max=40)])
    postcode = StringField(say("Postcode"), [Optional(), Length(max=16)])
    country = StringField(say("Country"), [Optional(), Length(max=60)])
    note = TextAreaField(say("Note"), [Optional(), Length(max=2_000)])
    consent = BooleanField(say("They said yes to the words above"))
    key = HiddenField()

    def validate_email(self, field: EmailField) -> None:
        """A badge may have told it; somebody must."""
        if not field.data:
            raise ValidationError(say("Write an address we may answer to."))

    def validate_country(self, field: StringField) -> None:
        """Refuse what names no country: the lead would go to whoever works where we are."""
        if not country_code(field.data or ""):
            raise ValidationError(say("Write a country, such as Germany or DE."))
