"""Partners by file: founded, enrolled and invited once per reference, back again before anybody joined."""

import re

import pytest
from sqlalchemy import select

from tcma.accounts.models import Membership, UserAccount
from tcma.bulk import files
from tcma.bulk.partner_rows import PARTNERS
from tcma.delivery.models import Message, MessageBody
from tcma.errors import Conflict, NotFound
from tcma.mdf import queries as fund_queries
from tcma.mdf.funds import opening
from tcma.partners import actions, queries
from tests.domain.mdf.conftest import gbp

HEAD = "Reference,Name,Legal name,Country,Time zone,Language,Currency,Tier,Type,Territories,Contact,E-mail\n"
GOOD = """P-1,Fernhill,Fernhill IT GmbH,DE,Europe/Berlin,de-DE,EUR,Gold,MSP,"DE-N; DE-S",Frida Fern,Frida@Fernhill.example
P-2,Oakley,,,,,,,,,,
"""
WRONG = {
    "Brightwater IT,,,,,,,,,,": "Brightwater IT is your partner already.",
    ",,,,,,,,,,": "The name is missing.",
    "A,,Germany,,,,,,,,": "“GERMANY” is no country: write two letters, as in GB.",
    "A,,DE,,,,,,,,": "The time zone is missing: write it as in Europe/Berlin.",
    "A,,,Mars/Base,,,,,,,": "“Mars/Base” is no time zone: write it as in Europe/Berlin.",
    "A,,,,Klingon,,,,,,": "“Klingon” is no language: write it as in de-DE.",
    "A,,,,,Pounds,,,,,": "“POUNDS” is no currency: write three letters, as in EUR.",
    "A,,,,,,Bronze,,,,": "“bronze” is no tier: silver, gold, platinum.",
    "A,,,,,,,Shop,,,": "“shop” is no kind: var, msp, si, distributor.",
    "A,,,,,,,,DE-N|DE-X,,": "There is no territory DE-X.",
    "A,,,,,,,,,Ann,": "Write both the person and the e-mail address, or neither.",
    "A,,,,,,,,,Ann,ann": "“ann” is no e-mail address.",
}


@pytest.fixture
def areas(house):
    with house.db(house.mira) as work:
        for code in ("DE-N", "DE-S"):
            actions.save_territory(work, code=code, name=code, country="DE")
    return house


def taken(house, text):
    with house.db(house.mira) as work:
        return files.take(
            work, PARTNERS, house.vendor, file_name="p.csv", content=(HEAD + text).encode()
        ).ref


def of(house, work, ref):
    return files.file_by_ref(
        work.session, house.mira, ref, kind="partners", about=house.vendor
    )  # fmt: skip


def done(house, text):
    ref = taken(house, text)
    with house.db(house.mira) as work:
        return ref, files.carry_out(work, PARTNERS, of(house, work, ref))


def rows(house, ref):
    with house.db(house.mira) as work:
        return files.rows_of(work.session, of(house, work, ref))


def mates(house):
    with house.db(house.mira) as work:
        return {e.partner_slug: e for e in queries.enrolments(work.session, house.mira)}


def test_each_row_is_a_partner_with_its_standing_and_what_is_left_open_is_the_vendors(areas):
    assert done(areas, GOOD)[1] == 2
    one, other = mates(areas)["fernhill"], mates(areas)["oakley"]
    assert (one.tier, one.kind, one.state) == ("gold", "msp", "invited")
    assert set(one.territories) == {"DE-N", "DE-S"}
    assert (other.tier, other.kind, other.territories) == ("silver", "var", ())
    with areas.db(areas.mira) as work:
        firm = queries.partner_by_slug(work.session, "fernhill")
        assert (firm.legal_name, firm.zone, firm.currency) == (
            "Fernhill IT GmbH", "Europe/Berlin", "EUR",
        )  # fmt: skip
        house = queries.partner_by_slug(work.session, "oakley")
        mine = queries.vendor(work.session, areas.vendor)
        assert (house.country, house.zone, house.currency) == (
            mine.country, mine.zone, mine.currency,
        )  # fmt: skip


