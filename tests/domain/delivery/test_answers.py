"""Whether a mail that comes back is an answer of a person, and what is kept of it."""

import pytest

from tcma.delivery.feedback_parse import classify
from tcma.delivery.feedback_reasons import Action
from tcma.delivery.feedback_replies import own_words

NAME = "AQAAAAAAAAAHAADk3q8xk0d3cVhGfH2pTn0w"
OURS = f"<{NAME}@brightwater.example>"
QUOTE = "\n\nOn Tue, 3 Mar 2026 at 10:00, Brightwater <hi@brightwater.example> wrote:\n> Hello Ada,\n> look"


def mail(words="Yes, Thursday suits us." + QUOTE, **heads):
    plain = {
        "From": "Ada Byte <ada@kontor.example>",
        "To": "hi@brightwater.example",
        "Subject": "Re: Passwords are over",
        "Message-ID": "<their-1@kontor.example>",
        "In-Reply-To": OURS,
    }
    lines = [f"{k.replace('_', '-')}: {v}" for k, v in (plain | heads).items() if v]
    return "\n".join([*lines, "", words]).encode()


BY_REFERENCES = {"In-Reply-To": "", "References": f"<x@kontor.example> {OURS}"}
BY_PATH = {"In-Reply-To": "", "To": f"{NAME}@bounce.brightwater.example"}
BY_PIPE = {"In-Reply-To": "", "X-Original-To": f"{NAME}@bounce.brightwater.example"}


@pytest.mark.parametrize("heads", [{}, BY_REFERENCES, BY_PATH, BY_PIPE, {"Auto-Submitted": "no"}])
def test_a_person_who_answers_is_heard_with_their_words(heads):
    [found] = classify(mail(**heads))
    assert (found.action, found.recipient, found.name) == (
        Action.REPLY, "ada@kontor.example", "Ada Byte",
    )  # fmt: skip
    assert (found.message_id, found.words) == (NAME, "Yes, Thursday suits us.")
    assert (found.subject, found.event_id) == (
        "Re: Passwords are over", "reply their-1@kontor.example",
    )  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        "I was unable to reach you by phone. Call me?\n\n-----Original Message-----\nFrom: hi@b.example\n\nHello",
        "The mail to my colleague could not be delivered, she has left. Write to me.",
    ],
)
def test_a_person_who_speaks_of_failures_is_no_bounce(words):
    assert [each.action for each in classify(mail(words))] == [Action.REPLY]


@pytest.mark.parametrize(
    ("heads", "action"),
    [
        ({"Auto-Submitted": "auto-replied"}, Action.AUTO_REPLY),
        ({"Subject": "Out of office: Re: Passwords"}, Action.AUTO_REPLY),
        ({"X-Autoreply": "yes"}, Action.AUTO_REPLY),
        ({"Return-Path": "<>"}, Action.AUTO_REPLY),
        ({"Subject": "unsubscribe"}, Action.UNSUBSCRIBE),
        ({"From": "mailer-daemon@mx.example", "Subject": "Undelivered Mail"}, Action.SOFT),
    ],
)
def test_what_a_program_sent_back_is_no_answer(heads, action):
    assert [each.action for each in classify(mail(**heads))] == [action]


@pytest.mark.parametrize(
    "heads",
    [
        {"In-Reply-To": "<CAB+1@mail.example>"},
        {"In-Reply-To": ""},
        {"Precedence": "list"},
        {"List-Id": "<talk.kontor.example>"},
    ],
)
def test_a_mail_that_answers_none_of_ours_is_nothing(heads):
    assert classify(mail(**heads)) == []


def test_a_bounce_that_names_our_mail_stays_a_bounce():
    raw = mail("550 5.1.1 <ada@kontor.example>: user unknown", Subject="failure notice",
               From="MAILER-DAEMON@mx.example")  # fmt: skip
    assert [each.action for each in classify(raw)] == [Action.HARD]


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Ja gern.\n\nAm 03.03.2026 um 10:00 schrieb Firma <f@x.example>:\n> Hallo", "Ja gern."),
        ("Oui.\n\nLe mar. 3 mars 2026 à 10:00, F <f@x.example> a écrit :\n> Bonjour", "Oui."),
        ("Yes.\n\n________________________________\nFrom: F <f@x.example>\nSent: Tuesday", "Yes."),
        ("One\n\n\n\ntwo", "One\n\ntwo"),
        ("> You asked\nI answer below", "> You asked\nI answer below"),
    ],
)  # fmt: skip
def test_only_what_they_wrote_themselves_is_kept(text, own):
    assert own_words(text) == own
