"""Contact files into lists: preview, counts that add up, resumption, refusal as a whole, undo."""

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from tcma.accounts.models import UserAccount
from tcma.contacts import actions, erasure, importing, imports, list_queries, queries, undoing
from tcma.contacts.models import Contact, ContactImport, Suppression
from tcma.contacts.rules import LawfulBasis, address_hash, normal_address
from tcma.db.documents import Document, let_bytes_go
from tcma.db.sentences import unpacked
from tcma.errors import Forbidden, Invalid, NotFound
from tcma.jobs import Job
from tcma.words import in_language
from tests import builders
from tests.faults.posting import rung
from workers.runtime import Run

FILE = """E-Mail;Vorname;Nachname;Firma;Status;Ort
ines@priory.example;Ines;O’Dwyer-Łęcka;Priory;aktiv;Leeds
SAM@priory.example;Sam;;Priory;aktiv;
sam@priory.example;Sam;Twice;Priory;aktiv;
gone@priory.example;Gone;Away;Priory;abgemeldet;
no address;Nora;None;Priory;aktiv;
=cmd()@evil;Eve;Evil;Priory;aktiv;
"""


@pytest.fixture
def vendor(db):
    with db() as work:
        return builders.a_vendor(work)


@pytest.fixture
def alice(db, vendor):
    with db() as work:
        return builders.alice(work, builders.a_partner(work, vendor, profile=False))


def uploaded(db, alice, text=FILE, *, name="kunden.csv", **options):
    content = text.encode() if isinstance(text, str) else text
    with db(alice) as work:
        return imports.start(work, file_name=name, content=content, **options)


def confirmed(db, alice, import_id, **options):
    with db(alice) as work:
        given = {"basis": LawfulBasis.CONSENT} | options
        return imports.confirm(work, import_id, **given)


def imported(db, alice, text=FILE, **options):
    import_id = uploaded(db, alice, text)
    confirmed(db, alice, import_id, **options)
    importing.run_import(db, import_id)
    return seen(db, alice, import_id)


def seen(db, alice, import_id):
    with db(alice) as work:
        return queries.import_view(work.session, alice, import_id)


def counted(db, table):
    with db() as work:
        return work.session.scalar(select(func.count()).select_from(table))


def test_an_upload_is_looked_at_and_nobody_is_imported_yet(db, alice):
    view = seen(db, alice, uploaded(db, alice))
    assert (view.state, view.rows_n, view.delimiter) == ("mapping", 6, ";")
    assert view.mapping["email"] == 0
    assert view.mapping["first_name"] == 1
    assert view.preview["columns"][1]["values"][:2] == ["Ines", "Sam"]
    assert view.preview["counts"] == {
        "accept": 2,
        "reject": 2,
        "unsubscribed": 1,
        "duplicate": 1,
    }
    assert counted(db, Contact) == 0


def test_the_report_of_rows_left_out_is_never_cut(db, alice):
    many = 100_050
    view = imported(db, alice, FILE.splitlines()[0] + "\n" + "nobody;N;N;N;aktiv;\n" * many)
    with db(alice) as work:
        report = work.files.get(work.session.get_one(Document, view.report_id).key)
    assert (view.refused_n, view.rows_n) == (many, many)
    assert report.count(b"\r\n") == many + 1
    assert report.splitlines()[-1].startswith(f"{many + 1},nobody,".encode())


def test_the_counts_add_up_and_every_row_left_out_is_reported_with_its_reason(db, alice):
    view = imported(db, alice)
    assert view.state == "done"
    assert (view.added_n, view.known_n, view.stopped_n, view.refused_n) == (2, 0, 1, 3)
    assert view.rows_n == view.done_n == 6
    with db(alice) as work:
        report = work.files.get(work.session.get_one(Document, view.report_id).key)
    lines = list(csv.reader(io.StringIO(report.decode("utf-8-sig"))))
    assert [int(line[0]) for line in lines[1:]] == [4, 5, 6, 7]
    assert lines[4][1] == "'=cmd()@evil"
    assert all(line[2] for line in lines[1:])
    assert lines[3][3:] == ["no address", "Nora", "None", "Priory", "aktiv", ""]


