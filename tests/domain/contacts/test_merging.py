"""Two contacts that are one person: what is kept, who is stopped, and the way back."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from tcma.contacts import actions, editing, erasure, importing, imports, likely, merging, queries
from tcma.contacts.actions import NewList
from tcma.contacts.conditions import Kind
from tcma.contacts.editing import Edited
from tcma.contacts.likeness import Likeness, Person, differing, joined
from tcma.contacts.models import Contact, ContactMerge, ListMember, Suppression
from tcma.contacts.rules import LawfulBasis, address_hash, normal_address
from tcma.contacts.segments import add_field
from tcma.errors import Conflict, Invalid, NotFound
from tests import builders


@pytest.fixture
def house(db):
    """A partner's owner, another partner's, and a way to make a person in a list of one's own."""
    with db() as work:
        vendor = builders.a_vendor(work)
        db.alice = builders.alice(work, builders.a_partner(work, vendor))
        db.omar = builders.alice(work, builders.a_partner(work, vendor))
    return db


def person(work, address, *, list_name="", **facts):
    number = actions.capture_contact(
        work, partner_id=work.principal.partner_id, address=address, **facts
    )
    if list_name:
        new = NewList(name=list_name, basis=LawfulBasis.CONSENT)
        actions.add_to_list(work, actions.create_list(work, new), [number])
    return number


def seen(work, number):
    return queries.contact(work.session, work.principal, number, now=work.now)


@pytest.mark.parametrize(
    ("one", "two", "why"),
    [
        (("ada@x.example", {}), ("Ada+news@x.example", {}), Likeness.MAILBOX),
        (
            ("a@x.example", {"last_name": "Quill", "phone": "+44 113 496 0142"}),
            ("b@y.example", {"last_name": "quill", "phone": "0113 4960142"}),
            Likeness.PHONE,
        ),
        (
            ("a@x.example", {"first_name": "Nora", "last_name": "Quill", "company": "Ost"}),
            ("n@y.example", {"first_name": "nora", "last_name": "Quill", "company": "OST"}),
            Likeness.NAME,
        ),
        (
            ("a@x.example", {"first_name": "Nora", "last_name": "Quill"}),
            ("n.quill@x.example", {"first_name": "Nora", "last_name": "Quill"}),
            Likeness.NAME,
        ),
        (
            ("a@x.example", {"first_name": "Nora", "last_name": "Quill"}),
            ("n@y.example", {"first_name": "Nora", "last_name": "Quill"}),
            None,
        ),
        (
            ("a@x.example", {"last_name": "Quill", "phone": "+44 113 496 0142"}),
            ("b@y.example", {"last_name": "Reed", "phone": "+44 113 496 0142"}),
            None,
        ),
    ],
)
def test_who_looks_like_one_person_is_offered_with_the_reason(house, one, two, why):
    with house(house.alice) as work:
        ids = [person(work, address, **facts) for address, facts in (one, two)]
        pairs = likely.likely_pairs(work.session, work.principal, now=work.now)
        assert [(p.why, p.one.row.id, p.two.row.id) for p in pairs] == (
            [(why, *ids)] if why else []
        )
    with house(house.omar) as work:
        assert likely.likely_pairs(work.session, work.principal, now=work.now) == []


def test_beyond_the_newest_a_contact_is_compared_with_all_by_itself(house, monkeypatch):
    with house(house.alice) as work:
        old = person(work, "ada@x.example")
        for n in range(3):
            person(work, f"p{n}@x.example")
        new = person(work, "ada+b@x.example")
        assert likely.compares_all(work.session, work.principal)
        monkeypatch.setattr(likely, "MOST_COMPARED", 3)
        assert not likely.compares_all(work.session, work.principal)
        assert likely.likely_pairs(work.session, work.principal, now=work.now) == []
        (pair,) = likely.likely_pairs(work.session, work.principal, now=work.now, only=old)
        assert (pair.one.row.id, pair.two.row.id) == (old, new)


