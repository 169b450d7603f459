"""Files as people really bring them, read as rows, and files that must be refused."""

import bz2
import lzma
import time
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from tcma.contacts.reading import check_file, open_table
from tcma.errors import Invalid

HEAD = ["First Name", "Last Name", "Email"]


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def rows_of(path: Path) -> list[list[str]]:
    return [cells for _, cells in open_table(path).rows()]


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1252", "cp1252"),
        ("latin-1", "cp1252"),
        ("mac-roman", "mac-roman"),
    ],
)
def test_an_encoding_is_recognised_and_names_survive(
    tmp_path: Path, encoding: str, told: str
) -> None:
    text = "Vorname;Nachname;E-Mail;Firma\r\nJürgen;Müßig;j@example.de;Bäckerei Größe\r\n" * 1
    text += "Zoë;Hébert;z@example.fr;Crème brûlée SARL\r\n"
    file = written(tmp_path / "list.csv", text, encoding)
    table = open_table(file)
    assert (table.encoding, table.delimiter) == (told, ";")
    assert [cells[0] for _, cells in table.rows()] == ["Jürgen", "Zoë"]
    assert rows_of(file)[0][3] == "Bäckerei Größe"


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("cp1250", "Jiří Dvořák"), ("cp1250", "Łukasz Wójcik"), ("cp1254", "İbrahim Şahin Yıldız"),
     ("cp1252", "Søren Kjærgård"), ("cp1252", "Þórður Guðmundsson"), ("cp1252", "Hélène Lefèvre")],
)  # fmt: skip
def test_a_short_list_of_windows_keeps_the_letters_of_its_language(
    tmp_path: Path, encoding: str, name: str
) -> None:
    file = written(tmp_path / "list.csv", f"Name;Email\n{name};a@example.com\n", encoding)
    assert rows_of(file)[0][0] == name


@pytest.mark.parametrize(
    ("encoding", "head", "row"),
    [("cp1250", "Imię;Nazwisko;Adres e-mail", "Ada;Łęcka"), ("gb18030", "姓名;公司;邮箱", "王;K"),
     ("cp1251", "Имя;Фамилия;Email", "Ада;Берг"), ("cp932", "氏名;会社名;メールアドレス", "山田;K"),
     ("cp1252", "Prénom;Nom;Courriel", "Zoé;Léger")],
)  # fmt: skip
def test_headers_we_know_tell_the_encoding_of_a_list_with_one_row(
    tmp_path: Path, encoding: str, head: str, row: str
) -> None:
    file = written(tmp_path / "list.csv", f"{head}\n{row};a@example.com\n", encoding)
    table = open_table(file)
    assert list(table.columns) == head.split(";")
    assert rows_of(file) == [[*row.split(";"), "a@example.com"]]


def test_cyrillic_and_japanese_lists_are_read(tmp_path: Path) -> None:
    names = "Имя;Email\nАнна Каренина, город Москва, улица Тверская;anna@example.ru\n"
    assert "Анна" in rows_of(written(tmp_path / "ru.csv", names * 3, "cp1251"))[0][0]
    kanji = "氏名,Email\n山田太郎 東京都港区のお客様です,taro@example.jp\n"
    assert "山田太郎" in rows_of(written(tmp_path / "jp.csv", kanji * 3, "shift_jis"))[0][0]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_a_separator_is_recognised_even_beside_others_in_text(tmp_path: Path, mark: str) -> None:
    line = mark.join(["Ada", '"Love, lace; | x"', "ada@example.com"])
    file = written(tmp_path / "list.csv", f"{mark.join(HEAD)}\n{line}\n")
    assert open_table(file).delimiter == mark
    assert rows_of(file) == [["Ada", "Love, lace; | x", "ada@example.com"]]


def test_excel_may_name_its_separator_in_a_first_line(tmp_path: Path) -> None:
    file = written(tmp_path / "list.csv", "sep=;\r\nName;E-Mail\r\nAda;ada@example.com\r\n")
    table = open_table(file)
    assert (table.columns, table.delimiter) == (("Name", "E-Mail"), ";")
    assert [cells for _, cells in table.rows()] == [["Ada", "ada@example.com"]]


