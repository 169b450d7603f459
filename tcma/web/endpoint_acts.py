"""What a desk and a console do alike with an address that other programs or a chat are told at; each has its own page."""

from typing import Final

from flask import request

from tcma.outbox import actions
from tcma.outbox.rules import EndpointState
from tcma.web.attempt import attempt
from tcma.web.unit_of_work import work
from tcma.web.wording import flash
from tcma.words import say

SAID: Final = {
    EndpointState.ON: say("It goes on: what waited is told now."),
    EndpointState.PAUSED: say("It is paused. What it is to be told is kept."),
    EndpointState.ENDED: say("It is ended, and is told nothing any more."),
}


def change_state(ref: str) -> None:
    """Pause an address, let it go on, or end it, as the form asks, and say so."""
    asked = request.form.get("state", EndpointState.ON)
    state = EndpointState(asked) if asked in tuple(EndpointState) else EndpointState.ON
    with attempt() as tried:
        actions.set_state(work(), ref, state)
    flash(SAID[state] if tried.done else tried.words, "good" if tried.done else "need")


def send_test(ref: str, *, said: str) -> None:
    """Tell an address something that says it is a test, and say so."""
    with attempt() as tried:
        actions.send_test(work(), ref)
    flash(said if tried.done else tried.words, "work" if tried.done else "need")
