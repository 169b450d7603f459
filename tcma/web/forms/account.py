"""Forms of accounts: sign-in, new password, invitation, one's own settings."""

from babel import Locale
from wtforms import EmailField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from tcma.accounts.rules import LONGEST_PASSWORD, SHORTEST_PASSWORD
from tcma.permissions import PARTNER_ROLES, ROLE_WORDS, VENDOR_ROLES
from tcma.web.forms.base import Form, offer
from tcma.words import say

LANGUAGES = ("en-GB", "de-DE", "fr-FR", "es-ES", "ja-JP", "en-US", "en-AU", "ar", "nb-NO")
"""First what the console is written in; who chooses another reads English with its own formats."""
ZONES = (
    "Europe/London",
    "Europe/Berlin",
    "Europe/Paris",
    "Europe/Oslo",
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "Asia/Dubai",
    "Asia/Tokyo",
    "Australia/Sydney",
    "UTC",
)


class SignInForm(Form):
    """Address and password."""

    email = EmailField(say("E-mail address"), [InputRequired(say("Write your e-mail address."))])
    password = PasswordField(say("Password"), [InputRequired(say("Write your password."))])


class ResetForm(Form):
    """Ask for a link."""

    email = EmailField(say("E-mail address"), [InputRequired(say("Write your e-mail address."))])


class PasswordForm(Form):
    """A new password."""

    password = PasswordField(
        say("New password"),
        [InputRequired(say("Write a password.")), Length(max=LONGEST_PASSWORD)],
        description=say(
            "At least {n} characters. A short sentence works well.", n=SHORTEST_PASSWORD
        ),
    )


class ChangePasswordForm(PasswordForm):
    """Another password, knowing the present one."""

    current = PasswordField(
        say("Present password"),
        [InputRequired(say("Write your present password.")), Length(max=LONGEST_PASSWORD)],
    )


class JoinForm(PasswordForm):
    """An invitation accepted."""

    name = StringField(say("Your name"), [InputRequired(say("Write your name.")), Length(max=120)])


class InviteForm(Form):
    """Invite a colleague; the choices are the roles of one side."""

    name = StringField(say("Name"), [InputRequired(say("Write the name.")), Length(max=120)])
    email = EmailField(say("E-mail address"), [InputRequired(say("Write the e-mail address."))])
    role = SelectField(say("Role"))

    def for_side(self, *, partner: bool) -> "InviteForm":
        """Offer the roles of a partner, or of a vendor."""
        roles = PARTNER_ROLES if partner else VENDOR_ROLES
        offer(self.role, [(r.value, ROLE_WORDS[r]) for r in roles])
        return self


class YouForm(Form):
    """One's own settings."""

    name = StringField(say("Name"), [InputRequired(say("Write your name.")), Length(max=120)])
    locale = SelectField(
        say("Language and formats"),
        choices=[
            SelectChoice(tag, Locale.parse(tag, sep="-").get_display_name()) for tag in LANGUAGES
        ],
        description=say(
            "Dates, numbers and money are written as they are there. Where we do not speak the language, texts are in English."
        ),
    )
    zone = SelectField(
        say("Time zone"), choices=[SelectChoice(z, z.replace("_", " ")) for z in ZONES]
    )
    theme = SelectField(
        say("Theme"),
        choices=[
            SelectChoice("system", say("As the system")),
            SelectChoice("light", say("Light")),
            SelectChoice("dark", say("Dark")),
        ],
    )
