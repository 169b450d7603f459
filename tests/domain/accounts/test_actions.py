"""Invitations, resets, leaving and one's own settings."""

from datetime import timedelta

import pytest

from tcma.accounts import actions, queries, sessions
from tcma.accounts.rules import INVITATION_LASTS, RESET_LASTS
from tcma.errors import Conflict, Forbidden, Invalid, NotFound
from tcma.permissions import Role
from tests import builders

EMAIL = "alice@fenwright.example"


@pytest.fixture
def vendor(db):
    with db() as work:
        return builders.a_vendor(work)


@pytest.fixture
def partner(db, vendor):
    with db() as work:
        return builders.a_partner(work, vendor)


@pytest.fixture
def alice(db, partner):
    with db() as work:
        return builders.a_user(work, Role.OWNER, name="Alice", email=EMAIL, partner_id=partner)


def invited(db, alice, *, email="sam@fenwright.example", role=Role.SELLER):
    with db(alice) as work:
        return actions.invite(work, email=email, name="Sam", role=role)


def test_an_invitation_shows_who_joins_what_and_makes_a_member_once(db, alice):
    letter = invited(db, alice)
    with db() as work:
        offer = queries.offer_of(work.session, work.site.signer, letter.token, now=work.now)
    assert (offer.email, offer.role, offer.has_account) == (letter.email, Role.SELLER, False)
    assert offer.organisation.id == alice.partner_id
    with db() as work:
        token = actions.accept_invitation(
            work, token=letter.token, password=builders.PASSWORD, name="Samuel"
        )
        known = sessions.recognise(work.session, token, now=work.now)
    assert (known.name, known.principal.role) == ("Samuel", Role.SELLER)
    with db() as work, pytest.raises(NotFound):
        actions.accept_invitation(work, token=letter.token, password=builders.PASSWORD)


def test_an_invitation_runs_out(db, alice):
    letter = invited(db, alice)
    db.clock.move(INVITATION_LASTS + timedelta(seconds=1))
    with db() as work, pytest.raises(NotFound):
        actions.accept_invitation(work, token=letter.token, password=builders.PASSWORD)


def test_an_invitation_taken_back_is_worth_nothing(db, alice):
    letter = invited(db, alice)
    with db(alice) as work:
        actions.end_membership(work, membership_id=letter.membership_id)
    with db() as work, pytest.raises(NotFound):
        actions.accept_invitation(work, token=letter.token, password=builders.PASSWORD)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"name": "  "}, "name"),
        ({"role": Role.FINANCE}, "role"),
    ],
)
def test_a_wrong_invitation_names_the_field(db, alice, change, field):
    given = {"email": "sam@fenwright.example", "name": "Sam", "role": Role.SELLER} | change
    with db(alice) as work, pytest.raises(Invalid) as refused:
        actions.invite(work, **given)
    assert list(refused.value.fields) == [field]


def test_a_member_cannot_be_invited_twice(db, alice):
    with db(alice) as work, pytest.raises(Conflict):
        actions.invite(work, email=EMAIL, name="Alice", role=Role.SELLER)


def test_an_invitation_never_sets_the_password_of_an_existing_account(db, vendor, alice):
    with db() as work:
        letter = actions.invite(
            work, email=EMAIL, name="Alice", role=Role.FINANCE, vendor_id=vendor
        )
    with db() as work, pytest.raises(Invalid):
        actions.accept_invitation(work, token=letter.token, password="another long password")
    with db() as work:
        assert sessions.sign_in(work, email=EMAIL, password=builders.PASSWORD).token


@pytest.mark.parametrize(
    "password", ["short", "Alice@Fenwright.example", "aaaaaaaaaaaaaa", "x" * 201]
)
def test_a_weak_password_is_refused_with_the_reason(db, alice, password):
    with db() as work:
        letter = actions.ask_reset(work, email=EMAIL)
    with db() as work, pytest.raises(Invalid) as refused:
        actions.reset_password(work, token=letter.token, password=password)
    assert refused.value.fields["password"]


