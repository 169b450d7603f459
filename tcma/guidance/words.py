"""A first step in words: what it asks, why it is worth it, and where it is done."""

from dataclasses import dataclass

from tcma.guidance.rules import Step
from tcma.words import say


@dataclass(frozen=True, slots=True)
class StepWords:
    """`ask` begins a sentence, `noun` stands in a list, `path` is the page at the console."""

    ask: str
    noun: str
    why: str
    verb: str
    path: str
    minutes: int


WORDS: dict[Step, StepWords] = {
    Step.PROFILE: StepWords(
        say("Fill in your brand profile"),
        say("brand profile"),
        say("Six fields. Without them no mail may leave in your name."),
        say("Fill it in"),
        "/console/welcome",
        3,
    ),
    Step.LOGO: StepWords(
        say("Add your logo"),
        say("logo"),
        say("Mails, pages and pictures carry it. Until then your name stands there in type."),
        say("Add the logo"),
        "/console/brand",
        1,
    ),
    Step.LIST: StepWords(
        say("Bring your customers"),
        say("first list"),
        say("A CSV or Excel file is enough. They stay yours: no vendor sees them."),
        say("Import a list"),
        "/console/imports/new",
        4,
    ),
    Step.SENDER: StepWords(
        say("Send from your own domain"),
        say("own sending domain"),
        say("Three records at your DNS. People know your address and answer it."),
        say("Set it up"),
        "/console/senders",
        10,
    ),
    Step.LAUNCH: StepWords(
        say("Launch your first campaign"),
        say("first launch"),
        say("Three decisions: list, date, sender. You can pause it at any time."),
        say("Choose a campaign"),
        "/console/library",
        5,
    ),
    Step.CLAIM: StepWords(
        say("Get your first money back"),
        say("first claim"),
        say("A funded launch writes its own proof. You add the invoice."),
        say("See your funds"),
        "/console/funds",
        3,
    ),
}
