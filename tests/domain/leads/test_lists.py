"""A list of an event: looked at before it counts, each row once, the refused with their reason."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from tcma import retention
from tcma.errors import Forbidden, Invalid, NotFound
from tcma.leads import lists
from tcma.leads.capturing import Origin
from tcma.leads.models import Lead, LeadCapture
from tests.builders import a_vendor, mira

CARDS = (
    "E-Mail;Vorname;Nachname;Firma;PLZ;Land;Notes\n"
    "ida@brackwater.example;Ida;Brook;Brackwater;FW1 2AB;GB;Wants a price\n"
    "no address;Mo;;;;;\n"
    "ida@brackwater.example;Ida;Brook;;;;\n"
    "lee@osier.example;Lee;;Visit https://cheap.example;;;\n"
)


@pytest.fixture
def desk(db, ground):
    with db() as work:
        campaign = work.session.scalar(text("SELECT id FROM campaign"))
        boss = mira(work, ground.vendor_id)
    origin = Origin(vendor_id=ground.vendor_id, campaign_id=campaign)
    event = lists.Event(name="Leeds Expo", words="You may call me.", origin=origin)

    def kept(content=CARDS, name="cards.csv"):
        with db(boss) as work:
            return lists.keep(work, file_name=name, content=content.encode())

    def done(verb, list_id, event=event):
        with db(boss) as work:
            return verb(work, list_id, event)

    return kept, done, event


def test_a_list_is_looked_at_before_anything_is_a_lead(db, desk):
    kept, done, _ = desk
    result = done(lists.look, kept())
    assert [each.first_name for each in result.fresh] == ["Ida", "Lee"]
    assert [(row, bool(why)) for row, _, why in result.refused] == [(3, True), (4, True)]
    assert ("PLZ", "postcode") in result.columns
    with db() as work:
        assert work.session.scalar(select(func.count()).select_from(Lead)) == 0


def test_each_row_is_taken_once_with_what_it_said_and_the_machines_is_held(db, desk):
    kept, done, event = desk
    first = done(lists.take, kept())
    assert (len(first.fresh), first.held) == (2, 1)
    again = done(lists.take, kept(CARDS + "sam@fell.example;Sam;;Fell;;;\n"))
    assert ([each.first_name for each in again.fresh], again.known) == (["Sam"], 2)
    with db() as work:
        [ida] = work.session.scalars(select(Lead).where(Lead.first_name == "Ida"))
        assert (ida.postcode, ida.answers) == ("FW1 2AB", {"message": "Wants a price"})
        receipt = work.session.scalars(
            select(LeadCapture).where(LeadCapture.lead_id == ida.id)
        ).one()
        assert (receipt.source, receipt.consent_text) == (event.source, "You may call me.")


def test_a_row_that_came_before_with_another_content_is_refused_and_stands_in_the_file(desk):
    kept, done, _ = desk
    done(lists.take, kept())
    result = done(lists.look, kept(CARDS.replace("Wants a price", "Wants nothing")))
    assert result.known == 1
    told = b"".join(lists.refused_rows(result)).decode()
    assert "2,ida@brackwater.example,It came before with another content" in told


def test_an_id_column_tells_rows_apart(desk):
    kept, done, _ = desk
    one = "ID,Email,First name\nA-1,ida@brackwater.example,Ida\n"
    done(lists.take, kept(one))
    assert done(lists.look, kept(one)).known == 1
    [fresh] = done(lists.look, kept(one.replace("A-1", "A-2"))).fresh
    assert fresh.external_id == "A-2"


def test_a_list_of_another_vendor_is_not_there_and_a_partner_may_not_bring_one(db, desk, ground):
    kept, _, event = desk
    with db() as work:
        stranger = mira(work, a_vendor(work, name="Quillon"))
    with db(stranger) as work, pytest.raises(NotFound):
        lists.look(work, kept(), event)
    with db(ground.alice) as work, pytest.raises(Forbidden):
        lists.keep(work, file_name="x.csv", content=b"x")


def test_without_the_words_people_agreed_to_nothing_is_taken(desk):
    kept, done, event = desk
    with pytest.raises(Invalid, match="agreed"):
        done(lists.take, kept(), lists.Event(name="Expo", words=" ", origin=event.origin))


def test_a_list_that_is_no_table_is_refused(desk):
    kept, done, _ = desk
    with pytest.raises(Invalid):
        done(lists.look, kept("%PDF-1.7"))


def test_an_uploaded_list_goes_after_its_time_and_the_leads_stay(db, desk):
    kept, done, _ = desk
    old = kept()
    done(lists.take, old)
    db.clock.move(retention.LISTS + timedelta(hours=1))
    fresh = kept()
    with db() as work:
        assert retention.let_go(work)["lists"] == 1
    with pytest.raises(NotFound):
        done(lists.look, old)
    assert done(lists.look, fresh).known == 2
