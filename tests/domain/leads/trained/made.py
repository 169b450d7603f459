"""Closed leads made up: with a signal, without one, with leaking columns beside."""

import numpy as np

from tcma.leads.trained.table import Table


def leads(rows, *, seed=1, signal=1.0, rate=-1.2):
    """Mixed columns: size, sector, plan, country of many, dates, an id, free text, gaps."""
    draw = np.random.default_rng(seed)
    size = np.round(np.exp(draw.normal(4, 1.2, rows)))
    sector = draw.choice(
        ["dental", "law", "retail", "school", ""], rows, p=[0.3, 0.2, 0.2, 0.2, 0.1]
    )
    town = draw.choice([f"town {n}" for n in range(150)], rows)
    visits = draw.poisson(3, rows)
    asks = draw.choice(["Yes", "No"], rows, p=[0.3, 0.7])
    odds = signal * (
        0.9 * (np.log(size) - 4)
        + np.where(sector == "dental", 0.8, 0.0)
        - np.where(sector == "school", 1.2, 0.0)
        + np.where((asks == "Yes") & (visits > 3), 1.4, 0.0)
    )
    won = (draw.random(rows) < 1 / (1 + np.exp(-(odds + rate)))).astype(int)
    known = draw.random(rows) > 0.15
    columns = {
        "Lead ID": [f"L-{n:06}" for n in range(rows)],
        "Came": [f"2026-{n % 12 + 1:02}-{n % 28 + 1:02}" for n in range(rows)],
        "Company size": [f"{s:.0f}" if k else "" for s, k in zip(size, known, strict=True)],
        "Sector": sector.tolist(),
        "Town": town.tolist(),
        "Visits": visits.tolist(),
        "Asked for a check": asks.tolist(),
        "Message": [f"we have {n} desks and ask for a talk" for n in range(rows)],
        "Vendor": ["Corbelane"] * rows,
        "won": won.tolist(),
    }
    return Table({name: [str(c) for c in cells] for name, cells in columns.items()}, rows)


def leaking(table):
    """The same with columns that are written when the result is known."""
    won = table.columns["won"]
    more = {
        "duration": [str(90 + 400 * int(w) + n % 100) for n, w in enumerate(won)],
        "close_date": ["2027-02-01" for _ in won],
        "Account no": [f"A{n}" if w == "1" else "" for n, w in enumerate(won)],
        "x7": [f"{int(w) * 5 + (n * 37 % 11) / 4}" for n, w in enumerate(won)],
    }
    return Table(table.columns | more, table.rows)


def halves(table, share=0.6):
    cut = int(table.rows * share)
    return table.taking(np.arange(cut)), table.taking(np.arange(cut, table.rows))


def as_csv(table, *, separator=","):
    names = list(table.columns)
    lines = [separator.join(names)]
    lines += [separator.join(row) for row in zip(*table.columns.values(), strict=True)]
    return "\n".join(lines) + "\n"
