"""What the rules of the pre-check say of what was seen in a proof; each row of the table is one file."""

from dataclasses import replace
from datetime import date

import pytest

from tcma.invoices.proofs import ProofSeen
from tcma.mdf.prechecks.facts import (
    Facts,
    Sought,
    facts_from,
    facts_of,
    kept,
    people_in,
    promised_people,
    sought_from,
)
from tcma.mdf.prechecks.findings import Result, findings, plain, spoken_finding

TODAY = date(2026, 4, 20)
PDF, JPEG = "application/pdf", "image/jpeg"
SOUGHT = Sought(
    title="Invitation",
    kind="other",
    starts_on="2026-03-30",
    ends_on="2026-04-09",
    partner=("Brightwater IT", "Brightwater IT Ltd"),
    vendor=("Quillon",),
    campaign=("Ten-day security check",),
    addresses=("https://tcma.example/go/brightwater/ten-day-check",),
)
WHOLE = """Brightwater IT, Ltd. invites you to the Ten-day  Security Check
on 31 March 2026 with QUILLON. We wrote this on 2 March 2026."""


def said(seen, *, sought=SOUGHT, stated=PDF, again=False, today=TODAY):
    facts = facts_of(seen, sought, stated=stated, again=again, today=TODAY)
    found = findings(facts, sought)
    return {each.code: each for each in found}


def a_pdf(text):
    return ProofSeen(kind=PDF, pages=1, read_by="text", text=text)


def a_picture(text="", *, size=(1600, 1200), read_by="tesseract", **more):
    return ProofSeen(
        kind=JPEG, pages=1, width=size[0], height=size[1], read_by=read_by, text=text, **more
    )


def test_a_whole_invitation_passes_everything():
    found = said(a_pdf(WHOLE))
    assert {code: each.result for code, each in found.items()} == dict.fromkeys(
        ("kind", "day", "partner", "vendor", "campaign"), Result.PASSED
    )
    assert found["day"].values == {"day": "2026-03-31"}


@pytest.mark.parametrize(
    ("lacks", "code", "result"),
    [
        ("31 March 2026", "day", Result.DOUBTFUL),
        ("Brightwater IT, Ltd.", "partner", Result.DOUBTFUL),
        ("QUILLON", "vendor", Result.DOUBTFUL),
        ("Security Check", "campaign", Result.MISSING),
    ],
)
def test_what_does_not_stand_in_it_is_named_with_a_remedy(lacks, code, result):
    found = said(a_pdf(WHOLE.replace(lacks, "…")))
    assert found.pop(code).result is result
    assert {each.result for each in found.values()} == {Result.PASSED}


def test_without_any_day_the_window_is_told_and_the_nearest_day_is_named():
    none = said(a_pdf("Brightwater IT and Quillon: a talk about security for you"))["day"]
    assert none.result is Result.MISSING
    assert spoken_finding(none.words, none.values) == (
        "No day stands in it; the activity runs from Mon 30 Mar 2026 to Thu 9 Apr 2026."
    )
    other = said(a_pdf("Printed 2 January 2026, shown on 12 April 2026, again on 3 July 2026"))
    assert other["day"].values["day"] == "2026-04-12"


@pytest.mark.parametrize("day", ["2026-03-30", "30.03.2026", "9 April 2026", "April 9, 2026"])
def test_first_and_last_day_count(day):
    assert said(a_pdf(f"A talk given by our people on {day} in the hall"))["day"].result == "passed"


def test_a_page_of_the_campaign_is_known_by_its_address():
    seen = a_pdf("Our page: tcma.example/go/brightwater/ten-day- check and more words here")
    assert said(seen)["campaign"].values == {"name": SOUGHT.addresses[0]}


def test_a_name_inside_a_longer_word_is_not_the_name():
    other = Sought(**{**kept(SOUGHT), "vendor": ("Quill",), "partner": ("Bright",)})
    found = said(a_pdf(WHOLE), sought=other)
    assert (found["vendor"].result, found["partner"].result) == (Result.DOUBTFUL,) * 2


@pytest.mark.parametrize(
    ("size", "result"),
    [
        ((1600, 600), "passed"),
        ((1600, 599), "doubtful"),
        ((250, 900), "doubtful"),
        ((249, 900), "missing"),
    ],
)
def test_a_picture_is_large_enough_to_read(size, result):
    assert said(a_picture(WHOLE, size=size), stated=JPEG)["size"].result == result


def test_where_pictures_are_not_read_nothing_is_said_of_names():
    found = said(a_picture(read_by="none"), stated=JPEG)
    assert set(found) == {"kind", "size", "words"}
    assert found["words"].result is Result.DOUBTFUL


def test_the_camera_tells_the_day_where_no_words_are_read():
    found = said(a_picture(read_by="none", taken_on="2026-04-01"), stated=JPEG)
    assert found["day"].result is Result.PASSED
    early = said(a_picture(read_by="none", taken_on="2025-04-01"), stated=JPEG)["day"]
    assert (early.result, early.values["day"]) == (Result.DOUBTFUL, "2025-04-01")


