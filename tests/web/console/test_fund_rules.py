"""A partner reads the rules of its fund, and plans made with its vendor, in its own language."""

import io
import re

import pytest
from sqlalchemy import text

from tcma.mdf.rules import ActivityKind
from tests.domain.mdf.conftest import a_pdf, house  # noqa: F401 - the fixture
from tests.domain.mdf.test_joint_plans import planned_together
from tests.domain.mdf.test_programmes import half
from tests.web.desk.conftest import counter  # noqa: F401 - the fixture

ENGLISH = re.compile(
    r".{0,30}\b(?:the|and|of|is|to|for|by|with|when|where|added|agreed|line|both|plan runs)\b.{0,30}"
)


def reads(house, language):  # noqa: F811
    """Alice's pages stand in a language from now on, and what is written for her partner."""
    with house.db() as work:
        asked = {"locale": language, "id": house.alice.user_id, "partner": house.partner}
        work.session.execute(text("update user_account set locale = :locale where id = :id"), asked)
        work.session.execute(text("update partner set locale = :locale where id = :partner"), asked)


def plain(page):
    return page.words.replace("\N{NO-BREAK SPACE}", " ").replace("\u202f", " ")


def test_a_partner_reads_the_rules_in_force_and_those_that_come(counter):  # noqa: F811
    house = counter.house  # noqa: F811
    rules = f"/console/funds/{house.fund_ref}/rules"
    assert rules in counter.alice.get(f"/console/funds/{house.fund_ref}/ledger").text
    assert "From " not in counter.alice.get(rules).words
    done = counter.mira.post(
        f"/desk/rules/{house.fund_ref}/next", source=half(house), starts_on="2026-03-09", act="publish"
    )  # fmt: skip
    assert done.status == 303
    reads(house, "de-DE")
    page = plain(counter.alice.get(rules))
    assert "Der Hersteller zahlt 100 % der Kosten." in page
    assert page.index("Ab Mo., 9. März") < page.index("Der Hersteller zahlt 50 % der Kosten.")
    assert "Letzter Termin für einen Plan: 10 Werktage vor Beginn der Aktivität." in page
    assert ENGLISH.findall(page) == []
    assert counter.mira.get(rules).status == 404


def test_nobody_reads_the_rules_of_a_fund_that_has_no_part_for_them(counter):  # noqa: F811
    with counter.house.db() as work:
        work.session.execute(text("set local session_replication_role = replica"))
        work.session.execute(text("delete from fund_allocation"))
    assert counter.alice.get(f"/console/funds/{counter.house.fund_ref}/rules").status == 404


@pytest.fixture
def joint(counter):  # noqa: F811
    ref = planned_together(counter.house)
    return f"/console/joint-plans/{ref}", f"/desk/joint-plans/{ref}"


def test_a_joint_plan_and_its_history_stand_in_german(counter, joint):  # noqa: F811
    mine, theirs = joint
    house = counter.house  # noqa: F811
    reads(house, "de-DE")
    page = plain(counter.alice.get(mine))
    named = "Zeile hinzugefügt von Alice: "
    assert f"{named}" in page
    assert "April 2026, 1.200,00 £." in page
    assert "Mai 2026, 800,00 £." in page
    for visitor, path in ((counter.alice, mine), (counter.mira, theirs)):
        assert visitor.post(f"{path}/agreement").status == 303
    assert counter.alice.post(f"{mine}/lines/1/start").status == 303
    page = plain(counter.alice.get(mine))
    assert "Zugestimmt von Mira: Beide Seiten haben zugestimmt." in page
    assert "Zeile begonnen von Alice: Zeile 1: MDF-2026-0001" in page
    assert "März 2026" in page  # a month to choose
    assert ENGLISH.findall(page) == []
    request = plain(counter.alice.get("/console/fund-requests/MDF-2026-0001"))
    assert "April 2026" in request
    assert f"Wie vereinbart in {mine.rpartition('/')[2]}" in request
    assert "added a line" in counter.mira.get(theirs).words


def test_a_joint_plan_has_japanese_months_and_sums(counter, joint):  # noqa: F811
    mine, _ = joint
    reads(counter.house, "ja-JP")
    page = plain(counter.alice.get(mine))
    assert "2026年4月、￡1,200.00" in page or "2026年4月、£1,200.00" in page
    assert "2026年5月、" in page


def test_what_cannot_be_is_refused_in_german(counter, joint):  # noqa: F811
    mine, _ = joint
    reads(counter.house, "de-DE")
    facts = {"campaign": "x", "kind": "email", "month": "2027-01", "cost": "0", "goal_leads": "1"}
    page = counter.alice.post(f"{mine}/lines", **facts)
    assert page.status == 422
    assert ENGLISH.findall(plain(page)) == []
    frame = {
        "title": "Neu",
        "fund": f"{counter.house.fund_ref}/brightwater-it",
        "starts_on": "2026-03-01",
        "ends_on": "2030-01-01",
    }
    page = counter.alice.post("/console/joint-plans/new", **frame)
    assert page.status == 422
    assert re.search(r"Das Budget zahlt von \w+\., .* bis ", plain(page))
    assert ENGLISH.findall(plain(page)) == []


@pytest.mark.parametrize(
    ("kind", "title", "kept"),
    [
        (ActivityKind.PRINT, "Exemplar des fertigen Drucks", "Copy of the final piece"),
        (
            ActivityKind.TELEMARKETING,
            "Gesprächsleitfaden mit dem Namen der Marke",
            "Script with the brand’s name",
        ),
    ],
)
def test_a_proof_that_a_german_page_names_is_added_by_its_form(counter, kind, title, kept):  # noqa: F811
    house = counter.house  # noqa: F811
    reads(house, "de-DE")
    plan = house.approved(5_000, kind=kind)
    claim = counter.alice.post("/console/claims/new", plan=plan).location
    page = counter.alice.get(claim)
    assert title in plain(page)
    (asked,) = re.findall(rf'name="title" value="({kept})"', page.text)
    added = counter.alice.post(f"{claim}/proofs", title=asked, file=(io.BytesIO(a_pdf()), "a.pdf"))
    assert added.status == 303
    assert title in plain(counter.alice.get(claim))
    assert kept not in plain(counter.alice.get(claim))


def test_the_books_of_a_fund_and_its_figures_stand_in_german(counter):  # noqa: F811
    house = counter.house  # noqa: F811
    house.decided(house.claimed(house.proven(house.approved()), ("1", 500)))
    reads(house, "de-DE")
    ledger = plain(counter.alice.get(f"/console/funds/{house.fund_ref}/ledger"))
    assert "reserviert auszuzahlen 500,00 £" in ledger
    assert "nicht zugeteilt verfügbar" in ledger
    assert ENGLISH.findall(ledger) == []
    figures = counter.alice.get("/console/reports/pace")
    assert "Die meisten Tage vergehen hier: " in plain(figures)
    assert 'aria-label="Tage im Median nach Phase. Die meisten Tage' in figures.text
    assert ENGLISH.findall(plain(figures)) == []


def test_an_account_that_cannot_be_is_refused_in_german(counter):  # noqa: F811
    reads(counter.house, "de-DE")
    form = "/console/funds/accounts/quillon"
    asked = plain(counter.alice.get(form))
    assert "Kanada: Transit- und Institutsnummer" in asked
    page = counter.alice.post(
        form, holder="Alice", country="US", number="1", bank_code="1", tax_id="1"
    )
    assert page.status == 422
    assert "Routing-Nummer hat hier 9 Zeichen." in plain(page)
    assert ENGLISH.findall(plain(page)) == []
