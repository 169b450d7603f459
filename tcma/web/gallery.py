"""What the gallery page shows: one fictional day, enough for every component in every state."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tcma.money import Money
from tcma.web import charts

NOW = datetime(2026, 11, 23, 10, 48, tzinfo=UTC)


def _pounds(minor: int) -> Money:
    return Money(minor, "GBP")


def samples() -> dict[str, Any]:
    """Return the context of gallery.html; nothing in it comes from a database."""
    return {
        "pounds": _pounds,
        "euros": lambda minor: Money(minor, "EUR"),
        "today": NOW,
        "deadline": NOW + timedelta(hours=3, minutes=12),
        "live": {
            "sent": 846,
            "failed": 3,
            "skipped": 98,
            "uncertain": 2,
            "cancelled": 0,
            "waiting": 291,
        },
        "done": {"sent": 598, "failed": 4, "skipped": 10, "uncertain": 0, "cancelled": 0},
        "columns_chart": charts.over_time(
            "Most leads came in the second week",
            ["2 Nov", "9 Nov", "16 Nov", "23 Nov"],
            [("Leads", [2, 5, 3, 1])],
        ),
        "lines_chart": charts.over_time(
            "Clicks fade after four days, leads do not",
            [f"{day} Nov" for day in range(3, 19)],
            [
                ("Clicks", [21, 14, 9, 6, 3, 2, 2, 1, 1, 4, 6, 3, 1, 0, 1, 0]),
                ("Leads", [1, 1, 0, 1, 1, 0, 0, 0, 1, 0, 1, 0, 1, 0, 0, 1]),
            ],
        ),
        "ranked_chart": charts.ranked(
            "You are above the median of partners like you",
            [("Brightwater IT", 7), ("Partner B", 9), ("Partner C", 5), ("Partner D", 3)],
        ),
        "steps_chart": charts.steps(
            "One click in six became a lead",
            [("Delivered", 590), ("Clicked", 41), ("Leads", 7), ("Accepted", 6)],
        ),
        "whole_chart": charts.whole(
            "Less than half of the fund is free",
            [
                ("Available", 320_000, "ink"),
                ("Reserved", 214_000, "work"),
                ("In claim", 147_000, "need"),
            ],
        ),
        "art": "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 320 184'"
        "%3E%3Crect width='320' height='184' fill='%230b5a6b'/%3E%3Ccircle cx='230' cy='70' r='60'"
        " fill='%237fd0dd'/%3E%3C/svg%3E",
    }
