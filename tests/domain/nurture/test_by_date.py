"""Journeys that begin by a date of somebody's or a calendar: who, when, once, by whose agreement."""

import itertools
import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from tcma.clock import FixedClock
from tcma.contacts.consent import ConsentAct
from tcma.contacts.consent_ledger import NewLine, withdraw
from tcma.errors import Conflict, Forbidden, NotFound
from tcma.jobs import Job
from tcma.nurture import actions
from tcma.nurture.by_date import PAGE
from tcma.nurture.rules import Exit
from tcma.nurture.starters import let_begin
from tcma.permissions import Role
from tests.builders import a_user, waiting_leads
from tests.domain.nurture.crowd import EXITS, PLAIN, TUESDAY
from tests.faults.posting import rung
from workers import nurture
from workers.runtime import Run

BY_DATE = PLAIN + '[start]\ndate = "contract end"\ndays = "90 days before"\nstep = "n2"\n'
YEARLY = PLAIN + '[start]\ndate = "birthday"\nevery = "year"\nlate = 0\nstep = "n2"\n'
CALENDAR = PLAIN + (
    '[entry]\nif = { country = ["GB"] }\n[start]\ncalendar = "first tuesday"\nat = "08:00"\nstep = "n2"\n'
)
ENDS = (TUESDAY + timedelta(days=90)).date()
KNOWN = text("""
INSERT INTO contact (partner_id, address, address_hash, first_name, country, fields, created_at)
SELECT cast(:partner AS uuid), 'd' || n || '@example.org', sha256((cast(:partner AS text) || 'd' || n)::bytea),
  'D', :country,
  jsonb_build_object('city', 'Leeds', cast(:key AS text), cast(:value AS text)), :now
FROM generate_series(cast(:first AS int), cast(:last AS int)) n RETURNING id
""")
NUMBERS = itertools.count()
"""Nobody comes twice: what they said of their consent stays."""
MEMBERS = text("INSERT INTO list_member SELECT :list, unnest(cast(:ids AS bigint[]))")
RUNS = "SELECT contact_id, node, state, occurrence, due_at, lead_id FROM nurture_run ORDER BY id"


class Dated:
    """The crowd with fields, lists and agreements; `known(3, "2026-06-01")` makes contacts."""

    def __init__(self, people):
        self.people, self.db, self.lists = people, people.db, {}
        with self.db() as work:
            self.copies = [
                work.session.scalar(
                    text("SELECT id FROM partner_copy WHERE partner_id = :p"), {"p": p}
                )
                for p in people.partners
            ]
            self.owners = [a_user(work, Role.OWNER, partner_id=p) for p in people.partners]
        for n in range(len(people.partners)):
            self.field(n, "x_contract_end", "Contract end")
            self.lists[n] = self.a_list(n, "contract")

    def rows(self, query, **values):
        return self.people.rows(query, **values)

    def field(self, partner, key, label, kind="date"):
        self.rows(
            "INSERT INTO custom_field (partner_id, key, label, kind) VALUES (:p, :k, :l, :kind) RETURNING 1",
            p=self.people.partners[partner], k=key, l=label, kind=kind,
        )  # fmt: skip

    def a_list(self, partner, basis):
        return self.people.value(
            "INSERT INTO contact_list (id, partner_id, name, basis, created_at)"
            " VALUES (gen_random_uuid(), :p, :name, :basis, :now) RETURNING id",
            p=self.people.partners[partner], name=f"List {basis}", basis=basis,
            now=self.db.clock.now(),
        )  # fmt: skip

    def known(self, count, value, *, partner=0, key="x_contract_end", country="GB", on_list=None):
        numbers = list(itertools.islice(NUMBERS, count))
        with self.db() as work:
            ids = list(work.session.scalars(KNOWN, {
                "partner": str(self.people.partners[partner]), "country": country, "key": key,
                "value": str(value), "now": work.now, "first": numbers[0], "last": numbers[-1],
            }))  # fmt: skip
            work.session.execute(MEMBERS, {"list": on_list or self.lists[partner], "ids": ids})
        return ids

    def agree(self, partner=0, *, begins=True):
        with self.db(self.owners[partner]) as work:
            let_begin(work, self.copies[partner], begins=begins)

    def begin(self):
        nurture.begin(self.people.run)
        return self.rows(RUNS)

    def at(self, moment):
        self.db.clock = FixedClock(moment)