def test_a_pair_kept_apart_is_not_offered_until_that_is_taken_back(house):
    with house(house.alice) as work:
        ids = person(work, "ada@x.example"), person(work, "ada+b@x.example")
        said = merging.keep_apart(work, *ids)
        assert merging.keep_apart(work, *reversed(ids)) == said
        assert likely.likely_pairs(work.session, work.principal, now=work.now) == []
        merging.undo_rows(work, said)
        work.session.flush()
        assert len(likely.likely_pairs(work.session, work.principal, now=work.now)) == 1


def test_what_both_say_differently_is_chosen_and_what_one_lacks_is_filled():
    one = Person(
        standard={"first_name": "Ada", "company": "Ost"}, others={"x_seats": "5"}, tags=("a",)
    )
    two = Person(standard={"first_name": "ada", "company": "West", "phone": "1"}, tags=("b", "a"))
    assert differing(one, two) == ["company"]
    both = joined(one, two, ["company"])
    assert both.standard == {
        "first_name": "Ada", "last_name": "", "company": "West", "country": "", "phone": "1",
        "language": "",
    }  # fmt: skip
    assert (both.others, both.tags) == ({"x_seats": "5"}, ("a", "b"))


def test_one_person_is_left_with_the_lists_of_both_and_goes_apart_again(house):
    with house(house.alice) as work:
        kept = person(work, "ada@x.example", list_name="Customers", first_name="Ada", company="Ost")
        other = person(work, "ada@home.example", list_name="Fair", phone="1", company="West")
        made = merging.merge_rows(work, kept, other, from_other=["company"]).id
    with house(house.alice) as work:
        view = seen(work, kept)
        assert (view.row.company, view.phone) == ("West", "1")
        assert [name for _, name in view.lists] == ["Customers", "Fair"]
        assert seen(work, other).is_erased
        assert likely.kept_of(work.session, work.principal, other) == kept
        work.session.get_one(Contact, kept).first_name = "Augusta"
    with house(house.alice) as work:
        merging.undo_rows(work, made)
    with house(house.alice) as work:
        assert [name for _, name in seen(work, kept).lists] == ["Customers"]
        assert [name for _, name in seen(work, other).lists] == ["Fair"]
        back = seen(work, other)
        assert (back.row.address, back.row.company, back.phone) == ("ada@home.example", "West", "1")
        one = seen(work, kept)
        assert (one.row.first_name, one.row.company, one.phone) == ("Augusta", "Ost", "")


@pytest.mark.parametrize("stopped", ["ada@x.example", "ada@home.example"])
def test_who_stopped_mail_at_one_address_has_stopped_it_at_both(house, stopped):
    with house(house.alice) as work:
        kept, other = person(work, "ada@x.example"), person(work, "ada@home.example")
        actions.suppress(work, stopped)
        merging.merge_rows(work, kept, other)
        work.session.flush()
        stops = set(work.session.scalars(select(Suppression.address_hash)))
        both = {
            address_hash(work.site.secret, normal_address(each))
            for each in ("ada@x.example", "ada@home.example")
        }
        assert stops == both


def test_a_later_file_or_form_with_the_merged_address_finds_the_person(house):
    with house(house.alice) as work:
        kept, other = person(work, "ada@x.example"), person(work, "ada@home.example")
        merging.merge_rows(work, kept, other)
        work.session.flush()
        assert person(work, "Ada@Home.example", phone="77") == kept
        content = (
            b"email,first name,status\nada@home.example,Ada,unsubscribed\n"
            b"ada@x.example,Ada,subscribed\nnew@x.example,New,subscribed\n"
        )
        number = imports.start(work, file_name="more.csv", content=content)
        imports.confirm(
            work, number, basis=LawfulBasis.CONSENT, evidence="order book", list_name="More"
        )
    importing.run_import(lambda: house(house.alice), number)
    with house(house.alice) as work:
        found = imports_of(work, number)
        assert (found.added_n, found.known_n, found.stopped_n, found.refused_n) == (1, 0, 2, 0)
        assert seen(work, kept).row.stop == "imported"
        assert seen(work, kept).phone == "77"
        people = work.session.scalars(select(Contact.address).where(Contact.address != ""))
        assert sorted(people) == ["ada@x.example", "new@x.example"]


def imports_of(work, number):
    return queries.import_view(work.session, work.principal, number)


