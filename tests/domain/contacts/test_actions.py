"""Lists and people by hand: typed addresses, the stop list, deletion with undo, erasure."""

from datetime import timedelta

import pytest

from tcma.contacts import actions, erasure, list_queries, queries, segments
from tcma.contacts.models import Suppression
from tcma.contacts.rules import LawfulBasis, SuppressionReason, address_hash, normal_address
from tcma.errors import Forbidden, Invalid, NotFound
from tests import builders

NEW = actions.NewList(name="Five", basis=LawfulBasis.LEGITIMATE_INTEREST)


@pytest.fixture
def vendor(db):
    with db() as work:
        return builders.a_vendor(work)


@pytest.fixture
def alice(db, vendor):
    with db() as work:
        return builders.alice(work, builders.a_partner(work, vendor, profile=False))


def people_of(db, alice, list_id=None):
    with db(alice) as work:
        among = segments.audience_people(work.session, alice, list_id) if list_id else None
        page = queries.contacts(work.session, alice, now=work.now, among=among)
        return {row.address: row for row in page.rows}


def test_typed_addresses_become_a_list_each_person_once(db, alice):
    typed = "ines@a.example, Sam Hale <sam@b.example>\nINES@a.example; mailto:x@c.example"
    with db(alice) as work:
        list_id = actions.import_addresses(work, typed, new=NEW)
    people = people_of(db, alice, list_id)
    assert set(people) == {"ines@a.example", "sam@b.example", "x@c.example"}
    assert people["sam@b.example"].name == "Sam Hale"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("not one, ok@a.example", "“not one”"),
        (" ,; ", "at least one"),
        (",".join(f"p{n}@a.example" for n in range(51)), "at most 50"),
    ],
)
def test_wrong_typing_is_quoted_back_and_nothing_is_made(db, alice, typed, said):
    with db(alice) as work, pytest.raises(Invalid, match=said):
        actions.import_addresses(work, typed, new=NEW)
    assert people_of(db, alice) == {}


def test_a_contact_is_captured_once_and_only_completed(db, alice):
    with db() as work:
        first = actions.capture_contact(
            work, partner_id=alice.partner_id, address="Sam@b.example", first_name="Sam"
        )
        second = actions.capture_contact(
            work, partner_id=alice.partner_id, address="sam@B.example", company="Hale\r\nLtd"
        )
    assert first == second
    row = people_of(db, alice)["Sam@b.example"]
    assert (row.first_name, row.company) == ("Sam", "Hale Ltd")


def test_a_deleted_list_is_gone_until_it_is_restored(db, alice):
    with db() as work:
        list_id = builders.a_list(work, alice.partner_id, 2)
    with db(alice) as work:
        actions.delete_list(work, list_id)
        with pytest.raises(NotFound):
            list_queries.contact_list(work.session, alice, list_id, now=work.now)
        actions.restore_list(work, list_id)
        assert list_queries.contact_list(work.session, alice, list_id, now=work.now).people_n == 2


def test_a_stop_by_hand_can_be_taken_off_and_a_persons_own_cannot(db, alice):
    with db() as work:
        list_id = builders.a_list(work, alice.partner_id, 2)
    one, two = people_of(db, alice, list_id)
    with db(alice) as work:
        actions.suppress(work, one)
        actions.suppress(work, one)
        actions.suppress(work, two, reason=SuppressionReason.UNSUBSCRIBED)
        assert list_queries.contact_list(work.session, alice, list_id, now=work.now).sendable_n == 0
    with db(alice) as work:
        entries = {e.address: e for e in queries.stop_list(work.session, alice).rows}
        assert len(entries) == 2
        actions.unsuppress(work, entries[one].id)
        with pytest.raises(Forbidden):
            actions.unsuppress(work, entries[two].id)
    with db(alice) as work:
        assert list_queries.contact_list(work.session, alice, list_id, now=work.now).sendable_n == 1


def test_soft_bounces_rest_for_a_month_only(db, alice, site):
    with db() as work:
        list_id = builders.a_list(work, alice.partner_id, 1)
    (address,) = people_of(db, alice, list_id)
    with db() as work:
        work.session.add(
            Suppression(
                address_hash=address_hash(site.secret, normal_address(address)),
                vendor_id=None,
                partner_id=alice.partner_id,
                topic=None,
                reason="soft_bounces",
                message_id=None,
                at=work.now,
            )
        )
    assert people_of(db, alice)[address].stop == "soft_bounces"
    db.clock.move(timedelta(days=31))
    assert people_of(db, alice)[address].stop == ""


def test_a_list_without_a_basis_has_nobody_who_may_be_mailed(db, alice):
    with db() as work:
        list_id = builders.a_list(work, alice.partner_id, 3, basis=LawfulBasis.UNKNOWN)
    with db(alice) as work:
        made = list_queries.contact_list(work.session, alice, list_id, now=work.now)
    assert (made.people_n, made.sendable_n) == (3, 0)


def test_erasing_forgets_the_person_and_keeps_the_stop(db, alice):
    with db() as work:
        list_id = builders.a_list(work, alice.partner_id, 1)
    (row,) = people_of(db, alice, list_id).values()
    with db(alice) as work:
        erasure.erase_contact(work, row.id)
    with db(alice) as work:
        person = queries.contact(work.session, alice, row.id, now=work.now)
        assert person.is_erased
        assert (person.row.first_name, person.fields, person.lists) == ("", {}, ())
        assert [s.reason for s in queries.stop_list(work.session, alice).rows] == ["erasure"]


def test_the_pages_go_on_where_they_stopped_and_search_by_beginnings(db, alice):
    with db() as work:
        builders.a_list(work, alice.partner_id, 60)
        actions.capture_contact(
            work, partner_id=alice.partner_id, address="a_b@x.example", last_name="Übel"
        )
    with db(alice) as work:
        first = queries.contacts(work.session, alice, now=work.now)
        second = queries.contacts(work.session, alice, now=work.now, after=first.next)
        assert (len(first.rows), len(second.rows), second.next) == (50, 11, None)
        for begins, count in (("a_b", 1), ("%", 0), ("üb", 1), ("pellmoor", 50), ("\0", 50)):
            page = queries.contacts(work.session, alice, now=work.now, search=begins)
            assert len(page.rows) == count, begins


def test_strangers_find_nothing_to_touch(db, vendor, alice):
    with db() as work:
        list_id = builders.a_list(work, alice.partner_id, 1)
        charlie, sam = builders.charlie(work, vendor), builders.sam(work, alice.partner_id)
    (row,) = people_of(db, alice, list_id).values()
    attempts = (
        lambda work: actions.delete_list(work, list_id),
        lambda work: erasure.erase_contact(work, row.id),
        lambda work: actions.remove_from_list(work, list_id, row.id),
        lambda work: actions.import_addresses(work, "x@y.example", list_id=list_id),
    )
    for attempt in attempts:
        with db(charlie) as work, pytest.raises(NotFound):
            attempt(work)
        with db(sam) as work, pytest.raises(Forbidden):
            attempt(work)
    with db(charlie) as work, pytest.raises(NotFound):
        queries.contact(work.session, charlie, row.id, now=work.now)
