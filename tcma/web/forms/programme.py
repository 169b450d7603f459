"""The form of a vendor's programme: days of first steps by tier, and what its levels need."""

from wtforms import IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from tcma.guidance.own_tasks import LAST_DAY, LONGEST_WORDS
from tcma.guidance.programme import (
    EARNED,
    LEVELS,
    LONGEST_DAYS,
    MOST,
    Counts,
    Level,
    Programme,
)
from tcma.guidance.rules import Step
from tcma.partners.rules import Tier
from tcma.web.forms.base import Form

COUNT_WORDS = {"launches": "Launches", "leads": "Leads taken", "won": "Deals won"}


class OwnTaskForm(Form):
    """What a vendor asks of new partners besides the first steps."""

    title = StringField("What is to be done", [InputRequired("Say what is to be done.")])
    words = TextAreaField("In a sentence or two", [Optional(), Length(max=LONGEST_WORDS)])
    link = StringField("Link", [Optional(), Length(max=400)])
    due_days = IntegerField(
        "Days after joining",
        [
            InputRequired("Write a number of days."),
            NumberRange(0, LAST_DAY, f"Write days from 0 to {LAST_DAY}."),
        ],
        default=14,
    )
    who = RadioField(
        "Who does it",
        [InputRequired("Choose who does it.")],
        choices=[SelectChoice("partner", "The partner"), SelectChoice("vendor", "You, for it")],
        default="partner",
    )


class ProgrammeForm(Form):
    """One field for each tier and step, empty where it is not asked for, and one for each need."""

    def fill(self, programme: Programme) -> None:
        """Show a programme."""
        for tier, days in programme.days.items():
            for step in Step:
                self[f"{tier}_{step}"].data = days.get(step)
        for level, counts in programme.needs.items():
            for what in Counts.__slots__:
                self[f"{level}_{what}"].data = getattr(counts, what)
        for level in GIVING:
            self[f"{level}_gives"].data = "\n".join(programme.gives_at(level))

    def programme(self) -> Programme:
        """Return what was filled in."""
        days = {
            tier: {
                step: self[f"{tier}_{step}"].data
                for step in Step
                if self[f"{tier}_{step}"].data is not None
            }
            for tier in Tier
        }
        needs = {
            level: Counts(*(self[f"{level}_{what}"].data for what in Counts.__slots__))
            for level in EARNED
        }
        return Programme(
            days, needs, {level: self.gift(level) for level in GIVING if self.gift(level)}
        )

    def gift(self, level: Level) -> tuple[str, ...]:
        """Return what a level gives, a line each."""
        lines = (self[f"{level}_gives"].data or "").splitlines()
        return tuple(" ".join(line.split()) for line in lines if line.strip())


class LowerForm(Form):
    """A lower level for a partner, and why."""

    level = SelectField("Level", [InputRequired("Choose a level.")])
    why = StringField("Why", [InputRequired("Write why. The partner reads it."), Length(max=200)])


GIVING = LEVELS[1:]
"""Levels that give something: the lowest is where everybody begins."""
for _level in GIVING:
    setattr(
        ProgrammeForm,
        f"{_level}_gives",
        TextAreaField("What it gives, a line each", [Optional(), Length(max=2_000)]),
    )
for _tier in Tier:
    for _step in Step:
        setattr(
            ProgrammeForm,
            f"{_tier}_{_step}",
            IntegerField(
                _tier.capitalize(),
                [Optional(), NumberRange(1, LONGEST_DAYS, f"Write 1 to {LONGEST_DAYS} days.")],
            ),
        )
for _level in EARNED:
    for _what, _words in COUNT_WORDS.items():
        setattr(
            ProgrammeForm,
            f"{_level}_{_what}",
            IntegerField(
                _words,
                [InputRequired("Write 0 or more."), NumberRange(0, MOST, f"Write 0 to {MOST}.")],
            ),
        )
