"""The command as automation meets it: JSON on standard output, exit 0 good, 1 wrong, 2 misused."""

import json
import os
import subprocess
import sys
from email.message import EmailMessage
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from PIL import Image

from tcma.cli.judging import EXAMPLE_CASE, EXAMPLE_PROGRAMME
from tcma.embedded import postgres
from tests.demo_world import copied

CAMPAIGN = Path(__file__).parents[2] / "campaign_templates" / "cloud-migration"


@pytest.fixture
def data():
    """A folder that the embedded database of another user may enter, unlike pytest's."""
    with TemporaryDirectory(prefix="tcma-cli-") as folder:
        yield folder


@pytest.fixture
def tcma(tmp_path, data):
    """Run the command; returns (exit code, standard output, standard error)."""

    def run(*words, stdin=None, **environ):
        env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TCMA_DATA": f"{data}/d"}
        done = subprocess.run(
            [sys.executable, "-m", "tcma.cli.main", *map(str, words)],
            capture_output=True,
            env=env | environ,
            input=stdin,
            timeout=400,
            check=False,
        )
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    return run


def test_a_missing_file_or_an_unknown_word_is_a_misuse(tcma, tmp_path):
    code, _, said = tcma("image", "check", tmp_path / "none.png")
    assert (code, "there is no such file" in said) == (2, True)
    assert tcma("imagine")[0] == 2
    code, out, _ = tcma("doctor", "--json", PORT="eighty")
    assert code == 2
    assert json.loads(out)["message"].startswith("PORT")


def test_help_names_every_command_and_every_variable(tcma):
    code, out, _ = tcma("--help")
    assert code == 0
    for word in ("up", "doctor", "ledger", "launch", "template", "mjml", "TCMA_DATABASE_URL"):
        assert word in out


def test_a_picture_is_taken_or_refused_with_the_reason(tcma, tmp_path):
    good, bad = tmp_path / "logo.png", tmp_path / "logo.svg"
    Image.new("RGBA", (320, 80), "#123B7A").save(good)
    bad.write_text("this is no picture")
    code, out, _ = tcma("image", "check", good, "--json")
    assert (code, json.loads(out)["verdict"][:6]) == (0, "accept")
    code, out, _ = tcma("--json", "image", "check", bad)
    verdict = json.loads(out)
    assert (code, verdict["verdict"]) == (1, "reject")
    assert verdict["reason"]
    assert verdict["changes"] == []


