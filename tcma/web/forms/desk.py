"""Forms of the desk: partners, their standing, people, leads by hand."""

from collections.abc import Sequence

from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from tcma.guidance.rules import Step
from tcma.guidance.words import WORDS
from tcma.leads.ad_words import NETWORK_WORDS
from tcma.partners.queries import TerritoryView
from tcma.partners.rules import EnrolmentState, PartnerKind, Tier
from tcma.permissions import ROLE_WORDS, VENDOR_ROLES
from tcma.web.forms.account import LANGUAGES, ZONES
from tcma.web.forms.base import Form, offer

KIND_WORDS = {
    PartnerKind.VAR: "Reseller with services",
    PartnerKind.MSP: "Managed services",
    PartnerKind.SI: "Systems integrator",
    PartnerKind.DISTRIBUTOR: "Distributor",
}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
COUNTRIES = ("GB", "IE", "DE", "AT", "CH", "FR", "NL", "NO", "SE", "DK", "US", "CA", "AU", "JP",
             "AE", "ES", "IT", "PL", "BE")  # fmt: skip
CURRENCIES = ("GBP", "EUR", "USD", "CHF", "NOK", "SEK", "DKK", "PLN", "CAD", "AUD", "JPY", "AED")
ROLE_HINTS = {
    "vendor_marketer": "writes and publishes campaigns",
    "channel_manager": "partners, plans, claims, leads",
    "finance": "funds, claims, payments",
    "administrator": "everything but payments, and people",
}


class StandingForm(Form):
    """How a partner stands with this vendor; weight 0 takes no new leads."""

    tier = SelectField(
        "Tier",
        [InputRequired()],
        choices=[SelectChoice(t.value, t.value.capitalize()) for t in Tier],
    )
    kind = SelectField(
        "Kind", [InputRequired()], choices=[SelectChoice(k.value, w) for k, w in KIND_WORDS.items()]
    )
    state = SelectField(
        "Standing",
        [InputRequired()],
        choices=[SelectChoice(s.value, s.value.capitalize()) for s in EnrolmentState],
    )
    weight = IntegerField(
        "Weight in the round of leads",
        [InputRequired("Write a number."), NumberRange(0, 100, "From 0 to 100.")],
    )
    territories = SelectMultipleField("Territories")
    certifications = TextAreaField(
        "Certifications",
        description="One a line: Cloud Move until 2027-03-31. It lapses after that day. "
        "Routing rules that ask for a certificate count it until then.",
    )

    def offer_territories(self, areas: Sequence[TerritoryView]) -> None:
        """Offer the vendor's territories."""
        offer(self.territories, [(a.code, a.name, a.code) for a in areas])


class PartnerForm(Form):
    """A new partner and the person who owns its console."""

    name = StringField("Name", [InputRequired("Write the name."), Length(max=120)])
    legal_name = StringField("Legal name", [InputRequired("Write the name."), Length(max=160)])
    country = SelectField(
        "Country", [InputRequired()], choices=[SelectChoice(c, c) for c in COUNTRIES]
    )
    zone = SelectField(
        "Time zone",
        [InputRequired()],
        choices=[SelectChoice(z, z.replace("_", " ")) for z in ZONES],
    )
    locale = SelectField(
        "Language", [InputRequired()], choices=[SelectChoice(code, code) for code in LANGUAGES]
    )
    currency = SelectField(
        "Currency", [InputRequired()], choices=[SelectChoice(c, c) for c in CURRENCIES]
    )
    tier = SelectField(
        "Tier",
        [InputRequired()],
        choices=[SelectChoice(t.value, t.value.capitalize()) for t in Tier],
    )
    kind = SelectField(
        "Kind", [InputRequired()], choices=[SelectChoice(k.value, w) for k, w in KIND_WORDS.items()]
    )
    territories = SelectMultipleField("Territories", [Optional()])
    person = StringField("Who runs it", [InputRequired("Write the person's name.")])
    email = EmailField("Their e-mail address", [InputRequired("Write the address.")])


class PersonForm(Form):
    """A person of the partner."""

    person = StringField("Name", [InputRequired("Write the person's name."), Length(max=120)])
    email = EmailField("E-mail address", [InputRequired("Write the address.")])


