"""What a launch may choose beyond its three decisions: their clock, hours, who is held out, a test."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from wtforms import RadioField, SelectField, StringField
from wtforms.validators import Optional, ValidationError

from tcma.launches.choices import Choices, TrialChoice
from tcma.launches.hold_out import SHARES as HELD_OUT
from tcma.launches.hours import Hours
from tcma.launches.trial import SHARES, WAITS
from tcma.launches.trials import LONGEST_SUBJECT, Variant
from tcma.web.forms.base import Form, offer
from tcma.words import say

CLOCKS = [
    ("same", say("Everybody at that moment")),
    (
        "local",
        say("At that time where each recipient is"),
        say("By time zone, postcode or country of the contact; by your clock where none is known"),
    ),
]
HOURS = {
    Hours.ANY: say("At any hour"),
    Hours.WORKING: say("On working days, 08:00 to 18:00"),
    Hours.DAYTIME: say("Every day, 08:00 to 20:00"),
}
NO_TEST, OWN, SENDER = "", "own", "sender"


class ChoicesForm(Form):
    """Fields that may be left alone; a form without them chooses nothing."""

    clock = RadioField(say("By whose clock"), default="same")
    hours = RadioField(say("Within which hours"), default=Hours.ANY.value)
    hold_out = RadioField(say("Held out to measure"), default="0")
    trial = RadioField(say("Test of two variants"), [Optional()], default=NO_TEST)
    subject_b = StringField(say("Second subject line"))
    sender_b = SelectField(say("Second sender"), default="")
    share = RadioField(say("People in the test"), default="30")
    wait = RadioField(say("Longest wait"), default="24")

    def offer_choices(
        self, variants: Sequence[Variant], second_senders: Sequence[tuple[str, str]] = ()
    ) -> None:
        """Offer what can be chosen; `variants` are the author's own of the first mail."""
        offer(self.clock, CLOCKS)
        by_clock = say("By the recipient’s clock; what comes later waits")
        offer(
            self.hours,
            [(each.value, words, "" if each is Hours.ANY else by_clock)
             for each, words in HOURS.items()],
        )  # fmt: skip
        offer(
            self.hold_out,
            [(str(n), say("{n} of 100", n=n) if n else say("Nobody")) for n in HELD_OUT],
        )
        offer(
            self.trial,
            [(NO_TEST, say("No test"), "")]
            + [(each.key, say("Your vendor’s second variant"), each.subject) for each in variants]
            + [(OWN, say("A second subject line of my own"), "")]
            + (
                [
                    (
                        SENDER,
                        say("Another sender"),
                        say("The same mail in another name, or from another address"),
                    )
                ]
                if second_senders
                else []
            ),
        )
        offer(self.sender_b, [("", say("None")), *second_senders])
        offer(self.share, [(str(n), say("{n} of 100", n=n)) for n in SHARES])
        offer(self.wait, [(str(n), say("{n} hours", n=n)) for n in WAITS])

    def validate_subject_b(self, field: Any) -> None:
        """Ask for a subject where one is to be tested; one that was typed is meant to be tested."""
        words = " ".join((field.data or "").split())
        if words and self.trial.data == NO_TEST:
            self.trial.data = OWN
        if self.trial.data == OWN and not 3 <= len(words) <= LONGEST_SUBJECT:
            raise ValidationError(
                say(
                    "Write a subject of 3 to {longest_subject} characters.",
                    longest_subject=LONGEST_SUBJECT,
                )
            )

    def validate_sender_b(self, field: Any) -> None:
        """Ask for a sender where one is to be tested; one that was chosen is meant to be tested."""
        if field.data and self.trial.data == NO_TEST:
            self.trial.data = SENDER
        if self.trial.data == SENDER and not field.data:
            raise ValidationError(say("Choose who B comes from."))

    @property
    def chose_more(self) -> bool:
        """Whether something was chosen beyond the three decisions."""
        data = (self.clock.data, self.hours.data, self.hold_out.data, self.trial.data or NO_TEST)
        return data != ("same", Hours.ANY.value, "0", NO_TEST) or bool(self.errors)

    @property
    def choices(self) -> Choices:
        """What was chosen beyond the three decisions."""
        test = None
        if self.trial.data:
            test = TrialChoice(
                share=int(self.share.data), hours=int(self.wait.data), **self._second()
            )
        return Choices(
            local_time=self.clock.data == "local",
            hours=Hours(self.hours.data),
            hold_out=int(self.hold_out.data),
            trial=test,
        )

    def _second(self) -> dict[str, Any]:
        """What B is: the author's mail, a subject, or a sender."""
        if self.trial.data == OWN:
            return {"subject": self.subject_b.data or ""}
        if self.trial.data != SENDER:
            return {"variant": self.trial.data}
        kind, _, value = self.sender_b.data.partition(":")
        return {"from_name": value} if kind == "name" else {"sender_id": UUID(value)}

    def show_choices(self, choices: Choices) -> None:
        """Fill in what a launch has chosen."""
        self.clock.data = "local" if choices.local_time else "same"
        self.hours.data = choices.hours.value
        self.hold_out.data = str(choices.hold_out)
        if test := choices.trial:
            self.trial.data = SENDER if test.is_of_sender else test.variant or OWN
            if test.is_of_sender:
                self.sender_b.data = (
                    f"from:{test.sender_id}" if test.sender_id else f"name:{test.from_name}"
                )
            self.subject_b.data = test.subject
            self.share.data, self.wait.data = str(test.share), str(test.hours)
