"""Founding, enrolling and inviting partners; territories; who sees whom."""

import pytest

from tcma.accounts import queries as people
from tcma.errors import Conflict, Forbidden, Invalid, NotFound
from tcma.partners import actions, queries
from tcma.partners.rules import EnrolmentState, PartnerKind, Tier
from tcma.permissions import Permission, Role
from tests import builders

FIRM = actions.Firm(
    name="Nordhagener Rechenzentrum",
    legal_name="Nordhagener Rechenzentrum GmbH",
    country="DE",
    zone="Europe/Berlin",
    locale="de-DE",
    currency="EUR",
)


@pytest.fixture
def vendor(db):
    with db() as work:
        return builders.a_vendor(work)


@pytest.fixture
def mira(db, vendor):
    with db() as work:
        return builders.mira(work, vendor)


def founded(db, mira, **facts):
    with db(mira) as work:
        return actions.create_partner(work, FIRM, tier=Tier.GOLD, kind=PartnerKind.SI, **facts)


def test_a_partner_is_founded_enrolled_and_its_owner_invited(db, mira, vendor):
    partner = founded(db, mira)
    with db(mira) as work:
        letter = actions.invite_to_partner(
            work, partner_id=partner, email="fg@nordhagener.example", name="Friederike"
        )
        assert queries.enrolment(work.session, vendor, partner).state is EnrolmentState.INVITED
    with db() as work:
        assert actions.join(work, token=letter.token, password=builders.PASSWORD)
    with db(mira) as work:
        row = queries.partners(work.session, mira).rows[0]
        members = people.members_of(
            work.session, partner_id=partner, able_to=Permission.PEOPLE_MANAGE
        )
    assert (row.slug, row.state, row.people_n) == (
        "nordhagener-rechenzentrum",
        EnrolmentState.ACTIVE,
        1,
    )
    assert [p.role for p in members] == [Role.OWNER]


def test_two_firms_of_one_name_get_two_addresses(db, mira):
    founded(db, mira)
    founded(db, mira)
    with db(mira) as work:
        slugs = {row.slug for row in queries.partners(work.session, mira).rows}
    assert slugs == {"nordhagener-rechenzentrum", "nordhagener-rechenzentrum-2"}


def test_territories_are_the_vendors_own_and_known(db, mira, vendor):
    partner = founded(db, mira)
    with db(mira) as work:
        actions.save_territory(
            work, code="de-n", name="North", country="DE", postcodes=["20", " 2 1"]
        )
        actions.set_territories(work, partner_id=partner, codes=["DE-N"])
        assert queries.territories(work.session, vendor)[0].postcodes == ("20", "21")
        assert queries.enrolment(work.session, vendor, partner).territories == ("DE-N",)
        with pytest.raises(Invalid, match="DE-X"):
            actions.set_territories(work, partner_id=partner, codes=["DE-X"])


def test_a_firm_with_holes_is_refused_field_by_field(db, mira):
    bad = actions.Firm(
        name=" ", legal_name="", country="de", zone="Europe/Nowhere", locale="x", currency="XQQ"
    )
    with db(mira) as work, pytest.raises(Invalid) as refused:
        actions.create_partner(work, bad, tier=Tier.GOLD, kind=PartnerKind.SI)
    assert set(refused.value.fields) == {"name", "legal_name", "country", "zone", "currency"}


def test_a_partner_of_another_vendor_is_not_found(db, mira):
    with db() as work:
        other = builders.a_vendor(work, name="Larkspur")
        foreign = builders.a_partner(work, other, name="Foreign")
    with db(mira) as work:
        with pytest.raises(NotFound):
            actions.change_enrolment(work, partner_id=foreign, tier=Tier.SILVER)
        with pytest.raises(NotFound):
            actions.invite_to_partner(work, partner_id=foreign, email="a@b.example", name="A")
        with pytest.raises(NotFound):
            queries.partner_detail(work.session, mira, slug="foreign")
        assert queries.partners(work.session, mira).rows == []


def test_a_partner_sees_its_vendors_but_no_list_of_partners(db, vendor, mira):
    with db() as work:
        partner = builders.a_partner(work, vendor)
        alice = builders.alice(work, partner)
    with db(alice) as work:
        assert [e.vendor for e in queries.enrolments(work.session, alice)] == ["Corbelane"]
        assert queries.partners(work.session, alice).rows == []
        with pytest.raises(Forbidden):
            actions.create_partner(work, FIRM, tier=Tier.GOLD, kind=PartnerKind.SI)


def test_enrolling_twice_is_a_conflict(db, mira):
    partner = founded(db, mira)
    with db(mira) as work, pytest.raises(Conflict):
        actions.enrol(work, partner_id=partner, tier=Tier.GOLD, kind=PartnerKind.SI)


def test_the_list_searches_filters_and_goes_on_where_it_stopped(db, mira, vendor):
    with db() as work:
        for number in range(60):
            builders.a_partner(work, vendor, name=f"Firm {number:02}", profile=False)
        builders.a_partner(work, vendor, name="Antipodean", tier=Tier.PLATINUM)
    with db(mira) as work:
        first = queries.partners(work.session, mira)
        second = queries.partners(work.session, mira, after=first.next)
        found = queries.partners(work.session, mira, search="antip", tier=Tier.PLATINUM)
    assert (len(first.rows), len(second.rows), second.next) == (50, 11, None)
    assert len({r.partner_id for r in [*first.rows, *second.rows]}) == 61
    assert [(r.name, r.tier) for r in found.rows] == [("Antipodean", Tier.PLATINUM)]
