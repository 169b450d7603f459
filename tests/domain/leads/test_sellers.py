"""The second hop decided: a table of leads and people, and whose each is for which reason."""

from uuid import UUID

import pytest

from tcma.leads.routing.sellers import Asked, Seller, Way, choose, typed_areas

ANA, BEN, CID = UUID(int=1), UUID(int=2), UUID(int=3)


def ana(**more):
    return Seller(id=ANA, name="Ana", **more)


def ben(**more):
    return Seller(id=BEN, name="Ben", **more)


def lead(postcode="LS1 2AB", country="GB", knows=None):
    return Asked(company="Hartwell", country=country, postcode=postcode, knows=knows)


@pytest.mark.parametrize(
    ("asked", "people", "way", "keeps", "who", "reason"),
    [
        (lead(), [ana(), ben()], Way.EVERYBODY, False, None, "everybody hears of every lead"),
        (lead(knows=BEN), [ana(), ben()], Way.EVERYBODY, True, "Ben", "had Hartwell before"),
        (lead(knows=BEN), [ana(), ben()], Way.TURN, False, "Ana", "it is their turn"),
        (lead(knows=BEN), [ana(), ben(is_away=True)], Way.TURN, True, "Ana", "it is their turn"),
        (lead(knows=CID), [ana(), ben()], Way.TURN, True, "Ana", "it is their turn"),
        (lead(), [ana(turn=4), ben(turn=3)], Way.TURN, True, "Ben", "it is their turn"),
        (lead(), [ana(turn=4), ben(turn=3, is_away=True)], Way.TURN, True, "Ana", "it is their turn"),
        (lead(), [ana(is_away=True)], Way.TURN, True, None,
         "nobody is there, so everybody hears of it"),
        (lead(), [], Way.TURN, True, None, "nobody is there, so everybody hears of it"),
        (lead(), [ana(areas=("GB",)), ben(turn=9, areas=("GB LS",))], Way.AREA, True, "Ben",
         "looks after GB LS"),
        (lead("BD1 1AA"), [ana(areas=("GB",)), ben(areas=("GB LS",))], Way.AREA, True, "Ana",
         "looks after GB"),
        (lead(), [ana(turn=2, areas=("GB LS",)), ben(turn=1, areas=("GB LS",))], Way.AREA, True,
         "Ben", "looks after GB LS"),
        (lead(country="DE"), [ana(turn=1, areas=("GB",)), ben()], Way.AREA, True, "Ben",
         "nobody there looks after the place, and it is their turn"),
        (lead("ls12ab"), [ana(turn=1), ben(turn=2, areas=("GB LS1",))], Way.AREA, True, "Ben",
         "looks after GB LS1"),
        (lead(), [ana(areas=("GB LS",), is_away=True), ben()], Way.AREA, True, "Ben",
         "nobody there looks after the place, and it is their turn"),
    ],
)  # fmt: skip
def test_whose_it_is(asked, people, way, keeps, who, reason):
    handed = choose(asked, people, way=way, keeps=keeps)
    assert (handed.person.name if handed.person else None, handed.reason) == (who, reason)
    assert handed.trace["way"] == way
    assert [each["person"] for each in handed.trace["people"]] == [p.name for p in people]


def test_who_knows_the_company_keeps_their_turn():
    assert not choose(lead(knows=BEN), [ana(), ben()], way=Way.TURN, keeps=True).in_turn
    assert choose(lead(), [ana(), ben()], way=Way.TURN, keeps=True).in_turn


def test_areas_are_read_as_they_are_typed():
    assert typed_areas(" gb ls,GB  LS, de ,") == ["GB LS", "DE"]
    assert typed_areas("") == []
    with pytest.raises(ValueError, match="LS1"):
        typed_areas("GB LS, LS1")
