"""What a vendor reads of people inside journeys: no number below five, and none that gives one away."""

import random
from itertools import product
from uuid import UUID

import pytest
from sqlalchemy import text

from tcma.delivery.small_cells import is_few
from tcma.journeys.reading import read
from tcma.nurture import overview, publishing
from tcma.nurture.publishing import Becomes, Choices, DryRun, Group, Moved, Waiting
from tcma.nurture.told import UNTOLD, Untold, told, told_column
from tcma.nurture.told_run import ToldRun, told_moved, told_run
from tcma.nurture.told_table import margins, summed, told_table
from tcma.permissions import SYSTEM, Role
from tests.builders import a_user
from tests.domain.nurture.crowd import PLAIN
from tests.domain.nurture.rank import follows


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


SECOND = PLAIN.replace('id = "w"', 'id = "ask"')
"""Without «w», as far as those are concerned who wait there."""


def read_of(people, principal, source):
    """A dry run as somebody reads it, and the exact one."""
    with people.db() as work:
        run = publishing.dry_run(work, people.sequence_id, read(source).journey)
        here = overview.told_steps(work.session, principal, people.sequence_id)
    return told_run(principal, run, here), run


def test_a_dry_run_beside_the_page_gives_no_small_number_away(people, reader):
    vendor, owner = reader
    first = people.version_id
    people.people(2, at="w")
    people.people(9, at="n2")
    people.publish(PLAIN.replace("7 days", "8 days"))
    for count, step in ((6, "n3"), (30, "n2"), (30, "n4")):
        people.people(count, at=step)
    with people.db() as work:
        page = overview.standing(work.session, vendor, people.sequence_id, version_id=first)
    assert (plain([page.here["n2"]]), page.inside) == (["some"], 11)
    seen, run = read_of(people, vendor, SECOND)
    shown = {
        (g.version_no, g.step): people
        for g, people in zip(seen.groups, plain(g.people for g in seen.groups), strict=True)
    }
    assert (shown[run.groups[0].version_no, "n2"], seen.inside) == ("some", 77)
    assert plain([seen.staying, seen.at_removed, *seen.removed.values()]) == ["some"] * 3
    exact, _ = read_of(people, owner, SECOND)
    assert (exact.groups, exact.inside, exact.staying, exact.at_removed) == (run.groups, 77, 75, 2)
    assert exact.removed == {"w": 2}


def test_what_is_large_is_told_as_it_is(people, reader):
    for count, step in ((9, "n2"), (7, "w"), (6, "n3")):
        people.people(count, at=step)
    seen, run = read_of(people, reader[0], SECOND)
    assert seen.groups == run.groups
    assert (seen.inside, seen.staying, seen.at_removed, seen.unfit) == (22, 15, 7, 0)
    assert seen.removed == {"w": 7}


COPIES = [UUID(int=n) for n in range(1, 4)]


def drafts_of(drawn, cells):
    """Dry runs of many drafts: each keeps some steps, and fits some versions of the campaign."""
    for _ in range(12):
        steps = {step: drawn.random() < 0.6 for _, step, _ in cells}
        fits = {copy: drawn.random() < 0.8 for *_, copy in cells}
        yield DryRun(
            tuple(
                Waiting(
                    version, version.int, step, copy, people,
                    (Becomes.STAY if steps[step] else Becomes.REMOVED) if fits[copy] else Becomes.UNFIT,
                )
                for (version, step, copy), people in cells.items()
            ),
            (),
        )  # fmt: skip


@pytest.mark.parametrize("seed", range(15))
def test_no_number_of_any_draft_is_more_than_the_page_tells(reader, seed):
    vendor, _ = reader
    drawn = random.Random(seed)
    sides = product(COPIES[: drawn.randint(1, 3)], ["n2", "n3", "w"], COPIES[: drawn.randint(1, 3)])
    cells = {each: drawn.choice([1, 2, 5, 6, 9, 40, 200]) for each in sides}
    here = told_table(vendor, cells)
    of = {key: [cell for cell in cells if key in margins(cell)] for key in summed(cells)}
    known = [of[key] for key in of if not isinstance(here[key], Untold)]
    told_any = 0
    for run in drafts_of(drawn, cells):
        seen = told_run(vendor, run, here)
        chosen = {
            "staying": {
                (w.version_id, w.step, w.copy) for w in run.waiting if w.becomes is Becomes.STAY
            },
            "at_removed": {
                (w.version_id, w.step, w.copy) for w in run.waiting if w.becomes is Becomes.REMOVED
            },
            "unfit": {
                (w.version_id, w.step, w.copy) for w in run.waiting if w.becomes is Becomes.UNFIT
            },
        }
        for name, those in chosen.items():
            number = getattr(seen, name)
            if isinstance(number, Untold):
                continue
            told_any += 1
            assert number == sum(cells[each] for each in those)
            assert not is_few(number)
            assert follows(cells, known, those), (name, those)
    assert told_any


@pytest.mark.parametrize(
    ("moved", "choices", "read_as"),
    [
        (Moved(untouched=31), Choices(), [0, 0, 0, 0, 31]),
        (Moved(stayed=20, jumped=11), Choices(inside=True, removed={"w": "n4", "n3": "n4"}), [20, 11, 0, 0, 0]),
        (Moved(stayed=20, left=11), Choices(inside=True), [20, 0, 11, 0, 0]),
        (Moved(stayed=20, left=6, jumped=5), Choices(inside=True, removed={"w": "n4"}), [20, "some", 6, 0, 0]),
        (Moved(stayed=20, untouched=11, resumed=3), Choices(inside=True, resume=True), [20, 0, 0, "some", "some"]),
    ],
)  # fmt: skip
def test_what_publishing_did_is_told_as_what_it_would_do(reader, moved, choices, read_as):
    vendor, owner = reader
    w = UNTOLD if "some" in read_as[:2] else 5
    unfit = UNTOLD if read_as[4] == "some" else 0
    seen = ToldRun((), 31, 20, 11, unfit, {"w": w, "n3": 6}, UNTOLD)
    assert plain(vars_of(told_moved(vendor, moved, seen, choices))) == read_as
    assert told_moved(owner, moved, seen, choices) == moved


@pytest.mark.parametrize(
    ("ended", "read_as"),
    [
        ([(9, True), (7, True)], 16),
        ([(9, True), (7, False)], 9),
        ([(9, True), (2, False), (30, False)], "some"),
        ([(2, True), (9, False), (30, True)], "some"),
    ],
)
def test_who_could_go_on_after_the_end_is_told_by_whole_steps(reader, ended, read_as):
    vendor, owner = reader
    groups = tuple(Group(1, f"n{no}", n, kept) for no, (n, kept) in enumerate(ended))
    assert plain([told_run(vendor, DryRun((), groups), {}).resumable]) == [read_as]
    split = (*groups, Group(1, "n0", 6, not groups[0].kept))
    assert plain([told_run(vendor, DryRun((), split), {}).resumable]) == ["some"]
    assert told_run(owner, DryRun((), groups), {}).resumable == sum(n for n, k in ended if k)


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
