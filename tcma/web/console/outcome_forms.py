"""The form in which a partner says how an activity was done, filled as it was approved."""

from tcma.mdf.asked_line import Questions
from tcma.mdf.programme.fact_words import fact_words
from tcma.web.forms.mdf import OutcomeForm


def outcome_form(asks: Questions) -> OutcomeForm:
    """Return the form filled with what was said, else with what was approved."""
    form = OutcomeForm(formdata=None)
    form.results.data = asks.results_words
    form.answers.process(None, [{"name": name, "value": value} for name, value in asks.done])
    return named(form)


def named(form: OutcomeForm) -> OutcomeForm:
    """Return the form with each answer under the words of its name."""
    for row in form.answers:
        row.form.value.label.text = fact_words(row.form.name.data or "")
    return form
