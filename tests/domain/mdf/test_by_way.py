"""What is there by each way of settling adds up to the wallet, and what is no money asks for no bank."""

from sqlalchemy import event

from tcma.mdf import queries
from tcma.mdf.claims import decisions as claim_decisions
from tcma.mdf.claims import views as claim_views
from tcma.mdf.funds import by_way, views
from tcma.mdf.reasons import Reason
from tcma.mdf.ways import Way
from tcma.money import Money
from tcma.words import in_language
from tests.domain.mdf.conftest import gbp
from tests.domain.mdf.programme.cases import claim, decide

from .test_repaying import batched as for_the_bank
from .test_repaying import decided, settled
from .test_ways import batched, credited, given, way_of  # noqa: F401 - a fixture
from .test_withdrawals import act

NEEDS = '[claim]\nneeds = ["tax_profile", "bank_profile"]\n'


def sums(house):
    with house.db(house.alice) as work:
        return by_way.by_way(work.session, house.alice)


def test_sums_by_way_add_up_to_the_wallet(house):
    house.approved(500)
    cash = house.claimed(house.proven(house.approved(800)), ("1", 600))
    credit = way_of(house, decided(house, "2", 700), "credit")
    given(house, batched(house, credit))
    settled(house, for_the_bank(house, decided(house, "3", 400)))
    found = sums(house)
    assert [(each.way, each.settled) for each in found] == [
        (Way.CASH, gbp(400)),
        (Way.CREDIT, gbp(700)),
    ]
    assert found[0].in_claim == gbp(600)
    with house.db(house.alice) as work:
        (fund,) = views.wallet(work.session, house.alice, now=work.now)
    for name, whole in (
        ("reserved", fund.reserved),
        ("in_claim", fund.in_claim),
        ("settled", fund.paid),
    ):
        assert sum((getattr(each, name) for each in found), Money.zero("GBP")) == whole, name
    assert cash


def test_however_many_ways_there_are_is_one_question(house):
    way_of(house, decided(house, "1", 700), "credit")
    asked = []

    def note(connection, cursor, statement, *rest):
        asked.append(statement)

    with house.db(house.alice) as work:
        engine = work.session.get_bind()
        event.listen(engine, "before_cursor_execute", note)
        found = by_way.by_way(work.session, house.alice)
        event.remove(engine, "before_cursor_execute", note)
    assert [each.way for each in found] == [Way.CREDIT]
    assert len(asked) == 1


def test_there_is_a_line_for_each_way_that_is_used_or_offered_and_none_for_one_way(credited):  # noqa: F811
    with credited.db(credited.alice) as work:
        (fund,) = views.wallet(work.session, credited.alice, now=work.now)
    assert fund.ways == (Way.CREDIT, Way.CASH, Way.DISCOUNT, Way.ACCESS)
    lines = by_way.shown([], [(way, "GBP") for way in fund.ways])
    assert [each.way for each in lines] == list(Way)
    assert by_way.shown(sums(credited), [(Way.CASH, "GBP")]) == []


def test_a_claim_that_is_settled_by_credit_is_not_asked_for_a_bank():
    partner = {"name": "Brightwater IT", "tax_profile": False, "bank_profile": False}
    found = decide(NEEDS, **claim(partner=partner, settled_by="credit"))
    (why,) = [each for each in found.reasons if each.code == Reason.TAX_OR_BANK_PROFILE]
    assert why.words == "Missing before it can be settled: tax details."
    assert in_language(why.words, "de") == "Fehlt noch, bevor abgerechnet werden kann: Steuerdaten."
    by_bank = decide(NEEDS, **claim(partner=partner))
    assert any("bank details" in each.words for each in by_bank.reasons)


def test_what_a_person_refuses_for_it_speaks_of_no_bank_either(house):
    ref = way_of(house, house.claimed(house.proven(house.approved(800)), ("1", 800)), "credit")
    how = {"reason": Reason.TAX_OR_BANK_PROFILE, "words": ""}
    act(house, house.mira, ref, claim_decisions.return_to_fix, **how)
    with house.db(house.alice) as work:
        it = claim_views.claim_detail(work.session, house.alice, ref, now=work.now)
    assert "tax details are missing" in it.note
    assert "bank" not in it.note
    assert "Steuerdaten fehlen" in in_language(it.note, "de")
    with house.db() as work:
        assert queries.claim_by_ref(work.session, house.mira, ref).note == it.note
