"""Which field goes where in a CRM, and who wins when both sides changed the same one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from tcma.words import say

POLL = timedelta(minutes=5)
"""How often an open opportunity is read back."""
REST = timedelta(minutes=15)
"""How long a connection rests after its key was refused; nothing that waits is lost meanwhile."""
LONGEST_SAID = 300
CLOSES_IN = timedelta(days=90)
"""CRMs ask for a closing day; an opportunity without one is told this long after it was made."""
KEY_FIELD = "tcma_ref"


class System(StrEnum):
    """What is spoken to; a sheet is carried by hand."""

    SALESFORCE = "salesforce"
    HUBSPOT = "hubspot"
    SHEET = "sheet"


class ConnectionState(StrEnum):
    """Whether a connection works; a paused one keeps what waits."""

    ON = "on"
    PAUSED = "paused"
    ENDED = "ended"


class LinkState(StrEnum):
    """How a lead stands in a CRM."""

    WAITING = "waiting"
    EVEN = "even"
    REFUSED = "refused"


class Winner(StrEnum):
    """Who wins when both sides changed a field since they were last the same."""

    CRM = "crm"
    HERE = "here"


SYSTEM_WORDS = {
    System.SALESFORCE: say("Salesforce"),
    System.HUBSPOT: "HubSpot",
    System.SHEET: say("A CSV file"),
}
LEAD_FIELDS = {
    "email": say("E-mail address"),
    "first_name": say("First name"),
    "last_name": say("Last name"),
    "company": say("Company"),
    "phone": say("Phone"),
    "country": say("Country"),
    "postcode": say("Postcode"),
    "campaign": say("Campaign that brought it"),
    "points": say("Points"),
    "url": say("Link to it here"),
}
DEAL_FIELDS = {
    "name": say("Name"),
    "stage": say("Stage"),
    "amount": say("Amount"),
    "currency": say("Currency"),
    "closes_on": say("Closes on"),
    "campaign": say("Campaign that brought it"),
    "partner": say("Partner"),
    "company": say("Company"),
    "email": say("E-mail address"),
    "url": say("Link to it here"),
}
STAGE_WORDS = {
    "qualified": say("Qualified"),
    "proposal": say("Proposal"),
    "negotiation": say("Negotiation"),
    "won": say("Won"),
    "lost": say("Lost"),
}
CLOSED = frozenset({"won", "lost"})
SHARED = ("stage", "amount", "closes_on")
"""What both sides may change, and so what is read back; the owner is only read."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a field of ours goes: the CRM's name of it, and what stands there when ours is empty."""

    field: str = ""
    default: str = ""


@dataclass(frozen=True, slots=True)
class Fields:
    """A connection's fields: lead and deal by our name, the CRM's word per stage, the winners."""

    lead: Mapping[str, Target]
    deal: Mapping[str, Target]
    stages: Mapping[str, str]
    wins: Mapping[str, Winner] = field(default_factory=lambda: dict.fromkeys(SHARED, Winner.CRM))

    def as_json(self) -> dict[str, Any]:
        """Return them as they are kept."""

        def kept(side: Mapping[str, Target]) -> dict[str, list[str]]:
            return {ours: [each.field, each.default] for ours, each in side.items() if each.field}

        return {
            "lead": kept(self.lead),
            "deal": kept(self.deal),
            "stages": dict(self.stages),
            "wins": dict(self.wins),
        }


def fields_of(kept: Mapping[str, Any]) -> Fields:
    """Return what `as_json` kept, in the order of the pages."""

    def side(name: str, ours: Mapping[str, str]) -> dict[str, Target]:
        return {each: Target(*kept[name][each]) for each in ours if each in kept[name]}

    return Fields(
        lead=side("lead", LEAD_FIELDS),
        deal=side("deal", DEAL_FIELDS),
        stages=dict(kept["stages"]),
        wins={name: Winner(each) for name, each in kept["wins"].items()},
    )


def written(side: Mapping[str, Target], ours: Mapping[str, str]) -> dict[str, str]:
    """Return fields of ours as the CRM names them; what is empty on both sides is not written."""
    told = {each.field: ours.get(name, "") or each.default for name, each in side.items()}
    return {name: value for name, value in told.items() if name and value}


def told_stage(fields: Fields, stage: str) -> str:
    """Return the CRM's word for a stage of ours."""
    return fields.stages.get(stage, "")


def read_stage(fields: Fields, word: str) -> str | None:
    """Return our stage for the CRM's word, None when none is mapped to it."""
    same = word.strip().casefold()
    return next((ours for ours, said in fields.stages.items() if said.casefold() == same), None)


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of the shared fields: `both` is what stands on both sides afterwards, `take` what
    changes here, `send` what changes there, `clash` the fields that both had changed.
    """

    both: Mapping[str, str]
    take: Mapping[str, str]
    send: Mapping[str, str]
    clash: tuple[str, ...] = ()

    def without_taking(self, before: Mapping[str, str]) -> dict[str, str]:
        """Return what is the same on both sides when nothing could be taken here."""
        same = {name: value for name, value in self.both.items() if name not in self.take}
        return same | {name: before[name] for name in self.take if name in before}


def settle(
    wins: Mapping[str, Winner],
    before: Mapping[str, str],
    ours: Mapping[str, str],
    theirs: Mapping[str, str],
) -> Settled:
    """Compare both sides with what was last the same on both.

    A field that one side changed goes to the other; one that both changed goes to the winner. What
    the CRM does not tell (a field not mapped, a stage of its own) is left alone on both sides.
    An opportunity closed here is closed: nothing is taken any more.
    """
    both, take, send, clash = dict(before), {}, {}, []
    closed = ours.get("stage") in CLOSED
    for name in SHARED:
        if name not in theirs or name not in ours:
            continue
        here, there, last = ours[name], theirs[name], before.get(name)
        here_wins = closed or wins.get(name) is Winner.HERE
        if here != there and last not in {here, there} and last is not None:
            clash.append(name)
        if here == there:
            both[name] = here
        elif there == last or (here != last and here_wins) or (closed and here != there):
            both[name] = send[name] = here
        else:
            both[name] = take[name] = there
    return Settled(both, take, send, tuple(clash))