def test_chains_lead_to_the_last_one_and_erasure_forgets_every_address(house):
    with house(house.alice) as work:
        first, second, third = (person(work, f"a{n}@x.example") for n in range(3))
        merging.merge_rows(work, second, first)
        work.session.flush()
        merging.merge_rows(work, third, second)
        work.session.flush()
        assert person(work, "a0@x.example") == third
        assert likely.parts_of(work.session, third) == [third, first, second]
        last = work.session.scalars(select(ContactMerge.id).order_by(ContactMerge.at)).all()[-1]
        merging.undo_rows(work, last)
        work.session.flush()
        assert likely.parts_of(work.session, second) == [second, first]
        assert person(work, "a0@x.example") == second
        merging.merge_rows(work, third, second)
        work.session.flush()
        erasure.erase_contact(work, third)
        assert work.session.scalars(select(ContactMerge)).all() == []
        assert len(work.session.scalars(select(Suppression.address_hash)).all()) == 3


def test_after_thirty_days_nothing_is_kept_to_take_back(house):
    with house(house.alice) as work:
        kept, other = person(work, "ada@x.example"), person(work, "ada@home.example")
        made = merging.merge_rows(work, kept, other).id
    house.clock.move(timedelta(days=31))
    with house() as work:
        erasure.purge(work)
    with house(house.alice) as work:
        (view,) = likely.merges_into(work.session, work.principal, kept)
        assert (view.address, view.can_undo) == ("", False)
        with pytest.raises(Conflict, match="30 days"):
            merging.undo_rows(work, made)


def test_nobody_merges_others_or_gone_contacts(house):
    with house(house.alice) as work:
        kept, other = person(work, "ada@x.example"), person(work, "ada@home.example")
        with pytest.raises(Invalid):
            merging.merge_rows(work, kept, kept)
        erasure.erase_contact(work, other)
        with pytest.raises(Conflict, match="gone"):
            merging.merge_rows(work, kept, other)
    with house(house.omar) as work:
        mine = person(work, "ada@x.example")
        with pytest.raises(NotFound):
            merging.merge_rows(work, mine, kept)


def test_a_contact_is_put_right_and_a_new_address_takes_its_stops_along(house):
    with house(house.alice) as work:
        number = person(work, "ada@x.example", first_name="Ada", list_name="Customers")
        person(work, "taken@x.example")
        seats = add_field(work, "Seats", Kind.NUMBER)
        actions.suppress(work, "ada@x.example")
        new = Edited(
            address="ada@new.example", standard={"first_name": "Augusta", "company": "Ost"},
            own={seats: "1 250", "job_title": "Buyer"}, tags="VIP, client",
        )  # fmt: skip
        editing.edit_contact(work, number, new)
        work.session.flush()
        view = seen(work, number)
        assert (view.row.address, view.row.name, view.row.company) == (
            "ada@new.example",
            "Augusta",
            "Ost",
        )
        assert (view.fields, view.tags) == (
            {seats: "1250", "job_title": "Buyer"},
            ("VIP", "client"),
        )
        assert view.row.stop == "manual"
        assert work.session.scalar(text("select count(*) from list_member")) == 1


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"address": "taken@x.example"}, "email"),
        ({"address": "no address"}, "email"),
        ({"standard": {"company": "x" * 201}}, "company"),
        ({"own": {"x_seats": "many"}}, "x_seats"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_field(house, change, where):
    with house(house.alice) as work:
        number = person(work, "ada@x.example")
        person(work, "taken@x.example")
        assert add_field(work, "Seats", Kind.NUMBER) == "x_seats"
    with pytest.raises(Invalid) as caught, house(house.alice) as work:
        editing.edit_contact(
            work, number, Edited(**({"address": "ada@x.example", "standard": {}} | change))
        )
    assert list(caught.value.fields) == [where]


def test_members_of_no_list_are_left_behind(house):
    with house(house.alice) as work:
        kept = person(work, "ada@x.example", list_name="Customers")
        other = person(work, "ada@home.example", list_name="Fair")
        merging.merge_rows(work, kept, other)
        work.session.flush()
        assert set(work.session.scalars(select(ListMember.contact_id))) == {kept}
