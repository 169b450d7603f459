"""Forms of a partner's pages at social networks."""

from datetime import datetime, tzinfo

from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from tcma.errors import Invalid
from tcma.web.forms.base import Form
from tcma.words import say


class AccountForm(Form):
    """The number of a page or organisation, and a token that lets us post for it."""

    account = StringField(
        say("Number of your page"), [InputRequired(say("Write its number.")), Length(max=30)]
    )
    token = PasswordField(
        say("Access token"), [InputRequired(say("Copy it here.")), Length(max=2_000)]
    )


def local_instant(text: str, zone: tzinfo, now: datetime) -> datetime:
    """Return the instant of a day and time by the reader's clock; now when nothing is written."""
    if not text.strip():
        return now
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=zone)
    except ValueError:
        words = say("Write day and time.")
        raise Invalid(words, code="social.time", fields={"at": words}) from None