@pytest.fixture
def dated(people):
    made = Dated(people)
    yield made
    for table in ("list_member", "contact_list", "custom_field", "calendar_round"):
        people.rows(f"DELETE FROM {table} RETURNING 1")
    people.rows("UPDATE partner_copy SET begins_by_date_at = NULL, begins_by = NULL RETURNING 1")
    people.rows("UPDATE enrolment SET state = 'active' RETURNING 1")


def test_whose_day_has_come_begins_at_the_step_and_nobody_else(dated):
    dated.people.publish(BY_DATE)
    dated.agree()
    today = dated.known(2, ENDS)
    dated.known(1, ENDS + timedelta(days=1))
    late = dated.known(1, ENDS - timedelta(days=3))
    dated.known(1, ENDS - timedelta(days=4))
    dated.known(1, "soon")
    found = dated.begin()
    assert [row.contact_id for row in found] == [*today, *late]
    assert {(row.node, row.state, row.lead_id) for row in found} == {("n2", 0, None)}
    assert [row.occurrence for row in found] == [ENDS, ENDS, ENDS - timedelta(days=3)]
    assert found[0].due_at == TUESDAY + timedelta(days=3)  # three working days, in the window
    assert dated.db.queue.of(Job.NURTURE_ADVANCE)


def test_it_begins_once_however_often_it_is_looked_at_and_by_several_at_once(dated):
    dated.people.publish(BY_DATE)
    dated.agree()
    dated.known(40, ENDS)
    lookers = [threading.Thread(target=nurture.begin, args=(dated.people.run,)) for _ in range(3)]
    for each in lookers:
        each.start()
    for each in lookers:
        each.join()
    assert len(dated.begin()) == 40
    dated.rows("UPDATE nurture_run SET state = 5, due_at = NULL, ended_at = now() RETURNING 1")
    assert len(dated.begin()) == 40


def test_more_than_a_page_begin_in_one_look(dated):
    dated.people.publish(BY_DATE)
    dated.agree()
    dated.known(PAGE + 5, ENDS)
    dated.known(3, ENDS, on_list=dated.a_list(0, "unknown"))
    assert len(dated.begin()) == PAGE + 5


def test_a_date_put_right_by_some_days_is_the_same_and_a_renewed_contract_another(dated):
    dated.people.publish(BY_DATE)
    dated.agree()
    dated.known(1, ENDS)
    dated.begin()
    dated.rows("UPDATE nurture_run SET state = 5, due_at = NULL, ended_at = now() RETURNING 1")
    to = "UPDATE contact SET fields = fields || jsonb_build_object('x_contract_end', cast(:d AS text)) RETURNING 1"
    dated.rows(to, d=f"{ENDS + timedelta(days=2)}")
    dated.at(TUESDAY + timedelta(days=2))
    assert len(dated.begin()) == 1
    renewed = ENDS + timedelta(days=365)
    dated.rows(to, d=f"{renewed}")
    dated.at(TUESDAY + timedelta(days=365))
    assert [row.occurrence for row in dated.begin()] == [ENDS, renewed]


def test_the_hour_is_that_of_the_reader(dated):
    dated.people.publish(BY_DATE)
    dated.agree()
    [london] = dated.known(1, ENDS)
    [tokyo] = dated.known(1, ENDS, country="JP")
    dated.at(datetime(2026, 3, 3, 0, 30, tzinfo=UTC))
    assert [row.contact_id for row in dated.begin()] == [tokyo]
    dated.at(datetime(2026, 3, 3, 8, 59, tzinfo=UTC))
    assert len(dated.begin()) == 1
    dated.at(datetime(2026, 3, 3, 9, 0, tzinfo=UTC))
    assert [row.contact_id for row in dated.begin()] == [tokyo, london]


def test_each_year_anew_and_leap_days_on_the_28th(dated):
    dated.field(0, "x_born", "Birthday")
    dated.people.publish(YEARLY)
    dated.agree()
    dated.known(1, "1984-02-29", key="x_born")
    dated.known(1, "1984-03-01", key="x_born")
    seen = []
    for year in (2026, 2027, 2028):
        for month, day in ((2, 28), (2, 29), (3, 1)):
            if month == 2 and day == 29 and year != 2028:
                continue
            dated.at(datetime(year, month, day, 12, tzinfo=UTC))
            before = len(seen)
            seen = dated.begin()
            for row in seen[before:]:
                assert row.occurrence == date(year, month, day)
            dated.rows(
                "UPDATE nurture_run SET state = 5, due_at = NULL, ended_at = now() RETURNING 1"
            )
    assert [f"{row.occurrence:%y-%m-%d}" for row in seen] == [
        "26-02-28", "26-03-01", "27-02-28", "27-03-01", "28-02-29", "28-03-01",
    ]  # fmt: skip