def test_notes_above_the_header_are_left_out_and_rows_keep_their_numbers(tmp_path: Path) -> None:
    text = (
        'Notes:\n"When exporting your connection data, some\naddresses are missing."\n\n'
        "First Name,Last Name,URL,Email Address\nAda,Lovelace,https://example.com,ada@example.com\n"
    )
    table = open_table(written(tmp_path / "Connections.csv", text))
    assert table.columns == ("First Name", "Last Name", "URL", "Email Address")
    assert [cells[3] for _, cells in table.rows()] == ["ada@example.com"]
    assert table.notes


def test_a_list_without_a_header_is_mapped_by_its_values(tmp_path: Path) -> None:
    file = written(tmp_path / "list.csv", "Ada,ada@example.com\nGrace,grace@example.com\n")
    told = check_file(file)
    assert told["columns"] == ["Column 1", "Column 2"]
    assert told["mapping"] == {"email": "Column 2"}
    assert len(told["rows"]) == 2  # type: ignore[arg-type]


def test_names_before_addresses_are_a_custom_of_a_column_or_a_mistake(tmp_path: Path) -> None:
    custom = "Recipient\nAda Lovelace <ada@example.com>\n<bob@example.com>\n"
    table = open_table(written(tmp_path / "custom.csv", custom))
    assert [each.verdict for each in table.judged()] == ["accept", "accept"]
    assert next(iter(table.judged())).values["last_name"] == "Lovelace"
    stray = "Email\nada@example.com\nbob@example.com\nEve Stray <eve@example.com>\n"
    last = list(open_table(written(tmp_path / "stray.csv", stray)).judged())[-1]
    assert (last.verdict, "column of their own" in last.reason) == ("reject", True)


def test_every_row_has_a_verdict_and_a_reason(tmp_path: Path) -> None:
    text = (
        "First Name,Email,Email Opt Out\n"
        "Ada,ada@example.com,0\n"
        "Info,info@example.com,\n"
        "Ada,ADA@example.com,0\n"
        "Eve,eve@example,0\n"
        "\n"
        "Max,max@example.com,1\n"
        ",,\n"
        "First Name,Email,Email Opt Out\n"
        "Tim\n"
        "Lea,lea@example.com,0,extra\n"
    )
    rows = check_file(written(tmp_path / "list.csv", text))["rows"]
    assert isinstance(rows, list)
    verdicts = [(row["row"], row["verdict"]) for row in rows]
    assert verdicts == [
        (2, "accept"), (3, "accept"), (4, "duplicate"), (5, "reject"), (7, "unsubscribed"),
        (8, "reject"), (9, "reject"), (10, "reject"), (11, "reject"),
    ]  # fmt: skip
    assert all(row["reason"] for row in rows if row["verdict"] != "accept")
    assert rows[1]["reason"] == "A shared mailbox, not a person."