class WaiverForm(Form):
    """A first step that a partner is not asked for, and why."""

    step = SelectField("Step", [InputRequired("Choose a step.")])
    why = StringField(
        "Why",
        [InputRequired("Write why."), Length(max=200)],
        description="The partner reads it.",
    )

    def offer_steps(self, steps: Sequence[Step]) -> None:
        """Offer what is still open."""
        offer(self.step, [(step.value, WORDS[step].noun.capitalize()) for step in steps])


class ColleagueForm(Form):
    """A colleague at the vendor."""

    name = StringField("Name", [InputRequired("Write the person's name."), Length(max=120)])
    email = EmailField("E-mail address", [InputRequired("Write the address.")])
    role = SelectField("Role", [InputRequired("Choose a role.")])

    def offer_roles(self) -> None:
        """Offer the four roles of a vendor with what each may."""
        offer(self.role, [(r.value, ROLE_WORDS[r], ROLE_HINTS[r.value]) for r in VENDOR_ROLES])


class AssignForm(Form):
    """Who gets a lead."""

    partner = SelectField("Partner", [InputRequired("Choose a partner.")])
    why = StringField("Why", [Optional(), Length(max=400)])


class LeadActForm(Form):
    """What is done with a lead, or with all that are ticked."""

    act = SelectField(
        "Do",
        [InputRequired("Choose what to do.")],
        choices=[
            SelectChoice("again", "Let the rules decide anew"),
            SelectChoice("offer", "Offer to a partner"),
            SelectChoice("spam", "Close as spam"),
            SelectChoice("duplicate", "Close as a duplicate"),
        ],
    )
    partner = SelectField("Partner", [Optional()])
    why = StringField("Why", [Optional(), Length(max=400)])


class IntakeKeyForm(Form):
    """Who hands leads in, for which campaign, and for whom."""

    name = StringField("Who uses it", [InputRequired("Say who will use it."), Length(max=120)])
    campaign = SelectField("Campaign", [InputRequired("Choose a campaign.")])
    partner = SelectField("Partner", [Optional()])
    may_read = BooleanField("It may read these leads, too")


class LeadAdsForm(Form):
    """An account at an ad network, or a program, that calls us with leads."""

    network = RadioField(
        "Who calls",
        [InputRequired("Choose who calls.")],
        choices=[SelectChoice(network.value, words) for network, words in NETWORK_WORDS.items()],
    )
    name = StringField("Name", [InputRequired("Say which account it is."), Length(max=120)])
    campaign = SelectField("Campaign", [InputRequired("Choose a campaign.")])
    partner = SelectField("Partner", [Optional()])
    secret = PasswordField(
        "Secret that signs the calls", [InputRequired("Put in the secret."), Length(max=400)]
    )
    token = PasswordField("Token that reads the leads", [Optional(), Length(max=2_000)])
    consent = TextAreaField(
        "What people agree to there",
        [InputRequired("Write what people agree to in that form."), Length(max=2_000)],
    )
    fields = TextAreaField("Fields", [Optional(), Length(max=2_000)])


class LeadEventForm(Form):
    """Where a list of leads comes from, and what the people on it agreed to."""

    name = StringField("Event", [InputRequired("Name the event."), Length(max=80)])
    campaign = SelectField("Campaign", [InputRequired("Choose a campaign.")])
    partner = SelectField("Partner", [Optional()])
    words = TextAreaField(
        "Words they agreed to", [InputRequired("Write the words."), Length(max=1_000)]
    )
    agreed = BooleanField(
        "Everybody on the list agreed to these words",
        [InputRequired("Only people who agreed may be written to.")],
    )


class LeadListForm(LeadEventForm):
    """The same with the list itself."""

    file = FileField("The list", [InputRequired("Choose a file.")])


class RuleTextForm(Form):
    """Rules as text, the day they begin, and why they change."""

    source = TextAreaField("Rules", [InputRequired("Write at least one rule."), Length(max=60_000)])
    valid_from = DateField("In force from", [InputRequired("Choose a day.")])
    note = StringField("Why", [Optional(), Length(max=400)])


class PublishForm(Form):
    """The day from which rules that were tried begin, and why they change."""

    valid_from = DateField("In force from", [InputRequired("Choose a day.")])
    note = StringField("Why", [Optional(), Length(max=400)])
