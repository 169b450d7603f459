"""Every letter a partner gets stands in every language of the console, its values too."""

import re
from datetime import UTC, datetime
from html import unescape

import pytest
from sqlalchemy import text

from tcma.delivery import host_notices, launch_notices, lead_notices, notices, webhook_notices
from tcma.delivery.letters import FOLDER, write_letter
from tcma.delivery.notices import Reader
from tcma.permissions import ROLE_WORDS, Role
from tcma.words import LANGUAGES, SOURCE, say
from tests.builders import a_vendor

DESK = {"account_to_check", "claim_filed", "fund_change_answered", "fund_change_waits",
        "lead_unassigned", "more_time_asked", "request_filed", "run_held"}  # fmt: skip
"""Letters that only a vendor's people get: the desk is English."""
OF_CONTACTS = {"opt_in"}
OTHERS = tuple(each for each in LANGUAGES if each != SOURCE)
ALL = sorted(path.name.removesuffix(".txt") for path in FOLDER.glob("*.txt"))
KINDS = sorted({name for name in ALL if "." not in name} - DESK)
ENGLISH = re.compile(r"\b(the|you|your|and|because|this|with|what|from|for|it)\b", re.IGNORECASE)
"""Words that no other language of the console has."""
AT = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)
URL = "https://tcma.test/l/x"


def residue(words):
    """Return the English words in a text."""
    return {each.lower() for each in ENGLISH.findall(words.replace(URL, ""))}


def holes(name):
    """Return what a letter is filled with."""
    return set(re.findall(r"{{ (\w+) }}|{% if (\w+)", (FOLDER / f"{name}.txt").read_text()))


def test_a_letter_is_the_desks_or_stands_in_every_language():
    wanted = {f"{kind}.{language}" for kind in KINDS for language in OTHERS}
    wanted |= {f"{kind}.{language}" for kind in OF_CONTACTS for language in LANGUAGES}
    assert {name for name in ALL if "." in name} == wanted
    assert {name for name in ALL if "." not in name} >= DESK


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_letter_in_another_language_says_the_same_and_nothing_in_english(kind, language):
    assert holes(f"{kind}.{language}") == holes(kind)
    facts = {name: f"X{name.upper()}X" for pair in holes(kind) for name in pair if name}
    english, told = (
        write_letter(kind, facts, house="Larkspur", url=URL, language=each)
        for each in (SOURCE, language)
    )
    assert f'lang="{language}"' in told.html
    for value in facts.values():
        assert (value in told.subject + told.plain) == (value in english.subject + english.plain)
    assert not residue(told.subject + "\n" + told.plain)


def test_the_residue_of_a_letter_that_was_not_translated_is_seen():
    letter = write_letter("lead_gone", {"company": "X", "vendor": "X"}, house="X", url=URL)
    assert residue(letter.plain) >= {"and", "you", "because"}


LEAD = {"company": "Hartwell Dental"}
WHEN = {"zone": "Europe/Berlin"}
OFFERED = {"campaign": "Sicherung", "place": "GB LS1", "reason": say("it is your turn")}
VERBS = [
    (lead_notices.leads_offered, lead_notices.LeadOffered, LEAD | WHEN | OFFERED | {"answer_by": AT}),
    (lead_notices.leads_taken, lead_notices.LeadTaken,
     LEAD | OFFERED | {"accepted": say("the rule that chose you says so")}),
    (lead_notices.leads_gone, lead_notices.LeadGone, LEAD),
    (lead_notices.leads_answered, lead_notices.LeadAnswered,
     LEAD | {"who": "Ann", "subject": "Hallo", "words": "Ja."}),
    (lead_notices.fresh_link, None, {"days": 7}),
    (lead_notices.lead_given, None, LEAD | {"given_by": "Bob"}),
    (lead_notices.lead_taken_back, None, LEAD | {"why": "Ridgeline."}),
    (lead_notices.lead_idle, None, LEAD | WHEN | {"days": 5, "until": AT}),
    (lead_notices.lead_idle, None, LEAD | WHEN | {"days": 1, "until": AT}),
    (lead_notices.lead_waits, None, LEAD | WHEN | {"answer_by": AT}),
    (lead_notices.deal_lapses, None, LEAD | WHEN | {"deal": "Server", "until": AT}),
    (lead_notices.deal_lapsed, None, LEAD | {"deal": "Server"}),
    (notices.lead_timed_out, None, LEAD | WHEN | {"at": AT}),
    (notices.lead_reminder, None, LEAD | {"words": "Anruf."}),
    (notices.invitation, None, WHEN | {
        "organisation": "Brightwater", "invited_by": "Bob", "role": ROLE_WORDS[Role.SELLER],
        "until": AT,
    }),
    (webhook_notices.webhook_given_up, None,
     {"webhook": "crm", "tries": 9, "said": say("It did not answer.")}),
    (launch_notices.launch_paused, None, {"launch": "Server", "reason": "X.", "waiting": 1291}),
]  # fmt: skip


def wrote_all(work, reader):
    """Write each letter of `VERBS` to a reader, in the name of a new vendor."""
    vendor_id = a_vendor(work, name="Larkspur")
    for verb, record, facts in VERBS:
        if record:
            verb(work, [record(reader=reader, url=URL, **facts)], vendor_id=vendor_id)
        else:
            verb(work, reader, vendor_id=vendor_id, url=URL, **facts)
    return vendor_id


@pytest.mark.parametrize("language", OTHERS)
def test_what_a_letter_is_filled_with_is_in_the_readers_language_too(db, language):
    reader = Reader(email="ann@people.example", name="Ann", locale=language)
    with db() as work:
        vendor_id = wrote_all(work, reader)
        notices.password_reset(work, reader, url=URL)
        host_notices.page_host(work, reader, "verified", host="x.example", url=URL)
        notices.sender_domain(
            work, reader, "verified", domain="x.example", url=URL, vendor_id=vendor_id
        )
        written = work.session.execute(text("select subject, html, plain from message_body")).all()
    assert len(written) == len(VERBS) + 3
    for letter in written:
        assert f'lang="{language}"' in letter.html
        assert not residue(f"{letter.subject}\n{unescape(letter.plain)}")


def test_no_letter_says_a_word_twice_in_a_row_or_its_link_twice(db):
    reader = Reader(email="ann@people.example", name="Ann")
    with db() as work:
        wrote_all(work, reader)
        written = work.session.execute(text("select html, plain from message_body")).all()
    assert len(written) == len(VERBS)
    for body in written:
        assert not re.search(r"\b(\w+) \1\b", body.plain), body.plain
        assert (body.plain.count(URL), body.html.count(URL)) == (1, 1)
