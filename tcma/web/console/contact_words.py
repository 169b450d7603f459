"""A contact's story in sentences, each with the page it leads to."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from flask import url_for

from tcma.contacts.conditions import Field, Kind
from tcma.contacts.consent import ConsentAct, ConsentKind, Standing
from tcma.contacts.consent_queries import LineView
from tcma.permissions import Permission
from tcma.reporting.contact_history import Happening, Moment
from tcma.web.filters import local_date, local_moment
from tcma.web.filters import money as spoken
from tcma.web.lead_words import TOUCHES
from tcma.web.reading import reader
from tcma.web.unit_of_work import work
from tcma.words import Words, joined, opening, say

H = Happening
SENTENCES: Final[Mapping[Happening, Words]] = {
    H.KNOWN: say("Came into your contacts."),
    H.MAILED: say("Got “{about}”."),
    H.LEFT_OUT: say("Was left out of “{about}”: {detail}."),
    H.FAILED: say("“{about}” did not arrive: {detail}."),
    H.OPENED: say("Opened “{about}”."),
    H.CLICKED: say("Clicked in “{about}”."),
    H.BOUNCED: say("“{about}” came back."),
    H.COMPLAINED: say("Marked “{about}” as spam."),
    H.UNSUBSCRIBED: say("Unsubscribed by “{about}”."),
    H.REPLIED: say("Answered “{about}”."),
    H.WROTE: say("Wrote: “{about}”."),
    H.FORM: say("Filled in the form of “{about}”."),
    H.ACCEPTED: say("You accepted the lead of “{about}”."),
    H.TOUCH: say("{detail}: {about}."),
    H.OPPORTUNITY: say("Became an opportunity worth {worth}."),
    H.WON: say("You won it."),
    H.LOST: say("You marked it as lost."),
    H.STOPPED: say("{detail}"),
    H.MERGED: say("{about} became part of this contact."),
}
UNNAMED: Final[Mapping[Happening, str]] = {H.MERGED: say("Another address")}
STANDING_WORDS: Final[Mapping[Standing, str]] = {
    Standing.SILENT: say("They said nothing themselves; what their lists rest on counts."),
    Standing.STANDS: say("They agreed themselves."),
    Standing.WAITS: say("They ticked a box and have not confirmed it by mail yet."),
    Standing.WITHDRAWN: say("They took their consent back."),
    Standing.ENDED: say("Their consent has ended."),
}
OF_LEADS = (H.FORM, H.ACCEPTED, H.TOUCH, H.OPPORTUNITY, H.WON, H.LOST)


def known_besides(fields: Sequence[Field], values: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what is known of a person besides the standard values, under the names that people gave it,
    in the order of the fields; what has lost its field stands last, under its key.
    """
    here = {each.key: each for each in fields if values.get(each.key)}
    named = [(each.label, _as_read(each, values[key])) for key, each in here.items()]
    lost = [(key.replace("_", " "), value) for key, value in values.items() if key not in here]
    return named + [(key, value) for key, value in lost if value]


def _as_read(field: Field, value: str) -> str:
    if field.kind is not Kind.DATE:
        return value
    try:
        return local_date(date.fromisoformat(value), reader=reader())
    except ValueError:
        return value


def story_lines(
    story: Sequence[Moment], stops: Mapping[str, tuple[str, str]]
) -> list[dict[str, Any]]:
    """Return the story as a timeline; `stops` are the words of each reason on the stop list."""
    lines: list[dict[str, Any]] = []
    for moment in story:
        href = page_of(moment)
        line = {"when": local_moment(moment.at, reader=reader()), "text": sentence(moment, stops)}
        lines.append(line | {"href": href, "link": moment.ref, "now": not lines})
    return lines


ACTS: Final[Mapping[ConsentAct, str]] = {
    ConsentAct.ASKED: say("Was asked to confirm."),
    ConsentAct.GIVEN: say("Agreed."),
    ConsentAct.CONFIRMED: say("Confirmed by mail."),
    ConsentAct.WITHDRAWN: say("Wants no mails."),
    ConsentAct.EXPIRED: say("Consent ended."),
}
KINDS: Final[Mapping[ConsentKind, str]] = {
    ConsentKind.EXPRESS: say("Agreed."),
    ConsentKind.IMPLIED: say("Agreed by a purchase or enquiry."),
    ConsentKind.LEGITIMATE_INTEREST: say("Agreed by asking us something."),
    ConsentKind.CONTRACT: say("Agreed by buying from us."),
}


def consent_lines(lines: Sequence[LineView]) -> list[dict[str, Any]]:
    """Return the ledger of one person as a timeline, each line with what proves it."""
    return [
        {
            "when": local_moment(line.at, reader=reader()),
            "text": consent_sentence(line),
            "now": not n,
        }
        for n, line in enumerate(lines)
    ]


def consent_sentence(line: LineView) -> str:
    """Return one line of the ledger in words."""
    said = ACTS[line.act]
    if line.act is ConsentAct.GIVEN:
        said = KINDS[line.kind]
    elif line.act is ConsentAct.WITHDRAWN and line.company:
        said = say("Wants no mails about {company}.", company=line.company)
    ends = say("Until {day:%d %b %Y}.", day=line.expires_at) if line.expires_at else ""
    version = say("Wording {version}.", version=line.text_version) if line.text_version else ""
    source = say("{source}.", source=opening(line.source)) if line.source else ""
    shown = f"“{line.evidence}”" if line.evidence else ""
    return joined(said, ends, source, shown, version)


def sentence(moment: Moment, stops: Mapping[str, tuple[str, str]]) -> str:
    """Return one moment in words."""
    about, detail = (
        moment.about.rstrip(".") or UNNAMED.get(moment.what, say("a mail without a subject")),
        moment.detail,
    )
    if moment.what is H.TOUCH:
        detail = TOUCHES.get(moment.detail, moment.detail.capitalize())
        if not moment.about:
            return say("{detail}.", detail=detail)
    elif moment.what is H.STOPPED:
        detail = stops.get(moment.detail, ("", say("Must not be mailed.")))[1]
    worth = spoken(moment.worth, locale=reader().locale) if moment.worth else ""
    return SENTENCES[moment.what].filled(about=about, detail=detail, worth=worth)


def page_of(moment: Moment) -> str:
    """Return the page a moment leads to, empty where this person may not look."""
    if not moment.ref:
        return ""
    if moment.what in OF_LEADS:
        page, permission = "console.lead_show", Permission.LEAD_READ
    else:
        page, permission = "console.launch_show", Permission.LAUNCH_READ
    return url_for(page, ref=moment.ref) if work().principal.may(permission) else ""