def test_preview_and_report_speak_the_language_of_whoever_brought_the_file(db, alice):
    with db() as work:
        work.session.execute(
            update(UserAccount).where(UserAccount.id == alice.user_id).values(locale="de-DE")
        )
    ragged = FILE + "ada@priory.example;Ada;L;Priory;aktiv;Leeds;x\n"
    import_id = uploaded(db, alice, ragged)
    kept = [unpacked(why) for _, why in seen(db, alice, import_id).preview["refused"]]
    assert "Die Zeile hat 7 Zellen, die Kopfzeile 6" in in_language(kept[-1], "de")
    confirmed(db, alice, import_id)
    importing.run_import(db, import_id)
    with db(alice) as work:
        report_id = seen(db, alice, import_id).report_id
        report = work.files.get(work.session.get_one(Document, report_id).key)
    head, *lines = csv.reader(io.StringIO(report.decode("utf-8-sig")))
    assert head == ["Zeile", "Adresse", "Grund", *FILE.splitlines()[0].split(";")]
    assert lines[0][2] == "Diese Adresse steht schon in der Datei."
    assert lines[-1][2].startswith("Die Zeile hat 7 Zellen, die Kopfzeile 6")


def test_values_arrive_as_they_were_written(db, alice):
    imported(db, alice)
    with db(alice) as work:
        page = queries.contacts(work.session, alice, now=work.now, search="INES@")
        person = queries.contact(work.session, alice, page.rows[0].id, now=work.now)
    assert (person.row.last_name, person.row.company) == ("O’Dwyer-Łęcka", "Priory")
    assert person.fields == {"city": "Leeds"}
    assert queries.tokens_of(person)["first_name"] == "Ines"


def test_whoever_unsubscribed_elsewhere_is_in_the_list_and_never_sendable(db, alice):
    view = imported(db, alice)
    with db(alice) as work:
        made = list_queries.contact_list(work.session, alice, view.list_id, now=work.now)
        stopped = queries.stop_list(work.session, alice).rows
    assert (made.people_n, made.sendable_n) == (3, 2)
    assert [(s.address, s.reason) for s in stopped] == [("gone@priory.example", "imported")]


def test_who_refused_is_stopped_with_the_reason_and_who_said_nothing_is_left_out(db, alice):
    text = (
        "E-Mail;Vorname;Werbung erlaubt;Opted out of email\n"
        "yes@priory.example;Yes;ja;\n"
        "no@priory.example;No;Nein;\n"
        "out@priory.example;Out;ja;true\n"
        "blank@priory.example;Blank;;\n"
    )
    view = imported(db, alice, text)
    assert (view.added_n, view.stopped_n, view.refused_n) == (1, 2, 1)
    with db(alice) as work:
        content = work.files.get(work.session.get_one(Document, view.report_id).key)
        seen = list_queries.lists(work.session, alice, now=work.now)[0]
    assert (seen.people_n, seen.sendable_n) == (3, 1)
    reasons = {row[1]: row[2] for row in csv.reader(io.StringIO(content.decode("utf-8-sig")))}
    assert reasons["no@priory.example"] == "Has not agreed to mail, says the file."
    assert reasons["out@priory.example"].startswith("Unsubscribed")
    assert "“Werbung erlaubt” does not say" in reasons["blank@priory.example"]


def test_a_column_chosen_for_consent_is_heeded_whatever_its_name(db, alice):
    import_id = uploaded(db, alice, "E-Mail;Post?\na@priory.example;nein\nb@priory.example;ja\n")
    with db(alice) as work:
        row = imports.remap(work, import_id, {"email": 0, "status": 1})
        assert (row.preview["counts"]["accept"], row.preview["counts"]["unsubscribed"]) == (1, 1)


def test_a_second_file_completes_people_and_overwrites_nothing_with_emptiness(db, alice):
    imported(db, alice)
    again = imported(
        db,
        alice,
        "email,first name,company,title\nsam@priory.example,,,CTO\nnew@priory.example,,,\n",
    )
    assert (again.added_n, again.known_n) == (1, 1)
    with db(alice) as work:
        row = queries.contacts(work.session, alice, now=work.now, search="sam@").rows[0]
        person = queries.contact(work.session, alice, row.id, now=work.now)
    assert (row.first_name, row.company, person.fields["job_title"]) == ("Sam", "Priory", "CTO")