def test_a_contact_list_is_read_as_the_import_would(tcma, tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("E-Mail;Vorname\nida@brackwater.example;Ida\nnobody;X\n", encoding="utf-8")
    code, out, _ = tcma("contacts", "check", path, "--json")
    found = json.loads(out)
    assert (code, found["delimiter"]) == (0, ";")
    assert [r["verdict"] for r in found["rows"]] == ["accept", "reject"]
    assert set(found["rows"][0]) == {"row", "verdict", "address", "reason"}


def test_mjml_becomes_html_or_names_file_and_line(tcma, tmp_path):
    good, bad = tmp_path / "good.mjml", tmp_path / "bad.mjml"
    body = "<mj-section><mj-column>\n<mj-text>Hello</mj-text>\n</mj-column></mj-section>"
    good.write_text(f"<mjml><mj-body>{body}</mj-body></mjml>")
    bad.write_text(f"<mjml><mj-body>{body.replace('mj-text', 'mj-txet')}</mj-body></mjml>")
    code, out, _ = tcma("mjml", good)
    assert (code, "Hello" in out) == (0, True)
    code, _, said = tcma("mjml", bad)
    assert code == 1
    assert "bad.mjml:2" in said
    assert "mj-text" in said


def test_user_agents_are_judged_line_by_line(tcma, tmp_path):
    path = tmp_path / "agents.txt"
    path.write_text("Googlebot/2.1 (+http://www.google.com/bot.html)\n")
    code, out, _ = tcma("bots", "check", path, "--json")
    assert (code, [r["verdict"] for r in json.loads(out)]) == (0, ["bot"])


def test_a_shipped_campaign_passes_its_own_check(tcma):
    code, out, said = tcma("template", "check", CAMPAIGN)
    assert code == 0, said
    assert "0 errors" in out


def bounce(message_id):
    mail = EmailMessage()
    mail["From"], mail["To"] = "MAILER-DAEMON@relay.example", "hello@fenwright.example"
    mail["Subject"] = "Undelivered Mail Returned to Sender"
    mail.set_content(
        "<ida@brackwater.example>: host mx.example said: 550 5.1.1 no such user\n\n"
        f"Message-ID: <{message_id}>\n"
    )
    return mail.as_bytes()


@pytest.fixture
def server(data, demo_world):
    """The database of the demo world's copy, up from one command to the next."""
    running = postgres.start(copied(demo_world, Path(data) / "d"))
    yield running
    postgres.stop(running)


@pytest.fixture
def asked(here, data):
    """Run the command in this process, on the same data: exit code and what the JSON holds."""

    def run(*words):
        code, out, _ = here(*words, "--json", TCMA_DATA=f"{data}/d")
        return code, json.loads(out)

    return run


@pytest.mark.timeout(600)
def test_a_launch_runs_to_its_sum_and_shows_it_again(
    tcma, server, asked, tmp_path, data, demo_world
):
    people = tmp_path / "people.csv"
    people.write_text("email\n" + "".join(f"p{n}@readers.example\n" for n in range(5)))
    code, out, said = tcma(
        "launch", "start", "--contacts", people, "--key", "once", "--wait", "--json"
    )
    assert code == 0, out + said
    started = json.loads(out)
    assert (started["state"], started["expected"], started["sent"]) == ("finished", 5, 5)
    _, again = asked("launch", "start", "--contacts", people, "--key", "once")
    assert again["ref"] == started["ref"]
    _, shown = asked("launch", "show", started["ref"])
    terms = ("sent", "failed", "skipped", "uncertain", "cancelled")
    assert shown["expected"] == sum(shown[t] for t in terms)
    assert asked("launch", "show", "LCH-1999-0001")[0] == 1
    code, checked = asked("launch", "check", started["ref"])
    assert (checked["launch"], checked["ready"], code) == (started["ref"], True, 0)
    assert {"law", "audience", "funds"} <= {each["area"] for each in checked["findings"]}
    assert asked("launch", "check", "LCH-1999-0001")[0] == 1
    code, books = asked("ledger", "verify")
    assert (code, books["whole"]) == (0, True)
    _, found = asked("doctor")
    assert {f["state"] for f in found} <= {"good", "look"}
    code, out, _ = tcma("feedback", "record", "-", "--json", stdin=bounce("x@y.example"))
    assert [r["action"] for r in json.loads(out)] == ["hard-suppress"]


def test_the_worked_example_of_the_help_is_decided_as_the_help_says(tcma, tmp_path):
    programme, case = tmp_path / "p.toml", tmp_path / "c.json"
    programme.write_text(EXAMPLE_PROGRAMME)
    case.write_text(EXAMPLE_CASE)
    code, out, _ = tcma("mdf", "judge", programme, case, "--json")
    found = json.loads(out)
    assert (code, found["decision"], found["amount"]) == (0, "partial", "1350.00")
    assert found["codes"] == ["INELIGIBLE_EXPENSE"]
    assert {"rule", "version", "outcome", "inputs", "words"} <= set(found["trace"][0])
    assert EXAMPLE_CASE.split()[0] in tcma("mdf", "judge", "--help")[1]


def test_a_returned_case_is_found_wrong_and_a_broken_file_is_a_misuse(tcma, tmp_path):
    programme, case = tmp_path / "p.toml", tmp_path / "c.json"
    programme.write_text(EXAMPLE_PROGRAMME)
    case.write_text(EXAMPLE_CASE.replace("23:59:59+01:00", "23:59:59+00:00"))
    code, out, _ = tcma("mdf", "judge", programme, case, "--json")
    assert (code, json.loads(out)["codes"]) == (1, ["LATE_CLAIM", "INELIGIBLE_EXPENSE"])
    case.write_text('{"kind": "claim"}')
    code, _, said = tcma("mdf", "judge", programme, case)
    assert (code, "submitted_at" in said) == (2, True)
    programme.write_text('name = "X"\n[request]\ndeadline = "soon"\n')
    code, out, _ = tcma("mdf", "judge", programme, case, "--json")
    assert (code, json.loads(out)["findings"][0]["line"]) == (2, 3)
    assert tcma("mdf", "judge", tmp_path / "none.toml", case)[0] == 2
    code, _, said = tcma("mdf", "programme", "check", programme)
    assert code == 1


def test_shipped_programmes_are_listed_printed_checked_and_told(tcma, tmp_path):
    code, out, _ = tcma("mdf", "programme", "shipped", "--json")
    names = [row["name"] for row in json.loads(out)]
    assert (code, "standard.toml" in names) == (0, True)
    mine = tmp_path / "mine.toml"
    mine.write_text(tcma("mdf", "programme", "shipped", "distributor")[1])
    assert tcma("mdf", "programme", "check", mine)[0] == 0
    assert "It shows the order number" in tcma("mdf", "programme", "show", mine)[1]
    assert tcma("mdf", "programme", "shipped", "nothing")[0] == 2