def test_x5_a_reset_unlocks_ends_every_session_and_works_once(db, alice):
    with db() as work:
        token = sessions.sign_in(work, email=EMAIL, password=builders.PASSWORD).token
    for _ in range(5):
        with db() as work:
            sessions.sign_in(work, email=EMAIL, password="not this one")
    with db() as work:
        letter = actions.ask_reset(work, email=EMAIL.upper())
        second = actions.ask_reset(work, email=EMAIL)
    with db() as work:
        actions.reset_password(work, token=letter.token, password="a whole new sentence")
        assert sessions.recognise(work.session, token, now=work.now) is None
    with db() as work:
        assert sessions.sign_in(work, email=EMAIL, password="a whole new sentence").token
    for spent in (letter, second):
        with db() as work, pytest.raises(NotFound):
            actions.reset_password(work, token=spent.token, password="yet another sentence")


def test_a_reset_link_runs_out_and_is_not_written_for_strangers(db, alice):
    with db() as work:
        assert actions.ask_reset(work, email="nobody@fenwright.example") is None
        letter = actions.ask_reset(work, email=EMAIL)
    db.clock.move(RESET_LASTS + timedelta(seconds=1))
    with db() as work, pytest.raises(NotFound):
        actions.reset_password(work, token=letter.token, password="a whole new sentence")


def test_a_link_of_one_kind_is_no_link_of_another(db, alice):
    letter = invited(db, alice)
    with db() as work, pytest.raises(NotFound):
        actions.reset_password(work, token=letter.token, password="a whole new sentence")


def test_the_last_owner_cannot_leave_and_the_second_last_can(db, partner, alice):
    with db(alice) as work:
        me = queries.people(work.session, alice)[0]
        with pytest.raises(Conflict, match="last owner"):
            actions.end_membership(work, membership_id=me.membership_id)
        with pytest.raises(Conflict, match="last owner"):
            actions.change_role(work, membership_id=me.membership_id, role=Role.SELLER)
    with db() as work:
        builders.a_user(work, Role.OWNER, name="Berta", partner_id=partner)
    with db(alice) as work:
        token = sessions.sign_in(work, email=EMAIL, password=builders.PASSWORD).token
        work.session.flush()
        actions.end_membership(work, membership_id=me.membership_id)
        assert sessions.recognise(work.session, token, now=work.now) is None


def test_a_seller_can_leave_but_not_remove_others(db, partner, alice):
    with db() as work:
        sam = builders.sam(work, partner)
    with db(sam) as work:
        people = {p.name: p for p in queries.people(work.session, sam)}
        with pytest.raises(Forbidden):
            actions.end_membership(work, membership_id=people["Alice"].membership_id)
        actions.end_membership(work, membership_id=people["Sam"].membership_id)
    with db(alice) as work:
        assert [p.name for p in queries.people(work.session, alice)] == ["Alice"]


def test_other_organisations_people_are_not_found(db, vendor, alice):
    with db() as work:
        charlie = builders.charlie(work, vendor)
    with db(charlie) as work:
        theirs = queries.people(work.session, charlie)
    assert [p.name for p in theirs] == ["Charlie"]
    with db(alice) as work, pytest.raises(NotFound):
        actions.end_membership(work, membership_id=theirs[0].membership_id)


def test_settings_are_kept_and_nonsense_is_refused(db, alice):
    with db(alice) as work:
        actions.update_self(
            work, name="Alice B.", locale="de-AT", zone="Europe/Vienna", theme="dark"
        )
        token = sessions.sign_in(work, email=EMAIL, password=builders.PASSWORD).token
        known = sessions.recognise(work.session, token, now=work.now)
    assert (known.name, known.locale, known.zone, known.theme) == (
        "Alice B.",
        "de-AT",
        "Europe/Vienna",
        "dark",
    )
    with db(alice) as work, pytest.raises(Invalid) as refused:
        actions.update_self(work, name=" ", locale="xx-YY", zone="Mars/Base", theme="pink")
    assert set(refused.value.fields) == {"name", "locale", "zone", "theme"}