def test_lists_of_one_name_are_numbered(db, alice):
    one = imported(db, alice, list_name="Kunden")
    two = imported(db, alice, list_name="Kunden")
    with db(alice) as work:
        names = {x.id: x.name for x in list_queries.lists(work.session, alice, now=work.now)}
    assert (names[one.list_id], names[two.list_id]) == ("Kunden", "Kunden (2)")


def test_an_existing_list_takes_the_people_in(db, alice):
    with db() as work:
        target = builders.a_list(work, alice.partner_id, 2)
    import_id = uploaded(db, alice, list_id=target)
    assert confirmed(db, alice, import_id) == target
    importing.run_import(db, import_id)
    with db(alice) as work:
        assert list_queries.contact_list(work.session, alice, target, now=work.now).people_n == 5


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"basis": LawfulBasis.UNKNOWN}, "basis"),
        ({"mapping": {"first_name": 1}}, "email"),
        ({"mapping": {"email": 0, "first_name": 0}}, "mapping"),
        ({"list_name": "x" * 81}, "list_name"),
    ],
)
def test_a_confirmation_with_a_hole_is_refused_by_field(db, alice, options, field):
    import_id = uploaded(db, alice)
    with pytest.raises(Invalid) as refused:
        confirmed(db, alice, import_id, **options)
    assert field in refused.value.fields


