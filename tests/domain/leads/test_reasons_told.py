"""Why a partner got a lead is kept as it was said, and told in the language of who reads it."""

import json
from datetime import UTC, datetime

from sqlalchemy import text

from tcma.leads import offers, queries, telling
from tcma.leads.chatting import Answerer, text_of
from tcma.leads.models import Lead
from tcma.words import in_language, say

AT = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)


def test_page_and_letter_say_why_in_the_language_of_their_reader(db, ground, ask):
    lead_id = ask(1).lead_id
    with db() as work:
        work.session.execute(text("update user_account set locale = 'de-DE'"))
        offers.route(work, lead_id)
        telling.tell(work)
        kept = work.session.scalar(text("select reason from lead_offer"))
        letters = work.session.scalars(text("select plain from message_body")).all()
    with db(ground.alice) as work:
        turn = queries.view_of(
            work.session, ground.alice, work.session.get_one(Lead, lead_id)
        ).turns[-1]
    told = in_language(turn.reason, "de")
    assert json.loads(kept)["english"] == turn.reason != told
    assert letters
    assert all(f"Warum Sie: {told}." in letter for letter in letters)


def test_what_an_older_row_kept_stays_as_it_was_written(db, ground, ask):
    lead_id = ask(1).lead_id
    with db() as work:
        offers.route(work, lead_id)
        work.session.execute(text("update lead_offer set reason = 'it was your turn'"))
    with db(ground.alice) as work:
        turn = queries.view_of(
            work.session, ground.alice, work.session.get_one(Lead, lead_id)
        ).turns[-1]
    assert in_language(turn.reason, "de") == "it was your turn"


def test_a_room_is_told_of_an_offer_in_its_partners_language(db):
    told = {"vendor": "Corbelane", "company": "Joinery", "campaign": "", "place": "DE 10",
            "reason": say("it is your turn")}  # fmt: skip
    words = text_of(told, AT, [Answerer("Sam", "Europe/Berlin", "https://x.test/l")], language="de")
    assert words.splitlines() == [
        "Ein Lead von Corbelane: Joinery, DE 10",
        "Warum Sie: Sie sind an der Reihe",
        "Bis Di., 3. März, 15:00 (CET) annehmen oder ablehnen, ohne Anmeldung:",
        "Sam: https://x.test/l",
    ]


def test_a_room_of_many_sellers_reads_as_many_links_as_a_chat_takes_and_who_has_theirs_by_mail():
    told = {"vendor": "Corbelane", "company": "Joinery", "campaign": "", "place": "", "reason": ""}
    many = [Answerer(f"Sam {n}", "UTC", f"https://x.test/{n:0200}") for n in range(40)]
    words = text_of(told, AT, many)
    assert len(words) <= 4_000
    *links, last = words.splitlines()[2:]
    assert last == f"{40 - len(links)} more have the link by mail."
    assert all(line.endswith(f"/{n:0200}") for n, line in enumerate(links))
