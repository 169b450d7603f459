"""Forms of accounts: sign-in, new password, invitation, one's own settings."""

from babel import Locale
from wtforms import EmailField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from tcma.accounts.rules import LONGEST_PASSWORD, SHORTEST_PASSWORD
from tcma.permissions import PARTNER_ROLES, ROLE_WORDS, VENDOR_ROLES
from tcma.web.forms.base import Form, offer

LANGUAGES = ("en-GB", "en-US", "de-DE", "fr-FR", "ar", "ja-JP", "nb-NO", "en-AU")
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

    email = EmailField("E-mail address", [InputRequired("Write your e-mail address.")])
    password = PasswordField("Password", [InputRequired("Write your password.")])


class ResetForm(Form):
    """Ask for a link."""

    email = EmailField("E-mail address", [InputRequired("Write your e-mail address.")])


class PasswordForm(Form):
    """A new password."""

    password = PasswordField(
        "New password",
        [InputRequired("Write a password."), Length(max=LONGEST_PASSWORD)],
        description=f"At least {SHORTEST_PASSWORD} characters. A short sentence works well.",
    )


class ChangePasswordForm(PasswordForm):
    """Another password, knowing the present one."""

    current = PasswordField(
        "Present password",
        [InputRequired("Write your present password."), Length(max=LONGEST_PASSWORD)],
    )


class JoinForm(PasswordForm):
    """An invitation accepted."""

    name = StringField("Your name", [InputRequired("Write your name."), Length(max=120)])


class InviteForm(Form):
    """Invite a colleague; the choices are the roles of one side."""

    name = StringField("Name", [InputRequired("Write the name."), Length(max=120)])
    email = EmailField("E-mail address", [InputRequired("Write the e-mail address.")])
    role = SelectField("Role")

    def for_side(self, *, partner: bool) -> "InviteForm":
        """Offer the roles of a partner, or of a vendor."""
        roles = PARTNER_ROLES if partner else VENDOR_ROLES
        offer(self.role, [(r.value, ROLE_WORDS[r]) for r in roles])
        return self


class YouForm(Form):
    """One's own settings."""

    name = StringField("Name", [InputRequired("Write your name."), Length(max=120)])
    locale = SelectField(
        "Language and region",
        choices=[
            SelectChoice(tag, Locale.parse(tag, sep="-").get_display_name()) for tag in LANGUAGES
        ],
    )
    zone = SelectField("Time zone", choices=[SelectChoice(z, z.replace("_", " ")) for z in ZONES])
    theme = SelectField(
        "Theme",
        choices=[
            SelectChoice("system", "As the system"),
            SelectChoice("light", "Light"),
            SelectChoice("dark", "Dark"),
        ],
    )