def test_another_mapping_is_judged_anew(db, alice):
    import_id = uploaded(db, alice, "a,b\nx,one@p.example\ny,two@p.example\n")
    with db(alice) as work:
        row = imports.remap(work, import_id, {"email": 0})
        assert row.preview["counts"]["reject"] == 2
        row = imports.remap(work, import_id, {"email": 1, "first_name": 0})
        assert row.preview["counts"]["accept"] == 2


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "empty.csv"),
        (b"%PDF-1.7 not a list", "list.pdf"),
        (b'email,name\na@b.example,"cut off in the mid', "cut.csv"),
        (b"\0" * 5_000, "zeros.xlsx"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_a_remedy_and_not_kept(db, alice, content, name):
    with pytest.raises(Invalid) as refused:
        uploaded(db, alice, content, name=name)
    assert refused.value.remedy
    assert counted(db, ContactImport) == 0


def test_a_killed_worker_resumes_after_its_last_chunk_and_nobody_is_counted_twice(
    db, alice, monkeypatch
):
    monkeypatch.setattr(importing, "CHUNK", 10)
    rows = "".join(f"p{n}@firm.example,P{n}\n" for n in range(95))
    import_id = uploaded(db, alice, "email,first name\n" + rows)
    confirmed(db, alice, import_id)
    answers = iter([False, False, False, True])
    importing.run_import(db, import_id, stopping=lambda: next(answers))
    assert seen(db, alice, import_id).added_n == 30
    importing.run_import(db, import_id)
    view = seen(db, alice, import_id)
    assert (view.state, view.added_n, view.known_n) == ("done", 95, 0)
    assert counted(db, Contact) == 95


def test_the_sweep_leaves_a_running_import_alone_and_takes_up_a_dead_one(db, alice, monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 1)
    import_id = uploaded(db, alice)
    confirmed(db, alice, import_id)
    answers = iter([False, True])
    importing.run_import(db, import_id, stopping=lambda: next(answers))
    with db() as work:
        assert importing.due_imports(work) == []
    db.clock.move(importing.SILENCE + timedelta(seconds=1))
    with db() as work:
        assert importing.due_imports(work) == [import_id]


def test_two_files_with_the_same_people_in_another_order_are_imported_at_once(db, alice):
    rows = [f"p{n}@firm.example,P{n}\n" for n in range(4_000)]
    files = ["email,first name\n" + "".join(each) for each in (rows[:3_000], rows[:999:-1])]
    ids = [uploaded(db, alice, each) for each in files]
    for import_id in ids:
        confirmed(db, alice, import_id)
    with ThreadPoolExecutor() as both:
        list(both.map(lambda import_id: importing.run_import(db, import_id), ids))
    one, two = (seen(db, alice, import_id) for import_id in ids)
    assert (one.state, two.state) == ("done", "done")
    assert (one.added_n + two.added_n, one.known_n + two.known_n) == (4_000, 2_000)
    assert counted(db, Contact) == 4_000


def test_running_a_finished_import_again_changes_nothing(db, alice):
    view = imported(db, alice)
    importing.run_import(db, view.id)
    assert seen(db, alice, view.id) == view


def test_the_job_finds_what_no_wake_up_announced(db, alice):
    import_id = uploaded(db, alice)
    confirmed(db, alice, import_id)
    assert db.queue.of(Job.CONTACTS_IMPORT) == [{"import_id": str(import_id)}]
    run = Run(services=_Services(db), stopping=lambda: False)
    rung(run, Job.CONTACTS_IMPORT)
    assert seen(db, alice, import_id).state == "done"


class _Services:
    def __init__(self, db):
        self.transaction = db


def test_undo_takes_list_and_people_back_but_not_those_known_before(db, alice):
    with db() as work:
        actions.capture_contact(
            work, partner_id=alice.partner_id, address="sam@priory.example", first_name="Sam"
        )
    view = imported(db, alice)
    assert (view.added_n, view.known_n) == (1, 1)
    with db(alice) as work:
        undoing.undo(work, view.id)
    undoing.run_undoing(db, view.id)
    with db(alice) as work:
        left = queries.contacts(work.session, alice, now=work.now).rows
        assert list_queries.lists(work.session, alice, now=work.now) == []
    assert [c.address for c in left] == ["sam@priory.example"]
    assert counted(db, Suppression) == 1


def test_an_erased_person_does_not_come_back_by_a_file(db, alice):
    imported(db, alice)
    with db(alice) as work:
        ines = queries.contacts(work.session, alice, now=work.now, search="ines").rows[0]
        erasure.erase_contact(work, ines.id)
    again = imported(db, alice)
    assert again.known_n == 1
    assert again.rows_n == again.done_n == 6
    with db(alice) as work:
        assert queries.contacts(work.session, alice, now=work.now, search="ines").rows == []


def test_a_file_and_its_report_go_when_nobody_may_undo_it_any_more(db, alice):
    view = imported(db, alice)
    forgotten = uploaded(db, alice)
    with db(alice) as work:
        report = work.session.get_one(Document, view.report_id)
        again = imported_files(work, view.id)
    db.clock.move(erasure.UNDO_DAYS + timedelta(hours=1))
    fresh = imported(db, alice, FILE.replace("Nora", "Norah"))
    with db() as work:
        erasure.purge(work)
    db.clock.move(timedelta(hours=1))
    with db() as work:
        let_bytes_go(work, 10)
    with db() as work:
        assert not work.files.exists(report.key)
        assert [work.files.exists(each.key) for each in again] == [False]
        assert work.files.exists(work.session.get_one(Document, fresh.report_id).key)
    old, waited = seen(db, alice, view.id), seen(db, alice, forgotten)
    assert (old.state, old.report_id, old.refused_n) == ("done", None, 3)
    assert "ines" not in str(old.preview)
    assert waited.state == "refused"
    assert "30 days" in waited.error


def imported_files(work, import_id):
    row = work.session.get_one(ContactImport, import_id)
    return [work.session.get_one(Document, row.document_id)]


def test_others_find_neither_the_import_nor_the_people(db, vendor, alice):
    view = imported(db, alice)
    with db() as work:
        charlie = builders.charlie(work, vendor)
        vera = builders.vera(work, vendor)
    with db(charlie) as work:
        with pytest.raises(NotFound):
            queries.import_view(work.session, charlie, view.id)
        with pytest.raises(NotFound):
            undoing.undo(work, view.id)
        assert queries.contacts(work.session, charlie, now=work.now).rows == []
    with db(vera) as work:
        assert queries.contacts(work.session, vera, now=work.now).rows == []
        assert list_queries.lists(work.session, vera, now=work.now) == []
        with pytest.raises(Forbidden):
            imports.start(work, file_name="x.csv", content=b"email\na@b.example\n")


def test_the_stop_list_is_searched_by_the_hash_of_an_address(db, alice, site):
    imported(db, alice)
    digest = address_hash(site.secret, normal_address("Gone@priory.example"))
    with db(alice) as work:
        assert len(queries.stop_list(work.session, alice, search_hash=digest).rows) == 1
        assert queries.stop_list(work.session, alice, search_hash=b"0" * 16).rows == []
