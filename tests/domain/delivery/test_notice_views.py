"""What one person was told, as a list: the words of the mail, and nobody else's."""

from dataclasses import replace
from datetime import timedelta

from tcma.contacts.rules import address_hash, normal_address
from tcma.delivery import launch_notices
from tcma.delivery.launch_notices import Reader
from tcma.delivery.letters import Told, read_letter, write_letter
from tcma.delivery.notice_views import notices_to
from tests.builders import a_vendor

URL = "https://tcma.test/console/launches/LCH-2026-0001"


def told_to(db, address):
    with db() as work:
        key = address_hash(work.site.secret, normal_address(address))
        return [one.told for one in notices_to(work.session, key).rows]


def test_a_person_sees_what_was_told_to_them_newest_first(db):
    with db() as work:
        vendor = a_vendor(work)
        for to, launch in (("ann@people.example", "One"), ("bob@people.example", "Two"),
                           ("Ann@people.example", "Three")):  # fmt: skip
            launch_notices.launch_paused(
                work, Reader(email=to, name="X"), vendor_id=vendor, launch=launch, reason="Too many.",
                waiting=1, url=URL,
            )  # fmt: skip
    assert [one.heading for one in told_to(db, "ann@people.example")] == [
        "We paused “Three”",
        "We paused “One”",
    ]
    assert told_to(db, "bob@people.example") == [
        Told(
            "We paused “Two”",
            ("Too many.", "Nobody is lost: 1 mail waits until you go on."),
            "Look at the launch",
            URL,
        )
    ]


def test_what_was_written_later_about_an_earlier_moment_stands_by_its_moment(db):
    with db() as work:
        vendor = a_vendor(work)
        for launch, days in (("New", 0), ("Old", 30)):
            launch_notices.launch_paused(
                replace(work, now=work.now - timedelta(days=days)),
                Reader(email="ann@people.example", name="X"), vendor_id=vendor, launch=launch, reason="R.", waiting=1, url=URL,
            )  # fmt: skip
    assert [one.heading for one in told_to(db, "ann@people.example")] == [
        "We paused “New”",
        "We paused “Old”",
    ]


def test_a_letter_without_a_button_is_read_back_too():
    letter = write_letter("password_reset", {}, house="tcma")
    told = read_letter(letter.plain)
    assert (told.heading, told.button, told.url) == ("Set a new password", "", "")
    assert told.lines[0].startswith("The link works once")