def test_nothing_begins_where_the_partner_has_not_agreed_or_has_changed_its_mind(dated):
    dated.people.publish(BY_DATE)
    dated.known(1, ENDS)
    dated.known(1, ENDS, partner=1)
    dated.agree(1)
    assert len(dated.begin()) == 1
    dated.known(1, ENDS, partner=1)
    dated.agree(1, begins=False)
    assert len(dated.begin()) == 1
    dated.agree(0)
    assert len(dated.begin()) == 2


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ('days = "90 days before"', 'days = "90 days before"\nevery = "year"'),
        ('days = "90 days before"', 'days = "89 days before"'),
        ('date = "contract end"', 'date = ["birthday", "contract end"]'),
        ('step = "n2"', 'step = "n2"\nlate = 9'),
        (BY_DATE, CALENDAR),
    ],
)
def test_by_another_start_nobody_begins_until_the_partner_has_agreed_anew(dated, was, now):
    dated.people.publish(BY_DATE)
    dated.agree()
    dated.people.publish(BY_DATE.replace(was, now))
    dated.known(1, ENDS - timedelta(days=366))
    dated.known(1, ENDS - timedelta(days=1))
    assert dated.begin() == []
    dated.agree()
    assert len(dated.begin()) == (2 if now is CALENDAR else 1)


def test_a_version_that_begins_by_the_same_asks_nobody_at_whatever_step(dated):
    dated.people.publish(BY_DATE)
    dated.agree()
    dated.people.publish(BY_DATE.replace("7 days", "8 days").replace('step = "n2"', 'step = "n3"'))
    dated.known(1, ENDS)
    assert [row.node for row in dated.begin()] == ["n3"]


def test_who_changes_its_mind_between_two_pages_is_asked_before_the_second(dated):
    dated.people.publish(BY_DATE)
    dated.agree()
    dated.known(PAGE + 5, ENDS)
    begun = "SELECT count(*) FROM nurture_run"

    def stopping():
        if dated.people.value(begun) == PAGE:
            dated.agree(begins=False)
        return False

    rung(Run(services=dated.db, stopping=stopping), Job.NURTURE_BEGIN)
    assert dated.people.value(begun) == PAGE


def test_a_partner_decides_for_its_own_copy_and_only_where_something_begins(dated):
    dated.people.publish(BY_DATE)
    with dated.db(dated.owners[1]) as work, pytest.raises(NotFound):
        let_begin(work, dated.copies[0], begins=True)
    with dated.db(dated.people.person) as work, pytest.raises(Forbidden):
        let_begin(work, dated.copies[0], begins=True)
    dated.people.publish(PLAIN)
    with dated.db(dated.owners[0]) as work, pytest.raises(Conflict, match="form alone"):
        let_begin(work, dated.copies[0], begins=True)


@pytest.mark.parametrize(
    "why", ["stopped", "withdrawn", "no basis", "no list", "left", "campaign stopped"]
)
def test_consent_and_stops_hold_as_for_a_launch(dated, why):
    dated.people.publish(BY_DATE)
    dated.agree()
    on_list = dated.a_list(0, "unknown") if why == "no basis" else None
    [contact] = dated.known(1, ENDS, on_list=on_list)
    [digest] = dated.rows("SELECT address_hash FROM contact WHERE id = :c", c=contact)
    firm = dated.people.partners[0]
    if why == "stopped":
        dated.rows("INSERT INTO suppression (address_hash, partner_id, reason, at) VALUES (:h, :p, 'unsubscribed', now()) RETURNING 1",
                   h=bytes(digest[0]), p=firm)  # fmt: skip
    elif why == "withdrawn":
        with dated.db() as work:
            withdraw(work, NewLine(partner_id=firm, contact_id=contact, address_hash=bytes(digest[0]),
                                   act=ConsentAct.WITHDRAWN, source="by hand", evidence={}))  # fmt: skip
    elif why == "no list":
        dated.rows("DELETE FROM list_member RETURNING 1")
    elif why == "left":
        dated.rows("UPDATE enrolment SET state = 'ended' WHERE partner_id = :p RETURNING 1", p=firm)
    elif why == "campaign stopped":
        dated.rows("INSERT INTO campaign_stop (id, vendor_id, campaign_id, reason, recalls_pages, stopped_by, stopped_at)"
                   " VALUES (gen_random_uuid(), :v, :c, 'x', false, 'Vera', now()) RETURNING 1",
                   v=dated.people.vendor_id, c=dated.people.campaign_id)  # fmt: skip
    assert dated.begin() == []
    if why == "campaign stopped":
        dated.rows("DELETE FROM campaign_stop RETURNING 1")
        assert len(dated.begin()) == 1


