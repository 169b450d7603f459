"""`tcma journey`: a document checked by line, a walk on the virtual clock, without a database."""

import json

import pytest

from tcma.cli.main import main
from tests.services import ROOT

FOLDER = str(ROOT / "campaign_templates/cloud-migration")
BROKEN = 'exits = ["reply"]\n[[step]]\nid = "n1"\nsend = "a"\nthen = "n9"\n'


def test_a_folder_is_checked_with_the_mails_it_has(capsys):
    assert main(["journey", "check", FOLDER]) == 0
    assert "n2: Send list-in-ten-minutes, after 3 working days → b1" in capsys.readouterr().out


def test_faults_are_told_by_line(tmp_path, capsys):
    (tmp_path / "j.toml").write_text(BROKEN)
    assert main(["journey", "check", str(tmp_path / "j.toml"), "--json"]) == 1
    (fault,) = json.loads(capsys.readouterr().out)["faults"]
    assert (fault["line"], fault["words"]) == (5, "There is no step “n9”.")
    assert main(["journey", "run", str(tmp_path / "j.toml")]) == 1


@pytest.mark.parametrize(
    ("events", "path", "ended"),
    [
        (
            ["day4:click:list-in-ten-minutes.sheet"],
            ["n1", "n2", "b1", "n3a", "n4", "end"],
            "exhausted",
        ),
        (["day1:reply"], ["n1"], "left"),
    ],
)
def test_a_contact_walks_to_the_end_in_no_time(events, path, ended, capsys):
    asked = [part for event in events for part in ("--event", event)]
    assert (
        main(["journey", "run", FOLDER, "--contact", "country=GB,score=60", *asked, "--json"]) == 0
    )
    found = json.loads(capsys.readouterr().out)
    assert (found["path"], found["ended"], found["zone"]) == (path, ended, "Europe/London")
    assert found["mails"][0] == "thanks"


def test_a_contact_may_be_a_file_and_nonsense_is_refused(tmp_path, capsys):
    (tmp_path / "c.toml").write_text('[contact]\ncountry = "JP"\nfirst_name = "Mio"\n')
    assert main(["journey", "run", FOLDER, "--contact", str(tmp_path / "c.toml"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["zone"] == "Asia/Tokyo"
    assert main(["journey", "run", FOLDER, "--event", "someday:dance"]) == 1
    assert "day3:click" in capsys.readouterr().err