@pytest.mark.parametrize(
    ("name", "header", "row", "verdict"),
    [
        ("subscribed_members.csv", "Email Address,MEMBER_RATING", "a@example.com,2", "accept"),
        ("unsubscribed_members.csv", "Email Address,MEMBER_RATING", "a@example.com,2", "unsubscribed"),
        ("x.csv", "Email Address,UNSUB_TIME", "a@example.com,2024-03-01 10:00:00", "unsubscribed"),
        ("x.csv", "Email Address,CLEAN_TIME", "a@example.com,2024-03-01 10:00:00", "unsubscribed"),
        ("x.csv", "Email,Unsubscribed from all email", "a@example.com,true", "unsubscribed"),
        ("x.csv", "Email,Unsubscribed from all email", "a@example.com,false", "accept"),
        ("x.csv", "Email,Status", "a@example.com,Unsubscribed", "unsubscribed"),
        ("x.csv", "Email,Status", "a@example.com,Open - not contacted", "accept"),
        ("x.csv", "Email,Email Marketing Consent", "a@example.com,NEVER_SUBSCRIBED", "unsubscribed"),
        ("x.csv", "Email,Opt In", "a@example.com,no", "unsubscribed"),
        ("x.csv", "E-Mail,Abgemeldet", "a@example.com,ja", "unsubscribed"),
        ("nonsubscribed_audience.csv", "Email Address,MEMBER_RATING", "a@example.com,2", "unsubscribed"),
        ("x.csv", "Email,Do not allow Bulk Emails", "a@example.com,Do Not Allow", "unsubscribed"),
        ("x.csv", "Email,Do not allow Bulk Emails", "a@example.com,Allow", "accept"),
        ("x.csv", "email,deactivated,active", "a@example.com,2025-02-01,0", "unsubscribed"),
        ("x.csv", "email,deactivated,active", "a@example.com,,0", "unsubscribed"),
        ("x.csv", "email,deactivated,active", "a@example.com,,1", "accept"),
        ("x.csv", "Email,Status", "a@example.com,Unconfirmed", "unsubscribed"),
        ("x.csv", "E-Mail,Status", "a@example.com,nicht bestätigt", "unsubscribed"),
        ("x.csv", "E-Mail,Status", "a@example.com,Inaktiv", "unsubscribed"),
        ("x.csv", "E-Mail,Werbeeinwilligung", "a@example.com,nein", "unsubscribed"),
        ("x.csv", "E-Mail,Werbeeinwilligung", "a@example.com,ja", "accept"),
        ("x.csv", "Email,Person - Marketing status", "a@example.com,unsubscribed", "unsubscribed"),
        ("x.csv", "メールアドレス,配信停止", "a@example.com,配信停止", "unsubscribed"),
        ("x.csv", "メールアドレス,配信停止", "a@example.com,", "accept"),
    ],
)  # fmt: skip
def test_who_left_in_another_tool_is_never_sendable_here(
    tmp_path: Path, name: str, header: str, row: str, verdict: str
) -> None:
    rows = check_file(written(tmp_path / name, f"{header}\n{row}\n"))["rows"]
    assert isinstance(rows, list)
    assert [row["verdict"] for row in rows] == [verdict]


def test_quoted_newlines_nul_bytes_and_formulas_stay_text(tmp_path: Path) -> None:
    text = 'Name,Email\n"Ada\nof ""London""",ada@example.com\n=1+1,e\0ve@example.com\n'
    assert rows_of(written(tmp_path / "list.csv", text)) == [
        ['Ada\nof "London"', "ada@example.com"],
        ["=1+1", "eve@example.com"],
    ]


def test_quotes_behind_a_blank_are_quotes_where_the_file_writes_them_so(tmp_path: Path) -> None:
    spaced = 'Name, Email, Note\n"Bell, Ada", ada@example.com, "two,\nlines"\n'
    assert rows_of(written(tmp_path / "a.csv", spaced)) == [
        ["Bell, Ada", "ada@example.com", "two,\nlines"]
    ]
    usual = 'Name,Email,Note\n"Ada",ada@example.com, kept\n'
    assert rows_of(written(tmp_path / "b.csv", usual)) == [["Ada", "ada@example.com", " kept"]]


def test_half_a_file_is_refused_where_it_ends(tmp_path: Path) -> None:
    table = open_table(written(tmp_path / "x.csv", 'Name,Email\nA,a@example.com\n"B,b@exam'))
    with pytest.raises(Invalid, match="row 3"):
        list(table.rows())


