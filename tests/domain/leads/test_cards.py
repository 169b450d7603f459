"""What a badge's code tells: vCard and MECARD as they are printed, and texts that are no card."""

import pytest

from tcma.leads.cards import read_card

VCARD = """BEGIN:VCARD
VERSION:3.0
N:Brook;Ida;;Dr;
FN:Dr Ida Brook
ORG:Brackwater Joinery\\, Ltd;Sales
item1.EMAIL;TYPE=work:ida@brackwater
 .example
TEL;TYPE=CELL,VOICE:+44 113 496 0199
ADR;TYPE=WORK:;;1 Mill Lane;Leeds;;LS1 2AB;United Kingdom
END:VCARD
"""
MECARD = (
    "MECARD:N:Brook,Ida;ORG:Brackwater Joinery\\, Ltd;EMAIL:ida@brackwater.example;"
    "TEL:+44 113 496 0199;ADR:,,1 Mill Lane,Leeds,,LS1 2AB,GB;;"
)
IDA = {
    "first_name": "Ida", "last_name": "Brook", "email": "ida@brackwater.example",
    "company": "Brackwater Joinery, Ltd", "phone": "+44 113 496 0199", "postcode": "LS1 2AB",
    "country": "United Kingdom",
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (VCARD, IDA),
        (VCARD.replace("\n", "\r\n"), IDA),
        (
            MECARD,
            IDA | {"country": "GB"},
        ),
        (
            "BEGIN:VCARD\nVERSION:4.0\nFN:Ida van Brook\nEMAIL:mailto:i@b.example\nEND:VCARD",
            {"first_name": "Ida van", "last_name": "Brook", "email": "i@b.example"},
        ),
        ("BEGIN:VCARD\nN:\nEMAIL\nTEL:\nEND:VCARD", {}),
        ("https://badge.example/123", {}),
        ("", {}),
        ("MECARD:", {}),
    ],
    ids=["vcard", "crlf", "mecard", "full name only", "empty", "address", "nothing", "bare"],
)
def test_a_badge_is_read(text, found):
    assert read_card(text) == found
