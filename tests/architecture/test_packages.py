"""The lock file holds what pyproject.toml asks for, names no host, and nothing comes unexplained."""

import re
import tomllib

from packaging.requirements import Requirement

from tests.architecture.sources import ROOT

LOCK = (ROOT / "requirements.lock").read_text()
PINNED = dict(re.findall(r"^([a-z0-9._-]+)==([^\s;]+)", LOCK, re.MULTILINE))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
ASKED = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]


def test_every_package_asked_for_is_pinned_to_a_version_that_fits():
    wrong = []
    for asked in map(Requirement, ASKED):
        version = PINNED.get(re.sub(r"[-_.]+", "-", asked.name.lower()))
        if version is None or not asked.specifier.contains(version, prereleases=True):
            wrong.append((str(asked), version))
    assert wrong == [], "run `make lock`"


def test_every_pinned_package_carries_its_hashes():
    entries = re.split(r"^(?=[a-z0-9._-]+==)", LOCK, flags=re.MULTILINE)[1:]
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_no_lock_file_names_a_host():
    for name in ("requirements.lock", "package-lock.json"):
        text = (ROOT / name).read_text()
        assert '"resolved"' not in text
        assert "index-url" not in text


def test_every_dependency_says_what_it_is_for():
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    asked = {f'"{each}"' for each in ASKED}
    silent = [line for line in lines if line.strip().split(",")[0] in asked and "#" not in line]
    assert silent == []