def test_a_partner_without_the_field_has_nobody_who_begins_and_other_names_are_known(dated):
    dated.people.publish(
        BY_DATE.replace('date = "contract end"', 'date = ["contract end", "Vertragsende"]')
    )
    dated.rows(
        "DELETE FROM custom_field WHERE partner_id = :p RETURNING 1", p=dated.people.partners[1]
    )
    dated.field(1, "x_vertragsende", "VERTRAGSENDE")
    dated.rows(
        "DELETE FROM custom_field WHERE partner_id = :p RETURNING 1", p=dated.people.partners[2]
    )
    dated.field(2, "x_contract_end", "Contract end", kind="text")
    for partner in range(3):
        dated.agree(partner)
    [first] = dated.known(1, ENDS)
    [second] = dated.known(1, ENDS, partner=1, key="x_vertragsende")
    dated.known(1, ENDS, partner=2)
    assert {row.contact_id for row in dated.begin()} == {first, second}


def test_the_calendar_goes_once_through_who_is_there_and_asks_who_enters(dated):
    dated.people.publish(CALENDAR)
    dated.agree()
    here = dated.known(3, "none")
    dated.known(2, "none", country="FR")
    first = dated.begin()
    assert [row.contact_id for row in first] == here
    assert {row.occurrence for row in first} == {date(2026, 3, 3)}
    later = dated.known(1, "none")
    assert len(dated.begin()) == 3
    dated.rows("UPDATE nurture_run SET state = 5, due_at = NULL, ended_at = now() RETURNING 1")
    dated.at(TUESDAY + timedelta(days=7))
    assert len(dated.begin()) == 3
    dated.at(TUESDAY + timedelta(days=35))
    again = dated.begin()[3:]
    assert [row.contact_id for row in again] == [*here, *later]
    assert {row.occurrence for row in again} == {date(2026, 4, 7)}
    assert dated.people.value("SELECT count(*) FROM calendar_round WHERE ended_at IS NULL") == 0


def test_their_mail_goes_out_and_a_step_for_the_partner_says_that_they_are_no_lead(dated):
    source = EXITS + (
        '[[step]]\nid = "n1"\nsend = "thanks"\nthen = "end"\n[[step]]\nid = "d"\nsend = "read-together"\n'
        '[[step]]\nid = "t"\ntask = "Call them"\n[start]\ndate = "contract end"\ndays = "90 days before"\nstep = "d"\n'
    )
    dated.people.publish(source)
    dated.agree()
    [contact] = dated.known(1, ENDS)
    dated.begin()
    dated.people.advance()
    assert dated.people.value("SELECT count(*) FROM message WHERE contact_id = :c", c=contact) == 1
    dated.people.advance()
    assert (
        dated.people.value(
            "SELECT basis FROM nurture_mailing n JOIN message m USING (mailing_id) WHERE m.contact_id = :c",
            c=contact,
        )
        == "customer"
    )  # not that they have asked
    steps = dated.rows("SELECT node, outcome, why FROM nurture_step ORDER BY step_no")
    assert [(s.node, s.outcome) for s in steps] == [("d", "sent"), ("t", "skipped")]
    assert "no lead" in steps[1].why


def test_who_fills_in_the_form_meanwhile_gets_the_answer_and_leaves_what_began_by_the_date(dated):
    dated.people.publish(BY_DATE)
    dated.agree()
    [contact] = dated.known(1, ENDS)
    dated.begin()
    with dated.db() as work:
        facts = {"source_partner_id": dated.people.partners[0], "contact_id": contact,
                 "page_id": dated.people.pages[0]}  # fmt: skip
        waiting_leads(work, dated.people.vendor_id, dated.people.campaign_id, 1, **facts)
    lead = dated.people.value("SELECT id FROM lead")
    with dated.db() as work:
        assert actions.enrol(work, lead)
    runs = dated.rows("SELECT node, state, left_because, lead_id FROM nurture_run ORDER BY id")
    assert [tuple(r) for r in runs] == [("n2", 2, Exit.ANEW, None), ("n1", 0, None, lead)]
    assert len(dated.begin()) == 2
