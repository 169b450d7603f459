"""Money, times and counts as one reader sees them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from tcma.money import Money
from tcma.web import filters
from tcma.web.filters import Reader

NOW = datetime(2026, 11, 23, 10, 48, tzinfo=UTC)
LEEDS = Reader("en-GB", ZoneInfo("Europe/London"), NOW)
TOKYO = Reader("en-GB", ZoneInfo("Asia/Tokyo"), NOW)
BERLIN = Reader("de-DE", ZoneInfo("Europe/Berlin"), NOW)


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "shown"),
    [
        (135000, "GBP", "en-GB", "£1,350.00"),
        (135000, "EUR", "de-DE", "1.350,00\u00a0€"),
        (1350, "JPY", "en-GB", "JP¥1,350"),
        (1350, "JPY", "ja-JP", "\uffe51,350"),
        (-150000, "GBP", "en-GB", "−£1,500.00"),
        (1, "BHD", "en", "BHD\u00a00.001"),
        (0, "GBP", "en", "£0.00"),
    ],
)
def test_money_has_the_digits_of_its_currency_and_the_marks_of_the_locale(
    minor, currency, locale, shown
):
    assert filters.money(Money(minor, currency), locale=locale) == shown


def test_two_currencies_get_their_codes_and_are_not_added_up():
    mixed = [Money(135000, "GBP"), Money(120000, "EUR")]
    assert filters.money_pair(mixed, locale="en-GB") == "£1,350.00\u00a0GBP · €1,200.00\u00a0EUR"
    assert filters.money_pair(mixed[:1] * 2, locale="en-GB") == "£1,350.00 · £1,350.00"


@pytest.mark.parametrize(
    ("minor", "shown"), [(15000, "+£150.00"), (-15000, "−£150.00"), (0, "£0.00")]
)
def test_an_effect_in_the_ledger_carries_its_sign(minor, shown):
    assert filters.signed_money(Money(minor, "GBP"), locale="en-GB") == shown


@pytest.mark.parametrize(
    ("share", "digits", "locale", "shown"),
    [
        (0.5, 0, "en-GB", "50%"),
        (0.5, 0, "de-DE", "50\u00a0%"),
        (Decimal("0.0312"), 1, "en-GB", "3.1%"),
        (0.0312, 1, "de-DE", "3,1\u00a0%"),
        (None, 0, "en-GB", "–"),
    ],
)
def test_percent_has_the_space_of_the_locale_and_no_share_is_a_dash(share, digits, locale, shown):
    assert filters.percent(share, locale=locale, digits=digits) == shown


@pytest.mark.parametrize(("number", "shown"), [(0, "fewer than 5"), (4, "fewer than 5"), (5, "5")])
def test_few_people_of_others_are_not_counted_aloud(number, shown):
    assert filters.few(number, locale="en-GB") == shown


@pytest.mark.parametrize(
    ("at", "reader", "shown"),
    [
        (datetime(2026, 11, 26, 12, tzinfo=UTC), LEEDS, "Thu 26 Nov"),
        (date(2026, 11, 26), TOKYO, "Thu 26 Nov"),
        (datetime(2026, 11, 26, 20, tzinfo=UTC), TOKYO, "Fri 27 Nov"),
        (datetime(2027, 1, 1, 12, tzinfo=UTC), LEEDS, "Fri 1 Jan 2027"),
        (datetime(2026, 11, 26, 12, tzinfo=UTC), BERLIN, "Do., 26. Nov."),
    ],
)
def test_a_date_is_the_readers_day_with_the_year_only_when_it_is_another(at, reader, shown):
    assert filters.local_date(at, reader=reader) == shown


@pytest.mark.parametrize(
    ("at", "reader", "shown"),
    [
        (NOW + timedelta(hours=3, minutes=12), LEEDS, "14:00 today"),
        (datetime(2026, 11, 26, 9, tzinfo=UTC), LEEDS, "Thu 26 Nov, 09:00"),
        (datetime(2026, 11, 26, 9, tzinfo=UTC), TOKYO, "Thu 26 Nov, 18:00"),
        (datetime(2026, 11, 26, 9, tzinfo=UTC), BERLIN, "Do., 26. Nov., 10:00"),
    ],
)
def test_a_moment_is_told_in_the_readers_zone(at, reader, shown):
    assert filters.local_moment(at, reader=reader) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (20, "now"),
        (-60, "1 minute ago"),
        (-12 * 60, "12 minutes ago"),
        (12 * 60, "in 12 minutes"),
        (-3600, "09:48 today"),
    ],
)
def test_under_an_hour_a_moment_is_relative(seconds, shown):
    assert filters.relative(NOW + timedelta(seconds=seconds), reader=LEEDS) == shown


@pytest.mark.parametrize(
    ("left", "shown"),
    [
        (timedelta(hours=3, minutes=12), "3 h 12 min left"),
        (timedelta(seconds=20), "1 min left"),
        (timedelta(days=1, hours=3), "1 day 3 h left"),
        (timedelta(hours=2), "2 h left"),
        (timedelta(days=2), ""),
        (timedelta(hours=-2), "2 h late"),
    ],
)
def test_a_deadline_says_what_is_left_under_two_days(left, shown):
    assert filters.time_left(NOW + left, now=NOW) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (12, "less than a minute"),
        (60, "about 1 minute"),
        (240, "about 4 minutes"),
        (7000, "about 2 hours"),
        (3 * 86400, "about 3 days"),
    ],
)
def test_a_duration_is_about(seconds, shown):
    assert filters.duration(seconds) == shown


@pytest.mark.parametrize(
    ("octets", "shown"),
    [(12, "12 bytes"), (38_000, "38 kB"), (6_240_000, "6.2 MB"), (200_000_000, "200 MB")],
)
def test_a_file_has_a_size_people_read(octets, shown):
    assert filters.file_size(octets, locale="en-GB") == shown


@pytest.mark.parametrize(
    "values", [[846, 3, 98, 2, 0, 291], [1], [1] * 40, [10**9, 1, 1, 1], [0, 0, 5]]
)
def test_shares_fill_the_bar_and_nothing_that_exists_vanishes(values):
    cut = filters.shares(values)
    assert sum(width for _, width in cut) == pytest.approx(100, abs=0.05)
    assert all((width > 0) == (value > 0) for (_, width), value in zip(cut, values, strict=True))
    starts = [start for start, _ in cut]
    assert starts == sorted(starts)


def test_a_bar_of_nothing_is_empty():
    assert filters.shares([0, 0]) == [(0.0, 0.0), (0.0, 0.0)]


@pytest.mark.parametrize(
    ("text", "locale", "plain"),
    [
        ("1350", "en-GB", "1350"),
        ("1,350.50", "en-GB", "1350.50"),
        ("1.350,50", "de-DE", "1350.50"),
        ("1,5", "de-DE", "1.5"),
        ("1,5", "en-GB", None),
        ("1.5", "de-DE", None),
        ("1.350", "de-DE", "1350"),
        ("1,350", "en-GB", "1350"),
        ("1 350,5", "fr-FR", "1350.5"),
        ("12,34.5", "en-GB", None),
        ("ten", "en-GB", None),
    ],
)
def test_a_number_is_read_as_its_reader_writes_it(text, locale, plain):
    assert filters.plain_number(text, locale=locale) == plain


def test_what_is_counted_agrees_with_its_number():
    assert filters.counted(1, "person", "people", locale="en-GB") == "1 person"
    assert filters.counted(1240, "person", "people", locale="en-GB") == "1,240 people"
