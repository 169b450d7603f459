"""Parts of a fund by file: what each row would do, once per reference, and the way back as a whole."""

import io
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import xlsxwriter

from tcma.bulk import files
from tcma.bulk.part_rows import PARTS
from tcma.errors import Conflict, Invalid, NotFound, TcmaError
from tcma.mdf import queries
from tcma.mdf.funds import opening
from tcma.mdf.funds import views as fund_views
from tcma.mdf.ledger import booking
from tests import builders
from tests.domain.mdf.conftest import gbp
from tests.domain.mdf.test_fund_kinds import opened

HEAD = "Partner;Amount;Reference;Currency\n"


def fund_id(house, work):
    return queries.fund_by_ref(work.session, house.finn, house.fund_ref).id


def taken(house, text, *, who=None, name="parts.csv"):
    content = text if isinstance(text, bytes) else (HEAD + text).encode()
    with house.db(who or house.finn) as work:
        budget = fund_id(house, work)
        return files.take(work, PARTS, budget, file_name=name, content=content).ref


def of(house, work, ref, who=None):
    about = fund_id(house, work)
    return files.file_by_ref(
        work.session, who or work.principal, ref, kind="parts", about=about
    )  # fmt: skip


def done(house, ref):
    with house.db(house.finn) as work:
        return files.carry_out(work, PARTS, of(house, work, ref))


def faults(house, ref):
    with house.db(house.finn) as work:
        rows = files.rows_of(work.session, of(house, work, ref))
        return {row.no: row.fault for row in rows if row.fault}


def free(house):
    with house.db(house.finn) as work:
        one = fund_views.fund_summary(work.session, house.finn, house.fund_ref, now=work.now)
        return one.unallocated, one.available


@pytest.fixture
def three(house):
    """An empty fund of £1,000 and three partners, two of which share a name."""
    opened(house, "discretionary")
    with house.db() as work:
        for slug in ("fernhill", "fernhill-north"):
            builders.a_partner(work, house.vendor, name="Fernhill", slug=slug)
    return house


ROWS = """brightwater it;400.00;A-1;GBP
fernhill-north;1,5;A-2;
Fernhill Ltd;10;A-3;
Nobody Ltd;10;A-4;
Brightwater IT;ten;A-5;
Brightwater IT;-3;A-6;
Brightwater IT;10;A-7;EUR
;10;A-8;
Brightwater IT;10;;
Brightwater IT;10;A-1;
Brightwater IT;598.51;A-9;
Brightwater IT;598.50;A-10;
"""
WRONG = {
    4: "Several partners are called “Fernhill Ltd”: write the short name of one.",
    5: "No enrolled partner is called “Nobody Ltd”.",
    6: "“ten” is not an amount.",
    7: "“-3” is not a sum that can be given.",
    8: "This row is in EUR, the fund in GBP.",
    9: "The partner is missing.",
    10: "The reference is missing.",
    11: "This reference stands further up in the file.",
    12: "£598.50 is left to allocate when this row comes.",
}


def test_a_file_says_what_each_row_would_do_before_anything_is_done(three):
    ref = taken(three, ROWS)
    assert faults(three, ref) == WRONG
    assert free(three) == (gbp(1_000), gbp(0))
    assert done(three, ref) == 3
    assert free(three) == (gbp(0), gbp(1_000))
    assert done(three, ref) == 0
    with three.db() as work:
        assert booking.verify(work.session) == []


def test_the_same_file_again_gives_nothing_and_a_mended_one_the_rest(three):
    done(three, taken(three, "fernhill;100;A-1;\nfernhil;50;A-2;\n"))
    again = taken(three, "fernhill;100;A-1;\nfernhill;50;A-2;\n")
    assert faults(three, again) == {2: "Imported before."}
    assert done(three, again) == 1
    assert free(three) == (gbp(850), gbp(150))


def test_undone_as_a_whole_its_rows_may_come_again(three):
    ref = taken(three, "fernhill;100;A-1;\nbrightwater-it;50;A-2;\n")
    done(three, ref)
    with three.db(three.finn) as work:
        files.undo(work, PARTS, of(three, work, ref))
        files.undo(work, PARTS, of(three, work, ref))
    assert free(three) == (gbp(1_000), gbp(0))
    again = taken(three, "fernhill;100;A-1;\n")
    assert done(three, again) == 1
    with three.db() as work:
        assert booking.verify(work.session) == []


