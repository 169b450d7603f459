"""What a vendor reads of people inside journeys: no number below five, and none that gives one away."""

import pytest
from sqlalchemy import text

from tcma.nurture import overview, publishing
from tcma.nurture.publishing import DryRun, Group, Moved
from tcma.nurture.told import UNTOLD, Untold, told, told_column
from tcma.nurture.told_run import told_moved, told_run
from tcma.permissions import SYSTEM, Role
from tests.builders import a_user
from tests.domain.nurture.crowd import PLAIN


@pytest.fixture
def reader(people):
    """The vendor's marketer and a partner's owner."""
    with people.db() as work:
        owner = a_user(work, Role.OWNER, partner_id=people.partners[0])
    return people.person, owner


def plain(numbers):
    return ["some" if isinstance(each, Untold) else int(each) for each in numbers]


@pytest.mark.parametrize(
    ("column", "read_as", "bare"),
    [
        ([], [], False),
        ([0, 7, 12], [0, 7, 12], False),
        ([3], ["some"], True),
        ([3, 7, 12], ["some", "some", 12], False),
        ([1, 2, 0, 9], ["some", "some", 0, "some"], False),
        ([3, 4, 9], ["some", "some", 9], False),
    ],
)
def test_a_small_number_takes_the_next_larger_with_it_while_a_sum_would_tell(
    reader, column, read_as, bare
):
    vendor, owner = reader
    cells, hidden = told_column(vendor, column)
    assert (plain(cells), hidden) == (read_as, bare)
    for whoever in (owner, SYSTEM):
        assert told_column(whoever, column) == (column, False)


def test_what_is_not_told_says_nothing_of_its_size(reader):
    vendor, _ = reader
    for n in range(1, 5):
        assert told(vendor, n) is UNTOLD
    assert [told(vendor, n) for n in (0, 5, 90)] == [0, 5, 90]
    assert f"{UNTOLD}" == str(UNTOLD) == "some"


def test_the_steps_of_a_version_and_its_sums_hide_two_people_and_no_sum_gives_them(people, reader):
    vendor, owner = reader
    people.people(8, at="n2")
    people.people(2, at="w")
    people.people(6, at="n3", partner=1)
    with people.db() as work:
        exact = overview.standing(work.session, SYSTEM, people.sequence_id)
        for principal, here in (
            (vendor, {"n2": 8, "w": "some", "n3": "some"}),
            (owner, exact.here),
        ):
            seen = overview.standing(
                work.session, principal, people.sequence_id, version_id=people.version_id
            )
            assert dict(zip(seen.here, plain(seen.here.values()), strict=True)) == here
            assert seen.inside == 16
        assert exact.here == {"n2": 8, "w": 2, "n3": 6}


def test_two_versions_of_which_one_is_small_are_told_apart_by_no_sum(people, reader):
    vendor, _ = reader
    people.people(2)
    people.publish(PLAIN.replace("7 days", "8 days"))
    with people.db() as work:
        lines = overview.versions(work.session, vendor, people.sequence_id)
        inside = overview.inside(work.session, vendor, people.sequence_id)
        rows = overview.journeys(work.session, vendor)
    assert plain([*[line.inside for line in lines if line.inside], inside]) == ["some", "some"]
    assert plain([row.inside for row in rows.values()]) == ["some"]
    with people.db() as work:
        assert overview.inside(work.session, SYSTEM, people.sequence_id) == 2


def test_no_version_beside_the_others_gives_a_small_one_away(people, reader):
    vendor, owner = reader
    first = people.version_id
    people.people(2)
    people.publish(PLAIN.replace("7 days", "8 days"))
    people.people(7)
    people.people(6, at="w")
    seen = {}
    with people.db() as work:
        for principal in (vendor, owner):
            each = [overview.standing(work.session, principal, people.sequence_id, version_id=v)
                    for v in (first, people.version_id, None)]  # fmt: skip
            lines = overview.versions(work.session, principal, people.sequence_id)
            seen[principal] = [
                [*plain(s.here.values()), *plain([s.inside])] for s in each
            ] + [plain([n.inside for n in lines if n.inside])]  # fmt: skip
    assert seen[vendor] == [["some"] * 2, ["some", 6, "some"], [9, 6, 15], ["some"] * 2]
    assert seen[owner] == [[2, 2], [7, 6, 13], [9, 6, 15], [13, 2]]