def test_whoever_a_row_names_is_invited_once_and_stands_in_the_file_no_more(areas):
    ref, _ = done(areas, GOOD)
    with areas.db() as work:
        letters = work.session.execute(
            select(Message.address, MessageBody.subject).join(
                MessageBody, MessageBody.message_id == Message.id
            )
        ).all()
    assert [tuple(each) for each in letters] == [
        ("frida@fernhill.example", "Mira lädt Sie zu Fernhill ein")
    ]
    assert not any("rida" in str(row.cells) for row in rows(areas, ref))


@pytest.mark.parametrize(("row", "fault"), WRONG.items())
def test_a_row_that_cannot_be_says_why_and_nothing_of_it_is_founded(areas, row, fault):
    before = set(mates(areas))
    ref, count = done(areas, f"P-9,{row}\n")
    assert ([each.fault for each in rows(areas, ref)], count) == ([fault], 0)
    assert set(mates(areas)) == before


def test_the_same_file_again_founds_nobody_and_no_name_comes_twice(areas):
    done(areas, GOOD)
    again = taken(areas, GOOD + "P-3,Oakley,,,,,,,,,,\nP-4,Elm,,,,,,,,,,\nP-5,elm,,,,,,,,,,\n")
    assert {row.reference: row.fault for row in rows(areas, again)} == {
        "P-1": "Imported before.",
        "P-2": "Imported before.",
        "P-3": "Oakley is your partner already.",
        "P-4": "",
        "P-5": "This partner stands further up in the file.",
    }


def test_undone_before_anybody_joined_links_are_dead_and_the_same_rows_bring_the_same_partners(
    areas,
):
    ref, _ = done(areas, GOOD)
    first = mates(areas)["fernhill"].partner_id
    with areas.db(areas.mira) as work:
        files.undo(work, PARTNERS, of(areas, work, ref))
    assert {mates(areas)[slug].state for slug in ("fernhill", "oakley")} == {"ended"}
    assert member_state(areas) == "ended"
    assert done(areas, GOOD)[1] == 2
    assert mates(areas)["fernhill"].partner_id == first
    assert mates(areas)["fernhill"].state == "invited"
    assert member_state(areas) == "invited"


def member_state(house):
    with house.db() as work:
        return work.session.scalar(
            select(Membership.state)
            .join(UserAccount, UserAccount.id == Membership.user_id)
            .where(UserAccount.email == "frida@fernhill.example")
        )


def joined(house):
    with house.db() as work:
        member = work.session.scalar(
            select(Membership.id)
            .join(UserAccount, UserAccount.id == Membership.user_id)
            .where(UserAccount.email == "frida@fernhill.example")
        )
        letter = actions.invite_to_partner(
            work,
            partner_id=mates(house)["fernhill"].partner_id,
            email="frida@fernhill.example",
            name="Frida Fern",
        )
        assert letter.membership_id == member
        actions.join(work, token=letter.token, password="a long walk to Fernhill")


def given(house):
    with house.db(house.finn) as work:
        budget = fund_queries.fund_by_ref(work.session, house.finn, house.fund_ref)
        opening.allocate(work, budget, mates(house)["fernhill"].partner_id, gbp(10))


@pytest.mark.parametrize("begin", [joined, given])
def test_once_a_partner_has_begun_the_file_stays_and_the_refusal_names_it(areas, begin):
    ref, _ = done(areas, GOOD)
    begin(areas)
    with pytest.raises(Conflict) as refused, areas.db(areas.mira) as work:
        files.undo(work, PARTNERS, of(areas, work, ref))
    assert re.match("Fernhill began already", refused.value.message)
    assert mates(areas)["oakley"].state == "invited"


def test_one_vendors_file_is_no_others(areas):
    ref, _ = done(areas, GOOD)
    with areas.db(areas.alice) as work, pytest.raises(NotFound):
        files.file_by_ref(work.session, areas.alice, ref, kind="partners", about=areas.vendor)
