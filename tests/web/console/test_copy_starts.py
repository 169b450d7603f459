"""A campaign that may begin by itself at a partner: counted, let begin, stopped; by nobody else."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tcma.nurture import publishing
from tcma.nurture.publishing import Choices
from tests.builders import vera
from tests.counted import statements
from tests.domain.nurture.crowd import PLAIN

EDITOR = "/console/campaigns/corbelane/cloud-migration/copy"
BY_DATE = PLAIN + '[start]\ndate = "Contract end"\ndays = "90 days before"\nstep = "n2"\n'


@pytest.fixture
def dated(stocked):
    """The campaign's journey begins 90 days before the contract ends."""
    begins_by(stocked, BY_DATE)
    return stocked


def begins_by(stocked, source):
    with stocked.db() as work:
        author = vera(work, stocked.ids["vendor"])
        version = work.session.scalar(text("SELECT id FROM campaign_version"))
    with stocked.db(author) as work:
        publishing.publish(
            work, vendor_id=stocked.ids["vendor"], campaign_id=stocked.ids["campaign"],
            campaign_version_id=version, source=source, choices=Choices(),
        )  # fmt: skip


def agreed(desk):
    with desk.db() as work:
        return work.session.scalar(text("SELECT begins_by_date_at IS NOT NULL FROM partner_copy"))


def test_a_campaign_that_begins_by_the_form_alone_says_nothing_of_it(stocked):
    assert "begin by itself" not in stocked.as_("Alice").get(EDITOR).words


def test_a_partner_reads_when_and_for_how_many_and_lets_it_begin_and_stops_it(dated):
    alice = dated.as_("Alice")
    page = alice.get(f"{EDITOR}/follow-up-1")
    assert "It begins 90 days before the date in “Contract end”." in page.words
    assert "You have no such date field yet." in page.words
    with dated.db() as work:
        day = (work.now + timedelta(days=100)).date()
        work.session.execute(
            text("INSERT INTO custom_field (partner_id, key, label, kind) VALUES (:p, 'x_contract_end', 'contract end', 'date')"),
            {"p": dated.ids["fenwright"]},
        )  # fmt: skip
        here = "partner_id = :p AND id IN (SELECT contact_id FROM list_member)"
        work.session.execute(
            text(f"UPDATE contact SET fields = jsonb_build_object('x_contract_end', cast(:d AS text)) WHERE {here}"),
            {"p": dated.ids["fenwright"], "d": f"{day}"},
        )  # fmt: skip
        people = work.session.scalar(
            text(f"SELECT count(*) FROM contact WHERE {here}"), {"p": dated.ids["fenwright"]}
        )
    page = alice.get(EDITOR)
    assert people
    assert (
        f"{people} p"
        in page.words.partition("their time, whether you have launched or not. ")[2][:8]
    )
    assert not agreed(dated)
    assert alice.post(f"{EDITOR}/start", begins="yes", part="mail-1").status == 303
    assert agreed(dated)
    page = alice.get(EDITOR)
    assert "It begins by itself from now on." in page.words
    assert "You let it begin." in page.words
    assert alice.post(f"{EDITOR}/start", begins="no", part="mail-1").status == 303
    assert not agreed(dated)


def test_a_changed_start_is_asked_anew_on_the_first_page_until_somebody_decides(dated):
    alice = dated.as_("Alice")
    asked = "Decide anew whether “One steady arch at a time” begins by itself"
    for answer in ("yes", "no"):
        begins_by(dated, BY_DATE)
        alice.get(EDITOR)
        alice.post(f"{EDITOR}/start", begins="yes")
        assert asked not in alice.get("/console").words
        begins_by(dated, BY_DATE.replace("90", "60"))
        assert asked in alice.get("/console").words
        assert asked not in dated.as_("Sam").get("/console").words
        page = alice.get(EDITOR)
        assert "has changed when it begins." in page.words
        assert "You let it begin." not in page.words
        alice.post(f"{EDITOR}/start", begins=answer)
        assert asked not in alice.get("/console").words
        assert "has changed when it begins." not in alice.get(EDITOR).words
        assert agreed(dated) is (answer == "yes")


def test_who_agrees_to_what_was_changed_meanwhile_reads_it_first(dated):
    alice = dated.as_("Alice")
    alice.get(EDITOR)
    [field] = alice.get(EDITOR).tree.css("input[name=by]")
    begins_by(dated, BY_DATE.replace("90", "60"))
    alice.post(f"{EDITOR}/start", begins="yes", by=field.attributes["value"])
    page = alice.get(EDITOR)
    assert "has changed when it begins meanwhile" in page.words
    assert not agreed(dated)


def test_a_journey_that_has_nothing_to_begin_by_refuses(stocked):
    alice = stocked.as_("Alice")
    alice.get(EDITOR)
    alice.post(f"{EDITOR}/start", begins="yes")
    assert "begins by the form alone" in alice.get(EDITOR).words
    assert not agreed(stocked)


def test_a_seller_may_not_and_a_stranger_finds_nothing(dated):
    dated.as_("Alice").get(EDITOR)
    assert dated.as_("Sam").post(f"{EDITOR}/start", begins="yes").status == 403
    assert dated.as_(None).post(f"{EDITOR}/start", begins="yes").status in (302, 303, 401)
    assert not agreed(dated)


def test_who_only_looks_writes_nothing(stocked):
    alice = stocked.as_("Alice")
    alice.get(EDITOR)  # the copy itself is made at its first use
    with statements(stocked.db.engine) as said:
        alice.get(f"{EDITOR}/follow-up-1")
    written = [each for each in said if each.split()[0] in {"INSERT", "UPDATE", "DELETE"}]
    assert written == []
    with stocked.db() as work:
        for table in ("sequence", "sequence_version"):
            assert work.session.scalar(text(f"SELECT count(*) FROM {table}")) == 0