@pytest.mark.parametrize(("stuck", "of", "read_as"), [(8, 10, "some"), (5, 10, 5), (6, 6, 6)])
def test_who_is_stuck_tells_not_how_few_are_not(people, reader, stuck, of, read_as):
    vendor, owner = reader
    runs = people.people(of)
    people.rows("UPDATE nurture_run SET state = 4 WHERE id = ANY(:r) RETURNING 1", r=runs[:stuck])
    with people.db() as work:
        asked = work.session, vendor, people.sequence_id
        [line] = overview.stuck(*asked)
        [row] = overview.journeys(work.session, vendor).values()
        here = overview.standing(*asked).stuck["n2"]
        assert plain([line.people, row.stuck, here]) == [read_as] * 3
        [exact] = overview.stuck(work.session, owner, people.sequence_id)
        assert exact.people == stuck


@pytest.mark.parametrize(("paused", "read_as"), [(8, "some"), (5, 5), (10, 10)])
def test_who_is_paused_tells_not_how_few_are_not(people, reader, paused, read_as):
    runs = people.people(10)
    people.rows("UPDATE nurture_run SET state = 3 WHERE id = ANY(:r) RETURNING 1", r=runs[:paused])
    with people.db() as work:
        seen = overview.standing(work.session, reader[0], people.sequence_id)
    assert plain([seen.paused, seen.inside]) == [read_as, 10]


def test_who_is_stuck_is_some_and_the_reason_stays(people, reader):
    vendor, owner = reader
    people.people(3)
    people.rows("UPDATE nurture_run SET state = 4, left_because = 'no sender' RETURNING 1")
    with people.db() as work:
        [seen] = overview.stuck(work.session, vendor, people.sequence_id)
        [exact] = overview.stuck(work.session, owner, people.sequence_id)
    assert (f"{seen.people}", seen.reason, exact.people) == ("some", "no sender", 3)


@pytest.mark.parametrize("few", ["sent", "held", "won", "not won"])
def test_a_comparison_of_few_is_not_told(people, reader, few):
    vendor, owner = reader
    runs = people.people(30)
    held = runs[: 3 if few == "held" else 27 if few == "sent" else 10]
    people.rows(
        "UPDATE nurture_run SET state = 2, left_because = 'held_out', due_at = NULL WHERE id = ANY(:r) RETURNING 1",
        r=held,
    )
    won = held[: {"won": 1, "not won": 8}.get(few, 0)]
    people.rows(
        "UPDATE lead SET state = 'won' FROM nurture_run r WHERE r.lead_id = lead.id AND r.id = ANY(:r) RETURNING 1",
        r=won,
    )
    with people.db() as work:
        assert overview.compared(work.session, vendor, people.sequence_id) is None
        assert overview.compared(work.session, owner, people.sequence_id).lift.held.people == len(
            held
        )


def test_a_dry_run_hides_the_sums_that_would_tell(people, reader):
    vendor, owner = reader
    run = DryRun((Group(1, "n2", 9, True), Group(1, "w", 2, True), Group(1, "n3", 6, False)), 7, ())
    seen = told_run(vendor, run)
    assert plain([g.people for g in seen.groups]) == ["some", "some", 6]
    assert plain([seen.inside, seen.staying, seen.at_removed, seen.unfit]) == [24, 11, 6, 7]
    alone = told_run(vendor, DryRun((Group(1, "n2", 9, True), Group(1, "n3", 2, False)), 0, ()))
    assert plain([alone.inside, alone.staying, alone.at_removed]) == [11, "some", "some"]
    assert plain(alone.removed.values()) == ["some"]
    exact = told_run(owner, run)
    assert (exact.inside, exact.staying, exact.at_removed, exact.groups) == (24, 11, 6, run.groups)
    assert plain(vars_of(told_moved(vendor, Moved(stayed=3, left=9)))) == ["some", 0, "some", 0, 0]


@pytest.mark.parametrize(
    ("moved", "read_as"),
    [
        (Moved(stayed=6, jumped=20, left=2), [6, "some", "some", 0, 0]),
        (Moved(stayed=6, jumped=20, untouched=2), ["some", 20, 0, 0, "some"]),
        (Moved(stayed=6, left=20, resumed=3), [6, 0, 20, "some", 0]),
    ],
)
def test_what_publishing_did_tells_no_small_number_by_what_it_would_do(reader, moved, read_as):
    vendor, owner = reader
    assert plain(vars_of(told_moved(vendor, moved))) == read_as
    assert told_moved(owner, moved) == moved


def vars_of(moved):
    return [moved.stayed, moved.jumped, moved.left, moved.resumed, moved.untouched]


def test_the_audit_names_no_number_of_people(people):
    people.people(2)
    no, moved = people.publish(PLAIN.replace("7 days", "9 days"), publishing.Choices(inside=True))
    assert moved == Moved(stayed=2)
    with people.db() as work:
        [newest] = work.session.scalars(
            text(
                "SELECT detail FROM audit_entry WHERE verb = 'published a journey' ORDER BY id DESC LIMIT 1"
            )
        )
    assert newest == {"no": no}
