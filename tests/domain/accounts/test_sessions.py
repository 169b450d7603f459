"""Signing in: lock-out, what strangers learn, sessions that end."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tcma.accounts import actions, sessions
from tcma.accounts.models import SignInSession, UsedLink, UserAccount
from tcma.accounts.queries import RESET
from tcma.accounts.rules import LOCK_FOR, SESSION_IDLE, SESSION_LASTS
from tcma.errors import Forbidden, NotFound
from tcma.permissions import Role
from tests import builders


@pytest.fixture
def world(db):
    with db() as work:
        vendor = builders.a_vendor(work)
        partner = builders.a_partner(work, vendor)
        builders.a_user(
            work, Role.OWNER, name="Alice", email="alice@fenwright.example", partner_id=partner
        )
    return vendor, partner


def try_in(db, password, email="alice@fenwright.example"):
    with db() as work:
        return sessions.sign_in(work, email=email, password=password)


def who(db, token):
    with db() as work:
        return sessions.recognise(work.session, token, now=work.now)


def test_the_right_password_in_any_spelling_of_the_address_opens_a_session(db, world):
    attempt = try_in(db, builders.PASSWORD, email="  Alice@Fenwright.example ")
    known = who(db, attempt.token)
    assert known.principal.partner_id == world[1]
    assert known.principal.role is Role.OWNER
    assert known.current.organisation.kind == "partner"
    assert known.current.organisation.zone == "Europe/London"


def test_the_database_holds_no_token_that_could_be_used(db, world):
    token = try_in(db, builders.PASSWORD).token
    with db() as work:
        kept = work.session.scalars(select(SignInSession.token_hash)).all()
    assert all(token.encode() not in each for each in kept)


def test_a_wrong_password_and_an_unknown_address_are_told_the_same(db, world):
    wrong = try_in(db, "not this one")
    unknown = try_in(db, "not this one", email="nobody@fenwright.example")
    assert wrong.token is None
    assert unknown.token is None
    assert wrong.refusal.message == unknown.refusal.message
    assert wrong.refusal.code == unknown.refusal.code == "sign_in.wrong"


def test_five_failures_lock_even_the_right_password_out_for_a_quarter_of_an_hour(db, world):
    answers = [try_in(db, "not this one").refusal.code for _ in range(5)]
    assert answers == ["sign_in.wrong"] * 4 + ["sign_in.locked"]
    assert try_in(db, builders.PASSWORD).refusal.code == "sign_in.locked"
    db.clock.move(LOCK_FOR + timedelta(seconds=1))
    assert try_in(db, builders.PASSWORD).token


def test_a_success_forgets_earlier_failures(db, world):
    for _ in range(4):
        try_in(db, "not this one")
    assert try_in(db, builders.PASSWORD).token
    with db() as work:
        assert work.session.scalars(select(UserAccount.failed_n)).one() == 0


def test_signing_out_ends_this_session_only(db, world):
    one, other = try_in(db, builders.PASSWORD).token, try_in(db, builders.PASSWORD).token
    with db() as work:
        sessions.sign_out(work, token=one)
    assert who(db, one) is None
    assert who(db, other)


@pytest.mark.parametrize("pause", [SESSION_IDLE, SESSION_LASTS], ids=["idle", "old"])
def test_a_session_ends_by_itself(db, world, pause):
    token = try_in(db, builders.PASSWORD).token
    db.clock.move(pause + timedelta(seconds=1))
    assert who(db, token) is None


def test_use_keeps_a_session_alive_past_the_idle_time(db, world):
    token = try_in(db, builders.PASSWORD).token
    for _ in range(3):
        db.clock.move(SESSION_IDLE - timedelta(hours=1))
        assert who(db, token)


def test_a_person_of_two_sides_switches_between_them_and_to_no_third(db, world):
    vendor, _ = world
    with db() as work:
        second = actions.invite(
            work, email="alice@fenwright.example", name="A", role=Role.FINANCE, vendor_id=vendor
        )
        actions.accept_invitation(work, token=second.token, password=builders.PASSWORD)
        stranger = builders.vera(work, vendor)
        foreign = actions.invite(
            work, email="x@people.example", name="X", role=Role.FINANCE, vendor_id=vendor
        )
    token = try_in(db, builders.PASSWORD).token
    assert who(db, token).principal.vendor_id == vendor
    assert [m.organisation.kind for m in who(db, token).memberships] == ["vendor", "partner"]
    partner_side = who(db, token).memberships[1]
    with db() as work:
        sessions.switch_membership(work, token=token, membership_id=partner_side.id)
    assert who(db, token).principal.vendor_id is None
    with db(stranger) as work, pytest.raises(NotFound):
        sessions.switch_membership(work, token=token, membership_id=foreign.membership_id)


def test_old_sessions_and_used_links_are_purged_and_live_ones_stay(db, world):
    old = [try_in(db, builders.PASSWORD).token for _ in range(2)]
    with db() as work:
        actions.use_link(work, "an old link", purpose=RESET)
    db.clock.move(SESSION_LASTS + sessions.KEEP_ENDED + timedelta(days=1))
    live = try_in(db, builders.PASSWORD).token
    with db() as work:
        assert sessions.purge(work) == len(old)
        assert work.session.scalars(select(UsedLink)).all() == []
    assert [who(db, each) for each in old] == [None, None]
    assert who(db, live)


def test_a_seller_may_not_invite(db, world):
    with db() as work:
        seller = builders.sam(work, world[1])
    with db(seller) as work, pytest.raises(Forbidden):
        actions.invite(work, email="new@people.example", name="New", role=Role.SELLER)