@pytest.mark.parametrize(
    "clock",
    [
        "0000-00-00",
        "1970-01-01",
        "1980-01-01",
        "2012-01-01",
        "2026-13-45",
        "2036-04-01",
        "  -  -  ",
    ],
)
def test_a_clock_that_nobody_set_tells_no_day_and_misleads_nobody(clock):
    assert "day" not in said(a_picture(read_by="none", taken_on=clock), stated=JPEG)
    read = said(a_picture(WHOLE, taken_on=clock), stated=JPEG)["day"]
    assert (read.result, read.values) == (Result.PASSED, {"day": "2026-03-31"})


def test_a_first_of_january_within_the_activity_is_a_day():
    new_year = replace(SOUGHT, starts_on="2025-12-30", ends_on="2026-01-02")
    shot = a_picture(read_by="none", taken_on="2026-01-01")
    assert said(shot, sought=new_year, stated=JPEG)["day"].result is Result.PASSED


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("https://tcma.example/go/brightwater/ten-day-check", True),
        ("www.tcma.example/go/brightwater/ten-day-check/?utm_source=mail", True),
        ("(tcma.example/go/brightwater/ten-day-check).", True),
        ("TCMA.example/go/bright\nwater/ten-day-\n  check and more", True),
        ("tcma.example/go/brightwater/ten-day-check-2", False),
        ("tcma.example/go/brightwater/ten-day-checks", False),
        ("tcma.example/go/brightwater/ten-day-check/other", False),
        ("nottcma.example/go/brightwater/ten-day-check", False),
        ("my-tcma.example/go/brightwater/ten-day-check", False),
        ("shop.tcma.example/go/brightwater/ten-day-check", False),
        ("me@tcma.example/go/brightwater/ten-day-check", False),
        ("tcma.example.evil.example/go/brightwater/ten-day-check", False),
    ],
)
def test_another_pages_address_or_another_host_is_not_the_page(written, known):
    result = said(a_pdf(f"Come and see: {written}"))["campaign"].result
    assert result is (Result.PASSED if known else Result.MISSING)


@pytest.mark.parametrize(
    ("fact", "people"),
    [(120, 120), ("120", 120), ("about 120", 120), ("about 1,200 guests", 1200), ("1.200", 1200),
     ("100-150", 100), (120.0, 120), ("many", 0), ("", 0), (None, 0), (True, 0), (-5, 0), (["120"], 0)],
)  # fmt: skip
def test_how_many_people_a_plan_promised_is_read_from_whatever_was_answered(fact, people):
    assert promised_people(fact) == people


@pytest.mark.parametrize(
    ("alike", "result"), [(100, "passed"), (80, "passed"), (79, "doubtful"), (0, "doubtful")]
)
def test_a_logo_is_recognised_or_doubtful_and_never_missing(alike, result):
    assert said(a_picture(WHOLE, logo=alike), stated=JPEG)["logo"].result == result


def test_without_a_logo_to_look_for_nothing_is_said_of_it():
    assert "logo" not in said(a_picture(WHOLE), stated=JPEG)


def test_people_of_a_list_are_counted_and_held_against_the_plan():
    guests = "\n".join(f"{n}. Robin Sample, robin{n}@sample.example" for n in range(1, 13))
    asked = replace(SOUGHT, title="Attendee list", people=40)
    found = said(a_pdf(guests), sought=asked)["people"]
    assert (found.result, found.values) == (Result.DOUBTFUL, {"n": 12, "asked": 40})
    assert said(a_pdf(guests), sought=replace(asked, people=24))["people"].result == "passed"
    assert said(a_pdf("Nobody came to it"), sought=asked)["people"].result == "missing"
    assert "people" not in said(a_pdf(guests))
    assert people_in("1 Robin Sample\n2 Kim Example\nTotal 2") == 2


def test_a_file_that_does_not_open_is_one_finding():
    found = said(ProofSeen(kind=PDF, why="The PDF is broken."))
    assert {code: each.result for code, each in found.items()} == {"readable": Result.MISSING}


def test_another_kind_than_stated_and_a_file_shown_twice_are_doubtful():
    found = said(a_pdf(WHOLE), stated=JPEG, again=True)
    assert (found["kind"].result, found["once"].result) == (Result.DOUBTFUL,) * 2


def test_facts_come_back_as_they_were_kept_and_hold_none_of_the_words():
    guests = "Guests of 31 March 2026: Robin Sample robin@sample.example and Kim Example"
    asked = replace(SOUGHT, title="Guest list")
    facts = facts_of(a_pdf(guests), asked, stated=PDF, again=False, today=TODAY)
    assert facts_from(kept(facts)) == facts
    assert sought_from(kept(asked)) == asked
    assert "robin" not in str(kept(facts)).casefold()
    assert plain(findings(facts_from(kept(facts)), sought_from(kept(asked)))) == plain(
        findings(facts, asked)
    )


def test_facts_of_a_later_form_are_read_without_what_is_unknown():
    assert facts_from({"stated": PDF, "kind": PDF, "to_come": 3}) == Facts(stated=PDF, kind=PDF)
