"""What is written after the result is refused, with the reason; what is known before is kept."""

import numpy as np
import pytest

from tcma.leads.trained.leakage import by_name, guard
from tcma.leads.trained.table import Table, kind_of

ROWS = 2_000


@pytest.mark.parametrize(
    "name",
    [
        "duration", "Call Duration", "last_call_duration_sec", "close_date", "closeDate", "Won At",
        "converted date", "Days to close", "deal_stage", "Lead Status", "status", "Stage",
        "call outcome", "Result", "won", "is_converted", "Loss Reason", "rejection_reason",
        "close_value", "Deal Amount", "PageValues", "order_id", "Invoice No", "seller_id", "Tags",
        "Lead Quality", "Lead Profile", "Last Activity", "Last Notable Activity", "Updated At",
        "Asymmetrique Activity Score", "Lead Score", "Win probability",
    ],
)  # fmt: skip
def test_names_of_later_facts_are_refused(name):
    assert by_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "Administrative_Duration", "Total Time Spent on Website", "marital status", "Marital_Status",
        "poutcome", "previous", "tenure", "Lead Source", "Lead Origin", "contact", "campaign",
        "Recency", "history", "TotalCharges", "revenue", "employees", "Page Views Per Visit",
        "landing_page_id", "AcceptedCmp1", "Contract", "day", "month", "engage_date",
        "first_contact_date", "Do Not Call", "NumDealsPurchases", "education", "product",
        "How did you hear about us", "Country", "company size", "answers",
    ],
)  # fmt: skip
def test_names_of_earlier_facts_are_kept(name):
    assert by_name(name) == ""


@pytest.fixture(scope="module")
def y():
    return (np.random.default_rng(1).random(ROWS) < 0.2).astype(float)


def refused(y, **columns):
    table = Table({n: list(map(str, c)) for n, c in columns.items()}, len(y))
    kinds = {n: kind_of(n, c) for n, c in table.columns.items()}
    found = guard(table, y, kinds, target="won")
    return {r.column: r.reason for r in found.refused}


def test_filled_in_with_a_result_only_is_refused_even_when_rare(y):
    draw = np.random.default_rng(2).random(ROWS)
    fax = ["x" if won and d < 0.1 else "" for won, d in zip(y, draw, strict=True)]
    assert refused(y, fax=fax) == {"fax": "it is filled in with a result only"}


def test_empty_exactly_without_a_result_is_refused(y):
    seats = [7 + n % 5 if won else "" for n, won in enumerate(y)]
    assert "with a result only" in refused(y, seats=seats)["seats"]


def test_one_word_that_never_meets_the_other_result_is_refused(y):
    draw = np.random.default_rng(3).random(ROWS)
    way = [
        "x9" if w and d < 0.3 else "web" if d < 0.6 else "fair"
        for w, d in zip(y, draw, strict=True)
    ]
    assert refused(y, way=way) == {"way": "“x9” stands with a result only"}


def test_a_step_on_the_way_to_every_result_is_refused(y):
    draw = np.random.default_rng(4).random(ROWS)
    visit = [int(won or d < 0.3) for won, d in zip(y, draw, strict=True)]
    assert refused(y, visit=visit) == {"visit": "“0” stands without a result only"}


def test_money_that_flows_only_with_a_result_is_refused(y):
    draw = np.random.default_rng(5).random(ROWS)
    spend = [round(d * 900, 2) if won else 0 for won, d in zip(y, draw, strict=True)]
    assert refused(y, spend=spend) == {"spend": "it is more than zero with a result only"}


def test_a_column_that_nearly_tells_all_alone_is_refused(y):
    noise = np.random.default_rng(6).normal(size=ROWS)
    assert "alone it tells" in refused(y, x7=np.round(3 * y + noise, 3))["x7"]


def test_a_strong_honest_column_and_honest_gaps_are_kept(y):
    draw = np.random.default_rng(7)
    strong = np.round(1.2 * y + draw.normal(size=ROWS), 3)
    gaps = ["" if d < 0.6 else int(d * 100) for d in draw.random(ROWS)]
    rare = ["dentist" if d < 0.002 else "other" for d in draw.random(ROWS)]
    assert refused(y, strong=strong, gaps=gaps, rare=rare) == {}


def test_dates_after_the_beginning_are_refused_by_time(y):
    began = [f"2026-01-{n % 28 + 1:02}" for n in range(ROWS)]
    ended = [f"2026-03-{n % 28 + 1:02}" for n in range(ROWS)]
    born = [f"19{50 + n % 40}-05-{n % 28 + 1:02}" for n in range(ROWS)]
    assert list(refused(y, began=began, signed_paper=ended)) == ["signed_paper"]
    assert "after began" in refused(y, began=began, signed_paper=ended)["signed_paper"]
    assert refused(y, born=born, met=began) == {}
