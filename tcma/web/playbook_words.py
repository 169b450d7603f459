"""Steps of a playbook as pages show them: when, whose, how far, with its script and its parts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from markupsafe import Markup

from tcma.guidance.playbook import Seen, StandState, StepStand
from tcma.rendering.playbook import Asset, Doer, PlaybookStep, StepKind, as_html, filled
from tcma.rendering.source import CampaignSource
from tcma.web.filters import local_date
from tcma.web.reading import reader
from tcma.words import listed, say, say_n

Addresses = Callable[[Asset], str]
WHOSE = {Doer.MARKETING: say("Marketing"), Doer.SALES: say("Sales")}
KINDS = {
    StepKind.DO: say("By hand"),
    StepKind.CALL: say("Call with a script"),
    StepKind.POST: say("Social post"),
    StepKind.LAUNCH: say("The launch itself"),
    StepKind.FOLLOW_UP: say("Answer leads"),
    StepKind.CLAIM: say("Claim"),
}
ICONS = {
    StepKind.DO: "pencil",
    StepKind.CALL: "phone",
    StepKind.POST: "share",
    StepKind.LAUNCH: "send",
    StepKind.FOLLOW_UP: "users",
    StepKind.CLAIM: "receipt",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLine:
    """One step: `when` in words, `note` says what the product sees, `act` is where it is done."""

    key: str
    title: str
    why: str
    kind: str
    icon: str
    whose: str
    minutes: int
    when: str
    script: Markup | None
    parts: list[tuple[str, str]]
    state: str = ""
    note: str = ""
    whom: str = ""
    act: tuple[str, str] | None = None
    is_by_hand: bool = False


def planned_lines(
    source: CampaignSource,
    steps: Sequence[PlaybookStep],
    language: str,
    names: Mapping[str, str],
    at: Addresses,
) -> list[StepLine]:
    """Return the steps of a campaign before any launch, each with its day counted from that."""
    return [_line(step, source, language, names, at, when=day_words(step.day)) for step in steps]


def standing_lines(  # noqa: PLR0913 - what a line is made of
    source: CampaignSource,
    language: str,
    names: Mapping[str, str],
    at: Addresses,
    *,
    stands: Sequence[StepStand],
    seen: Seen,
    acts: Callable[[StepStand], tuple[str, str] | None],
) -> list[StepLine]:
    """Return the steps of a launch with their dates and how they stand."""
    steps = {step.key: step for step in source.playbook}
    return [
        _line(
            steps[stand.step.key],
            source,
            language,
            names,
            at,
            when=when_of(stand),
            state=stand.state.value,
            note=note_of(stand, seen),
            act=None if stand.is_through else acts(stand),
        )
        for stand in stands
    ]


def _line(  # noqa: PLR0913 - what a line is made of
    step: PlaybookStep,
    source: CampaignSource,
    language: str,
    names: Mapping[str, str],
    at: Addresses,
    *,
    when: str,
    state: str = "",
    note: str = "",
    act: tuple[str, str] | None = None,
) -> StepLine:
    script = step.script[language]
    return StepLine(
        key=step.key,
        title=filled(step.title[language], names),
        why=filled(step.why[language], names),
        kind=KINDS[step.kind],
        icon=ICONS[step.kind],
        whose=WHOSE[step.who],
        minutes=step.minutes,
        when=when,
        script=as_html(script, names) if script else None,
        parts=[(asset_words(source, language, each), at(each)) for each in step.assets],
        state=state,
        note=note,
        whom=whom_words(step),
        act=act,
        is_by_hand=step.kind in (StepKind.DO, StepKind.CALL),
    )


def whom_words(step: PlaybookStep) -> str:
    """Return which partners are asked for a step, and when, where not all are."""
    tiers = listed([tier.capitalize() for tier in step.tiers])
    if step.first_launch:
        return (
            say("For {tiers} partners, in their first launch", tiers=tiers)
            if step.tiers
            else say("In your first launch")
        )
    return say("For {tiers} partners", tiers=tiers) if step.tiers else ""


def day_words(day: int) -> str:
    """Return a day as it is counted from the launch."""
    if day == 0:
        return say("On the day of the launch")
    if day < 0:
        return say_n("{n} day before the launch", "{n} days before the launch", -day)
    return say_n("{n} day after the launch", "{n} days after the launch", day)


def when_of(stand: StepStand) -> str:
    """Return when a step is due, or who did it when."""
    match stand.state:
        case StandState.DONE if stand.tick:
            return say("Done by {name} on {date}", name=stand.tick.by, date=_day(stand.tick.at))
        case StandState.DONE:
            return say("Done")
        case StandState.SPARED:
            return say("Not needed")
        case StandState.LATE:
            return say("Was due on {date}", date=_day(stand.due_on))
        case StandState.DUE:
            return say("Due today")
        case _:
            return say("By {date}", date=_day(stand.due_on))


def note_of(stand: StepStand, seen: Seen) -> str:
    """Return what the product sees of a step, and why it stands as it does."""
    match stand.step.kind:
        case StepKind.FOLLOW_UP if seen.leads_open:
            return say_n(
                "{n} lead of this launch waits for an answer or a first call.",
                "{n} leads of this launch wait for an answer or a first call.",
                seen.leads_open,
            )
        case StepKind.FOLLOW_UP:
            return say_n(
                "{n} lead so far, none waits.", "{n} leads so far, none waits.", seen.leads
            )
        case StepKind.CLAIM if stand.state is StandState.SPARED:
            return say("No funds pay for this launch.")
        case StepKind.POST if not stand.is_through:
            return say("It ticks itself when your post stands.")
        case _:
            return ""


def asset_words(source: CampaignSource, language: str, asset: Asset) -> str:
    """Return the name of a part that a step refers to."""
    match asset.kind:
        case "image":
            image = next(each for each in source.images if each.name == asset.name)
            return say("Picture {width} × {height}", width=image.width, height=image.height)
        case "mail":
            return say("Mail “{subject}”", subject=source.mail(asset.name).headline[language])
        case "print":
            return say("Print: {name}", name=asset.name)
        case _ if asset.name:
            return say("Page “{title}”", title=source.page.more[asset.name][language])
        case _:
            return say("Landing page")


def _day(on: date | datetime) -> str:
    return local_date(on, reader=reader())
