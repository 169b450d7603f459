"""Consent as a ledger: who stands how, when it ends, who is skipped and who may be mailed again."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text

from tcma.contacts import actions, consent_ledger, list_queries
from tcma.contacts.consent import (
    ConsentAct,
    ConsentKind,
    Line,
    Standing,
    Told,
    implied_until,
    line_for,
    may_be_asked,
    months_after,
    standing,
)
from tcma.contacts.consent_ledger import Declaration
from tcma.contacts.models import ConsentEntry, Contact, Suppression
from tcma.contacts.rules import LawfulBasis
from tcma.delivery import opt_in
from tcma.delivery.models import MessageBody
from tcma.delivery.rules import Reason
from tcma.errors import Conflict, Invalid
from tcma.launches.audience import of_lists
from tcma.launches.preflight import reach_of
from tcma.web.public.reader_words import words
from tests import builders

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
VENDOR, OTHER = UUID(int=1), UUID(int=2)
A, K = ConsentAct, ConsentKind


def line(act, *, kind=K.EXPRESS, place="", vendor=None, ends=None):
    until = NOW + ends if ends is not None else None
    return Line(act=act, kind=kind, at=NOW, jurisdiction=place, vendor_id=vendor, expires_at=until)


@pytest.mark.parametrize(
    ("lines", "stands"),
    [
        ([], Standing.SILENT),
        ([line(A.ASKED)], Standing.SILENT),
        ([line(A.GIVEN)], Standing.STANDS),
        ([line(A.GIVEN, place="DE")], Standing.WAITS),
        (
            [line(A.GIVEN, place="DE"), line(A.ASKED), line(A.CONFIRMED, place="DE")],
            Standing.STANDS,
        ),
        ([line(A.GIVEN, kind=K.CONTRACT, place="DE")], Standing.STANDS),
        ([line(A.GIVEN), line(A.WITHDRAWN)], Standing.WITHDRAWN),
        ([line(A.GIVEN), line(A.WITHDRAWN, vendor=OTHER)], Standing.STANDS),
        ([line(A.WITHDRAWN), line(A.CONFIRMED)], Standing.STANDS),
        ([line(A.GIVEN, kind=K.IMPLIED, ends=timedelta(0))], Standing.ENDED),
        ([line(A.GIVEN, kind=K.IMPLIED, ends=timedelta(seconds=1))], Standing.STANDS),
    ],
)
def test_the_last_word_counts_for_the_vendor_it_names_until_it_ends(lines, stands):
    assert standing(lines, now=NOW, vendor_id=VENDOR) is stands


@pytest.mark.parametrize(
    ("basis", "country", "until"),
    [
        (LawfulBasis.CONTRACT, "Canada", datetime(2028, 3, 2, 9, 0, tzinfo=UTC)),
        (LawfulBasis.LEGITIMATE_INTEREST, "ca", datetime(2026, 9, 2, 9, 0, tzinfo=UTC)),
        (LawfulBasis.CONSENT, "CA", None),
        (LawfulBasis.CONTRACT, "GB", None),
    ],
)
def test_implied_consent_ends_in_canada(basis, country, until):
    assert implied_until(basis, country, NOW) == until


def test_months_end_on_the_last_day_where_the_day_is_missing():
    assert months_after(datetime(2026, 8, 31, tzinfo=UTC), 6).date().isoformat() == "2027-02-28"
    assert months_after(NOW, -24).year == 2024


def test_what_the_partner_writes_down_has_an_end_where_the_law_sets_one():
    assert line_for(Told.BOUGHT, "CA", NOW).expires_at == months_after(NOW, 24)
    assert line_for(Told.BOUGHT, "GB", NOW) == line(A.GIVEN, kind=K.CONTRACT)
    assert line_for(Told.REFUSED, "CA", NOW).act is A.WITHDRAWN


def test_nobody_is_asked_after_a_no_or_twice_a_month():
    assert may_be_asked([], now=NOW)
    assert not may_be_asked([line(A.WITHDRAWN)], now=NOW)
    assert not may_be_asked([line(A.ASKED)], now=NOW + timedelta(days=29))
    assert may_be_asked([line(A.ASKED)], now=NOW + timedelta(days=30))


@pytest.fixture
def world(db):
    """A partner with a list of two and one of a person nobody knows anything about."""
    with db() as work:
        vendor = builders.a_vendor(work)
        partner = builders.a_partner(work, vendor, profile=False)
        alice = builders.alice(work, partner)
    with db(alice) as work:
        known = actions.NewList(name="Customers", basis=LawfulBasis.CONTRACT)
        customers = actions.import_addresses(work, "ada@a.example, bob@a.example", new=known)
        unknown = actions.NewList(name="Found", basis=LawfulBasis.UNKNOWN)
        found = actions.import_addresses(work, "eve@a.example", new=unknown)
    return {"vendor": vendor, "partner": partner, "alice": alice, "lists": [customers, found]}


def held(db, world, *, later=timedelta(0)):
    with db() as work:
        reach = reach_of(
            work.session,
            of_lists(world["lists"], vendor_id=world["vendor"], now=work.now + later),
            vendor_id=world["vendor"], partner_id=world["partner"], now=work.now + later,
        )  # fmt: skip
    return reach.sendable, reach.held


def contact_of(work, address):
    return work.session.scalar(text("SELECT id FROM contact WHERE address = :a"), {"a": address})


def test_the_basis_of_a_list_carries_its_people_until_their_own_word_differs(db, world):
    alice = world["alice"]
    assert held(db, world) == (2, {"has no consent on record": 1})
    with db(alice) as work:
        consent_ledger.note_consent(
            work, contact_of(work, "eve@a.example"), Told.AGREED, evidence="Card"
        )
        consent_ledger.note_consent(
            work, contact_of(work, "bob@a.example"), Told.REFUSED, evidence="Call"
        )
        counts = [
            (x.people_n, x.sendable_n)
            for x in list_queries.lists(work.session, alice, now=work.now)
        ]
    assert counts == [(1, 1), (2, 1)]
    assert held(db, world) == (2, {"has unsubscribed": 1})
    with db(alice) as work, pytest.raises(Invalid):
        consent_ledger.note_consent(
            work, contact_of(work, "ada@a.example"), Told.AGREED, evidence=" "
        )


def test_canadian_customers_are_skipped_after_two_years_and_others_go_on(db, world):
    with db() as work:
        work.session.execute(
            text("UPDATE contact SET country = 'Canada' WHERE address LIKE 'ada%'")
        )
    assert held(db, world, later=timedelta(days=729))[0] == 2
    sendable, why = held(db, world, later=timedelta(days=732))
    assert (sendable, why["gave a consent that has ended"]) == (1, 1)


def test_a_list_of_a_partner_and_one_vendor_carries_no_mail_of_another(db, world):
    with db() as work:
        other = builders.a_vendor(work, name="Larkspur")
    with db(world["alice"]) as work:
        joint = Declaration(
            basis=LawfulBasis.CONSENT, controller="joint", vendor_id=world["vendor"]
        )
        consent_ledger.declare(work, world["lists"][0], joint)
        foreign = Declaration(basis=LawfulBasis.CONSENT, controller="joint", vendor_id=other)
        with pytest.raises(Invalid):
            consent_ledger.declare(work, world["lists"][0], foreign)
    assert held(db, world)[0] == 2
    assert held(db, world | {"vendor": other})[0] == 0


def test_a_confirmed_question_is_kept_once_and_lifts_what_they_had_stopped(db, world):
    with db(world["alice"]) as work:
        person = contact_of(work, "eve@a.example")
        number = opt_in.ask(work, person)
        with pytest.raises(Conflict):
            opt_in.ask(work, person)
        body = work.session.scalars(select(MessageBody.plain)).one()
        row = work.session.get_one(ConsentEntry, number)
        work.session.add(Suppression(address_hash=row.address_hash, partner_id=row.partner_id,
                                     reason="unsubscribed", at=work.now))  # fmt: skip
    token = body.partition("/k/")[2].split()[0]
    for _ in range(2):
        with db() as work:
            assert opt_in.confirm(work, token, evidence={"ip": "192.0.2.1"}).is_confirmed
    with db() as work:
        acts = work.session.scalars(select(ConsentEntry.act).order_by(ConsentEntry.id)).all()
        assert acts == ["asked", "confirmed"]
        assert work.session.scalars(select(Suppression)).all() == []
    assert held(db, world)[0] == 3


def test_a_question_is_asked_in_japanese_too(db, world):
    with db(world["alice"]) as work:
        person = contact_of(work, "eve@a.example")
        work.session.get_one(Contact, person).language = "ja"
        opt_in.ask(work, person)
        body = work.session.scalars(select(MessageBody.plain)).one()
    assert "ボタンを押してください" in body
    token = body.partition("/k/")[2].split()[0]
    with db() as work:
        assert opt_in.asked(work, token).language == "ja"
    assert set(words("ja")) == set(words("en"))
    assert words("ja") != words("en")


def test_a_line_can_be_added_and_never_changed(db, world):
    with db(world["alice"]) as work:
        consent_ledger.note_consent(
            work, contact_of(work, "ada@a.example"), Told.AGREED, evidence="Card"
        )
    for statement in ("UPDATE consent_entry SET act = 'given'", "DELETE FROM consent_entry"):
        with pytest.raises(Conflict), db() as work:
            work.session.execute(text(statement))
    assert Reason.CONSENT_ENDED == 16