def test_once_a_partner_has_planned_with_its_part_nothing_of_the_file_is_undone(three):
    ref = taken(three, "fernhill;100;A-1;\nbrightwater-it;50;A-2;\n")
    done(three, ref)
    with three.db(three.finn) as work:
        budget = queries.fund_by_ref(work.session, three.finn, three.fund_ref)
        opening.allocate(work, budget, three.partner, gbp(25))
    three.approved(60)
    with pytest.raises(Conflict) as refused, three.db(three.finn) as work:
        files.undo(work, PARTS, of(three, work, ref))
    assert refused.value.message == "brightwater-it has used or lost a part of it: £15.00 is free."
    assert free(three) == (gbp(825), gbp(115))
    with three.db(three.finn) as work:
        assert of(three, work, ref).state == files.DONE


def test_what_was_booked_by_hand_after_a_file_stays_when_the_file_is_undone(three):
    ref = taken(three, "fernhill;100;A-1;\n")
    done(three, ref)
    with three.db(three.finn) as work:
        budget = queries.fund_by_ref(work.session, three.finn, three.fund_ref)
        part = queries.part_by_partner(work.session, three.finn, three.fund_ref, "fernhill")
        opening.allocate(work, budget, part.partner_id, gbp(30))
        files.undo(work, PARTS, of(three, work, ref))
    assert free(three) == (gbp(970), gbp(30))


def test_a_fixed_fund_gives_no_row_more_than_each_partner_has(house):
    opened(house, "fixed", per_partner=gbp(400))
    ref = taken(
        house, "Brightwater IT;300;A-1;\nBrightwater IT;101;A-2;\nBrightwater IT;100;A-3;\n"
    )
    assert faults(house, ref) == {3: "Each partner has £400.00 of this fund."}
    assert done(house, ref) == 2


def test_a_workbook_is_read_like_a_csv(three):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for no, row in enumerate(
            [("Reference", "Reseller", "Budget"), ("A-1", "fernhill", 1250.5), (7, "fernhill", 20)]
        ):
            sheet.write_row(no, 0, row)
    ref = taken(three, out.getvalue(), name="parts.xlsx")
    assert faults(three, ref) == {2: "£1,000.00 is left to allocate when this row comes."}
    assert done(three, ref) == 1
    assert free(three) == (gbp(980), gbp(20))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "This file is empty."),
        (b"Partner,Amount\nA,1\n", "The first row names no column for the reference."),
        (b"Partner,Amount,Reference\n", "There is no row below the names of the columns."),
        (b"%PDF-1.4\n1 0 obj\n", "This is a PDF, not a list."),
        (b"Partner,Amount,Reference\n" + b"A,1,x\n" * 10_001, "more than 10,000 rows"),
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole_at_its_field(three, content, said):
    with pytest.raises(Invalid) as refused:
        taken(three, content)
    assert said in refused.value.fields["file"]


def test_a_trial_gives_way_to_the_next_and_a_shared_pot_takes_no_file(three):
    first = taken(three, "fernhill;100;A-1;\n")
    taken(three, "fernhill;100;A-1;\n")
    with three.db(three.finn) as work, pytest.raises(NotFound):
        of(three, work, first)
    opened(three, "pooled")
    with pytest.raises(Conflict) as refused:
        taken(three, "fernhill;100;A-1;\n")
    assert refused.value.code == "mdf.fund.pooled"


def test_a_stranger_finds_no_file_and_a_partner_may_send_none(three):
    ref = taken(three, "fernhill;100;A-1;\n")
    with three.db() as work:
        other = builders.finn(work, builders.a_vendor(work, name="Larkspur"))
    with three.db(other) as work, pytest.raises(NotFound):
        of(three, work, ref)
    with three.db(three.finn) as work:
        made = of(three, work, ref)
    with three.db(other) as work, pytest.raises(NotFound):
        files.carry_out(work, PARTS, made)
    with pytest.raises(TcmaError) as refused:
        taken(three, "fernhill;100;A-1;\n", who=three.alice)
    assert refused.value.code == "forbidden.mdf:budget:manage"
    assert free(three) == (gbp(1_000), gbp(0))


def test_two_files_with_the_same_references_at_once_give_each_once(three):
    with three.db() as work:
        nora = builders.a_user(work, "channel_manager", name="Nora", vendor_id=three.vendor)
    text = "".join(f"fernhill;10;A-{n};\n" for n in range(20))
    refs = [(three.finn, taken(three, text)), (nora, taken(three, text, who=nora))]
    gate = threading.Barrier(2)

    def one(pair):
        who, ref = pair
        with three.db(who) as work:
            made = of(three, work, ref)
            gate.wait()
            return files.carry_out(work, PARTS, made)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(one, refs)) == [0, 20]
    assert free(three) == (gbp(800), gbp(200))