def test_a_quote_that_never_closes_is_refused_without_reading_on(tmp_path: Path) -> None:
    text = 'Name,Email\n"Ada,a@example.com\n' + "B,b@example.com\n" * 5000
    with pytest.raises(Invalid, match="never closed"):
        list(open_table(written(tmp_path / "x.csv", text)).rows())


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("x.csv", b"", "empty"),
        ("x.csv", b"%PDF-1.7 ...", "PDF"),
        ("x.csv", b"<!DOCTYPE html><p>Sign in</p>", "web page"),
        ("x.csv", b'\xef\xbb\xbf[{"email": "ada@example.com"}]', "JSON"),
        ("x.csv", b'[\n  {\n    "email": "ada@example.com"\n  }\n]', "JSON"),
        ("x.csv", b'{\n  "people": []\n}', "JSON"),
        ("x.csv.bz2", bz2.compress(b"Name,Email\n"), "compressed archive"),
        ("x.csv.xz", lzma.compress(b"Name,Email\n"), "compressed archive"),
        ("x.csv.zst", b"\x28\xb5\x2f\xfd\x24\x0bName,Email\n", "compressed archive"),
        ("x.csv", b"BEGIN:VCARD\nVERSION:3.0\n", "address card"),
        ("x.csv", rb"{\rtf1\ansi Email}", "text document"),
        ("x.csv", b"\0" * 5000, "zero bytes"),
        ("x.xlsx", b"Name,Email\n", "none"),
        ("x.xlsx", b"PK\x03\x04 cut", "damaged"),
        ("x.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "cannot be read"),
    ],
)
def test_what_is_no_list_is_refused_with_a_remedy(
    tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Invalid, match=sentence) as refusal:
        check_file(tmp_path / name)
    assert refusal.value.remedy


def workbook(path: Path) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("Empty")
        sheet = book.add_worksheet("People")
        sheet.write_row(0, 0, ["Name", "Email", "Phone", "Note"])
        sheet.write_row(1, 0, ["Ada", "ada@example.com", 4930123456, "plain"])
        sheet.write_string(2, 0, "=cmd()")
        sheet.write_string(2, 1, "eve@example.com")
    return path


def test_the_first_sheet_with_rows_is_read_as_text(tmp_path: Path) -> None:
    table = open_table(workbook(tmp_path / "people.xlsx"))
    assert (table.encoding, table.delimiter) == (None, None)
    assert table.notes == ("Sheet “People” of 2 is read.",)
    assert [cells[:3] for _, cells in table.rows()] == [
        ["Ada", "ada@example.com", "4930123456"],
        ["=cmd()", "eve@example.com", ""],
    ]


def test_the_list_is_found_behind_covers_and_hidden_sheets(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "people.xlsx")) as book:
        lookup = book.add_worksheet("Lookup")
        lookup.write_column(0, 0, ["Mail of the house", "info@example.com"])
        book.add_worksheet("Cover").write_row(0, 0, ["Autumn", "2026"])
        people = book.add_worksheet("People")
        people.write_row(0, 0, ["Email", "Name"])
        people.write_row(1, 0, ["ada@example.com", "Ada"])
        people.activate()
        lookup.hide()
    table = open_table(tmp_path / "people.xlsx")
    assert table.notes == ("Sheet “People” of 3 is read.",)
    assert [cells[0] for _, cells in table.rows()] == ["ada@example.com"]


def bomb(path: Path, megabytes: int) -> Path:
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package,
        package.open("xl/worksheets/sheet1.xml", "w", force_zip64=False) as member,
    ):
        for _ in range(megabytes):
            member.write(bytes(1 << 20))
    return path


def test_a_gigabyte_of_zeros_as_xlsx_is_refused_at_once(tmp_path: Path) -> None:
    file = bomb(tmp_path / "zeros.xlsx", 1024)
    started = time.process_time()
    with pytest.raises(Invalid, match="grows to 1 GB"):
        check_file(file)
    assert time.process_time() - started < 5


def test_a_bomb_that_lies_about_its_size_is_still_measured(tmp_path: Path) -> None:
    file = bomb(tmp_path / "zeros.xlsx", 210)
    size = (210 << 20).to_bytes(4, "little")
    file.write_bytes(file.read_bytes().replace(size, (1000).to_bytes(4, "little")))
    with pytest.raises(Invalid, match="We stopped at the limit of 200 MB"):
        check_file(file)


def test_a_cell_in_the_far_corner_does_not_take_the_memory(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "wide.xlsx")) as book:
        sheet = book.add_worksheet()
        sheet.write_string(0, 0, "Email")
        sheet.write_string(1_048_575, 16_383, "x")
    with pytest.raises(Invalid, match="reaches to row"):
        check_file(tmp_path / "wide.xlsx")
