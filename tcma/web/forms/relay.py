"""Forms of a sender's own relays."""

from wtforms import IntegerField, PasswordField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from tcma.senders.relay_rules import (
    KIND_WORDS,
    LONGEST_SECRET,
    RelayFacts,
    RelayKind,
    relay_facts,
)
from tcma.web.forms.base import Form
from tcma.words import say

HOUSE, WAIT = "house", "wait"


class RelayForm(Form):
    """Where a relay is and what lets us in; the password is never shown again."""

    kind = RadioField(
        say("How it is reached"),
        [InputRequired(say("Choose one."))],
        choices=[
            SelectChoice(kind.value, words, {"data-small": small})
            for kind, (words, small) in KIND_WORDS.items()
        ],
        default=RelayKind.STARTTLS.value,
    )
    host = StringField(
        say("Mail server"), [InputRequired(say("This is missing.")), Length(max=250)]
    )
    port = IntegerField(say("Port"), [Optional(), NumberRange(1, 65_535)])
    user = StringField(say("User name"), [Length(max=LONGEST_SECRET)])
    password = PasswordField(say("Password"), [Length(max=LONGEST_SECRET)])

    def facts(self, *, is_stored: bool = False) -> RelayFacts:
        """Return what was typed; Invalid where it cannot stand."""
        return relay_facts(
            RelayKind(self.kind.data),
            host=self.host.data or "",
            port=self.port.data,
            user=self.user.data or "",
            password=self.password.data or "",
            is_stored=is_stored,
        )


class LastResortForm(Form):
    """What happens when none of a sender's own relays takes mail."""

    last = RadioField(
        say("When none of them takes mail"),
        [InputRequired(say("Choose one."))],
        choices=[
            SelectChoice(
                WAIT,
                say("The mail waits"),
                {"data-small": say("It goes on by itself when one of them answers.")},
            ),
            SelectChoice(
                HOUSE,
                say("The installation’s relays send it"),
                {"data-small": say("Receivers then see another server than yours.")},
            ),
        ],
    )
