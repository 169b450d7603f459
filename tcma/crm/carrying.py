"""One look at a CRM: read what it has, settle, write what is to change there. No database."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from tcma.crm.rules import SHARED, Fields, Settled, read_stage, settle, told_stage, written
from tcma.errors import Invalid
from tcma.money import Money
from tcma.ports import Crm, CrmError, CrmFault, CrmKind, CrmRecord, CrmSeen
from tcma.words import joined, say

WHOLE = frozenset({CrmFault.BUSY, CrmFault.DENIED, CrmFault.AWAY})
"""Faults of the whole account: who comes next would meet the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """A lead as it stands here, on its way to a CRM: `lead` and `deal` by our names, `deal` empty
    while there is none; `lead_before` and `before` are what was last the same on both sides.
    """

    key: str
    deal_key: str
    lead: Mapping[str, str]
    deal: Mapping[str, str]
    lead_before: Mapping[str, str] = field(default_factory=dict)
    deal_before: Mapping[str, str] = field(default_factory=dict)
    before: Mapping[str, str] = field(default_factory=dict)
    their_lead: str = ""
    their_deal: str = ""
    with_lead: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What came of an errand: either `error`, or how both sides stand now."""

    key: str
    error: CrmError | None = None
    their_lead: str = ""
    their_deal: str = ""
    owner: str = ""
    lead: Mapping[str, str] = field(default_factory=dict)
    deal: Mapping[str, str] = field(default_factory=dict)
    settled: Settled = field(default_factory=lambda: Settled({}, {}, {}))
    said: str = ""


def carry(crm: Crm, fields: Fields, errands: Sequence[Errand]) -> Iterator[Carried]:
    """Carry errands of one account in turn. A fault of the whole account ends the round: the errand
    it befell is answered with it, those after it are not answered at all.
    """
    asked = [each.deal_key for each in errands if each.deal]
    names = [fields.deal[name].field for name in SHARED if name in fields.deal]
    try:
        seen = crm.seen(CrmKind.DEAL, asked, names) if asked else {}
    except CrmError as error:
        yield Carried(key=errands[0].key, error=error)
        return
    for errand in errands:
        try:
            yield _carried(crm, fields, errand, seen.get(errand.deal_key))
        except CrmError as error:
            yield Carried(key=errand.key, error=error)
            if error.fault in WHOLE:
                return


def _carried(crm: Crm, fields: Fields, errand: Errand, there: CrmSeen | None) -> Carried:
    lead, their_lead = dict(errand.lead_before), errand.their_lead
    if errand.with_lead:
        lead = written(fields.lead, errand.lead)
        if lead != errand.lead_before or not their_lead:
            their_lead = crm.put(CrmRecord(CrmKind.LEAD, errand.key, lead)) or their_lead
    if not errand.deal:
        return Carried(key=errand.key, their_lead=their_lead, lead=lead)
    if there is None and errand.their_deal:
        raise CrmError(
            CrmFault.INVALID,
            say("The opportunity was deleted there."),
            remedy=say("Send it again to make it anew."),
        )
    ours = {name: errand.deal[name] for name in SHARED}
    if there is None:
        settled, said = Settled(ours, {}, ours), ""
    else:
        places = {name: fields.deal[name].field for name in SHARED if name in fields.deal}
        words = {name: there.fields.get(place, "") for name, place in places.items()}
        theirs, said = read_shared(fields, words, errand.deal)
        settled = settle(fields.wins, errand.before, ours, theirs)
    now = {**errand.deal, **settled.both}
    told = written(fields.deal, {**now, "stage": told_stage(fields, now["stage"])})
    sent = told if there is None else _changes(fields, told, errand.deal_before, settled)
    their_deal = there.id if there else ""
    if sent:
        record = CrmRecord(CrmKind.DEAL, errand.deal_key, sent, beside=their_lead)
        their_deal = crm.put(record) or their_deal
    return Carried(
        key=errand.key,
        their_lead=their_lead,
        their_deal=their_deal,
        owner=there.owner if there else "",
        lead=lead,
        deal=told,
        settled=settled,
        said=said,
    )


def _changes(
    fields: Fields, told: Mapping[str, str], before: Mapping[str, str], settled: Settled
) -> dict[str, str]:
    """Return what is to change of a deal that is there: what was settled so, and what only we write."""
    places = {name: fields.deal[name].field for name in SHARED if name in fields.deal}
    send = {place for name, place in places.items() if name in settled.send}
    shared = set(places.values())
    return {
        name: value
        for name, value in told.items()
        if (name in send if name in shared else before.get(name) != value)
    }


def read_shared(
    fields: Fields, told: Mapping[str, str], ours: Mapping[str, str]
) -> tuple[dict[str, str], str]:
    """Return the shared fields that a CRM tells, in our words, and what we do not understand of them.

    `told` is by our names in the CRM's words; an empty one tells nothing.
    """
    found, said = {}, []
    for name, word in told.items():
        if not word:
            continue
        if name == "stage":
            stage = read_stage(fields, word)
            if stage is not None:
                found[name] = stage
            else:
                said.append(
                    say(
                        "Its stage “{word}” stands for none here, so the stage is left alone.",
                        word=word,
                    )
                )
        elif name == "amount":
            try:
                found[name] = str(Money.parse(word, ours["currency"]).major)
            except Invalid as wrong:
                said.append(say("{message}, so the amount is left alone.", message=wrong.message))
        else:
            try:
                found[name] = date.fromisoformat(word[:10]).isoformat()
            except ValueError:
                said.append(
                    say("“{word}” is no day like 2026-12-31, so the day is left alone.", word=word)
                )
    return found, joined(*said)
