"""The form of a vendor's programme: days of first steps by tier, and what its levels need."""

from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange, Optional

from tcma.guidance.programme import EARNED, LONGEST_DAYS, MOST, Counts, Programme
from tcma.guidance.rules import Step
from tcma.partners.rules import Tier
from tcma.web.forms.base import Form

COUNT_WORDS = {"launches": "Launches", "leads": "Leads taken", "won": "Deals won"}


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
        return Programme(days, needs)


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
