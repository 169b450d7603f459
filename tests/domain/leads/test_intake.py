"""What a submission is before it is a lead: normal form, gaps it fills, signs of a machine, a mail."""

from email.message import EmailMessage

import pytest

from tcma.errors import Invalid
from tcma.leads.intake import Capture, from_payload, gaps, normal, suspicion
from tcma.leads.mailed import submission_of


def sent(**facts):
    given = {
        "source": "page",
        "external_id": "1",
        "address": "ida@brackwater.example",
        "consent_given": True,
        "consent_text": "You may call me.",
        "consent_version": "v1",
        "page_url": "",
    }
    return Capture(**given | facts)


@pytest.mark.parametrize(
    ("phone", "country", "told", "land"),
    [
        ("0113 496 0199", "gb", "+44 113 496 0199", "GB"),
        ("(0113) 496-0199", "GB", "+44 113 496 0199", "GB"),
        ("+49 30 901820", "", "+49 30 901820", "DE"),
        ("0049 30 901820", "GB", "+49 30 901820", "GB"),
        ("call me", "GB", "call me", "GB"),
        ("12", "GB", "12", "GB"),
        ("", "", "", ""),
    ],
)
def test_a_phone_number_is_kept_as_it_is_dialled_from_abroad(phone, country, told, land):
    found = normal(sent(phone=phone, country=country))
    assert (found.phone, found.country) == (told, land)


@pytest.mark.parametrize(
    ("written", "country", "kept"),
    [
        ("fw12ab", "GB", "FW1 2AB"),
        ("FW1  2AB", "GB", "FW1 2AB"),
        ("ls1", "GB", "LS1"),
        ("10115", "DE", "10115"),
        ("1010 ab", "NL", "1010 AB"),
    ],
)
def test_a_postcode_is_kept_in_its_countrys_form(written, country, kept):
    assert normal(sent(postcode=written, country=country)).postcode == kept


def test_a_later_submission_fills_gaps_and_changes_nothing_that_was_said():
    known = {
        "first_name": "Ida", "last_name": "Brook", "company": "", "phone": "", "country": "GB",
        "postcode": "FW1 2AB", "answers": {"Size": "40"},
    }  # fmt: skip
    later = sent(
        first_name="I.", company="Brackwater", phone="", answers={"Size": "9", "When": "now"}
    )
    assert gaps(known, later) == {
        "company": "Brackwater",
        "answers": {"Size": "40", "When": "now"},
    }
    assert gaps(known, sent(first_name="Other")) == {}


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({}, ""),
        ({"answers": {"Site": "https://brackwater.example"}}, ""),
        ({"first_name": "http://win.example"}, "where the first name belongs"),
        ({"company": "Visit WWW.win.example"}, "where the company belongs"),
        ({"answers": {"Ask": "http://a http://b [url=c]"}}, "hold 3 web addresses"),
    ],
)
def test_what_a_machine_writes_is_suspected_with_the_reason(facts, why):
    found = suspicion(sent(**facts))
    assert (why in found) if why else not found


def test_a_submission_put_aside_comes_back_as_it_was():
    one = sent(answers={"Size": "40"})
    assert from_payload(one.payload()) == one
    assert one.digest() == sent(answers={"Size": "40"}).digest()
    assert one.digest() != sent(answers={"Size": "41"}).digest()


def a_mail(**heads):
    mail = EmailMessage()
    given = {
        "From": "Ida van Brook <Ida@brackwater.example>",
        "Subject": "A server",
        "Message-ID": "<1@x>",
    }
    for name, value in (given | heads).items():
        mail[name.replace("_", "-")] = value
    mail.set_content("Could you move our server?\n")
    return mail.as_bytes()


def test_a_mail_becomes_a_submission_of_who_wrote_it():
    new, trap = submission_of(a_mail(), source="mail:IN-1")
    assert (new.first_name, new.last_name, new.address) == (
        "Ida van",
        "Brook",
        "Ida@brackwater.example",
    )
    assert new.answers == {"Subject": "A server", "Wrote": "Could you move our server?"}
    assert (new.external_id, trap) == ("<1@x>", "")


@pytest.mark.parametrize(
    ("heads", "why"),
    [
        ({"Auto_Submitted": "auto-replied"}, "sent it by itself"),
        ({"Precedence": "auto-reply"}, "sent it by itself"),
        ({"List_Id": "<news.example>"}, "went to a list"),
        ({"Return_Path": "<>"}, "report of a mail server"),
    ],
)
def test_what_an_automaton_wrote_is_named(heads, why):
    assert why in submission_of(a_mail(**heads), source="mail:IN-1")[1]


def test_a_mail_of_nobody_is_refused():
    with pytest.raises(Invalid, match="names no sender"):
        submission_of(a_mail(From="nobody"), source="mail:IN-1")


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("gb", "GB"), ("UK", "GB"), ("u.k.", "GB"), ("England", "GB"), ("Germany", "DE"),
        ("  deutschland ", "DE"), ("DEU", "DE"), ("España", "ES"), ("espana", "ES"), ("日本", "JP"),
        ("Österreich", "AT"), ("Atlantis", ""), ("ZZ", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_country_is_known_by_its_code_and_by_its_names(written, code):
    assert normal(sent(country=written)).country == code
